"""V4: pictures are fresh and cheap; where there is no room for all, some are left out and counted, and none waits."""

import asyncio
import os
import signal
import statistics
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from bench.camera_delay import CAMERAS, WARM_S, age_of, clocked, sighted, told, watched
from bench.camera_sides import Ours, ours
from bench.ingest_site import cpu_of
from cameras.camera import Address
from cameras.packets import Header, Piece
from cameras.stream import follow
from tests.fakes.clock_camera import ClockCamera
from tests.instruments.waiting import beside, until

pytestmark = pytest.mark.promise("V4")

MOUNT = {"width": 1280, "height": 720, "rate": 15, "key": 15}
CALM_S, SHOWN_S, SQUEEZED_S, PAUSED_S = 4.0, 8.0, 18.0, 0.8
SHARES = (0.35, 0.7)
"""What the worker is given of the CPU that it needs: far too little; and, for long, somewhat too little."""
FRESH_MS, GROWN_MS, WORST_MS, BACK_S = 2000.0, 3000.0, 8000.0, 10.0
LOOK_S = 0.02


class Aged(NamedTuple):
    """How old a picture was (ms) when it came to the warden (monotonic, s)."""

    at: float
    ms: float


class Counted(NamedTuple):
    """The exported figures of each camera, as of a moment (monotonic, s)."""

    at: float
    figures: dict[str, dict[str, int]]


class Eyewitness:
    """Reads a stream without decoding anything and notes when each picture came: what a camera sent, told by another.

    As a tap it is called in the thread that reads.
    """

    def __init__(self) -> None:
        self.came: list[float] = []

    def opened(self, header: Header) -> None:
        """A stream begins."""

    def passed(self, piece: Piece) -> None:
        """A picture came."""
        self.came.append(piece.at)

    def between(self, since: float, to: float) -> int:
        """How many pictures came between two moments."""
        return sum(since < at <= to for at in self.came)


