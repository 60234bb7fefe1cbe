"""Replaying: the same decoder, the same sink, and a letter that says what came of it."""

import datetime as dt
import json
from typing import Any

import asyncpg
import msgspec
import pytest

from gis.observation import Refusal
from ioc.access.scope import EVERYTHING
from ioc.replay import ON_TIME, Count, Recorded, Replayer, Result
from ioc.store import letters
from ioc.store.database import Database, Transaction
from ioc.store.letters import Letter, Wanted
from sensors.codecs import ioc
from sensors.decoder import Decoder
from tests.fakes.store import OWNERS, batch, store
from tests.fakes.things import NOW, device, reading

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"


def body(**changed: Any) -> bytes:
    plain = {"at": "2026-11-22T01:00:00Z", "run": "b", "seq": 1, "values": {"water_level": 2}}
    return json.dumps(plain | changed).encode()


def replayer(database: Database, known: bool = True, clock_slow: dt.timedelta = ON_TIME) -> Replayer:
    decoder = Decoder(lambda: {"gauge-ai-nghia": device()} if known else {}, {"ioc": ioc.decode})
    return Replayer(
        database, decoder, lambda: OWNERS if known else {}, lambda: store(database), lambda: NOW, clock_slow=clock_slow
    )


async def quiet(transaction: Transaction) -> None:
    """Notes nothing."""


async def bury(database: Database, *payloads: bytes, topic: str = TOPIC, code: str = "x") -> list[Letter]:
    refusals = tuple(
        Refusal(topic=topic, payload=payload, code=code, reason="r", source="gauge-ai-nghia") for payload in payloads
    )
    await store(database).keep(batch(refusals=refusals))
    async with database.transaction(EVERYTHING) as transaction:
        return await letters.oldest(transaction, Wanted(), 100)


async def seen(database: Database, number: int) -> Letter:
    async with database.transaction(EVERYTHING) as transaction:
        found = await letters.one(transaction, number)
    assert found is not None
    return found


async def test_a_letter_that_is_understood_is_mended_and_stays(database: Database) -> None:
    [letter] = await bury(database, body())
    for kept, repeated in ((1, 0), (0, 1)):
        results = await replayer(database).letters([letter], EVERYTHING, quiet)
        assert results == [Result(id=letter.id, outcome="mended", kept=kept, repeated=repeated)]
    after = await seen(database, letter.id)
    assert (after.replayed_at, after.mended_at, after.again, after.reason) == (NOW, NOW, "", "r")


async def test_a_letter_that_is_refused_again_says_why_and_is_not_buried_twice(
    database: Database, admin: asyncpg.Connection
) -> None:
    [letter] = await bury(database, b"nope")
    [result] = await replayer(database).letters([letter], EVERYTHING, quiet)
    assert (result.outcome, result.kept) == ("refused", 0)
    assert "not JSON" in result.reason
    after = await seen(database, letter.id)
    assert (after.replayed_at, after.mended_at, after.again) == (NOW, None, result.reason)
    assert await admin.fetchval("select count(*) from dead_letters") == 1


async def test_what_a_slow_clock_of_ours_refused_is_understood_by_the_true_arrival(
    database: Database, admin: asyncpg.Connection
) -> None:
    hour = dt.timedelta(hours=1)
    [letter] = await bury(database, body(at=(NOW + hour).isoformat()), code="date")
    [result] = await replayer(database).letters([letter], EVERYTHING, quiet)
    assert result.outcome == "refused"
    [result] = await replayer(database, clock_slow=hour).letters([letter], EVERYTHING, quiet)
    assert (result.outcome, result.kept) == ("mended", 1)
    assert await admin.fetchval("select arrived_at from readings") == NOW + hour


async def test_the_good_part_of_a_letter_is_kept_and_the_letter_stays_open(database: Database) -> None:
    [letter] = await bury(database, b"[%s, 1]" % body())
    [result] = await replayer(database).letters([letter], EVERYTHING, quiet)
    assert (result.outcome, result.kept) == ("refused", 1)
    assert (await seen(database, letter.id)).mended_at is None


