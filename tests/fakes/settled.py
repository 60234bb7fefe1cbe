"""A docket on a real PostgreSQL whose clock the test turns, and what came of what it settled."""

import datetime as dt
import os
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import orjson

from gis.areas import AreaIndex
from gis.layers import ALARMS, INCIDENTS
from gis.position import Position
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.incidents.alarm import Alarm
from ioc.incidents.suppression import Lineage
from ioc.store import changes
from ioc.store.database import Database, Transaction
from ioc.store.layers import features_of
from tests.fakes.things import NOW, alarm, source


def minutes(number: float) -> dt.datetime:
    """So long after NOW."""
    return NOW + dt.timedelta(minutes=number)


def placed(number: int, east_m: float = 0.0, after_min: float = 0.0, **changed: object) -> Alarm:
    """A flood's alarm so far east of the first and so long after it."""
    at = Position(lon=round(108.1 + east_m / 107_000, 6), lat=15.88)
    plain = {
        "source": msgspec.structs.replace(source(f"s{number}"), position=at),
        "raised_at": minutes(after_min),
        "seen_at": minutes(after_min),
        "key": f"k{number:04}",
    }
    return alarm(number, **plain | changed)


def lost(number: int, what: str = "device", after_min: float = 0.0, **changed: object) -> Alarm:
    """The alarm of a lost device (or gateway), under the key that its rule gives it."""
    rule = {"device": "device-lost", "gateway": "gateway-lost", "centre": "centre-lost"}[what]
    code = f"{what}-{number}"
    plain = {
        "key": f"system/{rule}:{code}:{what}",
        "category": "device",
        "source_kind": "system",
        "property": what,
        "source": msgspec.structs.replace(placed(number).source, code=code, name=code),
    }
    return placed(number, 0.0, after_min, **plain | changed)


async def told_as_kept(transaction: Transaction, before: int) -> None:
    """What the change log says since a version is what the rows say, read by the description of their layers."""
    told = {(one.subject, one.subject_id): one.value for one in await changes.after(transaction, before, 10_000)}
    for layer in (ALARMS, INCIDENTS):
        values = {fid: value for (subject, fid), value in told.items() if subject == layer.subject}
        kept = {one["id"]: one for one in await features_of(transaction, layer, list(values))}
        assert values == orjson.loads(orjson.dumps(kept))


class Settled:
    """Pages go in; rows come out."""

    def __init__(self, database: Database, index: AreaIndex, admin: asyncpg.Connection) -> None:
        self.database, self.admin, self.at = database, admin, NOW
        hangs: Mapping[str, Lineage] = {f"device-{number}": Lineage(gateway="gateway-0") for number in range(1, 90)}
        self.docket = Docket(
            catalogue.rules(demo=False),
            index,
            ZoneInfo("Asia/Ho_Chi_Minh"),
            os.urandom,
            lineage=lambda code: hangs.get(code, Lineage()),
        )
        self.held: dict[str, Alarm] = {}

    async def page(self, *alarms: Alarm, at: dt.datetime | None = None) -> None:
        """Settle these at a moment, that of the newest unless given."""
        self.at = at if at is not None else max([self.at, *(one.seen_at for one in alarms)])
        async with self.database.transaction(EVERYTHING) as transaction:
            before = await changes.newest(transaction)
            await self.docket.settle(transaction, {one.id: one for one in alarms}, self.held, self.at)
            await told_as_kept(transaction, before)
        self.held |= {one.key: one for one in alarms if one.cleared_at is None}
        for one in alarms:
            if one.cleared_at is not None:
                self.held.pop(one.key, None)

    async def tend(self, at: dt.datetime) -> None:
        """What time drives."""
        self.at = at
        async with self.database.transaction(EVERYTHING) as transaction:
            before = await changes.newest(transaction)
            await self.docket.catch_up(transaction, at)
            await self.docket.tend(transaction, at)
            await told_as_kept(transaction, before)

    async def matches(self) -> list[tuple[str, str | None]]:
        """How each alarm matched, and the title of its incident, in the order of the keys."""
        rows = await self.admin.fetch(
            "select a.match, i.title from alarms a left join incidents i on i.id = a.incident order by a.key, a.id"
        )
        return [(row["match"], row["title"]) for row in rows]

    async def incidents(self) -> list[tuple[str, int]]:
        """Status and number of alarms of each, in the order of opening."""
        rows = await self.admin.fetch("select status, alarms from incidents order by opened_at, title, id")
        return [(row["status"], row["alarms"]) for row in rows]
