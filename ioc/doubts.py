"""The queue of doubtful matches: alarms that several incidents would take, with what a person judges by.

Candidates are found as correlation finds them, but now: people may have ended or merged some since.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import msgspec

from gis.distance import metres
from ioc.incidents.alarm import Alarm
from ioc.incidents.correlate import Fold, Known
from ioc.incidents.policy import Policy
from ioc.matching import boxes
from ioc.store import neighbours, waiting
from ioc.store.database import Transaction
from ioc.store.waiting import Brief


class Candidate(msgspec.Struct, frozen=True):
    """An incident that would take an alarm: metres to the nearest of its alarms, minutes to the time in which it was
    active (0: within)."""

    incident: Brief
    metres: float
    minutes: float


class Doubt(msgspec.Struct, frozen=True):
    """An alarm that waits for a person, and those that would take it, the nearest first."""

    alarm: Alarm
    candidates: Sequence[Candidate]


async def queue(transaction: Transaction, policy: Policy, most: int) -> list[Doubt]:
    """The alarms that wait, the worst first and of these the oldest; as far as the transaction sees them."""
    alarms = await waiting.newest(transaction, most)
    near, numbers = await around(transaction, policy, alarms)
    fold = Fold(policy, near.values(), numbers)
    found = {alarm.id: candidates_of(fold, alarm, numbers) for alarm in alarms}
    shown = await waiting.briefs(transaction, {one.id for known in found.values() for one in known})
    return [
        Doubt(
            alarm=alarm,
            candidates=sorted(
                (_candidate(shown[one.id], one, alarm) for one in found[alarm.id] if one.id in shown),
                key=lambda one: (one.metres, one.incident.id),
            ),
        )
        for alarm in alarms
    ]


async def around(
    transaction: Transaction, policy: Policy, alarms: Sequence[Alarm]
) -> tuple[dict[str, Known], Mapping[str, Collection[str]]]:
    """The incidents around some alarms, and those that bear their numbers."""
    numbers = await neighbours.numbered(transaction, sorted({number for one in alarms for number in one.numbers}))
    by_place = [one for one in alarms if not policy.category(one.category).by_source]
    by_source = [one for one in alarms if policy.category(one.category).by_source]
    found = await neighbours.near(
        transaction,
        boxes(by_place, policy),
        sorted({one.source.code for one in by_source}),
        sorted({other for one in by_source for other in policy.partners(one.category)}),
        {name for names in numbers.values() for name in names},
    )
    return {name: one.known for name, one in found.items() if one.known.takes}, numbers


def candidates_of(fold: Fold, alarm: Alarm, numbers: Mapping[str, Collection[str]]) -> list[Known]:
    """As correlation asks: those that bear the same number first, else those that are near in place and time."""
    same = {name for number in alarm.numbers for name in numbers.get(number, ()) if name in fold.known}
    if same:
        return [fold.known[name] for name in sorted(same)]
    return [known for known, _ in fold.candidates(alarm)[0]]


def _candidate(incident: Brief, known: Known, alarm: Alarm) -> Candidate:
    at = alarm.source.position
    away = min((metres(at.lon, at.lat, cell.lon, cell.lat) for cell in known.cells), default=0.0)
    return Candidate(incident, away, known.gap_min(alarm.raised_at))


def age(alarm: Alarm, now: dt.datetime) -> float:
    """Seconds since an alarm was raised."""
    return max(0.0, (now - alarm.raised_at).total_seconds())
