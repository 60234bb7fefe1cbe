"""The figures of the cameras' benchmark from what it measured: medians, voids, clocks read back, and the goals."""

import asyncio
import json
from pathlib import Path

import av
import numpy as np
import pytest

from bench.camera_clips import SECONDS, Size, enlarged, source
from bench.camera_cost import Turn, figures
from bench.camera_delay import clock_of, since, told
from bench.camera_sides import cameras_of
from bench.cameras import GOALS, run
from tests.fakes.clock_camera import BITS, picture
from tests.fakes.video import passing, write_clip


def turn(worker_ms: float, looked_per_s: float = 5.0, size: str = "720p15") -> Turn:
    """A turn in which bare decoding takes 2 ms a picture."""
    return Turn(
        size=size,
        bare_ms=2.0,
        bare_per_s=15.0,
        worker_ms=worker_ms,
        warden_ms=0.1,
        ours_per_s=15.0,
        looked_per_s=looked_per_s,
        sightings=3,
    )


def test_the_median_ratio_counts_and_the_wardens_share_is_in_it() -> None:
    """2.3 + 0.1 over 2 is 1.2; the spread is told beside it."""
    found = figures([turn(2.1), turn(2.9), turn(2.3), turn(4.0, size="1080p25")])
    assert found["cpu_vs_decode_720p15"] == 1.2
    assert (found["least_ratio_720p15"], found["most_ratio_720p15"]) == (1.1, 1.5)
    assert found["cpu_vs_decode_1080p25"] == 2.05


def test_too_few_analyses_void_the_figure() -> None:
    """Whoever analyses less pays less."""
    with pytest.raises(RuntimeError, match=r"4\.40 analyses/s"):
        figures([turn(2.1), turn(2.1, looked_per_s=4.4)])


def test_the_clock_of_a_picture_is_read_at_any_size() -> None:
    """The camera's clock comes back from its luma; of a torn picture it does not."""
    for width in (1280, 640):
        luma = np.frombuffer(picture(width, width * 9 // 16, 123_456, 3), np.uint8)[: width * width * 9 // 16]
        luma = luma.reshape(-1, width).copy()
        assert clock_of(luma) == 123_456
        luma[: width // BITS, : width // 2] = 235
        assert clock_of(luma) is None


def test_a_delay_survives_the_clock_beginning_anew() -> None:
    """Shown 20 ms before the turn of the clock, read 30 ms after it: 50 ms."""
    turn_s = (1 << BITS) / 1000
    assert since((1 << BITS) - 20, 5 * turn_s + 0.030) == pytest.approx(50, abs=0.5)


def test_few_delays_say_nothing() -> None:
    """A figure of a handful of pictures is none."""
    assert told("x", [float(n) for n in range(100)])["x_p50_ms"] == 49.5
    with pytest.raises(RuntimeError, match="only 3"):
        told("x", [1.0, 2.0, 3.0])


def test_a_clip_is_made_larger_at_its_rate(tmp_path: Path) -> None:
    """As many pictures as its rate and length say, at its size, in one slice each, near its bits."""
    clip = write_clip(tmp_path / "yard.mp4", passing(SECONDS + 1, 12.5, width=320, height=180))
    size = Size(name="small", width=640, height=360, rate=10, bits_per_s=300_000)
    made = enlarged(clip, size, tmp_path)
    with av.open(str(made)) as container:
        pictures = list(container.decode(video=0))
        assert (pictures[0].width, pictures[0].height, len(pictures)) == (640, 360, SECONDS * 10)
        assert container.streams.video[0].codec_context.has_b_frames == 0
    assert made.stat().st_size * 8 / SECONDS < 450_000


def test_a_clip_that_is_too_short_is_refused(tmp_path: Path) -> None:
    """A measurement takes the whole clip, so it must be long enough."""
    clip = write_clip(tmp_path / "yard.mp4", passing(2, 12.5, width=320, height=180))
    with pytest.raises(ValueError, match="too short"):
        enlarged(clip, Size(name="small", width=320, height=180, rate=10, bits_per_s=300_000), tmp_path)


def test_without_annotated_clips_a_shipped_one_is_measured() -> None:
    """It has a line, so that the analysis is whole."""
    clip, truth = source(None)
    assert clip.is_file()
    assert [line.id for line in cameras_of(truth, ["rtsp://h/x"])[0].lines] == ["L1"]


def test_accuracy_alone_is_measured_on_any_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A square that crosses a line once, to the right."""
    write_clip(tmp_path / "yard.mp4", passing(8, 12.5))
    crossing = {"t": 5.6, "direction": "in", "tolerance_s": 0.5}
    line = {"id": "L1", "p1": [0.5, 0.0], "p2": [0.5, 1.0], "directions": {"in": [1, 0]}, "crossings": [crossing]}
    (tmp_path / "yard.truth.json").write_text(json.dumps({"kind": "street", "lines": [line]}))
    found = asyncio.run(run(long=False, clips=tmp_path))
    assert (found["lines_outside"], found["stops_missed"], found["stops_invented"]) == (0, 0, 0)
    assert "1 of 1" in capsys.readouterr().out


def test_the_goals_are_those_of_the_issue() -> None:
    """Names that others read, and which way each figure is to go."""
    assert GOALS["cpu_vs_decode_720p15"] == GOALS["cpu_vs_decode_1080p25"] == ("at most", 1.25)
    assert GOALS["mb_per_stream"] == ("at most", 25.0)
    assert GOALS["zone_iou_min"] == ("at least", 0.8)
    assert GOALS["lines_outside"] == GOALS["stops_missed"] == GOALS["stops_invented"] == ("at most", 0.0)
