"""Dead letters: buried with what is known of them, found by it, and marked."""

import datetime as dt

from gis.observation import Refusal
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import letters
from ioc.store.database import Database
from ioc.store.letters import HEAD, Letter, Wanted, row_of
from tests.fakes.store import OWNERS, batch, store
from tests.fakes.things import NOW


def refusal(code: str = "date", source: str = "gauge-ai-nghia", payload: bytes = b"x") -> Refusal:
    return Refusal(topic="t", payload=payload, code=code, reason="r\0", source=source, skew_s=-5.5)


async def find(database: Database, scope: Scope = EVERYTHING, **wanted: object) -> list[Letter]:
    async with database.transaction(scope, read_only=True) as transaction:
        return await letters.newest(transaction, Wanted(**wanted), 100)  # type: ignore[arg-type]


def test_a_refusal_is_buried_at_the_place_of_its_source() -> None:
    known, unknown = row_of(refusal(), NOW, OWNERS), row_of(refusal(source="nobody"), NOW, OWNERS)
    assert (known["centre"], known["area"], known["source"]) == ("quang-nam", "20335@2025-07-01", "gauge-ai-nghia")
    assert (unknown["centre"], unknown["area"], unknown["source"]) == (None, None, "")
    assert (known["reason"], known["skew_s"]) == ("r�", -5.5)


async def test_letters_are_found_by_reason_source_and_time(database: Database) -> None:
    await store(database).keep(batch(refusals=(refusal(), refusal("schema"), refusal(source="gauge-b"))))
    assert [letter.code for letter in await find(database)] == ["date", "schema", "date"]
    assert [letter.code for letter in await find(database, code="schema")] == ["schema"]
    assert [letter.source for letter in await find(database, source="gauge-b")] == ["gauge-b"]
    assert len(await find(database, since=NOW)) == 3
    assert await find(database, since=NOW + dt.timedelta(seconds=1)) == []
    first = (await find(database))[-1]
    assert await find(database, ids=(first.id,)) == [first]
    async with database.transaction(EVERYTHING) as transaction:
        assert [one.id for one in await letters.oldest(transaction, Wanted(), 2)] == [first.id, first.id + 1]
        assert next(one.id for one in await letters.oldest(transaction, Wanted(), 2, first.id)) == first.id + 1
        assert len(await letters.newest(transaction, Wanted(), 9, before=first.id + 1)) == 1
        assert [await letters.count(transaction, Wanted(), most) for most in (9, 2)] == [3, 2]
        assert await letters.count(transaction, Wanted(code="schema"), 9) == 1


async def test_a_centre_sees_the_letters_of_its_own_sources(database: Database) -> None:
    await store(database).keep(batch(refusals=(refusal(), refusal(source="gauge-b"), refusal(source=""))))
    assert [one.source for one in await find(database, Scope(frozenset({"thang-binh"})))] == ["gauge-b"]
    assert len(await find(database)) == 3


async def test_a_letter_is_marked_and_its_first_mending_is_remembered(database: Database) -> None:
    await store(database).keep(batch(refusals=(refusal(),)))
    [letter] = await find(database)
    later = NOW + dt.timedelta(days=1)
    for now, again in ((NOW, "still no"), (NOW, ""), (later, "")):
        async with database.transaction(EVERYTHING) as transaction:
            await letters.mark(transaction, letter.id, now, again=again)
    assert await find(database) == []
    [mended] = await find(database, state="mended")
    assert (mended.mended_at, mended.replayed_at, mended.again) == (NOW, later, "")
    assert await find(database, state="all") == [mended]


async def test_a_letter_longer_than_its_head_is_not_whole(database: Database) -> None:
    await store(database).keep(batch(refusals=(refusal(payload=b"x" * HEAD), refusal(payload=b"x" * (HEAD + 1)))))
    assert [(one.size, len(one.head), one.whole) for one in await find(database)] == [
        (HEAD + 1, HEAD, False), (HEAD, HEAD, True),
    ]  # fmt: skip
