"""Batches in the journal, and the cursors of its readers; their order is tried in tests/integration."""

from ioc.access.scope import EVERYTHING
from ioc.store import journal
from ioc.store.database import Database
from tests.fakes.things import NOW, reading, sighting


async def test_a_batch_comes_back_as_it_was_kept(database: Database) -> None:
    kept = [reading(seq=None), reading(seq=2), sighting(position=None)]
    async with database.transaction(EVERYTHING) as transaction:
        await journal.append(transaction, kept, NOW)
        (entry,) = await journal.after(transaction, 0, 10)
        assert (entry.observations, entry.arrived_at) == (kept, NOW)
        assert await journal.after(transaction, entry.id, 10) == []


async def test_a_page_holds_the_oldest_first(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for number in range(3):
            await journal.append(transaction, [reading(seq=number)], NOW)
        page = await journal.after(transaction, 0, 2)
    assert [entry.observations[0].stamp.sequence for entry in page] == [0, 1]


async def test_a_new_reader_begins_at_nothing_and_each_has_its_own_place(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await journal.cursor(transaction, "desk") == 0
        for through in (7, 9):
            await journal.advance(transaction, "desk", through)
        assert await journal.cursor(transaction, "desk") == 9
        assert await journal.cursor(transaction, "other") == 0


async def test_nothing_is_pruned_for_a_reader_that_never_came(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await journal.append(transaction, [reading()], NOW)
        await journal.prune(transaction, NOW.replace(year=NOW.year + 1))
        assert len(await journal.after(transaction, 0, 10)) == 1


async def test_how_far_a_reader_has_come_is_seen_without_waiting_for_it(database: Database) -> None:
    async with database.transaction(EVERYTHING) as reading_on:
        assert await journal.reached(reading_on, "desk") == (0, 0)
        await journal.append(reading_on, [reading()], NOW)
        newest = (await journal.reached(reading_on, "desk"))[1]
        await journal.advance(reading_on, "desk", newest)
        assert await journal.reached(reading_on, "desk") == (newest, newest) != (0, 0)
        async with database.transaction(EVERYTHING, read_only=True) as other:
            assert await journal.reached(other, "desk") == (0, 0)
