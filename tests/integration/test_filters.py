"""Filters of every operator, drawn at random: PostgreSQL finds the rows that a judge in Python finds."""

import asyncio
import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import asyncpg
import msgspec
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given, settings

from gis import cql2, filters
from gis.layer import Layer
from gis.layers import AREAS, INCIDENTS
from ioc.access.scope import Scope
from ioc.store import filtering, tables
from ioc.store.database import Database
from ioc.store.statements import prepare
from tests.fakes import asked
from tests.fakes import servers as real
from tests.fakes.asked_judge import holds
from tests.fakes.http_centre import incident_row

EXAMPLES = 200
EACH = 6
FUNCTIONS = {"s": asked.SPATIAL, "t": asked.TEMPORAL, "a": asked.LISTS}
_DRAWN = random.Random(8)


def _pick(fields: asked.Fields, name: str) -> Any:
    kind, pool = fields[name]
    value = _DRAWN.choice(pool)
    if kind == "number":
        return int(value)
    if kind in ("datetime", "date"):
        return (dt.datetime if kind == "datetime" else dt.date).fromisoformat(value)
    return value


def _incident() -> dict[str, Any]:
    fields = asked.INCIDENT_FIELDS
    row = incident_row("quang-nam") | {name: _pick(fields, name) for name in fields if name != "sources"}
    row["sources"] = _DRAWN.sample(fields["sources"][1], _DRAWN.randint(0, 3))
    row["first_at"], row["last_at"] = sorted((row["first_at"], row["last_at"]))
    row["owner"] = None if _DRAWN.random() < 0.4 else row["owner"]
    row["geom"] = shapely.Point(_DRAWN.choice(asked.GRID), _DRAWN.choice(asked.NORTH))
    return row


def _area(number: int) -> dict[str, Any]:
    fields = asked.AREA_FIELDS
    row: dict[str, Any] = {name: _pick(fields, name) for name in fields if name != "successors"}
    first, last = sorted(_DRAWN.sample(asked.DAYS, 2))
    row["valid_from"], row["valid_to"] = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    row["valid_to"] = None if _DRAWN.random() < 0.4 else row["valid_to"]
    row["successors"] = _DRAWN.sample(("a", "b", "c"), _DRAWN.randint(0, 3))
    (west, east), (south, north) = (sorted(_DRAWN.sample(axis, 2)) for axis in (asked.GRID, asked.NORTH))
    row["geom"] = shapely.MultiPolygon([shapely.box(west, south, east, north)])
    return row | {"fid": f"{number}@{first}", "code": str(number), "kind": "commune", "label": shapely.Point(108, 15)}


class Asked(msgspec.Struct):
    """A filled database, and the rows that were put into it, by their keys."""

    runner: asyncio.Runner
    connection: asyncpg.Connection
    rows: dict[str, dict[str, dict[str, Any]]]

    def found(self, layer: Layer, expression: filters.Expression) -> set[str]:
        """The keys of the rows that PostgreSQL finds."""
        table = tables.METADATA.tables[layer.relation]
        shape, values = filtering.shape(expression)
        columns: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in table.c}
        ready = prepare(sa.select(columns[layer.key[0]]).where(filtering.condition(layer, columns, shape)))
        found = self.runner.run(self.connection.fetch(ready.sql, *ready.arguments(values)))
        return {str(row[0]) for row in found}


