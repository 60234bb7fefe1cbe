"""Programs' tokens in a real PostgreSQL."""

import datetime as dt
import uuid

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import people, tokens
from ioc.store.database import Database
from tests.fakes.http_centre import now

LAN = Person(login="lan", name="Lan", role="operator", centre=None, language="vi")


async def test_a_token_is_listed_found_until_it_is_over_and_taken_back_once(database: Database) -> None:
    at, account, other = now(), uuid.uuid4(), uuid.uuid4()
    until = at + dt.timedelta(days=1)
    async with database.transaction(EVERYTHING) as transaction:
        await people.add_account(transaction, account, LAN, at)
        await tokens.create_token(transaction, account, b"digest", "gateway", at, until)
        (listed,) = await tokens.tokens_of(transaction, account)
        assert (listed.label, listed.expires_at) == ("gateway", until)
        found = await tokens.by_token(transaction, b"digest", at)
        assert found is not None
        assert found.person == LAN
        assert await tokens.by_token(transaction, b"digest", until) is None
        assert await tokens.by_token(transaction, b"other", at) is None
        assert await tokens.revoke_token(transaction, other, listed.id) is None
        assert await tokens.revoke_token(transaction, account, listed.id) == b"digest"
        assert await tokens.revoke_token(transaction, account, listed.id) is None
        assert await tokens.by_token(transaction, b"digest", at) is None
