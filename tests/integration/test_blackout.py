"""Cameras that die, alone and with their link, are covered or watched by nobody: what is told on a real PostgreSQL."""

import datetime as dt
import os
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from cameras.health import State
from cameras.warden import StateChanged
from gis.areas import AreaIndex
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.gallery import Gallery
from ioc.lookout import Lookout
from ioc.outages import Outages
from ioc.register import Register
from ioc.store import parts, registry
from ioc.store.database import Database
from ioc.store.parts import Part
from ioc.store.registry import CameraRow
from ioc.watch import FreshnessWatch
from tests.fakes.store import store
from tests.fakes.things import AI_NGHIA, NOW
from tests.fakes.vaults import vault

FIBRE = ["cam-1", "cam-2", "cam-3"]
ALL = [*FIBRE, "cam-9"]


class Watch:
    """A centre with three cameras on one fibre and one without a link; the test turns the clock."""

    def __init__(self, database: Database, register: Register, lookout: Lookout, index: AreaIndex) -> None:
        self.database, self.lookout, self.at, self.watched = database, lookout, NOW, True
        self._register, self._index = register, index
        self.watch = self.hire()

    def hire(self) -> FreshnessWatch:
        """One that knows nothing yet."""
        rules = catalogue.rules(demo=False)
        docket = Docket(rules, self._index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
        outages = Outages(self._register, rules, docket, home="quang-nam", entropy=os.urandom)
        return FreshnessWatch(self.database, self._register, lambda: self.at, outages=outages)

    async def become(self, state: State, *codes: str, before: bytes | None = None, after: bytes | None = None) -> None:
        """Cameras get a state now."""
        for code in codes:
            change = StateChanged(camera=code, state=state, at=self.at, reason="why", before=before, after=after)
            await self.lookout.take(change)

    async def wait(self, seconds: float) -> None:
        """Time goes on in steps of six seconds."""
        for _ in range(round(seconds / 6)):
            self.at += dt.timedelta(seconds=6)
            async with self.database.transaction(EVERYTHING) as transaction:
                if self.watched:
                    await parts.enter(transaction, Part(name="cameras", ready=True, state={}, seen_at=self.at))
            await self.watch.look()
            await self.watch.tell()


@pytest.fixture
async def watch(database: Database, area_index: AreaIndex, tmp_path: Path) -> AsyncIterator[Watch]:
    """All cameras live."""
    async with database.transaction(EVERYTHING) as transaction:
        for code in ALL:
            row = CameraRow(
                code=code,
                centre="quang-nam",
                area="20335@2025-07-01",
                name=f"Camera {code}",
                kind="street",
                position=AI_NGHIA,
                bearing=None,
                fov=None,
                settings={"link": "fibre-1"} if code in FIBRE else {},
            )
            await registry.put_camera(transaction, row, "rtsp://127.0.0.1/", NOW, vault())
    async with (
        Register.open(database, catalogue.profiles()) as register,
        Lookout.open(database, register, store(database), Gallery(tmp_path / "media"), lambda: NOW) as lookout,
    ):
        opened = Watch(database, register, lookout, area_index)
        await opened.become(State.LIVE, *ALL)
        await opened.wait(60)
        yield opened


async def told(admin: asyncpg.Connection) -> list[tuple[str, bool]]:
    """Every alarm with whether it holds."""
    rows = await admin.fetch(
        "select property || ' ' || source as what, cleared_at is null as holds from alarms order by raised_at, source"
    )
    return [(row["what"], row["holds"]) for row in rows]


async def incidents(admin: asyncpg.Connection) -> list[tuple[str, str]]:
    """Every incident: its English title and its status."""
    return [tuple(row) for row in await admin.fetch("select title_en, status from incidents order by opened_at, id")]


async def test_a_dead_camera_is_one_incident_however_it_fails_and_ends_when_it_is_back(
    watch: Watch, admin: asyncpg.Connection
) -> None:
    for state in (State.SILENT, State.UNREACHABLE, State.REFUSED, State.UNREACHABLE):
        await watch.become(state, "cam-1")
        await watch.wait(30)
    assert await told(admin) == [("camera cam-1", True)]
    assert await incidents(admin) == [("No picture from camera Camera cam-1", "new")]
    await watch.become(State.LIVE, "cam-1")
    await watch.wait(12)
    assert await told(admin) == [("camera cam-1", True)]
    await watch.wait(24)
    assert await told(admin) == [("camera cam-1", False)]
    assert await incidents(admin) == [("No picture from camera Camera cam-1", "resolved")]


async def test_a_dead_link_is_one_incident_for_all_its_cameras_and_what_stays_dead_follows(
    watch: Watch, admin: asyncpg.Connection
) -> None:
    for code in FIBRE:
        await watch.become(State.SILENT, code)
        await watch.wait(18)
    await watch.wait(300)
    assert await told(admin) == [("camera-link fibre-1", True)]
    assert await incidents(admin) == [("The link to the cameras of fibre-1 is down", "new")]
    assert await admin.fetchval("select count(*) from cameras where state = 'silent'") == 3
    watch.watch = watch.hire()
    await watch.wait(60)
    await watch.become(State.LIVE, "cam-1", "cam-2")
    await watch.wait(42)
    assert await told(admin) == [("camera-link fibre-1", False)]
    await watch.wait(120)
    assert await told(admin) == [("camera-link fibre-1", False), ("camera cam-3", True)]
    assert len(await incidents(admin)) == 2


async def test_a_covered_camera_is_told_with_its_pictures_before_and_after(
    watch: Watch, admin: asyncpg.Connection
) -> None:
    await watch.become(State.COVERED, "cam-9", before=b"before", after=b"after")
    await watch.wait(24)
    assert await told(admin) == [("camera-covered cam-9", True)]
    assert await incidents(admin) == [("Camera Camera cam-9 is covered", "new")]
    kept = await admin.fetch(
        "select m.bytes from alarms a join media m "
        "on m.id::text in (a.evidence ->> 'before', a.evidence ->> 'picture') where m.source = 'cam-9' order by 1"
    )
    assert [row["bytes"] for row in kept] == [len(b"after"), len(b"before")]
    await watch.become(State.LIVE, "cam-9")
    await watch.wait(42)
    assert await told(admin) == [("camera-covered cam-9", False)]


async def test_cameras_that_nobody_watches_are_not_live_and_that_is_one_incident(
    watch: Watch, admin: asyncpg.Connection
) -> None:
    await watch.become(State.SILENT, "cam-1")
    await watch.wait(120)
    watch.watched = False
    await watch.wait(30)
    assert {row["state"] for row in await admin.fetch("select state from cameras")} == {"silent"}
    await watch.wait(120)
    assert await told(admin) == [("camera cam-1", True), ("cameras quang-nam", True)]
    watch.watched = True
    await watch.become(State.LIVE, *ALL)
    await watch.wait(60)
    assert await told(admin) == [("camera cam-1", False), ("cameras quang-nam", False)]
