"""Uploads in a real database: whose they are, how far they are, and that a picture is taken once."""

import datetime as dt
import uuid

import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import uploads
from ioc.store.database import Database
from ioc.store.media import StoredPicture
from ioc.store.uploads import QuotaError, UntakenError, Upload
from tests.fakes.things import NOW

DAY = dt.timedelta(days=1)


async def announced(database: Database, number: int, login: str = "lan", size: int = 100) -> Upload:
    async with database.transaction(EVERYTHING) as transaction:
        return await uploads.create(transaction, uuid.UUID(int=number), login, size, NOW)


async def whole(database: Database, number: int, login: str = "lan") -> Upload:
    """An upload with the picture of the same number."""
    upload = await announced(database, number, login)
    picture = StoredPicture(
        id=str(uuid.UUID(int=1000 + number)), source="upload", sha256=bytes(32), bytes=80, taken_at=NOW, expires_at=NOW
    )
    async with database.transaction(EVERYTHING) as transaction:
        assert await uploads.received(transaction, upload, upload.size)
        await uploads.judged(transaction, upload, picture)
    return upload


async def taken(database: Database, login: str, *numbers: int) -> list[int]:
    async with database.transaction(EVERYTHING) as transaction:
        ids = [uuid.UUID(int=number) for number in numbers]
        found = await uploads.take(transaction, login, ids, "ticket-x", NOW)
        return [uuid.UUID(one.id).int - 1000 for one in found]


async def test_bytes_count_from_where_the_upload_was(database: Database) -> None:
    upload = await announced(database, 1)
    async with database.transaction(EVERYTHING) as transaction:
        assert await uploads.received(transaction, upload, 40)
        assert not await uploads.received(transaction, upload, 60)
        found = await uploads.one(transaction, upload.id, "lan", NOW)
    assert found is not None
    assert found.received == 40


async def test_an_upload_is_seen_by_its_login_until_it_expires(database: Database) -> None:
    upload = await announced(database, 1)
    async with database.transaction(EVERYTHING) as transaction:
        assert await uploads.one(transaction, upload.id, "minh", NOW) is None
        assert await uploads.one(transaction, upload.id, "lan", NOW + 8 * DAY) is None
        assert await uploads.one(transaction, upload.id, "lan", NOW + 6 * DAY) is not None


async def test_pictures_are_taken_in_the_order_asked_and_once(database: Database) -> None:
    for number in (1, 2, 3):
        await whole(database, number)
    assert await taken(database, "lan", 3, 1) == [3, 1]
    with pytest.raises(UntakenError):
        await taken(database, "lan", 2, 3)
    assert await taken(database, "lan", 2) == [2]
    assert await taken(database, "lan") == []


async def test_what_is_not_whole_not_good_or_anothers_is_not_taken(database: Database) -> None:
    await announced(database, 1)
    await whole(database, 2, "minh")
    refused = await announced(database, 3)
    async with database.transaction(EVERYTHING) as transaction:
        await uploads.refuse(transaction, refused, "broken")
    for number in (1, 2, 3, 4):
        with pytest.raises(UntakenError) as error:
            await taken(database, "lan", number)
        assert error.value.id == uuid.UUID(int=number)


async def test_a_deed_that_does_not_hold_takes_nothing(database: Database) -> None:
    await whole(database, 1)
    with pytest.raises(RuntimeError):
        async with database.transaction(EVERYTHING) as transaction:
            await uploads.take(transaction, "lan", [uuid.UUID(int=1)], "ticket-x", NOW)
            raise RuntimeError("the step was refused")
    assert await taken(database, "lan", 1) == [1]


async def test_a_login_has_a_quota_of_its_own_that_taking_frees(database: Database) -> None:
    for number in range(uploads.MOST):
        await whole(database, number) if number == 0 else await announced(database, number)
    with pytest.raises(QuotaError):
        await announced(database, 900)
    await announced(database, 901, "minh")
    await taken(database, "lan", 0)
    await announced(database, 902)


async def test_bytes_are_bounded_too(database: Database) -> None:
    largest = 8 * 2**20
    for number in range(uploads.MOST_BYTES // largest):
        await announced(database, number, size=largest)
    with pytest.raises(QuotaError):
        await announced(database, 900, size=1)


async def test_one_that_was_taken_cannot_be_given_up(database: Database) -> None:
    first, second = await whole(database, 1), await whole(database, 2)
    await taken(database, "lan", 1)
    async with database.transaction(EVERYTHING) as transaction:
        assert not await uploads.remove(transaction, first)
        assert await uploads.remove(transaction, second)
        assert await uploads.waiting(transaction, [uuid.UUID(int=1001), uuid.UUID(int=1002)]) == {uuid.UUID(int=1001)}
        assert await uploads.waiting(transaction, []) == set()


async def test_what_expires_is_forgotten(database: Database) -> None:
    await announced(database, 1)
    await whole(database, 2)
    async with database.transaction(EVERYTHING) as transaction:
        assert await uploads.expired(transaction, NOW + 6 * DAY) == []
        assert set(await uploads.expired(transaction, NOW + 7 * DAY)) == {uuid.UUID(int=1), uuid.UUID(int=2)}
        assert await uploads.expired(transaction, NOW + 8 * DAY) == []
