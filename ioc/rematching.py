"""What waited between incidents that people made one: it has a single candidate now, and the desk links it.

Only what a join decided is linked. What may still belong to several goes on waiting, and so does what nothing would
take any more: nobody asked for an incident of its own. Undoing the join leaves what was linked where it is.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from gis.distance import degrees
from ioc import doubts
from ioc.incident_work import recount
from ioc.incidents import flapping
from ioc.incidents.alarm import Alarm
from ioc.incidents.correlate import Fold, order, own
from ioc.incidents.incident import SYSTEM, Entry
from ioc.incidents.policy import Policy
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import neighbours, reach, steps
from ioc.store.database import Transaction
from ioc.store.readings import Owner

LOOKS_BACK = dt.timedelta(hours=24)
"""Who begins looks at the joins of so long before, because nobody may have looked at them."""


class Rematching:
    """Follows what people join. The transaction must see everything and hold `reach.lock` since before a look."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._through = 0

    def forget(self) -> None:
        """Look at the joins of LOOKS_BACK again: a transaction may have failed, which harms nothing to repeat."""
        self._through = 0

    async def find(self, transaction: Transaction, now: dt.datetime) -> list[Alarm]:
        """The alarms that wait and that what was joined since the last look takes alone, where they belong now."""
        self._through, joined = await steps.joined_since(transaction, self._through, now - LOOKS_BACK)
        if not joined:
            return []
        policy = self._policy
        widest = max(policy.farthest_m(code) for code in policy.categories) + policy.error_cap_m
        names = await neighbours.waiting_around(transaction, joined, degrees(widest, 20.0)[0])
        waits = [one for one in (await kept_alarms.alarms_by_id(transaction, names)).values() if own(one)]
        near, numbers = await doubts.around(transaction, policy, waits)
        fold, found = Fold(policy, near.values(), numbers), []
        for alarm in sorted(waits, key=order):
            candidates = doubts.candidates_of(fold, alarm, numbers)
            if len(candidates) == 1 and candidates[0].id in joined:
                outcome = fold.take(alarm)
                found.append(msgspec.structs.replace(alarm, incident=candidates[0].id, match=outcome.match))
        return found


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
    await kept.add_logs(transaction, [(incidents[name], _line(taken, now)) for name, taken in sorted(homes.items())])
    raised = {name for name, taken in homes.items() if any(map(_counts_as_raised, taken))}
    await recount(transaction, homes, now, raised)
    owners = {one.id: Owner(one.source.centre, one.source.area) for one in alarms}
    await steps.tell_alarms(transaction, owners, now)


def _line(taken: Sequence[Alarm], now: dt.datetime) -> Entry:
    return Entry(now, SYSTEM, "linked", f"← {taken[0].title}" + (f" ({len(taken)})" if len(taken) > 1 else ""))


def _counts_as_raised(alarm: Alarm) -> bool:
    return alarm.cleared_at is None and not flapping.repeats(alarm)
