"""Which incidents a page of alarms belongs to: the neighbourhood is read at once, and folded in the order of alarms.

Where an alarm comes late, by up to LATENESS of what its neighbourhood knows, the alarms beyond it are folded again
with it, unless a person had to do with them; so that every order of arrival ends in the same incidents. What is
later than that is judged against what there is, after all others.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gis.distance import degrees
from ioc.incidents.alarm import Alarm
from ioc.incidents.correlate import MOMENTS, Fold, Known, Outcome, order, own, reused
from ioc.incidents.order import LATENESS
from ioc.incidents.policy import Policy
from ioc.store import alarms as kept
from ioc.store import neighbours
from ioc.store.database import Transaction
from ioc.store.neighbours import Around, Neighbour

ROUNDS = 8
"""How often the neighbourhood of what is folded again is looked at in turn, at the most."""

MOST_AGAIN = 3_000
"""Alarms that one page folds again, at the most; what lies beyond them stays as it is."""

_EXACT = 64
"""So many alarms are looked up by their own boxes; of more, those that are close together share one."""

_TILE = 0.05
"""Degrees of the squares whose alarms share a box."""

_MOVABLE = ("opened", "linked", "number")


class Matched(msgspec.Struct, kw_only=True):
    """What became of a page of alarms.

    `outcomes` are of all that were folded, in their order; the incidents that the fold opened are called `new:...`
    unless they go on as one that was emptied (`reused`). `emptied` have no alarm of their own any more: to the
    incident that took the first of them, or None. `again` are the incidents whose alarms were folded again, `before`
    all alarms that were folded, as they were.
    """

    outcomes: Sequence[Outcome] = ()
    reused: Mapping[str, str] = {}
    emptied: Mapping[str, str | None] = {}
    again: frozenset[str] = frozenset()
    before: Mapping[str, Alarm] = {}


class _Scene:
    """What is known while the neighbourhood is gathered."""

    def __init__(self, transaction: Transaction, policy: Policy) -> None:
        self.transaction = transaction
        self.policy = policy
        self.folded: dict[str, Alarm] = {}
        self.fixed: dict[str, str] = {}
        self.late: set[str] = set()
        self.near: dict[str, Neighbour] = {}
        self.since: dict[str, dt.datetime] = {}
        self.numbers: dict[str, dict[str, dt.datetime]] = {}

    async def look(self, alarms: Sequence[Alarm], ids: Iterable[str] = ()) -> None:
        """Read what is around some alarms, and what bears their numbers."""
        numbers = sorted({number for alarm in alarms for number in alarm.numbers} - self.numbers.keys())
        self.numbers |= await neighbours.numbered(self.transaction, numbers)
        wanted = {name for number in numbers for name in self.numbers[number]} | set(ids)
        by_place = [alarm for alarm in alarms if not self.policy.category(alarm.category).by_source]
        by_source = [alarm for alarm in alarms if self.policy.category(alarm.category).by_source]
        found = await neighbours.near(
            self.transaction,
            boxes(by_place, self.policy),
            sorted({alarm.source.code for alarm in by_source}),
            sorted({other for alarm in by_source for other in self.policy.partners(alarm.category)}),
            wanted - self.near.keys(),
        )
        self.near = {**found, **self.near}

    def keep_fixed(self) -> None:
        """Leave alarms where they are whose incident people had to do with, or which is not there any more."""
        for alarm in self.folded.values():
            if alarm.incident is not None and (alarm.incident not in self.near or self.near[alarm.incident].fixed):
                self.fixed[alarm.id] = alarm.incident

    async def disturb(self, stirred: Mapping[str, dt.datetime]) -> dict[str, dt.datetime]:
        """The incidents to fold again because of what changed in the past of some, and not longer ago than LATENESS.

        Alarms that wait around them are taken up.
        """
        reached, waits = await neighbours.disturbed(self.transaction, stirred, widest_deg(self.policy))
        if not reached and not waits:
            return {}
        await self.look([], reached)
        found = {}
        for name, at in reached.items():
            newest = self.near[name].known.newest_at if name in self.near else None
            if newest is not None and at <= newest <= at + LATENESS:
                found[name] = at
        again = await kept.alarms_by_id(self.transaction, waits)
        newest = max((alarm.raised_at for alarm in again.values()), default=None)
        first = min(stirred.values())
        if newest is not None and newest <= first + LATENESS:
            self.folded = {**again, **self.folded}
            await self.look(list(again.values()))
        return found

    def mark_late(self, alarms: Iterable[Alarm]) -> list[Alarm]:
        """Note from when on each neighbour must be folded again; the alarms that came late enough for that."""
        known = [one.known for one in self.near.values()]
        newest = max((one.newest_at for one in known if one.newest_at is not None), default=None)
        pending = [alarm for alarm in alarms if newest is not None and alarm.raised_at <= newest]
        if not pending:
            return []
        look, stirring = Fold(self.policy, known, {}), []
        for alarm in pending:
            ahead = [one for one in self._reached(look, alarm) if one.newest_at and one.newest_at >= alarm.raised_at]
            front = max((one.newest_at for one in ahead if one.newest_at), default=None)
            if front is not None and alarm.raised_at < front - LATENESS:
                if alarm.incident is not None:  # it was in time once
                    self.fixed[alarm.id] = alarm.incident
                self.late.add(alarm.id)
                continue
            for one in ahead:
                self.since[one.id] = min(self.since.get(one.id, alarm.raised_at), alarm.raised_at)
            stirring += [alarm] if ahead else []
        return stirring

    def _reached(self, look: Fold, alarm: Alarm) -> list[Known]:
        """What an alarm may belong to by its place or its numbers."""
        found = {one.id: one for one in look.reached(alarm)}
        named = {name for number in alarm.numbers for name in self.numbers[number] if name in self.near}
        return list(({name: self.near[name].known for name in named} | found).values())

    async def tail(self, stirring: Sequence[Alarm], since: Mapping[str, dt.datetime]) -> list[Alarm]:
        """Take up the alarms beyond the late ones that are not folded yet."""
        found = [alarm for alarm in await kept.alarms_after(self.transaction, since) if own(alarm)]
        around = [(_box(alarm, self.policy), alarm.raised_at) for alarm in stirring]
        waits = await neighbours.waiting(self.transaction, around)
        found += (await kept.alarms_by_id(self.transaction, waits)).values()
        fresh = []
        for alarm in found:
            if alarm.id in self.folded or alarm.id in self.fixed:
                continue
            self.folded[alarm.id] = alarm
            if alarm.incident is not None and (alarm.match not in _MOVABLE or self.near[alarm.incident].fixed):
                self.fixed[alarm.id] = alarm.incident
            else:
                fresh.append(alarm)
        return fresh


async def match(
    transaction: Transaction,
    policy: Policy,
    alarms: Iterable[Alarm],
    stirred: Mapping[str, dt.datetime],
    *,
    freed: frozenset[str] = frozenset(),
) -> Matched:
    """What becomes of alarms that belong nowhere yet, or whose beginning changed.

    `stirred` are incidents whose alarms must be folded again from a moment on, for other reasons. `freed` are the
    alarms that were held back until now, which may open an incident however old they are.
    """
    scene = _Scene(transaction, policy)
    scene.folded = {alarm.id: alarm for alarm in alarms}
    pending, most = list(scene.folded.values()), len(scene.folded) + MOST_AGAIN
    if not pending and not stirred:
        return Matched()
    await scene.look(pending, {alarm.incident for alarm in pending if alarm.incident is not None})
    scene.keep_fixed()
    moments = await scene.disturb(stirred)
    pending = list(scene.folded.values())
    for _ in range(ROUNDS):
        since = dict(scene.since)
        stirring = scene.mark_late(pending)
        for name, at in moments.items():
            scene.since[name] = min(scene.since.get(name, at), at)
        moments = {}
        changed = {name: at for name, at in scene.since.items() if since.get(name) != at}
        if changed and len(scene.folded) > most:
            scene.since = since
        if not changed or len(scene.folded) > most:
            break
        pending = await scene.tail(stirring, changed)
        if not pending:
            break
        await scene.look(pending)
    return await _folded(scene, freed)


async def _folded(scene: _Scene, freed: frozenset[str]) -> Matched:
    shortened = await neighbours.before(scene.transaction, scene.near, scene.since) if scene.since else {}
    known: dict[str, Known] = {name: one.known for name, one in scene.near.items()} | shortened
    pinned = set(scene.fixed.values())
    spare = [name for name in shortened if known[name].empty and not scene.near[name].fixed and name not in pinned]
    numbers = {
        number: [name for name, first_at in found.items() if name not in scene.since or first_at < scene.since[name]]
        for number, found in scene.numbers.items()
    }
    fold = Fold(scene.policy, [one for name, one in known.items() if name not in spare], numbers)
    outcomes = []
    for alarm in sorted(scene.folded.values(), key=lambda one: (one.id in scene.late, order(one))):
        opens = alarm.id not in scene.late or alarm.id in freed or _may_open_late(alarm)
        outcomes.append(fold.take(alarm, scene.fixed.get(alarm.id), opens=opens))
    names = reused(outcomes, spare)
    left = set(spare) - set(names.values())
    emptied: dict[str, str | None] = dict.fromkeys(sorted(left))
    for outcome in outcomes:
        before = outcome.alarm.incident
        if before in left and outcome.known is not None and emptied[before] is None:
            emptied[before] = outcome.known.id
    return Matched(outcomes=outcomes, reused=names, emptied=emptied, again=frozenset(shortened), before=scene.folded)


def _may_open_late(alarm: Alarm) -> bool:
    """Whether what comes later than LATENESS may open an incident: what still holds, and whatever people say."""
    return alarm.cleared_at is None or alarm.source_kind in (*MOMENTS, "system")


def widest_deg(policy: Policy) -> float:
    """Degrees, of either axis, that are sure to hold how far anything may lie from what it belongs to."""
    widest_m = max(policy.farthest_m(code) for code in policy.categories) + policy.error_cap_m
    return degrees(widest_m, 20.0)[0]


def _box(alarm: Alarm, policy: Policy) -> Around:
    at = alarm.source.position
    error = min(max(alarm.error_m, 0.0), policy.error_cap_m)
    east, north = degrees(policy.farthest_m(alarm.category) + error, at.lat)
    return Around(
        west=at.lon - east,
        south=at.lat - north,
        east=at.lon + east,
        north=at.lat + north,
        categories=policy.partners(alarm.category),
    )


def boxes(alarms: Sequence[Alarm], policy: Policy) -> list[Around]:
    """Boxes that hold everything that the alarms may belong to by place; of many, one for those that are close."""
    if len(alarms) <= _EXACT:
        return [_box(alarm, policy) for alarm in alarms]
    found: dict[tuple[int, int, tuple[str, ...]], Around] = {}
    for alarm in alarms:
        box, at = _box(alarm, policy), alarm.source.position
        name = (int(at.lon / _TILE), int(at.lat / _TILE), box.categories)
        before = found.get(name)
        found[name] = box if before is None else _joined(before, box)
    return list(found.values())


def _joined(one: Around, other: Around) -> Around:
    return Around(
        west=min(one.west, other.west),
        south=min(one.south, other.south),
        east=max(one.east, other.east),
        north=max(one.north, other.north),
        categories=one.categories,
    )
