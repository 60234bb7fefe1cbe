"""Codes and those who came with them, as they are kept; the whole way is in tests/unit/ioc/api/test_enrolments.py."""

import datetime as dt
import uuid

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.registration.enrolment import Code, Said
from ioc.store import enrolments
from ioc.store.database import Database
from tests.conftest import Fresh

NOW = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
DIGEST, TICKET = b"d" * 32, b"t" * 32


def code() -> Code:
    return Code(
        id=uuid.UUID(int=7), subject="device", centre="hoi-an", kind="rain", profile="rain", note="", made_by="an",
        made_at=NOW, expires_at=NOW + DAY,
    )  # fmt: skip


async def test_a_code_is_there_until_somebody_comes_with_it(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await admin.execute("insert into centres values ('hoi-an', 'Hội An', 'Hoi An', 'district') on conflict do nothing")
    async with Database.open(fresh.url(), size=1) as database, database.transaction(EVERYTHING) as transaction:
        await enrolments.add_codes(transaction, [(DIGEST, code())])
        assert await enrolments.open_codes(transaction, NOW) == [code()]
        assert await enrolments.open_codes(transaction, NOW + DAY) == []
        late = await enrolments.arrive(transaction, DIGEST, TICKET, Said(), "", uuid.UUID(int=8), NOW + DAY)
        assert late is None
        found = await enrolments.arrive(transaction, DIGEST, TICKET, Said(serial="7"), "a", uuid.UUID(int=8), NOW)
        assert found is not None
        assert (found.state, found.said.serial, found.profile) == ("waiting", "7", "rain")
        assert await enrolments.open_codes(transaction, NOW) == []
        assert await enrolments.of_ticket(transaction, TICKET) == found
        assert not await enrolments.revoke(transaction, uuid.UUID(int=9), NOW)
