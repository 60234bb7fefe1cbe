"""A rule tried on stored history: which alarms and incidents it would have made, beside those of the one in force.

The same judging as everywhere, over what is stored, in the order of time, in memory alone: nothing is written. It
takes a span after another, lets others work between them, and ends when its time is up, telling how far it came.
"""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from gis.observation import Observation, Sighting
from gis.stamp import BELIEVED_FUTURE
from ioc.access.scope import Scope, Thing
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.correlate import Fold, order
from ioc.incidents.policy import Policy
from ioc.incidents.rules import Rule
from ioc.incidents.severity import rank
from ioc.player import Absent, Player
from ioc.rulebook import Rulebook, properties
from ioc.store import history
from ioc.store.database import Database, Transaction
from ioc.store.rules import Kept

SECONDS = 20.0
"""How long a test may take; less than an answer may."""

WARMING = dt.timedelta(hours=6)
"""So long before the span judging begins, beside a rule's own window, so that what held already is not news."""

FIRST, LONGEST = dt.timedelta(minutes=1), dt.timedelta(days=1)
"""The first span that is read at once, and the longest."""

VALUES = 1_000
"""About so many values are read at once: some milliseconds of work."""

STREAMS = 20
"""Streams whose silences are looked for at once."""

TURN = 50
"""So many observations are judged before others may work."""

MOST_ALARMS = 10_000
"""A rule that would make more is bad enough to stop at."""

LISTED = 200
"""Incidents that are listed one by one."""


Stopped = Literal["", "time", "alarms", "gone"]