async def test_a_letter_of_which_only_the_beginning_was_kept_is_left_alone(database: Database) -> None:
    [letter] = await bury(database, b" " * 5000)
    [result] = await replayer(database).letters([letter], EVERYTHING, quiet)
    assert (result.outcome, "send it again" in result.reason) == ("cut", True)
    assert (await seen(database, letter.id)).replayed_at is None


async def test_what_the_store_had_to_refuse_goes_back_as_it_was_decoded(database: Database) -> None:
    [letter] = await bury(database, msgspec.json.encode(reading(seq=9)), topic="gauge-ai-nghia")
    [unknown] = await replayer(database, known=False).letters([letter], EVERYTHING, quiet)
    assert (unknown.outcome, "is not registered" in unknown.reason) == ("refused", True)
    [result] = await replayer(database).letters([letter], EVERYTHING, quiet)
    assert (result.outcome, result.kept) == ("mended", 1)


async def test_what_the_desk_could_not_judge_is_kept_already_and_never_said_to_be_mended(database: Database) -> None:
    kept = msgspec.json.encode(reading(seq=9))
    found = await bury(database, kept, kept + b" " * 5000, topic="gauge-ai-nghia", code=letters.UNJUDGED)
    for result in await replayer(database).letters(found, EVERYTHING, quiet):
        assert (result.outcome, result.kept, "kept already" in result.reason) == ("refused", 0, True)
        letter = await seen(database, result.id)
        assert (letter.mended_at, letter.again) == (None, result.reason)


async def test_a_letter_is_judged_as_on_the_day_on_which_it_arrived(
    database: Database, admin: asyncpg.Connection
) -> None:
    [letter] = await bury(database, body())
    late = Replayer(
        database,
        Decoder(lambda: {"gauge-ai-nghia": device()}, {"ioc": ioc.decode}),
        lambda: OWNERS,
        lambda: store(database),
        lambda: NOW.replace(year=2030),
    )
    [result] = await late.letters([letter], EVERYTHING, quiet)
    assert result.outcome == "mended"
    assert await admin.fetchval("select arrived_at from readings") == NOW


async def test_the_deed_is_noted_in_the_transaction_of_the_marks(database: Database) -> None:
    [letter] = await bury(database, body())

    async def fails(transaction: Transaction) -> None:
        raise RuntimeError("no row, no deed")

    with pytest.raises(RuntimeError):
        await replayer(database).letters([letter], EVERYTHING, fails)
    assert (await seen(database, letter.id)).mended_at is None


async def test_recorded_messages_go_through_in_their_order_and_twice_changes_nothing(
    database: Database, admin: asyncpg.Connection
) -> None:
    sent = [Recorded(TOPIC, body(seq=seq), NOW.replace(minute=seq % 3)) for seq in range(9)]
    sent += [Recorded(TOPIC.replace("readings", "status"), b'{"online": true}', NOW), Recorded("x", b"", NOW)]
    first, second = [await replayer(database).messages(sent) for _ in range(2)]
    assert first == Count(tried=11, kept=9, refused=1, counted=1)
    assert second == Count(tried=11, repeated=9, refused=1, counted=1)
    assert await admin.fetchval("select count(*) from readings") == 9


def test_a_count_is_the_sum_of_its_results() -> None:
    count = Count()
    for outcome in ("mended", "refused", "cut", "mended"):
        count.add(Result(id=1, outcome=outcome, kept=1, repeated=2))  # type: ignore[arg-type]
    assert count == Count(tried=4, kept=4, repeated=8, refused=1, mended=2, cut=1)


async def test_what_the_store_refuses_again_is_neither_mended_nor_buried_twice(
    database: Database, admin: asyncpg.Connection
) -> None:
    poison = reading(1.0, run="smuggled\0past")
    await store(database).keep(batch(poison, reading(2.0, at=NOW.replace(year=1970))))
    async with database.transaction(EVERYTHING) as transaction:
        found = await letters.oldest(transaction, Wanted(), 100)
    assert {letter.code for letter in found} == {"date", "poison"}
    for _ in range(2):
        results = await replayer(database).letters(found, EVERYTHING, quiet)
        assert [(one.outcome, one.kept) for one in results] == [("refused", 0)] * 2
    assert await admin.fetchval("select count(*) from dead_letters where mended_at is null") == 2
    assert await admin.fetchval("select count(*) from dead_letters") == 2
