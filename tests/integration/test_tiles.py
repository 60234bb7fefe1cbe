"""What tiles keep, count and gather, over a real PostgreSQL."""

import asyncio
import datetime as dt
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.layers import ALARMS, DEVICES, INCIDENTS, OPEN_STATUSES, SEVERITIES
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import tiles
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes import mvt
from tests.fakes import servers as real
from tests.fakes.http_centre import incident_row

BEGUN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
WEST, SOUTH, SPAN = 108.0, 15.5, 0.3
Z = 9
DAY = dt.date(2026, 1, 1)

Thing = tuple[float, float, str, str, int, str]
"""Longitude, latitude, severity, status, age in minutes, centre."""

THINGS = st.lists(
    st.tuples(
        st.floats(WEST, WEST + SPAN),
        st.floats(SOUTH, SOUTH + SPAN),
        st.sampled_from(SEVERITIES),
        st.sampled_from((*OPEN_STATUSES, "closed", "duplicate")),
        st.integers(0, 5),
        st.sampled_from(("quang-nam", "hoi-an")),
    ),
    max_size=40,
)


class Ground:
    """A database whose incidents are put in anew for each example."""

    def __init__(self, loop: asyncio.AbstractEventLoop, owner: asyncpg.Connection, database: Database) -> None:
        self.loop, self.owner, self.database = loop, owner, database

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def put(self, things: Sequence[Thing]) -> dict[str, Thing]:
        """The things by their ids."""
        by_id = {str(uuid.UUID(int=number + 1)): thing for number, thing in enumerate(things)}
        await self.owner.execute("delete from incidents")
        rows = []
        for fid, (lon, lat, severity, status, age, centre) in by_id.items():
            at = BEGUN - dt.timedelta(minutes=age)
            more = {"severity": severity, "status": status, "first_at": at, "lon": lon, "lat": lat}
            rows.append(incident_row(centre) | more | {"id": uuid.UUID(fid)})
        if rows:
            names = [name for name in rows[0] if name not in ("lon", "lat")]
            marks = ", ".join(f"${number + 1}" for number in range(len(names)))
            last = len(names)
            await self.owner.executemany(
                f"insert into incidents ({', '.join(names)}, geom) values ({marks}, "
                f"st_setsrid(st_makepoint(${last + 1}, ${last + 2}), 4326))",
                [[*(row[name] for name in names), row["lon"], row["lat"]] for row in rows],
            )
        return by_id

    async def tile(
        self, place: tuple[int, int, int], *, clustered: bool, full: int = 10**6, scope: Scope = EVERYTHING
    ) -> dict[str, list[mvt.Feature]]:
        rule = tiles.Drawing(clustered, full)
        return mvt.layers(await tiles.tile(self.database, scope, INCIDENTS, place, DAY, lambda _layer, _z: rule))

    async def places(self) -> list[tuple[int, int, int]]:
        """All tiles of zoom Z over the ground."""
        row = await self.owner.fetchrow(
            """with c as (select st_transform(st_setsrid(st_makepoint(x, y), 4326), 3857) as p
                 from (values ($1::float8, $2::float8), ($1 + $3, $2 + $3)) v(x, y)),
               t as (select floor((st_x(p) + 20037508.342789244) / w)::int as x,
                            floor((20037508.342789244 - st_y(p)) / w)::int as y
                     from c, (select 40075016.685578488 / (1 << $4::int) as w) q)
               select min(x) as x0, max(x) as x1, min(y) as y0, max(y) as y1 from t""",
            WEST, SOUTH, SPAN, Z,
        )  # fmt: skip
        return [(Z, x, y) for x in range(row["x0"], row["x1"] + 1) for y in range(row["y0"], row["y1"] + 1)]


@pytest.fixture(scope="module")
def ground(servers: real.Servers, blank_template: str) -> Iterator[Ground]:
    loop = asyncio.new_event_loop()
    fresh = Fresh(servers, "tiles_ground")

    async def opened() -> AsyncIterator[Ground]:
        await real.create(servers, fresh.name, template=blank_template)
        owner = await asyncpg.connect(fresh.url("ioc_owner"))
        async with Database.open(fresh.url()) as database:
            yield Ground(loop, owner, database)
        await owner.close()
        await real.drop(servers, fresh.name)

    made = opened()
    yield loop.run_until_complete(anext(made))
    loop.run_until_complete(anext(made, None))
    loop.close()


