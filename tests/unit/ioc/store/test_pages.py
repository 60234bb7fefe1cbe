"""A page and the number that match: in one exchange the same as in two, and under the same scope."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from gis import filters
from gis.crs import EPSG4326, VN2000, Plane
from gis.layers import AREAS, CAMERA_FOV, INCIDENTS, LAYERS, OBSERVATIONS_LATEST, feature
from gis.position import Box
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import layers, pages
from ioc.store.layers import Wanted
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

HOI_AN = Scope(frozenset({"hoi-an"}))
BOX = Box(west=107.9, south=15.0, east=108.1, north=16.0)
WANTED = [
    Wanted(),
    Wanted(boxes=(BOX,)),
    Wanted(equal={"severity": "minor"}),
    Wanted(order=(("severity", True), ("owner", False))),
    Wanted(boxes=(BOX,), since=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), order=(("count", False),)),
    Wanted(until=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
]


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        for number in range(30):
            owner = None if number % 3 else str(number % 4)
            home = "hoi-an" if number % 5 == 0 else "quang-nam"
            severity = ("minor", "moderate", "severe", "extreme")[number % 4]
            await one.incident(home, severity=severity, owner=owner, count=number % 6, lon=108.0 + number * 0.01)
        yield one


async def test_one_exchange_reads_what_two_read(centre: Centre) -> None:
    for scope in (EVERYTHING, HOI_AN, Scope(frozenset())):
        for asked in WANTED:
            wanted: Wanted = asked
            while True:
                page = await pages.read(centre.database, scope, INCIDENTS, wanted, now=now(), limit=4, crs=EPSG4326)
                async with centre.database.transaction(scope, read_only=True) as transaction:
                    number = await layers.number(transaction, INCIDENTS, wanted, now=now())
                    rows = await layers.rows(transaction, INCIDENTS, wanted, now=now(), limit=5, crs=EPSG4326)
                assert page.matched == number
                assert (page.more, len(page.rows)) == (len(rows) == 5, min(len(rows), 4))
                assert [feature(INCIDENTS, row, EPSG4326) for row in page.rows] == [
                    feature(INCIDENTS, row, EPSG4326) for row in rows[:4]
                ]
                if not page.more:
                    break
                wanted = msgspec.structs.replace(wanted, after=layers.place_of(INCIDENTS, page.rows[-1], wanted))


async def test_the_scope_is_bound_for_one_statement_alone(centre: Centre) -> None:
    """The connection that a page was read on shows the next reader nothing of it."""
    for scope, number in ((EVERYTHING, 30), (HOI_AN, 6), (Scope(frozenset()), 0), (HOI_AN, 6), (EVERYTHING, 30)):
        page = await pages.read(centre.database, scope, INCIDENTS, Wanted(), now=now(), limit=100)
        assert (page.matched, len(page.rows)) == (number, number)
        short = await pages.read(centre.database, scope, INCIDENTS, Wanted(), now=now(), limit=1)
        assert (short.matched, len(short.rows)) == (number, min(number, 1))


async def test_behind_the_last_feature_there_is_an_empty_page_with_its_number(centre: Centre) -> None:
    last = INCIDENTS.key_of("ffffffff-ffff-ffff-ffff-ffffffffffff")
    page = await pages.read(centre.database, EVERYTHING, INCIDENTS, Wanted(after=last), now=now(), limit=4)
    assert page == ([], False, 30)


async def test_every_layer_and_the_longer_ways_are_read(centre: Centre) -> None:
    for layer in LAYERS.values():
        page = await pages.read(centre.database, EVERYTHING, layer, Wanted(), now=now(), limit=1)
        assert page.matched >= len(page.rows)
    for layer, number in ((AREAS, 2), (CAMERA_FOV, 1), (OBSERVATIONS_LATEST, 2)):
        page = await pages.read(centre.database, EVERYTHING, layer, Wanted(), now=now(), limit=1, crs=VN2000)
        assert (page.matched, page.more) == (number, number > 1)
    plane = Plane(west=500_000, south=1_700_000, east=540_000, north=1_800_000)
    page = await pages.read(centre.database, EVERYTHING, INCIDENTS, Wanted(plane=(VN2000, plane)), now=now(), limit=2)
    assert (page.more, 2 < page.matched < 30) == (True, True)
    where = filters.check(INCIDENTS, {"op": "=", "args": [{"property": "severity"}, "minor"]})
    page = await pages.read(centre.database, HOI_AN, INCIDENTS, Wanted(where=where), now=now(), limit=9)
    assert page.matched == len(page.rows) == 2
