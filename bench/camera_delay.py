"""From the picture to the sighting, and from glass to glass: a camera that shows a clock, read back where it arrives.

The clocked stream (720p15, encoded as it is made, a key frame each two seconds) is that of the tests of live view. A
square crosses nine lines; each sighting brings the picture in which it was seen, and its clock tells how old that is
on arrival at the warden: encoding, network, decoding, analysis, JPEG and pipe. The live view is read where the wall
reads it, at the camera process's socket, and decoded at once; what a browser's own buffer adds is not in it
(`tests/browser/test_film.py` measures that with a real one).
"""

import asyncio
import io
import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from bench.camera_sides import Ours, ours
from cameras.camera import Address, Camera, Line
from ioc.live_view import Hub, LiveViewClient
from tests.fakes.clock_camera import BITS, ClockCamera

MOUNT = {"width": 1280, "height": 720, "rate": 15, "key": 30}
SECONDS, WARM_S = 24.0, 4.0
CAMERAS = 3
LINES = tuple(Line(id=f"L{n}", p1=(n / 10, 0.3), p2=(n / 10, 1.0), directions={"on": (1.0, 0.0)}) for n in range(1, 10))


async def delays() -> dict[str, float]:
    """Figures in milliseconds."""
    with ClockCamera({"clock": MOUNT}) as source, tempfile.TemporaryDirectory(prefix="ioc-g-") as folder:
        cameras = clocked(source.url("clock"))
        async with ours(cameras) as side:
            shown = await watched(side, cameras[0].code, Path(folder))
    return told("frame_to_sighting", [late for _, late in sighted(side)]) | told("glass_to_glass", shown)


def told(name: str, late_ms: Sequence[float]) -> dict[str, float]:
    """The median and the 99th percentile of delays; RuntimeError when they are too few to say anything."""
    if len(late_ms) < 20:
        raise RuntimeError(f"{name}: only {len(late_ms)} delays could be read")
    return {
        f"{name}_p50_ms": round(statistics.median(late_ms), 1),
        f"{name}_p99_ms": round(statistics.quantiles(late_ms, n=100, method="inclusive")[98], 1),
        f"{name}_count": len(late_ms),
    }


def clocked(url: str, number: int = CAMERAS) -> list[Camera]:
    """So many cameras that all show the clock at an address, each with its lines."""
    return [
        Camera(code=f"clock-{n}", centre="bench", address=Address(url), scene="street", lines=LINES)
        for n in range(number)
    ]


def sighted(side: Ours) -> list[tuple[float, float]]:
    """When each sighting arrived (monotonic, s), and how old its picture was then, in milliseconds."""
    found = ((arrived, age_of(seen.picture, arrived)) for seen, arrived in side.seen if seen.picture is not None)
    return [(arrived, late) for arrived, late in found if late is not None]


def age_of(picture: bytes, arrived: float) -> float | None:
    """Milliseconds from the clock in a JPEG to a moment (monotonic, s); None when it cannot be read."""
    luma = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    at = None if luma is None else clock_of(np.asarray(luma, np.uint8))
    return None if at is None else since(at, arrived + _wall_s())


async def watched(side: Ours, code: str, folder: Path, seconds: float = SECONDS) -> list[float]:
    """How old each picture of the live view is (ms) when a viewer has decoded it, after the first WARM_S."""
    hub = Hub(side.warden.tell, side.warden.camera, folder / "feed", folder, side.now)
    async with hub.serve(folder / "live"):
        viewer = Viewer()
        async with LiveViewClient(folder / "live").watching(code) as live:
            if live.why:
                raise RuntimeError(f"the clocked camera cannot be shown live: {live.why}")
            try:
                async with asyncio.timeout(seconds):
                    async for body in live:
                        viewer.bytes.put(body)
            except TimeoutError:
                viewer.bytes.put(b"")
    return [late for at, late in viewer.late if at > WARM_S]


class Viewer(io.RawIOBase):
    """Decodes what is put into it in a thread of its own, and reads the clock of each picture."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes: queue.Queue[bytes] = queue.Queue()
        self.late: list[tuple[float, float]] = []
        """Seconds since the beginning, and how old the picture was, in milliseconds."""
        self._left = b""
        threading.Thread(target=self._run, name="viewer", daemon=True).start()

    def readable(self) -> bool:
        """It is a file to read from."""
        return True

    def read(self, size: int = -1) -> bytes:
        """What has come, at most so many bytes; waits for some."""
        if not self._left:
            self._left = self.bytes.get()
        given, self._left = self._left[:size], self._left[size:]
        return given

    def _run(self) -> None:
        begun = time.monotonic()
        with av.open(self, format="mp4", options={"probesize": "32768", "analyzeduration": "0"}) as container:
            container.streams.video[0].codec_context.thread_count = 1
            for frame in container.decode(video=0):
                if (at := clock_of(frame.to_ndarray(format="gray"))) is not None:
                    self.late.append((time.monotonic() - begun, since(at, time.time())))


def clock_of(luma: npt.NDArray[np.uint8]) -> int | None:
    """The time in a picture of the clocked camera; None when it is torn."""
    size = luma.shape[1] / BITS
    columns = ((np.arange(BITS) + 0.5) * size).astype(int)
    ones, others = luma[int(size / 2), columns] > 128, luma[int(1.5 * size), columns] > 128
    if (ones == others).any():
        return None
    return int("".join("1" if one else "0" for one in ones), 2)


def since(at_ms: int, now_s: float) -> float:
    """Milliseconds from a shown time (which begins anew each 2**BITS) to a time of the wall clock."""
    return (now_s * 1000 - at_ms) % (1 << BITS)


def _wall_s() -> float:
    """What to add to monotonic time to have the wall clock's."""
    return time.time() - time.monotonic()
