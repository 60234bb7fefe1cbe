"""Cameras: what watching a stream costs beside decoding it, memory, delays, and accuracy on annotated clips.

All of it is the shipped warden with its workers: orders over their pipe, reports back, health, tampering, pictures and
the packets kept for clips included, with the settings by which the accuracy is measured. The clips of the cost are a
real one made larger. `clips` gives a folder to measure the accuracy on, and nothing else.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from bench import camera_accuracy, camera_cost
from bench.camera_clips import SIZES, enlarged, real_clips, source
from bench.camera_delay import delays
from bench.camera_memory import memory
from cameras.motion import use_one_thread

GOALS = {
    "cpu_vs_decode_720p15": ("at most", 1.25),
    "cpu_vs_decode_1080p25": ("at most", 1.25),
    "mb_per_stream": ("at most", 25.0),
    "lines_outside": ("at most", 0.0),
    "zone_iou_min": ("at least", 0.8),
    "stops_missed": ("at most", 0.0),
    "stops_invented": ("at most", 0.0),
    "glass_to_glass_p99_ms": ("at most", 2000.0),
}
"""Which way and how far a figure is to go."""


async def run(*, long: bool, clips: Path | None = None) -> dict[str, float]:
    """Figures: ratios, milliseconds, megabytes, counts; `--long` goes on to more streams than 20."""
    use_one_thread()
    if clips is not None:
        return await asyncio.to_thread(camera_accuracy.run, clips)
    began = time.monotonic()
    folder = real_clips()
    figures: dict[str, float] = {}
    if folder is None:
        print("cameras: no annotated clips beside the repository; accuracy is not measured", flush=True)
    else:
        figures = await asyncio.to_thread(camera_accuracy.run, folder)
    film, truth = source(folder)
    with tempfile.TemporaryDirectory(prefix="ioc-c-") as made:
        large = {size.name: await asyncio.to_thread(enlarged, film, size, Path(made)) for size in SIZES}
        done = await camera_cost.turns(truth, large)
        cost = camera_cost.figures(done)
        held = await memory(truth, large[SIZES[0].name], long=long)
    late = await delays()
    print(f"cameras: from {film.name}; {time.monotonic() - began:.0f} s", flush=True)
    return cost | held | late | figures
