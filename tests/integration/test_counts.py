"""How many incidents a box holds: told by one index alone under row-level security, exactly, at no cost to alarms."""

import datetime as dt
from collections.abc import AsyncIterator

import asyncpg
import pytest

from gis.layers import INCIDENTS
from gis.position import Box
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import layers, pages
from ioc.store.database import Database
from ioc.store.layers import Form, Wanted
from ioc.store.statements import BOUND
from tests.conftest import Fresh

NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
BOX = Box(west=108.0, south=15.2, east=108.5, north=15.6)
HOI_AN = Scope(frozenset({"hoi-an"}), areas=frozenset({"a"}), cameras=frozenset({"c"}), past=dt.timedelta(days=1))

FILL = """
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
    area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
  select gen_random_uuid(), 'hoi-an', 'a', 1, 'k' || i, '', '', 'flood', 'minor',
    case when i % 3 > 0 then 'closed' else 'new' end, 'a', '', '{sensor}', 1, 1, false, now(), now(), now(), now(),
    st_setsrid(st_makepoint(lon, lat), 4326)
"""


@pytest.fixture
async def owner(migrated: Fresh) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(migrated.url("postgres"))
    await connection.execute("insert into centres values ('hoi-an', '', '', 'district')")
    yield connection
    await connection.close()


async def _plan(database: Database, scope: Scope, wanted: Wanted) -> str:
    form = Form(layers.shape_of(wanted), order=wanted.order)
    values = layers.values_of(wanted, NOW) | {"limit": 101}
    values |= {f"bound_{name}": value for name, value in zip(BOUND, scope.settings, strict=True)}
    ready = pages._statement(INCIDENTS, form)
    async with database.transaction(scope, read_only=True) as transaction:
        rows = await transaction.connection.fetch(
            f"explain (analyze, timing off) {ready.sql}", *ready.arguments(values)
        )
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("scope", [EVERYTHING, HOI_AN], ids=["province", "district"])
async def test_an_index_alone_counts_under_row_level_security(
    migrated: Fresh, owner: asyncpg.Connection, scope: Scope
) -> None:
    await owner.execute(
        f"{FILL} from (select i, 107 + random() * 2 lon, 15 + random() lat from generate_series(1, 20000) i) n"
    )
    await owner.execute("vacuum (analyze) incidents")
    async with Database.open(migrated.url(), size=1) as database:
        plan = await _plan(database, scope, Wanted(boxes=(BOX,)))
        assert "Index Only Scan using incidents_place" in plan, plan
        assert "Heap Fetches: 0" in plan, plan
        page = await pages.read(database, scope, INCIDENTS, Wanted(boxes=(BOX,)), now=NOW, limit=100)
    number = (
        "select count(*) from incidents where st_x(geom) between 108 and 108.5 and st_y(geom) between 15.2 and 15.6"
    )
    assert page.matched == await owner.fetchval(number) > 1_000


async def test_a_box_ends_where_it_says_it_ends(migrated: Fresh, owner: asyncpg.Connection) -> None:
    """PostGIS rounds what `&&` compares outwards, by up to 0.8 m here."""
    edges = [(BOX.west, 15.3), (BOX.east, 15.3), (108.2, BOX.south), (108.2, BOX.north), (BOX.east, BOX.north)]
    beyond = [(BOX.west - 1e-7, 15.3), (BOX.east + 1e-7, 15.3), (108.2, BOX.south - 1e-7), (108.2, BOX.north + 1e-7)]
    for lon, lat in (*edges, *beyond):
        await owner.execute(f"{FILL} from (select 0 i, $1::float8 lon, $2::float8 lat) n", lon, lat)
    rounded = "select count(*) from incidents where geom && st_makeenvelope($1, $2, $3, $4, 4326)"
    assert await owner.fetchval(rounded, BOX.west, BOX.south, BOX.east, BOX.north) > len(edges)
    async with Database.open(migrated.url(), size=1) as database:
        for limit in (2, 100):
            page = await pages.read(database, EVERYTHING, INCIDENTS, Wanted(boxes=(BOX,)), now=NOW, limit=limit)
            assert (page.matched, len(page.rows)) == (len(edges), min(limit, len(edges)))


async def test_an_alarm_more_on_an_incident_touches_no_index(owner: asyncpg.Connection) -> None:
    """PostgreSQL leaves the indexes alone when no column of theirs changes."""
    await owner.execute(f"{FILL} from (select 0 i, 108.2 lon, 15.3 lat) n")
    async with owner.transaction():
        await owner.execute("update incidents set count = count + 1, alarms = 2, last_at = now(), geom = geom")
        assert await owner.fetchval("select pg_stat_get_xact_tuples_hot_updated('incidents'::regclass)") == 1
