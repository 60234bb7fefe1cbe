"""Counts in PostgreSQL: they come back as they were, and people are told what is missing."""

import datetime as dt

import msgspec

from gis.observation import Mark
from ioc.access.scope import EVERYTHING
from ioc.store import journal, registry, sequences
from ioc.store.database import Database, Transaction
from ioc.store.sequences import MOST_COUNTED, MOST_SHOWN, RECENT, Numbered, Observed, Repeat, Seen
from sensors.sequences import Count, Counts
from tests.fakes.things import NOW, device, reading, sighting

CODE = device().code


def counted(*numbers: int, run: str = "r") -> Count:
    one = Count(run=run, ranges=[], arrived_at=NOW)
    for number in numbers:
        one.take(number, NOW + dt.timedelta(seconds=min(number, 10**6)), NOW + dt.timedelta(hours=1))
    return one


async def save(transaction: Transaction, *counts: Count, code: str = CODE) -> None:
    await sequences.save(transaction, [(code, "quang-nam", count) for count in counts], [])


async def register(transaction: Transaction, *codes: str) -> None:
    for code in codes:
        await registry.put_device(transaction, device(code), kind="water", approximate=False, note="", now=NOW)


async def test_the_journal_is_read_with_stamps_and_marks_alone(database: Database) -> None:
    marks = [Mark(source="a-1", run="r", sequence=7, at=NOW), Mark(source="a-1", run="r", sequence=8)]
    async with database.transaction(EVERYTHING) as transaction:
        await journal.append(transaction, [reading(seq=3), sighting(), reading(seq=None)], NOW, marks)
        (entry,) = await sequences.entries(transaction, 0, 10)
        assert await sequences.entries(transaction, entry.id, 10) == []
    stamp = Numbered("quang-nam", CODE, NOW, "r", 3)
    assert entry.page.observations == [Observed(stamp), Seen(), Observed(msgspec.structs.replace(stamp, sequence=None))]
    assert (entry.page.marks, entry.arrived_at) == (marks, NOW)


async def test_counts_come_back_as_they_were_and_untold_until_they_are_told(database: Database) -> None:
    counts = [counted(0, 1, 4, run="a"), counted(5, run="b")]
    counts[0].refuse(8, None, NOW)
    async with database.transaction(EVERYTHING) as transaction:
        await save(transaction, *counts)
        assert await sequences.load(transaction) == ({CODE: Counts.of(counts)}, [(CODE, "a"), (CODE, "b")])
        await sequences.told(transaction, [(CODE, "a")])
        assert (await sequences.load(transaction))[1] == [(CODE, "b")]
        counts[0].take(2, NOW + dt.timedelta(seconds=2), NOW)
        await sequences.save(transaction, [(CODE, "quang-nam", counts[0])], [(CODE, "b")])
        assert await sequences.load(transaction) == ({CODE: Counts.of(counts[:1])}, [(CODE, "a")])


async def test_repeats_are_taken_once_and_oldest_first(database: Database) -> None:
    repeats = [Repeat(CODE, "r", number, NOW) for number in range(3)]
    async with database.transaction(EVERYTHING) as transaction:
        await sequences.note(transaction, repeats)
        assert await sequences.take_repeats(transaction, 2) == repeats[:2]
        assert await sequences.take_repeats(transaction, 2) == repeats[2:]
        assert await sequences.take_repeats(transaction, 2) == []


async def test_a_device_is_shown_with_its_runs_newest_first_and_the_times_beside_each_gap(database: Database) -> None:
    later = counted(*range(100, 104), run="later")
    later.take(106, NOW + dt.timedelta(hours=2), NOW + dt.timedelta(hours=2, seconds=3))
    async with database.transaction(EVERYTHING) as transaction:
        await register(transaction, CODE, "gauge-b")
        await save(transaction, counted(0, 1, 4), later)
        found = await sequences.of_device(transaction, CODE)
        assert await sequences.of_device(transaction, "gauge-nowhere") is None
        empty = await sequences.of_device(transaction, "gauge-b")
    assert found is not None
    assert (found["missing"], found["lag_s"]) == (104, 3.0)
    assert [(run["run"], run["missing"], run["through"]) for run in found["runs"]] == [("later", 102, 106), ("r", 2, 4)]
    assert found["runs"][1]["gaps"] == [
        {"from": 2, "to": 3, "count": 2, "since": "2026-11-22T01:00:01.000Z", "until": "2026-11-22T01:00:04.000Z"}
    ]
    assert empty is not None
    assert (empty["missing"], empty["lag_s"], empty["runs"]) == (0, None, [])


async def test_of_many_gaps_the_newest_are_shown(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await register(transaction, CODE)
        await save(transaction, counted(*range(0, 2 * MOST_SHOWN + 20, 2)))
        found = await sequences.of_device(transaction, CODE)
    assert found is not None
    assert len(found["runs"][0]["gaps"]) == MOST_SHOWN
    assert found["runs"][0]["gaps"][0]["to"] == 2 * MOST_SHOWN + 17
    assert found["missing"] == MOST_SHOWN + 9


async def test_the_worst_come_first_and_old_gaps_are_no_longer_counted(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await register(transaction, CODE, "gauge-b", "gauge-c")
        assert await sequences.worst(transaction, NOW, 10) == {"devices": 0, "missing": 0, "items": []}
        await save(transaction, counted(0, 3), counted(0, 2, run="q"))
        await save(transaction, counted(0, 9), code="gauge-b")
        await save(transaction, counted(0, 1, 2), code="gauge-c")
        await save(transaction, counted(0, 100), code="gauge-not-registered")
        found = await sequences.worst(transaction, NOW, 1)
        everyone = await sequences.worst(transaction, NOW, 10)
        assert (await sequences.worst(transaction, NOW + RECENT + dt.timedelta(hours=1), 10))["devices"] == 0
    assert (found["devices"], found["missing"], len(found["items"])) == (2, 11, 1)
    assert [(one["device"], one["missing"]) for one in everyone["items"]] == [("gauge-b", 8), (CODE, 3)]
    assert found["items"][0]["newest_at"] == "2026-11-22T01:00:09.000Z"


async def test_giant_numbers_do_not_burst_the_sum(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await register(transaction, CODE, "gauge-b")
        for code in (CODE, "gauge-b"):
            await save(transaction, counted(0, (1 << 63) - 1), code=code)
        assert (await sequences.worst(transaction, NOW, 10))["missing"] == 2 * MOST_COUNTED
