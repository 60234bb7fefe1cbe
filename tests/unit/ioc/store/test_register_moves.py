"""Devices and cameras that move to another unit: history, dated past, change log."""

import datetime as dt

import asyncpg
import msgspec
import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.registration.record import AnyRecord, Author
from ioc.store import register_bulk, register_changes, register_rows, registry
from ioc.store.database import Database
from ioc.store.register_moves import move
from ioc.store.resettling import Placing, standing
from tests.fakes import things
from tests.fakes.things import AI_NGHIA, NOW
from tests.unit.ioc.store.test_register_bulk import rows
from tests.unit.ioc.store.test_register_changes import CAMERA, DEVICE

BEFORE, AFTER = "20500@2025-07-01", "20506@2025-07-01"


@pytest.mark.parametrize("subject", ["device", "camera"])
async def test_a_move_is_a_change_of_the_record(database: Database, admin: asyncpg.Connection, subject: str) -> None:
    later = NOW.replace(year=2027)
    async with database.transaction(EVERYTHING) as transaction:
        if subject == "device":
            one = things.device("thing", centre="dai-loc", area=BEFORE, position=AI_NGHIA)
            await registry.put_device(transaction, one, kind="x", approximate=False, note="", now=NOW)
        else:
            row = registry.CameraRow(
                code="thing", centre="dai-loc", area=BEFORE, name="x", kind="traffic", position=AI_NGHIA, bearing=None,
                fov=None, settings={"gateway": "nvr"},
            )  # fmt: skip
            await registry.put_camera(transaction, row, "", NOW)
    async with database.transaction(EVERYTHING) as transaction:
        [found] = await standing(transaction, areas=[BEFORE])
        assert (found.subject, found.code, found.position) == (
            subject,
            "thing",
            Position(lon=AI_NGHIA.lon, lat=AI_NGHIA.lat),
        )
        assert found.gateway == ("nvr" if subject == "camera" else "")
        tell = await move(transaction, [Placing(before=found, centre="hoi-an", area=AFTER)], "cli:thu", "vì vậy", later)
        await tell()
    log = await admin.fetchrow("select subject, act, who, reason, version from register_log")
    assert tuple(log) == (subject, "move", "cli:thu", "vì vậy", 2)
    past = await admin.fetch("select centre, area, valid_from from positions order by valid_from")
    assert [tuple(row) for row in past] == [("dai-loc", BEFORE, NOW), ("hoi-an", AFTER, later)]
    told = await admin.fetchrow("select centre, centre_before, area, area_before from changes order by id desc limit 1")
    assert tuple(told) == ("hoi-an", "dai-loc", AFTER, BEFORE)


def several(of_each: int) -> list[list[AnyRecord]]:
    """So many devices and cameras in use, and one of each that is not."""
    found: list[list[AnyRecord]] = []
    for one in (DEVICE, CAMERA):
        some = [msgspec.structs.replace(one, code=f"{one.subject}-{n}", lifecycle="active") for n in range(of_each)]
        found.append([*some, one])
    return found


async def settled(database: Database, of_each: int) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for some in several(of_each):
            await register_bulk.register_things(transaction, some, by=Author("lan"), now=NOW, act="import", reason="")


async def one_by_one(database: Database, now: dt.datetime) -> None:
    by = Author("cli:thu", "local")
    async with database.transaction(EVERYTHING) as transaction:
        kept = []
        for one in await standing(transaction, areas=[BEFORE]):
            found = await register_rows.one(transaction, one.subject, one.code)
            assert found is not None
            wanted = msgspec.structs.replace(found, centre="hoi-an", area=AFTER)
            kept.append(
                await register_changes.change_thing(transaction, wanted, by=by, now=now, act="move", reason="r")
            )
        await register_changes.tell(transaction, kept, now)


async def together(database: Database, now: dt.datetime) -> int:
    """How many statements it took to move them."""
    said: list[str] = []
    async with database.transaction(EVERYTHING) as transaction:
        moves = [
            Placing(before=one, centre="hoi-an", area=AFTER) for one in await standing(transaction, areas=[BEFORE])
        ]
        with transaction.connection.query_logger(lambda asked: said.append(asked.query)):
            tell = await move(transaction, moves, "cli:thu", "r", now)
            await tell()
    return len(said)


async def test_many_at_once_leave_what_one_by_one_would(database: Database, admin: asyncpg.Connection) -> None:
    later = NOW + dt.timedelta(days=1)
    await settled(database, 2)
    await one_by_one(database, later)
    alone = await rows(admin)
    assert [len(alone[table]) for table in ("positions", "register_log", "audit", "changes")] == [12, 12, 12, 4]
    assert {row["centre"] for table in ("devices", "cameras") for row in alone[table]} == {"hoi-an"}
    await admin.execute("alter table audit disable trigger all")  # which guard what is never deleted
    for table in alone:
        await admin.execute(f"delete from {table}")
    await settled(database, 2)
    await together(database, later)
    assert await rows(admin) == alone


async def test_a_hundred_take_as_many_statements_as_two(database: Database, admin: asyncpg.Connection) -> None:
    async def back() -> None:
        await admin.execute("update devices set area = $1", BEFORE)
        await admin.execute("update cameras set area = $1", BEFORE)

    await settled(database, 1)
    await together(database, NOW + dt.timedelta(days=1))  # asks the types of columns, once for a connection
    await back()
    few = await together(database, NOW + dt.timedelta(days=2))
    await back()
    await settled(database, 100)
    assert await together(database, NOW + dt.timedelta(days=3)) == few > 5
    assert await admin.fetchval("select count(*) from register_log where act = 'move'") == 4 + 4 + 202
