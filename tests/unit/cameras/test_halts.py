"""Facts about halted vehicles."""

import pytest

from cameras.camera import Point, SceneKind, Zone
from cameras.event import Event
from cameras.halts import HALT_S, Halts
from cameras.scene import MANNERS
from cameras.track import Track

STEP = 0.2
ROAD = Zone(id="road", polygon=((0.1, 0.3), (0.9, 0.3), (0.9, 0.9), (0.1, 0.9)))


def drive(places: list[Point], *, size: Point = (0.2, 0.2), scene: SceneKind = "street") -> list[Event]:
    """What one track says whose foot is at these places, a fifth of a second each."""
    halts, events = Halts((ROAD,), MANNERS[scene]), []
    track = Track(3, box(places[0], size), 0.0)
    for n, place in enumerate(places):
        if n:
            track.meet(box(place, size), n * STEP)
        events += halts.look([track], n * STEP)
    return events


def box(foot: Point, size: Point) -> tuple[float, float, float, float]:
    """The box that stands on a point."""
    return foot[0] - size[0] / 2, foot[1] - size[1], *size


COMES = [(0.05 * n, 0.6) for n in range(10)]
GOES = [(0.45 + 0.05 * n, 0.6) for n in range(1, 12)]


def test_a_vehicle_that_halts_on_the_road_is_told_from_its_halt_to_its_start() -> None:
    """One number; the times are those of the halt, not of the report."""
    events = drive(COMES + [(0.45, 0.6)] * 60 + GOES)
    assert [event.phase for event in events] == ["start", "update", "end"]
    assert {(event.kind, event.subject, event.number, event.track) for event in events} == {("stopped", "road", 1, 3)}
    assert events[0].since == pytest.approx(9 * STEP, abs=2 * STEP)
    assert events[0].at - (events[0].since or 0.0) == pytest.approx(HALT_S, abs=STEP)
    assert events[-1].at == pytest.approx(70 * STEP, abs=2 * STEP)


@pytest.mark.parametrize(
    "places",
    [
        COMES + GOES,
        COMES + [(0.45, 0.6)] * 10 + GOES,
        [(0.45, 0.6)] * 60,
        [(x, 0.2) for x, _ in COMES] + [(0.45, 0.2)] * 60,
    ],
    ids=["passes", "waits two seconds", "never moved", "beside the zone"],
)
def test_what_does_not_halt_on_the_road_is_not_told(places: list[Point]) -> None:
    """A short wait, a change of the scene, a halt elsewhere."""
    assert drive(places) == []


def test_a_person_who_waits_is_no_halted_vehicle() -> None:
    """On a road by shape, indoors and on a square by the kind of scene."""
    waits = COMES + [(0.45, 0.6)] * 60
    assert drive(waits, size=(0.04, 0.2)) == []
    assert drive(waits, scene="indoor") == []
    assert drive(waits, scene="square") == []


def test_a_halt_goes_on_through_a_flash_and_a_change_of_identity() -> None:
    """Lightning for ten seconds ends nothing; nor does a new track in the same place."""
    halts, events = Halts((ROAD,), MANNERS["street"]), []
    track = Track(1, box(COMES[0], (0.2, 0.2)), 0.0)
    for n in range(1, 200):
        place = COMES[n] if n < len(COMES) else (0.45, 0.6)
        blind = 60 <= n < 110
        if n == 120:
            track = Track(2, track.box, n * STEP)
        if not blind:
            track.meet(box(place, (0.2, 0.2)), n * STEP)
        events += halts.look([] if blind else [track], n * STEP, blind=blind)
    assert {event.number for event in events} == {1}
    assert "end" not in {event.phase for event in events}


def test_a_halted_vehicle_that_is_lost_ends_when_it_was_seen_last() -> None:
    """Nobody knows more."""
    halts, events = Halts((ROAD,), MANNERS["street"]), []
    track = Track(1, box(COMES[0], (0.2, 0.2)), 0.0)
    for n in range(1, 120):
        if n < 50:
            track.meet(box(COMES[min(n, 9)], (0.2, 0.2)), n * STEP)
        events += halts.look([track] if n < 50 else [], n * STEP)
    assert [event.phase for event in events] == ["start", "update", "end"]
    assert events[-1].at == pytest.approx(49 * STEP)
