"""Keeps the workers alive within a restart budget, dates what they say, holds the newest pictures."""

import asyncio
import datetime as dt
import logging
import os
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

import msgspec

from cameras.budget import Budget
from cameras.camera import Camera
from cameras.child import end, hear, spawn
from cameras.dated import Said, dated, fit_to_show
from cameras.door import Door, Refusals, as_times, seconds_of
from cameras.groups import LARGEST, Groups
from cameras.health import State
from cameras.lives import Lives
from cameras.names import Filmed, Names
from cameras.wire import (
    Became,
    Clipped,
    Command,
    Figures,
    Go,
    Held,
    Orders,
    Pulse,
    Report,
    Saw,
    Shown,
    Step,
    framed,
)
from gis.observation import Sighting
from gis.stamp import uuid7

log = logging.getLogger(__name__)

HUNG_S = 15.0
"""A worker that says nothing for so long is hung; it has a pulse of one second."""
WAITING = 32
"""So many reports of a worker wait here; then no more are read from it."""
DOOR_S = 0.5
"""How often it is looked, in seconds, whose time has come to try again."""
FLUSH_S = 3.0
"""How long the end waits for what is still to be reported, in seconds."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A camera saw something. `picture` is a JPEG of the whole picture at that moment."""

    sighting: Sighting
    picture: bytes | None


class StateChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A camera's state changed at a time (UTC); `reason` is one sentence without secrets.

    `before` and `after` are JPEGs of what it used to show and of what it showed then, where pictures can prove it.
    """

    camera: str
    state: State
    at: dt.datetime
    reason: str
    before: bytes | None = None
    after: bytes | None = None


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The newest picture of a camera, and the camera's state now."""

    jpeg: bytes
    taken_at: dt.datetime
    state: State


Told = Seen | StateChanged | Filmed

Handler = Callable[[Any, dt.datetime], Awaitable[None]]
"""What takes a kind of report that the warden itself does not know: the report, and the time (UTC) it is about."""


