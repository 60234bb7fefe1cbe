"""Memory of a stream, as the growth from 10 to 20 watched ones; and how many are held before pictures are dropped."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

from bench.camera_clips import SIZES
from bench.camera_cost import RATE
from bench.camera_sides import POLL_S, Ours, cameras_of, ours
from bench.camera_street import served
from bench.camera_truth import Truth
from cameras.camera import Camera
from cameras.warden import HUNG_S
from cameras.wire import Tally

FEW, MANY = 10, 20
STEP, MOST = 5, 60
FILL_S = 14.0
"""Until the packets kept for clips are as many as they get."""
HOLD_S = 6.0
KEEPS_UP = 0.97
"""Of its pictures a stream must be decoded at least so many: what a worker does not read in time is lost or late."""


async def memory(truth: Truth, clip: Path, *, long: bool) -> dict[str, float]:
    """Figures: MB a stream (PSS of the workers and of this process, which is the warden), and streams held."""
    size = SIZES[0]
    most = MOST if long else MANY
    async with served({size.name: (clip, size.rate)}, most) as server:
        cameras = cameras_of(truth, server.urls(size.name, most))
        async with ours(cameras[:FEW]) as side:
            await asyncio.sleep(FILL_S)
            few, workers = _pss_mb(side), len(side.warden.workers)
            held = await _held(side, FEW, size.rate)
            await _add(side, cameras[:MANY])
            await asyncio.sleep(FILL_S)
            many = _pss_mb(side)
            figures = {
                "mb_per_stream": round((many - few) / (MANY - FEW), 2),
                "mb_at_10": round(few, 1),
                "mb_at_20": round(many, 1),
                "workers_at_10": workers,
                "workers_at_20": len(side.warden.workers),
            }
            for count in range(MANY, most + 1, STEP):
                await _add(side, cameras[:count])
                if not await _held(side, count, size.rate):
                    break
                held = count
    return figures | {"streams_held_720p15": held}


async def _add(side: Ours, cameras: Sequence[Camera]) -> None:
    side.warden.watch(cameras)
    await side.live(cameras)


async def _held(side: Ours, count: int, rate: int) -> int:
    """So many streams, or 0 when one is not analysed or decoded at its full rate; the server shares the cores."""
    async with asyncio.TaskGroup() as tasks:
        all_of_them = [tasks.create_task(_rates(side, code), name=code) for code in side.states]
    looked = min(one.result()[0] for one in all_of_them)
    decoded = min(one.result()[1] for one in all_of_them)
    print(f"cameras {count} streams: {looked:.2f} analyses/s and {decoded:.1f} pictures/s of the slowest", flush=True)
    return count if looked >= RATE and decoded >= KEEPS_UP * rate else 0


async def _rates(side: Ours, code: str) -> tuple[float, float]:
    """Analyses and decoded pictures of a stream a second, from one pulse of its worker to another."""
    early, begun = await _told(side, code)
    await asyncio.sleep(HOLD_S)
    late, ended = await _told(side, code)
    looked, took = late.looked - early.looked, ended - begun
    return looked / took, (looked + late.passed - early.passed) / took


async def _told(side: Ours, code: str) -> tuple[Tally, float]:
    """The next tally of a camera, and when it came."""
    known = side.warden.tallies.get(code)
    async with asyncio.timeout(HUNG_S):
        while side.warden.tallies.get(code) == known:  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
    return side.warden.tallies[code], time.monotonic()


def _pss_mb(side: Ours) -> float:
    return sum(pss_mb(pid) for pid in (os.getpid(), *side.warden.workers.values()))


def pss_mb(pid: int) -> float:
    """Memory of a process in MB, its part of what is shared included. Raises OSError when it has ended."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
