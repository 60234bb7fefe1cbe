"""The order of event time: the same alarms come of a source's values, whatever the order in which they arrive.

A value counts at its effective time, the earlier of its own time and its arrival: a clock that runs ahead never
stands in the way of later values. Values that come in order are judged one by one. One that comes late, by up to
LATENESS of the source's own newest value, is judged again with all that followed it, from the last state that is
known to lie before it. What is later than that belongs to history and opens nothing.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gis.observation import Reading
from ioc.incidents.alarm import Alarm
from ioc.incidents.rules import NO_WAITS, Figure, Pending, Rule, Verdict, Waits, judge_reading, key_of
from ioc.incidents.severity import worst

LATENESS = dt.timedelta(minutes=10)
"""How far behind the newest value of its stream, in event time, a value may come and still be judged."""

APART = dt.timedelta(minutes=1)
"""How far apart known states are kept; what lies between two of them is read again when a late value needs it."""

REMEMBERED = dt.timedelta(hours=48)
MOST_PAST = 50
"""How long, in event time, and how many episodes that are over are kept of what other rules need."""

EVER = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
"""Before every moment, with room for LATENESS before it."""


def effective(at: dt.datetime, arrived_at: dt.datetime) -> dt.datetime:
    """The time at which a value counts: its own, but never after its arrival."""
    return min(at, arrived_at)


class Sample(msgspec.Struct, frozen=True):
    """A reading at its effective time, and what the window of a rule comes to with it."""

    at: dt.datetime
    reading: Reading
    figure: Figure | None = None

    @property
    def order(self) -> tuple[dt.datetime, dt.datetime, str, int]:
        """The one order of all values of a source, the same as that of their keys in the store."""
        stamp = self.reading.stamp
        if stamp.sequence is None:
            return self.at, stamp.at, f"#{stamp.digest}", -1
        return self.at, stamp.at, stamp.run, stamp.sequence


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a condition held: what of an alarm follows from the values alone.

    `last` is the newest verdict that held; None where only figures of it were remembered.
    """

    raised_at: dt.datetime
    seen_at: dt.datetime
    severity: str
    worst: str
    count: int
    cleared_at: dt.datetime | None = None
    last: Verdict | None = None


class State(msgspec.Struct, frozen=True):
    """What a rule knows of a source: the episode that holds, and what waits (see `Waits`)."""

    held: Episode | None = None
    pending: Pending | None = None
    lately: tuple[str | None, ...] = ()
    easing: dt.datetime | None = None

    @property
    def calm(self) -> bool:
        """Whether nothing holds and nothing waits."""
        return self.held is None and self.pending is None and not self.lately


CALM = State()


class Milestone(msgspec.Struct, frozen=True):
    """The state before all values of a moment and later."""

    at: dt.datetime
    state: State


def judge(
    rule: Rule, state: State, sample: Sample, levels: Mapping[str, float] | None = None
) -> tuple[State, Episode | None]:
    """The state after the next value in order, and the episode that it ended. `levels` are the source's own limits."""
    held, figure = state.held, sample.figure
    before = Waits(state.pending, state.lately, state.easing) if state is not CALM else NO_WAITS
    severity = held.severity if held else None
    judged = judge_reading(rule, sample.reading, severity, before, sample.at, levels=levels, figure=figure)
    if judged is None:
        return state, None
    verdict, waits = judged
    if verdict.severity is None:
        ended = msgspec.structs.replace(held, cleared_at=sample.at, seen_at=sample.at) if held else None
        return _state(None, waits), ended
    if held is None:
        return _state(_begun(sample.at, verdict, verdict.severity), waits), None
    if waits.easing is not None:
        return _state(held, waits), None
    after = msgspec.structs.replace(
        held,
        seen_at=sample.at,
        severity=verdict.severity,
        worst=worst([held.worst, verdict.severity]),
        count=held.count + 1,
        last=verdict,
    )
    return _state(after, waits), None


