"""Pulls the events of those registered cameras whose settings name their ONVIF service (`onvif`).

A camera's account is that of its stream's address. What is pulled goes the way of everything else: to the sink, and a
message that is not understood becomes a dead letter under the topic on which the camera could have sent it itself.
"""

import asyncio
import datetime as dt
import logging
import os
import random
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import unquote, urlsplit

import msgspec

from cameras import onvif
from cameras.foreign import Speaker
from cameras.onvif_lives import Lives
from cameras.pullpoint import USUAL, Pace, PullPoint
from cameras.soap import Account
from cameras.soap_caller import Post
from gis.observation import Refusal
from ioc.foreign import eye_of
from ioc.outbound import Allowed
from ioc.settings import Settings, SettingsError
from ioc.store.registry import CameraRow
from sensors.intake import Batch, Sink
from sensors.topics import topic_of

log = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often, in seconds, the register is compared with what is pulled."""

TROUBLED_S = 60.0
"""Seconds after which a camera is begun anew whose pulling ended by an error of ours."""


class Wanted(msgspec.Struct, frozen=True):
    """A camera that is pulled: its service and its account. Another one of these begins anew."""

    url: str
    account: Account | None


def allowed_of(settings: Settings) -> Allowed:
    """Whom this installation may call. Raises SettingsError naming what is wrong."""
    try:
        return Allowed.parse(settings.outbound)
    except ValueError as error:
        raise SettingsError(f"IOC_OUTBOUND cannot be used: {error}") from error


def account_in(address: str) -> Account | None:
    """The account of a stream's address, None when it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return Account(unquote(parts.username), unquote(parts.password or "")) if parts.username else None


def wanted_of(rows: Mapping[str, CameraRow], addresses: Mapping[str, str]) -> dict[str, Wanted]:
    """The cameras that are to be pulled, by code."""
    return {
        code: Wanted(str(row.settings["onvif"]), account_in(addresses.get(code, "")))
        for code, row in rows.items()
        if row.settings.get("onvif")
    }


class Pulling:
    """Keeps a pull point for each camera. `rows` is the register, `addresses` reads the streams' addresses."""

    def __init__(
        self,
        rows: Callable[[], Mapping[str, CameraRow]],
        addresses: Callable[[], Awaitable[Mapping[str, str]]],
        post: Post,
        sink: Sink,
        now: Callable[[], dt.datetime],
        *,
        pace: Pace = USUAL,
        look_s: float = LOOK_S,
    ) -> None:
        self._rows, self._addresses, self._post, self._sink, self._now = rows, addresses, post, sink, now
        self._pace, self._look_s = pace, look_s
        self._lives = Lives()
        self._points: dict[str, PullPoint] = {}

    def figures(self) -> dict[str, int]:
        """How many cameras are pulled, and how often it failed."""
        return {"pulled": len(self._points), "pull_failures": sum(one.failures for one in self._points.values())}

    async def run(self) -> None:
        """Follow the register until cancelled; each camera is told when it is pulled no more."""
        running: dict[str, tuple[Wanted, asyncio.Task[None]]] = {}
        async with asyncio.TaskGroup() as tasks:
            while True:
                wanted = await self._wanted()
                for code, (known, task) in list(running.items()):
                    if wanted is not None and wanted.get(code) != known:
                        task.cancel()
                        del running[code]
                for code, one in (wanted or {}).items():
                    if code not in running:
                        running[code] = (one, tasks.create_task(self._pull(code, one), name=f"pull-{code}"))
                await asyncio.sleep(self._look_s)

    async def _wanted(self) -> dict[str, Wanted] | None:
        """What is to be pulled now, None while that cannot be read."""
        rows = {code: row for code, row in self._rows().items() if row.settings.get("onvif")}
        if not rows:
            return {}
        try:
            return wanted_of(rows, await self._addresses())
        except Exception as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            log.warning("the cameras' addresses cannot be read now (%s); the last ones stay", type(error).__name__)
            return None

    async def _pull(self, code: str, wanted: Wanted) -> None:
        while True:
            point = PullPoint(
                code, wanted.url, wanted.account, self._post,
                now=self._now, nonce=os.urandom, dice=random.random, pace=self._pace,
            )  # fmt: skip
            self._points[code] = point
            try:
                await point.run(lambda payload, ahead: self._take(code, payload, ahead))
            except Exception:
                log.exception("pulling the events of %s failed; it begins anew", code)
                await asyncio.sleep(TROUBLED_S)
            finally:
                if self._points.get(code) is point:
                    del self._points[code]

    async def _take(self, code: str, payload: bytes, ahead: dt.timedelta) -> None:
        row = self._rows().get(code)
        if row is None:
            return
        arrived_at = self._now()
        speaker = Speaker(code=code, own=eye_of(row))
        told = onvif.decode(payload, "", speaker, arrived_at, self._lives, clock_ahead=ahead)
        refusals: tuple[Refusal, ...] = ()
        if told.trouble is not None:
            topic, trouble = topic_of(row.centre, code, "events"), told.trouble
            refusals = (
                Refusal(
                    topic=topic, payload=payload, code=trouble.code, reason=trouble.reason, source=code,
                    skew_s=trouble.skew_s,
                ),
            )  # fmt: skip
        batch = Batch(arrived_at=arrived_at, observations=told.sightings, states=told.states, refusals=refusals)
        if not batch.empty:
            await self._sink.keep(batch)
