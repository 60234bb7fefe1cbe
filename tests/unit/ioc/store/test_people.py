"""Accounts by their login; sessions and tokens are tried in tests/integration/test_store_people.py."""

import uuid

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import people
from ioc.store.database import Database
from tests.fakes.things import NOW

LAN = Person(login="lan", name="Lan", role="operator", centre=None, language="vi")


async def test_an_account_is_found_by_its_login_alone(database: Database) -> None:
    account = uuid.UUID(int=1)
    async with database.transaction(EVERYTHING) as transaction:
        assert await people.create_account(transaction, account, LAN, "hash", NOW) == account
        found = await people.by_login(transaction, "lan")
        assert found is not None
        assert (found.id, found.person, found.password_hash) == (account, LAN, "hash")
        for other in ("Lan", "lan ", "", "%"):
            assert await people.by_login(transaction, other) is None


async def test_the_shipped_centres_are_listed_in_the_order_of_their_codes(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        codes = [centre.code for centre in await people.centres(transaction)]
    assert codes == sorted(codes)
    assert "quang-nam" in codes
