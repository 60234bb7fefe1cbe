"""`GET /api/v1/cameras?sees=lon,lat`: which cameras see a point; ioc/api/listing_register.py describes it."""

import msgspec
from aiohttp import web

from gis.layers import moment
from gis.position import Position
from ioc.api.caller import CALLER
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.query import Query, bad
from ioc.store import seeing as store

PARAMETERS = ("sees", "live", "limit")
LIMIT_DEFAULT, LIMIT_MAX = 20, 200


def place_of(text: str | None) -> Position:
    """A place out of `lon,lat` in WGS 84 degrees. Problem when it is none."""
    try:
        lon, lat = (float(part) for part in (text or "").split(","))
        return Position(lon=lon, lat=lat)
    except ValueError as error:
        raise bad("sees", "lon,lat (°, WGS 84), 108.328,15.88") from error


async def seeing(request: web.Request) -> web.Response:
    """The cameras whose field of view holds the point, live ones first, then by distance."""
    query = Query(request.rel_url.query, set(PARAMETERS))
    place = place_of(query.text("sees"))
    most, live = query.whole("limit", LIMIT_DEFAULT, 1, LIMIT_MAX), query.flag("live")
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await store.seeing(transaction, place, most=most, live=live)
    cameras = [
        {**msgspec.structs.asdict(one), "state_since": moment(one.state_since), "live": one.state == "live"}
        for one in found
    ]
    return said({"sees": place.lonlat, "cameras": cameras})
