"""What takes longer than five minutes: memory at a steady rate, a backlog of a million, history as it grows."""

import asyncio
import importlib.util
import statistics
import time

from bench.centre import private_mb
from bench.ingest_devices import Order
from bench.ingest_ours import ours
from bench.ingest_round import MOST, load, until_done, until_judged, warm
from bench.ingest_site import Site

STEADY_PER_S = 2000.0
STEADY_S = 1800.0
SETTLED_S = 300.0
"""Seconds after which memory is looked at: caches have filled by then."""
EVERY_S = 10.0
WAITING = 1_000_000
STARTED_S = 60.0
"""Seconds that the intake may take to start before what waits is called missing."""


async def long_figures(place: Site) -> dict[str, float]:
    """Memory slope, drain of a backlog, and the figures of `bench.history` where there is one."""
    figures = await _memory(place)
    figures |= await _backlog(place)
    if importlib.util.find_spec("bench.history") is not None:
        figures |= await importlib.import_module("bench.history").run(long=True)
    else:
        print("ingest history not measured: there is no bench/history.py", flush=True)
    return figures


async def _memory(place: Site) -> dict[str, float]:
    """Megabytes an hour that intake and desk grow by, while the devices send steadily."""
    samples: list[tuple[float, dict[str, float]]] = []
    async with ours(place) as running:
        await warm(place.ours, "ours-memory")

        async def sample() -> None:
            begun = time.monotonic()
            while True:
                memory = {name: private_mb(pid) for name, pid in running.pids.items()}
                samples.append((time.monotonic() - begun, memory))
                await asyncio.sleep(EVERY_S)

        async with asyncio.TaskGroup() as tasks:
            sampling = tasks.create_task(sample(), name="memory")
            order = Order(run="ours-memory", seconds=STEADY_S, most=MOST, rate=STEADY_PER_S)
            print(f"ingest round {await load(place, place.ours, running, order)}", flush=True)
            sampling.cancel()
    return slopes(samples)


def slopes(samples: list[tuple[float, dict[str, float]]]) -> dict[str, float]:
    """MB an hour by process, from samples of (seconds, MB by process), and where each began and ended."""
    settled = [(at, memory) for at, memory in samples if at >= SETTLED_S]
    figures: dict[str, float] = {}
    for name in settled[0][1]:
        line = statistics.linear_regression([at / 3600 for at, _ in settled], [memory[name] for _, memory in settled])
        figures[f"{name}_mb_per_hour"] = round(line.slope, 2)
        figures[f"{name}_mb_at_first"] = round(settled[0][1][name], 1)
        figures[f"{name}_mb_at_last"] = round(settled[-1][1][name], 1)
    return figures


async def _backlog(place: Site) -> dict[str, float]:
    """Seconds to take and to judge a million messages that wait in the broker, from the start of both processes.

    The session is there already; the broker keeps at most a million messages of it (its shipped settings).
    """
    report = await place.ours.send(Order(run="ours-backlog", seconds=600, most=WAITING))
    begun, before = time.monotonic(), place.ours.board.get("done")
    async with ours(place) as running:
        await until_done(place.ours, before + report.sent, STARTED_S)
        drained_s = place.ours.board.get("last_done_ns") / 1e9 - begun
        await until_judged(running.watch, place.ours.board.get("done"))
        judged_s = running.watch.judged_ns / 1e9 - begun
    return {
        "backlog_messages": report.sent,
        "backlog_missing": report.sent - (place.ours.board.get("done") - before),
        "backlog_drained_s": round(drained_s, 1),
        "backlog_judged_s": round(judged_s, 1),
    }
