"""Many records at once leave the same rows as one by one."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from gis.position import Position
from ioc.access.scope import EVERYTHING, Scope
from ioc.registration.record import AnyRecord
from ioc.store import register_bulk, register_changes
from ioc.store.database import Database
from tests.fakes.store import counted
from tests.fakes.things import NOW
from tests.unit.ioc.store.test_register_changes import BY, CAMERA, DEVICE, HOI_AN

LATER = NOW + dt.timedelta(hours=1)
NEW: tuple[AnyRecord, ...] = (
    DEVICE,
    msgspec.structs.replace(DEVICE, code="gauge-b", lifecycle="active", tags=("lũ", "hạ du"), note="'=1"),
    msgspec.structs.replace(DEVICE, code="gauge-c", warranty_until=dt.date(2028, 1, 2), gateway="gw", approximate=True),
    CAMERA,
    msgspec.structs.replace(CAMERA, code="cam-b", lifecycle="active"),
    msgspec.structs.replace(CAMERA, code="cam-c", bearing=None, fov=None, settings={"scene": "square"}),
)
CHANGED: tuple[dict[str, Any], ...] = (
    {"lifecycle": "active", "serial": "8"},
    {"position": HOI_AN, "centre": "hoi-an", "area": "20410@2025-07-01"},
    {},
    {"lifecycle": "approved", "bearing": 10.0},
    {"lifecycle": "suspended", "position": Position(lon=108.1, lat=15.8)},
    {"installed_on": dt.date(2026, 3, 1), "settings": {"scene": "square", "height_m": 5.0}},
)
_TABLES = ("devices", "cameras", "positions", "register_log", "audit", "changes")


async def rows(admin: asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    """Everything that is there, but for the numbers of rows, their order, and the moments that the wall clock gave."""
    left_out = {"id", "seq", "previous", "hash", "sealed_at", "told_at"}
    found = {}
    for table in _TABLES:
        where = "where kind in ('device', 'camera')" if table == "audit" else ""
        some = [
            {k: v for k, v in row.items() if k not in left_out}
            for row in await admin.fetch(f"select * from {table} {where}")
        ]
        found[table] = sorted(some, key=repr)
    return found


async def one_by_one(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        kept = [await register_changes.register_thing(transaction, one, by=BY, now=NOW, reason="r") for one in NEW]
        await register_changes.tell(transaction, kept, NOW)
    async with database.transaction(EVERYTHING) as transaction:
        kept = [
            await register_changes.change_thing(
                transaction, msgspec.structs.replace(before.after, **fields), by=BY, now=LATER, reason="c"
            )
            for before, fields in zip(kept, CHANGED, strict=True)
        ]
        await register_changes.tell(transaction, kept, LATER)


async def together(database: Database) -> None:
    for subject in ("device", "camera"):
        some: Sequence[AnyRecord] = [one for one in NEW if one.subject == subject]
        async with database.transaction(EVERYTHING) as transaction:
            kept = await register_bulk.register_things(transaction, some, by=BY, now=NOW, act="register", reason="r")
            await register_changes.tell(transaction, kept, NOW)
        async with database.transaction(EVERYTHING) as transaction:
            there = await register_bulk.held(transaction, subject, [one.code for one in some])
            wanted = [
                (there[one.code], msgspec.structs.replace(there[one.code], **fields))
                for one, fields in zip(NEW, CHANGED, strict=True)
                if one.subject == subject
            ]
            kept = await register_bulk.change_things(transaction, wanted, by=BY, now=LATER, act="change", reason="c")
            await register_changes.tell(transaction, kept, LATER)


async def test_together_is_as_one_by_one(database: Database, admin: asyncpg.Connection) -> None:
    await one_by_one(database)
    alone = await rows(admin)
    assert [len(alone[table]) for table in ("devices", "cameras", "register_log")] == [3, 3, 11]
    await admin.execute("alter table audit disable trigger all")  # which guard what is never deleted
    for table in _TABLES:
        await admin.execute(f"delete from {table}")
    await together(database)
    assert await rows(admin) == alone


async def test_a_code_that_is_taken_is_left_out_and_nothing_is_written_of_it(
    database: Database, admin: asyncpg.Connection
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await register_changes.register_thing(transaction, DEVICE, by=BY, now=NOW)
    both = [msgspec.structs.replace(DEVICE, name="other"), msgspec.structs.replace(DEVICE, code="gauge-b")]
    async with database.transaction(EVERYTHING) as transaction:
        kept = await register_bulk.register_things(transaction, both, by=BY, now=NOW, act="import", reason="")
    assert [one.after.code for one in kept] == ["gauge-b"]
    assert await counted(admin, "register_log") == 2
    assert await admin.fetchval("select name from devices where code = 'gauge-a'") == "Ái Nghĩa"


async def test_codes_in_use_are_known_wherever_they_are_and_the_scope_stays(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for one in NEW[:4]:
            await register_changes.register_thing(transaction, one, by=BY, now=NOW)
    narrow = Scope(centres=frozenset({"hoi-an"}))
    async with database.transaction(narrow) as transaction:
        found = await register_bulk.taken(transaction, narrow, ["gauge-a", "cam-a", "none"])
        assert found == {"gauge-a": {"device"}, "cam-a": {"camera"}}
        assert await register_bulk.known(transaction, "device", ["gauge-a"]) == {}
        assert await register_bulk.known(transaction, "device", []) == {}
