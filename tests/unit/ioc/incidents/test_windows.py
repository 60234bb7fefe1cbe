"""Tracks with a window: shuffled within the lateness, and begun anew from what is stored, the same alarms come."""

import datetime as dt
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Quality, Value
from ioc.incidents.conditions import When, Window
from ioc.incidents.order import LATENESS, Episode, Memory, Sample
from ioc.incidents.rules import Rule
from ioc.incidents.windows import WindowTrack, reach_of
from tests.fakes.things import NOW, reading, rule

SOURCE = "gauge-ai-nghia"
LEVELS = {"moderate": 10.0, "severe": 25.0}
SUM = rule(window=Window(kind="sum", hours=1), levels=LEVELS, clear_margin=2.0)
RISE = rule(window=Window(kind="rise", hours=0.5), levels={"minor": 4.0, "severe": 8.0}, clear_margin=1.0, for_s=120)
RISE_SLOW = rule(window=Window(kind="rise", hours=1), levels={"minor": 4.0}, clear_margin=1.0)
MEAN = rule(window=Window(kind="mean", hours=0.2), levels=LEVELS, breaches=2, of=4, clear_for_s=300)
AQI = rule(
    window=Window(kind="vn_aqi", hours=12, also=("pm10",)), measured="pm2_5", levels={"minor": 101.0, "moderate": 151.0}
)

Outcome = list[tuple[object, ...]]


class Machine:
    """What judging does with one window track, over a set in the place of the store."""

    def __init__(self, it: Rule) -> None:
        self.rule = it
        self.stored: dict[tuple[object, ...], Sample] = {}
        self.told: dict[dt.datetime, Episode] = {}
        self.late = 0
        self.track = WindowTrack(it, SOURCE)
        self.track.learn(None)

    def take(self, sample: Sample) -> None:
        """One reading as it arrives, perhaps again."""
        self.stored.setdefault(sample.order, sample)
        track = self.track
        if not track.filled:
            track.fill(one for one in self.stored.values() if one.at >= sample.at - track.reach)
        track.add(sample)
        if track.quiet(sample) if track.in_order(sample.at) else track.settled(sample):
            return
        if track.in_order(sample.at):
            episode = track.follow(sample)
            if episode is not None:
                self.told[episode.raised_at] = episode
            return
        start = track.start(sample.at)
        if start is None:
            self.late += 1
            return
        first, last = start - track.span, max(track.newest, sample.at)
        due = [one for one in self.stored.values() if first <= one.at <= last]
        episodes = track.replay(start, due)
        self.told = {at: one for at, one in self.told.items() if one.cleared_at is not None and one.cleared_at < start}
        self.told |= {one.raised_at: one for one in episodes}

    def restart(self) -> None:
        """The process ends; what was saved is read again, the window from the store."""
        saved, newest, held = self.track.memory(), self.track.newest, self.track.state.held
        self.track = WindowTrack(self.rule, SOURCE)
        if saved is not None:
            memory = msgspec.convert(msgspec.to_builtins(saved), Memory)
            self.track.recall(None, msgspec.structs.replace(memory, held=held))
        self.track.learn(newest)

    def outcome(self) -> Outcome:
        return sorted((one.raised_at, str(one.cleared_at), one.severity, one.worst) for one in self.told.values())


def played(it: Rule, arriving: Sequence[Sample], restarts: Sequence[int] = ()) -> Machine:
    machine = Machine(it)
    for number, sample in enumerate(arriving):
        if number in restarts:
            machine.restart()
        machine.take(sample)
    return machine


STEPS = st.lists(
    st.tuples(st.sampled_from([0, 20, 100, 299, 500, 1_300]), st.sampled_from([0.0, 0.2, 3.0, 6.0, 12.0])),
    min_size=1,
    max_size=30,
)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Sample], list[Sample], list[int]]:
    """Values in order, and the same twice, each at most ten minutes of event time behind; and some restarts."""
    at, ordered = NOW, []
    for seq, (after_s, value) in enumerate(draw(STEPS)):
        at += dt.timedelta(seconds=after_s)
        ordered.append(Sample(at, reading(value, seq=seq, at=at)))
    twice, seconds = [*ordered, *ordered], LATENESS.total_seconds()
    delays = draw(st.lists(st.floats(0, seconds), min_size=len(twice), max_size=len(twice)))
    order = sorted(range(len(twice)), key=lambda n: (twice[n].at + dt.timedelta(seconds=delays[n]), n))
    return ordered, [twice[number] for number in order], draw(st.lists(st.integers(0, len(twice)), max_size=2))


