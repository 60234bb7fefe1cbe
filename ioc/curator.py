"""The curator: lets go of evidence whose time is over or that has no room, and notices what is not as it was written.

It runs where files are written (`ioc cameras`) and in the process that leads; both do the same, and neither does the
other harm: rows are locked while their files go.
"""

import asyncio
import collections
import datetime as dt
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from ioc.access.scope import EVERYTHING
from ioc.gallery import Gallery, compare
from ioc.partial import Partials
from ioc.retention import media_classes
from ioc.store import audit, media, uploads
from ioc.store.away import AWAY
from ioc.store.database import Database, Transaction

log = logging.getLogger(__name__)

EVERY_S = 60.0
"""How often, in seconds, the curator goes round: what expires is gone within twice that."""
YOUNG = dt.timedelta(hours=1)
"""A file without a row may be on its way into the register for so long, a draft in the making."""
CHECK_EACH = dt.timedelta(days=7)
"""How often each file is compared with its digest."""
CHECK_BYTES = 64 * 2**20
"""Bytes that a round compares at the most."""


def unsettled() -> bool:
    """Somebody else may still have rows that wait."""
    return False


class Curator:
    """Goes round every minute. `believed` tells whether something may be deleted by the clock; `settled` whether no
    row of a file waits anywhere for the database, so that a file without a row is nobody's."""

    def __init__(
        self,
        database: Database,
        gallery: Gallery,
        now: Callable[[], dt.datetime],
        believed: Callable[[], Awaitable[bool]],
        *,
        settled: Callable[[], bool] = unsettled,
    ) -> None:
        self._database = database
        self._gallery = gallery
        self._now = now
        self._believed = believed
        self._settled = settled
        self._turn = asyncio.Lock()
        # Photographs of the register last as long as the record, and never wait for a row: they come with it.
        classes = (one for code, one in media_classes().items() if code != "register")
        self._longest = dt.timedelta(days=max(one.days for one in classes))
        gallery.make_room = self.make_room

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(EVERY_S)

    async def round(self) -> None:
        """Do each work once; one that fails is logged and does not keep the others from theirs.

        Where the folder is not, nothing is known of its files, and nothing is done.
        """
        if not self._gallery.drafts.is_dir():
            return
        for work in (self.expire, self.uploads, self.reconcile, self.fit, self.check):
            try:
                await work()
            except AWAY as error:
                log.warning("the curator's round stopped at %s (%s); trying again", work.__name__, type(error).__name__)
            except Exception:
                log.exception("the curator's round stopped at %s; trying again", work.__name__)

    async def expire(self) -> None:
        """Files whose class keeps them no longer; what is held stays."""
        if not await self._believed():
            return
        while True:
            async with self._database.transaction(EVERYTHING) as transaction:
                gone = await media.expired(transaction, self._now())
                await self._let_go(transaction, gone, "expired")
            if not gone:
                return

    async def uploads(self) -> None:
        """Uploads whose time is over, and what lies on disk of none."""
        if not await self._believed():
            return
        partials = Partials(self._gallery.folder)
        old = await asyncio.to_thread(partials.before, self._now().timestamp() - uploads.LASTS.total_seconds())
        async with self._database.transaction(EVERYTHING) as transaction:
            gone = await uploads.expired(transaction, self._now())
        await asyncio.to_thread(partials.drop, [*old, *gone])

    async def fit(self) -> None:
        """Count what is there, and make room if it is over the bound."""
        await asyncio.to_thread(self._gallery.measure)
        if self._gallery.short():
            await self.make_room(0)

    async def make_room(self, size: int) -> bool:
        """Let the oldest go that nobody holds, until there is room for so many bytes; False when that cannot be."""
        async with self._turn:
            try:
                while self._gallery.short(size):
                    if not await self._oldest_go(size):
                        return False
            except AWAY as error:
                log.warning("nobody knows now what is held (%s), so nothing goes", type(error).__name__)
                return False
            return True

    async def _oldest_go(self, size: int) -> bool:
        async with self._database.transaction(EVERYTHING) as transaction:
            over = max(1, self._gallery.used + size - self._gallery.bound)
            gone: list[media.Media] = []
            for one in await media.oldest(transaction, self._now()):
                if over <= 0:
                    break
                gone.append(one)
                over -= one.bytes
            await self._let_go(transaction, gone, "room")
            return bool(gone)

    async def _let_go(self, transaction: Transaction, gone: Sequence[media.Media], why: str) -> None:
        """Remove files, their rows, and say so in the audit trail, in one transaction.

        The files go first: a stop in between leaves rows, which go at the next round, and never a file alone.
        """
        if not gone:
            return
        await asyncio.to_thread(self._unlink, [one.file for one in gone])
        await media.remove(transaction, [one.id for one in gone])
        classes = collections.Counter(one.retention for one in gone)
        size = sum(one.bytes for one in gone)
        oldest = min(one.taken_at for one in gone).isoformat()
        after = {"why": why, "files": len(gone), "bytes": size, "oldest": oldest, "classes": dict(classes)}
        deed = audit.Deed(act="media.gone", who="", kind="media", after=after)
        await audit.record(transaction, deed, self._now())
        self._gallery.used = max(0, self._gallery.used - size)
        log.info("%d files of evidence are gone (%s), the oldest of %s", len(gone), why, oldest)

    def _unlink(self, names: Sequence[str]) -> None:
        for name in names:
            (self._gallery.folder / name).unlink(missing_ok=True)

    async def reconcile(self) -> None:
        """Files that nobody will ever register: drafts of a worker that ended, and what has no row."""
        found = await asyncio.to_thread(self._strays)
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            known = await media.known(transaction, list(found)) | await uploads.waiting(transaction, list(found))
        lost = [path for id, path in found.items() if id not in known]  # noqa: A001
        for path in lost:
            path.unlink(missing_ok=True)
        if lost:
            log.warning("%d files of evidence that were never registered are gone", len(lost))

    def _strays(self) -> dict[uuid.UUID, Path]:
        """Files that are old enough to have a row, by id; drafts that are old go at once."""
        folder, at = self._gallery.folder, self._now().timestamp()
        for path in [*self._gallery.drafts.iterdir(), *folder.glob("*.part")]:
            if not path.name.startswith("turn-") and at - path.stat().st_mtime > YOUNG.total_seconds():
                path.unlink(missing_ok=True)
        age = YOUNG if self._settled() else self._longest
        found = {}
        for path in [*folder.glob("*.jpg"), *folder.glob("*.mp4")]:
            try:
                if at - path.stat().st_mtime > age.total_seconds():
                    found[uuid.UUID(path.stem)] = path
            except (ValueError, FileNotFoundError):
                continue
        return found

    async def check(self) -> None:
        """Compare files with their digest, those first that were compared longest ago."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            found = await media.unchecked(transaction, self._now() - CHECK_EACH, media.MOST)
        size = 0
        for one in found:
            size += one.bytes
            if size > CHECK_BYTES + one.bytes:
                return
            fault = await asyncio.to_thread(compare, self._gallery.folder / one.file, one.sha256)
            async with self._database.transaction(EVERYTHING) as transaction:
                await media.compared(transaction, one, fault, self._now())
