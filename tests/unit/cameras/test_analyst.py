"""Facts about the whole analysis, on generated pictures and on real clips with their truth."""

from pathlib import Path

import pytest

from cameras.analyst import Analyst
from cameras.camera import Address, Camera, Line, Zone
from cameras.stream import recorded
from cameras.zones import Event
from tests.fakes.shared import Truth, real_clips, truth_of
from tests.fakes.video import passing

REAL = real_clips()


def test_a_passing_square_crosses_once_and_enters_once() -> None:
    """Three rounds, three crossings in the right direction, three entries."""
    camera = Camera(
        code="cam-x1",
        centre="quang-nam",
        address=Address("rtsp://h/x"),
        scene="street",
        lines=(Line(id="L1", p1=(0.5, 0.0), p2=(0.5, 1.0), directions={"in": (1, 0), "out": (-1, 0)}),),
        zones=(Zone(id="door", polygon=((0.6, 0.3), (0.9, 0.3), (0.9, 1.0), (0.6, 1.0))),),
    )
    analyst = Analyst(camera)
    looks = passing(6.0, 5.0) * 3
    events = [event for n, luma in enumerate(looks) for event in analyst.see(luma, n / 5)]
    assert [(e.kind, e.direction) for e in events] == [("line_crossed", "in"), ("zone_entered", "")] * 3
    assert len({event.track for event in events}) == 3


def seen_in(folder: Path, truth: Truth, *, rounds: int = 1) -> list[Event]:
    """What the analysis says of a clip, played so many times in a row."""
    camera = Camera(
        code="cam-x1",
        centre="quang-nam",
        address=Address("rtsp://h/x"),
        scene=truth.kind,  # type: ignore[arg-type]
        lines=tuple(Line(id=x.id, p1=x.p1, p2=x.p2, directions=x.directions) for x in truth.lines),
        zones=tuple(Zone(id=x.id, polygon=x.polygon) for x in truth.zones),
    )
    analyst, events, begin, last = Analyst(camera), [], 0.0, 0.0
    for _ in range(rounds):
        for frame in recorded(folder / truth.clip):
            last = begin + frame.at
            events += analyst.see(frame.luma, last)
        begin = last + 0.2
    return events


def compare(truth: Truth, events: list[Event]) -> tuple[int, list[tuple[str, float]], list[tuple[str, float]]]:
    """How many crossings match, and which are missed and invented, as (line, seconds)."""
    left = [event for event in events if event.kind == "line_crossed"]
    matched, missed = 0, []
    for line in truth.lines:
        for crossing in line.crossings:
            near = [
                event
                for event in left
                if event.subject == line.id
                and event.direction == crossing.direction
                and abs(event.at - crossing.t) <= crossing.tolerance_s + 0.5
            ]
            if near:
                left.remove(min(near, key=lambda event: abs(event.at - crossing.t)))
                matched += 1
            else:
                missed.append((line.id, crossing.t))
    return matched, missed, [(event.subject, round(event.at, 1)) for event in left]


@pytest.mark.skipif(REAL is None, reason="the real clips are not on this machine")
@pytest.mark.parametrize(
    ("name", "may_miss", "may_invent"),
    [
        ("cars_overhead", 0, 0),
        ("people_one_by_one", 0, 0),
        ("street_traffic", 1, 0),
        ("people_plaza_8s", 4, 1),
    ],
)
def test_the_crossings_of_real_clips_are_found(name: str, may_miss: int, may_invent: int) -> None:
    """With the defaults of the scene kind; the bounds are what is kept today and may only shrink."""
    assert REAL is not None
    truth = truth_of(REAL, name)
    matched, missed, invented = compare(truth, seen_in(REAL, truth))
    print(f"{name}: matched {matched}, missed {missed}, invented {invented}")  # noqa: T201
    assert len(missed) <= may_miss
    assert len(invented) <= may_invent


@pytest.mark.skipif(REAL is None, reason="the real clips are not on this machine")
def test_each_person_enters_the_zone_at_the_table_once() -> None:
    """Six people, six entries, each within its tolerance; standing still for 24 s costs no identity."""
    assert REAL is not None
    truth = truth_of(REAL, "people_one_by_one")
    entries = [event.at for event in seen_in(REAL, truth) if event.kind == "zone_entered"]
    begins = [span.begin for span in truth.zones[0].occupied]
    print(f"entries {entries}, truth {begins}")  # noqa: T201
    assert len(entries) == len(begins)
    assert all(abs(at - begin) <= 1.1 for at, begin in zip(entries, begins, strict=True))


@pytest.mark.skipif(REAL is None, reason="the real clips are not on this machine")
def test_a_looping_clip_gives_the_same_crossings_in_each_round() -> None:
    """The jump at the loop's seam invents nothing."""
    assert REAL is not None
    truth = truth_of(REAL, "cars_overhead")
    crossings = [event for event in seen_in(REAL, truth, rounds=3) if event.kind == "line_crossed"]
    assert len(crossings) == 3 * len(truth.lines[0].crossings)
