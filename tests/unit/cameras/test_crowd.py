"""Facts about crowds, in drawn scenes whose people are counted."""

import itertools
import math
import random

import numpy as np
import pytest

from cameras.camera import Zone
from cameras.crowd import SURE_S, Crowd, person_points
from cameras.empty import LOOK_S, Empty, region
from cameras.event import Event
from cameras.motion import Box
from cameras.scene import MANNERS
from cameras.size import Grounded
from cameras.track import Track
from tests.fakes.scene_drawn import Pinhole, round_ones
from tests.fakes.video import yard

SQUARE = MANNERS["square"]
PLACE = ((0.2, 0.3), (0.8, 0.3), (0.8, 0.95), (0.2, 0.95))
ZONE = Zone(id="square", polygon=PLACE, crowd_share=0.25)
YARD = yard(640, 360)
CAMERA = Pinhole(height_m=8.0, down_deg=25.0)


class Square:
    """A square that is looked at; people stand in it as boxes that sway a little."""

    def __init__(self, ground: Grounded | None = None, zone: Zone = ZONE) -> None:
        self.crowd = Crowd((zone,), SQUARE, itertools.count(1), ground)
        self.empty = Empty(SQUARE.contrast)
        self.at = 0.0
        self.seed = 0

    def pass_time(
        self, seconds: float, people: list[Box], tracks: list[Track] | None = None, sway: float = 0.004
    ) -> list[Event]:
        """What is told while these people are there."""
        events: list[Event] = []
        chance = random.Random(1)
        for _ in range(round(seconds / LOOK_S)):
            self.seed += 1
            moved = [
                ((x + chance.uniform(-sway, sway), y, w, h), 30 if n % 2 else 230)
                for n, (x, y, w, h) in enumerate(people)
            ]
            assert self.empty.look(round_ones(YARD, moved, seed=self.seed), self.at)
            events += self.crowd.look(self.empty, tracks or [], self.at, 16 / 9)
            self.at += LOOK_S
        return events


def people(count: int, seed: int = 5) -> list[Box]:
    """So many people of the camera's geometry on its ground, apart from each other, the far ones first."""
    chance, found = random.Random(seed), list[Box]()
    places: list[tuple[float, float]] = []
    while len(places) < count:
        east, north = chance.uniform(-4.5, 4.5), chance.uniform(13.0, 24.0)
        if all(abs(east - e) > 0.75 or abs(north - n) > 3.0 for e, n in places):
            places.append((east, north))
    for east, north in sorted(places, key=lambda place: -place[1]):
        found.append(CAMERA.box(east, north, (0.4, 0.5, 1.7)))
    return found


FULL = [(0.25 + 0.07 * column, 0.35 + 0.2 * row, 0.05, 0.17) for column in range(7) for row in range(3)]


def test_a_crowd_is_told_from_start_to_end() -> None:
    square = Square()
    assert square.pass_time(10, []) == []
    events = square.pass_time(30, FULL)
    assert [e.phase for e in events[:2]] == ["start", "update"]
    first = events[0]
    assert (first.kind, first.subject) == ("crowd", "square")
    assert first.since == pytest.approx(10.0, abs=2 * LOOK_S)
    assert first.at - 10.0 == pytest.approx(SURE_S, abs=2 * LOOK_S)
    over = square.pass_time(10, FULL[:3])
    assert [e.phase for e in over][-1] == "end"
    assert over[-1].at == pytest.approx(40.0, abs=2 * LOOK_S)


def test_the_share_is_that_of_the_zone_that_is_covered() -> None:
    square = Square()
    square.pass_time(10, [])
    (start, *_) = square.pass_time(8, FULL)
    area = math.pi / 4 * sum(w * h for _, _, w, h in FULL) / (0.6 * 0.65)
    assert start.share == pytest.approx(area, rel=0.2)
    assert start.box == pytest.approx((0.25, 0.35, 0.47, 0.57), abs=0.03), "the box is that of the crowd"


def test_few_people_are_no_crowd_and_a_short_rush_neither() -> None:
    square = Square()
    square.pass_time(10, [])
    assert square.pass_time(20, FULL[:5]) == []
    assert square.pass_time(SURE_S - 2 * LOOK_S, FULL) == []
    assert square.pass_time(10, []) == []


def test_a_crowd_that_stands_for_long_stays_one() -> None:
    square = Square()
    square.pass_time(10, [])
    phases = [e.phase for e in square.pass_time(300, FULL)]
    assert phases[0] == "start"
    assert set(phases[1:]) == {"update"}


def test_what_is_quite_still_is_no_crowd() -> None:
    """A lorry that parks, or a place that looks otherwise because something was taken away."""
    square = Square()
    square.pass_time(10, [])
    assert square.pass_time(60, [(0.2, 0.3, 0.6, 0.6)], sway=0.0) == []


@pytest.mark.parametrize("count", [8, 15, 22])
@pytest.mark.parametrize("seed", [5, 6])
def test_where_the_camera_is_calibrated_people_are_counted(count: int, seed: int) -> None:
    """Within a third: those behind are partly hidden, which an estimate cannot know."""
    square = Square(CAMERA.ground(), Zone(id="square", polygon=PLACE, crowd_share=0.02))
    square.pass_time(10, [])
    (start, *_) = square.pass_time(8, people(count, seed))
    assert start.count is not None
    assert abs(start.count - count) <= max(2, count / 3)


def test_elsewhere_by_the_size_of_those_who_walked_there() -> None:
    square = Square()
    square.pass_time(10, [])
    walkers = []
    for number in range(6):
        walker = Track(number, (0.4, 0.5, 0.05, 0.17), 0.0)
        walker.velocity = (0.2, 0.0)
        walkers.append(walker)
    square.pass_time(2, FULL[:2], walkers)
    (start, *_) = square.pass_time(8, FULL)
    assert start.count is not None
    assert abs(start.count - len(FULL)) <= 10


def test_without_any_measure_the_count_is_what_is_told_apart() -> None:
    square = Square()
    square.pass_time(10, [])
    (start, *_) = square.pass_time(8, FULL, [Track(n, (0.4, 0.5, 0.05, 0.17), 0.0) for n in range(3)])
    assert start.count == 3


def test_a_person_covers_less_the_farther_away() -> None:
    inside = region(PLACE, (180, 320))
    points = person_points(CAMERA.ground(), inside, 16 / 9)
    column = points[40::20, 160]
    assert (np.diff(column[column > 0]) > 0).all()
    box = CAMERA.box(0.0, 18.0, (0.1, 0.5, 1.7))
    row, col = round((box[1] + box[3] / 2) * 180), 160
    assert points[row, col] == pytest.approx(0.7 * box[2] * box[3] * 180 * 320, rel=0.35)


def test_a_zone_without_a_share_is_not_watched() -> None:
    square = Square(zone=Zone(id="z", polygon=PLACE))
    square.pass_time(10, [])
    assert square.pass_time(10, FULL) == []
