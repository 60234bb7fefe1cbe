"""The desk: carries committed batches past the rules from a durable cursor, and saves what comes of it.

One transaction moves the cursor and writes the alarms, incidents, log lines and changes that follow, so that a
desk that is killed at any point begins again where the last commit ended, and does nothing twice.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from gis.observation import Reading, Sighting
from gis.stamp import uuid7
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.incidents import alarm as alarms
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.rules import Pending, Rule, Verdict, judge_reading, judge_sighting, key_of
from ioc.store import incidents as kept
from ioc.store import journal
from ioc.store.database import Database, Transaction

log = logging.getLogger(__name__)

CURSOR = "desk"
ENTRIES = 50
"""Journal rows of one transaction."""

POLL_S = 1.0
RETRY_S = 1.0
JOURNAL_KEPT = dt.timedelta(days=1)
"""How long the journal keeps what the desk has passed."""


class Desk:
    """Runs in the one process that holds the lead. `sources` tells where a source stands."""

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
    ) -> None:
        self._database = database
        self._rules = rules
        self._by_rule = {rule.name: rule for rule in rules}
        self._sources = sources
        self._docket = docket
        self._profile_of = profile_of
        self._now = now
        self._entropy = entropy
        self._held: dict[str, Alarm] = {}
        self._pending: dict[str, Pending] = {}
        self.entries = 0

    async def run(self) -> None:
        """Work until cancelled; an error is logged, memory is read anew, and the work goes on."""
        wake = asyncio.Event()
        while True:
            try:
                async with self._database.listen(journal.CHANNEL, wake.set) as connection:
                    await self._recall()
                    while not connection.is_closed():
                        await self._work(wake)
            except Exception:
                if _ending():
                    raise
                log.exception("the desk stumbled; it begins again at its cursor")
                await asyncio.sleep(RETRY_S)

    async def _work(self, wake: asyncio.Event) -> None:
        wake.clear()
        while await self.turn():
            pass
        await self.hush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await wake.wait()

    async def _recall(self) -> None:
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            self._held = {alarm.key: alarm for alarm in await kept.open_alarms(transaction)}
            self._pending = await kept.load_pending(transaction)

    async def turn(self) -> bool:
        """Carry the next journal rows past the rules; False when there was none."""
        async with self._database.transaction(EVERYTHING) as transaction:
            through = await journal.cursor(transaction, CURSOR)
            entries = await journal.after(transaction, through, ENTRIES)
            if not entries:
                return False
            page = _Page(dict(self._held), dict(self._pending))
            for entry in entries:
                for observation in entry.observations:
                    await self._judge(transaction, page, observation)
            await self._docket.settle(transaction, page.touched, self._held, self._now())
            await _save_pending(transaction, page, self._pending)
            await journal.advance(transaction, CURSOR, entries[-1].id)
        self._held, self._pending = page.held, page.pending
        self.entries += len(entries)
        return True

    async def hush(self) -> None:
        """What time drives: clear the alarms of cameras that see nothing any more, and tell repeats that waited."""
        now = self._now()
        cleared = [
            after
            for held in self._held.values()
            if held.source_kind == "camera" and held.rule in self._by_rule
            if (after := alarms.quiet(held, self._by_rule[held.rule].hold_s, now)) is not None
        ]
        if not cleared and not self._docket.owes:
            return
        async with self._database.transaction(EVERYTHING) as transaction:
            await self._docket.settle(transaction, {alarm.id: alarm for alarm in cleared}, self._held, now)
            await self._docket.catch_up(transaction, now)
        for alarm in cleared:
            del self._held[alarm.key]

    async def prune(self) -> None:
        """Drop journal rows that every reader has passed and that are older than a day."""
        async with self._database.transaction(EVERYTHING) as transaction:
            await journal.prune(transaction, self._now() - JOURNAL_KEPT)

    async def _judge(self, transaction: Transaction, page: "_Page", observation: Reading | Sighting) -> None:
        source = self._sources().get(observation.stamp.source)
        if source is None:
            return
        if isinstance(observation, Sighting) and observation.stamp.position is not None:
            source = msgspec.structs.replace(source, position=observation.stamp.position)
        for verdict in self._verdicts(page, observation):
            held = page.held.get(verdict.key)
            if held is None and (verdict.severity is None or await self._is_history(transaction, page, verdict)):
                continue
            new_id = str(uuid7(self._now(), self._entropy(10)))
            after = alarms.step(held, verdict, source, new_id)
            if after is not None:
                page.write(after)

    def _verdicts(self, page: "_Page", observation: Reading | Sighting) -> Iterable[Verdict]:
        if isinstance(observation, Sighting):
            yield from (found for rule in self._rules if (found := judge_sighting(rule, observation)) is not None)
            return
        profile = self._profile_of(observation.stamp.source)
        for rule in self._rules:
            if rule.profile != profile:
                continue
            key = key_of(rule, observation.stamp.source, rule.measured)
            held = page.held.get(key)
            judged = judge_reading(rule, observation, held.severity if held else None, page.pending.get(key))
            if judged is not None:
                verdict, pending = judged
                page.wait(key, pending)
                yield verdict

    async def _is_history(self, transaction: Transaction, page: "_Page", verdict: Verdict) -> bool:
        """Whether a later moment of the key was judged already: what comes late opens nothing."""
        in_page = max((alarm.seen_at for alarm in page.touched.values() if alarm.key == verdict.key), default=None)
        seen = in_page or await kept.last_seen(transaction, verdict.key)
        return seen is not None and verdict.at < seen


def _ending() -> bool:
    """Whether we are being cancelled: asyncpg may answer a cancellation with an error of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class _Page:
    """What one transaction has come to so far; thrown away when it fails."""

    def __init__(self, held: dict[str, Alarm], pending: dict[str, Pending]) -> None:
        self.held = held
        self.pending = pending
        self.touched: dict[str, Alarm] = {}

    def write(self, after: Alarm) -> None:
        """Enter an after-image."""
        self.touched[after.id] = after
        if after.cleared_at is None:
            self.held[after.key] = after
        else:
            self.held.pop(after.key, None)

    def wait(self, key: str, pending: Pending | None) -> None:
        """Enter what a rule with a duration waits for."""
        if pending is None:
            self.pending.pop(key, None)
        else:
            self.pending[key] = pending


async def _save_pending(transaction: Transaction, page: _Page, before: Mapping[str, Pending]) -> None:
    for key in before.keys() | page.pending.keys():
        if before.get(key) != page.pending.get(key):
            await kept.save_pending(transaction, key, page.pending.get(key))
