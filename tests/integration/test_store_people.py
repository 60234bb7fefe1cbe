"""Accounts, sessions and tokens in a real PostgreSQL."""

import datetime as dt
import uuid

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import people, sessions, tokens
from ioc.store.database import Database
from tests.fakes.http_centre import now

LAN = Person(login="lan", name="Lan", role="operator", centre=None, language="vi")


async def test_a_session_holds_until_it_is_closed_or_over(database: Database) -> None:
    at = now()
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.create_account(transaction, uuid.uuid4(), LAN, "h", at)
        for mark, hours in ((b"a", 12), (b"b", 1), (b"c", 12)):
            until = at + dt.timedelta(hours=hours)
            await sessions.open_session(transaction, account, mark, at, until)
        await tokens.create_token(transaction, account, b"t", "test", at)
        found = await sessions.by_session(transaction, b"a", at)
        assert found is not None
        assert found.person == LAN
        later = at + dt.timedelta(hours=1, minutes=30)
        assert await sessions.by_session(transaction, b"b", later) is None
        assert await sessions.by_session(transaction, b"t", at) is None
        assert await tokens.by_token(transaction, b"a", at) is None
        await sessions.close_session(transaction, b"c")
        valid = await sessions.still_valid(transaction, [b"a", b"b", b"c", b"t", b"x"], later)
        assert valid == {b"a": LAN, b"t": LAN}


async def test_a_renewed_account_keeps_its_id_and_loses_its_sessions(database: Database) -> None:
    at = now()
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.create_account(transaction, uuid.uuid4(), LAN, "h", at)
        await sessions.open_session(transaction, account, b"a", at, at + dt.timedelta(hours=1))
        assert await people.create_account(transaction, uuid.uuid4(), LAN, "h2", at) == account
        assert await sessions.by_session(transaction, b"a", at) is None
        kept = await people.by_login(transaction, "lan")
        assert kept is not None
        assert kept.password_hash == "h2"
        assert await people.by_login(transaction, "LAN") is None
