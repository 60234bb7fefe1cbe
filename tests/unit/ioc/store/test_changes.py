"""The change log: what is told, and where a reader may go on."""

import datetime as dt

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.store import changes
from ioc.store.changes import Change
from ioc.store.database import Database
from tests.fakes.things import NOW

YESTERDAY = NOW - dt.timedelta(days=1)


def change(number: int, at: dt.datetime = NOW) -> Change:
    fields = {"subject": "device", "op": "put", "centre": "quang-nam", "area": "x", "at": at}
    return Change(subject_id=str(number), value={"n": number}, centre_before="hoi-an", area_before="x", **fields)  # type: ignore[arg-type]


async def test_a_change_comes_back_whole_with_a_rising_version(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await changes.newest(transaction) == 0
        await changes.record(transaction, [change(1), change(2)])
        one, two = found = await changes.after(transaction, 0, 10)
        assert one.version < two.version == await changes.newest(transaction)
        assert [msgspec.structs.replace(each, version=0) for each in found] == [change(1), change(2)]
        assert await changes.after(transaction, 0, 10, through=one.version) == [one]
        assert await changes.after(transaction, one.version, 10) == [two]


async def test_no_change_takes_no_lock(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await changes.record(transaction, [])
        held = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
        assert await transaction.connection.fetchval(held) == 0


async def test_a_reader_goes_on_only_where_nothing_is_missing_and_nothing_is_old(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await changes.resumes(transaction, 0, YESTERDAY)
        assert not await changes.resumes(transaction, 5, YESTERDAY)
        await changes.record(transaction, [change(1, at=YESTERDAY - dt.timedelta(seconds=1)), change(2), change(3)])
        first, second, third = (each.version for each in await changes.after(transaction, 0, 10))
        assert not await changes.resumes(transaction, first, YESTERDAY)
        assert await changes.resumes(transaction, second, YESTERDAY)
        assert await changes.resumes(transaction, third, YESTERDAY)


async def test_a_reader_does_not_go_on_from_before_the_oldest_picture(database: Database) -> None:
    """Of what came before it only some is kept, however new what follows."""
    async with database.transaction(EVERYTHING) as transaction:
        await changes.record(transaction, [change(number) for number in range(4)])
        first, second, *_ = (each.version for each in await changes.after(transaction, 0, 10))
        assert await changes.resumes(transaction, first, YESTERDAY)
        await transaction.connection.execute("insert into past_pictures values ($1, now(), '{}')", second)
        assert not await changes.resumes(transaction, first, YESTERDAY)
        assert await changes.resumes(transaction, second, YESTERDAY)
