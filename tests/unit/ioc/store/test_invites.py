"""One-time links in a real PostgreSQL."""

import datetime as dt
import uuid

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import invites, people
from ioc.store.database import Database
from tests.fakes.http_centre import now

LAN = Person(login="lan", name="Lan", role="operator", centre=None, language="vi")


async def test_a_link_stands_for_its_account_until_it_is_over_renewed_or_withdrawn(database: Database) -> None:
    at, account = now(), uuid.uuid4()
    async with database.transaction(EVERYTHING) as transaction:
        await people.add_account(transaction, account, LAN, at)
        until = await invites.invite(transaction, account, b"first", "admin", at)
        assert until == at + invites.LASTS
        found = await invites.invited(transaction, b"first", at)
        assert found is not None
        assert found.person == LAN
        assert await invites.invited(transaction, b"first", until) is None
        await invites.invite(transaction, account, b"second", "admin", at)
        assert await invites.invited(transaction, b"first", at) is None
        assert await invites.withdraw(transaction, account)
        assert not await invites.withdraw(transaction, account)
        assert await invites.invited(transaction, b"second", at) is None


async def test_a_disabled_account_has_no_link(database: Database) -> None:
    at, account = now(), uuid.uuid4()
    async with database.transaction(EVERYTHING) as transaction:
        await people.add_account(transaction, account, LAN, at)
        await invites.invite(transaction, account, b"link", "admin", at)
        await people.set_disabled(transaction, account, at + dt.timedelta(seconds=1))
        assert await invites.invited(transaction, b"link", at) is None
