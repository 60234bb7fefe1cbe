"""Who may sign in at the broker: what the register says, carried into the broker's files and kept there.

The register is the truth. It is read when somebody changes it, and every half minute; each time the broker's files are
held against it, so that a broker that forgot somebody, or knows somebody that the register does not, is mended.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import math
import time
from collections.abc import Callable
from typing import Protocol

from ioc.access.scope import EVERYTHING
from ioc.embedded.users import Admitted
from ioc.registration.broker_key import is_login
from ioc.store import audit, certificates, keys
from ioc.store.database import Database, Transaction
from ioc.store.registry import CHANNEL

log = logging.getLogger(__name__)

REFRESH_S = 30.0
"""How often, in seconds, the broker is held against the register even when nothing woke us."""

RETRY_S = 1.0
REFUSALS_S = 60.0
"""Seconds between two rows of the audit trail about sign-ins that were refused."""

GATHER_S = 0.2
"""Seconds that we wait for more after a change: who enters a thousand devices makes one file of them."""


class Door(Protocol):
    """The broker's files of users."""

    async def admit(self, admitted: Admitted) -> bool:
        """Let these in, and nobody else; True when something had to be changed."""


class Admission:
    """Keeps one broker's files. `run` goes on for ever; `signed_in` is told who signed in at the broker."""

    def __init__(self, database: Database, door: Door, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._door = door
        self._now = now
        self._wake = asyncio.Event()
        self._heard: dict[str, dt.datetime] = {}
        self._refused = 0
        self._refusals_told = -math.inf
        self.ready = False
        self.mended = self.users = 0

    def signed_in(self, login: str) -> None:
        """A device signed in; when it did so with its new key, the old one is not needed any more."""
        if is_login(login):
            self._heard[login] = self._now()
            self._wake.set()

    def turned_away(self) -> None:
        """Somebody gave a wrong name or key; that goes into the audit trail, at most a row a minute."""
        self._refused += 1

    async def settle(self) -> dt.datetime | None:
        """Enter who signed in, let keys end whose time is over, and mend the broker's files.

        Returns when the next key ends. Raises what the database or the files do.
        """
        heard, self._heard = self._heard, {}
        try:
            async with self._database.transaction(EVERYTHING) as transaction:
                await self._end(transaction, heard)
                await self._tell_refusals(transaction)
                admitted = await self._admitted(transaction)
                ends = await keys.next_end(transaction)
        except BaseException:
            self._heard = heard | self._heard
            raise
        if await self._door.admit(admitted):
            self.mended += 1
            log.info("the broker lets in %d names of devices now", len(admitted.hashes))
        self.ready, self.users = True, len(admitted.hashes)
        return ends

    async def _end(self, transaction: Transaction, heard: dict[str, dt.datetime]) -> None:
        replaced = await keys.seen(transaction, heard) if heard else []
        expired = await keys.end_expired(transaction, self._now())
        retired = await keys.end_retired(transaction)
        await certificates.revoke_retired(transaction, self._now())
        ended = {"the new key was used": replaced, "its time was over": expired, "it was retired": retired}
        for text, codes in ended.items():
            for code in codes:
                deed = audit.Deed(act="key.end", who="", kind="device", thing=code, text=text)
                await audit.record(transaction, deed, self._now())

    async def _tell_refusals(self, transaction: Transaction) -> None:
        at = time.monotonic()
        if not self._refused or at - self._refusals_told < REFUSALS_S:
            return
        number, self._refused, self._refusals_told = self._refused, 0, at
        deed = audit.Deed(act="broker.refuse", who="", kind="device", outcome="refused", after={"sign_ins": number})
        await audit.record(transaction, deed, self._now())

    async def _admitted(self, transaction: Transaction) -> Admitted:
        now = self._now()
        return Admitted(
            hashes=await keys.good(transaction, now),
            behind=await keys.behind(transaction),
            barred=await certificates.barred(transaction, now),
            revoked=await certificates.revoked(transaction, now),
        )

    async def run(self) -> None:
        """Follow the register for ever. What cannot be read or written now is tried again."""
        while True:
            try:
                async with self._database.listen(CHANNEL, self._wake.set) as connection:
                    while not connection.is_closed():
                        self._wake.clear()
                        await self._wait(await self.settle())
            except Exception as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                self.ready = False
                log.warning("the broker's users cannot be held against the register now (%r)", error)
            await asyncio.sleep(RETRY_S)

    async def _wait(self, ends: dt.datetime | None) -> None:
        left = REFRESH_S if ends is None else min(REFRESH_S, max(0.0, (ends - self._now()).total_seconds()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._wake.wait()
        await asyncio.sleep(GATHER_S)
