"""The desk: carries committed batches past the rules from a durable cursor, and saves what comes of it.

One transaction moves the cursor and writes the alarms, incidents, log lines and changes that follow, so that a
desk that is killed at any point begins again where the last commit ended, and does nothing twice. What cannot be
judged is left out (`ioc/unjudged.py`), so that it does not stop what lies behind it.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from gis.stamp import uuid7
from ioc import catalogue, reporting
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.incidents import alarm as alarms
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.rules import Rule
from ioc.incidents.told import Wording, lapsed
from ioc.judging import Judging, Page
from ioc.rulebook import Book
from ioc.store import alarms as kept
from ioc.store import journal, rule_states
from ioc.store import rules as rules_kept
from ioc.store.away import AWAY
from ioc.store.database import Database, Transaction
from ioc.store.journal import Entry
from ioc.takeup import TakeUp, without
from ioc.tracks import Tracks
from ioc.unjudged import Defence

log = logging.getLogger(__name__)

CURSOR = "desk"
ENTRIES = 50
"""Journal rows of one transaction; more while the desk is behind and its transactions are short."""

MOST_ENTRIES, FEWEST_ENTRIES = 800, 4
SHORT_S, LONG_S = 0.1, 0.4
"""A full page that took less than the one is doubled, one that took more than the other is halved."""

POLL_S = 1.0
RETRY_S = 1.0

_OPENED = 20
"""Journal rows that are opened at once, and judged one after the other."""

APART_S = 0.2
"""Seconds between the beginnings of two turns, at the least: what comes alone is judged at once, what comes steadily
shares its transactions."""


Passing = Callable[[str], None]
"""Told the name of each point where a stop must harm nothing."""


def pass_on(point: str) -> None:
    """Nobody waits at any point."""


class Done(msgspec.Struct):
    """Counters since the start of the process.

    `late` counts values that crossed a level, or could have ended an alarm, and came too late to count: they are
    history, and opened nothing. `unjudged` counts observations that could not be judged, and lie among the dead
    letters.
    """

    entries: int = 0
    late: int = 0
    unjudged: int = 0


class _TriedError(Exception):
    """Undoes what was tried."""


class Desk:
    """Runs in the one process that holds the lead. `sources` tells where a source stands.

    `passing` is called with the name of each point where a stop must harm nothing.
    """

    def __init__(
        self,
        database: Database,
        rules: Sequence[Rule],
        sources: Callable[[], Mapping[str, Source]],
        docket: Docket,
        *,
        profile_of: Callable[[str], str],
        now: Callable[[], dt.datetime],
        entropy: Callable[[int], bytes],
        monotonic: Callable[[], float] = lambda: asyncio.get_running_loop().time(),
        done: Done | None = None,
        passing: Passing = pass_on,
        wording: Wording | None = None,
        barred: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._database = database
        self._barred = barred
        self._profile_of = profile_of
        self._sources = sources
        self._docket = docket
        self._now = now
        self._entropy = entropy
        self._monotonic = monotonic
        self._passing = passing
        self._wording = wording if wording is not None else catalogue.wording()
        self._held: dict[str, Alarm] = {}
        self._recalled = False
        self._next: Book | None = None
        self._take(rules)
        self._most = ENTRIES
        self._full = False
        self._defence = Defence()
        self._begun = self._hushed = float("-inf")
        self.done = done if done is not None else Done()

    def adopt(self, book: Book) -> None:
        """Judge by other rules from the next transaction on, and what is open by those that changed."""
        self._next = book

    def _take(self, rules: Sequence[Rule]) -> None:
        self._by_rule = {rule.reference: rule for rule in rules}
        self._tracks = Tracks(rules, self._profile_of)
        self._judging = Judging(rules, self._tracks, self._new_id)
        self._recalled = False

    def _new_id(self) -> str:
        return str(uuid7(self._now(), self._entropy(10)))

    async def run(self) -> None:
        """Work until cancelled; an error is logged, memory is read anew, and the work goes on."""
        wake = asyncio.Event()
        while True:
            try:
                async with self._database.listen(journal.CHANNEL, wake.set) as connection:
                    await self._recall()
                    while not connection.is_closed():
                        await self._work(wake)
            except Exception as error:
                if _ending():
                    raise
                why, level = type(error).__name__, logging.WARNING if isinstance(error, AWAY) else logging.ERROR
                trace = level == logging.ERROR  # an outage is expected, and told in a sentence
                log.log(level, "the desk stumbled (%s); it begins again at its cursor", why, exc_info=trace)
                await asyncio.sleep(RETRY_S)

    async def _work(self, wake: asyncio.Event) -> None:
        await asyncio.sleep(self._begun + APART_S - self._monotonic())
        wake.clear()
        await self.turn()
        while self._full:
            await self.turn()
        if self._monotonic() - self._hushed >= POLL_S:
            await self.hush()
            self._hushed = self._monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await wake.wait()

    async def _take_up(self, book: Book) -> None:
        """Take other rules, and judge by each that changed what is open, a rule a transaction."""
        self._take(book.rules)
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            waiting = await rules_kept.not_taken_up(transaction)
        due = {place: version for place, version in waiting.items() if book.versions.get(place) == version}
        await self._recall({f"{pack}/{code}" for pack, code in due})
        for (pack, code), version in sorted((due | self._unknown(book)).items()):
            await self._take_up_rule(pack, code, version)
        if self._next is book:
            self._next = None

    def _unknown(self, book: Book) -> dict[tuple[str, str], int]:
        """The rules of alarms that hold, by pack and code, of which no version is kept: an older program had them."""
        judged = ("sensor", "camera")
        names = {key.partition(":")[0] for key, held in self._held.items() if held.source_kind in judged}
        placed = {name: tuple(name.partition("/")[::2]) for name in names - self._by_rule.keys()}
        return {(pack, code): 0 for pack, code in placed.values() if (pack, code) not in book.versions}

    async def _take_up_rule(self, pack: str, code: str, version: int) -> None:
        reference, now = f"{pack}/{code}", self._now()
        async with self._database.transaction(EVERYTHING) as transaction:
            await journal.cursor(transaction, CURSOR)
            self._recalled = False
            page = Page(dict(self._held), self._sources())
            self._tracks.attend(page.sources)
            await rule_states.forget(transaction, reference)
            change = TakeUp(reference, self._by_rule.get(reference), self._tracks, self._judging, self._new_id, now)
            await change.judge(transaction, page)
            self._passing("desk-rule-judged")
            await self._docket.settle(transaction, page.touched, self._held, now)
            await rule_states.save(transaction, page.memories())
            await rules_kept.take_up(transaction, pack, code, version)
            self._passing("desk-rule-saved")
        self._held, self._recalled = page.held, True
        level = logging.INFO if page.touched else logging.DEBUG
        log.log(level, "the desk judges by rule %s@%d: %s", reference, version, change.counts)

    async def _recall(self, anew: Collection[str] = ()) -> None:
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            held = {alarm.key: alarm for alarm in await kept.open_alarms(transaction)}
            memories = await rule_states.load(transaction)
            await self._docket.recall(transaction)
        self._held = {key: alarm for key, alarm in held.items() if alarm.source_kind != "system"}
        self._tracks.forget(self._held, without(memories, anew))
        self._recalled = True

    async def turn(self) -> bool:
        """Carry the next journal rows past the rules; False when there was none."""
        if self._next is not None:
            await self._take_up(self._next)
        if self._defence.sifts:
            await self._sift()
        if not self._recalled:
            await self._recall()
        try:
            return await self._carry()
        except Exception as error:
            self._defence.stumbled(error)
            raise

    async def _carry(self) -> bool:
        begun = self._begun = self._monotonic()
        async with self._database.transaction(EVERYTHING) as transaction:
            through = await journal.cursor(transaction, CURSOR)
            most = self._defence.limit(through, self._most)
            entries = await journal.sealed_after(transaction, through, most)
            self._full = len(entries) == most
            if not entries:
                return False
            self._defence.takes(through, entries)
            self._passing("desk-read")
            page = await self._judge(transaction, entries, self._defence.opened)
            await self._defence.bury(transaction, page.sources)
            await journal.advance(transaction, CURSOR, entries[-1].id)
            self._passing("desk-saved")
        self._held, self._recalled = page.held, True
        self.done.entries += len(entries)
        self.done.late += page.late
        self.done.unjudged += self._defence.passed()
        if most == self._most:
            self._pace(len(entries), self._monotonic() - begun)
        self._passing("desk-committed")
        return True

    async def _judge(
        self, transaction: Transaction, entries: Sequence[journal.Sealed], opens: Callable[[journal.Sealed], Entry]
    ) -> Page:
        """Judge journal rows, each as `opens` opens it, and write what comes of it."""
        self._recalled = False  # what is in memory is true again after the commit
        page = Page(dict(self._held), self._sources())
        self._tracks.attend(page.sources)
        for first in range(0, len(entries), _OPENED):
            opened = [opens(entry) for entry in entries[first : first + _OPENED]]
            await self._judging.look_back(transaction, page, opened)
            for entry in opened:
                await self._judging.judge(transaction, page, entry)
                await asyncio.sleep(0)  # let the API answer between two batches
        arrived: dt.datetime = max(entry.row["arrived_at"] for entry in entries)
        await self._judging.judge_places(transaction, page, min(arrived, self._now()))
        for after in await reporting.judge(transaction, page.told, self._wording):
            page.write(after)
        self._passing("desk-judged")
        await self._docket.settle(transaction, page.touched, self._held, self._now())
        await rule_states.save(transaction, page.memories())
        return page

    async def _sift(self) -> None:
        """Find what of the next journal row cannot be judged."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            through, _ = await journal.reached(transaction, CURSOR)
            entries = await journal.sealed_after(transaction, through, 1)
        for sealed in entries:
            await self._defence.sift(sealed, lambda entry, sealed=sealed: self._try(sealed, entry))  # type: ignore[misc]

    async def _try(self, sealed: journal.Sealed, entry: Entry) -> None:
        """Judge a row as if only what is in `entry` were in it, up to what a commit would check, and undo it."""
        await self._recall()
        with contextlib.suppress(_TriedError):
            async with self._database.transaction(EVERYTHING) as transaction:
                await self._judge(transaction, [sealed], lambda _: entry)
                await transaction.check()
                raise _TriedError

    def _pace(self, taken: int, seconds: float) -> None:
        """Take larger pages while behind, as long as a transaction stays short."""
        if seconds > LONG_S:
            self._most = max(FEWEST_ENTRIES, min(taken, self._most) // 2)
        elif taken < self._most:
            self._most = max(min(ENTRIES, self._most), self._most // 2)
        elif seconds < SHORT_S:
            self._most = min(MOST_ENTRIES, self._most * 2)

    def _idle(self, now: dt.datetime) -> list[Alarm]:
        """What holds of devices and cameras that are not in use any more, cleared: nothing comes that would end it."""
        barred = self._barred()
        return [
            msgspec.structs.replace(held, cleared_at=now)
            for held in self._held.values()
            if held.source_kind in ("sensor", "camera") and held.source.code in barred
        ]

    async def hush(self) -> None:
        """What time drives: end what cameras see no more, what holds of things out of use, what held at a place long
        enough, notices whose time is over; tell repeats that waited, and match what is held back no longer."""
        now = self._now()
        self._tracks.attend(self._sources())
        due = self._tracks.due(now) if self._recalled else []
        cleared = [
            after
            for held in self._held.values()
            if held.source_kind == "camera" and (rule := self._by_rule.get(held.key.partition(":")[0])) is not None
            if (after := alarms.quiet(held, rule.hold_s, now)) is not None
        ]
        cleared += self._idle(now)
        over = [held for held in self._held.values() if lapsed(held, now) is not None]
        tends = self._docket.due(now)
        if not cleared and not due and not over and not self._docket.owes and not tends:
            return
        self._recalled = not due
        async with self._database.transaction(EVERYTHING) as transaction:
            page = Page(dict(self._held), self._sources())
            await self._judging.rejudge(transaction, page, due, now)
            for alarm in over:
                del page.held[alarm.key]
            for alarm in [*cleared, *await reporting.over(transaction, over, now)]:
                page.write(alarm)
            await self._docket.settle(transaction, page.touched, self._held, now)
            await rule_states.save(transaction, page.memories())
            await self._docket.catch_up(transaction, now)
            if tends:
                await self._docket.tend(transaction, now)
        self._held, self._recalled = page.held, True


def _ending() -> bool:
    """Whether we are being cancelled: asyncpg may answer a cancellation with an error of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