class _Crew:
    """What runs for one group: the pipe to its worker while that lives, its two tasks, and what waits between them."""

    def __init__(self, suspected: bool) -> None:
        self.budget = Budget(suspected=suspected)
        self.orders: asyncio.StreamWriter | None = None
        self.run = ""
        self.tasks: list[asyncio.Task[None]] = []
        self._waiting: asyncio.Queue[Told | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(WAITING)

    async def put(self, report: Told) -> None:
        """Leave a report; waits while there is no room."""
        await self._room.acquire()
        self._waiting.put_nowait(report)

    def close(self) -> None:
        """Nothing more will be left."""
        self._waiting.put_nowait(None)

    async def hand_on(self, report: Callable[[Told], Awaitable[None]], known: Callable[[str], Camera | None]) -> None:
        """Report what is left, in order, until it is closed; no state of a camera that is watched no more."""
        while (waiting := await self._waiting.get()) is not None:
            if not isinstance(waiting, StateChanged) or known(waiting.camera) is not None:
                await report(waiting)
            self._room.release()

    def tell(self, command: Command) -> bool:
        """Write a command to the worker; False while there is none."""
        if self.orders is None or self.orders.is_closing():
            return False
        self.orders.write(framed(command))
        return True


class Warden:
    """Watches cameras while it is entered: `async with Warden(cameras, now=now, report=report) as warden`.

    `now` gives the time in UTC. `report` is awaited for one report of a worker after the other; while it
    waits, the worker keeps the newest and drops the rest. `handlers` take the other kinds of reports; while one
    waits, nothing more is read from that worker. What any of them raises ends the warden. A worker serves
    at most `group_size` cameras: what crashes one hurts only these. A worker without a pulse for `hung_s` seconds
    is killed and started again; one that ends again and again is parted from half of its cameras each time, so that
    the one that ends it is soon alone. `orders` say what else workers are told.
    """

    def __init__(
        self,
        cameras: Sequence[Camera],
        *,
        now: Callable[[], dt.datetime],
        report: Callable[[Told], Awaitable[None]],
        handlers: Mapping[type[msgspec.Struct], Handler] | None = None,
        refusals: Refusals | None = None,
        group_size: int = LARGEST,
        hung_s: float = HUNG_S,
        cores: int | None = None,
        orders: Orders | None = None,
    ) -> None:
        self._now = now
        self._report = report
        self._handlers = dict(handlers or {})
        self._groups = Groups(cores or len(os.sched_getaffinity(0)), group_size)
        self._cameras: dict[str, Camera] = {}
        self._former: dict[str, Camera] = {}
        self._crews: dict[int, _Crew] = {}
        self._hung_s = hung_s
        self._orders = orders or Orders(cameras=())
        self._names = Names()
        self._lives = Lives(lambda: str(uuid7(now(), os.urandom(10))))
        self._door = Door(random.random)
        self._refusals = refusals
        self._states: dict[str, State] = {}
        self._pictures: dict[str, tuple[bytes, dt.datetime]] = {}
        self._tasks = asyncio.TaskGroup()
        self._entered = False
        self.workers: dict[int, int] = {}
        """The process id of each group's worker, for those that watch them."""
        self.dropped: dict[int, int] = {}
        """How many sightings each group's present worker has dropped, because `report` was slow."""
        self.restarts = 0
        """How many workers have ended and were started again."""
        self.done: dict[str, Figures] = {}
        """What each camera's post has done since its worker began."""
        self.watch(cameras)

    async def __aenter__(self) -> "Warden":
        await self._tasks.__aenter__()
        self._entered = True
        if self._refusals is not None:
            self._door.remember(seconds_of(self._refusals.load(), self._now(), _clock()))
        self._opener = self._tasks.create_task(self._open(), name="door")
        for number in self._groups.numbers():
            self._hire(number)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered = False
        self._opener.cancel()
        ending = [task for crew in self._crews.values() for task in crew.tasks]
        for number in list(self._crews):
            self._dismiss(number)
        if ending:
            await asyncio.wait(ending, timeout=FLUSH_S)
        for task in ending:
            task.cancel()
        await self._tasks.__aexit__(kind, error, trace)

    def watch(self, cameras: Sequence[Camera]) -> None:
        """Watch these cameras, and no others, from now on; those that did not change are not touched.

        Raises ValueError when two cameras have the same code.
        """
        changed = self._groups.arrange(cameras)
        before, self._cameras = self._cameras, {camera.code: camera for camera in cameras}
        for code, camera in before.items():
            if self._cameras.get(code) != camera:
                self._door.left(code, camera.address)
            if code not in self._cameras:
                self._former[code] = camera
                for known in (self._pictures, self._states, self.done):
                    known.pop(code, None)
            elif self._cameras[code].seal != camera.seal:
                self._pictures.pop(code, None)
        if self._entered:
            for number in sorted(changed):
                self._order(number)

    def tell(self, code: str, command: Command) -> bool:
        """Give the worker of a camera a command; False while it has none, or for a strange code.

        It is for the worker that runs now: what must outlive a restart is told again and again.
        """
        try:
            crew = self._crews.get(self._groups.number_of(code))
        except KeyError:
            return False
        return crew is not None and crew.tell(command)

    def group_of(self, code: str) -> list[str]:
        """The cameras that share a worker with this one, itself too. Raises KeyError for a strange code."""
        return [camera.code for camera in self._groups.members(self._groups.number_of(code))]

    def worker_of(self, code: str) -> int:
        """The process id of a camera's worker. Raises KeyError while it has none."""
        return self.workers[self._groups.number_of(code)]

    def figures(self) -> dict[str, int]:
        """How it stands, in whole numbers."""
        live = sum(state is State.LIVE for state in self._states.values())
        told = {"watched": len(self._cameras), "live": live, "restarts": self.restarts}
        refused = sum(len(times) for times in self._door.past(_clock()).values()) if self._entered else 0
        return {**told, "dropped": sum(self.dropped.values()), "groups": len(self._crews), "refused_last_hour": refused}

    def camera_figures(self) -> dict[str, dict[str, int]]:
        """What was done for each camera since its worker began, and how often its password was refused in all."""
        return {
            code: {**msgspec.structs.asdict(self.done.get(code, Figures())), "refused": self._door.refused[code]}
            for code in self._cameras
        }

    def camera(self, code: str) -> Camera | None:
        """A camera that is watched now, by its code."""
        return self._cameras.get(code)

    def newest(self, code: str) -> Picture | None:
        """The newest picture of a camera, if there is one yet. Raises KeyError for a strange code."""
        state, kept = self.state(code), self._pictures.get(code)
        return None if kept is None else Picture(jpeg=kept[0], taken_at=kept[1], state=state)

    def state(self, code: str) -> State:
        """A camera's state; silent until something is known. Raises KeyError for a strange code."""
        return self._states.get(self._cameras[code].code, State.SILENT)

    def _order(self, number: int) -> None:
        """Make a group's worker watch what the group holds now."""
        members, crew = self._groups.members(number), self._crews.get(number)
        if crew is None:
            self._hire(number)
        elif not members:
            self._dismiss(number)
        else:
            crew.tell(msgspec.structs.replace(self._orders, cameras=members))

    def _hire(self, number: int, *, suspected: bool = False) -> None:
        crew = self._crews[number] = _Crew(suspected)
        crew.tasks.append(self._tasks.create_task(self._keep(number, crew), name=f"cameras-{number}"))
        crew.tasks.append(self._tasks.create_task(crew.hand_on(self._report, self.camera), name=f"reports-{number}"))

    def _dismiss(self, number: int) -> None:
        keeper = self._crews.pop(number).tasks[0]
        if not keeper.cancelling():  # a second cancellation would interrupt it while it ends its worker
            keeper.cancel()

    async def _keep(self, number: int, crew: _Crew) -> None:
        """Run a group's worker, again and again."""
        clock = asyncio.get_running_loop().time
        try:
            while True:
                reason = await self._work(number, crew)
                members = self._groups.members(number)
                log.warning("worker %d of cameras %s: %s", number, ", ".join(c.code for c in members), reason)
                for camera in members:
                    self._door.left(camera.code, camera.address)
                    fallen = StateChanged(camera=camera.code, state=State.DEGRADED, at=self._now(), reason=reason)
                    await self._become(crew, fallen)
                self.restarts += 1
                delay = crew.budget.delay(clock())
                if crew.budget.suspicious and (other := self._groups.split(number)) is not None:
                    self._hire(other, suspected=True)
                await asyncio.sleep(delay)
        finally:
            crew.close()

    async def _work(self, number: int, crew: _Crew) -> str:
        """Run one worker until it ends, and say how it did."""
        started = self._now()
        run = crew.run = f"{started:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
        process = await spawn()
        self.workers[number] = process.pid
        try:
            reason = await self._serve(number, process, crew, run)
        finally:
            crew.orders = None
            await end(process)
            self.workers.pop(number, None)
            self.dropped.pop(number, None)
            for over in self._lives.ended(run, self._now()):
                await crew.put(Seen(sighting=over, picture=None))
        return reason or f"its worker ended ({process.returncode}) and is started again"

    async def _serve(self, number: int, process: asyncio.subprocess.Process, crew: _Crew, run: str) -> str:
        """Give a worker its orders and take its reports until it ends (empty text) or misbehaves."""
        crew.orders, reports = process.stdin, process.stdout
        if crew.orders is None or reports is None:
            raise RuntimeError("a worker was started without its pipes")
        self._order(number)
        while True:
            heard = await hear(reports, self._hung_s)
            if isinstance(heard, str):
                return heard
            await self._take(number, crew, heard, run)

    async def _take(self, number: int, crew: _Crew, report: Report, run: str) -> None:
        at = self._now() - dt.timedelta(seconds=report.age_s)
        if isinstance(report, Pulse):
            self.dropped[number] = report.dropped
            self.done.update({code: done for code, done in report.cameras.items() if code in self._cameras})
            return
        camera = self._cameras.get(report.camera) or self._former.get(report.camera)
        fit = fit_to_show(report, camera) if camera is not None else None
        if isinstance(fit, Saw) and camera is not None:
            await crew.put(Seen(sighting=self._sighting(camera, fit, at, run), picture=fit.jpeg))
        elif isinstance(fit, Clipped):
            await crew.put(Filmed(id=self._names.of(fit.camera, run, fit.clip, at), at=at, clip=fit))
        elif fit is not None and fit.camera in self._cameras:  # else it was said before the worker heard that it is not
            await self._heard(crew, fit, at)

    async def _heard(self, crew: _Crew, report: Said, at: dt.datetime) -> None:
        """Something else about a camera that is watched."""
        if isinstance(report, Shown):
            self._pictures[report.camera] = (report.jpeg, at)
        elif isinstance(report, Became):
            plain = {name: getattr(report, name) for name in StateChanged.__struct_fields__ if name != "at"}
            await self._become(crew, StateChanged(at=at, **plain))
        elif isinstance(report, Step):
            await self._step(crew, self._cameras[report.camera], report, at)
        elif (handler := self._handlers.get(type(report))) is not None:
            await handler(report, at)

    async def _step(self, crew: _Crew, camera: Camera, step: Step, at: dt.datetime) -> None:
        """A camera's post comes to the door, goes in, or is out again."""
        match step.step:
            case "asks":
                if self._door.ask(camera.code, camera.address, _clock()):
                    self.tell(camera.code, Held(camera=camera.code))
            case "in":
                self._door.entered(camera.code, camera.address)
            case "out":
                self._door.left(camera.code, camera.address)
            case "refused":
                for code in self._door.turned_away(camera.code, camera.address, _clock()):
                    self.tell(code, Held(camera=code))
                if self._refusals is not None:
                    self._refusals.save(as_times(self._door.past(_clock()), self._now(), _clock()))
        self._let_in()

    def _let_in(self) -> None:
        for code in self._door.due(_clock()):
            self.tell(code, Go(camera=code))

    async def _open(self) -> None:
        """Let cameras in whose time has come."""
        while True:
            self._let_in()
            await asyncio.sleep(DOOR_S)

    async def _become(self, crew: _Crew, change: StateChanged) -> None:
        if self._states.get(change.camera) is change.state:
            return
        self._states[change.camera] = change.state
        await crew.put(change)

    def _sighting(self, camera: Camera, saw: Saw, at: dt.datetime, run: str) -> Sighting:
        clip = self._names.of(saw.camera, run, saw.clip, at) if saw.clip else None
        return self._lives.told(dated(camera, saw, at, run, clip), saw.number)


def _clock() -> float:
    """Monotonic time in seconds."""
    return asyncio.get_running_loop().time()
