"""The two sides whose CPU is compared, each a process of its own that reads the same streams of the same server."""

import asyncio
import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.camera_truth import Truth
from bench.ingest_site import cpu_of
from cameras.camera import Address, Camera
from cameras.health import State
from cameras.names import Filmed
from cameras.warden import Seen, StateChanged, Warden
from cameras.wire import Orders

ROOT = Path(__file__).parents[1]
OPEN_S = 30.0
POLL_S, PULSE_POLL_S = 0.1, 0.02


class Bare:
    """Decoding alone: one process for all streams."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def pictures(self) -> list[int]:
        """How many pictures each stream has given. RuntimeError when decoding ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("bare decoding ended; see the line above")
        return list(json.loads(line))

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        return cpu_of(self._process.pid)


@asynccontextmanager
async def bare(urls: Sequence[str]) -> AsyncIterator[Bare]:
    """Decode these streams for as long as the block lasts; entered when each has given a picture."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.camera_decode",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(list(urls)).encode() + b"\n")
        side = Bare(process)
        async with asyncio.timeout(OPEN_S):
            while not all(await side.pictures()):  # noqa: ASYNC110 (another process knows)
                await asyncio.sleep(POLL_S)
        yield side
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Ours:
    """The shipped warden in this process, with its workers."""

    def __init__(self, warden: Warden) -> None:
        self.warden = warden
        self.states: dict[str, State] = {}
        self.seen: list[tuple[Seen, float]] = []
        """Sightings, with the monotonic time of their arrival here."""

    @staticmethod
    def now() -> dt.datetime:
        """The time in UTC."""
        return dt.datetime.now(dt.UTC)

    def cpu_s(self) -> tuple[float, float]:
        """CPU seconds so far of the workers, and of this process, which is the warden's while it does nothing else."""
        return sum(map(cpu_of, self.warden.workers.values())), time.process_time()

    async def pictures(self) -> list[int]:
        """How many pictures of each stream were decoded, as of the last pulse."""
        return [done.decoded for done in self.warden.done.values()]

    async def pulse(self) -> None:
        """Wait for the next pulse of a worker, so that what is counted and the CPU are of the same moment."""
        before = dict(self.warden.done)
        async with asyncio.timeout(OPEN_S):
            while self.warden.done == before:  # noqa: ASYNC110
                await asyncio.sleep(PULSE_POLL_S)

    def looked(self) -> list[int]:
        """How many pictures of each stream were analysed, as of the last pulse."""
        return [done.analysed for done in self.warden.done.values()]

    async def take(self, report: Seen | StateChanged | Filmed) -> None:
        """What a centre would keep."""
        if isinstance(report, Seen):
            self.seen.append((report, time.monotonic()))
        elif isinstance(report, StateChanged):
            self.states[report.camera] = report.state

    async def live(self, cameras: Sequence[Camera]) -> None:
        """Wait until each camera is live. TimeoutError when one is not in time."""
        async with asyncio.timeout(OPEN_S):
            while any(self.states.get(camera.code) is not State.LIVE for camera in cameras):  # noqa: ASYNC110
                await asyncio.sleep(POLL_S)


@asynccontextmanager
async def ours(cameras: Sequence[Camera]) -> AsyncIterator[Ours]:
    """Watch these cameras, in the shipped groups, for as long as the block lasts; entered when each is live.

    The packets of the last seconds are held and clips are made of them, as in a centre.
    """
    found: list[Ours] = []

    async def report(said: Seen | StateChanged | Filmed) -> None:
        await found[0].take(said)

    with tempfile.TemporaryDirectory(prefix="ioc-bench-") as drafts:
        orders = Orders(cameras=(), drafts=drafts, turns=drafts)
        warden = Warden(cameras, now=Ours.now, report=report, orders=orders)
        found.append(Ours(warden))
        async with warden:
            await found[0].live(cameras)
            yield found[0]


def cameras_of(truth: Truth, urls: Sequence[str]) -> list[Camera]:
    """A camera a stream, with the lines, zones and kind of scene of the truth file: as accuracy is measured."""
    about = truth.camera()
    return [
        Camera(
            code=f"bench-{number}",
            centre=about.centre,
            address=Address(url),
            scene=about.scene,
            lines=about.lines,
            zones=about.zones,
        )
        for number, url in enumerate(urls)
    ]
