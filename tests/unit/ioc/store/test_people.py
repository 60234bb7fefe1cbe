"""Accounts in a real PostgreSQL."""

import uuid

import msgspec

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import invites, people, tokens
from ioc.store.database import Database
from ioc.store.tables import ACCOUNTS
from tests.fakes.http_centre import now

LAN = Person(login="lan", name="Lan", role="operator", centre=None, language="vi")


def test_each_field_of_a_person_is_a_column() -> None:
    assert set(Person.__struct_fields__) <= set(ACCOUNTS.c.keys())


async def test_an_account_is_made_changed_disabled_and_removed(database: Database) -> None:
    at, account = now(), uuid.uuid4()
    async with database.transaction(EVERYTHING) as transaction:
        assert await people.add_account(transaction, account, LAN, at)
        assert not await people.add_account(transaction, uuid.uuid4(), LAN, at)
        found = await people.by_login(transaction, "lan")
        assert found is not None
        assert found.password_hash is None
        minh = msgspec.structs.replace(LAN, name="Minh", role="viewer", centre="hoi-an")
        await people.change_person(transaction, account, minh)
        await people.set_password(transaction, account, "hash")
        (listed,) = await people.listed(transaction)
        assert (listed.person, listed.has_password, listed.factor) == (minh, True, False)
        await tokens.create_token(transaction, account, b"t", "x", at)
        await people.set_disabled(transaction, account, at)
        assert await people.by_login(transaction, "lan") is None
        assert await tokens.by_token(transaction, b"t", at) is None
        assert (await people.one(transaction, "lan", lock=True)) is not None
        await people.remove_account(transaction, account)
        assert await people.listed(transaction) == []


async def test_a_link_holds_for_its_time_and_is_replaced_by_the_next(database: Database) -> None:
    at, account = now(), uuid.uuid4()
    async with database.transaction(EVERYTHING) as transaction:
        await people.add_account(transaction, account, LAN, at)
        until = await invites.invite(transaction, account, b"1", "admin", at)
        assert (await invites.invited(transaction, b"1", at)).person == LAN  # type: ignore[union-attr]
        assert await invites.invited(transaction, b"1", until) is None
        await invites.invite(transaction, account, b"2", "admin", at)
        assert await invites.invited(transaction, b"1", at) is None
        assert await invites.withdraw(transaction, account)
        assert not await invites.withdraw(transaction, account)
