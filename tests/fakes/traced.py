"""What a page's main thread did, from Chromium's own trace: script, tasks and frames, in processor time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from playwright.async_api import Browser

CATEGORIES = ["devtools.timeline", "blink.user_timing", "toplevel", "disabled-by-default-v8.gc", "v8"]
SCRIPTS = frozenset(
    (
        "FireAnimationFrame",
        "EventDispatch",
        "FunctionCall",
        "TimerFire",
        "RunMicrotasks",
        "EvaluateScript",
        "HandlePostMessage",
        "XHRReadyStateChange",
        "v8.callFunction",
        "V8.GCScavenger",
        "MinorGC",
        "MajorGC",
    )
)
"""What counts as script, its garbage collection with it; layout, painting and drawing are counted as none."""

DRAWING = frozenset(("FireAnimationFrame", "EventDispatch"))
"""Of these what a frame itself is made by; the rest goes on beside it, however long a frame takes."""

_APART_US = 1_000
"""Callbacks of one frame follow each other at once."""


class Slice(msgspec.Struct, frozen=True):
    """A piece of work: its beginning in µs, how long it took, and how long of this the processor was at it."""

    name: str
    at: float
    wall: float
    cpu: float


class Trace:
    """The main thread of the page with this process id, while it was traced."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def slices(self, begin: str, end: str) -> list[Slice]:
        """Between two marks (`performance.mark`) of the page, of the thread that set them, in order."""
        marks = {one["name"]: one for one in self.events if one["name"] in (begin, end)}
        first, last = marks[begin], marks[end]
        mine = (first["pid"], first["tid"])
        found = [
            Slice(one["name"], one["ts"], one.get("dur", 0), one.get("tdur", one.get("dur", 0)))
            for one in self.events
            if one.get("ph") == "X" and (one["pid"], one["tid"]) == mine and first["ts"] <= one["ts"] <= last["ts"]
        ]
        return sorted(found, key=lambda one: (one.at, -one.wall))


@asynccontextmanager
async def traced(browser: Browser) -> AsyncIterator[Trace]:
    """Trace the whole browser; the trace is filled when the block has ended."""
    session, trace, done = await browser.new_browser_cdp_session(), Trace(), asyncio.Event()
    session.on("Tracing.dataCollected", lambda told: trace.events.extend(told["value"]))
    session.on("Tracing.tracingComplete", lambda told: done.set())
    await session.send("Tracing.start", {"traceConfig": {"includedCategories": CATEGORIES}})
    try:
        yield trace
    finally:
        await session.send("Tracing.end")
        async with asyncio.timeout(30):
            await done.wait()
        await session.detach()


def outermost(slices: list[Slice], names: frozenset[str]) -> list[Slice]:
    """Those of these names that lie within no other of them."""
    found: list[Slice] = []
    end = 0.0
    for one in slices:
        if one.name in names and one.at >= end:
            found.append(one)
            end = one.at + one.wall
    return found


def scripts_by_frame(slices: list[Slice], names: frozenset[str] = SCRIPTS) -> list[float]:
    """Milliseconds of script of these kinds from each frame's first animation callback to the next frame's."""
    frames: list[float] = []
    end = 0.0
    for one in outermost(slices, frozenset(("FireAnimationFrame",))):
        if one.at - end > _APART_US:
            frames.append(one.at)
        end = one.at + one.wall
    sums, place = [0.0] * len(frames), 0
    for one in outermost(slices, names):
        while place + 1 < len(frames) and one.at >= frames[place + 1]:
            place += 1
        if one.at >= frames[0]:
            sums[place] += one.cpu / 1_000
    return sums[:-1]


def tasks(slices: list[Slice]) -> list[Slice]:
    """The tasks of the thread."""
    return [one for one in slices if one.name in ("RunTask", "ThreadControllerImpl::RunTask")]
