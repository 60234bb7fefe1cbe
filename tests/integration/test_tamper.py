"""A camera that is turned away, over a real RTSP stream and a real worker: state, pictures and grade."""

import asyncio
import datetime as dt
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.stream import recorded
from cameras.warden import Seen, StateChanged, Warden
from cameras.wire import Graded
from ioc.demo.clips import unwrap
from tests.fakes.attacks import shifted
from tests.fakes.rtsp import RtspServer, can_serve
from tests.fakes.tampering import small, to_and_fro
from tests.fakes.video import write_clip

pytestmark = pytest.mark.skipif(not can_serve(), reason="GStreamer's RTSP server is not installed")

CLIP = Path(__file__).parents[2] / "ioc/demo/data/clips/fire_house_part1.mp4"
RATE = 10
CALM_S, TURNED_S = 30, 40


def turning(folder: Path) -> Path:
    """A raw clip of a camera that is turned by eight degrees after a while."""
    stream = to_and_fro([small(frame.luma) for frame in recorded(CLIP, rate=RATE)], 1)
    pictures = [next(stream) for _ in range(CALM_S * RATE)]
    pictures += [shifted(next(stream), 0.13, 0.02) for _ in range(TURNED_S * RATE)]
    made = write_clip(folder / "turning.mp4", pictures, rate=Fraction(RATE))
    return Path(unwrap([made], folder / "raw")[0].path)


async def test_a_turned_camera_is_told_with_pictures_before_and_after_and_its_stream_is_graded(tmp_path: Path) -> None:
    changes: asyncio.Queue[StateChanged] = asyncio.Queue()
    grades: asyncio.Queue[Graded] = asyncio.Queue()

    async def take(report: Seen | StateChanged) -> None:
        if isinstance(report, StateChanged):
            changes.put_nowait(report)

    async def grade(report: Graded, at: dt.datetime) -> None:
        grades.put_nowait(report)

    with RtspServer([{"name": "gate", "path": str(turning(tmp_path)), "rate": f"{RATE}/1"}]) as server:
        gate = Camera(code="cam-gate", centre="quang-nam", address=Address(server.url("gate")), scene="street")
        handlers = {Graded: grade}
        async with (
            Warden([gate], now=lambda: dt.datetime.now(dt.UTC), report=take, handlers=handlers),
            asyncio.timeout(110),
        ):
            assert (await changes.get()).state is State.LIVE
            moved = await changes.get()
            assert (moved.state, moved.reason) == (State.MOVED, "the camera looks elsewhere than usual")
            rated = (await grades.get()).rating
    before, after = (picture(jpeg) for jpeg in (moved.before, moved.after))
    assert np.abs(shifted(before.astype(np.uint8), 0.13, 0.02).astype(int) - after)[20:-20, 60:-20].mean() < 15
    assert np.abs(before - after)[20:-20, 60:-20].mean() > 20
    assert rated.grade in {"excellent", "fair"}
    assert rated.fps == pytest.approx(RATE, rel=0.15)


def picture(jpeg: bytes | None) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """The brightness of a picture."""
    assert jpeg is not None
    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return np.asarray(found, dtype=np.int64)
