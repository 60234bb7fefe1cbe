"""Facts about lines and zones."""

import math

from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point as Spot
from shapely.geometry import Polygon

from cameras.camera import Line, Point, Zone
from cameras.motion import Box
from cameras.scene import MANNERS
from cameras.track import Track
from cameras.zones import Event, Watch, holds, side

STEP = 0.2
MIDDLE = Line(id="L1", p1=(0.5, 0.2), p2=(0.5, 0.8), directions={"in": (1, 0), "out": (-1, 0)})
DOOR = Zone(id="door", polygon=((0.6, 0.4), (0.9, 0.4), (0.9, 0.7), (0.6, 0.7)))
OVERHEAD = MANNERS["overhead"]


def walk(points: list[Point], *, lines: tuple[Line, ...] = (MIDDLE,), zones: tuple[Zone, ...] = ()) -> list[Event]:
    """What one track's way through these points gives."""
    watch, track, events = Watch(lines, zones, OVERHEAD), Track(4, around(points[0]), 0.0), []
    for n, point in enumerate(points):
        if n:
            track.meet(around(point), n * STEP)
        events += watch.look([track], n * STEP)
    return events


def around(point: Point) -> Box:
    """A box around a point."""
    return point[0] - 0.05, point[1] - 0.05, 0.1, 0.1


def of(kind: str, events: list[Event]) -> list[Event]:
    """Those of a kind."""
    return [event for event in events if event.kind == kind]


def test_a_crossing_has_its_direction_and_its_moment() -> None:
    """The moment lies between the looks, where the way meets the line."""
    events = walk([(0.3, 0.5), (0.4, 0.5), (0.6, 0.5), (0.7, 0.5)])
    assert [(e.kind, e.subject, e.direction, e.track) for e in events] == [("line_crossed", "L1", "in", 4)]
    assert math.isclose(events[0].at, 1.5 * STEP, abs_tol=0.01)
    assert [e.direction for e in walk([(0.7, 0.5), (0.3, 0.5)])] == ["out"]


def test_a_way_past_the_end_of_a_line_is_no_crossing() -> None:
    """Lines end where they end."""
    assert walk([(0.3, 0.9), (0.7, 0.9)]) == []


def test_trembling_on_a_line_is_said_once() -> None:
    """Standing on it says nothing; going to and fro says each direction once a track."""
    assert walk([(0.3, 0.5), *[(0.5 + 0.008 * (-1) ** n, 0.5) for n in range(20)]]) == []
    to_and_fro = [(0.3 if n % 2 else 0.7, 0.5) for n in range(20)]
    assert sorted(e.direction for e in walk(to_and_fro)) == ["in", "out"]


def test_a_direction_without_a_name_stays_empty() -> None:
    """Nothing is invented."""
    nameless = Line(id="L1", p1=(0.5, 0.0), p2=(0.5, 1.0))
    assert [e.direction for e in walk([(0.3, 0.5), (0.7, 0.5)], lines=(nameless,))] == [""]


def test_a_zone_is_entered_once_and_not_by_a_touch() -> None:
    """One look inside is a touch; two are an entry; coming again is the same visit's track."""
    inside, outside = (0.75, 0.55), (0.3, 0.55)
    assert walk([outside, inside, outside], lines=(), zones=(DOOR,)) == []
    events = walk([outside, inside, inside, inside, outside, inside, inside], lines=(), zones=(DOOR,))
    assert [e.subject for e in of("zone_entered", events)] == ["door"]
    assert of("zone_left", events) == []


def test_who_leaves_a_zone_is_said_to_have_left_once() -> None:
    """One look outside is a touch of its edge."""
    inside, outside = (0.75, 0.55), (0.3, 0.55)
    events = walk([outside, inside, inside, outside, outside, inside, inside, outside, outside], zones=(DOOR,))
    assert [(e.subject, e.at) for e in of("zone_left", events)] == [("door", 4 * STEP)]


