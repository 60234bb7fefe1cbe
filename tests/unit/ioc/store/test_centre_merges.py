"""Which centre went into which, and whose past is seen with it."""

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store import centre_merges
from ioc.store.database import Database
from tests.fakes.things import NOW


async def test_mergers_are_kept_and_the_past_goes_with_them(database: Database, admin: asyncpg.Connection) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await centre_merges.merges(transaction) == {}
        await centre_merges.enter(transaction, "tam-ky", "hoi-an", NOW, "lan")
        await centre_merges.enter(transaction, "nong-son", "tam-ky", NOW, "lan")
        await centre_merges.report(transaction, "tam-ky", {"rows": {}})
        assert await centre_merges.merges(transaction) == {"tam-ky": "hoi-an", "nong-son": "tam-ky"}
        assert await centre_merges.heirs(transaction) == {"tam-ky": "hoi-an", "nong-son": "hoi-an"}
    assert await admin.fetchval("select ioc_gone_into('hoi-an')") == ["nong-son", "tam-ky"]
    assert await admin.fetchval("select ioc_gone_into('nong-son')") == []
    assert await admin.fetchval("select report from centre_merges where gone = 'tam-ky'") == '{"rows": {}}'
