"""Facts about staying in a zone for long."""

import itertools
from collections.abc import Sequence

from cameras.camera import Point, Zone
from cameras.event import Event
from cameras.loitering import LOST_S, Loitering
from cameras.scene import MANNERS
from cameras.track import Track

YARD = Zone(id="yard", polygon=((0.4, 0.4), (0.8, 0.4), (0.8, 0.8), (0.4, 0.8)), loiter_s=10.0)
SILENT = Zone(id="silent", polygon=YARD.polygon)
IN, OUT = (0.6, 0.6), (0.1, 0.6)
STEP = 0.2
OVERHEAD = MANNERS["overhead"]


def at(point: Point, number: int = 1) -> Track:
    return Track(number, (point[0] - 0.05, point[1] - 0.05, 0.1, 0.1), 0.0)


def told(looks: Sequence[Sequence[Track]], zones: tuple[Zone, ...] = (YARD,)) -> list[Event]:
    """What is told of looks that are STEP apart."""
    loitering = Loitering(zones, OVERHEAD, itertools.count(1))
    return [event for n, tracks in enumerate(looks) for event in loitering.look(tracks, n * STEP)]


def stay(seconds: float, point: Point = IN, number: int = 1) -> list[list[Track]]:
    return [[at(point, number)] for _ in range(round(seconds / STEP))]


def test_who_stays_too_long_is_told_from_start_to_end() -> None:
    events = told([*stay(2, OUT), *stay(17), *stay(3, OUT)])
    assert [event.phase for event in events] == ["start", "update", "end"]
    assert {(event.kind, event.subject, event.number, event.since) for event in events} == {
        ("loitering", "yard", 1, 2.0)
    }
    assert abs(events[0].at - 12.0) < 2 * STEP
    assert abs(events[-1].at - 19.0) < 2 * STEP


def test_who_goes_in_time_is_not_told() -> None:
    assert told([*stay(9), *stay(20, OUT)]) == []
    assert told(stay(30), (SILENT,)) == []


def test_a_step_outside_or_a_short_loss_ends_nothing() -> None:
    assert [e.phase for e in told([*stay(6), *stay(1, OUT), *stay(5)])] == ["start"]
    lost: list[list[Track]] = [[] for _ in range(round((LOST_S - 1) / STEP))]
    assert [e.phase for e in told([*stay(6), *lost, *stay(5)])] == ["start"]


def test_each_visit_counts_for_itself() -> None:
    assert told([*stay(6), *stay(3, OUT), *stay(6)]) == []
    assert told([*stay(6), *[[] for _ in range(round(LOST_S / STEP) + 2)], *stay(6)]) == []


def test_a_new_track_where_another_was_lost_goes_on_with_its_visit() -> None:
    events = told([*stay(6), [], *stay(12, (0.62, 0.6), number=2), *stay(3, OUT, number=2)])
    assert [(e.phase, e.number) for e in events] == [("start", 1), ("update", 1), ("end", 1)]
    assert told([*stay(6), [], *stay(6, (0.78, 0.42), number=2)]) == [], "that one is too far away"


def test_two_who_stay_are_two() -> None:
    both = [[at((0.5, 0.5), 1), at((0.7, 0.7), 2)] for _ in range(60)]
    events = told([*both, *[[at((0.5, 0.5), 1), at(OUT, 2)] for _ in range(15)]])
    assert [(e.track, e.number, e.phase) for e in events] == [(1, 1, "start"), (2, 2, "start"), (2, 2, "end")]


def test_while_nothing_can_be_seen_who_is_there_stays() -> None:
    loitering = Loitering((YARD,), OVERHEAD, itertools.count(1))
    events = []
    for n in range(100):
        blind = 20 <= n < 70
        events += loitering.look([] if blind else [at(IN)], n * STEP, blind=blind)
    assert [event.phase for event in events] == ["start", "update"]


def test_a_picture_that_flickers_does_not_keep_who_is_gone() -> None:
    loitering = Loitering((YARD,), OVERHEAD, itertools.count(1))
    events = []
    for n in range(120):
        events += loitering.look([at(IN)] if n < 60 else [], n * STEP, blind=n % 5 == 4)
    assert [event.phase for event in events] == ["start", "end"]
    assert abs(events[-1].at - 60 * STEP) < 2.0
