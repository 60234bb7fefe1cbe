"""Facts about the warden with workers that see nothing; real streams are in the integration tests."""

import asyncio
import datetime as dt
import os
import signal

import msgspec
import pytest

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.warden import Seen, StateChanged, Warden
from cameras.wire import Go, Saw


def utc_now() -> dt.datetime:
    """The wall clock."""
    return dt.datetime.now(dt.UTC)


def camera(code: str) -> Camera:
    """A camera that is not there."""
    return Camera(code=code, centre="quang-nam", address=Address("rtsp://u:p@127.0.0.1:9/x"), scene="street")


async def ignore(_: Seen | StateChanged) -> None:
    """Nobody listens."""


def test_two_cameras_of_one_code_are_refused() -> None:
    """A code names one camera."""
    with pytest.raises(ValueError, match="same code"):
        Warden([camera("cam-a"), camera("cam-a")], now=utc_now, report=ignore)


async def test_an_unknown_camera_has_no_picture_to_ask_for() -> None:
    """A strange code is an error; a known one has no picture at first, and is silent."""
    warden = Warden([camera("cam-a")], now=utc_now, report=ignore)
    assert warden.newest("cam-a") is None
    assert warden.state("cam-a") is State.SILENT
    with pytest.raises(KeyError):
        warden.newest("cam-b")


def test_what_a_worker_saw_is_dated_named_and_told_whole() -> None:
    """Its number becomes an id, its age a time, and nothing that was measured is lost."""
    warden, at = Warden([camera("cam-a")], now=utc_now, report=ignore), utc_now()
    saw = Saw(
        camera="cam-a",
        sequence=7,
        kind="crowd",
        subject="square",
        direction="",
        track="0",
        box=(0.1, 0.2, 0.3, 0.4),
        jpeg=None,
        phase="start",
        number=3,
        lasted_s=4.0,
        count=12,
        share=0.5,
        object_class="person",
        speed_kmh=3.5,
        score=0.8,
    )
    first = warden._sighting(saw, at, "run")
    assert (first.phase, first.count, first.share, first.object_class) == ("start", 12, 0.5, "person")
    assert (first.speed_kmh, first.score, first.since) == (3.5, 0.8, at - dt.timedelta(seconds=4))
    later = warden._sighting(msgspec.structs.replace(saw, sequence=8, phase="update"), at, "run")
    assert later.id == first.id
    assert later.stamp.key != first.stamp.key


async def test_states_come_with_their_time_and_a_killed_worker_is_started_again() -> None:
    """Each group has a worker of its own; nothing is left running at the end."""
    changes: asyncio.Queue[Seen | StateChanged] = asyncio.Queue()
    async with (
        asyncio.timeout(20),
        Warden(
            [camera("cam-a"), camera("cam-b"), camera("cam-c")], now=utc_now, report=changes.put, group_size=2
        ) as warden,
    ):
        first = [await changes.get() for _ in range(3)]
        assert {change.camera for change in first if isinstance(change, StateChanged)} == {
            "cam-a",
            "cam-b",
            "cam-c",
        }
        assert all(isinstance(change, StateChanged) and change.state is State.REFUSED for change in first)
        assert all(
            abs((change.at - utc_now()).total_seconds()) < 5 for change in first if isinstance(change, StateChanged)
        )
        assert len(warden.workers) == 2
        os.kill(warden.workers[1], signal.SIGKILL)
        after = [await changes.get() for _ in range(2)]
        assert [(c.camera, c.state) for c in after if isinstance(c, StateChanged)] == [
            ("cam-b", State.DEGRADED),
            ("cam-b", State.REFUSED),
        ]
        workers = list(warden.workers.values())
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_worker_that_hangs_is_started_again() -> None:
    """A stopped process keeps its pipe open, and has no pulse."""
    changes: asyncio.Queue[Seen | StateChanged] = asyncio.Queue()
    async with (
        asyncio.timeout(20),
        Warden([camera("cam-a")], now=utc_now, report=changes.put, hung_s=2.5) as warden,
    ):
        await changes.get()
        stopped = warden.workers[0]
        os.kill(stopped, signal.SIGSTOP)
        change = await changes.get()
        assert isinstance(change, StateChanged)
        assert change.state is State.DEGRADED
        assert "said nothing" in change.reason
        await changes.get()
        assert warden.workers[0] != stopped


async def test_the_list_is_changed_while_it_runs() -> None:
    """A new camera is watched, a removed one forgotten, and the worker of the others is not touched."""
    changes: asyncio.Queue[Seen | StateChanged] = asyncio.Queue()
    async with (
        asyncio.timeout(20),
        Warden([camera("cam-a")], now=utc_now, report=changes.put) as warden,
    ):
        await changes.get()
        pid = warden.workers[0]
        warden.watch([camera("cam-a"), camera("cam-b")])
        change = await changes.get()
        assert isinstance(change, StateChanged)
        assert (change.camera, change.state) == ("cam-b", State.REFUSED)
        warden.watch([camera("cam-b")])
        with pytest.raises(KeyError):
            warden.state("cam-a")
        assert warden.workers == {0: pid}
        warden.watch([])
        while warden.workers:
            await asyncio.sleep(0.02)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        warden.watch([camera("cam-a")])
        change = await changes.get()
        assert isinstance(change, StateChanged)
        assert change.camera == "cam-a"


async def test_a_command_goes_to_the_worker_that_runs() -> None:
    """There is none before the warden is entered, none of a strange camera."""
    changes: asyncio.Queue[Seen | StateChanged] = asyncio.Queue()
    warden = Warden([camera("cam-a")], now=utc_now, report=changes.put)
    assert not warden.tell("cam-a", Go(camera="cam-a"))
    async with asyncio.timeout(20), warden:
        await changes.get()
        assert warden.tell("cam-a", Go(camera="cam-a"))
        assert not warden.tell("cam-x", Go(camera="cam-x"))
    assert not warden.tell("cam-a", Go(camera="cam-a"))


async def test_a_worker_that_ends_again_and_again_is_parted_from_its_cameras() -> None:
    """The one that ends it is alone at last, and the others have a worker that lives."""
    changes: asyncio.Queue[Seen | StateChanged] = asyncio.Queue()
    cameras = [camera(f"cam-{letter}") for letter in "abcd"]
    async with asyncio.timeout(30), Warden(cameras, now=utc_now, report=changes.put, cores=1) as warden:
        while len(warden.group_of("cam-c")) > 1:
            change = await changes.get()
            if isinstance(change, StateChanged) and (change.camera, change.state) == ("cam-c", State.REFUSED):
                os.kill(warden.worker_of("cam-c"), signal.SIGSEGV)
        assert warden.restarts == 3  # 4, 4 again, 2


async def test_what_the_report_raises_ends_the_warden() -> None:
    """A sink that fails is not hidden."""

    async def fail(_: Seen | StateChanged) -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as raised:
        async with asyncio.timeout(20), Warden([camera("cam-a")], now=utc_now, report=fail):
            await asyncio.Event().wait()
    assert raised.value.subgroup(ZeroDivisionError)
