"""The order of event time: the same alarms come of a source's values, whatever the order in which they arrive.

A value counts at its effective time, the earlier of its own time and its arrival: a clock that runs ahead never
stands in the way of later values. Values that come in order are judged one by one. One that comes late, by up to
LATENESS of the source's own newest value, is judged again with all that followed it, from the last state that is
known to lie before it. What is later than that belongs to history and opens nothing.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from gis.observation import Reading
from ioc.incidents.alarm import Alarm, Source, told
from ioc.incidents.rules import Pending, Rule, Verdict, judge_reading, key_of
from ioc.incidents.severity import worst

LATENESS = dt.timedelta(minutes=10)
"""How far behind the newest value of its stream, in event time, a value may come and still be judged."""

APART = dt.timedelta(minutes=1)
"""How far apart known states are kept; what lies between two of them is read again when a late value needs it."""

EVER = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
"""Before every moment, with room for LATENESS before it."""


def effective(at: dt.datetime, arrived_at: dt.datetime) -> dt.datetime:
    """The time at which a value counts: its own, but never after its arrival."""
    return min(at, arrived_at)


class Sample(msgspec.Struct, frozen=True):
    """A reading at its effective time."""

    at: dt.datetime
    reading: Reading

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
    """What a rule knows of a source: the episode that holds, and the level that waits for its duration."""

    held: Episode | None = None
    pending: Pending | None = None

    @property
    def calm(self) -> bool:
        """Whether nothing holds and nothing waits."""
        return self.held is None and self.pending is None


CALM = State()


class Milestone(msgspec.Struct, frozen=True):
    """The state before all values of a moment and later."""

    at: dt.datetime
    state: State


def judge(rule: Rule, state: State, sample: Sample) -> tuple[State, Episode | None]:
    """The state after the next value in order, and the episode that it ended."""
    held = state.held
    judged = judge_reading(rule, sample.reading, held.severity if held else None, state.pending, sample.at)
    if judged is None:
        return state, None
    verdict, pending = judged
    if verdict.severity is None:
        ended = msgspec.structs.replace(held, cleared_at=sample.at, seen_at=sample.at) if held else None
        return (CALM if pending is None else State(None, pending)), ended
    if held is None:
        return State(_begun(sample.at, verdict, verdict.severity), pending), None
    after = msgspec.structs.replace(
        held,
        seen_at=sample.at,
        severity=verdict.severity,
        worst=worst([held.worst, verdict.severity]),
        count=held.count + 1,
        last=verdict,
    )
    return State(after, pending), None


def _begun(at: dt.datetime, verdict: Verdict, severity: str) -> Episode:
    return Episode(raised_at=at, seen_at=at, severity=severity, worst=severity, count=1, last=verdict)


class Track:
    """One rule on one property of one source: how far it has been judged, and what is known of the way there.

    A track without milestones has been calm for as long as late values count. `known` tells whether `newest` is
    the newest value ever judged, or only the newest since this process began.
    """

    __slots__ = (
        "_saved",
        "bound",
        "key",
        "known",
        "milestones",
        "newest",
        "rule",
        "sign",
        "source",
        "state",
        "stirred",
    )

    def __init__(self, rule: Rule, source: str) -> None:
        """Raises ValueError when the rule has no level for the source."""
        self.rule = rule
        self.source = source
        self.key = key_of(rule, source, rule.measured)
        self.sign = -1.0 if rule.below else 1.0
        self.bound = min(self.sign * limit for limit in rule.levels_of(source).values())
        self.newest = self.stirred = EVER
        self.known = False
        self.state = CALM
        self.milestones: list[Milestone] = []
        self._saved: tuple[Any, ...] | None = ()

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
        held = _episode(alarm) if alarm is not None else None
        self.state = State(held, memory.pending)
        self.milestones = list(memory.milestones)
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
        about = (*ends, self.state.pending, self.state.calm)
        if about == self._saved:
            return False
        self._saved = about
        return True

    def memory(self) -> "Memory | None":
        """What must be saved; None when there is nothing to remember."""
        if not self.milestones:
            return None
        bare = [Milestone(one.at, _bare(one.state)) for one in self.milestones]
        return Memory(pending=self.state.pending, milestones=bare, newest=self.newest)

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
        self.state, ended = judge(self.rule, before, sample)
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
            state, ended = judge(self.rule, state, sample)
            found += [ended] if ended is not None else []
        self.state, self.stirred = state, self.newest
        return [*found, state.held] if state.held is not None else found

    def _remember(self, at: dt.datetime, state: State) -> None:
        if self.milestones and at - self.milestones[-1].at < APART:
            return
        self.milestones.append(Milestone(at, state))
        while len(self.milestones) > 1 and self.milestones[1].at <= self.newest - LATENESS:
            del self.milestones[0]


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What of a track survives the process, beside the open alarm itself."""

    pending: Pending | None = None
    milestones: Sequence[Milestone] = ()
    newest: dt.datetime = EVER


