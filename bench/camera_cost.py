"""CPU a stream beside bare decoding: the same streams, over RTSP from one server, by turns in one run."""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.camera_clips import SECONDS, SIZES, Size
from bench.camera_sides import Bare, Ours, bare, cameras_of, ours
from bench.camera_street import Server, served
from bench.camera_truth import Truth
from cameras.worker import PULSE_S

TURNS = 3
STREAMS: Mapping[str, int] = {"720p15": 6, "1080p25": 4}
"""So many streams at once: together under half a core, so that nobody waits for anybody."""
SETTLE_S, LOOK_S, STEADY, MOST_WAITS = 1.0, 1.0, 0.15, 12
"""The start is not measured: opening, what was probed, and learning the background."""
CLIPPED_S = {"720p15": 20.0, "1080p25": 0.0}
"""How long ours has run at least. The clips of all streams begin with their first sightings, at once; by the caps of
routine events (30 an hour) a camera begins one in two minutes from then on: that is what a day costs."""
RATE = 4.5
"""Fewer analyses a second of any stream, and the figure is void."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """CPU in milliseconds a decoded picture of one turn of both sides, and how much they did of it a second."""

    size: str
    bare_ms: float
    bare_per_s: float
    worker_ms: float
    warden_ms: float
    ours_per_s: float
    looked_per_s: float
    """Analyses of the stream with the fewest."""
    sightings: int

    @property
    def ratio(self) -> float:
        """Ours over bare decoding; the warden's share is counted."""
        return (self.worker_ms + self.warden_ms) / self.bare_ms

    def __str__(self) -> str:
        return (
            f"{self.size}: bare {self.bare_ms:.3f} ms a picture at {self.bare_per_s:.1f}/s, ours {self.worker_ms:.3f} "
            f"+ warden {self.warden_ms:.3f} at {self.ours_per_s:.1f}/s with {self.looked_per_s:.2f} analyses/s, "
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
    async with bare(urls) as side:
        await _steady(side, size, len(urls))
        pictures, cpu = await side.pictures(), side.cpu_s()
        await asyncio.sleep(SECONDS)
        decoded, spent = _gained(pictures, await side.pictures()), side.cpu_s() - cpu
    started = time.monotonic()
    async with ours(cameras_of(truth, urls)) as mine:
        await _steady(mine, size, len(urls))
        await asyncio.sleep(max(0.0, started + CLIPPED_S[size.name] - time.monotonic()))
        await mine.pulse()
        begun = time.monotonic()
        pictures, looked, (worker, warden), seen = await mine.pictures(), mine.looked(), mine.cpu_s(), len(mine.seen)
        await asyncio.sleep(SECONDS - PULSE_S / 2)
        await mine.pulse()
        took = time.monotonic() - begun
        ours_decoded, analysed = _gained(pictures, await mine.pictures()), _gained(looked, mine.looked())
        worker_end, warden_end = mine.cpu_s()
        sightings = len(mine.seen) - seen
    return Turn(
        size=size.name,
        bare_ms=spent / sum(decoded) * 1000,
        bare_per_s=sum(decoded) / SECONDS / len(urls),
        worker_ms=(worker_end - worker) / sum(ours_decoded) * 1000,
        warden_ms=(warden_end - warden) / sum(ours_decoded) * 1000,
        ours_per_s=sum(ours_decoded) / took / len(urls),
        looked_per_s=min(analysed) / took,
        sightings=sightings,
    )


async def _steady(side: Bare | Ours, size: Size, streams: int) -> None:
    """Wait until the pictures come at the stream's own rate: at first what was probed is decoded in a burst."""
    await asyncio.sleep(SETTLE_S)
    for _ in range(MOST_WAITS):
        before = await side.pictures()
        await asyncio.sleep(LOOK_S)
        rate = sum(_gained(before, await side.pictures())) / LOOK_S / streams
        if abs(rate / size.rate - 1) < STEADY:
            return
    raise RuntimeError(f"{size.name}: pictures do not come at their rate of {size.rate}/s; is the machine too busy?")


def _gained(before: Sequence[int], after: Sequence[int]) -> list[int]:
    return [late - early for early, late in zip(before, after, strict=True)]


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
            found[f"{key}_ms_a_picture_{size}"] = round(statistics.median(getattr(turn, name) for turn in mine), 3)
        found[f"analyses_per_s_{size}"] = round(looked, 2)
    return found
