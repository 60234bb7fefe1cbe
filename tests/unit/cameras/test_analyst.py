"""Facts about the whole analysis, on generated pictures and on real clips with their truth."""

from pathlib import Path

import numpy as np
import pytest

from bench.camera_accuracy import ClipScore, score_clip, table
from bench.camera_truth import truth_of
from cameras.analyst import Analyst
from cameras.camera import Address, Camera, Line, Zone
from cameras.stream import recorded
from tests.fakes.shared import real_clips
from tests.fakes.video import passing, with_square, yard

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
    moments = [event for event in events if event.kind in {"line_crossed", "zone_entered"}]
    assert [(e.kind, e.direction) for e in moments] == [("line_crossed", "in"), ("zone_entered", "")] * 3
    assert len({event.track for event in moments}) == 3
    lasting = [event for event in events if event.kind == "zone_presence"]
    assert [event.phase for event in lasting] == ["start", "end"] * 2 + ["start"]


def judged(folder: Path, name: str) -> ClipScore:
    """A clip scored as `./run bench cameras` does."""
    score = score_clip(folder / f"{name}.mp4")
    print(*table([score]), sep="\n")  # noqa: T201
    return score


@pytest.mark.skipif(REAL is None, reason="the real clips are not on this machine")
@pytest.mark.parametrize("name", ["cars_overhead", "people_one_by_one", "street_traffic", "people_plaza_8s"])
def test_no_line_of_a_real_clip_is_outside(name: str) -> None:
    """Every crossing of them is found in its direction and at its time, and none is invented."""
    assert REAL is not None
    for line in judged(REAL, name).lines:
        assert (line.missed, line.false) == ((), ())


@pytest.mark.skipif(REAL is None, reason="the real clips are not on this machine")
def test_the_zone_at_the_table_is_occupied_when_it_is() -> None:
    """Six people, six occupations; standing still for 24 s costs nothing; nobody there is a halted vehicle."""
    assert REAL is not None
    zone = judged(REAL, "people_one_by_one").zones[0]
    assert len(zone.present) == 6
    assert (zone.iou or 0.0) > 0.9
    assert zone.invented == ()


@pytest.mark.skipif(REAL is None, reason="the real clips are not on this machine")
def test_a_looping_clip_gives_the_same_crossings_in_each_round() -> None:
    """The jump at the loop's seam invents nothing."""
    assert REAL is not None
    truth = truth_of(REAL / "cars_overhead.truth.json")
    analyst, crossings, begin, last = Analyst(truth.camera()), 0, 0.0, 0.0
    for _ in range(3):
        for frame in recorded(REAL / "cars_overhead.mp4"):
            last = begin + frame.at
            crossings += sum(event.kind == "line_crossed" for event in analyst.see(frame.luma, last))
        begin = last + 0.2
    assert crossings == 3 * len(truth.lines[0].crossings)


def test_lightning_and_a_lamp_switched_on_invent_nothing() -> None:
    """A flash of two pictures, then another light for good: nobody crosses, nobody comes, nothing ends."""
    camera = Camera(
        code="cam-x1",
        centre="quang-nam",
        address=Address("rtsp://h/x"),
        scene="street",
        lines=(Line(id="L1", p1=(0.5, 0.0), p2=(0.5, 1.0), directions={"in": (1, 0), "out": (-1, 0)}),),
        zones=(Zone(id="all", polygon=((0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99))),),
    )
    analyst, dark = Analyst(camera), yard() // 2
    lamp = np.linspace(1.0, 2.2, dark.shape[1])[None, :]
    events = []
    for n in range(150):
        lit = 235 - dark // 8 if n in {40, 41} else dark * lamp if n >= 80 else dark
        events += analyst.see(np.asarray(lit).astype(np.uint8), n / 5)
    assert events == []


@pytest.mark.parametrize("pause", [6, 90])
def test_a_vehicle_that_halts_is_told_once_with_its_times(pause: int) -> None:
    """For six seconds or longer than a background needs to take it in; the zone is occupied all the while."""
    camera = Camera(
        code="cam-x1",
        centre="quang-nam",
        address=Address("rtsp://h/x"),
        scene="street",
        zones=(Zone(id="road", polygon=((0.2, 0.3), (0.8, 0.3), (0.8, 1.0), (0.2, 1.0))),),
    )
    analyst, ground, events = Analyst(camera), yard(), []
    stands, goes = 16.0, 16.0 + pause
    for n in range(round((goes + 8) * 5)):
        at = n / 5
        way = min(at - 10, 6.0) + max(at - goes, 0.0)
        picture = with_square(ground, -0.2 + way * 0.7 / 6, 0.6) if way > 0 else ground
        events += analyst.see(picture, at)
    halts = [event for event in events if event.kind == "stopped"]
    assert (halts[0].phase, halts[-1].phase) == ("start", "end")
    assert len({event.number for event in halts}) == 1
    assert halts[0].since == pytest.approx(stands, abs=0.7)
    assert halts[-1].at == pytest.approx(goes, abs=0.7)
    stays = [event for event in events if event.kind == "zone_presence"]
    assert [event.phase for event in stays if event.phase != "update"] == ["start", "end"]
