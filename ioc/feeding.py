"""What the process `ioc feeds` is made of: from agencies' feeds to kept notices."""

import asyncio
import datetime as dt
import logging
import os
import random
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from feeds.cap import Alert
from feeds.cap_feed import CapFeed
from feeds.schedule import Schedule, Standing
from gis.observation import Refusal
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.app import now
from ioc.heartbeat import Figure, Pulse, beat
from ioc.incidents.told import Wording
from ioc.leader import Lead, lead
from ioc.noticing import Intake, draft_of
from ioc.outbound import Outbound
from ioc.pulling import allowed_of
from ioc.settings import Settings, SettingsError
from ioc.store import letters, notices
from ioc.store.database import UNREACHABLE, Database
from ioc.trail import noted

log = logging.getLogger(__name__)

LOCK = 7_235_031
"""Advisory lock of the one process that looks at the feeds."""

ANSWER_S = 10.0
"""Seconds (monotonic) that PostgreSQL may take for one notice."""

IDLE = "no feed is set: name a TOML file with tables [feed.CODE] in IOC_FEEDS"


class FeedTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One feed, as its table says."""

    url: Annotated[str, msgspec.Meta(min_length=8, max_length=2_000)]
    kind: Literal["cap"] = "cap"
    interval_s: Annotated[float, msgspec.Meta(ge=5, le=86_400)] = 60.0
    name: str = ""


_Tables = dict[Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{1,62}$")], FeedTable]


def tables(settings: Settings) -> Mapping[str, FeedTable]:
    """The feeds of a deployment. Raises SettingsError naming what is wrong in their file."""
    if not settings.feeds:
        return {}
    path = Path(settings.feeds)
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        if set(found) != {"feed"}:
            raise SettingsError(f"the feeds in {path} must stand in tables [feed.CODE], and nothing else")
        return msgspec.convert(found["feed"], _Tables)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"IOC_FEEDS cannot be read: {error}") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"the feeds in {path} cannot be used: {error}") from error


class Keeping:
    """Keeps what one feed brings, each message in a transaction of its own."""

    def __init__(self, database: Database, code: str, intake: Intake, wording: Wording) -> None:
        self._database = database.within(ANSWER_S, durable=True)
        self._code = code
        self._intake = intake
        self._wording = wording

    async def keep(self, alert: Alert) -> bool:
        """Keep a message; returns after the commit. False when it was here already."""
        draft = draft_of(alert, self._wording)
        async with self._database.transaction(EVERYTHING) as transaction:
            if await notices.named(transaction, draft.name) is not None:
                return False
            notice, shape = await self._intake.made(transaction, draft, self._code)
            return await notices.enter(transaction, notice, now(), "", shape)

    async def refuse(self, address: str, payload: bytes, code: str, reason: str) -> None:
        """A dead letter, unless the same lies there already."""
        refusal = Refusal(topic=f"feed/{self._code}", payload=payload, code=code, reason=f"{address}: {reason}")
        async with self._database.transaction(EVERYTHING) as transaction:
            if await letters.bury_once(transaction, refusal, now()):
                log.warning("feed %s: %s is refused: %s", self._code, address, reason)


def pulse(schedule: Schedule, leading: Lead, at: dt.datetime) -> Pulse:
    """How the process stands, and each feed. A feed that fails is its neighbour's trouble: the process is ready."""
    told: dict[str, Figure] = {"leads": int(leading.held), "number": len(schedule.standings)}
    states = {code: one.freshness(at) for code, one in schedule.standings.items()}
    if leading.held:
        for state in ("fresh", "stale", "lost"):
            told[state] = sum(one == state for one in states.values())
    told["feeds"] = {code: _figures(one, at) for code, one in schedule.standings.items()}
    told["why"] = "; ".join(
        f"{code} is {states[code]}: {one.error}: {one.reason}" for code, one in schedule.standings.items() if one.error
    )[:2_000]
    return Pulse(True, told)


def _figures(one: Standing, at: dt.datetime) -> Mapping[str, int]:
    names = ("looks", "failures", "listed", "missing", "kept", "repeated", "refused")
    age = {} if one.heard_at is None else {"age_s": int((at - one.heard_at).total_seconds())}
    words = {"fresh": int(one.freshness(at) == "fresh"), "failing": int(one.failures > 0)}
    return {**{name: int(getattr(one, name)) for name in names}, **age, **words}


async def feeds(settings: Settings) -> None:
    """Look at the feeds until cancelled; of several processes one does."""
    found, allowed = tables(settings), allowed_of(settings)
    if not found:
        raise SettingsError(IDLE)
    if not settings.database_url:
        raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
    wording = catalogue.wording()
    intake = Intake(settings.centre, settings.zone, now, os.urandom)
    try:
        async with (
            Database.open(settings.database_url, size=4) as database,
            noted(database, now, "feeds"),
            Outbound.open(allowed) as outbound,
            asyncio.TaskGroup() as tasks,
        ):
            looked = [CapFeed(code, one.url, outbound, one.interval_s) for code, one in found.items()]
            keep: Callable[[str], Any] = lambda code: Keeping(database, code, intake, wording)  # noqa: E731
            schedule = Schedule(looked, keep, now=now, chance=random.SystemRandom().random)
            leading = Lead()
            work = lead(database, leading, schedule.run, number=LOCK, what="feeds are looked at here")
            tasks.create_task(work, name="feeds")
            await beat(database, "feeds", lambda: pulse(schedule, leading, now()), now)
    except UNREACHABLE as error:
        raise SettingsError(f"PostgreSQL cannot be used ({error}): check IOC_DATABASE_URL and the server") from error