def test_an_occupation_begins_when_somebody_came_and_ends_when_the_last_one_went() -> None:
    """One number from start to end; a short gap does not end it; the times are those of coming and going."""
    inside, outside = (0.75, 0.55), (0.3, 0.55)
    looks = [outside] * 2 + [inside] * 20 + [outside] * 2 + [inside] * 10 + [outside] * 10
    said = of("zone_presence", walk(looks, lines=(), zones=(DOOR,)))
    assert [event.phase for event in said] == ["start", "update", "end"]
    assert {event.number for event in said} == {1}
    assert {event.since for event in said} == {2 * STEP}
    assert math.isclose(said[-1].at, 33.5 * STEP)


def test_nobody_leaves_while_nothing_can_be_seen() -> None:
    """A flash of five seconds does not empty a zone."""
    watch, track = Watch((), (DOOR,), OVERHEAD), Track(4, around((0.3, 0.55)), 0.0)
    events = []
    for n in range(1, 60):
        blind = 20 <= n < 45
        if not blind:
            track.meet(around((0.75, 0.55)), n * STEP)
        events += watch.look([] if blind else [track], n * STEP, blind=blind)
    assert "end" not in {event.phase for event in events}


def test_what_appears_and_never_moves_occupies_no_zone() -> None:
    """A patch of light is not somebody."""
    assert of("zone_presence", walk([(0.75, 0.55)] * 30, lines=(), zones=(DOOR,))) == []


def test_who_stands_at_the_picture_s_edge_is_in_a_zone_that_ends_there() -> None:
    """The foot of somebody whom the edge cuts is the edge."""
    edge = Zone(id="edge", polygon=((0.6, 0.4), (1.0, 0.4), (1.0, 1.0), (0.6, 1.0)))
    watch, track, events = Watch((), (edge,), MANNERS["street"]), Track(1, (0.2, 0.6, 0.1, 0.4), 0.0), []
    for n in range(1, 10):
        track.meet((0.2 + 0.1 * min(n, 5), 0.6, 0.1, 0.4), n * STEP)
        events += watch.look([track], n * STEP)
    assert [event.phase for event in of("zone_presence", events)] == ["start"]


def test_a_way_that_was_gone_before_it_was_believed_counts() -> None:
    """Who is fast crosses within the looks that a track needs to be believed."""
    watch, track = Watch((MIDDLE,), (), OVERHEAD), Track(1, around((0.4, 0.5)), 0.0)
    track.meet(around((0.6, 0.5)), STEP)
    track.meet(around((0.8, 0.5)), 2 * STEP)
    events = watch.look([track], 2 * STEP)
    assert [event.direction for event in events] == ["in"]
    assert math.isclose(events[0].at, 0.5 * STEP, abs_tol=0.01)


def test_a_box_at_the_picture_s_edge_is_cut_to_it() -> None:
    """Boxes stay within 0..1."""
    edge = Line(id="E", p1=(0.0, 0.95), p2=(1.0, 0.95), directions={"down": (0, 1)})
    event = walk([(0.5, 0.9), (0.5, 0.99)], lines=(edge,))[0]
    x, y, width, height = event.box
    assert 0 <= x <= x + width <= 1
    assert 0 <= y <= y + height <= 1


@given(points=st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.25, 0.75)), min_size=2, max_size=30))
def test_each_line_and_direction_is_said_at_most_once_a_track(points: list[Point]) -> None:
    """Whatever the way."""
    said = [(e.subject, e.direction) for e in walk(points)]
    assert len(said) == len(set(said))


@given(x=st.floats(0, 1), y=st.floats(0, 1), corners=st.lists(st.floats(0.1, 0.5), min_size=3, max_size=9))
def test_inside_agrees_with_geos(x: float, y: float, corners: list[float]) -> None:
    """Except on the boundary itself, where either answer is right."""
    turn = 2 * math.pi / len(corners)
    star = [(0.5 + r * math.cos(n * turn), 0.5 + r * math.sin(n * turn)) for n, r in enumerate(corners)]
    polygon = Polygon(star)
    if polygon.exterior.distance(Spot(x, y)) > 1e-9:
        assert holds(star, (x, y)) == polygon.contains(Spot(x, y))


def test_the_side_of_a_line_is_a_distance() -> None:
    """In parts of the picture, signed."""
    assert math.isclose(abs(side(MIDDLE, (0.7, 0.5))), 0.2)
    assert side(MIDDLE, (0.7, 0.5)) * side(MIDDLE, (0.3, 0.5)) < 0
