"""Loading a release: once, in its order, and moving things on its day."""

import datetime as dt
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.area_loading import move_due
from ioc.registration.release import ReleaseError
from ioc.store import registry, releases
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes import squares, things


@pytest.fixture
async def database(migrated: Fresh) -> AsyncIterator[Database]:
    async with Database.open(migrated.url(), size=2) as opened:
        await squares.settle(opened)
        async with opened.transaction(EVERYTHING) as transaction:
            at = Position(lon=100.5, lat=15.5)
            one = things.device("gauge-a", centre="tam-ky", area="A@2024-09-01", position=at)
            await registry.put_device(transaction, one, kind="x", approximate=False, note="", now=squares.BEFORE)
        yield opened


@pytest.fixture
async def admin(migrated: Fresh) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(migrated.url("postgres"))
    yield connection
    await connection.close()


async def turn(database: Database, now: dt.datetime) -> dict[str, int] | None:
    async with database.transaction(EVERYTHING) as transaction:
        report = await move_due(transaction, squares.ZONE, now)
    return None if report is None else report.counts()


async def test_a_release_is_entered_closed_recorded_and_noted(database: Database, admin: asyncpg.Connection) -> None:
    done = await squares.load(database, squares.JOINED)
    assert not done.waits
    rows = await admin.fetch("select fid, parent, valid_to, successors from areas where level = 2 order by fid")
    assert [tuple(row) for row in rows] == [
        ("A@2024-09-01", "1@2024-09-01", squares.DAY, ["E@2025-07-01"]),
        ("B@2024-09-01", "1@2024-09-01", squares.DAY, ["E@2025-07-01"]),
        ("E@2025-07-01", "1@2024-09-01", None, []),
    ]
    async with database.transaction(EVERYTHING) as transaction:
        first, kept = await releases.listed(transaction), await releases.one(transaction, "joined")
        assert kept is not None
        assert [one.name for one in first] == ["joined", "first"]
    assert (kept.entered, kept.closed, kept.kept, kept.loaded_by) == (1, 2, 1, "cli:thu")
    assert (kept.sha256, kept.moved_at) == (squares.JOINED.digest.hex(), squares.AFTER)
    assert kept.moved is not None
    assert kept.moved["counts"] == {"device": 1, "undecided": 0}
    acts = await admin.fetch("select act, thing from audit where kind = 'areas' and thing = 'joined' order by id")
    assert [tuple(row) for row in acts] == [("areas.load", "joined"), ("areas.move", "joined")]


async def test_again_nothing_and_other_content_under_the_name_or_out_of_order_is_refused(
    database: Database, admin: asyncpg.Connection
) -> None:
    await squares.load(database, squares.JOINED)
    state = "select md5(string_agg(a::text, '|' order by fid)) || (select count(*) from audit) from areas a"
    before = await admin.fetchval(state)
    assert (await squares.load(database, squares.JOINED)).report is None
    other = msgspec.structs.replace(squares.JOINED, digest=b"!" * 32)
    with pytest.raises(ReleaseError, match="a release joined with other content was loaded on 2025-07-02"):
        await squares.load(database, other)
    early = squares.release("early", squares.box("A", 100, 102), day=dt.date(2025, 1, 1))
    with pytest.raises(ReleaseError, match="has units from 2025-07-01 on"):
        await squares.load(database, early)
    assert await admin.fetchval(state) == before


async def test_the_same_units_under_another_name_are_recorded_and_enter_nothing(
    database: Database, admin: asyncpg.Connection
) -> None:
    await squares.load(database, squares.JOINED)
    again = await squares.load(database, msgspec.structs.replace(
        squares.JOINED, head=msgspec.structs.replace(squares.JOINED.head, release="again"), digest=b"!" * 32
    ))  # fmt: skip
    assert again.plan.there
    assert await admin.fetchval("select entered + closed from area_releases where name = 'again'") == 0
    assert await admin.fetchval("select count(*) from areas where valid_to is null") == 2


async def test_before_its_day_it_is_foreseen_and_on_the_day_it_happens_once(
    database: Database, admin: asyncpg.Connection
) -> None:
    area = "select area from devices where code = 'gauge-a'"
    early = await squares.load(database, squares.JOINED, squares.BEFORE)
    assert early.waits
    assert early.report is not None
    assert early.report.counts() == {"device": 1, "undecided": 0}
    assert await admin.fetchval(area) == "A@2024-09-01"
    assert await admin.fetchval("select count(*) from register_log") == 0
    assert await turn(database, squares.MIDNIGHT - dt.timedelta(seconds=1)) is None
    assert await turn(database, squares.MIDNIGHT) == {"device": 1, "undecided": 0}
    assert await admin.fetchval(area) == "E@2025-07-01"
    assert await turn(database, squares.MIDNIGHT) is None
    assert await admin.fetchval("select count(*) from positions") == 2
