"""Real RTSP streams, real worker processes: what a camera does to us, and what it does not."""

import asyncio
import contextlib
import datetime as dt
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from cameras.camera import Address, Camera, GroundPoint, Line, Zone
from cameras.health import State
from cameras.warden import Seen, StateChanged, Warden
from ioc.demo.clips import unwrap
from tests.fakes.rtsp import Bouncer, RtspServer, can_serve
from tests.fakes.shared import real_clips
from tests.fakes.video import passing, write_clip

pytestmark = pytest.mark.skipif(not can_serve(), reason="GStreamer's RTSP server is not installed")

REAL = real_clips()
USER, PASSWORD = "viewer", "s3cret-of-the-yard"


def utc_now() -> dt.datetime:
    """The wall clock."""
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Raw clips by name: a passing square, a short one, and one that changes its size midway."""
    folder = tmp_path_factory.mktemp("clips")
    long = write_clip(folder / "passing.mp4", passing(6.0, 12.5))
    short = write_clip(folder / "short.mp4", passing(2.0, 12.5, pause=0.0))
    small = write_clip(folder / "small.mp4", passing(2.0, 12.5, width=320, height=240, pause=0.0))
    raw = {clip.name: Path(clip.path) for clip in unwrap([long, short, small], folder / "raw")}
    raw["changing"] = folder / "raw" / "changing.h264"
    raw["changing"].write_bytes(raw["short"].read_bytes() + raw["small"].read_bytes())
    return raw


def mount(path: Path, name: str = "gate", **more: Any) -> dict[str, Any]:
    """What the server is told of one stream."""
    return {"name": name, "path": str(path), "rate": "25/2", "user": USER, "password": PASSWORD, **more}


def camera(url: str, code: str = "cam-gate") -> Camera:
    """A camera over the yard: 20 m wide at the far edge, 10 m at the near one."""
    marks = [(0.0, 0.2, 0.0, 40.0), (1.0, 0.2, 40.0, 40.0), (1.0, 1.0, 25.0, 0.0), (0.0, 1.0, 15.0, 0.0)]
    return Camera(
        code=code,
        centre="quang-nam",
        address=Address(url),
        scene="street",
        calibration=tuple(
            GroundPoint(x=x, y=y, lon=108.3 + east / 107_000, lat=15.87 + north / 110_600)
            for x, y, east, north in marks
        ),
        lines=(Line(id="L1", p1=(0.5, 0.0), p2=(0.5, 1.0), directions={"in": (1, 0), "out": (-1, 0)}),),
        zones=(Zone(id="door", polygon=((0.6, 0.3), (0.9, 0.3), (0.9, 1.0), (0.6, 1.0))),),
    )


class Reports:
    """Collects what a warden reports, and waits for it with a deadline."""

    def __init__(self) -> None:
        self.all: list[Seen | StateChanged] = []
        self._news = asyncio.Condition()

    async def __call__(self, report: Seen | StateChanged) -> None:
        async with self._news:
            self.all.append(report)
            self._news.notify_all()

    async def until(self, holds: Callable[[], Any], deadline_s: float) -> float:
        """Wait until something holds; how long it took, in seconds."""
        began = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline_s), self._news:
                await self._news.wait_for(holds)
        assert holds(), f"not within {deadline_s} s; reported were {self.states()} and {len(self.seen())} sightings"
        return time.monotonic() - began

    def states(self, code: str = "cam-gate") -> list[State]:
        return [report.state for report in self.all if isinstance(report, StateChanged) and report.camera == code]

    def seen(self) -> list[Seen]:
        return [report for report in self.all if isinstance(report, Seen)]

    def kinds(self) -> set[str]:
        return {seen.sighting.kind for seen in self.seen()}

    def last(self, code: str = "cam-gate") -> State | None:
        return next(reversed(self.states(code)), None)


async def eventually(holds: Callable[[], Any], deadline_s: float) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(deadline_s):
        while not holds():
            await asyncio.sleep(0.02)


async def test_what_crosses_a_line_is_seen_with_its_picture_and_place(clips: dict[str, Path]) -> None:
    """A sighting carries a JPEG, the ground under the object with its error, and its identity."""
    reports = Reports()
    with RtspServer([mount(clips["passing"])]) as server:
        gate = camera(server.url("gate", USER, PASSWORD))
        async with Warden([gate], now=utc_now, report=reports) as warden:
            await reports.until(lambda: reports.kinds() >= {"line_crossed", "zone_entered"}, 30)
            pid = warden.workers[0]
            assert PASSWORD.encode() not in outside_of(pid)
            await eventually(lambda: warden.newest("cam-gate"), 5)
            newest = warden.newest("cam-gate")
        assert gone(pid)
    assert newest is not None
    assert newest.state is State.LIVE
    assert abs((utc_now() - newest.taken_at).total_seconds()) < 10
    crossing = next(seen for seen in reports.seen() if seen.sighting.kind == "line_crossed")
    sighting = crossing.sighting
    assert (sighting.subject, sighting.direction, sighting.stamp.source) == ("L1", "in", "cam-gate")
    assert uuid.UUID(sighting.id).version == 7
    assert sighting.stamp.sequence is not None
    assert sighting.stamp.position is not None
    assert abs(sighting.stamp.position.lon - (108.3 + 20 / 107_000)) < 5 / 107_000
    assert sighting.error_m is not None
    assert crossing.picture is not None
    assert cv2.imdecode(np.frombuffer(crossing.picture, np.uint8), cv2.IMREAD_COLOR).shape == (360, 640, 3)
    entry = next(seen for seen in reports.seen() if seen.sighting.kind == "zone_entered")
    assert entry.sighting.subject == "door"


async def test_a_camera_that_goes_silent_is_seen_as_such_and_comes_back_by_itself(
    clips: dict[str, Path],
) -> None:
    """Silent within 20 s of the last picture, live again without anybody's help."""
    reports = Reports()
    with RtspServer([mount(clips["passing"])]) as server:
        gate = camera(server.url("gate", USER, PASSWORD))
        async with Warden([gate], now=utc_now, report=reports):
            await reports.until(lambda: reports.last() is State.LIVE, 15)
            server.freeze()
            await reports.until(lambda: reports.last() is State.SILENT, 20)
            server.resume()
            await reports.until(lambda: reports.last() is State.LIVE, 25)
    assert reports.states() == [State.LIVE, State.SILENT, State.LIVE]


