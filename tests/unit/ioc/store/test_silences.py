"""Silences come back as they were kept, and so does the list of what each hid."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.incidents.severity import ORDER
from ioc.incidents.silence import Matcher, Recurrence, Silence
from ioc.store import alarms as kept
from ioc.store import silences
from ioc.store.database import Database
from tests.fakes.things import NOW, alarm

HOUR = dt.timedelta(hours=1)
AREA, WARD = "502@2024-09-01", "20335@2025-07-01"


def silence(number: int = 1, **changed: Any) -> Silence:
    """A silence of the gauge of the fakes, from an hour ago for two hours."""
    plain: dict[str, Any] = {
        "id": str(uuid.UUID(int=number)),
        "author": "an",
        "reason": "thay cảm biến",
        "matcher": Matcher(sources=("gauge-ai-nghia",)),
        "starts": NOW - HOUR,
        "until": NOW + HOUR,
        "created_at": NOW - HOUR,
    }
    return Silence(**plain | changed)


async def make(database: Database, *made: Silence) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for one in made:
            await silences.create(transaction, one)


async def listed(database: Database, state: silences.State = "all", scope: Scope = EVERYTHING) -> list[str]:
    async with database.transaction(scope, read_only=True) as transaction:
        return [one.silence.id for one in await silences.listed(transaction, state, NOW, 100)]


async def test_a_silence_comes_back_as_it_was_kept(database: Database) -> None:
    night = Recurrence(start=dt.time(22), end=dt.time(5), zone="Asia/Ho_Chi_Minh", days=(1, 7))
    full = Matcher(
        sources=("a", "b"), rules=("song/muc-nuoc",), categories=("flood",), areas=(AREA,), centres=("quang-nam",),
        worst="extreme",
    )  # fmt: skip
    made = [silence(1), silence(2, matcher=full, recurs=night)]
    await make(database, *made)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        for one, place in zip(made, (("", ""), ("quang-nam", AREA)), strict=True):
            found = await silences.one(transaction, uuid.UUID(one.id))
            assert found is not None
            assert (found.silence, (found.centre, found.area), found.version) == (one, place, 1)
        assert await silences.one(transaction, uuid.UUID(int=9)) is None


async def test_what_judges_has_its_areas_spelled_out(database: Database) -> None:
    await make(database, silence(matcher=Matcher(areas=(AREA,))), silence(2, matcher=Matcher(areas=("nowhere@x",))))
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        first, second = await silences.judging(transaction, NOW)
    assert {AREA, WARD} <= set(first.matcher.areas)
    assert second.matcher.areas == ("nowhere@x",)  # an area that nobody knows never means everywhere


async def test_silences_are_listed_by_what_they_are_now(database: Database) -> None:
    ids = [str(uuid.UUID(int=number)) for number in range(5)]
    await make(
        database,
        silence(1),
        silence(2, starts=NOW + HOUR, until=NOW + 2 * HOUR),
        silence(3, starts=NOW - 2 * HOUR, until=NOW),
        silence(4),
    )
    async with database.transaction(EVERYTHING) as transaction:
        await silences.end(transaction, ids[4], "binh", NOW)
    assert await listed(database, "all") == [ids[4], ids[3], ids[2], ids[1]]
    assert await listed(database, "current") == [ids[1]]
    assert await listed(database, "future") == [ids[2]]
    assert await listed(database, "open") == [ids[2], ids[1]]
    assert await listed(database, "past") == [ids[4], ids[3]]
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        page = await silences.listed(transaction, "all", NOW, 2, before=uuid.UUID(ids[4]))
        ended = await silences.one(transaction, uuid.UUID(ids[4]))
        judging = await silences.judging(transaction, NOW)
    assert [one.silence.id for one in page] == ids[3:1:-1]
    assert ended is not None
    assert (ended.silence.ended_at, ended.silence.ended_by, ended.version) == (NOW, "binh", 2)
    assert {one.id for one in judging} == {ids[1], ids[3], ids[4]}


async def test_long_after_its_end_a_silence_is_not_asked(database: Database) -> None:
    await make(database, silence())
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await silences.judging(transaction, NOW + HOUR + silences.LOOK_BACK) == []
        assert await silences.judging(transaction, NOW - 2 * HOUR) == []


async def test_the_list_of_what_it_hid_has_each_alarm_once_with_its_worst(database: Database) -> None:
    one, other = silence(1), silence(2)
    await make(database, one, other)
    first, second = alarm(1, key="a", severity="minor"), alarm(2, key="b", severity="severe")
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_alarms(transaction, [first, second])
        await silences.hide(transaction, [(one, first), (one, second)], NOW)
        for severity in ("moderate", "minor"):
            await silences.hide(transaction, [(one, msgspec.structs.replace(first, severity=severity))], NOW + HOUR)
        await silences.hide(transaction, [], NOW)
        found = await silences.hidden(transaction, uuid.UUID(one.id), 10)
        assert [(line.alarm, line.severity, line.at) for line in found] == [
            (uuid.UUID(second.id), "severe", NOW), (uuid.UUID(first.id), "moderate", NOW),
        ]  # fmt: skip
        before = found[0].number
        assert await silences.hidden(transaction, uuid.UUID(one.id), 10, before) == found[1:]
        assert await silences.hidden(transaction, uuid.UUID(other.id), 10) == []
        counted = await silences.one(transaction, uuid.UUID(one.id), lock=True)
        assert counted is not None
        assert (counted.hidden, counted.holding, counted.worst) == (2, 2, "severe")
        await silences.release(transaction, [second.id], NOW + HOUR)
        await silences.release(transaction, [], NOW)
        [released, _] = await silences.hidden(transaction, uuid.UUID(one.id), 10)
        assert released.released_at == NOW + HOUR
        counted = await silences.one(transaction, uuid.UUID(one.id))
        assert counted is not None
        assert (counted.hidden, counted.holding) == (2, 1)
        await silences.hide(transaction, [(one, second)], NOW + 2 * HOUR)
        [again, _] = await silences.hidden(transaction, uuid.UUID(one.id), 10)
        assert (again.released_at, again.at) == (None, NOW)


async def test_each_sees_the_silences_of_its_place_and_of_what_they_hid_its_own_alarms(database: Database) -> None:
    ours = silence(1, matcher=Matcher(centres=("quang-nam",), areas=(WARD,)))
    theirs = silence(2, matcher=Matcher(centres=("hoi-an",)))
    everywhere = silence(3, matcher=Matcher(categories=("flood",)))
    await make(database, ours, theirs, everywhere)
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_alarms(transaction, [alarm(1)])
        await silences.hide(transaction, [(ours, alarm(1))], NOW)
    assert await listed(database, scope=Scope(frozenset({"quang-nam"}))) == [ours.id]
    assert await listed(database, scope=Scope(None, areas=frozenset({WARD}))) == [ours.id]
    assert await listed(database, scope=Scope(frozenset({"quang-nam"}), areas=frozenset({"x"}))) == []
    assert len(await listed(database)) == 3
    blind = Scope(frozenset({"quang-nam"}), kinds=frozenset({"silence"}))
    async with database.transaction(blind, read_only=True) as transaction:
        found = await silences.one(transaction, uuid.UUID(ours.id))
        assert found is not None
        assert found.hidden == 0
        assert await silences.hidden(transaction, uuid.UUID(ours.id), 10) == []


async def test_what_nobody_knows_is_named(database: Database) -> None:
    named = Matcher(
        sources=("gauge-ai-nghia", "ghost"), areas=(WARD, "1@x"), centres=("quang-nam", "hue"), categories=("flood",)
    )
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_alarms(transaction, [alarm(1)])
        assert await silences.unknown(transaction, named) == {
            "sources": ["ghost"],
            "areas": ["1@x"],
            "centres": ["hue"],
        }
        assert await silences.unknown(transaction, Matcher(rules=("a/b",))) == {}


@pytest.mark.parametrize("days", [30, 366])
async def test_the_database_itself_refuses_a_silence_without_an_end_in_sight(
    admin: asyncpg.Connection, days: int
) -> None:
    recurs = None if days == 30 else "{}"
    row = (
        "insert into silences (id, centre, area, author, reason, sources, worst, starts, until, recurs, created_at) "
        "values (gen_random_uuid(), '', '', 'a', 'r', '{s}', 'severe', now(), now() + $1, $2, now())"
    )
    await admin.execute(row, dt.timedelta(days=days), recurs)
    with pytest.raises(asyncpg.CheckViolationError):
        await admin.execute(row, dt.timedelta(days=days, seconds=1), recurs)
    with pytest.raises(asyncpg.NotNullViolationError):
        await admin.execute(row, None, recurs)


def test_the_severities_are_in_their_order() -> None:
    """The place of a word in this list is what the statements compare."""
    assert ORDER == ("minor", "moderate", "severe", "extreme")
