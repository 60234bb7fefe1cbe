"""Promise I1 in the small: repeated and shuffled within ten minutes, the same alarms come of the same values."""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Quality, Reading
from ioc.incidents.alarm import Alarm
from ioc.incidents.conditions import Schedule
from ioc.incidents.images import after_image, reconcile, withdrawn
from ioc.incidents.order import (
    APART,
    LATENESS,
    Episode,
    Memory,
    Sample,
    Track,
    effective,
)
from ioc.incidents.rules import Pending, Rule
from tests.fakes.things import NOW, alarm, reading, rule

SOURCE = "gauge-ai-nghia"
MARGIN = rule(clear_margin=0.5)
WAITING = rule(clear_margin=0.5, for_s=90)
EASING = rule(clear_margin=0.2, clear_for_s=90)
COUNTED = rule(clear_margin=0.5, breaches=2, of=3)
HOURLY = rule(schedule=Schedule(begins=dt.time(NOW.hour + 7, NOW.minute), ends=dt.time(NOW.hour + 7, NOW.minute + 8)))
QUIET = rule(quiet=True)
FALLING = rule(below=True, clear_margin=0.5, levels={"moderate": 6.0, "severe": 4.0, "extreme": 2.0})


class Machine:
    """What the desk does with one track, over a set in the place of the store."""

    def __init__(self, it: Rule) -> None:
        self.rule = it
        self.track = Track(it, SOURCE)
        self.stored: dict[tuple[object, ...], Sample] = {}
        self.alarms: dict[str, Alarm] = {}
        self.late = 0

    def take(self, sample: Sample) -> None:
        """One value as it arrives, perhaps again."""
        self.stored.setdefault(sample.order, sample)
        value = sample.reading.values[0]
        if value.quality is not Quality.GOOD or not self.track.concerns(sample.at, value.number):
            return
        if not self.track.known:
            self.track.learn(None)
        if self.track.in_order(sample.at):
            episode = self.track.follow(sample)
            if episode is not None:
                held = next((one for one in self.alarms.values() if one.cleared_at is None), None)
                self.write(after_image(held or self.new(episode), episode))
            return
        start = self.track.start(sample.at)
        if start is None:
            self.late += 1
            return
        due = [one for one in self.stored.values() if start <= one.at <= max(self.track.newest, sample.at)]
        episodes = self.track.replay(start, due)
        written = [one for one in self.alarms.values() if one.cleared_at is None or one.cleared_at >= start]
        for after in reconcile(written, episodes, self.new):
            self.write(after)

    def new(self, episode: Episode) -> Alarm:
        return alarm(len(self.alarms) + 1, key=self.track.key, raised_at=episode.raised_at, evidence={})

    def write(self, after: Alarm) -> None:
        self.alarms[after.id] = after
        assert sum(one.cleared_at is None for one in self.alarms.values()) <= 1, "two open alarms of one key"

    def restart(self) -> None:
        """The process ends; what was saved is read again."""
        saved = msgspec.to_builtins(self.track.memory())
        newest = self.track.newest
        self.track = Track(self.rule, SOURCE)
        held = next((one for one in self.alarms.values() if one.cleared_at is None), None)
        if held is not None or saved is not None:
            self.track.recall(held, msgspec.convert(saved, Memory) if saved is not None else Memory())
        self.track.learn(newest)

    def outcome(self) -> list[tuple[object, ...]]:
        """What "the same alarms" means: each that held, from when to when, how bad it is and was, how often seen.

        The proof is that of the last value that held; after a restart an older one may stand in its place.
        """
        return sorted(
            (one.raised_at, str(one.cleared_at), one.severity, one.evidence["worst"], one.count)
            for one in self.alarms.values()
            if not withdrawn(one)
        )


def samples(levels: Sequence[tuple[int, float, Quality]]) -> list[Sample]:
    """Values some seconds apart, of a gauge that counts."""
    at, made = NOW, []
    for seq, (after_s, value, quality) in enumerate(levels):
        at += dt.timedelta(seconds=after_s)
        made.append(Sample(at, reading(value, seq=seq, at=at, quality=quality)))
    return made


def played(it: Rule, arriving: Iterable[Sample], restarts: Iterable[int] = ()) -> Machine:
    machine, ends = Machine(it), set(restarts)
    for number, sample in enumerate(arriving):
        if number in ends:
            machine.restart()
        machine.take(sample)
    return machine


QUALITIES = st.sampled_from([Quality.GOOD] * 9 + [Quality.FAULT])
LEVELS = st.lists(
    st.tuples(st.sampled_from([0, 1, 20, 60, 200, 700]), st.sampled_from([1.0, 1.6, 2.0, 3.7, 4.0, 7.0]), QUALITIES),
    min_size=1,
    max_size=40,
)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Sample], list[Sample], list[int]]:
    """Values in order, and the same each three times, each at most ten minutes of event time behind."""
    ordered = samples(draw(LEVELS))
    seconds = LATENESS.total_seconds()
    delays = draw(st.lists(st.floats(0, seconds), min_size=3 * len(ordered), max_size=3 * len(ordered)))
    thrice = [*ordered, *ordered, *ordered]
    order = sorted(range(len(thrice)), key=lambda n: (thrice[n].at + dt.timedelta(seconds=delays[n]), n))
    restarts = draw(st.lists(st.integers(0, len(thrice)), max_size=3))
    return ordered, [thrice[number] for number in order], restarts


MACHINES = {
    "margin": MARGIN,
    "waiting": WAITING,
    "falling": FALLING,
    "easing": EASING,
    "counted": COUNTED,
    "hourly": HOURLY,
    "quiet": QUIET,
}


