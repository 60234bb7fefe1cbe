"""Sessions in a real PostgreSQL."""

import datetime as dt
import uuid

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import people, sessions
from ioc.store.database import Database
from tests.fakes.http_centre import now

LAN = Person(login="lan", name="Lan", role="operator", centre=None, language="vi")


async def test_a_session_lasts_while_it_is_used_and_no_longer_than_its_end(database: Database) -> None:
    at = now()
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.create_account(transaction, uuid.uuid4(), LAN, "h", at)
        await sessions.open_session(transaction, account, b"a", at, at + dt.timedelta(hours=5))
        for hours in (1.5, 3, 4.5):
            later = at + dt.timedelta(hours=hours)
            assert await sessions.by_session(transaction, b"a", later)
            await sessions.touch(transaction, [b"a"], later)
        assert await sessions.still_valid(transaction, [b"a"], at + dt.timedelta(hours=4.9)) == {b"a": LAN}
        assert await sessions.by_session(transaction, b"a", at + dt.timedelta(hours=5)) is None
        assert await sessions.still_valid(transaction, [b"a"], at + dt.timedelta(hours=5)) == {}


async def test_a_renewed_session_leaves_its_old_secret_behind(database: Database) -> None:
    at = now()
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.create_account(transaction, uuid.uuid4(), LAN, "h", at)
        await sessions.open_session(transaction, account, b"a", at, at + dt.timedelta(hours=5))
        assert await sessions.renew_session(transaction, b"a", b"b")
        assert not await sessions.renew_session(transaction, b"a", b"c")
        assert await sessions.by_session(transaction, b"a", at) is None
        assert await sessions.by_session(transaction, b"b", at)


async def test_browsers_and_addresses_are_known_for_a_time_and_not_too_many(database: Database) -> None:
    at = now()
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.create_account(transaction, uuid.uuid4(), LAN, "h", at)
        for number in range(25):
            mark, address = bytes([number]), f"10.0.0.{number}"
            await sessions.remember(transaction, account, mark, address, at + dt.timedelta(seconds=number))
        known = await sessions.acquaintance(transaction, "lan", bytes([24]), "10.0.0.24", at)
        assert (known.browser, known.address) == (True, True)
        forgotten = await sessions.acquaintance(transaction, "lan", bytes([0]), "10.0.0.0", at)
        assert (forgotten.browser, forgotten.address) == (False, False)
        other = await sessions.acquaintance(transaction, "minh", bytes([24]), "10.0.0.24", at)
        assert (other.browser, other.address) == (False, False)
        later = at + sessions.KNOWN_FOR + dt.timedelta(minutes=1)
        assert not (await sessions.acquaintance(transaction, "lan", bytes([24]), "10.0.0.24", later)).browser