async def test_a_wrong_password_is_named_and_never_shown(clips: dict[str, Path]) -> None:
    """The state is unauthorised; neither the reason nor anything else holds the password."""
    reports = Reports()
    with RtspServer([mount(clips["passing"])]) as server:
        gate = camera(server.url("gate", USER, "wr0ng-guess"))
        async with Warden([gate], now=utc_now, report=reports):
            await reports.until(lambda: reports.states(), 10)
    assert reports.states() == [State.UNAUTHORISED]
    assert "wr0ng-guess" not in repr(reports.all) + repr(gate)


async def test_a_camera_that_refuses_the_password_is_not_hammered() -> None:
    """After one refused try the camera is left alone for minutes."""
    reports = Reports()
    async with Bouncer().open() as bouncer:
        gate = camera(f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{bouncer.port}/gate")
        async with Warden([gate], now=utc_now, report=reports):
            await reports.until(lambda: reports.last() is State.UNAUTHORISED, 10)
            counted = bouncer.connections
            with contextlib.suppress(TimeoutError):
                await eventually(lambda: bouncer.connections > counted, 4)
    assert bouncer.connections == counted == 1


async def test_a_camera_that_is_not_there_is_refused_until_it_comes(clips: dict[str, Path]) -> None:
    """A closed port is refused; a stream that appears there is taken without help."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    reports = Reports()
    gate = camera(f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{port}/gate")
    async with Warden([gate], now=utc_now, report=reports):
        await reports.until(lambda: reports.last() is State.REFUSED, 10)
        with RtspServer([mount(clips["passing"])], port=port):
            await reports.until(lambda: reports.last() is State.LIVE, 25)
        await reports.until(lambda: reports.last() in {State.ENDED, State.REFUSED}, 20)


async def test_a_path_that_the_camera_does_not_serve_is_refused(clips: dict[str, Path]) -> None:
    """The reason points at the path."""
    reports = Reports()
    with RtspServer([mount(clips["passing"])]) as server:
        gate = camera(server.url("nowhere", USER, PASSWORD))
        async with Warden([gate], now=utc_now, report=reports):
            await reports.until(lambda: reports.states(), 10)
    change = reports.all[0]
    assert isinstance(change, StateChanged)
    assert change.state is State.REFUSED
    assert "path" in change.reason


async def test_a_stream_that_ends_is_ended_and_opened_again(clips: dict[str, Path]) -> None:
    """A clip that is over is a state, not a crash."""
    reports = Reports()
    with RtspServer([mount(clips["short"], loop=False)]) as server:
        gate = camera(server.url("gate", USER, PASSWORD))
        async with Warden([gate], now=utc_now, report=reports):
            await reports.until(lambda: len(reports.states()) >= 3, 25)
    assert reports.states()[:3] == [State.LIVE, State.ENDED, State.LIVE]


async def test_a_change_of_size_midway_is_survived(clips: dict[str, Path]) -> None:
    """Pictures of both sizes come, and the camera stays live."""
    reports, sizes = Reports(), set()
    with RtspServer([mount(clips["changing"])]) as server:
        gate = camera(server.url("gate", USER, PASSWORD))
        async with Warden([gate], now=utc_now, report=reports) as warden:

            def both() -> bool:
                newest = warden.newest("cam-gate")
                if newest:
                    picture = cv2.imdecode(np.frombuffer(newest.jpeg, np.uint8), cv2.IMREAD_COLOR)
                    sizes.add(picture.shape[:2])
                return len(sizes) == 2

            await eventually(both, 20)
    assert sizes == {(360, 640), (240, 320)}
    assert reports.states() == [State.LIVE]


async def test_a_damaged_stream_crashes_nothing(clips: dict[str, Path], tmp_path: Path) -> None:
    """One byte in a hundred is wrong: the worker lives on, and its other camera never notices."""
    damaged = bytearray(clips["passing"].read_bytes())
    chance = np.random.default_rng(5)
    for place in chance.integers(200, len(damaged), len(damaged) // 100):
        damaged[place] ^= 1 << int(chance.integers(8))
    (tmp_path / "damaged.h264").write_bytes(damaged)
    reports = Reports()
    mounts = [mount(clips["passing"]), mount(tmp_path / "damaged.h264", "damaged")]
    with RtspServer(mounts) as server:
        both = [
            camera(server.url("gate", USER, PASSWORD), "cam-gate"),
            camera(server.url("damaged", USER, PASSWORD), "cam-damaged"),
        ]
        async with Warden(both, now=utc_now, report=reports) as warden:
            await reports.until(lambda: reports.last() is State.LIVE and reports.states("cam-damaged"), 20)
            pid = warden.workers[0]
            await reports.until(lambda: len(reports.seen()) >= 2, 20)
            assert warden.workers[0] == pid
    assert reports.states() == [State.LIVE]


async def test_a_crashing_worker_hurts_only_its_group_and_is_back_within_ten_seconds(
    clips: dict[str, Path],
) -> None:
    """SIGSEGV in one group: its camera is live again soon, the other one never noticed."""
    reports = Reports()
    with RtspServer([mount(clips["passing"])]) as server:
        url = server.url("gate", USER, PASSWORD)
        both = [camera(url, "cam-one"), camera(url, "cam-two")]
        async with Warden(both, now=utc_now, report=reports, group_size=1) as warden:
            await reports.until(lambda: reports.last("cam-one") == reports.last("cam-two") == State.LIVE, 15)
            os.kill(warden.workers[0], signal.SIGSEGV)
            await reports.until(lambda: len(reports.states("cam-one")) == 3, 10)
    assert reports.states("cam-one") == [State.LIVE, State.DEGRADED, State.LIVE]
    assert reports.states("cam-two") == [State.LIVE]


async def test_a_worker_does_not_outlive_its_parent() -> None:
    """kill -9 of the warden's process leaves nothing running."""
    program = (
        "import asyncio, datetime as dt\n"
        "from cameras.camera import Address, Camera\n"
        "from cameras.warden import Warden\n"
        "async def main():\n"
        "    there = Address('rtsp://127.0.0.1:9/x')\n"
        "    gate = Camera(code='cam-gate', centre='quang-nam', address=there, scene='street')\n"
        "    async def report(change): print(*warden.workers.values(), flush=True)\n"
        "    async with Warden([gate], now=lambda: dt.datetime.now(dt.UTC), report=report) as warden:\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert parent.stdout is not None
    worker = int(await asyncio.wait_for(parent.stdout.readline(), 15))
    assert not gone(worker)
    parent.kill()
    await parent.wait()
    await eventually(lambda: gone(worker), 5)


def outside_of(pid: int) -> bytes:
    """What everybody on the machine, and every child, may read of a process."""
    return b"".join(Path(f"/proc/{pid}/{file}").read_bytes() for file in ("cmdline", "environ"))


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie that nobody has collected has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.skipif(REAL is None, reason="the real clips are not on this machine")
async def test_a_real_clip_over_rtsp_gives_a_sighting_with_a_picture(tmp_path: Path) -> None:
    """The first car of the real clip crosses the middle after 6.3 s."""
    assert REAL is not None
    clip = unwrap([REAL / "cars_overhead.mp4"], tmp_path)[0]
    ways = {"upwards": (0.0, -1.0), "downwards": (0.0, 1.0)}
    reports = Reports()
    with RtspServer([mount(Path(clip.path), rate=clip.rate)]) as server:
        lane = Camera(
            code="cam-lane",
            centre="quang-nam",
            address=Address(server.url("gate", USER, PASSWORD)),
            scene="overhead",
            lines=(Line(id="L1", p1=(0.0, 0.5), p2=(1.0, 0.5), directions=ways),),
        )
        async with Warden([lane], now=utc_now, report=reports):
            await reports.until(lambda: reports.seen(), 20)
    seen = reports.seen()[0]
    assert seen.sighting.direction == "upwards"
    assert seen.picture is not None
    assert Fraction(clip.rate) == Fraction(25, 2)