def rank(thing: Thing) -> tuple[int, int]:
    """How soon a full tile keeps it: the worst, then the oldest first."""
    return -SEVERITIES.index(thing[2]), -thing[4]


def meta(tile: dict[str, list[mvt.Feature]]) -> dict[str, int]:
    (one,) = tile["meta"]
    assert one.corner == (2048, 2048)
    return one.properties


def visible(things: dict[str, Thing], scope: Scope) -> dict[str, Thing]:
    return {fid: one for fid, one in things.items() if one[3] in OPEN_STATUSES and scope.sees(one[5])}


@settings(max_examples=20)
@given(THINGS, st.integers(1, 12), st.sampled_from((None, "hoi-an")))
def test_nothing_kept_is_less_severe_than_what_is_left_out(
    ground: Ground, things: list[Thing], full: int, centre: str | None
) -> None:
    scope = EVERYTHING if centre is None else Scope(frozenset({centre}))

    async def work() -> None:
        seen = visible(await ground.put(things), scope)
        tile = await ground.tile((7, 102, 58), clustered=False, full=full, scope=scope)
        kept = {one.properties["id"] for one in tile.get("incidents", [])}
        assert kept <= set(seen)
        assert len(kept) == min(full, len(seen))
        left = set(seen) - kept
        if left and kept:
            assert max(rank(seen[fid]) for fid in kept) <= min(rank(seen[fid]) for fid in left)
        if not seen:
            assert tile == {}
            return
        counted = Counter(seen[fid][2] for fid in left)
        wanted = {f"n_dropped_{word}": counted[word] for word in SEVERITIES}
        assert meta(tile) == {"n_total": len(seen), "n_dropped": len(left), **wanted}

    ground.run(work())


@settings(max_examples=20)
@given(THINGS, st.sampled_from((None, "hoi-an")))
def test_clusters_count_what_the_scope_holds_and_name_the_worst(
    ground: Ground, things: list[Thing], centre: str | None
) -> None:
    scope = EVERYTHING if centre is None else Scope(frozenset({centre}))

    async def work() -> None:
        seen = visible(await ground.put(things), scope)
        counted: Counter[str] = Counter()
        alone: set[str] = set()
        for place in await ground.places():
            tile = await ground.tile(place, clustered=True, scope=scope)
            single = {one.properties["id"] for one in tile.get("incidents", [])}
            assert not single & alone
            alone |= single
            clusters = [one.properties for one in tile.get("clusters", [])]
            for one in clusters:
                of_words = {word: one[f"n_{word}"] for word in SEVERITIES}
                assert sum(of_words.values()) == one["n"] > 1
                assert one["worst"] == max((word for word, n in of_words.items() if n), key=SEVERITIES.index)
                assert seen[one["id"]][2] == one["worst"]
                counted.update(of_words)
            if tile:
                assert meta(tile)["n_total"] == len(single) + sum(one["n"] for one in clusters)
                assert meta(tile)["n_dropped"] == 0
        counted.update(seen[fid][2] for fid in alone)
        assert +counted == Counter(one[2] for one in seen.values())

    ground.run(work())


def test_a_cluster_stands_where_its_worst_then_oldest_is(ground: Ground) -> None:
    """So it does not wander while more comes that is less bad."""

    async def corners(things: list[Thing]) -> list[tuple[int, int]]:
        await ground.put(things)
        return [one.corner for one in (await ground.tile((7, 102, 58), clustered=True))["clusters"]]

    async def work() -> None:
        worst: Thing = (108.1, 15.6, "severe", "new", 5, "hoi-an")
        near = [(108.1001, 15.6002, "severe", "new", 4, "hoi-an"), (108.101, 15.602, "minor", "new", 9, "hoi-an")]
        first = await corners([worst, *near[:1]])
        assert await corners([*near, worst]) == first
        far = (108.13, 15.58, "extreme", "new", 0, "hoi-an")
        assert await corners([*near, far, worst]) != first

    ground.run(work())


