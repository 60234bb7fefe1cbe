"""Facts about the warden with workers that see nothing; real streams are in the integration tests."""

import asyncio
import datetime as dt
import os
import signal

import msgspec
import pytest

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.names import Filmed
from cameras.warden import Seen, StateChanged, Warden, _Crew
from cameras.wire import Became, Clipped, Go, Saw, Shown
from gis.observation import Phase


def utc_now() -> dt.datetime:
    """The wall clock."""
    return dt.datetime.now(dt.UTC)


def camera(code: str) -> Camera:
    """A camera that is not there."""
    return Camera(code=code, centre="quang-nam", address=Address("rtsp://u:p@127.0.0.1:9/x"), scene="street")


def saw(phase: Phase) -> Saw:
    """A report that has all a worker must say, with a picture."""
    return Saw(
        camera="cam-a",
        sequence=7,
        kind="loitering",
        subject="gate",
        direction="",
        track="1",
        box=(0.1, 0.2, 0.3, 0.4),
        jpeg=b"secret",
        phase=phase,
        number=3,
    )


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
    first = warden._sighting(camera("cam-a"), saw, at, "run")
    assert (first.phase, first.count, first.share, first.object_class) == ("start", 12, 0.5, "person")
    assert (first.speed_kmh, first.score, first.since) == (3.5, 0.8, at - dt.timedelta(seconds=4))
    later = warden._sighting(camera("cam-a"), msgspec.structs.replace(saw, sequence=8, phase="update"), at, "run")
    assert later.id == first.id
    assert later.stamp.key != first.stamp.key


async def test_a_picture_from_before_a_mask_is_neither_shown_nor_kept() -> None:
    """What the worker said before it heard of the mask, and what was the newest picture until then."""
    kept: asyncio.Queue[Seen | StateChanged | Filmed] = asyncio.Queue()
    before = camera("cam-a")
    after = msgspec.structs.replace(before, masks=(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),))
    warden, crew = Warden([before], now=utc_now, report=kept.put), _Crew(suspected=False)
    shown = Shown(camera="cam-a", jpeg=b"secret")
    await warden._take(0, crew, shown, "run")
    assert warden.newest("cam-a") is not None
    warden.watch([after])
    assert warden.newest("cam-a") is None
    await warden._take(0, crew, shown, "run")
    assert warden.newest("cam-a") is None
    await warden._take(0, crew, saw("moment"), "run")
    await warden._take(0, crew, Became(camera="cam-a", state=State.COVERED, reason="", after=b"secret"), "run")
    await warden._take(0, crew, msgspec.structs.replace(shown, jpeg=b"masked", seal=after.seal), "run")
    crew.close()
    await crew.hand_on(kept.put, warden.camera)
    seen, became = kept.get_nowait(), kept.get_nowait()
    assert isinstance(seen, Seen)
    assert isinstance(became, StateChanged)
    assert (seen.picture, became.after) == (None, None)
    newest = warden.newest("cam-a")
    assert newest is not None
    assert newest.jpeg == b"masked"


async def test_what_was_seen_of_a_camera_that_is_watched_no_more_is_kept() -> None:
    """The end of what went on there, and the clip that was complete a moment later."""
    kept: asyncio.Queue[Seen | StateChanged | Filmed] = asyncio.Queue()
    warden, crew = Warden([camera("cam-a")], now=utc_now, report=kept.put), _Crew(suspected=False)
    await warden._take(0, crew, saw("start"), "run")
    warden.watch([])
    await warden._take(0, crew, msgspec.structs.replace(saw("end"), sequence=8), "run")
    await warden._take(0, crew, Clipped(camera="cam-a", clip=1, made="remuxed", file="x"), "run")
    await warden._take(0, crew, Became(camera="cam-a", state=State.LIVE, reason=""), "run")
    await warden._take(0, crew, Shown(camera="cam-x", jpeg=b""), "run")
    crew.close()
    await crew.hand_on(kept.put, warden.camera)
    start, end, clip = (kept.get_nowait() for _ in range(3))
    assert isinstance(start, Seen)
    assert isinstance(end, Seen)
    assert isinstance(clip, Filmed)
    assert (end.sighting.id, end.sighting.phase) == (start.sighting.id, "end")
    assert kept.empty()


async def test_no_state_comes_after_a_camera_is_watched_no_more() -> None:
    """It would be live on the map for ever: nobody would tell another."""
    kept: asyncio.Queue[Seen | StateChanged | Filmed] = asyncio.Queue()
    warden, crew = Warden([camera("cam-a")], now=utc_now, report=kept.put), _Crew(suspected=False)
    await warden._take(0, crew, Became(camera="cam-a", state=State.LIVE, reason=""), "run")
    warden.watch([])
    crew.close()
    await crew.hand_on(kept.put, warden.camera)
    assert kept.empty()


async def test_what_goes_on_is_told_to_end_when_a_worker_is_ended_on_purpose() -> None:
    """Its last camera is watched no more; nobody would tell it later."""
    kept: asyncio.Queue[Seen | StateChanged | Filmed] = asyncio.Queue()
    async with asyncio.timeout(20), Warden([camera("cam-a")], now=utc_now, report=kept.put) as warden:
        await kept.get()
        crew = warden._crews[0]
        await warden._take(0, crew, saw("start"), crew.run)
        start = await kept.get()
        warden.watch([])
        end = await kept.get()
    assert isinstance(start, Seen)
    assert isinstance(end, Seen)
    assert (end.sighting.id, end.sighting.phase) == (start.sighting.id, "end")


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
