"""What goes on before a camera, from a real stream through a real worker: one id, its end, and its worker's end."""

import asyncio
import contextlib
import datetime as dt
import os
import signal
import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cameras.camera import Address, Camera, Zone
from cameras.warden import Seen, StateChanged, Warden
from ioc.demo.clips import unwrap
from tests.fakes.onnx_model import model
from tests.fakes.rtsp import RtspServer, can_serve
from tests.fakes.video import with_square, write_clip, yard

pytestmark = pytest.mark.skipif(not can_serve(), reason="GStreamer's RTSP server is not installed")

RATE = 12.5


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A square comes after 4 s, stands for 8, and goes on its way."""
    folder, background, pictures = tmp_path_factory.mktemp("lives"), yard(640, 360), []
    for number in range(round(16 * RATE)):
        at = number / RATE
        x = -0.2 if at < 4 else min(-0.2 + (at - 4) * 0.35, 0.5) if at < 14 else 0.5 + (at - 14) * 0.5
        pictures.append(with_square(background, x, 0.6) if x > -0.15 else background)
    (raw,) = unwrap([write_clip(folder / "stands.mp4", pictures)], folder / "raw")
    return Path(raw.path)


def camera(url: str, detector: str = "") -> Camera:
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    return Camera(
        code="cam-gate",
        centre="quang-nam",
        address=Address(url),
        scene="square",
        zones=(Zone(id="yard", polygon=whole, loiter_s=3.0),),
        detector=detector,
    )


class Lives:
    """The reports of loitering, and a wait for them with a deadline."""

    def __init__(self) -> None:
        self.all: list[Seen] = []
        self._news = asyncio.Condition()

    async def __call__(self, report: Seen | StateChanged) -> None:
        if isinstance(report, Seen) and report.sighting.kind == "loitering":
            async with self._news:
                self.all.append(report)
                self._news.notify_all()

    def phases(self) -> list[str]:
        return [seen.sighting.phase for seen in self.all]

    async def until(self, holds: Callable[[], bool], deadline_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline_s), self._news:
                await self._news.wait_for(holds)
        assert holds(), f"not within {deadline_s} s; reported were {self.phases()}"


async def test_start_updates_and_end_come_under_one_id(clip: Path) -> None:
    lives = Lives()
    with RtspServer([{"name": "gate", "path": str(clip), "rate": "25/2"}]) as server:
        async with Warden([camera(server.url("gate"))], now=utc_now, report=lives) as warden:
            await lives.until(lambda: "end" in lives.phases(), 50)
            assert warden.restarts == 0
    first, *_, last = lives.all[: lives.phases().index("end") + 1]
    told = [seen.sighting for seen in lives.all[: lives.phases().index("end") + 1]]
    assert [one.phase for one in told] == ["start", *["update"] * (len(told) - 2), "end"]
    assert len({one.id for one in told}) == 1
    assert uuid.UUID(told[0].id).version == 7
    assert len({one.since for one in told}) == 1
    assert len({one.stamp.key for one in told}) == len(told)
    assert told[0].since is not None
    assert 2.5 < (told[0].stamp.at - told[0].since).total_seconds() < 5
    assert 5 < (told[-1].stamp.at - told[0].since).total_seconds() < 14
    assert first.picture is not None
    assert first.picture[:2] == b"\xff\xd8"
    assert last.sighting.phase == "end"


async def test_what_goes_on_when_its_worker_dies_is_ended(clip: Path, tmp_path: Path) -> None:
    """By the warden, within seconds, under its id; and a detector that cannot be read stops nobody."""
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(model()[:300])
    lives = Lives()
    with RtspServer([{"name": "gate", "path": str(clip), "rate": "25/2"}]) as server:
        watched = camera(server.url("gate"), str(broken))
        async with Warden([watched], now=utc_now, report=lives) as warden:
            await lives.until(lambda: lives.phases()[-1:] == ["start"], 40)
            os.kill(warden.worker_of("cam-gate"), signal.SIGSEGV)
            await lives.until(lambda: lives.phases()[1:2] == ["end"], 5)
    start, end = (seen.sighting for seen in lives.all[:2])
    assert (end.id, end.since, end.stamp.run) == (start.id, start.since, start.stamp.run)
    assert end.stamp.at >= start.stamp.at


async def test_what_goes_on_when_its_camera_is_registered_anew_is_ended(clip: Path) -> None:
    """By the same worker, under its id; what is seen afterwards has other ids and numbers."""
    lives = Lives()
    with RtspServer([{"name": "gate", "path": str(clip), "rate": "25/2"}]) as server:
        before = camera(server.url("gate"))
        async with Warden([before], now=utc_now, report=lives) as warden:
            await lives.until(lambda: lives.phases()[-1:] == ["start"], 40)
            pid = warden.worker_of("cam-gate")
            warden.watch([msgspec.structs.replace(before, height_m=4.0)])
            await lives.until(lambda: "end" in lives.phases(), 5)
            await lives.until(lambda: lives.phases()[-1:] == ["start"], 40)
            assert warden.worker_of("cam-gate") == pid
    told = [seen.sighting for seen in lives.all]
    end = next(one for one in told if one.phase == "end")
    assert {one.id for one in told[: told.index(end) + 1]} == {told[0].id}
    assert told[told.index(end) + 1].id != told[0].id
    sequences = [one.stamp.sequence or 0 for one in told]
    assert sequences == sorted(set(sequences))
