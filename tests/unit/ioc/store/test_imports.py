"""Dry runs are their person's alone, for a day."""

import datetime as dt
import uuid

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.registration.headings import Heading
from ioc.registration.rows import Cell, Offer, Row
from ioc.store import imports
from ioc.store.database import Database
from ioc.store.imports import Import
from tests.fakes.store import counted
from tests.fakes.things import NOW

ROW = Row(
    number=2, code="a", texts=("a", "b"), fields={"name": "b", "position": [108.1, 15.8]},
    cells=[Cell("name", "vi", "en", Offer("c", (108.0, 15.0)), stops=True)], found={"108.1,15.8": ("dai-loc", "x")},
)  # fmt: skip


def made(login: str = "lan", number: int = 1, at: dt.datetime = NOW) -> Import:
    return Import(
        id=uuid.UUID(int=number), login=login, subject="device", made_at=at, expires_at=at + imports.LASTS,
        headings=("Mã", "Tên", "Màu"), unknown=(Heading("Màu", ""),), rows=[ROW],
    )  # fmt: skip


async def kept(database: Database, one: Import) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await imports.keep(transaction, one, imports.packed(one.rows))


async def found(database: Database, number: int, login: str = "lan", at: dt.datetime = NOW) -> Import | None:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        there = await imports.one(transaction, uuid.UUID(int=number), login, at)
    return None if there is None else msgspec.structs.replace(there.about, rows=imports.unpacked(there.rows))


async def test_what_is_kept_is_found_by_its_person_until_it_is_over(database: Database) -> None:
    await kept(database, made())
    assert await found(database, 1) == made()
    assert await found(database, 1, "minh") is None
    assert await found(database, 1, at=NOW + imports.LASTS) is None
    assert made().heading("name") == "Tên"
    assert made().heading("maker") == ""


async def test_row_level_security_shows_a_person_no_other_persons(
    database: Database, admin: asyncpg.Connection
) -> None:
    await kept(database, made())
    async with database.transaction(EVERYTHING) as transaction:
        for who, rows in (("", 0), ("minh", 0), ("lan", 1)):
            await imports.act_for(transaction, who)
            assert await transaction.connection.fetchval("select count(*) from imports") == rows
        await imports.act_for(transaction, "minh")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await transaction.connection.execute(
                "insert into imports select gen_random_uuid(), 'lan', 'device', $1, $1, null, '{}', '[]', ''", NOW
            )
    async with database.transaction(EVERYTHING) as transaction:
        assert await transaction.connection.fetchval("select count(*) from imports") == 0
    blind = Scope(None, kinds=frozenset({"reading"}))
    async with database.transaction(blind) as transaction:
        await imports.act_for(transaction, "lan")
        assert await transaction.connection.fetchval("select count(*) from imports") == 0
    assert await counted(admin, "imports") == 1


async def test_one_too_many_takes_the_place_of_the_oldest_and_what_is_over_goes(
    database: Database, admin: asyncpg.Connection
) -> None:
    await kept(database, made("minh", 99, NOW - imports.LASTS))
    for number in range(imports.MOST + 1):
        await kept(database, made(number=number + 1, at=NOW + number * dt.timedelta(minutes=1)))
    left = [row["id"].int for row in await admin.fetch("select id from imports order by made_at")]
    assert left == list(range(2, imports.MOST + 2))
    async with database.transaction(EVERYTHING) as transaction:
        assert await imports.prune(transaction, NOW + 2 * imports.LASTS) == imports.MOST


async def test_what_became_of_it_is_kept(database: Database) -> None:
    await kept(database, made())
    done = Row(number=2, code="a", outcome="new", applied=True)
    async with database.transaction(EVERYTHING) as transaction:
        there = await imports.one(transaction, uuid.UUID(int=1), "lan", NOW, lock=True)
        assert there is not None
        await imports.applied(transaction, there.about.id, imports.packed([done]), NOW)
    after = await found(database, 1)
    assert after is not None
    assert (after.applied_at, after.rows) == (NOW, [done])
