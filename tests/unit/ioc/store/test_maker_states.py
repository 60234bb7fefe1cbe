"""Facts about the states that cameras report themselves."""

import datetime as dt
from typing import Any

import asyncpg
import pytest

from gis.observation import CameraState
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store import maker_states, registry
from ioc.store.database import Database
from ioc.store.readings import Owner
from tests.fakes.things import NOW
from tests.fakes.vaults import vault

OWNERS = {code: Owner("hoi-an", "20410@2025-07-01") for code in ("cam-1", "cam-2")}


def minutes(number: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=number)


def state(word: str, minute: int, camera: str = "cam-1") -> CameraState:
    return CameraState(camera=camera, state=word, at=minutes(minute), reason="it says so")


@pytest.fixture
async def enter(database: Database) -> Any:
    """Register two cameras, one of them watched by us, and enter states."""
    async with database.transaction(EVERYTHING) as transaction:
        for code, url in (("cam-1", ""), ("cam-2", "rtsp://h/x")):
            row = registry.CameraRow(
                code=code, centre="hoi-an", area="20410@2025-07-01", name=code, kind="street",
                position=Position(lon=108.33, lat=15.88), bearing=None, fov=None, settings={},
            )  # fmt: skip
            await registry.put_camera(transaction, row, url, NOW, vault())

    async def entering(*states: CameraState, reporting: dict[str, dt.datetime] | None = None) -> None:
        async with database.transaction(EVERYTHING) as transaction:
            await maker_states.enter(transaction, states, reporting or {}, OWNERS, minutes(60))

    return entering


async def found(admin: asyncpg.Connection, code: str = "cam-1") -> tuple[str, int]:
    row = await admin.fetchrow("select state, state_since from cameras where code = $1", code)
    assert row is not None
    return row["state"], round((row["state_since"] - NOW).total_seconds() / 60)


async def test_the_newest_state_of_a_batch_counts_and_is_told_once(enter: Any, admin: asyncpg.Connection) -> None:
    await enter(state("dark", 5), state("covered", 9), state("live", 7))
    assert await found(admin) == ("covered", 9)
    assert await admin.fetchval("select count(*) from changes where subject = 'camera'") == 1


async def test_an_older_or_equal_state_changes_nothing(enter: Any, admin: asyncpg.Connection) -> None:
    await enter(state("covered", 9))
    await enter(state("live", 8))
    await enter(state("covered", 20))
    assert await found(admin) == ("covered", 9), "it is covered since then, however often it says so"
    assert await admin.fetchval("select count(*) from changes") == 1


async def test_a_state_from_the_future_is_dated_by_its_arrival(enter: Any, admin: asyncpg.Connection) -> None:
    await enter(state("covered", 70))
    assert await found(admin) == ("covered", 60)


async def test_whoever_reports_is_live_again_unless_its_picture_is_bad(enter: Any, admin: asyncpg.Connection) -> None:
    await enter(reporting={"cam-1": minutes(3)})
    assert await found(admin) == ("live", 3)
    await enter(state("covered", 4), reporting={"cam-1": minutes(5)})
    await enter(reporting={"cam-1": minutes(6)})
    assert await found(admin) == ("covered", 4)


async def test_cameras_that_we_watch_and_strangers_are_left_alone(enter: Any, admin: asyncpg.Connection) -> None:
    await enter(state("covered", 4, "cam-2"), state("covered", 4, "cam-9"), reporting={"cam-2": minutes(5)})
    assert await found(admin, "cam-2") == ("silent", 0)
    assert await admin.fetchval("select count(*) from changes") == 0


async def test_a_state_comes_with_its_own_reason_and_without_what_proved_the_last(
    enter: Any, admin: asyncpg.Connection
) -> None:
    """The camera was watched by us once, and lost its address while it was covered."""
    await admin.execute(
        "update cameras set state = 'silent', reason = 'it is watched no more', down_since = state_since, "
        "picture_after = gen_random_uuid() where code = 'cam-1'"
    )
    known = "select reason, picture_before, picture_after, down_since from cameras where code = 'cam-1'"
    await enter(reporting={"cam-1": minutes(3)})
    assert tuple(await admin.fetchrow(known) or ()) == ("", None, None, None)
    await enter(state("covered", 4))
    assert tuple(await admin.fetchrow(known) or ()) == ("it says so", None, None, None)
