"""The audit trail in a running process: start and stop as deeds, the sealer, and the feed to the security centre."""

import asyncio
import datetime as dt
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from importlib import metadata

from ioc import soc
from ioc.access.scope import EVERYTHING
from ioc.audit import cef
from ioc.audit.chain import Head
from ioc.sealer import Sealer, Sealing, head_file, read_head
from ioc.settings import Settings
from ioc.store import audit
from ioc.store.away import AWAY
from ioc.store.database import Database

log = logging.getLogger(__name__)

LAST_WORD_S = 2.0
"""Seconds that noting the stop of a process may take."""

NOTE_EVERY_S = 5.0

Clock = Callable[[], dt.datetime]
Work = Callable[[], Coroutine[None, None, None]]


async def _note(database: Database, now: Clock, process: str, act: str, at: dt.datetime | None = None) -> None:
    deed = audit.Deed(act=act, who="system", kind="process", thing=process, after={"pid": os.getpid()})
    async with database.transaction(EVERYTHING) as transaction:
        await audit.record(transaction, deed, at or now())


async def _note_stop(database: Database, now: Clock, process: str) -> None:
    with suppress(*AWAY):
        async with asyncio.timeout(LAST_WORD_S):
            await _note(database.within(LAST_WORD_S), now, process, "process.stop")


@asynccontextmanager
async def noted(database: Database, now: Clock, process: str) -> AsyncIterator[None]:
    """Start and stop of a process as deeds; a stop that cannot be written is seen as two starts in a row."""
    await _note(database, now, process, "process.start")
    try:
        yield
    finally:
        await _note_stop(database, now, process)


async def noted_soon(database: Database, now: Clock, process: str) -> None:
    """As `noted`, until cancelled, for a process that starts while PostgreSQL is away: noted when that is possible."""
    at = now()
    while True:
        try:
            await _note(database, now, process, "process.start", at)
            break
        except Exception as error:
            log.warning("the start of %s is not noted yet (%s)", process, type(error).__name__)
        await asyncio.sleep(NOTE_EVERY_S)
    try:
        await asyncio.Event().wait()
    finally:
        await _note_stop(database, now, process)


class Trail:
    """The audit trail's sealer, and its feed to the security centre where one is set."""

    def __init__(self, settings: Settings, database: Database, now: Clock) -> None:
        self._now = now
        self.sealing, self.sending = Sealing(), soc.Sending()
        self._kept = head_file(settings.state)
        self._source = cef.Source(host=socket.gethostname(), process=os.getpid(), version=_version())
        self._target = _target(settings)
        self._feed = soc.Feed(database, self._target, self._source, now, figures=self.sending) if self._target else None
        moved = self._feed.wake if self._feed else lambda: None
        self.sealer = Sealer(database, now, head_file=self._kept, moved=moved, figures=self.sealing)

    def works(self) -> Mapping[str, Work]:
        """What the process that leads runs."""
        return {"sealer": self.sealer.run} | ({"soc": self._feed.run} if self._feed else {})

    async def try_soc(self, head: Head) -> soc.Tried:
        """Send a test message."""
        if self._target is None:
            return soc.Tried(sent=False, problem="not-configured", detail="set IOC_SOC_HOST", took_ms=0)
        return await soc.trial(self._target, self._source, head, self._now())

    def known_head(self) -> Head | None:
        """The newest link as it was written beside the database."""
        try:
            return read_head(self._kept.read_text("ascii"))
        except (OSError, ValueError):
            return None

    def counters(self) -> dict[str, float]:
        """Figures for Prometheus."""
        sealed = {"ioc_audit_sealed_total": self.sealing.sealed, "ioc_audit_waited_ms": self.sealing.waited_ms}
        return {**sealed, "ioc_audit_failures_total": self.sealing.failures, **soc.metrics(self.sending)}

    def figures(self) -> Mapping[str, int]:
        """Figures for the heartbeat."""
        told = {"sent": self.sending.sent, "dropped": self.sending.dropped, "lag": self.sending.lag}
        told["connected"] = int(self.sending.connected)
        return {"audit_sealed": self.sealing.sealed} | ({f"soc_{k}": n for k, n in told.items()} if self._feed else {})

    @asynccontextmanager
    async def closing(self) -> AsyncIterator[None]:
        """At the end what was written last is sealed too."""
        try:
            yield
        finally:
            await self.sealer.finish()


def _target(settings: Settings) -> soc.Target | None:
    if not settings.soc_host:
        return None
    return soc.Target(
        host=settings.soc_host,
        port=settings.soc_port,
        ca=settings.soc_ca,
        certificate=settings.soc_certificate,
        key=settings.soc_key,
    )


def _version() -> str:
    try:
        return metadata.version("quang-nam-ioc")
    except metadata.PackageNotFoundError:
        return "0"
