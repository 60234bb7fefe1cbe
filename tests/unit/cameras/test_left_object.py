"""Facts about things that are left, in drawn scenes with exact truth."""

import itertools
from collections.abc import Sequence

import pytest

from cameras.camera import Zone
from cameras.empty import LOOK_S, Empty
from cameras.event import Event
from cameras.left_object import LeftObject
from cameras.motion import Box
from cameras.scene import MANNERS
from cameras.track import Track
from tests.fakes.scene_drawn import drawn
from tests.fakes.video import yard

ZONE = Zone(id="hall", polygon=((0.1, 0.1), (0.9, 0.1), (0.9, 0.95), (0.1, 0.95)), left_s=10.0)
YARD = yard(640, 360)
BAG: Box = (0.5, 0.7, 0.05, 0.08)
SQUARE = MANNERS["square"]


def person(x: float, y: float = 0.45) -> Box:
    return x, y, 0.08, 0.35


class Hall:
    """A hall that is looked at; who is in it is drawn, and has a track."""

    def __init__(self, zone: Zone = ZONE, still: Sequence[Box] = ()) -> None:
        self.left = LeftObject((zone,), SQUARE, itertools.count(1))
        self.empty = Empty(SQUARE.contrast)
        self.at = 0.0
        self.events: list[Event] = []
        self.show(10, still)

    def show(self, seconds: float, things: Sequence[Box] = (), people: dict[int, Box] | None = None) -> None:
        """So many seconds of it; things have no track, people have."""
        for _ in range(round(seconds / LOOK_S)):
            self._look(things, people or {})

    def walk(self, number: int, start: float, end: float, seconds: float, things: Sequence[Box] = ()) -> None:
        """Somebody walks from one x to another, past things."""
        looks = round(seconds / LOOK_S)
        for n in range(looks):
            self._look(things, {number: person(start + (end - start) * n / looks)})

    def _look(self, things: Sequence[Box], people: dict[int, Box]) -> None:
        boxes = [*((box, 240) for box in things), *((box, 20) for box in people.values())]
        self.empty.look(drawn(YARD, boxes, seed=round(self.at * 10)), self.at, self.left.keep)
        tracks = [Track(number, box, self.at) for number, box in people.items()]
        self.events += self.left.look(self.empty, tracks, self.at)
        self.at += LOOK_S

    def phases(self) -> list[str]:
        return [event.phase for event in self.events]


def test_a_bag_that_is_left_is_told_until_it_is_removed() -> None:
    hall = Hall()
    hall.walk(1, 0.0, 0.48, 4)
    hall.walk(1, 0.48, 0.95, 4, [BAG])
    left_at = hall.at
    hall.show(15, [BAG])
    start = hall.events[0]
    assert (start.kind, start.subject, start.phase, start.track) == ("left_object", "hall", "start", 1)
    assert start.since == pytest.approx(left_at - 4, abs=3)
    assert start.box == pytest.approx(BAG, abs=0.02)
    hall.show(300, [BAG])
    assert set(hall.phases()[1:]) == {"update"}, "it stays until somebody takes it"
    hall.walk(2, 0.95, 0.5, 4, [BAG])
    removed_at = hall.at
    hall.walk(2, 0.5, 0.95, 4)
    hall.show(5)
    assert hall.phases()[-1] == "end"
    assert hall.events[-1].at == pytest.approx(removed_at, abs=3.5)
    assert len({event.number for event in hall.events}) == 1


def test_who_waits_beside_the_bag_has_not_left_it() -> None:
    hall = Hall()
    hall.walk(1, 0.0, 0.48, 4)
    hall.show(30, [BAG], {1: person(0.5)})
    assert hall.events == []
    hall.walk(1, 0.5, 0.95, 4, [BAG])
    hall.show(20, [BAG])
    assert hall.phases()[0] == "start", "when he goes, it is left"


def test_somebody_who_stands_still_is_no_left_object() -> None:
    hall = Hall()
    hall.walk(1, 0.0, 0.5, 4)
    hall.show(60, [], {1: person(0.5)})
    assert hall.events == []


def test_a_bag_that_goes_with_its_bringer_is_not_left() -> None:
    hall = Hall()
    hall.walk(1, 0.0, 0.48, 4)
    hall.show(6, [BAG], {1: person(0.4)})
    hall.walk(1, 0.48, 0.95, 4)
    hall.show(20)
    assert hall.events == []


def test_a_parked_car_is_larger_than_its_driver() -> None:
    car: Box = (0.45, 0.5, 0.25, 0.25)
    hall = Hall()
    hall.show(2, [car], {1: car})
    hall.show(3, [car], {1: car, 2: person(0.5)})
    hall.walk(2, 0.5, 0.95, 4, [car])
    hall.show(30, [car])
    assert hall.events == []


def test_a_thing_that_was_there_and_is_taken_away_is_not_left_behind() -> None:
    hall = Hall(still=[BAG])
    hall.walk(1, 0.0, 0.48, 4, [BAG])
    hall.walk(1, 0.48, 0.95, 4)
    hall.show(30)
    assert hall.events == []


def test_who_passes_before_it_ends_nothing() -> None:
    hall = Hall()
    hall.walk(1, 0.0, 0.48, 4)
    hall.walk(1, 0.48, 0.95, 4, [BAG])
    hall.show(15, [BAG])
    for _ in range(3):
        hall.walk(3, 0.1, 0.9, 8, [BAG])
    assert "end" not in hall.phases()
    assert hall.phases().count("start") == 1


def test_what_nobody_brought_is_not_told() -> None:
    """A sign that was switched on, a shadow that came."""
    hall = Hall()
    hall.show(40, [BAG])
    assert hall.events == []


def test_outside_the_zone_and_without_a_time_nothing_is_told() -> None:
    for zone in (
        Zone(id="far", polygon=((0, 0), (0.3, 0), (0.3, 0.3)), left_s=10.0),
        Zone(id="z", polygon=ZONE.polygon),
    ):
        hall = Hall(zone)
        hall.walk(1, 0.0, 0.48, 4)
        hall.walk(1, 0.48, 0.95, 4, [BAG])
        hall.show(20, [BAG])
        assert hall.events == []
