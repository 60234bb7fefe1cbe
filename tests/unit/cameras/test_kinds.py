"""All further analytics of a camera together: from pictures to events, with class and speed; real clips too."""

import itertools
import time

import pytest

from cameras.analyst import Analyst
from cameras.camera import Address, Camera, Line, Zone
from cameras.event import Event, event_of
from cameras.kinds import Kinds
from cameras.motion import Box
from cameras.stream import recorded
from cameras.track import Track
from tests.fakes.scene_drawn import Pinhole, drawn
from tests.fakes.shared import real_clips
from tests.fakes.video import yard

VIDEO = real_clips()
PINHOLE = Pinhole(height_m=7.0, down_deg=22.0)
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
YARD = yard(320, 180)


def camera(*zones: Zone, lines: tuple[Line, ...] = (), scene: str = "street", calibrated: bool = True) -> Camera:
    return Camera(
        code="cam-a",
        centre="quang-nam",
        address=Address("rtsp://h/x"),
        scene=scene,  # type: ignore[arg-type]
        zones=zones,
        lines=lines,
        calibration=PINHOLE.marks() if calibrated else (),
    )


def driven(size: tuple[float, float, float], kmh: float, *, calibrated: bool = True) -> Event:
    """The crossing of something that goes east, as it is told."""
    kinds, events = Kinds(camera(calibrated=calibrated), itertools.count(1)), list[Event]()
    for n in range(12):
        east = kmh / 3.6 * (n * 0.2 - 1.2)
        track = Track(1, PINHOLE.box(east, 18.0, size, 90.0), n * 0.2)
        told = [event_of("line_crossed", "L", track, n * 0.2, direction="east")] if n == 11 else []
        events += kinds.look(YARD, [track], told, n * 0.2)
    (event,) = events
    return event


def test_where_a_camera_is_calibrated_events_tell_class_and_speed() -> None:
    car, bike, walker = driven((4.3, 1.8, 1.45), 36.0), driven((1.9, 0.7, 1.6), 25.0), driven((0.5, 0.5, 1.7), 5.0)
    assert [one.object_class for one in (car, bike, walker)] == ["vehicle", "two-wheeler", "person"]
    for one, kmh in ((car, 36.0), (bike, 25.0), (walker, 5.0)):
        assert one.speed_kmh == pytest.approx(kmh, rel=0.1)


def test_elsewhere_nothing_is_claimed() -> None:
    event = driven((4.3, 1.8, 1.45), 36.0, calibrated=False)
    assert (event.object_class, event.speed_kmh) == ("object", None)


def test_a_crossing_that_is_not_allowed_is_told_beside_the_crossing() -> None:
    line = Line(id="L", p1=(0, 0.5), p2=(1, 0.5), directions={"up": (0, -1), "down": (0, 1)}, allowed=("up",))
    kinds = Kinds(camera(lines=(line,)), itertools.count(1))
    track = Track(1, (0.4, 0.4, 0.1, 0.1), 0.0)
    told = kinds.look(YARD, [track], [event_of("line_crossed", "L", track, 0.0, direction="down")], 0.0)
    assert [event.kind for event in told] == ["line_crossed", "wrong_way"]


def test_a_bag_that_is_left_is_found_from_pictures_alone() -> None:
    """Motion, tracks and all: a person comes, puts a bag down, and goes."""
    bag: Box = (0.5, 0.6, 0.08, 0.12)
    watched = Zone(id="hall", polygon=WHOLE, left_s=10.0, loiter_s=60.0)
    analyst, events, background = (
        Analyst(camera(watched, scene="square", calibrated=False)),
        list[Event](),
        yard(640, 360),
    )
    for n in range(300):
        at = n * 0.2
        x = -0.2 + 0.7 * (at - 8) / 6 if at < 16 else 0.733 + 0.7 * (at - 16) / 6
        person = [((x, 0.35, 0.09, 0.4), 20)] if 8 <= at < 24 else []
        things = [(bag, 240)] if at >= 14 else []
        events += analyst.see(drawn(background, [*things, *person], seed=n), at)
    told = [event for event in events if event.kind == "left_object"]
    assert told
    assert told[0].phase == "start"
    assert told[0].box == pytest.approx(bag, abs=0.03)
    assert not [event for event in events if event.kind in ("crowd", "wrong_way")]


