"""Everything that listens and judges during the scripted flood, with a clock that the test turns."""

import contextlib
import datetime as dt
import itertools
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from cameras.health import State
from cameras.warden import StateChanged
from gis.areas import AreaIndex
from gis.observation import Notice, Observation, Report
from ioc.access.scope import EVERYTHING
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.gallery import Gallery
from ioc.lookout import Lookout
from ioc.outages import Outages
from ioc.register import Register
from ioc.store import notices, parts, reports
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.parts import Part
from ioc.store.readings import Owner
from ioc.watch import FreshnessWatch
from sensors.intake import Batch
from tests.fakes import flood
from tests.fakes import flood_night as night
from tests.fakes.flood import CENTRE, VIETNAM, Script

POINTS = ("desk-read", "desk-judged", "desk-saved", "desk-committed")
STEP = dt.timedelta(seconds=15)

Arrival = tuple[dt.datetime, Observation]


class StoppedError(Exception):
    """The desk is stopped where it is."""


class Office:
    """Everything that listens and judges, and a clock that the test turns. `kills`: the desk is stopped at each of its
    points once in every page, and a new one begins."""

    def __init__(
        self, database: Database, index: AreaIndex, script: Script, register: Register, lookout: Lookout, *, kills: bool
    ) -> None:
        self.database, self.index, self.script = database, index, script
        self.register, self.lookout = register, lookout
        self.rules = flood.rules()
        self.at = script.told[0][0]
        owners = {code: Owner(one.centre, one.area) for code, one in script.sources.items()}
        owners |= register.owners()
        self.store = ObservationStore(database, lambda: owners, lambda device, prop: "m")
        self.kills = kills
        self.stops = Counter[str]()
        self._died = set[str]()
        self.desk = self.hire()

    def hire(self) -> Desk:
        """A desk that knows nothing yet."""
        return Desk(
            self.database,
            self.rules,
            lambda: self.script.sources,
            Docket(self.rules, self.index, VIETNAM, os.urandom, lineage=self.register.lineage),
            profile_of=lambda code: self.script.profiles.get(code, ""),
            now=lambda: self.at,
            entropy=os.urandom,
            passing=self._passing,
        )

    def _passing(self, point: str) -> None:
        if not self.kills or point in self._died:
            return
        self._died.add(point)
        self.stops[point] += 1
        if point == POINTS[-1]:
            self._died.clear()
        raise StoppedError(point)

    async def work(self) -> None:
        """The desk until nothing is left, and what time drives."""
        while True:
            try:
                if not await self.desk.turn():
                    break
            except StoppedError:
                self.desk = self.hire()
        await self.desk.hush()
        await self.beside()

    async def beside(self) -> None:
        """What others do whenever the desk has done its work."""

    async def until(self, at: dt.datetime) -> None:
        """The time until something arrives."""

    async def take(self, told: Sequence[Observation]) -> None:
        """What arrives together, by the ways by which it comes: into the store, and through the desk."""
        spoken = [one for one in told if isinstance(one, Report | Notice)]
        measured = [one for one in told if not isinstance(one, Report | Notice)]
        if measured:
            await self.store.keep(Batch(arrived_at=self.at, observations=measured))
        for one in spoken:
            async with self.database.transaction(EVERYTHING) as transaction:
                if isinstance(one, Report):
                    await reports.enter(transaction, one, self.at, "operator", reports.Reporter())
                else:
                    await notices.enter(transaction, one, self.at, "operator", None)
        await self.work()

    async def play(self, arriving: Iterable[Arrival]) -> None:
        """All that arrives, minute by minute; in the night the gateway falls silent and a camera is covered."""
        dark = False
        for minute, together in itertools.groupby(arriving, lambda one: int(one[0].timestamp()) // 60):
            if not dark and minute * 60 >= night.BEGINS.timestamp():
                await self.darken()
                dark = True
            arrivals = list(together)
            await self.until(arrivals[-1][0])
            self.at = max(self.at, arrivals[-1][0])
            await self.take([one for _, one in arrivals])
        self.at += dt.timedelta(minutes=10)
        await self.work()

    async def darken(self) -> None:
        """Twelve minutes in which three devices behind one gateway say nothing more, and another one speaks on."""
        await self.until(night.BEGINS)
        self.at = max(self.at, night.BEGINS)
        await self.lookout.take(self._camera(State.LIVE))
        await self.take([night.beat(f"{night.GAUGES}-{number}", self.at) for number in (1, 2, 3)])
        watch = self._watch()
        for step in range(48):
            if step == 8:
                await self.lookout.take(self._camera(State.COVERED))
            if step % 12 == 0:  # whoever watches is stopped as well
                watch = self._watch()
            await self.take([night.beat("lora-alone", self.at)])
            async with self.database.transaction(EVERYTHING) as transaction:
                for name in ("intake", "cameras"):
                    await parts.enter(transaction, Part(name=name, ready=True, state={}, seen_at=self.at))
            await watch.look()
            await watch.tell()
            self.at += STEP

    def _watch(self) -> FreshnessWatch:
        docket = Docket(self.rules, self.index, VIETNAM, os.urandom, lineage=self.register.lineage)
        outages = Outages(self.register, self.rules, docket, home=CENTRE, entropy=os.urandom)
        return FreshnessWatch(self.database, self.register, lambda: self.at, outages=outages)

    def _camera(self, state: State) -> StateChanged:
        return StateChanged(camera="cam-bach-dang", state=state, at=self.at, reason="a bag over it")


def late(told: Sequence[Arrival], dice: random.Random) -> list[Arrival]:
    """The same, each up to ten minutes after its time. What drives the gateway's loss is heard as ever."""
    moved = [(at + dt.timedelta(seconds=dice.uniform(0, 600)), one) for at, one in told]
    return sorted(moved, key=lambda one: one[0])


SomeOffice = TypeVar("SomeOffice", bound=Office)


@contextlib.asynccontextmanager
async def opened(
    kind: type[SomeOffice], database: Database, index: AreaIndex, script: Script, media: Path
) -> AsyncIterator[SomeOffice]:
    """An office with the gateway, its devices and the camera in the register."""
    profiles = night.profiles()
    await night.register(database, index, script, profiles)
    async with Register.open(database, profiles) as register:
        made = kind(database, index, script, register, None, kills=False)
        async with Lookout.open(database, register, made.store, Gallery(media), lambda: made.at) as lookout:
            made.lookout = lookout
            yield made