def _state(held: Episode | None, waits: Waits) -> State:
    if held is None and waits == NO_WAITS:
        return CALM
    return State(held, waits.pending, waits.lately, waits.easing)


def _begun(at: dt.datetime, verdict: Verdict, severity: str) -> Episode:
    return Episode(raised_at=at, seen_at=at, severity=severity, worst=severity, count=1, last=verdict)


class Track:
    """One rule on one property of one source: how far it has been judged, and what is known of the way there.

    A track without milestones has been calm for as long as late values count. `known` tells whether `newest` is
    the newest value ever judged, or only the newest since this process began. Of an `operand` of other rules the
    episodes that are over are kept for a while, as `past`. `span` is how far before a value its rule looks.
    """

    __slots__ = (
        "_saved",
        "bound",
        "key",
        "known",
        "levels",
        "milestones",
        "names",
        "newest",
        "operand",
        "past",
        "rule",
        "sign",
        "source",
        "span",
        "state",
        "stirred",
    )

    def __init__(self, rule: Rule, source: str, area: str = "") -> None:
        """Raises ValueError when the rule has no level for the source, which stands in an area."""
        self.rule = rule
        self.source = source
        self.key = key_of(rule, source, rule.measured)
        self.sign = -1.0 if rule.below else 1.0
        self.levels: Mapping[str, float] = {}
        self.limit(rule.levels_of(source, area))
        self.names = dict.fromkeys((rule.measured,))
        self.span = dt.timedelta()
        self.operand = rule.quiet
        self.past: list[Episode] = []
        self.newest = self.stirred = EVER
        self.known = False
        self.state = CALM
        self.milestones: list[Milestone] = []
        self._saved: tuple[Any, ...] | None = ()

    def limit(self, levels: Mapping[str, float]) -> None:
        """Judge by these limits from now on. ValueError when there is none."""
        self.bound = min(self.sign * limit for limit in levels.values())
        self.levels = levels

    def concerns(self, at: dt.datetime, number: float) -> bool:
        """Whether a value can change anything; a quiet one in calm times cannot, and is only noted."""
        if self.milestones or self.sign * number >= self.bound:
            return True
        if at > self.newest:
            self.newest = at
        return False

    def in_order(self, at: dt.datetime) -> bool:
        """Whether a value is known to be newer than all that were judged."""
        return self.known and at > self.newest

    def recall(self, alarm: Alarm | None, memory: "Memory") -> None:
        """Begin again with what was saved: the open alarm of the key, and the memory."""
        held = _episode(alarm) if alarm is not None else memory.held
        self.state = _state(held, Waits(memory.pending, memory.lately, memory.easing))
        self.milestones = list(memory.milestones)
        self.past = list(memory.past)
        if held is not None:  # every value that was judged is one that the alarm has seen
            self.newest, self.known = held.seen_at, True
        if not self.state.calm and not self.milestones:
            since = held.seen_at if held is not None else memory.pending.since if memory.pending else EVER
            self.milestones = [Milestone(since + dt.timedelta(microseconds=1), self.state)]
        self.newest = max([self.newest, memory.newest, *(milestone.at for milestone in self.milestones)])
        self.stirred = self.newest

    def worth_saving(self) -> bool:
        """Whether the memory differs from what was asked for last, by more than the newest of values that go on."""
        ends = (self.milestones[0].at, self.milestones[-1].at) if self.milestones else ()
        state = self.state
        about = (*ends, state.pending, state.lately, state.easing, state.calm, *self._kept())
        if about == self._saved:
            return False
        self._saved = about
        return True

    def memory(self) -> "Memory | None":
        """What must be saved; None when there is nothing to remember."""
        if not self.milestones and not self.past:
            return None
        held, past = self._kept()
        return Memory(
            pending=self.state.pending,
            milestones=[Milestone(one.at, _bare(one.state)) for one in self.milestones],
            newest=self.newest,
            lately=self.state.lately,
            easing=self.state.easing,
            held=held,
            past=past,
        )

    def _kept(self) -> "tuple[Episode | None, Sequence[Episode]]":
        """What has to be remembered because no alarm says it: what holds quietly, and what is over."""
        held = _bare(self.state).held if self.rule.quiet else None
        return held, [msgspec.structs.replace(one, last=None) for one in self.past]

    def episodes(self) -> list[Episode]:
        """What held lately, and what holds now, in order; of an operand."""
        return [*self.past, self.state.held] if self.state.held is not None else list(self.past)

    def measured(self, sample: Sample) -> Sample:
        """The value as it is judged; with its figure, of a rule that has a window."""
        return sample

    def learn(self, newest: dt.datetime | None) -> None:
        """Take the newest value that was stored, of those judged before this process began."""
        self.known = True
        if newest is not None:
            self.newest = max(self.newest, newest)

    def follow(self, sample: Sample) -> Episode | None:
        """Judge a value that is newer than all before; the episode that it began, went on with or ended."""
        before = self.state
        self.newest = sample.at
        self._remember(sample.at, before)
        self.state, ended = judge(self.rule, before, self.measured(sample), self.levels)
        if ended is not None and self.operand:
            self.past = [*lately(self.past, sample.at), ended]
        if not (self.state.calm and before.calm):
            self.stirred = sample.at
        elif sample.at - self.stirred > LATENESS:
            self.milestones = []
        return ended or (self.state.held if self.state.held is not before.held else None)

    def start(self, at: dt.datetime) -> dt.datetime | None:
        """From when on values must be judged again for one of `at`; None when it comes too late to count."""
        if at < self.newest - LATENESS:
            return None
        before = [milestone.at for milestone in self.milestones if milestone.at <= at]
        if before:
            return before[-1]
        return at if not self.milestones or self.milestones[0].state.calm else None

    def replay(self, start: dt.datetime, samples: Iterable[Sample]) -> list[Episode]:
        """Judge all values from `start` on again; every episode that holds then or later, in order."""
        kept = [milestone for milestone in self.milestones if milestone.at <= start]
        self._saved = None
        self.milestones = kept or [Milestone(start, CALM)]
        state, found = self.milestones[-1].state, []
        for sample in sorted(samples, key=lambda one: one.order):
            self.newest = max(self.newest, sample.at)
            self._remember(sample.at, state)
            state, ended = judge(self.rule, state, self.measured(sample), self.levels)
            found += [ended] if ended is not None else []
        self.state, self.stirred = state, self.newest
        if self.operand:
            before = [one for one in self.past if one.cleared_at is not None and one.cleared_at < start]
            self.past = [*lately(before, self.newest), *found]
        return [*found, state.held] if state.held is not None else found

    def _remember(self, at: dt.datetime, state: State) -> None:
        if self.milestones and at - self.milestones[-1].at < APART:
            return
        self.milestones.append(Milestone(at, state))
        while len(self.milestones) > 1 and self.milestones[1].at <= self.newest - LATENESS:
            del self.milestones[0]


class Memory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of a track survives the process, beside the open alarm itself."""

    pending: Pending | None = None
    milestones: Sequence[Milestone] = ()
    newest: dt.datetime = EVER
    lately: tuple[str | None, ...] = ()
    easing: dt.datetime | None = None
    held: Episode | None = None
    past: Sequence[Episode] = ()


def lately(past: Iterable[Episode], now: dt.datetime) -> list[Episode]:
    """Of the episodes that are over those that others may still ask for, at most MOST_PAST."""
    return [one for one in past if one.cleared_at is not None and one.cleared_at > now - REMEMBERED][-MOST_PAST:]


def _bare(state: State) -> State:
    if state.held is None or state.held.last is None:
        return state
    return msgspec.structs.replace(state, held=msgspec.structs.replace(state.held, last=None))


def _episode(alarm: Alarm) -> Episode:
    return Episode(
        raised_at=alarm.raised_at,
        seen_at=alarm.seen_at,
        severity=alarm.severity,
        worst=str(alarm.evidence.get("worst", alarm.severity)),
        count=alarm.count,
    )