@pytest.mark.skipif(VIDEO is None, reason="the real clips are not on this machine")
def test_who_loiters_at_a_real_table_is_told() -> None:
    """Six people stand there for 11.1, 19.4, 16.6, 9.1, 24.4 and 9.0 s (truth file): four for longer than 10 s."""
    assert VIDEO is not None
    table = Zone(id="table", polygon=((0.38, 0.7), (0.8, 0.7), (0.8, 0.98), (0.38, 0.98)), loiter_s=10.0)
    told = seen("people_one_by_one", camera(table, scene="indoor", calibrated=False), "loitering")
    starts = [event for event in told if event.phase == "start"]
    ends = [event for event in told if event.phase == "end"]
    truth = [(7.4, 18.5), (24.2, 43.6), (52.0, 68.6), (94.0, 118.4)]
    assert len(starts) == len(truth)
    for start, (came, _) in zip(starts, truth, strict=True):
        assert start.since == pytest.approx(came, abs=1.5)
        assert start.at == pytest.approx(came + 10.0, abs=1.5)
    for end, (_, went) in zip(ends, truth, strict=True):
        assert end.at == pytest.approx(went, abs=1.5)


@pytest.mark.skipif(VIDEO is None, reason="the real clips are not on this machine")
def test_cars_against_the_allowed_way_are_told_in_a_real_clip() -> None:
    """Two of four cars go downwards, at 16.5 and 26.6 s (truth file)."""
    ways = {"upwards": (0.0, -1.0), "downwards": (0.0, 1.0)}
    line = Line(id="L1", p1=(0.0, 0.5), p2=(1.0, 0.5), directions=ways, allowed=("upwards",))
    told = seen("cars_overhead", camera(lines=(line,), scene="overhead", calibrated=False), "wrong_way")
    assert [event.direction for event in told] == ["downwards", "downwards"]
    for event, at in zip(told, (16.5, 26.6), strict=True):
        assert event.at == pytest.approx(at, abs=1.3)


@pytest.mark.skipif(VIDEO is None, reason="the real clips are not on this machine")
@pytest.mark.parametrize(
    ("name", "scene"),
    [("cars_overhead", "overhead"), ("people_one_by_one", "indoor"), ("street_traffic", "street")],
)
def test_nothing_is_left_and_no_crowd_is_there_in_the_real_clips(name: str, scene: str) -> None:
    zone = Zone(id="all", polygon=WHOLE, left_s=5.0, crowd_share=0.5)
    watched = camera(zone, scene=scene, calibrated=False)
    assert seen(name, watched, "left_object", "crowd") == []


def seen(name: str, watched: Camera, *kinds: str) -> list[Event]:
    """What is told of some kinds in a real clip."""
    assert VIDEO is not None
    analyst = Analyst(watched)
    pictures = recorded(VIDEO / f"{name}.mp4")
    return [one for frame in pictures for one in analyst.see(frame.luma, frame.at) if one.kind in kinds]


def test_what_is_not_asked_for_costs_next_to_nothing() -> None:
    """Without zones and lines that ask for more, a picture costs hundredths of a millisecond."""
    kinds = Kinds(camera(Zone(id="z", polygon=WHOLE), calibrated=False), itertools.count(1))
    tracks = [Track(n, (0.1 * n, 0.4, 0.05, 0.1), 0.0) for n in range(8)]
    began = time.perf_counter()
    for n in range(500):
        kinds.look(YARD, tracks, [], n * 0.2)
    assert (time.perf_counter() - began) / 500 < 0.0005
