"""The keeper: makes partitions ahead and lets go of what has been kept long enough, in the one process that leads."""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from ioc.access.scope import EVERYTHING
from ioc.retention import Classes
from ioc.store import answers, changes, enrolments, expiry, imports, journal, message_log, partitions, past, reports
from ioc.store.away import AWAY
from ioc.store.database import Database

log = logging.getLogger(__name__)

EVERY_S = 60.0
"""How often, in seconds, the keeper goes round."""

AHEAD = dt.timedelta(days=3)
"""How far ahead partitions are made: over a weekend without a leader no intake has to make one."""

JOURNAL_KEPT = dt.timedelta(hours=1)
"""How long the journal keeps what all its readers have passed; what they have not passed it keeps for ever."""

CHANGES_KEPT = dt.timedelta(days=31)
"""How far back the wall can be shown as it was; live streams go on within 24 hours (contract, HTTP)."""

_AT_ONCE = 500

REPORTERS_KEPT = dt.timedelta(days=90)
"""How long it is known who told a report: as long as its photographs, while somebody may have to be asked (Law
91/2025/QH15: personal data no longer than their purpose needs; the number of days is ours)."""

DEAD_LETTERS_KEPT = dt.timedelta(days=90)
"""How long a dead letter waits for somebody to mend and replay it."""


TOLD_KEPT = dt.timedelta(days=400)
"""How long it is known who was told what: a year, as the log of a flood is read again before the next season."""


class Keeper:
    """Goes round every minute. `believed` tells whether something may be deleted by the clock; `dropped` counts the
    partitions that it dropped."""

    def __init__(
        self,
        database: Database,
        classes: Classes,
        now: Callable[[], dt.datetime],
        believed: Callable[[], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._classes = classes
        self._now = now
        self._believed = believed
        self.dropped = 0
        self._whole = False

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(EVERY_S)

    async def round(self) -> None:
        """Do each work once; one that fails is logged and does not keep the others from theirs."""
        for work in (self.make_ahead, self.picture, self.drop, self.prune):
            await self._try(work)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except AWAY as error:
            log.warning("the keeper's round stopped at %s (%s); trying again", work.__name__, type(error).__name__)
        except Exception:
            log.exception("the keeper's round stopped at %s; trying again", work.__name__)

    async def make_ahead(self) -> None:
        """Partitions of every class for today and the days to come."""
        for one in self._classes.values():
            async with self._database.transaction(EVERYTHING) as transaction:
                made = await partitions.ensure_ahead(transaction, one, self._now(), AHEAD)
            if made:
                log.info("%d partitions of the class %s were made ahead", made, one.code)

    async def picture(self) -> None:
        """Keep the picture of all walls when it is time; at first, tell the log what it does not know yet."""
        if not self._whole:
            await self._complete()
        async with self._database.transaction(EVERYTHING) as transaction:
            await past.keep(transaction)

    async def _complete(self) -> None:
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            missing = await past.missing(transaction)
        for layer, owners in missing:
            codes = sorted(owners)
            for start in range(0, len(codes), _AT_ONCE):
                async with self._database.transaction(EVERYTHING) as transaction:
                    some = codes[start : start + _AT_ONCE]
                    await changes.alone(transaction)
                    await changes.record_features(transaction, layer, some, owners, self._now())
        self._whole = True

    async def drop(self) -> None:
        """Partitions whose class keeps them no longer."""
        if not await self._believed():
            return
        for one in self._classes.values():
            gone, all_of_it = await expiry.drop_partitions(self._database, one, self._now())
            self.dropped += len(gone)
            if gone:
                log.info("the class %s keeps no longer: %s", one.code, ", ".join(gone))
            if not all_of_it:
                log.info("partitions of the class %s are in use; they are dropped at a later round", one.code)

    async def prune(self) -> None:
        """Rows of the journal and the change log, dead letters, answers, files, who told reports, what people were told."""
        if not await self._believed():
            return
        now = self._now()
        async with self._database.transaction(EVERYTHING) as transaction:
            await journal.prune(transaction, now - JOURNAL_KEPT)
        async with self._database.transaction(EVERYTHING) as transaction:
            await past.prune(transaction, now - CHANGES_KEPT)
        async with self._database.transaction(EVERYTHING) as transaction:
            letters = await expiry.prune_dead_letters(transaction, now - DEAD_LETTERS_KEPT)
        async with self._database.transaction(EVERYTHING) as transaction:
            await expiry.prune_answers(transaction, now - answers.KEPT)
        async with self._database.transaction(EVERYTHING) as transaction:
            await imports.prune(transaction, now)
        async with self._database.transaction(EVERYTHING) as transaction:
            await reports.forget_reporters(transaction, now - REPORTERS_KEPT)
        async with self._database.transaction(EVERYTHING) as transaction:
            await message_log.prune(transaction, now - TOLD_KEPT, expiry.MOST)
        async with self._database.transaction(EVERYTHING) as transaction:
            await enrolments.prune(transaction, now - enrolments.KEPT)
        if letters:
            log.info("%d dead letters older than %d days are gone", letters, DEAD_LETTERS_KEPT.days)
