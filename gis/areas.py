"""Administrative units with validity dates, and which unit holds a point on a day."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gis.position import Position


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Area:
    """One unit during the period in which its code, name and boundary held.

    `fid` is `<code>@<valid_from>`: official codes are used again, so a code alone names nothing.
    `valid_to` is the first day on which the unit no longer holds, None while it does. `level` 1 is a
    province, 2 a unit within it. `parent` and `successors` are fids. `geometry` is a valid polygon or
    multipolygon, WGS 84, longitude before latitude. `inner` lies within it.
    """

    fid: str
    code: str
    name: str
    kind: str
    level: int
    parent: str | None
    valid_from: dt.date
    valid_to: dt.date | None
    successors: tuple[str, ...]
    geometry: BaseGeometry
    inner: Position

    def holds_on(self, day: dt.date) -> bool:
        """Whether the unit is valid on the local day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def fid_of(code: str, valid_from: dt.date) -> str:
    """The feature id of a unit: `<code>@<valid_from>`."""
    return f"{code}@{valid_from.isoformat()}"


def area_from_feature(
    feature: Mapping[str, Any],
    *,
    valid_from: dt.date,
    valid_to: dt.date | None,
    parent: str | None = None,
    successors: Sequence[str] = (),
) -> Area:
    """A unit from a parsed GeoJSON feature with the properties code, name, type and level.

    `label_point` (lon, lat) becomes the inner point if it lies within the unit; otherwise a point within
    is computed. Raises ValueError when the boundary is empty, not a polygon or not valid.
    """
    properties = feature["properties"]
    code = str(properties["code"])
    geometry = shapely.geometry.shape(feature["geometry"])
    if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        raise ValueError(f"area {code} needs a polygon or multipolygon, not {geometry.geom_type}")
    if not geometry.is_valid:
        raise ValueError(f"area {code} has an invalid boundary: {shapely.is_valid_reason(geometry)}")
    return Area(
        fid=fid_of(code, valid_from),
        code=code,
        name=str(properties["name"]),
        kind=str(properties["type"]),
        level=int(properties["level"]),
        parent=parent,
        valid_from=valid_from,
        valid_to=valid_to,
        successors=tuple(successors),
        geometry=geometry,
        inner=_inner(geometry, properties.get("label_point")),
    )


def merged(
    parts: Sequence[Area],
    *,
    into: Area,
    valid_from: dt.date,
    valid_to: dt.date | None,
    successors: Sequence[str],
) -> Area:
    """The unit that came of a merger: the code, name and kind of `into`, the union of all `parts`."""
    geometry = shapely.union_all([part.geometry for part in parts])
    return Area(
        fid=fid_of(into.code, valid_from),
        code=into.code,
        name=into.name,
        kind=into.kind,
        level=into.level,
        parent=into.parent,
        valid_from=valid_from,
        valid_to=valid_to,
        successors=tuple(successors),
        geometry=geometry,
        inner=_inner(geometry, None),
    )


def _inner(geometry: BaseGeometry, wished: Sequence[float] | None) -> Position:
    if wished is not None and geometry.covers(shapely.Point(wished[0], wished[1])):
        return Position(lon=float(wished[0]), lat=float(wished[1]))
    point = shapely.point_on_surface(geometry)
    return Position(lon=point.x, lat=point.y)


class AreaIndex:
    """Finds units by place and day, in memory; the same answer as PostGIS's ST_Covers.

    Immutable after building and safe to share between threads that only read.
    """

    def __init__(self, areas: Iterable[Area]) -> None:
        """Raises ValueError when two units have one fid."""
        self._areas = tuple(sorted(areas, key=lambda area: (-area.level, area.code, area.valid_from)))
        self._by_fid = {area.fid: area for area in self._areas}
        if len(self._by_fid) != len(self._areas):
            raise ValueError("two areas have the same code and first day; give each its own period")
        geometries = [area.geometry for area in self._areas]
        shapely.prepare(geometries)
        self._tree = shapely.STRtree(geometries)

    def __len__(self) -> int:
        return len(self._areas)

    def area(self, fid: str) -> Area | None:
        """The unit of a feature id."""
        return self._by_fid.get(fid)

    def holding(self, position: Position, day: dt.date) -> Area | None:
        """The deepest unit valid on the local day that covers the point, its border included.

        On a border that units share, the one with the lowest code. None outside all units and on days
        without any.
        """
        return next(iter(self.all_holding(position, day)), None)

    def holdings(self, positions: Sequence[Position], day: dt.date) -> list[Area | None]:
        """As `holding`, of many points at once."""
        found: list[Area | None] = [None] * len(positions)
        points = shapely.points([at.lon for at in positions], [at.lat for at in positions])
        whose, numbers = self._tree.query(points)
        covered = shapely.covers(self._tree.geometries[numbers], points[whose])
        for place, number in sorted(zip(whose[covered].tolist(), numbers[covered].tolist(), strict=True)):
            if found[place] is None and self._areas[number].holds_on(day):
                found[place] = self._areas[number]
        return found

    def all_holding(self, position: Position, day: dt.date) -> tuple[Area, ...]:
        """Every unit valid on the local day that covers the point, deepest first, then by code."""
        point = shapely.Point(position.lon, position.lat)
        candidates = sorted(int(number) for number in self._tree.query(point))
        return tuple(
            area
            for area in (self._areas[number] for number in candidates)
            if area.holds_on(day) and area.geometry.covers(point)
        )
