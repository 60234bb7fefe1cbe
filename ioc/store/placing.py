"""Whose a place is: the unit that holds it on a day, and the centre that serves it."""

import datetime as dt
from typing import LiteralString

import msgspec

from gis.position import Position
from ioc.store.database import Transaction

NEAR_M = 20_000
"""Metres off the last unit (a river's mouth, the open sea) up to which a place still belongs to the nearest one."""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """Where something is. `reach_m` is how far from the position it reaches within the units, in metres."""

    centre: str
    area: str
    area_name: str
    position: Position
    reach_m: float


async def place_of(transaction: Transaction, shape: str, day: dt.date) -> Placed | None:
    """Whose a shape (EWKT, valid, WGS 84) is on a local day; None when it is not near any unit.

    The position of an area is a point within the part of it that lies here. An area that lies in units of several
    centres, or is wider than one unit, belongs to the centre of the province and its own unit.
    A unit of which less than a hundredth is covered, as its neighbour's border does, does not count.
    """
    row = await transaction.connection.fetchrow(_PLACE, shape, day, NEAR_M / 111_195)
    if row is None or row["area"] is None or row["centre"] is None:
        return None
    return Placed(
        centre=row["centre"],
        area=row["area"],
        area_name=row["name"],
        position=Position(lon=row["lon"], lat=row["lat"]),
        reach_m=float(row["reach"] or 0.0) * 111_195,
    )


_PLACE: LiteralString = """
with told as materialized (select st_geomfromewkt($1) as geom),
valid as (
  select a.fid, a.name, a.code, a.level, a.geom,
    coalesce(c.centre, (select code from centres where kind = 'province' order by code limit 1)) as centre
  from areas a left join centre_areas c on c.area = a.fid
  where a.valid_from <= $2 and (a.valid_to is null or $2 < a.valid_to)
),
touched as materialized (
  select v.* from valid v, told t
  where st_intersects(v.geom, t.geom) and (st_dimension(t.geom) = 0
    or st_area(st_intersection(v.geom, t.geom)) > 0.01 * least(st_area(v.geom), st_area(t.geom)))
),
near as (
  select v.* from valid v, told t
  where not exists (select from touched) and st_dwithin(v.geom, t.geom, $3)
  order by st_distance(v.geom, t.geom), v.level desc, v.code limit 1
),
units as materialized (select * from touched union all select * from near),
outer_most as (select * from units where level = (select min(level) from units)),
inside as materialized (
  select case when exists (select from touched)
    then st_intersection(t.geom, (select st_union(geom) from outer_most)) else t.geom end as geom
  from told t
),
point as materialized (select st_pointonsurface(geom) as geom, geom as whole from inside),
holding as (
  select u.* from units u, point p
  where exists (select from near) or st_covers(u.geom, p.geom) order by u.level desc, u.code limit 1
),
wide as (
  select count(distinct centre) > 1 as several, count(*) > 1 as many from units
  where level = (select max(level) from units) and (select st_dimension(geom) from told) > 0
),
owner as (
  select case when w.several then coalesce((select code from centres where kind = 'province' order by code limit 1),
                                           h.centre) else h.centre end as centre,
         case when w.many then o.fid else h.fid end as area,
         case when w.many then o.name else h.name end as name
  from holding h, wide w, (select * from outer_most order by code limit 1) o
)
select o.centre, o.area, o.name, st_x(p.geom) as lon, st_y(p.geom) as lat, st_maxdistance(p.geom, p.whole) as reach
from owner o, point p
"""


async def shape_of_units(transaction: Transaction, codes: list[str], day: dt.date) -> str | None:
    """The units of some official codes on a local day as one shape (EWKT); None when none of them is known."""
    found: str | None = await transaction.connection.fetchval(_UNITS, codes, day)
    return found


_UNITS: LiteralString = """
select st_asewkt(st_union(geom), 7) from areas
where code = any ($1::text[]) and valid_from <= $2 and (valid_to is null or $2 < valid_to)
"""


_AROUND: LiteralString = """
select fid from areas
where valid_from <= $3 and (valid_to is null or valid_to > $3)
  and st_covers(geom, st_setsrid(st_makepoint($1, $2), 4326))
order by level desc, fid
"""


async def areas_at(transaction: Transaction, position: Position, day: dt.date) -> list[str]:
    """The feature ids of the areas around a position on a local day, the smallest first; empty off the last one."""
    rows = await transaction.connection.fetch(_AROUND, position.lon, position.lat, day)
    return [row["fid"] for row in rows]
