"""Releases and units as they are kept."""

from collections.abc import AsyncIterator

import pytest

from ioc.access.scope import EVERYTHING
from ioc.registration.succession import plan
from ioc.store import releases
from ioc.store.database import Database
from ioc.store.registry import load_areas
from tests.conftest import Fresh
from tests.fakes import squares


@pytest.fixture
async def database(migrated: Fresh) -> AsyncIterator[Database]:
    async with Database.open(migrated.url(), size=2) as opened:
        await squares.settle(opened)
        yield opened


def test_the_centre_of_the_province() -> None:
    assert releases.province_of({"b": "province", "a": "district"}) == "b"
    assert releases.province_of({}) == ""


async def test_units_are_entered_as_they_are_read_again_and_the_fingerprint_tells(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        kinds, serves = await releases.centres(transaction), await releases.serves(transaction)
        assert (kinds["quang-nam"], serves) == ("province", {"A@2024-09-01": "tam-ky"})
        before = await releases.fingerprint(transaction)
        planned = plan(squares.CUT, await load_areas(transaction), serves, kinds)
        await releases.enter(transaction, planned, squares.DAY)
        kept = {area.fid: area for area in await load_areas(transaction)}
        assert await releases.fingerprint(transaction) != before
        for area in planned.entered:
            again = kept[area.fid]
            same = ("code", "name", "kind", "level", "parent", "valid_from", "valid_to", "successors")
            assert [getattr(again, name) for name in same] == [getattr(area, name) for name in same]
            assert again.geometry.equals(area.geometry)
        assert {fid: kept[fid].successors for fid in planned.closed} == dict(planned.closed)
        assert await releases.serves(transaction) == serves | {"C@2025-07-01": "quang-nam"}


async def test_what_is_due_is_due_until_it_is_moved(database: Database) -> None:
    await squares.load(database, squares.JOINED, squares.BEFORE)
    async with database.transaction(EVERYTHING) as transaction:
        assert await releases.due(transaction, squares.BEFORE.date()) == []
        assert await releases.due(transaction, squares.DAY) == ["joined"]
        await releases.moved(transaction, ["joined"], {"counts": {}}, squares.AFTER)
        assert await releases.due(transaction, squares.DAY) == []
        await releases.moved(transaction, ["joined"], {"counts": {"device": 9}}, squares.AFTER)
        kept = await releases.one(transaction, "joined")
        assert kept is not None
        assert kept.moved == {"counts": {}}
        assert await releases.one(transaction, "nothing") is None