@contextmanager
def witness(url: str) -> Iterator[Eyewitness]:
    """An eyewitness of a stream for as long as the block lasts."""
    seen, over = Eyewitness(), threading.Event()

    def read() -> None:
        for _ in follow(Address(url), seen):
            if over.is_set():
                return

    thread = threading.Thread(target=read, name="witness", daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join(10)


@asynccontextmanager
async def noted(side: Ours) -> AsyncIterator[list[Aged]]:
    """The age of each newest picture of a camera, as it comes."""
    found: list[Aged] = []
    known: dict[str, object] = {}

    async def look() -> None:
        while True:
            for code in side.states:
                newest = side.warden.newest(code)
                if newest is not None and known.get(code) != newest.taken_at:
                    at, known[code] = time.monotonic(), newest.taken_at
                    if (late := age_of(newest.jpeg, at)) is not None:
                        found.append(Aged(at, late))
            await asyncio.sleep(LOOK_S)

    async with beside(look(), "newest"):
        yield found


@asynccontextmanager
async def squeezed(side: Ours, cpu: float) -> AsyncIterator[None]:
    """The workers together get so many seconds of CPU a second, as a container's quota does it: frozen when over."""
    pids = tuple(side.warden.workers.values())
    began, used = time.monotonic(), sum(map(cpu_of, pids))

    def send(what: signal.Signals) -> None:
        for pid in pids:
            os.kill(pid, what)

    async def hold() -> None:
        while True:
            over = sum(map(cpu_of, pids)) - used > cpu * (time.monotonic() - began)
            send(signal.SIGSTOP if over else signal.SIGCONT)
            await asyncio.sleep(LOOK_S / 2)

    try:
        async with beside(hold(), "quota"):
            yield
    finally:
        send(signal.SIGCONT)


async def paused(side: Ours) -> None:
    """The workers stand still for a moment, short enough to be made up for without leaving a picture undecoded."""
    for what in (signal.SIGSTOP, signal.SIGCONT):
        for pid in side.warden.workers.values():
            os.kill(pid, what)
        await asyncio.sleep(PAUSED_S)


async def cpu_a_camera(side: Ours, seconds: float) -> float:
    """Seconds of CPU that the workers use a second, by the number of cameras."""
    (before, _), began = side.cpu_s(), time.monotonic()
    await asyncio.sleep(seconds)
    return (side.cpu_s()[0] - before) / (time.monotonic() - began) / CAMERAS


async def exported(side: Ours) -> Counted:
    """What /metrics says of the cameras, from a pulse that was just heard."""
    await side.pulse()
    return Counted(time.monotonic(), side.warden.camera_figures())


def counted(before: Counted, after: Counted, *figures: str) -> list[int]:
    """By how much the sum of some figures of each camera rose."""
    return [
        sum(done[figure] - before.figures[code][figure] for figure in figures) for code, done in after.figures.items()
    ]


class Squeeze(NamedTuple):
    """When the squeeze began, when it ended, and when all was fresh again (monotonic, s)."""

    began: float
    ended: float
    fresh: float


async def squeeze(side: Ours, newest: list[Aged], cpu: float, seconds: float) -> Squeeze:
    """Give the workers too little for so long, then wait until as many pictures as there are cameras came fresh."""
    began = time.monotonic()
    async with squeezed(side, cpu):
        await asyncio.sleep(seconds)
    ended = time.monotonic()

    def fresh() -> bool:
        last = newest[-CAMERAS:]
        return all(one.at > ended and one.ms < FRESH_MS / 2 for one in last)

    await until(fresh, 3 * BACK_S, "fresh pictures")
    return Squeeze(began, ended, time.monotonic())


async def test_pictures_are_fresh_and_cheap(folder: Path, long: bool, tell: Callable[..., None]) -> None:
    """From glass to glass as the wall reads the live view, and from the picture to its sighting."""
    longer = 10.0 if long else 1.0
    with ClockCamera({"clock": MOUNT}) as source:
        cameras = clocked(source.url("clock"))
        async with ours(cameras) as side:
            cost = await cpu_a_camera(side, CALM_S * longer)
            shown = await watched(side, cameras[0].code, folder, WARM_S + SHOWN_S * longer)
            restarts = side.warden.restarts
    late = told("glass_to_glass", shown) | told("frame_to_sighting", [late for _, late in sighted(side)])
    tell(cameras=CAMERAS, cpu_a_camera=cost, worker_restarts=restarts, **late)
    assert restarts == 0
    assert len(shown) > 0.5 * MOUNT["rate"] * SHOWN_S * longer, "most pictures never reached the wall"
    assert late["glass_to_glass_p99_ms"] < FRESH_MS
    assert late["frame_to_sighting_p99_ms"] < FRESH_MS
    assert cost < 0.5


async def test_what_does_not_fit_is_left_out_and_counted_and_nothing_waits(
    long: bool, tell: Callable[..., None]
) -> None:
    """The worker gets less CPU than it needs: its pictures become fewer, but not older and older."""
    found = []
    with ClockCamera({"clock": MOUNT}) as source, witness(source.url("clock")) as seen:
        async with ours(clocked(source.url("clock"))) as side, noted(side) as newest:
            needs = CAMERAS * await cpu_a_camera(side, CALM_S)
            for share in SHARES if long else SHARES[:1]:
                before = await exported(side)
                await paused(side)
                moments = await squeeze(side, newest, share * needs, SQUEEZED_S * (10 if long else 1))
                await asyncio.sleep(CALM_S)
                found.append((share, moments, before, await exported(side)))
            aged, restarts = [*newest, *(Aged(*one) for one in sighted(side))], side.warden.restarts
    assert restarts == 0
    for share, moments, before, after in found:
        tell(share=share, **stayed_fresh([one for one in aged if before.at < one.at <= after.at], moments))
        tell(share=share, **left_out(before, after, seen.between(before.at, after.at)))


def left_out(before: Counted, after: Counted, came: int) -> dict[str, float]:
    """That each picture that came was decoded or counted as left out, to one second's.

    Those that were due and decoded but not looked at, since they came in a heap, are counted besides (`dropped`).
    """
    skipped, dropped = counted(before, after, "skipped"), counted(before, after, "dropped")
    taken = counted(before, after, "decoded", "skipped")
    assert max(abs(came - number) for number in taken) <= MOUNT["rate"], (came, taken)
    assert min(skipped) > 0, "the worker followed all the same: the squeeze was none"
    assert sum(dropped) > 0, "what came during the pause was due, and looked at by nobody"
    return {
        "pictures_came": came,
        "uncounted_worst": max(abs(came - number) for number in taken),
        "analysed": min(counted(before, after, "analysed")),
        "skipped": max(skipped),
        "dropped": max(dropped),
    }


def stayed_fresh(found: list[Aged], moments: Squeeze) -> dict[str, float]:
    """That pictures were no older at the end of the squeeze than at its beginning, and soon as fresh as before it."""
    length = moments.ended - moments.began
    first, _, last = (
        [one.ms for one in found if part * length / 3 <= one.at - moments.began < (part + 1) * length / 3]
        for part in range(3)
    )
    again = [one.ms for one in found if moments.fresh < one.at]
    assert min(map(len, (first, last, again))) >= 3, "too few pictures to say anything"
    figures = {
        "first_third_p50_ms": statistics.median(first),
        "last_third_p50_ms": statistics.median(last),
        "worst_ms": max(one.ms for one in found if moments.began <= one.at <= moments.ended),
        "again_p50_ms": statistics.median(again),
        "fresh_after_s": moments.fresh - moments.ended,
        "seen_squeezed": len(first) + len(last),
    }
    assert figures["last_third_p50_ms"] < figures["first_third_p50_ms"] + GROWN_MS, figures
    assert figures["worst_ms"] < WORST_MS, figures
    assert figures["fresh_after_s"] < BACK_S, figures
    assert figures["again_p50_ms"] < FRESH_MS / 2, figures
    return figures