class Would(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that there would have been, told by the worst of its alarms; `ended_at` None: it would still hold."""

    at: dt.datetime
    ended_at: dt.datetime | None
    alarms: int
    worst: Alarm


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have made: alarms and incidents by the centre's local day, and the first incidents.

    `waiting` are alarms that several incidents would have taken, so that a person would have had to decide.
    """

    alarms: int
    incidents: int
    waiting: int
    sources: int
    days: Mapping[dt.date, tuple[int, int]]
    listed: tuple[Would, ...]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How a test ended. `through` is how far it came: everything before it counts.

    `stopped` is empty when it came to the end; else time, alarms (there were too many) or gone (nobody waits for it).
    `values` are those that were read. `before` is of the version in force, None when there is none.
    """

    through: dt.datetime
    stopped: Stopped
    values: int
    after: Outcome
    before: Outcome | None


class BusyError(Exception):
    """Another test is running."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: a rule, the version of it that is in force, and the rules that they need, in a span."""

    rule: Rule
    before: Rule | None
    others: tuple[Rule, ...]
    since: dt.datetime
    until: dt.datetime

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules that are judged."""
        return (self.rule, *([self.before] if self.before is not None else []), *self.others)


class _Event(msgspec.Struct, frozen=True):
    """An observation at the time at which it counts."""

    at: dt.datetime
    observation: Observation

    @property
    def order(self) -> tuple[dt.datetime, dt.datetime, str, str, int]:
        """As readings of one source are ordered everywhere; those of several by their codes."""
        stamp = self.observation.stamp
        counted = stamp.sequence is not None
        return self.at, stamp.at, stamp.source, stamp.run if counted else f"#{stamp.digest}", stamp.sequence or 0


class Rehearsals:
    """Runs tests, one at a time. `sources` tells where a source stands, `profile_of` what kind of device it is."""

    def __init__(
        self,
        database: Database,
        rulebook: Rulebook,
        sources: Callable[[], Mapping[str, Source]],
        profile_of: Callable[[str], str],
        zone: ZoneInfo,
        policy: Policy,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._database = database
        self._rulebook = rulebook
        self._sources = sources
        self._profile_of = profile_of
        self._zone = zone
        self._policy = policy
        self._seconds = seconds
        self._busy = asyncio.Lock()

    async def run(
        self,
        scope: Scope,
        asked: Kept,
        since: dt.datetime,
        until: dt.datetime,
        gone: Callable[[], bool] = lambda: False,
    ) -> Result:
        """Judge by a rule what is stored of the places in a scope. BusyError while another test runs.

        Raises ValueError naming what is wrong with the rule.
        """
        if self._busy.locked():
            raise BusyError
        async with self._busy:
            rule = await self._rulebook.spelt(asked)
            before = self._rulebook.in_force(rule.reference)
            others = self._rulebook.needed(rule, before)
            trial = Trial(rule=rule, before=before, others=others, since=since, until=until)
            sources = {code: one for code, one in self._sources().items() if _reached(scope, one)}
            play = _Play(self._database, scope, trial, sources, self._profile_of)
            await play.run(asyncio.get_running_loop().time() + self._seconds, gone)
            return await play.result(self._zone, self._policy)


def _reached(scope: Scope, source: Source) -> bool:
    return any(scope.reaches(Thing(kind, source.centre, source.area)) for kind in ("reading", "sighting"))


class _Play:
    """One test."""

    def __init__(
        self,
        database: Database,
        scope: Scope,
        trial: Trial,
        sources: Mapping[str, Source],
        profile_of: Callable[[str], str],
    ) -> None:
        self._database = database
        self._scope = scope
        self._trial = trial
        profiles = {rule.profile for rule in trial.rules if rule.profile}
        self._devices = [code for code in sources if profile_of(code) in profiles]
        self._names = sorted({name for rule in trial.rules for name in properties(rule)})
        self._kinds = sorted({rule.sighting for rule in trial.rules if rule.sighting})
        self._streams: list[int] = []
        self._sources, self._profile_of = sources, profile_of
        self._played: list[Player | Absent] = []
        self._waiting: list[_Event] = []
        self._values = 0
        self._stopped: Stopped = ""
        self._through = trial.since

    async def run(self, ends: float, gone: Callable[[], bool]) -> None:
        """Judge until the end of the span, or until the loop's time `ends`, or until nobody waits any more."""
        clock = asyncio.get_running_loop().time
        async with self._transaction() as transaction:
            self._streams = await history.streams(transaction, self._devices, self._names)
        for rule in (self._trial.rule, self._trial.before):
            if rule is not None:
                self._played.append(await self._player(rule, lambda: gone() or clock() >= ends))
        if not self._players:
            self._through = self._trial.since if self._stopped else self._trial.until
            return
        longest = max((rule.window.hours for rule in self._trial.rules if rule.window is not None), default=0.0)
        at, width = self._trial.since - WARMING - dt.timedelta(hours=longest), FIRST
        while at < self._trial.until and not self._stopped:
            until = min(at + width, self._trial.until)
            found, values = await self._read(at, until)
            await self._judge(found, until)
            at, self._values = until, self._values + values
            self._through = max(self._through, min(until, self._trial.until))
            width = min(LONGEST, max(FIRST, width * min(4.0, VALUES / max(values, 1))))
            if gone():
                self._stopped = "gone"
            elif max(len(one.alarms) for one in self._played) > MOST_ALARMS:
                self._stopped = "alarms"
            elif clock() >= ends and at < self._trial.until:
                self._stopped = "time"
        await self._judge([], None)

    @property
    def _players(self) -> list[Player]:
        return [one for one in self._played if isinstance(one, Player)]

    async def _player(self, rule: Rule, over: Callable[[], bool]) -> Player | Absent:
        """What judges by a rule; silences are judged at once."""
        if not rule.absent_s:
            return Player(rule, self._trial.others, self._sources, self._profile_of)
        since, until = self._trial.since - WARMING - dt.timedelta(seconds=rule.absent_s), self._trial.until
        async with self._transaction() as transaction:
            absent = Absent(rule, self._sources, await history.listening(transaction, since))
        for first in range(0, len(self._streams), STREAMS):
            some = self._streams[first : first + STREAMS]
            async with self._transaction() as transaction:
                found = await history.gaps(transaction, some, since, until, rule.absent_s)
            for device, heard_at, next_at in found:
                absent.miss(device, heard_at, next_at, until)
            self._values += len(found)
            if over():
                self._stopped = "time"
                break
        return absent

    def _transaction(self) -> Any:
        return self._database.transaction(self._scope, read_only=True)

    async def _read(self, since: dt.datetime, until: dt.datetime) -> tuple[list[_Event], int]:
        async with self._transaction() as transaction:
            samples, values = await history.readings(transaction, self._streams, since, until)
            seen = await self._sightings(transaction, since, until)
        events = [_Event(sample.at, sample.reading) for sample in samples]
        return [*events, *(_Event(one.stamp.at, one) for one in seen)], values + len(seen)

    async def _sightings(self, transaction: Transaction, since: dt.datetime, until: dt.datetime) -> list[Sighting]:
        if not self._kinds:
            return []
        holds = min(rule.hold_s for rule in self._trial.rules if rule.sighting)
        return await history.sightings(transaction, self._kinds, since, until, holds * 0.9)

    async def _judge(self, found: Sequence[_Event], until: dt.datetime | None) -> None:
        """Judge what is certain to have nothing before it: a clock that runs ahead is set right by the arrival."""
        self._waiting = sorted([*self._waiting, *found], key=lambda one: one.order)
        safe = None if until is None else until - BELIEVED_FUTURE
        players, done = self._players, 0
        for event in self._waiting:
            if safe is not None and event.at >= safe:
                break
            for player in players:
                player.play(event.observation, event.at)
            done += 1
            if done % TURN == 0:
                await asyncio.sleep(0)
        del self._waiting[:done]
        for player in players:
            player.end(self._through if safe is None else safe)

    async def result(self, zone: ZoneInfo, policy: Policy) -> Result:
        """What came of it."""
        after, *before = [await self._outcome(played, zone, policy) for played in self._played]
        return Result(
            through=self._through,
            stopped=self._stopped,
            values=self._values,
            after=after,
            before=before[0] if before else None,
        )

    async def _outcome(self, played: Player | Absent, zone: ZoneInfo, policy: Policy) -> Outcome:
        since, through = self._trial.since, self._through
        made = [alarm for alarm in played.alarms.values() if since <= alarm.raised_at < through]
        return await outcome(made, zone, policy)


async def outcome(made: Iterable[Alarm], zone: ZoneInfo, policy: Policy) -> Outcome:
    """Alarms and the incidents that they would be, counted by the local day on which each began."""
    found = sorted(made, key=order)
    incidents, waiting = await together(found, policy)
    days: Counter[dt.date] = Counter(one.raised_at.astimezone(zone).date() for one in found)
    opened: Counter[dt.date] = Counter(group[0].raised_at.astimezone(zone).date() for group in incidents)
    return Outcome(
        alarms=len(found),
        incidents=len(incidents),
        waiting=waiting,
        sources=len({one.source.code for one in found}),
        days={day: (days[day], opened[day]) for day in sorted(days | opened)},
        listed=tuple(_would(group) for group in incidents[:LISTED]),
    )


async def together(found: Sequence[Alarm], policy: Policy) -> tuple[list[list[Alarm]], int]:
    """Alarms in their order as incidents in the order in which they open, and how many would wait for a person."""
    fold, groups, waiting = Fold(policy, (), {}), dict[str, list[Alarm]](), 0
    for number, alarm in enumerate(found, 1):
        known = fold.take(alarm).known
        waiting += known is None
        if known is not None:
            groups.setdefault(known.id, []).append(alarm)
        if number % TURN == 0:
            await asyncio.sleep(0)
    return list(groups.values()), waiting


def _would(group: Sequence[Alarm]) -> Would:
    ends = [one.cleared_at for one in group if one.cleared_at is not None]
    return Would(
        at=group[0].raised_at,
        ended_at=max(ends) if len(ends) == len(group) else None,
        alarms=len(group),
        worst=max(group, key=_gravity),
    )


def _gravity(alarm: Alarm) -> int:
    return rank(str(alarm.evidence.get("worst", alarm.severity)))
