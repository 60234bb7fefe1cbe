"""Geometries of filters: bounded, valid, in the order east, north."""

import json
from typing import Any

import pytest

from gis.filter_shapes import LONLAT, VERTICES, Axes, geometry, is_collection
from gis.filter_tree import FilterError

RING = [[0, 0], [1, 0], [1, 1], [0, 0]]


def _made(raw: Any, axes: Axes = LONLAT) -> Any:
    return json.loads(geometry(raw, axes).value)


def test_axes_and_heights() -> None:
    assert _made({"type": "Point", "coordinates": [108, 15, 9]})["coordinates"] == [108, 15]
    north = Axes(north_first=True)
    assert _made({"type": "Point", "coordinates": [15, 108]}, north)["coordinates"] == [108, 15]
    assert _made({"bbox": [15, 108, 16, 109]}, north) == _made({"bbox": [108, 15, 109, 16]})
    projected = geometry({"type": "Point", "coordinates": [500_000, 1_700_000]}, Axes(proj="+proj=tmerc"))
    assert projected.crs == "+proj=tmerc"


def test_boxes_may_be_flat_or_cross_the_antimeridian() -> None:
    assert _made({"bbox": [1, 2, 1, 2]}) == {"type": "Point", "coordinates": [1, 2]}
    assert _made({"bbox": [1, 2, 3, 2]})["type"] == "LineString"
    assert _made({"bbox": [1, 2, 0, 3, 4, 9]})["type"] == "Polygon"
    assert _made({"bbox": [170, 2, -170, 4]})["type"] == "MultiPolygon"


def test_collections_of_one_kind_are_one_geometry() -> None:
    point, line = {"type": "Point", "coordinates": [1, 2]}, {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    assert not is_collection(geometry({"type": "GeometryCollection", "geometries": [point, point]}, LONLAT))
    assert is_collection(geometry({"type": "GeometryCollection", "geometries": [point, line]}, LONLAT))


@pytest.mark.parametrize(
    "raw",
    [
        None, "POINT(1 2)", {}, {"type": "Point"}, {"type": "Circle", "coordinates": [1, 2]}, {"bbox": [1, 2, 3]},
        {"type": ["Point"], "coordinates": [1, 2]}, {"type": "Point", "coordinates": [181, 2]},
        {"type": "Point", "coordinates": [1, 91]}, {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": [1, True]}, {"type": "Point", "coordinates": [10**400, 1]},
        {"type": "Point", "coordinates": [float("nan"), 1]}, {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
        {"type": "MultiPoint", "coordinates": [[0, 0]] * (VERTICES + 1)}, {"bbox": [1, 3, 2, 2]},
        {"type": "GeometryCollection"}, {"type": "GeometryCollection", "geometries": [3]},
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": []}]},
        {"type": "MultiPolygon", "coordinates": [[RING]] * 400},
    ],
    ids=lambda raw: str(raw)[:60],
)  # fmt: skip
def test_what_is_no_geometry_is_refused(raw: Any) -> None:
    with pytest.raises(FilterError):
        geometry(raw, LONLAT)


def test_projected_coordinates_are_bounded() -> None:
    with pytest.raises(FilterError, match="metres"):
        geometry({"type": "Point", "coordinates": [1e9, 0]}, Axes(proj="+proj=tmerc"))
