"""The register of evidence: who sees it, what is held, what goes first."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.store import media
from ioc.store.database import Database
from ioc.store.media import Hold, Media, StoredPicture
from tests.fakes.store import OWNERS, counted
from tests.fakes.things import NOW

ELSEWHERE = Scope(frozenset({"hoi-an"}))
DAY = dt.timedelta(days=1)
HOLD = Hold(by="thanh", why="an inquiry", since=NOW)


def stored(number: int, **more: Any) -> StoredPicture:
    plain: dict[str, Any] = {
        "id": str(uuid.UUID(int=number)), "source": "cam-a", "sha256": b"d", "bytes": 10, "taken_at": NOW,
        "expires_at": NOW + 30 * DAY,
    }  # fmt: skip
    return StoredPicture(**plain | more)


async def put(database: Database, *files: StoredPicture) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await media.insert_pictures(transaction, files, OWNERS)


def numbers(found: list[Media]) -> list[int]:
    return [one.id.int for one in found]


async def test_a_file_that_is_registered_stays_as_it_is(database: Database, admin: asyncpg.Connection) -> None:
    await put(database, stored(7))
    await put(database, stored(7, bytes=99))
    assert await counted(admin, "media") == 1
    kept = await admin.fetchrow("select bytes, centre, kind, content_type, retention from media")
    assert tuple(kept) == (10, "quang-nam", "sighting", "image/jpeg", "sighting")


async def test_it_is_there_until_it_expires_and_for_its_centre_alone(database: Database) -> None:
    clip = stored(7, kind="clip", content_type="video/mp4", retention="clip", made="remuxed", seconds=12.5)
    await put(database, clip)
    async with database.transaction(EVERYTHING) as transaction:
        found = await media.one(transaction, uuid.UUID(int=7), NOW + 30 * DAY - dt.timedelta(microseconds=1))
        assert found is not None
        assert (found.file, found.made, found.seconds) == (f"{uuid.UUID(int=7)}.mp4", "remuxed", 12.5)
        assert await media.one(transaction, uuid.UUID(int=7), NOW + 30 * DAY) is None
    async with database.transaction(ELSEWHERE) as transaction:
        assert await media.one(transaction, uuid.UUID(int=7), NOW) is None


async def test_what_is_held_is_there_after_its_time_until_the_hold_ends(database: Database) -> None:
    await put(database, stored(1), stored(2), stored(3))
    late = NOW + 40 * DAY
    async with database.transaction(EVERYTHING) as transaction:
        await media.hold(transaction, uuid.UUID(int=1), HOLD)
        await media.hold(transaction, uuid.UUID(int=2), Hold(by="t", why="w", since=NOW, until=late))
        assert numbers(await media.expired(transaction, late - DAY)) == [3]
        assert sorted(numbers(await media.expired(transaction, late))) == [2, 3]
        assert numbers(await media.oldest(transaction, late - DAY)) == [3]
        held = await media.one(transaction, uuid.UUID(int=1), late)
        assert held is not None
        assert held.held(late)
        await media.release(transaction, uuid.UUID(int=1))
        assert await media.one(transaction, uuid.UUID(int=1), late) is None
        assert len(await media.expired(transaction, late)) == 3


async def test_the_oldest_goes_first_and_nothing_that_another_is_letting_go(database: Database) -> None:
    await put(database, *(stored(number, taken_at=NOW - number * DAY) for number in (1, 2, 3)))
    async with database.transaction(EVERYTHING) as one, database.transaction(EVERYTHING) as other:
        assert numbers(await media.oldest(one, NOW)) == [3, 2, 1]
        assert await media.oldest(other, NOW) == []


async def test_a_hold_that_comes_while_it_goes_finds_nothing(database: Database) -> None:
    """And one that was there first keeps it: the row is locked by either."""
    await put(database, stored(1))
    async with database.transaction(EVERYTHING) as transaction:
        await media.remove(transaction, [uuid.UUID(int=1)])
    async with database.transaction(EVERYTHING) as transaction:
        await media.hold(transaction, uuid.UUID(int=1), HOLD)
        assert await media.any_of(transaction, uuid.UUID(int=1)) is None


async def test_a_fault_is_told_once(database: Database, admin: asyncpg.Connection) -> None:
    await put(database, stored(1))
    for fault in ("changed", "changed", None, "missing"):
        async with database.transaction(EVERYTHING) as transaction:
            one = await media.any_of(transaction, uuid.UUID(int=1))
            assert one is not None
            await media.compared(transaction, one, fault, NOW)  # type: ignore[arg-type]
    told = await admin.fetch("select after from audit where act = 'media.fault' order by id")
    assert [row["after"] for row in told] == ['{"fault": "changed"}', '{"fault": "missing"}']
    assert await admin.fetchval("select fault from media") == "missing"


async def test_files_are_compared_by_turns(database: Database) -> None:
    await put(database, stored(1), stored(2), stored(3))
    async with database.transaction(EVERYTHING) as transaction:
        await media.checked(transaction, uuid.UUID(int=1), NOW - DAY, None)
        await media.checked(transaction, uuid.UUID(int=2), NOW - 9 * DAY, None)
        assert numbers(await media.unchecked(transaction, NOW - 7 * DAY, 10)) == [3, 2]


async def test_totals_are_those_that_the_reader_may_see(database: Database) -> None:
    await put(database, stored(1), stored(2, bytes=30))
    async with database.transaction(EVERYTHING) as transaction:
        await media.hold(transaction, uuid.UUID(int=2), HOLD)
        assert await media.totals(transaction, NOW) == media.Totals(files=2, bytes=40, held=30, faults=0)
    async with database.transaction(ELSEWHERE, read_only=True) as transaction:
        assert await media.totals(transaction, NOW) == media.Totals(files=0, bytes=0, held=0, faults=0)


async def test_half_a_hold_cannot_be_entered(admin: asyncpg.Connection, database: Database) -> None:
    await put(database, stored(1))
    with pytest.raises(asyncpg.CheckViolationError):
        await admin.execute("update media set held_by = 'x'")
