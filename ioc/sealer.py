"""The sealer: chains new rows of the audit trail within a second, in the one process that leads."""

import asyncio
import contextlib
import datetime as dt
import logging
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.audit.chain import Head, seal
from ioc.store import audit
from ioc.store.away import AWAY
from ioc.store.database import Database

log = logging.getLogger(__name__)

POLL_S = 0.5
"""Seconds after which the trail is looked at even if nobody woke the sealer."""

BATCH = 500
"""Rows of one transaction."""

LAST_S = 2.0
"""Seconds that the last round at a process's end may take."""


class Sealing(msgspec.Struct):
    """Figures: rows sealed by this process, how long the oldest of the newest batch waited, failed rounds."""

    sealed: int = 0
    waited_ms: int = 0
    failures: int = 0


class Sealer:
    """Seals what waits. `head_file` keeps the newest link apart from the database; `moved` is told of new links."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], dt.datetime],
        *,
        head_file: Path | None = None,
        moved: Callable[[], None] = lambda: None,
        figures: Sealing | None = None,
    ) -> None:
        self.figures = figures if figures is not None else Sealing()
        self._database = database
        self._now = now
        self._head_file = head_file
        self._moved = moved
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Seal for ever, woken at each new row; a failure is tried again, and told when it is another one."""
        told = ""
        while True:
            try:
                async with self._database.listen(audit.CHANNEL, self._wake.set) as connection:
                    while not connection.is_closed():
                        await self.seal_all()
                        told = ""
                        await self._rest()
            except Exception as error:
                self.figures.failures += 1
                level = logging.WARNING if isinstance(error, AWAY) else logging.ERROR
                if type(error).__name__ != told:
                    told = type(error).__name__
                    log.log(level, "the audit trail could not be sealed (%s); trying again", error or told)
                await asyncio.sleep(POLL_S)

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._wake.wait()
        self._wake.clear()

    async def seal_all(self) -> int:
        """Seal everything that waits; the number of rows."""
        total = 0
        while number := await self._round():
            total += number
            if number < BATCH:
                break
        return total

    async def _round(self) -> int:
        async with self._database.transaction(EVERYTHING) as transaction:
            await audit.only_sealer(transaction)
            entries = await audit.unsealed(transaction, BATCH)
            if not entries:
                return 0
            at = self._now()
            rows = seal(entries, await audit.head(transaction), at)
            await audit.put_seals(transaction, rows)
        self.figures.sealed += len(rows)
        self.figures.waited_ms = max(0, round((at - min(entry.at for entry in entries)).total_seconds() * 1000))
        await self._keep(rows[-1].head)
        self._moved()
        return len(rows)

    async def _keep(self, head: Head) -> None:
        if self._head_file is None:
            return
        try:
            await asyncio.to_thread(write_head, self._head_file, head)
        except OSError as error:
            log.warning("the head of the audit trail could not be written to %s (%s)", self._head_file, error)

    async def finish(self) -> None:
        """A last round at the end of the process; what cannot be sealed now is sealed by the next that leads."""
        with contextlib.suppress(*AWAY):
            async with asyncio.timeout(LAST_S):
                await self.seal_all()


def head_file(state: Path) -> Path:
    """Where the newest link is kept apart from the database."""
    return state / "audit.head"


def write_head(path: Path, head: Head) -> None:
    """Put the newest link in place of the one before. OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(f"{head}\n", "ascii")
    draft.replace(path)


def read_head(text: str) -> Head:
    """A link written as `seq:hash`. ValueError with a sentence when it is none."""
    seq, _, digest = text.strip().partition(":")
    try:
        found = Head(int(seq), bytes.fromhex(digest))
    except ValueError:
        found = Head(0, b"")
    if found.seq < 1 or len(found.hash) != 32:
        raise ValueError(f"{text.strip()[:80]!r} is no link of the chain: write it as SEQ:HASH (64 hexadecimal digits)")
    return found
