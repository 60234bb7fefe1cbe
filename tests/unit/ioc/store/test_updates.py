"""Updates are kept in the order of their commits, and sent of each report one after the other."""

import datetime as dt
import uuid

import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.store import updates
from ioc.store.database import Database
from ioc.store.updates import Standing, Told, Wanted
from tests.fakes.answered import told_by, updates_of
from tests.fakes.things import NOW

MINUTE = dt.timedelta(minutes=1)


async def entered(database: Database, report: uuid.UUID, version: int, step: str = "sent") -> None:
    told = Told(report=report, centre="dai-loc", area="20506@2025-07-01", channel="1022", number="7")
    ticket = Standing(id=uuid.UUID(int=5), number=5, version=version, unit="dai-loc", state="new", due_at=NOW + MINUTE)
    async with database.transaction(EVERYTHING) as transaction:
        await updates.enter(transaction, [told], ticket, step, NOW + version * MINUTE, [uuid.uuid4()])


async def due(database: Database, minutes: int, *channels: str) -> list[int]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return [one.version for one in await updates.due(transaction, channels, NOW + minutes * MINUTE, 10)]


async def test_a_step_is_entered_once_whoever_says_it_again(database: Database) -> None:
    report = await told_by(database, "7", None)
    for version in (1, 1, 2):
        await entered(database, report, version)
    assert [one.version for one in await updates_of(database)] == [1, 2]
    places = [one.place for one in await updates_of(database)]
    assert places == sorted(places)


async def test_of_each_report_only_the_first_is_due(database: Database) -> None:
    first, second = await told_by(database, "1", None), await told_by(database, "2", None)
    for report, version in ((first, 1), (first, 2), (second, 3)):
        await entered(database, report, version)
    assert await due(database, 0, "1022") == []
    assert await due(database, 9, "1022") == [1, 3]
    assert await due(database, 9, "other") == []
    [one, *_] = await updates_of(database)
    async with database.transaction(EVERYTHING) as transaction:
        await updates.told(transaction, one, NOW)
    assert await due(database, 9, "1022") == [2, 3]


async def test_what_failed_waits_and_what_is_dead_lets_the_next_by(database: Database) -> None:
    report = await told_by(database, "1", None)
    await entered(database, report, 1)
    await entered(database, report, 2)
    [one, *_] = await updates_of(database)
    async with database.transaction(EVERYTHING) as transaction:
        await updates.again(transaction, one, NOW + 30 * MINUTE, "the server answered 503")
    assert await due(database, 9, "1022") == []
    assert await due(database, 30, "1022") == [1]
    async with database.transaction(EVERYTHING) as transaction:
        await updates.dead(transaction, one, "410")
    assert sorted(one.state for one in await updates_of(database)) == ["dead", "offered"]
    assert await due(database, 9, "1022") == [2]
    async with database.transaction(EVERYTHING) as transaction:
        await updates.revive(transaction, one, NOW)
    assert await due(database, 9, "1022") == [1]


@pytest.mark.parametrize(("centre", "seen"), [("dai-loc", 1), ("hoi-an", 0)])
async def test_who_sees_the_report_sees_what_was_told_of_it(database: Database, centre: str, seen: int) -> None:
    report = await told_by(database, "7", None)
    await entered(database, report, 1)
    async with database.transaction(Scope(frozenset({centre})), read_only=True) as transaction:
        assert len(await updates.listed(transaction, Wanted(report=report), 0, 10)) == seen
        assert (await updates.last(transaction, report) is not None) == bool(seen)
        assert len(await updates.listed(transaction, Wanted(number="8"), 0, 10)) == 0
