"""The sealer on a real PostgreSQL: within a second, once, whoever else seals."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from ioc.access.scope import EVERYTHING
from ioc.audit.chain import Head
from ioc.sealer import Sealer, head_file, read_head, write_head
from ioc.store import audit
from ioc.store.audit import Deed
from ioc.store.database import Database


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def write(database: Database, number: int) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for _ in range(number):
            await audit.record(transaction, Deed(act="media.read", who="operator", kind="media"), now())


async def test_a_row_is_sealed_within_a_second_of_its_commit(database: Database, tmp_path: Path) -> None:
    moved = asyncio.Event()
    sealer = Sealer(database, now, head_file=head_file(tmp_path), moved=moved.set)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(sealer.run(), name="sealer")
        for _ in range(3):
            async with asyncio.timeout(10):
                await moved.wait()
            moved.clear()
            await write(database, 1)
        async with asyncio.timeout(1):
            await moved.wait()
        running.cancel()
    report = await audit.verify(database)
    assert (report.rows, report.fault, report.waiting.rows) == (4, None, 0)
    assert read_head(head_file(tmp_path).read_text()) == report.last
    assert sealer.figures.sealed == 4


async def test_sealers_at_the_same_time_make_one_chain(database: Database) -> None:
    """Two that think they lead, while others write."""
    sealers = [Sealer(database, now) for _ in range(2)]

    async def writing() -> None:
        for _ in range(10):
            await write(database, 7)

    async with asyncio.TaskGroup() as tasks:
        for number in range(2):
            tasks.create_task(writing(), name=f"writer {number}")
        for _ in range(15):
            await asyncio.gather(*(one.seal_all() for one in sealers))
    await sealers[0].finish()
    report = await audit.verify(database)
    assert (report.rows, report.fault, report.waiting.rows) == (141, None, 0)


async def test_a_row_that_commits_late_is_sealed_late_and_no_gap_is_left_by_what_failed(database: Database) -> None:
    """Ids skip what was rolled back and appear out of order; places in the chain do neither."""
    sealer = Sealer(database, now)
    async with database.transaction(EVERYTHING) as slow:
        await audit.record(slow, Deed(act="slow", who="a", kind="x"), now())
        await write(database, 2)
        assert await sealer.seal_all() == 3
    assert await sealer.seal_all() == 1
    report = await audit.verify(database)
    assert (report.rows, report.fault) == (4, None)


async def test_a_folder_that_cannot_be_written_does_not_stop_the_sealing(database: Database, tmp_path: Path) -> None:
    sealer = Sealer(database, now, head_file=tmp_path / "nowhere" / "audit.head")
    await write(database, 1)
    assert await sealer.seal_all() == 2


def test_a_head_is_read_as_it_was_written(tmp_path: Path) -> None:
    head = Head(17, bytes(range(32)))
    write_head(tmp_path / "audit.head", head)
    assert read_head((tmp_path / "audit.head").read_text()) == head
    assert [path.name for path in tmp_path.iterdir()] == ["audit.head"]


@pytest.mark.parametrize("text", ["", "17", "17:", "17:zz", "0:" + "00" * 32, "-1:" + "00" * 32, "1:" + "00" * 31])
def test_what_is_no_head_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="SEQ:HASH"):
        read_head(text)
