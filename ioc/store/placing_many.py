"""Whose many points are, in one statement: for each what `placing.place_of` says of one."""

import datetime as dt
from collections.abc import Sequence
from typing import LiteralString

import msgspec

from gis.position import Position
from ioc.store.database import Transaction
from ioc.store.placing import NEAR_M


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """The unit and the centre of a point, None off all of them, and the unit's name; `near` is the name of the nearest
    one where none holds the point, in metres."""

    centre: str | None
    area: str | None
    name: str = ""
    near: str = ""
    metres: float = 0.0


_OWNERS: LiteralString = """
with valid as materialized (
  select a.fid, a.name, a.code, a.level, a.geom,
    coalesce(c.centre, (select code from centres where kind = 'province' order by code limit 1)) as centre
  from areas a left join centre_areas c on c.area = a.fid
  where a.valid_from <= $3 and (a.valid_to is null or $3 < a.valid_to)
),
asked as materialized (
  select n, st_setsrid(st_makepoint(lon, lat), 4326) as geom
  from unnest($1::float8[], $2::float8[]) with ordinality as p (lon, lat, n)
),
held as materialized (
  select distinct on (p.n) p.n, v.fid, v.name, v.centre from asked p join valid v on st_covers(v.geom, p.geom)
  order by p.n, v.level desc, v.code
)
select p.n, coalesce(h.fid, near.fid) as area, coalesce(h.centre, near.centre) as centre,
       coalesce(h.name, near.name) as name, near.name as near, near.metres
from asked p left join held h on h.n = p.n
left join lateral (
  select case when st_dwithin(v.geom, p.geom, $4) then v.fid end as fid,
         case when st_dwithin(v.geom, p.geom, $4) then v.centre end as centre,
         v.name, st_distance(v.geom::geography, p.geom::geography) as metres
  from valid v where h.n is null order by st_distance(v.geom, p.geom), v.level desc, v.code limit 1
) near on true
order by p.n
"""


async def owners(transaction: Transaction, positions: Sequence[Position], day: dt.date) -> list[Owned]:
    """For each position the smallest unit that holds it on a local day, else the nearest within NEAR_M, and the centre
    that serves that."""
    if not positions:
        return []
    axes = [one.lon for one in positions], [one.lat for one in positions]
    rows = await transaction.connection.fetch(_OWNERS, *axes, day, NEAR_M / 111_195)
    return [
        Owned(
            centre=row["centre"] if row["area"] else None,
            area=row["area"] if row["centre"] else None,
            name=row["name"] if row["area"] else "",
            near=row["near"] or "",
            metres=row["metres"] or 0.0,
        )
        for row in rows
    ]
