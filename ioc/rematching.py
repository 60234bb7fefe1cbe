"""What waited between incidents that people made one: it has a single candidate now, and the desk links it.

Only what a join decided is linked: it was raised before the join, and what went with the join would have taken it.
What may still belong to several goes on waiting, and so does what nothing would take any more: nobody asked for an
incident of its own; and what has one candidate left because people ended the others: nobody said that it belongs
there. Undoing the join leaves what was linked where it is.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import msgspec

from ioc import doubts
from ioc.alarm_page import counts_as_raised
from ioc.incident_work import recount
from ioc.incidents.alarm import Alarm
from ioc.incidents.correlate import Fold, Known, cell_of, order, own
from ioc.incidents.incident import SYSTEM, Entry
from ioc.incidents.joins import came
from ioc.incidents.policy import Policy
from ioc.matching import widest_deg
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import neighbours, reach, steps
from ioc.store.database import Transaction
from ioc.store.readings import Owner
from ioc.store.steps import Standing

LOOKS_BACK = dt.timedelta(hours=24)
"""Who begins looks at the joins of so long before, because nobody may have looked at them."""

Numbers = Mapping[str, Collection[str]]
"""The incidents that bear a number of another system, by number."""


class Rematching:
    """Follows what people join. The transaction must see everything and hold `reach.lock` since before a look."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._through = self._committed = 0

    def forget(self) -> None:
        """Look again at the joins of the last look, whose transaction may have failed; those before are done with."""
        self._through = self._committed

    async def find(self, transaction: Transaction, now: dt.datetime) -> list[Alarm]:
        """The alarms that wait and that what was joined since the last look takes alone, where they belong now."""
        self._committed = self._through  # who comes here again without `forget` has committed the look before
        self._through, joins = await steps.joined_since(transaction, self._through, now - LOOKS_BACK)
        if not joins:
            return []
        targets = {one.target for one in joins}
        names = await neighbours.waiting_around(transaction, targets, widest_deg(self._policy))
        waits = [one for one in (await kept_alarms.alarms_by_id(transaction, names)).values() if own(one)]
        near, numbers = await doubts.around(transaction, self._policy, waits)
        fold, homes = Fold(self._policy, near.values(), numbers), dict[str, str]()
        for alarm in waits:
            candidates = doubts.candidates_of(fold, alarm, numbers)
            if len(candidates) == 1 and candidates[0].id in targets:
                homes[alarm.id] = candidates[0].id
        joins = [one for one in joins if one.target in homes.values()]
        before = _Before(self._policy, near.values(), numbers, await _gone(transaction, joins))
        chosen = [one for one in waits if one.id in homes and before.decided(one, homes[one.id])]
        return _taken(fold, chosen, homes)


def _taken(fold: Fold, alarms: Sequence[Alarm], homes: Mapping[str, str]) -> list[Alarm]:
    """Alarms in their homes; but one waits on when what was taken before it, by its numbers, says otherwise."""
    found = []
    for alarm in sorted(alarms, key=order):
        outcome, home = fold.take(alarm), homes[alarm.id]
        if outcome.known is not None and outcome.known.id == home:
            found.append(msgspec.structs.replace(alarm, incident=home, match=outcome.match))
    return found


async def _gone(transaction: Transaction, joins: Sequence[Standing]) -> list[tuple[Standing, list[Alarm]]]:
    """Joins, each with the alarms that went with it and shaped what went."""
    went = await steps.went(transaction, [one.number for one in joins])
    alarms = await kept_alarms.alarms_by_id(transaction, {name for names in went.values() for name in names})
    return [(one, [alarms[name] for name in went[one.number] if name in alarms and own(alarms[name])]) for one in joins]


class _Before:
    """The incidents there are and, beside them, those that people put into others, as if they were still there."""

    def __init__(
        self,
        policy: Policy,
        near: Collection[Known],
        numbers: Numbers,
        gone: Sequence[tuple[Standing, list[Alarm]]],
    ) -> None:
        self._joins = [join for join, _ in gone]
        self._numbers = {number: set(names) for number, names in numbers.items()}
        sources = []
        for join, alarms in gone:
            source = Known(join.source)
            for alarm in sorted(alarms, key=order):
                source.add(alarm)
                source.place(cell_of(alarm))
                for number in self._numbers.keys() & set(alarm.numbers):
                    self._numbers[number].add(source.id)
            sources.append(source)
        self._fold = Fold(policy, [*near, *sources], self._numbers)

    def decided(self, alarm: Alarm, home: str) -> bool:
        """Whether an alarm stood between its home and what people put there after it was raised."""
        names = {one.id for one in doubts.candidates_of(self._fold, alarm, self._numbers)}
        return any(one.source in names and one.target == home and alarm.raised_at < one.at for one in self._joins)


async def link(transaction: Transaction, alarms: Sequence[Alarm], now: dt.datetime) -> None:
    """Write alarms that were waiting into the incidents that they name: reach, figures, a line each; and tell it."""
    if not alarms:
        return
    homes: defaultdict[str, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        homes[alarm.incident or ""].append(alarm)
    await kept_alarms.save_alarms(transaction, alarms)
    await reach.rebuild(transaction, homes)
    incidents = await kept.incidents_of(transaction, homes)
    await kept.add_logs(
        transaction,
        [(incidents[name], Entry(now, SYSTEM, "linked", came(taken))) for name, taken in sorted(homes.items())],
    )
    raised = {name for name, taken in homes.items() if any(map(counts_as_raised, taken))}
    await recount(transaction, homes, now, raised)
    owners = {one.id: Owner(one.source.centre, one.source.area) for one in alarms}
    await steps.tell_alarms(transaction, owners, now)