def test_stations_are_gathered_by_their_state(ground: Ground) -> None:
    async def work() -> None:
        await ground.owner.execute("""
            insert into centres values ('quang-nam', '', '', 'province') on conflict do nothing;
            insert into areas (fid, code, name, kind, level, valid_from, label, geom) values
              ('a', 'a', '', 'district', 2, '2025-01-01', st_setsrid(st_makepoint(108, 15.5), 4326),
               st_multi(st_setsrid(st_makeenvelope(107, 15, 109, 16), 4326))) on conflict do nothing;
            insert into devices (code, centre, area, name, kind, profile, state, state_since, geom)
            select 'd' || i, 'quang-nam', 'a', '', 'river-gauge', 'river-gauge',
              (array['fresh', 'fresh', 'stale', 'lost', 'suspended'])[i], now(),
              st_setsrid(st_makepoint(108.1 + i / 1e5, 15.6), 4326) from generate_series(1, 5) i""")
        body = await tiles.tile(ground.database, EVERYTHING, DEVICES, (7, 102, 58), DAY)
        near = await tiles.tile(ground.database, EVERYTHING, DEVICES, (9, 409, 233), DAY)
        (one,) = mvt.layers(body)["clusters"]
        wanted = {"n": 5, "n_lost": 1, "n_stale": 1, "n_fresh": 2, "n_suspended": 1, "worst": "lost", "id": "d4"}
        assert one.properties == wanted
        assert len(mvt.layers(near)["devices"]) == 5

    ground.run(work())


async def test_what_is_over_costs_a_tile_nothing(migrated: Fresh) -> None:
    """The plan of a person's tile goes by an index in which nothing closed is, at every zoom, also of alarms."""
    owner, outside = await asyncpg.connect(migrated.url("ioc_owner")), await asyncpg.connect(migrated.url("postgres"))
    columns = list(incident_row("hoi-an"))
    await owner.execute(
        f"""insert into incidents ({", ".join(columns)}, geom)
            select gen_random_uuid(), 'hoi-an', 'a', 1, i::text, '', '', 'flood', 'minor',
              case when i % 100 = 0 then 'new' else 'closed' end, 'a', 'a',
              '{{}}', 1, 1, false, now(), now(), now(), now(),
              st_setsrid(st_makepoint(107 + random() * 2, 15 + random()), 4326)
            from generate_series(1, 20000) i"""
    )
    await owner.execute("""
        insert into alarms (id, centre, area, cleared_at, key, rule, category, severity, source_kind, source,
          source_name, property, raised_at, seen_at, count, evidence, incident, geom, title, title_en, match, numbers,
          error_m)
        select gen_random_uuid(), 'hoi-an', 'a', case when i % 100 > 0 then now() end, i::text, 'r', 'flood', 'minor',
          'device', 'd', '', 'level', now(), now(), 1, '{}', null,
          st_setsrid(st_makepoint(107 + random() * 2, 15 + random()), 4326), '', '', 'linked', '{}', 0
        from generate_series(1, 20000) i""")
    await outside.execute("vacuum (analyze) incidents, alarms")
    scope = Scope(frozenset({"hoi-an"}), areas=frozenset({"a"}))
    async with Database.open(migrated.url(), size=1) as database:
        for layer, index in ((INCIDENTS, "incidents_geom3857_open"), (ALARMS, "alarms_geom3857_open")):
            for place in ((7, 102, 58), (12, 3277, 1866)):
                clustered = tiles.drawing(layer, place[0]).clustered
                first = None if clustered else tiles.whole(layer, binds=False)
                for ready in filter(None, (first, tiles.statement(layer, clustered=clustered, binds=False))):
                    async with database.transaction(scope, read_only=True) as transaction:
                        arguments = ready.arguments(tiles.values(place, DAY, tiles.FULL))
                        plan = await transaction.connection.fetch(f"explain (analyze) {ready.sql}", *arguments)
                    text = "\n".join(row[0] for row in plan)
                    assert index in text, text
                    assert f"Seq Scan on {layer.relation}" not in text
    await owner.close()
    await outside.close()


async def test_a_tile_leaves_no_scope_behind(migrated: Fresh) -> None:
    """The next user of the pooled connection finds none, so one who forgets to bind it sees nothing."""
    async with Database.open(migrated.url(), size=1) as database:
        await tiles.tile(database, EVERYTHING, INCIDENTS, (7, 102, 58), DAY)
        async with database.transaction(Scope(frozenset()), read_only=True) as transaction:
            backend = await transaction.connection.fetchval("select pg_backend_pid()")
        async with database._pool.acquire() as connection:
            assert await connection.fetchval("select pg_backend_pid()") == backend
            assert not await connection.fetchval("select current_setting('ioc.scope', true)")