def _bare(state: State) -> State:
    if state.held is None or state.held.last is None:
        return state
    return State(msgspec.structs.replace(state.held, last=None), state.pending)


def _episode(alarm: Alarm) -> Episode:
    return Episode(
        raised_at=alarm.raised_at,
        seen_at=alarm.seen_at,
        severity=alarm.severity,
        worst=str(alarm.evidence.get("worst", alarm.severity)),
        count=alarm.count,
    )


def first_image(track: Track, episode: Episode, source: Source, new_id: str) -> Alarm:
    """A new alarm of an episode; `after_image` enters what its values say."""
    return Alarm(
        id=new_id,
        key=track.key,
        rule=track.rule.name,
        category=track.rule.category,
        severity=episode.severity,
        source_kind="sensor",
        source=source,
        property=track.rule.measured,
        raised_at=episode.raised_at,
        seen_at=episode.seen_at,
        cleared_at=None,
        count=episode.count,
        evidence={},
        **told(track.rule, episode.severity, source.name),
    )


def after_image(alarm: Alarm, episode: Episode) -> Alarm:
    """An alarm as its episode says it is."""
    last = episode.last
    evidence: dict[str, Any] = {**alarm.evidence, "worst": episode.worst}
    evidence.pop("withdrawn", None)
    if last is not None:
        about = {"rule": last.rule.name, "rule_source": last.rule.source, "at": last.at}
        evidence = _as_kept({**last.evidence, **about, "worst": episode.worst})
    return msgspec.structs.replace(
        alarm,
        rule=last.rule.name if last is not None else alarm.rule,
        severity=episode.severity,
        raised_at=episode.raised_at,
        seen_at=episode.seen_at,
        cleared_at=episode.cleared_at,
        count=episode.count,
        evidence=evidence,
        **(told(last.rule, episode.severity, alarm.source.name) if last is not None else {}),
    )


def _as_kept(evidence: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from the store, so that the same evidence is known as the same."""
    return {name: one.isoformat() if isinstance(one, dt.datetime) else one for name, one in evidence.items()}


def reconcile(written: Sequence[Alarm], episodes: Sequence[Episode], new: Callable[[Episode], Alarm]) -> list[Alarm]:
    """The after-images that make the alarms of a key say what the true order says; what is right is left alone.

    An alarm is known by when it was raised. What was told and did not hold is withdrawn: it stays, as an alarm
    that ended when it began. A wrong moment of raising is corrected on the alarm that told it.
    """
    spare = sorted(written, key=_place)
    matched = [_taken(spare, episode.raised_at) for episode in episodes]
    spare = [alarm for alarm in spare if not withdrawn(alarm)]
    changed = []
    for episode, known in zip(episodes, matched, strict=True):
        alarm = known or (spare.pop(0) if spare else None)
        after = after_image(alarm if alarm is not None else new(episode), episode)
        if after != alarm:
            changed.append(after)
    return [*map(withdraw, spare), *sorted(changed, key=lambda one: one.cleared_at is None)]


def _place(alarm: Alarm) -> tuple[dt.datetime, bool, dt.datetime, str]:
    """In the order in which they held; of one moment the one that still holds last."""
    return alarm.raised_at, alarm.cleared_at is None, alarm.cleared_at or alarm.seen_at, alarm.id


def _taken(alarms: list[Alarm], raised_at: dt.datetime) -> Alarm | None:
    for place, alarm in enumerate(alarms):
        if alarm.raised_at == raised_at:
            return alarms.pop(place)
    return None


def withdrawn(alarm: Alarm) -> bool:
    """Whether an alarm was told and turned out not to have held."""
    return bool(alarm.evidence.get("withdrawn"))


def withdraw(alarm: Alarm) -> Alarm:
    """The alarm as one that ended when it began."""
    evidence = {**alarm.evidence, "withdrawn": True}
    return msgspec.structs.replace(alarm, cleared_at=alarm.raised_at, seen_at=alarm.raised_at, evidence=evidence)
