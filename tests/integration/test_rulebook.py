"""The rules in memory follow the database: seeded once, heard of at once, kept while PostgreSQL cannot be read."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from ioc import catalogue, data, shipping
from ioc.access.scope import EVERYTHING
from ioc.rehearsal import BusyError, Rehearsals
from ioc.rulebook import Book, Rulebook
from ioc.store import rules as kept
from ioc.store.database import Database
from ioc.store.rules import Step
from tests.conftest import Fresh
from tests.fakes.http_centre import rehearsals

NOW = dt.datetime.now(dt.UTC)
PROFILES = catalogue.profiles()


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def disable(database: Database, pack: str, code: str) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        before = await kept.locked(transaction, pack, code)
        assert before is not None
        await kept.renew(transaction, before, Step(what="disabled", at=now(), who="a", reason="r"), enabled=False)


async def heard(books: list[Book], wanted: Callable[[Book], bool], within_s: float = 10.0) -> None:
    """Until a reader was given such a book."""
    async with asyncio.timeout(within_s):
        while not any(map(wanted, books)):
            await asyncio.sleep(0.01)


async def test_shipped_packs_are_entered_once_and_are_those_of_the_catalogue(
    database: Database, admin: asyncpg.Connection
) -> None:
    for demo in (True, False, True):
        async with Rulebook.open(database, PROFILES, demo=demo, now=now) as rulebook:
            wanted = {rule.name for rule in catalogue.rules(demo=demo)}
            assert {rule.name for rule in rulebook.rules} == wanted
    shipped = sum(len(pack["rule"]) for pack in data.rule_packs())
    assert await admin.fetchval("select count(*) from rules") == shipped
    assert await admin.fetchval("select count(*) from rule_versions") == shipped
    levels = {one.subject for one in (await river(database)).overrides}
    assert "gauge-ai-nghia" in levels


async def river(database: Database) -> kept.Kept:
    async with database.transaction(EVERYTHING) as transaction:
        found = await kept.one(transaction, "river-levels", "river-level")
    assert found is not None
    return found


async def test_two_programs_that_start_at_once_enter_the_packs_once(database: Database) -> None:
    await asyncio.gather(*(shipping.seed(database, now) for _ in range(3)))
    assert (await river(database)).newest == (await river(database)).shipped_version


async def test_a_change_is_heard_of_at_once_by_every_process(fresh: Fresh, database: Database) -> None:
    books: list[list[Book]] = [[], []]
    async with contextlib.AsyncExitStack() as stack:
        other = await stack.enter_async_context(Database.open(fresh.url()))
        for where, heard_of in zip((database, other), books, strict=True):
            rulebook = await stack.enter_async_context(Rulebook.open(where, PROFILES, demo=False, now=now))
            stack.enter_context(rulebook.followed(heard_of.append))
        await disable(database, "river-levels", "river-level")
        for heard_of in books:
            await heard(heard_of, lambda book: all(rule.pack != "river-levels" for rule in book.rules))


async def test_a_change_before_we_listen_is_heard_of_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first reading and then it wakes nobody."""
    listen = Database.listen

    @contextlib.asynccontextmanager
    async def late(self: Database, channel: str, wake: Callable[[], None]) -> AsyncIterator[asyncpg.Connection]:
        await disable(database, "river-levels", "river-level")
        async with listen(self, channel, wake) as connection:
            yield connection

    monkeypatch.setattr(Database, "listen", late)
    books: list[Book] = []
    async with Rulebook.open(database, PROFILES, demo=False, now=now) as rulebook:
        with rulebook.followed(books.append):
            await heard(books, lambda book: all(rule.pack != "river-levels" for rule in book.rules))


async def test_an_override_is_where_its_device_is_also_when_that_comes_later(
    database: Database, admin: asyncpg.Connection
) -> None:
    await shipping.seed(database, now)
    where = "select centre, area from rule_overrides where subject = 'gauge-ai-nghia'"
    assert tuple(await admin.fetchrow(where)) == ("", "")
    await admin.execute(
        """insert into devices (code, centre, area, name, kind, profile, state, state_since, geom) values
           ('gauge-ai-nghia', 'dai-loc', '1@1', '', '', 'river-gauge', 'fresh', now(), 'SRID=4326;POINT(108 15)')"""
    )
    assert tuple(await admin.fetchrow(where)) == ("dai-loc", "1@1")
    await admin.execute("update devices set centre = 'hoi-an'")
    assert tuple(await admin.fetchrow(where)) == ("hoi-an", "1@1")


async def trying(database: Database, **options: Any) -> tuple[Rehearsals, kept.Kept]:
    await shipping.seed(database, now)
    rulebook = Rulebook(database, PROFILES, demo=False)
    await rulebook.read()
    return rehearsals(database, rulebook, **options), await river(database)


async def test_a_test_that_runs_out_of_time_tells_how_far_it_came(database: Database) -> None:
    tests, rule = await trying(database, seconds=0.0)
    result = await tests.run(EVERYTHING, rule, NOW - dt.timedelta(days=31), NOW)
    assert result.stopped == "time"
    assert result.through < NOW
    assert (result.after.alarms, result.after.listed) == (0, ())


async def test_a_test_ends_when_nobody_waits_for_it(database: Database) -> None:
    tests, rule = await trying(database)
    result = await tests.run(EVERYTHING, rule, NOW - dt.timedelta(days=31), NOW, lambda: True)
    assert (result.stopped, result.through) == ("gone", NOW - dt.timedelta(days=31))


async def test_one_test_runs_at_a_time_and_one_that_is_cancelled_makes_room(database: Database) -> None:
    tests, rule = await trying(database)
    span = (NOW - dt.timedelta(days=31), NOW)
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(tests.run(EVERYTHING, rule, *span), name="first")
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await tests.run(EVERYTHING, rule, *span)
        first.cancel()
    assert (await tests.run(EVERYTHING, rule, *span)).stopped == ""
