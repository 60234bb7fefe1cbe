"""Claims of keys, by requests to a real PostgreSQL."""

import datetime as dt

from ioc.access.scope import EVERYTHING
from ioc.store import answers
from ioc.store.database import Database

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


async def test_a_claim_holds_until_it_is_answered_or_given_back(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await answers.claim(transaction, "a", "k", b"1", NOW) is None
        held = await answers.claim(transaction, "a", "k", b"1", NOW)
        assert held is not None
        assert held.status is None
        await answers.release(transaction, "a", "k")
        assert await answers.claim(transaction, "a", "k", b"2", NOW) is None
        await answers.keep(transaction, "a", "k", status=200, media="application/json", body=b"{}")
        await answers.release(transaction, "a", "k")
        kept = await answers.claim(transaction, "a", "k", b"2", NOW)
        assert kept is not None
        assert (kept.status, kept.body, kept.request) == (200, b"{}", b"2")


async def test_a_dead_claim_is_taken_over_by_the_same_request_alone(database: Database) -> None:
    later = NOW + answers.CLAIMED + dt.timedelta(seconds=1)
    async with database.transaction(EVERYTHING) as transaction:
        assert await answers.claim(transaction, "a", "k", b"1", NOW) is None
        assert await answers.claim(transaction, "a", "k", b"2", later) is not None
        assert await answers.claim(transaction, "a", "k", b"1", later) is None
