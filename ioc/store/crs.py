"""Positions in other systems of coordinates than the stored one, by PostGIS."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from gis.crs import REACH, VN2000, Crs, Plane
from gis.position import Position
from ioc.store.database import Identity, Transaction
from ioc.store.statements import Prepared, prepare

_SAME_M = 0.001
"""Metres by which the installation's definition of a system may differ from ours."""

_MARGIN = 0.01
"""Degrees around a plane's box, within which the index is asked for what then is compared in the plane."""

_judged: dict[Identity, bool] = {}


class Seen(NamedTuple):
    """How a statement reaches a system: by its number, or where the installation does not know that as we do, by its
    parameters, which costs a millisecond a feature."""

    crs: Crs
    numbered: bool

    def of(self, shape: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """The shape in this system, axes in the order x, y. NULL where the system cannot be used."""
        if self.crs.plane is None:
            return shape
        target: sa.ColumnElement[Any] = sa.literal_column(str(self.crs.srid) if self.numbered else f"'{self.crs.proj}'")
        within = sa.func.ST_MakeEnvelope(*_numbers(REACH.west, REACH.south, REACH.east, REACH.north), _WGS84)
        return sa.case((shape.op("@", return_type=sa.Boolean())(within), sa.func.ST_Transform(shape, target)))

    def box(self) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
        """The box of the parameters `plane_west` … in this system, and one of the stored system that holds it."""
        axes = [sa.bindparam(f"plane_{side}", type_=sa.Float) for side in Plane.__struct_fields__]
        number = self.crs.srid if self.numbered else 0
        own = sa.func.ST_MakeEnvelope(*axes, sa.literal_column(str(number)))
        fine = sa.func.ST_Segmentize(own, sa.literal_column("100000.0::float8"))
        way = [_WGS84] if self.numbered else [sa.literal_column(f"'{self.crs.proj}'"), _WGS84]
        return own, sa.func.ST_Expand(sa.func.ST_Envelope(sa.func.ST_Transform(fine, *way)), _numbers(_MARGIN)[0])


def _numbers(*values: float) -> list[sa.ColumnElement[Any]]:
    return [sa.literal_column(f"{value}::float8", sa.Float) for value in values]


_WGS84: sa.ColumnElement[Any] = sa.literal_column("4326")


def _tried(*way: sa.ColumnElement[Any]) -> Prepared:
    point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(*_numbers(108.2, 15.6)), _WGS84)
    there = sa.func.ST_Transform(point, *way)
    return prepare(sa.select(sa.func.ST_X(there).label("x"), sa.func.ST_Y(there).label("y")))


async def _agrees(transaction: Transaction) -> bool:
    known = sa.text("select 1 from spatial_ref_sys where srid = :srid").bindparams(srid=VN2000.srid)
    if await transaction.row(known) is None:
        return False
    [numbered] = await transaction.fetch(_tried(sa.literal_column(str(VN2000.srid))))
    [by_hand] = await transaction.fetch(_tried(sa.literal_column(f"'{VN2000.proj}'")))
    return all(abs(numbered[axis] - by_hand[axis]) < _SAME_M for axis in ("x", "y"))


async def seen(transaction: Transaction, crs: Crs) -> Seen:
    """How to reach a system in the database of the transaction, tried once for each database."""
    if crs.plane is None:
        return Seen(crs, numbered=True)
    if transaction.identity not in _judged:
        _judged.clear()
        _judged[transaction.identity] = await _agrees(transaction)
    return Seen(crs, numbered=_judged[transaction.identity])


async def position_of(transaction: Transaction, crs: Crs, first: float, second: float) -> Position | None:
    """The stored position of a point of a system, its axes in the order x (east, longitude), y.

    To the seventh decimal of a degree, a centimetre. None for coordinates that mean no place.
    """
    if crs.plane is None:
        inside = -180 <= first <= 180 and -90 <= second <= 90
        return Position(lon=first, lat=second) if inside else None
    plane = crs.plane
    if not (plane.west <= first <= plane.east and plane.south <= second <= plane.north):
        return None
    known = await seen(transaction, crs)
    point = sa.func.ST_MakePoint(*_numbers(first, second))
    if known.numbered:
        there = sa.func.ST_Transform(sa.func.ST_SetSRID(point, sa.literal_column(str(crs.srid))), _WGS84)
    else:
        there = sa.func.ST_Transform(point, sa.literal_column(f"'{crs.proj}'"), _WGS84)
    row = await transaction.row(sa.select(sa.func.ST_X(there).label("lon"), sa.func.ST_Y(there).label("lat")))
    if row is None or not (REACH.west <= row["lon"] <= REACH.east and REACH.south <= row["lat"] <= REACH.north):
        return None
    return Position(lon=round(row["lon"], 7), lat=round(row["lat"], 7))
