"""Live view from real RTSP streams through real workers: who is pulled when, who suffers, what is never seen."""

import asyncio
import contextlib
import io
import os
import signal
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest

from cameras.boxes import NTP_EPOCH_S
from cameras.camera import Address
from cameras.dial import opened
from cameras.health import State
from cameras.warden import Seen, StateChanged
from tests.conftest import Fresh
from tests.fakes.clock_camera import ClockCamera
from tests.fakes.http_centre import PASSWORD, Centre
from tests.fakes.rtsp import can_serve
from tests.fakes.watched import LOWER_HALF, Yard, camera, running_yard, watched_centre

pytestmark = pytest.mark.skipif(not can_serve(), reason="GStreamer's RTSP server is not installed")

MAIN = {"width": 1280, "height": 720, "rate": 15, "key": 15}
SUB = {"width": 640, "height": 360, "rate": 15, "key": 15}
BUSY = SUB | {"bits": 6_000_000}


async def eventually(holds: Callable[[], Any], deadline_s: float) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(deadline_s):
        while not holds():
            await asyncio.sleep(0.02)


def live(yard: Yard) -> set[str]:
    """The cameras that are live now."""
    last = {told.camera: told.state for told in yard.reports if isinstance(told, StateChanged)}
    return {code for code, state in last.items() if state is State.LIVE}


async def seen(yard: Yard, code: str, seconds: float) -> bytes:
    """What a viewer gets in so many seconds."""
    found = b""
    async with yard.live.watching(code) as watched:
        assert watched.why == ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for body in watched:
                    found += body
    return found


def pictures(film: bytes) -> list[tuple[int, Any]]:
    """Time and luma of each picture of a film; what is cut off at its end is left out."""
    found: list[tuple[int, Any]] = []
    with av.open(io.BytesIO(film)) as container, contextlib.suppress(av.InvalidDataError, av.EOFError):
        found.extend((frame.pts, frame.to_ndarray(format="gray")) for frame in container.decode(video=0))
    return found


@pytest.fixture
async def source() -> AsyncIterator[ClockCamera]:
    with ClockCamera({"main": MAIN, "sub": SUB}) as made:
        yield made


async def test_the_main_stream_is_pulled_once_and_only_while_somebody_watches(source: ClockCamera) -> None:
    """Counted at the RTSP server: two viewers are one session, and none is left some seconds after the last."""
    async with running_yard([camera("cam-one", source.url("sub"), source.url("main"))]) as yard:
        await eventually(lambda: live(yard), 20)
        await eventually(lambda: source.open == {"main": 0, "sub": 1}, 5)
        films = await asyncio.gather(seen(yard, "cam-one", 3.0), seen(yard, "cam-one", 3.0))
        assert source.open == {"main": 1, "sub": 1}
        for film in films:
            shown = pictures(film)
            assert len(shown) > 15
            assert shown[0][1].shape == (720, 1280)
        await eventually(lambda: source.open["main"] == 0, 5)
        assert source.played == {"main": 1, "sub": 1}
        assert yard.hub.figures == {"live_cameras": 0, "live_viewers": 0, "live_skipped": 0}


async def test_a_main_stream_that_is_read_for_clips_is_not_pulled_again(source: ClockCamera) -> None:
    async with running_yard([camera("cam-one", source.url("sub"), source.url("main"))], clips=True) as yard:
        await eventually(lambda: live(yard) and source.open["main"], 20)
        film = await seen(yard, "cam-one", 6.0)
        shown = pictures(film[film.rindex(b"ftyp") - 4 :])
        assert shown[-1][1].shape == (720, 1280)
        assert source.played == {"main": 1, "sub": 1}


async def test_a_camera_with_one_stream_is_never_pulled_twice(source: ClockCamera) -> None:
    """And a viewer has the running group of pictures at once."""
    async with running_yard([camera("cam-one", source.url("sub"))]) as yard:
        await eventually(lambda: live(yard), 20)
        began = time.monotonic()
        async with yard.live.watching("cam-one") as watched:
            first = await anext(aiter(watched))
        assert time.monotonic() - began < 0.5
        assert first[4:8] == b"ftyp"
        assert len(pictures(await seen(yard, "cam-one", 2.0))) > 15
        assert source.played == {"main": 0, "sub": 1}


async def test_a_main_stream_that_is_away_is_stood_in_for(source: ClockCamera) -> None:
    async with running_yard([camera("cam-one", source.url("sub"), source.url("nowhere"))]) as yard:
        await eventually(lambda: live(yard), 20)
        shown = pictures(await seen(yard, "cam-one", 4.0))
        assert shown[0][1].shape == (360, 640)