async def _fill(connection: asyncpg.Connection, relation: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        values = [shapely.to_wkt(one) if isinstance(one, shapely.Geometry) else one for one in row.values()]
        marks = [
            f"st_geomfromtext(${place}, 4326)" if isinstance(one, shapely.Geometry) else f"${place}"
            for place, one in enumerate(row.values(), 1)
        ]
        await connection.execute(f"insert into {relation} ({', '.join(row)}) values ({', '.join(marks)})", *values)


@pytest.fixture(scope="module")
def world(servers: real.Servers, blank_template: str) -> Iterator[Asked]:
    """80 incidents and 60 areas of random values."""
    incidents, areas = [_incident() for _ in range(80)], [_area(number) for number in range(60)]

    async def opened() -> asyncpg.Connection:
        await real.create(servers, "filtered", template=blank_template)
        connection = await asyncpg.connect(servers.url("postgres", "filtered"))
        await connection.execute("insert into centres values ('quang-nam', 'Quảng Nam', 'Quang Nam', 'province')")
        await _fill(connection, "areas", areas)
        await connection.execute(
            "insert into areas (fid, code, name, kind, level, valid_from, label, geom) select '502@2024-09-01', '502',"
            " 'far', 'district', 2, '2024-09-01', label, st_translate(geom, 40, 40) from areas limit 1"
        )
        await _fill(connection, "incidents", incidents)
        await connection.execute("delete from areas where fid = '502@2024-09-01'")
        return connection

    with asyncio.Runner() as runner:
        connection = runner.run(opened())
        rows = {
            "incidents": {str(row["id"]): row | {"geometry": row["geom"]} for row in incidents},
            "areas": {row["fid"]: row | {"geometry": row["geom"]} for row in areas},
        }
        yield Asked(runner, connection, rows)
        runner.run(connection.close())
        runner.run(real.drop(servers, "filtered"))


def _operators(raw: Any) -> Iterator[str]:
    if isinstance(raw, dict) and "op" in raw:
        yield raw["op"]
        for inner in raw["args"]:
            yield from _operators(inner)
    elif isinstance(raw, list):
        for inner in raw:
            yield from _operators(inner)


LAYERS = ((INCIDENTS, asked.INCIDENT_FIELDS), (AREAS, asked.AREA_FIELDS))


def _agreed(world: Asked, layer: Layer, raw: Any) -> set[str]:
    """The operators of a filter that told rows apart, once all agree on which."""
    tree = filters.check(layer, cql2.parse(asked.as_json(raw), "cql2-json"), zone=asked.ZONE)
    assert filters.check(layer, cql2.parse(asked.written(raw)), zone=asked.ZONE) == tree
    expected = {key for key, row in world.rows[layer.id].items() if holds(raw, row) is True}
    assert world.found(layer, tree) == expected
    return set(_operators(raw)) if 0 < len(expected) < len(world.rows[layer.id]) else set()


def test_postgresql_finds_what_the_judge_finds(world: Asked) -> None:
    decided: set[str] = set()
    for layer, fields in LAYERS:
        for examples, strategy in [(EXAMPLES, asked.filters(fields)), *((EACH, one) for one in asked.each(fields))]:

            @settings(max_examples=examples, database=None, derandomize=True)
            @given(raw=strategy)
            def one(raw: Any, layer: Layer) -> None:
                decided.update(_agreed(world, layer, raw))

            one(layer=layer)
    functions = {f"{family}_{name}" for family, names in FUNCTIONS.items() for name in names}
    words = {"like", "casei", "accenti", "in", "between", "isNull", "and", "or", "not", *asked.COMPARED}
    missing = (functions | words) - decided
    assert not missing, f"no filter with {missing} told rows apart"


def test_the_judge_can_find_fault(world: Asked) -> None:
    """Where PostgreSQL and the judge were asked different things, it would be seen."""
    tree = filters.check(INCIDENTS, cql2.parse("severity > 'moderate'"))
    other = {"op": "<=", "args": [{"property": "severity"}, "moderate"]}
    expected = {key for key, row in world.rows["incidents"].items() if holds(other, row) is True}
    assert expected
    assert not expected & world.found(INCIDENTS, tree)


def test_one_shape_serves_all_values() -> None:
    """No value is part of the text, whatever it holds."""
    texts = set()
    for value in ("a", "'; drop table incidents; --", "$1", "%s", "\\", "漢"):
        tree = filters.check(INCIDENTS, {"op": "=", "args": [{"property": "title"}, value]})
        shape, values = filtering.shape(tree)
        columns: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in tables.INCIDENTS.c}
        texts.add(prepare(sa.select(columns["id"]).where(filtering.condition(INCIDENTS, columns, shape))).sql)
        assert list(values.values()) == [value]
    assert len(texts) == 1


def test_a_place_is_looked_up_in_the_index_under_row_level_security(world: Asked, servers: real.Servers) -> None:
    shape, values = filtering.shape(
        filters.check(INCIDENTS, cql2.parse("S_WITHIN(geometry, BBOX(108, 15, 108.1, 15.1))"))
    )
    columns: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in tables.INCIDENTS.c}
    ready = prepare(sa.select(columns["id"]).where(filtering.condition(INCIDENTS, columns, shape)))

    async def plan() -> str:
        async with (
            Database.open(servers.url("ioc_app", "filtered"), size=1) as database,
            database.transaction(Scope(centres=frozenset({"quang-nam"})), read_only=True) as transaction,
        ):
            await transaction.connection.execute("set local enable_seqscan = off")
            rows = await transaction.connection.fetch(f"explain {ready.sql}", *ready.arguments(values))
            return "\n".join(row[0] for row in rows)

    said = world.runner.run(plan())
    assert "Index Cond: (geom && '01" in said, said