@pytest.mark.parametrize("it", [SUM, RISE, MEAN], ids=["sum", "rise", "mean"])
@given(made=arrivals())
def test_repeated_and_shuffled_within_ten_minutes_the_same_alarms_come(
    it: Rule, made: tuple[list[Sample], list[Sample], list[int]]
) -> None:
    ordered, arriving, restarts = made
    shuffled = played(it, arriving, restarts)
    assert shuffled.outcome() == played(it, ordered).outcome()
    assert shuffled.late == 0


def test_what_is_judged_again_from_long_before_has_its_whole_window() -> None:
    """Readings far apart: the last known state before a late one is far back, and its window farther."""
    ordered = [at(minutes, value, seq) for seq, (minutes, value) in enumerate(((0, 0.0), (55, 9.0), (100, 9.0)))]
    late = at(99, 0.0, 9)
    expected = played(RISE_SLOW, [*ordered[:2], late, ordered[2]]).outcome()
    assert expected
    for restarts in ((), (3,)):
        assert played(RISE_SLOW, [*ordered, late], restarts).outcome() == expected


def at(minutes: float, value: float, seq: int = 1, prop: str = "water_level", **more: object) -> Sample:
    moment = NOW + dt.timedelta(minutes=minutes)
    return Sample(moment, reading(value, seq=seq, at=moment, prop=prop, **more))  # type: ignore[arg-type]


def test_a_sum_that_grows_drop_by_drop_is_told_and_is_over_when_the_rain_has_left_the_window() -> None:
    machine = played(SUM, [at(10.0 * n, 2.5 if n < 5 else 0.0, seq=n) for n in range(14)])
    assert [row[1:3] for row in machine.outcome()] == [(str(at(70, 0).at), "moderate")]
    assert machine.told[at(30, 0).at].worst == "moderate"


def test_a_value_that_came_too_late_to_be_judged_counts_in_the_windows_that_follow() -> None:
    machine = played(SUM, [at(0, 6.0, 1), at(30, 0.0, 2), at(5, 5.0, 3)])
    assert (machine.outcome(), machine.late) == ([], 1)
    machine.take(at(40, 0.0, 4))
    assert [row[0] for row in machine.outcome()] == [at(40, 0).at]


def test_only_good_values_of_readings_that_meet_the_condition_are_in_a_window() -> None:
    it = rule(window=Window(kind="sum", hours=1), levels={"minor": 5.0}, when=When(property="valid", minimum=1.0))
    valid = (Value("valid", 1.0),)
    machine = played(it, [at(0, 9.0, 1), at(1, 9.0, 2, more=valid, quality=Quality.FAULT), at(2, 4.0, 3, more=valid)])
    assert machine.outcome() == []
    machine.take(at(3, 1.0, 4, more=valid))
    assert [row[2] for row in machine.outcome()] == ["minor"]


def test_the_index_of_a_station_rises_with_its_hours_and_shows_what_it_is_made_of() -> None:
    machine = played(AQI, [at(60.0 * n, 20.0 if n < 6 else 120.0, seq=n, prop="pm2_5") for n in range(12)])
    (row,) = machine.outcome()
    assert (row[0], row[3]) == (at(60 * 6, 0).at, "moderate")
    last = next(iter(machine.told.values())).last
    assert last is not None
    assert (last.evidence["pollutant"], last.evidence["category"]) == ("pm2_5", "Xấu")
    assert last.evidence["window"]["hours"] == 12


def test_other_pollutants_speak_in_readings_of_their_own() -> None:
    track = WindowTrack(AQI, SOURCE)
    assert set(track.names) == {"pm2_5", "pm10"}
    assert reach_of(Window(kind="vn_aqi", hours=12)) == dt.timedelta(hours=13)
    machine = played(AQI, [at(60.0 * n, 260.0, seq=n, prop="pm10") for n in range(3)])
    assert [row[2] for row in machine.outcome()] == ["moderate"]


def test_a_calm_window_costs_no_memory() -> None:
    machine = played(SUM, [at(n, 0.1, seq=n) for n in range(30)])
    assert machine.track.memory() is None
    assert machine.track.newest == at(29, 0).at


def test_a_rule_without_a_window_has_no_track_with_one() -> None:
    with pytest.raises(ValueError, match="has no window"):
        WindowTrack(rule(), SOURCE)