async def test_a_viewer_that_reads_nothing_costs_nobody_anything() -> None:
    """It is cut after ten seconds; until then little is held for it, and another viewer's pictures stay as new."""
    with ClockCamera({"busy": BUSY}) as source, contextlib.ExitStack() as stack:
        async with running_yard([camera("cam-one", source.url("busy"))]) as yard:
            await eventually(lambda: live(yard), 20)
            alone = await late(yard, 4.0)
            stuck = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            stuck.connect(str(yard.live.path))
            stuck.sendall(b"cam-one\n")
            await eventually(lambda: yard.hub.figures["live_viewers"] == 1, 5)
            before = resident()
            beside = await late(yard, 9.0)
            assert resident() - before < 24 * 1024 * 1024
            await eventually(lambda: yard.hub.figures["live_viewers"] == 1, 1)
            await eventually(lambda: yard.hub.figures["live_viewers"] == 0, 8)
            assert len(beside) > 90
            assert beside[len(beside) // 2] < alone[len(alone) // 2] + 0.1
            assert beside[int(0.95 * len(beside))] < alone[int(0.95 * len(alone))] + 0.2
            assert {told.state for told in yard.reports if isinstance(told, StateChanged)} == {State.LIVE}


async def late(yard: Yard, seconds: float) -> list[float]:
    """How old each piece is when a viewer gets it, by the time that is told beside its last picture; sorted."""
    found: list[float] = []
    async with yard.live.watching("cam-one") as watched:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for body in watched:
                    place = body.rfind(b"prft")
                    if place >= 0 and place + 20 <= len(body):
                        seconds_of, part = struct.unpack(">II", body[place + 12 : place + 20])
                        found.append(time.time() - (seconds_of - NTP_EPOCH_S + part / (1 << 32)))
    return sorted(found)


def resident() -> int:
    """The memory of this process (where the camera process's part runs), in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_server_that_shares_one_encoder_is_opened_at_each_try(source: ClockCamera) -> None:
    """It refuses whoever comes while it clears away after the one that only asked what the stream is."""
    for _ in range(12):
        with opened(Address(source.url("sub")), "tcp", 8.0, 8.0) as container:
            assert next(container.demux(container.streams.video[0])).size
        time.sleep(0.6)


async def test_a_worker_that_crashes_is_not_the_end_of_a_view(source: ClockCamera) -> None:
    """The same viewer goes on with a new beginning, at a later time, when the worker is back."""
    async with running_yard([camera("cam-one", source.url("sub"))]) as yard:
        await eventually(lambda: live(yard), 20)
        film, killed = b"", False
        async with yard.live.watching("cam-one") as watched:
            async with asyncio.timeout(20):
                async for body in watched:
                    film += body
                    if len(film) > 10_000 and not killed:
                        killed = True
                        os.kill(next(iter(yard.warden.workers.values())), signal.SIGSEGV)
                    if film.count(b"moov") == 2 and film.rindex(b"moov") < len(film) - 10_000:
                        break
        assert killed
        anew = film.rindex(b"ftyp") - 4
        before, after = pictures(film[:anew]), pictures(film[anew:])
        assert len(after) > 5
        assert after[0][0] > before[-1][0]


async def test_two_cameras_with_masks_are_shown_masked_and_a_third_not_at_all(source: ClockCamera) -> None:
    """What is masked is black in every picture; the rest is there."""
    cameras = [camera(f"cam-{name}", source.url("sub"), masks=LOWER_HALF) for name in ("a", "b", "c")]
    async with running_yard(cameras) as yard:
        await eventually(lambda: len(live(yard)) == 3, 20)
        async with yard.live.watching("cam-a") as first, yard.live.watching("cam-b") as second:
            assert (first.why, second.why) == ("", "")
            async with yard.live.watching("cam-c") as third:
                assert third.why == "masked"
            shown = pictures(await seen(yard, "cam-a", 3.0))
        assert len(shown) > 15
        for _, luma in shown:
            assert np.max(luma[200:]) < 40
            assert np.max(luma[:60]) > 200
        async with asyncio.timeout(15):
            while await why(yard, "cam-c"):  # until the workers have noticed that two places are free
                await asyncio.sleep(0.2)


async def why(yard: Yard, code: str) -> str:
    """Why a camera cannot be shown live; empty when it can."""
    async with yard.live.watching(code) as watched:
        return watched.why


async def test_a_mask_that_comes_while_somebody_watches_is_in_force_before_anything_more_is_shown(
    source: ClockCamera,
) -> None:
    async with running_yard([camera("cam-one", source.url("sub"))]) as yard:
        await eventually(lambda: live(yard), 20)
        film, at = b"", None
        async with yard.live.watching("cam-one") as watched, asyncio.timeout(20):
            async for body in watched:
                film += body
                if at is None and len(film) > 10_000:
                    at = len(film)
                    yard.warden.watch([camera("cam-one", source.url("sub"), masks=LOWER_HALF)])
                if at is not None and film.count(b"moov") == 2 and len(film) - film.rindex(b"moov") > 10_000:
                    break
        masked = pictures(film[film.rindex(b"ftyp") - 4 :])
        assert len(masked) > 3
        assert all(np.max(luma[200:]) < 40 for _, luma in masked)


async def test_a_camera_that_nobody_knows_or_that_is_away_says_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = camera("cam-away", f"rtsp://127.0.0.1:{free.getsockname()[1]}/x")
    async with running_yard([away], start_s=1.0) as yard:
        for code, why in (("cam-none", "unknown"), ("cam-away", "silent"), ("../x", "unknown")):
            async with yard.live.watching(code) as watched:
                assert watched.why == why


async def test_sightings_never_wait_behind_live_pictures(source: ClockCamera) -> None:
    """Four viewers, one of them stuck, on the stream whose analysis reports: its pictures come as often as without."""
    async with running_yard([camera("cam-one", source.url("main"))]) as yard:
        await eventually(lambda: live(yard), 20)

        async def newest(seconds: float) -> int:
            found = set()
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                picture = yard.warden.newest("cam-one")
                found |= {picture.taken_at} if picture else set()
                await asyncio.sleep(0.02)
            return len(found)

        alone = await newest(5.0)
        async with asyncio.TaskGroup() as tasks:
            for number in range(4):
                tasks.create_task(seen(yard, "cam-one", 6.0), name=f"viewer-{number}")
            counting = tasks.create_task(newest(5.0), name="count")
        assert counting.result() >= alone - 1
        assert yard.warden.dropped == {0: 0}
        assert not [told for told in yard.reports if isinstance(told, Seen) and told.picture is None]


async def test_the_api_shows_what_the_reader_may_see_and_ends_with_the_session(
    source: ClockCamera, migrated: Fresh, tmp_path: Path
) -> None:
    watched = [camera("cam-one", source.url("sub")), camera("cam-two", source.url("sub"), masks=LOWER_HALF)]
    async with running_yard(watched) as yard, watched_centre(migrated.url, tmp_path, yard) as centre:
        await eventually(lambda: len(live(yard)) == 2, 20)
        for path in ("cam-one/live", "cam-one/stills", "live?codes=cam-one", "live?codes=cam-two,cam-one", "none/live"):
            assert (await centre.get(f"/api/v1/cameras/{path}", "district"))[0] == 404, path
        for path in (
            "live",
            "live?codes=",
            "live?codes=cam-one,cam-one",
            "live?codes=A",
            "live?codes=cam-one&stills=cam-one",
        ):
            assert (await centre.get(f"/api/v1/cameras/{path}"))[0] == 400, path
        noted = await centre.owner.fetchval("select count(*) from audit where act = 'camera.view'")
        await watch_until_signed_out(centre)
        await eventually(lambda: yard.hub.figures["live_viewers"] == 0, 5)
        assert await centre.owner.fetchval("select count(*) from audit where act = 'camera.view'") == noted + 4


async def watch_until_signed_out(centre: Centre) -> None:
    """Video of one camera, of two at once, and still pictures; all of it ends with the session."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(base_url=centre.url, cookie_jar=jar) as browser:
        async with browser.post("/api/v1/session", json={"user": "admin", "password": PASSWORD}) as answer:
            assert answer.status == 200
        async with (
            browser.get("/api/v1/cameras/cam-one/live") as film,
            browser.get("/api/v1/cameras/live?codes=cam-one,cam-two") as both,
            browser.get("/api/v1/cameras/cam-two/stills") as stills,
        ):
            assert film.headers["Content-Type"].startswith('video/mp4; codecs="avc1.')
            assert (await film.content.readexactly(8))[4:] == b"ftyp"
            assert stills.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=ioc-part"
            told = b""
            while b"\xff\xd8" not in told:
                told += await stills.content.readany()
            assert b"X-Camera-State: live" in told
            told = b""
            while not (b"X-Camera: cam-one" in told and b"X-Camera: cam-two" in told and told.count(b"moov") == 2):
                told += await both.content.readany()
            async with browser.delete("/api/v1/session", headers={"Origin": centre.url}) as gone:
                assert gone.status == 204
            async with asyncio.timeout(5):
                for answer in (film, both, stills):
                    with contextlib.suppress(aiohttp.ClientPayloadError):
                        while await answer.content.readany():
                            pass
