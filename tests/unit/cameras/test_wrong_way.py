"""Facts about going the wrong way."""

from cameras.camera import Line, Point, Zone
from cameras.event import Event, Kind
from cameras.scene import MANNERS
from cameras.track import Track
from cameras.wrong_way import WrongWay, over_lines

LINE = Line(id="L", p1=(0.0, 0.5), p2=(1.0, 0.5), directions={"up": (0, -1), "down": (0, 1)}, allowed=("up",))
LANE = Zone(id="lane", polygon=((0.2, 0.0), (0.8, 0.0), (0.8, 1.0), (0.2, 1.0)), allowed=(0.0, -2.0))
OVERHEAD = MANNERS["overhead"]


def crossing(direction: str, subject: str = "L", kind: Kind = "line_crossed") -> Event:
    return Event(kind=kind, subject=subject, direction=direction, track=1, box=(0, 0, 0.1, 0.1), at=1.0)


def test_a_crossing_that_the_line_does_not_allow_is_the_wrong_way() -> None:
    events = [
        crossing("up"),
        crossing("down"),
        crossing(""),
        crossing("down", "other"),
        crossing("down", "L", "stopped"),
    ]
    wrong = over_lines((LINE, Line(id="other", p1=LINE.p1, p2=LINE.p2, directions=LINE.directions)), events)
    assert [(e.kind, e.subject, e.direction) for e in wrong] == [("wrong_way", "L", "down"), ("wrong_way", "L", "")]


def drive(points: list[Point], number: int = 1) -> list[Event]:
    watch, events = WrongWay((LANE,), OVERHEAD), []
    for n, (x, y) in enumerate(points):
        events += watch.look([Track(number, (x - 0.05, y - 0.05, 0.1, 0.1), 0.0)], n * 0.2)
    return events


def way(*ys: float, x: float = 0.5) -> list[Point]:
    return [(x, y) for y in ys]


def test_against_the_way_of_a_zone_is_told_once() -> None:
    (event,) = drive(way(0.1, 0.15, 0.2, 0.4, 0.6, 0.8))
    assert (event.kind, event.subject, event.phase, event.at) == ("wrong_way", "lane", "moment", 0.4)


def test_along_the_way_and_across_it_are_right() -> None:
    assert drive(way(0.9, 0.7, 0.5, 0.3, 0.1)) == []
    assert drive([(0.2 + n / 20, 0.5 + n / 100) for n in range(12)]) == []


def test_trembling_and_standing_are_no_way() -> None:
    assert drive(way(*[0.5 + 0.03 * (n % 2) for n in range(40)])) == []


def test_who_turns_round_is_told() -> None:
    assert [e.at for e in drive(way(0.8, 0.6, 0.4, 0.3, 0.35, 0.39))] == [1.0]


def test_outside_the_zone_nothing_counts() -> None:
    assert drive(way(0.1, 0.3, 0.5, 0.7, x=0.1)) == []


def test_a_zone_without_a_way_has_no_wrong_one() -> None:
    watch = WrongWay((Zone(id="z", polygon=LANE.polygon),), OVERHEAD)
    assert watch.look([Track(1, (0.5, 0.5, 0.1, 0.1), 0.0)], 0.0) == []
