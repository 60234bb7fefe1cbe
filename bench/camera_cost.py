"""CPU a stream beside bare decoding: the same streams, over RTSP from one server, by turns in one run."""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.camera_clips import SECONDS, SIZES, Size
from bench.camera_sides import bare, cameras_of, ours
from bench.camera_street import Server, served
from bench.camera_truth import Truth

TURNS = 3
STREAMS: Mapping[str, int] = {"720p15": 6, "1080p25": 4}
"""So many streams at once: together under half a core, so that nobody waits for anybody."""
SETTLE_S = 1.5
"""The start is not measured: opening, and learning the background."""
RATE = 4.5
"""Fewer analyses a second of any stream, and the figure is void."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """CPU in milliseconds a stream and second of one turn of both sides, and what they did for it."""

    size: str
    bare_ms: float
    bare_per_s: float
    worker_ms: float
    warden_ms: float
    looked_per_s: float
    """Of the stream with the fewest."""
    sightings: int

    @property
    def ratio(self) -> float:
        """Ours over bare decoding; the warden's share is counted."""
        return (self.worker_ms + self.warden_ms) / self.bare_ms

    def __str__(self) -> str:
        return (
            f"{self.size}: bare {self.bare_ms:.1f} ms a stream and second at {self.bare_per_s:.1f} pictures/s, "
            f"ours {self.worker_ms:.1f} + warden {self.warden_ms:.1f} at {self.looked_per_s:.2f} analyses/s, "
            f"{self.sightings} sightings; ratio {self.ratio:.3f}"
        )


async def turns(truth: Truth, clips: Mapping[str, Path]) -> list[Turn]:
    """Each size, bare and ours in turn, several times."""
    files = {size.name: (clips[size.name], size.rate) for size in SIZES}
    done: list[Turn] = []
    async with served(files, max(STREAMS.values())) as server:
        for _ in range(TURNS):
            for size in SIZES:
                done.append(await _turn(server, truth, size))
                print(f"cameras turn {done[-1]}", flush=True)
    return done


async def _turn(server: Server, truth: Truth, size: Size) -> Turn:
    urls = server.urls(size.name, STREAMS[size.name])
    bare_ms, bare_per_s = await _bare(urls)
    worker_ms, warden_ms, looked, sightings = await _ours(truth, urls)
    return Turn(
        size=size.name,
        bare_ms=bare_ms,
        bare_per_s=bare_per_s,
        worker_ms=worker_ms,
        warden_ms=warden_ms,
        looked_per_s=looked,
        sightings=sightings,
    )


async def _bare(urls: Sequence[str]) -> tuple[float, float]:
    async with bare(urls) as side:
        await asyncio.sleep(SETTLE_S)
        before, cpu, begun = await side.pictures(), side.cpu_s(), time.monotonic()
        await asyncio.sleep(SECONDS)
        after, cpu, took = await side.pictures(), side.cpu_s() - cpu, time.monotonic() - begun
    fewest = min(late - early for early, late in zip(before, after, strict=True))
    return cpu / took / len(urls) * 1000, fewest / took


async def _ours(truth: Truth, urls: Sequence[str]) -> tuple[float, float, float, int]:
    cameras = cameras_of(truth, urls)
    async with ours(cameras) as side:
        await asyncio.sleep(SETTLE_S)
        before, (worker, warden), begun = side.looked(), side.cpu_s(), time.monotonic()
        seen = len(side.seen)
        await asyncio.sleep(SECONDS)
        after, (worker_end, warden_end), took = side.looked(), side.cpu_s(), time.monotonic() - begun
        seen = len(side.seen) - seen
    fewest = min(after[code] - before.get(code, 0) for code in after)
    part = 1000 / took / len(urls)
    return (worker_end - worker) * part, (warden_end - warden) * part, fewest / took, seen


def figures(done: Sequence[Turn]) -> dict[str, float]:
    """The median ratio of each size with its spread; RuntimeError where too little was analysed for it to count."""
    found: dict[str, float] = {}
    for size in dict.fromkeys(turn.size for turn in done):
        mine = [turn for turn in done if turn.size == size]
        looked = min(turn.looked_per_s for turn in mine)
        if looked < RATE:
            raise RuntimeError(f"{size}: {looked:.2f} analyses/s of a stream, {RATE} are needed: its cost says nothing")
        found[f"cpu_vs_decode_{size}"] = round(statistics.median(turn.ratio for turn in mine), 3)
        found[f"least_ratio_{size}"] = round(min(turn.ratio for turn in mine), 3)
        found[f"most_ratio_{size}"] = round(max(turn.ratio for turn in mine), 3)
        for key, name in (("bare", "bare_ms"), ("worker", "worker_ms"), ("warden", "warden_ms")):
            found[f"{key}_ms_per_s_{size}"] = round(statistics.median(getattr(turn, name) for turn in mine), 2)
        found[f"analyses_per_s_{size}"] = round(looked, 2)
    return found
