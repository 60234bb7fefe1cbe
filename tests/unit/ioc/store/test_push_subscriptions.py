"""Browsers are kept for the account that subscribed last, and forgotten when they are gone."""

import datetime as dt
import uuid

import asyncpg
import msgspec
import pytest

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import people, push_subscriptions
from ioc.store.database import Database
from ioc.tell.push import Subscription
from tests.fakes.push_service import Browser

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
async def accounts(database: Database) -> dict[str, uuid.UUID]:
    found = {}
    async with database.transaction(EVERYTHING) as transaction:
        for login in ("lan", "binh"):
            person = Person(login=login, name=login, role="operator", centre=None, language="vi")
            found[login] = await people.create_account(transaction, uuid.uuid4(), person, "-", NOW)
    return found


def browser(number: int) -> Subscription:
    return Browser(f"https://push.test/{number}").subscription


async def test_a_browser_is_kept_once_and_forgotten(database: Database, accounts: dict[str, uuid.UUID]) -> None:
    one, lan = browser(1), accounts["lan"]
    async with database.transaction(EVERYTHING) as transaction:
        for _ in range(2):
            await push_subscriptions.subscribe(transaction, lan, one, "Chrome", NOW)
        assert await push_subscriptions.of_login(transaction, "lan") == [one]
        assert await push_subscriptions.count(transaction, lan) == 1
        assert not await push_subscriptions.unsubscribe(transaction, accounts["binh"], one.endpoint)
        assert await push_subscriptions.unsubscribe(transaction, lan, one.endpoint)
        assert not await push_subscriptions.unsubscribe(transaction, lan, one.endpoint)
        assert await push_subscriptions.of_login(transaction, "lan") == []


async def test_a_browser_belongs_to_who_subscribed_last(database: Database, accounts: dict[str, uuid.UUID]) -> None:
    one = browser(1)
    async with database.transaction(EVERYTHING) as transaction:
        for login in ("lan", "binh"):
            await push_subscriptions.subscribe(transaction, accounts[login], one, "", NOW)
        assert await push_subscriptions.of_login(transaction, "lan") == []
        assert await push_subscriptions.of_login(transaction, "binh") == [one]


async def test_one_more_than_the_most_replaces_the_oldest(database: Database, accounts: dict[str, uuid.UUID]) -> None:
    made = [browser(number) for number in range(push_subscriptions.MOST + 2)]
    async with database.transaction(EVERYTHING) as transaction:
        for number, one in enumerate(made):
            at = NOW + dt.timedelta(seconds=number)
            await push_subscriptions.subscribe(transaction, accounts["lan"], one, "", at)
        assert await push_subscriptions.of_login(transaction, "lan") == made[:1:-1]


async def test_what_subscribed_anew_is_not_forgotten_by_an_old_answer(
    database: Database, accounts: dict[str, uuid.UUID]
) -> None:
    old = browser(1)
    new = msgspec.structs.replace(browser(2), endpoint=old.endpoint)
    async with database.transaction(EVERYTHING) as transaction:
        await push_subscriptions.subscribe(transaction, accounts["lan"], new, "", NOW)
        await push_subscriptions.forget(transaction, old)
        assert await push_subscriptions.of_login(transaction, "lan") == [new]
        await push_subscriptions.forget(transaction, new)
        assert await push_subscriptions.of_login(transaction, "lan") == []


async def test_a_closed_account_is_told_nothing_and_a_removed_one_leaves_nothing(
    database: Database, accounts: dict[str, uuid.UUID], admin: asyncpg.Connection
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await push_subscriptions.subscribe(transaction, accounts["lan"], browser(1), "", NOW)
        await people.set_disabled(transaction, accounts["lan"], NOW)
        assert await push_subscriptions.of_login(transaction, "lan") == []
    async with database.transaction(EVERYTHING) as transaction:
        await people.remove_account(transaction, accounts["lan"])
    assert await admin.fetchval("select count(*) from push_subscriptions") == 0