@pytest.mark.parametrize("it", MACHINES.values(), ids=MACHINES)
@given(made=arrivals())
def test_repeated_and_shuffled_within_ten_minutes_the_same_alarms_come(
    it: Rule, made: tuple[list[Sample], list[Sample], list[int]]
) -> None:
    ordered, arriving, restarts = made
    shuffled = played(it, arriving, restarts)
    assert shuffled.outcome() == played(it, ordered).outcome()
    assert shuffled.late == 0


@given(LEVELS)
def test_values_in_order_come_to_the_same_when_they_are_judged_all_at_once(
    levels: Sequence[tuple[int, float, Quality]],
) -> None:
    ordered = samples(levels)
    track = Track(MARGIN, SOURCE)
    track.learn(None)
    at_once = track.replay(ordered[0].at, ordered)
    assert [episode.raised_at for episode in at_once] == [row[0] for row in played(MARGIN, ordered).outcome()]


def test_a_value_counts_at_the_earlier_of_its_time_and_its_arrival() -> None:
    later = NOW + dt.timedelta(minutes=9)
    assert (effective(later, NOW), effective(NOW, later)) == (NOW, NOW)


def at(second: float, value: float, seq: int = 1) -> Sample:
    moment = NOW + dt.timedelta(seconds=second)
    return Sample(moment, reading(value, seq=seq, at=moment))


def test_what_comes_later_than_the_stated_lateness_opens_nothing() -> None:
    machine = played(MARGIN, [at(0, 1.0), at(601, 1.0, 2), at(0.5, 9.0, 3)])
    assert (machine.outcome(), machine.late) == ([], 1)
    machine.take(at(1, 9.0, 4))
    assert [row[:2] for row in machine.outcome()] == [(at(1, 0).at, str(at(601, 0).at))]


def test_what_was_told_and_did_not_hold_is_withdrawn_and_stays() -> None:
    machine = played(WAITING, [at(0, 3.0), at(100, 3.0, 2)])
    told = next(iter(machine.alarms.values()))
    assert told.cleared_at is None
    machine.take(at(50, 1.0, 3))
    assert machine.outcome() == []
    left = machine.alarms[told.id]
    assert left.cleared_at == left.raised_at == told.raised_at
    assert left.evidence["withdrawn"] is True


def test_an_earlier_beginning_is_corrected_on_the_alarm_that_told_it() -> None:
    machine = played(MARGIN, [at(60, 3.0), at(30, 5.0, 2)])
    told = next(iter(machine.alarms.values()))
    assert (len(machine.alarms), told.raised_at, told.severity, told.count) == (1, at(30, 0).at, "moderate", 2)
    assert told.evidence["worst"] == "severe"


def test_a_quiet_source_costs_no_memory_and_a_stirred_one_forgets_in_time() -> None:
    machine = played(MARGIN, [at(0, 1.0), at(1, 1.0, 2)])
    assert machine.track.memory() is None
    for sample in (at(2, 3.0, 3), at(3, 1.0, 4), at(4, 1.0, 5)):
        machine.take(sample)
    assert machine.track.memory() is not None
    machine.take(at(3 + LATENESS.total_seconds() + 1, 1.0, 6))
    assert machine.track.memory() is None


def test_only_a_memory_that_changed_is_worth_saving() -> None:
    track = Track(MARGIN, SOURCE)
    assert track.worth_saving()
    track.learn(None)
    said = []
    for sample in (at(0, 3.0), at(1, 3.0, 2), at(2, 3.0, 3), at(61, 3.0, 4), at(62, 1.0, 5), at(63, 1.0, 6)):
        track.follow(sample)
        said.append(track.worth_saving())
    assert said == [True, False, False, True, True, False]
    track.replay(at(61, 0).at, [at(61, 1.0)])
    assert track.worth_saving()


def test_a_long_alarm_remembers_no_more_than_the_window_needs() -> None:
    machine = played(MARGIN, (at(20.0 * number, 3.0, number) for number in range(600)))
    assert len(machine.track.milestones) <= LATENESS / APART + 2
    assert next(iter(machine.alarms.values())).count == 600


def test_a_wait_of_an_earlier_version_goes_on() -> None:
    track = Track(WAITING, SOURCE)
    track.recall(None, Memory(pending=Pending(NOW, "moderate")))
    track.learn(None)
    track.follow(at(90, 3.0))
    assert track.state.held is not None


def test_a_late_value_before_all_that_is_remembered_of_an_alarm_is_history() -> None:
    track = Track(MARGIN, SOURCE)
    track.recall(alarm(key=track.key), Memory())
    assert track.start(NOW - dt.timedelta(seconds=1)) is None
    assert track.in_order(NOW + dt.timedelta(milliseconds=1))


def test_a_source_without_levels_has_no_track() -> None:
    with pytest.raises(ValueError, match="empty"):
        Track(rule(levels={}), SOURCE)


def test_readings_without_a_number_are_told_apart_by_their_digest() -> None:
    one, other = reading(seq=None), reading(2.0, seq=None)
    changed: Reading = msgspec.structs.replace(other, stamp=msgspec.structs.replace(other.stamp, digest="f" * 16))
    assert Sample(NOW, one).order < Sample(NOW, changed).order


@given(made=arrivals())
def test_what_other_rules_need_remembers_the_same_episodes_whatever_the_order(
    made: tuple[list[Sample], list[Sample], list[int]],
) -> None:
    ordered, arriving, restarts = made
    kept = [
        [(one.raised_at, one.cleared_at, one.worst) for one in played(QUIET, some, ends).track.episodes()]
        for some, ends in ((ordered, ()), (arriving, restarts))
    ]
    assert kept[0] == kept[1]
