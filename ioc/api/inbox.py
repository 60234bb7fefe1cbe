"""The inbox of people in the field: what waits for them in a few kilobytes, and the ground around a place."""

import asyncio
import datetime as dt
import functools
import gzip
import math

import msgspec
import orjson
from aiohttp import web

from gis.position import Position
from ioc.api.caller import CALLER
from ioc.api.models_inbox import Inbox, Me
from ioc.api.negotiated import takes_gzip
from ioc.api.parts import PARTS
from ioc.api.query import Query, bad
from ioc.api.surface import May, Operation, describe
from ioc.api.tiles import etag_of, has
from ioc.store import inbox, outlines
from ioc.store.outlines import Ground, Outline

PATH = "/api/v1/inbox"
FIRST, MOST = 20, 200
"""Tickets that are listed where nothing else is asked, and at the most."""

LAYERS = {"land": "land", "coastline": "coast", "rivers": "river", "roads": "road"}
"""Layers of the base map that are drawn around a place, and as what."""

RAIL = "Đường sắt"


async def _sent(request: web.Request, value: msgspec.Struct, caching: str) -> web.Response:
    """A value as JSON that is as short as it can be; 304 for who has it already."""
    body = msgspec.json.encode(value)
    tag = etag_of(body)
    headers = {"ETag": tag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if has(request, tag):
        return web.Response(status=304, headers=headers)
    if takes_gzip(request):
        body = await asyncio.to_thread(gzip.compress, body, 9, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, content_type="application/json", headers=headers)


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/inbox?limit=`: the tickets that wait, the worst first, then the most urgent; and for whom.

    The moment of the answer is its `Date`: the body says nothing that changes by itself, so that it is told once.
    """
    caller = request[CALLER]
    most = Query(request.rel_url.query, {"limit"}).whole("limit", FIRST, 1, MOST)
    async with request.app[PARTS].database.transaction(caller.scope, read_only=True) as transaction:
        page = await inbox.waiting(transaction, most)
    person, until = caller.person, caller.expires_at
    me = Me(
        user=person.login, name=person.name, role=person.role, centre=person.centre, language=person.language,
        timezone=request.app[PARTS].settings.timezone,
        until=None if until is None else until.astimezone(dt.UTC).replace(microsecond=0),
    )  # fmt: skip
    return await _sent(request, Inbox(me=me, total=page.total, tickets=page.entries), "private, no-cache")


def _place(text: str | None) -> Position:
    """A position. Problem for what is none."""
    try:
        lon, lat = (float(part) for part in (text or "").split(","))
    except ValueError:
        raise bad("at", "lon,lat") from None
    if not (math.isfinite(lon) and math.isfinite(lat) and -179 <= lon <= 179 and -85 <= lat <= 85):
        raise bad("at", "lon,lat")
    return Position(lon=lon, lat=lat)


@functools.lru_cache(maxsize=len(LAYERS))
def ground_of(kind: str, body: bytes) -> tuple[Ground, ...]:
    """The shapes of a layer."""
    found = []
    for feature in orjson.loads(body)["features"]:
        about = feature.get("properties") or {}
        name = str(about.get("name") or about.get("ten") or "")
        what = "rail" if about.get("loai_duong") == RAIL else kind
        found.append(Ground(kind=what, name=name, geometry=orjson.dumps(feature["geometry"]).decode()))
    return tuple(found)


async def outline(request: web.Request) -> web.Response:
    """`GET /api/v1/inbox/outline?at=lon,lat`: the ground around a place, for a small map that is drawn offline."""
    parts = request.app[PARTS]
    at = _place(Query(request.rel_url.query, {"at"}).text("at"))
    ground = [
        shape for name, kind in LAYERS.items() for shape in ground_of(kind, parts.basemap(name) or b'{"features":[]}')
    ]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await outlines.around(transaction, at, parts.here().date(), ground)
    return await _sent(request, found, "private, max-age=86400")


def routes(app: web.Application) -> None:
    """Add the inbox to an application."""
    app.router.add_get(PATH, listed)
    app.router.add_get(f"{PATH}/outline", outline)
    describe(
        app,
        Operation(
            method="GET", path=PATH, vi="Việc đang chờ, gọn cho điện thoại", en="What waits, short for a phone",
            query={"limit": int}, answers={200: Inbox, 304: None}, may=May("see", "ticket"),
        ),
        Operation(
            method="GET", path=f"{PATH}/outline", vi="Bản đồ nhỏ quanh một điểm", en="A small map around a place",
            query={"at": str}, needs=("at",), answers={200: Outline, 304: None},
        ),
    )  # fmt: skip
