"""Names of administrative units for the map: one point a unit, however many islands or tiles it spreads over."""

from typing import Any

from aiohttp import web

from ioc.api.caller import CALLER
from ioc.api.ogc import GEOJSON, said
from ioc.api.parts import PARTS
from ioc.api.query import Query, day
from ioc.store import labels


def short(name: str, kind: str) -> str:
    """The name without its kind: Xã Đại Lộc -> Đại Lộc. A name that is only a number keeps it: Phường 1."""
    rest = name.removeprefix(kind).strip()
    return name if not rest or rest.isdigit() else rest


def feature(label: labels.Label) -> dict[str, Any]:
    """A label as a GeoJSON point."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [label.lon, label.lat]},
        "properties": {
            "code": label.code,
            "name": label.name,
            "short_name": short(label.name, label.kind),
            "kind": label.kind,
        },
    }


async def names(request: web.Request) -> web.Response:
    """`GET /api/v1/areas/labels?day=`: the units that are valid on a day, by default today."""
    parts = request.app[PARTS]
    asked = Query(request.rel_url.query, {"day"}).text("day")
    at = parts.here().date() if asked is None else day("day", asked)
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await labels.of_day(transaction, at)
    return said({"type": "FeatureCollection", "features": [feature(label) for label in found]}, GEOJSON)


def routes(app: web.Application) -> None:
    """Add the names to an application."""
    app.router.add_get("/api/v1/areas/labels", names)
