"""Keeps the workers alive within a restart budget, dates what they say, holds the newest pictures."""

import asyncio
import datetime as dt
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from cameras.budget import Budget
from cameras.camera import Camera
from cameras.health import State
from cameras.place import place
from cameras.wire import Became, Orders, Pulse, Report, Saw, Shown, Tally, framed, length_of, report_of
from gis.observation import Sighting
from gis.stamp import Stamp, uuid7

log = logging.getLogger(__name__)

GROUP = 8
HUNG_S = 15.0
"""A worker that says nothing for so long is hung; it has a pulse of one second."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A camera saw something. `picture` is a JPEG of the whole picture at that moment."""

    sighting: Sighting
    picture: bytes | None


class StateChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A camera's state changed at a time (UTC); `reason` is one sentence without secrets."""

    camera: str
    state: State
    at: dt.datetime
    reason: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The newest picture of a camera, and the camera's state now."""

    jpeg: bytes
    taken_at: dt.datetime
    state: State


class Warden:
    """Watches cameras while it is entered: `async with Warden(cameras, now=now, report=report) as warden`.

    `now` gives the time in UTC. `report` is awaited for one report of a worker after the other; while it
    waits, the worker keeps the newest and drops the rest. What it raises ends the warden. A worker serves
    `group_size` cameras: what crashes one hurts only these. A worker without a pulse for `hung_s` seconds is
    killed and started again.
    """

    def __init__(
        self,
        cameras: Sequence[Camera],
        *,
        now: Callable[[], dt.datetime],
        report: Callable[[Seen | StateChanged], Awaitable[None]],
        group_size: int = GROUP,
        hung_s: float = HUNG_S,
    ) -> None:
        self._cameras = {camera.code: camera for camera in cameras}
        if len(self._cameras) != len(cameras):
            raise ValueError("two cameras have the same code")
        self._now = now
        self._report = report
        self._groups = [tuple(cameras[n : n + group_size]) for n in range(0, len(cameras), group_size)]
        self._hung_s = hung_s
        self._states: dict[str, State] = {}
        self._pictures: dict[str, tuple[bytes, dt.datetime]] = {}
        self._tasks = asyncio.TaskGroup()
        self._keepers: list[asyncio.Task[None]] = []
        self.workers: dict[int, int] = {}
        """The process id of each group's worker, for those that watch them."""
        self.dropped: dict[int, int] = {}
        """How many sightings each group's present worker has dropped, because `report` was slow."""
        self.tallies: dict[str, Tally] = {}
        """How many pictures of each camera its present worker has analysed and passed over."""

    async def __aenter__(self) -> "Warden":
        await self._tasks.__aenter__()
        for number, group in enumerate(self._groups):
            keeper = self._keep(number, group)
            self._keepers.append(self._tasks.create_task(keeper, name=f"cameras-{number}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await self._tasks.__aexit__(kind, error, trace)

    def newest(self, code: str) -> Picture | None:
        """The newest picture of a camera, if there is one yet. Raises KeyError for a strange code."""
        state = self.state(code)
        if code not in self._pictures:
            return None
        jpeg, taken_at = self._pictures[code]
        return Picture(jpeg=jpeg, taken_at=taken_at, state=state)

    def state(self, code: str) -> State:
        """A camera's state; silent until something is known. Raises KeyError for a strange code."""
        return self._states.get(self._cameras[code].code, State.SILENT)

    async def _keep(self, number: int, group: tuple[Camera, ...]) -> None:
        """Run a group's worker, again and again."""
        budget, clock = Budget(), asyncio.get_running_loop().time
        while True:
            reason = await self._work(number, group)
            log.warning("worker %d of cameras %s: %s", number, ", ".join(c.code for c in group), reason)
            for camera in group:
                await self._become(camera.code, State.DEGRADED, self._now(), reason)
            await asyncio.sleep(budget.delay(clock()))

    async def _work(self, number: int, group: tuple[Camera, ...]) -> str:
        """Run one worker until it ends, and say how it did."""
        started = self._now()
        run = f"{started:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
        process = await _spawn()
        self.workers[number] = process.pid
        try:
            reason = await self._serve(number, process, group, run)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            self.workers.pop(number, None)
        return reason or f"its worker ended ({process.returncode}) and is started again"

    async def _serve(
        self, number: int, process: asyncio.subprocess.Process, group: tuple[Camera, ...], run: str
    ) -> str:
        """Give a worker its orders and take its reports until it ends (empty text) or misbehaves."""
        orders, reports = process.stdin, process.stdout
        if orders is None or reports is None:
            raise RuntimeError("a worker was started without its pipes")
        orders.write(framed(Orders(cameras=group)))
        while True:
            heard = await _hear(reports, self._hung_s)
            if isinstance(heard, str):
                return heard
            await self._take(number, heard, run)

    async def _take(self, number: int, report: Report, run: str) -> None:
        at = self._now() - dt.timedelta(seconds=report.age_s)
        match report:
            case Saw():
                await self._report(Seen(sighting=self._sighting(report, at, run), picture=report.jpeg))
            case Became():
                await self._become(report.camera, report.state, at, report.reason)
            case Shown():
                self._pictures[report.camera] = (report.jpeg, at)
            case Pulse():
                self.dropped[number] = report.dropped
                self.tallies.update(report.tallies)

    async def _become(self, code: str, state: State, at: dt.datetime, reason: str) -> None:
        if self._states.get(code) is state:
            return
        self._states[code] = state
        await self._report(StateChanged(camera=code, state=state, at=at, reason=reason))

    def _sighting(self, saw: Saw, at: dt.datetime, run: str) -> Sighting:
        camera = self._cameras[saw.camera]
        position, error_m = place(camera, saw.box)
        stamp = Stamp(
            centre=camera.centre, source=camera.code, at=at, run=run, sequence=saw.sequence, position=position
        )
        return Sighting(
            id=str(uuid7(self._now(), os.urandom(10))),
            stamp=stamp,
            kind=saw.kind,
            subject=saw.subject,
            track=saw.track,
            direction=saw.direction,
            box=saw.box,
            error_m=error_m,
        )


async def _hear(reports: asyncio.StreamReader, hung_s: float) -> Report | str:
    """The next report, or in words why there is none; empty when the worker closed its pipe."""
    try:
        async with asyncio.timeout(hung_s):
            return report_of(await reports.readexactly(length_of(await reports.readexactly(4))))
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""
    except TimeoutError:
        return f"its worker said nothing for {hung_s:.0f} s and is started again"
    except (msgspec.MsgspecError, ValueError):
        return "its worker said what nobody understands and is started again"


async def _spawn() -> asyncio.subprocess.Process:
    """Start a worker with an environment of its own, so that it inherits no secret of ours."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cameras.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        env={"LANG": "C.UTF-8"},
    )
