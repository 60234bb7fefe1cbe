"""Which cameras see a point: the live ones first, the nearest first among them."""

import datetime as dt
from typing import Any

import msgspec
import sqlalchemy as sa

from gis.position import Position
from ioc.store.database import Transaction
from ioc.store.registry import point
from ioc.store.tables import CAMERAS


class Seer(msgspec.Struct, frozen=True, kw_only=True):
    """A camera whose field of view holds a point. `distance_m` and `bearing_deg` (clockwise from north) lead from the
    camera to the point.
    """

    code: str
    name: str
    kind: str
    centre: str
    area_code: str
    state: str
    state_since: dt.datetime
    position: tuple[float, float]
    distance_m: float
    bearing_deg: float | None


async def seeing(transaction: Transaction, place: Position, *, most: int, live: bool) -> list[Seer]:
    """The cameras in use of the transaction's scope whose view holds a place; `live` leaves out all others.

    The comparison of boxes comes as an operator of its own, because only that may use the index under row-level
    security.
    """
    spot = sa.func.st_geomfromewkt(point(place))
    there = CAMERAS.c.geom
    distance = sa.func.st_distancesphere(there, spot)
    bearing = sa.func.degrees(sa.func.st_azimuth(sa.func.geography(there), sa.func.geography(spot)))
    wanted = [CAMERAS.c.view.op("&&")(spot), sa.func.st_covers(CAMERAS.c.view, spot), CAMERAS.c.lifecycle == "active"]
    if live:
        wanted.append(CAMERAS.c.state == "live")
    rows = await transaction.rows(
        sa.select(
            *(CAMERAS.c[name] for name in ("code", "name", "kind", "centre", "state", "state_since")),
            sa.func.split_part(CAMERAS.c.area, "@", 1).label("area_code"),
            sa.func.st_x(there).label("lon"),
            sa.func.st_y(there).label("lat"),
            distance.label("distance_m"),
            bearing.label("bearing_deg"),
        )
        .where(*wanted)
        .order_by((CAMERAS.c.state != "live").asc(), distance.asc(), CAMERAS.c.code.asc())
        .limit(most)
    )
    return [_seer(row) for row in rows]


def _seer(row: Any) -> Seer:
    names = ("code", "name", "kind", "centre", "area_code", "state", "state_since")
    bearing = row["bearing_deg"]
    return Seer(
        **{name: row[name] for name in names},
        position=(row["lon"], row["lat"]),
        distance_m=round(row["distance_m"], 1),
        bearing_deg=None if bearing is None else round(bearing, 1),
    )
