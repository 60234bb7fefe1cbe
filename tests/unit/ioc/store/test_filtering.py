"""Conditions of trees: names of columns, parameters in place of all values."""

from typing import Any

import pytest
import sqlalchemy as sa

from gis import cql2, filters
from gis.filter_shapes import Axes
from gis.layers import INCIDENTS
from ioc.store import filtering, tables
from ioc.store.statements import prepare


def _written(text: str, axes: Axes = filters.LONLAT) -> tuple[str, list[Any]]:
    shape, values = filtering.shape(filters.check(INCIDENTS, cql2.parse(text), axes=axes))
    columns: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in tables.INCIDENTS.c}
    ready = prepare(sa.select(sa.literal_column("1")).where(filtering.condition(INCIDENTS, columns, shape)))
    return ready.sql.partition("WHERE ")[2], ready.arguments(values)


@pytest.mark.parametrize(
    ("text", "sql", "values"),
    [
        ("title = '; --'", "incidents.title = $1::VARCHAR", ["; --"]),
        ("count IN (1, 2.5)", "incidents.count = ANY ($1::DOUBLE PRECISION[])", [(1, 2.5)]),
        ("owner IS NOT NULL", "incidents.owner IS NOT NULL", []),
        ("title LIKE 'a%'", "incidents.title LIKE $1::VARCHAR", ["a%"]),
        ("cleared", "incidents.cleared", []),
    ],
)
def test_each_value_is_bound(text: str, sql: str, values: list[Any]) -> None:
    assert _written(text) == (sql, values)


def test_places_are_looked_up_in_the_index_first() -> None:
    sql, values = _written("S_WITHIN(geometry, BBOX(108, 15, 109, 16))")
    assert sql.startswith("(incidents.geom && ST_GeomFromGeoJSON($1::VARCHAR)) AND ST_Within(incidents.geom, ")
    assert "Polygon" in values[0]
    sql, _ = _written("S_WITHIN(geometry, POINT(500000 1700000))", Axes(proj="+proj=utm"))
    assert "ST_Transform(ST_GeomFromGeoJSON($1::VARCHAR), $2::VARCHAR, 4326)" in sql


def test_open_ends_are_for_ever() -> None:
    sql, _ = _written("T_INTERSECTS(INTERVAL(first_at, last_at), INTERVAL('..', '2026-01-01'))")
    assert "coalesce(incidents.last_at, 'infinity'::timestamptz) >= '-infinity'::timestamptz" in sql
