"""V2: a picture that is stuck, damaged, or changes its size or codec: named, survived, and live again."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from cameras.health import State
from cameras.warden import Warden
from tests.fakes.video import passing, yard
from tests.instruments.film import Film, shoot
from tests.instruments.posts import Reports, camera, utc_now
from tests.instruments.rtsp import RtspCamera
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("V2")

FILM = shoot(passing(3.0, 10.0, width=320, height=240))
GONE = {State.GARBLED, State.SILENT, State.DEGRADED, State.ENDED, State.REFUSED}


def live(state: State | None) -> bool:
    """Whether a camera is live."""
    return state is State.LIVE


def size_of(warden: Warden, code: str = "cam-gate") -> tuple[int, int] | None:
    """Height and width of the newest picture."""
    newest = warden.newest(code)
    if newest is None:
        return None
    height, width = cv2.imdecode(np.frombuffer(newest.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE).shape
    return height, width


async def test_one_bit_in_a_hundred_is_wrong(seed: int, tell: Callable[..., None]) -> None:
    """The worker lives, its other camera never notices, and when the bits are whole again so is the camera."""
    reports = Reports()
    with RtspCamera(FILM.damaged(0.01, seed)) as bad, RtspCamera(FILM) as good:
        both = [camera(bad.url()), camera(good.url(), "cam-good")]
        async with Warden(both, now=utc_now, report=reports) as warden:
            named_s = await reports.becomes(lambda state: state in GONE, 25)
            named = reports.last()
            assert reports.last("cam-good") is State.LIVE
            pid = warden.worker_of("cam-gate")
            bad.film = FILM
            resumed_s = await reports.becomes(live, 20)
            assert warden.worker_of("cam-gate") == pid
            restarts = warden.restarts
    tell(named=str(named), named_s=named_s, resumed_s=resumed_s, worker_restarts=restarts, parent_crashes=0)
    assert restarts == 0
    assert [change.state for _, change in reports.changes if change.camera == "cam-good"] == [State.LIVE]


async def test_a_picture_that_is_repeated_for_ever_is_frozen(tell: Callable[..., None]) -> None:
    """Each repetition is a whole new stream of packets; only the picture says that nothing lives."""
    still = shoot([yard(320, 240)] * 30)
    reports = Reports()
    with RtspCamera(FILM) as there:
        async with Warden([camera(there.url())], now=utc_now, report=reports):
            await reports.becomes(live, 15)
            there.film = still
            noticed_s = await reports.becomes(lambda state: state is State.FROZEN, 90)
            there.film = FILM
            resumed_s = await reports.becomes(live, 15)
    tell(frozen_noticed_s=noticed_s, resumed_s=resumed_s)


@pytest.mark.parametrize(
    ("what", "other", "size"),
    [
        ("size", shoot(passing(3.0, 10.0, width=640, height=360)), (360, 640)),
        ("rate", shoot(passing(3.0, 25.0, width=352, height=288), rate=25), (288, 352)),
    ],
)
async def test_a_change_midway_is_taken_in_stride(
    what: str, other: Film, size: tuple[int, int], tell: Callable[..., None]
) -> None:
    """In the same connection: pictures of the new kind come, and no state changes."""
    reports = Reports()
    with RtspCamera(FILM) as there:
        async with Warden([camera(there.url())], now=utc_now, report=reports) as warden:
            await until(lambda: size_of(warden) == (240, 320), 20, "the first size")
            opened = there.opened  # by the question what it describes, and by the stream
            there.film = other
            await until(lambda: size_of(warden) == size, 20, "the other size")
            there.film = FILM
            await until(lambda: size_of(warden) == (240, 320), 20, "the first size again")
            restarts = warden.restarts
        assert there.opened == opened
    tell(changed=what, states=len(reports.changes), opened_anew=there.opened - opened, worker_restarts=restarts)
    assert [change.state for _, change in reports.changes] == [State.LIVE]


@pytest.mark.parametrize("hangs_up", [True, False])
async def test_another_codec_is_named_and_taken(hangs_up: bool, tell: Callable[..., None]) -> None:
    """Cameras that restart with another codec, and some that go on under the old description; one for each codec."""
    others = {codec: shoot(passing(3.0, 10.0, width=640, height=360), codec=codec) for codec in ("libx265", "mjpeg")}
    reports, took_s, named = Reports(), dict[str, float](), dict[str, str]()
    with contextlib.ExitStack() as stack:
        there = {codec: stack.enter_context(RtspCamera(FILM)) for codec in others}

        async def change(codec: str) -> None:
            code = f"cam-{codec}"
            there[codec].film, began = others[codec], time.monotonic()
            if hangs_up:
                there[codec].hang_up()
            await reports.becomes(lambda state: state in GONE, 25, code)
            named[codec] = str(reports.last(code))
            await until(lambda: size_of(warden, code) == (360, 640), 25, f"pictures of {codec}")
            await reports.becomes(live, 15, code)
            took_s[codec] = time.monotonic() - began

        both = [camera(one.url(), f"cam-{codec}") for codec, one in there.items()]
        async with Warden(both, now=utc_now, report=reports) as warden:
            for one in both:
                await reports.becomes(live, 15, one.code)
            async with asyncio.TaskGroup() as tasks:
                for codec in others:
                    tasks.create_task(change(codec), name=codec)
            assert warden.restarts == 0
    for codec in others:
        tell(codec=codec, hangs_up=hangs_up, named=named[codec], resumed_after_s=took_s[codec])
