"""OGC API - Features, Part 1 (OGC 17-069r4), over every layer."""

import base64
import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web
from yarl import URL

from gis.layer import Layer
from gis.layers import LAYERS, feature, moment
from ioc.api import deeds, described
from ioc.api.caller import CALLER
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import LIMIT_DEFAULT, LIMIT_MAX, Query, bad, boxes, interval, typed
from ioc.store import layers

GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
EXPORT_OVER = 1_000
"""Features of one answer above which it counts as an export and is noted in the audit trail."""

_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}\Z")
_TAKEN = ("limit", "bbox", "datetime", "after", "f")


def base_of(request: web.Request) -> str:
    """The address of `/ogc` as the client reaches it, without a slash at its end."""
    public = request.app[PARTS].settings.public_url
    if public:
        return public.rstrip("/") + "/ogc"
    host = request.host if _HOST.match(request.host) else "localhost"
    return f"{request.scheme}://{host}/ogc"


def layer_of(request: web.Request) -> Layer:
    """The layer that the path names. Problem 404 when there is none."""
    layer = LAYERS.get(request.match_info["collection"])
    if layer is None:
        raise ProblemError("not-found")
    return layer


def said(value: object, media: str = "application/json", **headers: str) -> web.Response:
    """JSON of a media type."""
    return web.Response(body=orjson.dumps(value), content_type=media, headers=headers)


def _plain(request: web.Request) -> None:
    """Refuse parameters where none but `f=json` is known."""
    wanted = Query(request.rel_url.query, {"f"}).text("f")
    if wanted not in (None, "json", "geojson"):
        raise bad("f", "json")


async def landing(request: web.Request) -> web.Response:
    """`GET /ogc`."""
    _plain(request)
    return said(described.landing(base_of(request)))


async def conformance(request: web.Request) -> web.Response:
    """`GET /ogc/conformance`."""
    _plain(request)
    return said({"conformsTo": list(described.CONFORMS_TO)})


async def definition(request: web.Request) -> web.Response:
    """`GET /ogc/api`."""
    _plain(request)
    return said(described.definition(base_of(request)), "application/vnd.oai.openapi+json")


async def _extent(request: web.Request) -> tuple[float, float, float, float]:
    database = request.app[PARTS].database
    async with database.transaction(request[CALLER].scope, read_only=True) as transaction:
        return await layers.extent(transaction) or (-180.0, -90.0, 180.0, 90.0)


async def collections(request: web.Request) -> web.Response:
    """`GET /ogc/collections`."""
    _plain(request)
    base, extent = base_of(request), await _extent(request)
    listed = [described.collection(layer, base, extent) for layer in LAYERS.values()]
    links = [described.link(f"{base}/collections", "self", "application/json")]
    return said({"links": links, "collections": listed})


async def collection(request: web.Request) -> web.Response:
    """`GET /ogc/collections/{id}`."""
    layer = layer_of(request)
    _plain(request)
    return said(described.collection(layer, base_of(request), await _extent(request)))


async def queryables(request: web.Request) -> web.Response:
    """`GET /ogc/collections/{id}/queryables`."""
    layer = layer_of(request)
    _plain(request)
    return said(described.queryables(layer, base_of(request)), SCHEMA)


async def schema(request: web.Request) -> web.Response:
    """`GET /ogc/collections/{id}/schema`."""
    layer = layer_of(request)
    _plain(request)
    return said(described.schema(layer, base_of(request)), SCHEMA)


def _mark(layer: Layer, fid: str) -> str:
    return base64.urlsafe_b64encode(fid.encode()).rstrip(b"=").decode()


def _after(layer: Layer, mark: str) -> tuple[Any, ...]:
    try:
        fid = base64.urlsafe_b64decode(mark.encode("ascii") + b"=" * (-len(mark) % 4)).decode()
        key = layer.key_of(fid)
    except ValueError:
        key = None
    if key is None:
        raise bad("after", "next")
    return key


def wanted_of(layer: Layer, query: Query, zone: dt.tzinfo) -> layers.Wanted:
    """What the parameters ask for."""
    box, span, after = query.text("bbox"), query.text("datetime"), query.text("after")
    since, until = interval(span, zone) if span is not None else (None, None)
    equal: Mapping[str, Any] = {
        name: typed(field, text)
        for name, text in query.rest(_TAKEN).items()
        if (field := layer.field(name)) is not None
    }
    return layers.Wanted(
        boxes=boxes(box) if box is not None else (),
        since=since,
        until=until,
        equal=equal,
        after=None if after is None else _after(layer, after),
    )


async def items(request: web.Request) -> web.Response:
    """`GET /ogc/collections/{id}/items`."""
    layer, parts = layer_of(request), request.app[PARTS]
    filters = {field.name for field in layer.fields if field.filter}
    query = Query(request.rel_url.query, {*_TAKEN, *filters})
    if query.text("f") not in (None, "json", "geojson"):
        raise bad("f", "json")
    limit = query.whole("limit", LIMIT_DEFAULT, 1, LIMIT_MAX)
    here = parts.here()
    wanted = wanted_of(layer, query, zoneinfo.ZoneInfo(parts.settings.timezone))
    if limit > EXPORT_OVER:
        await deeds.noted(request, "export.items", "collection", layer.id, after=dict(request.rel_url.query))
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        matched = await layers.number(transaction, layer, wanted, now=here)
        rows = await layers.rows(transaction, layer, wanted, now=here, limit=limit + 1)
    found = [feature(layer, row) for row in rows[:limit]]
    links = _item_links(request, layer, found[-1]["id"] if len(rows) > limit else None)
    return said(
        {
            "type": "FeatureCollection",
            "timeStamp": moment(here),
            "numberMatched": matched,
            "numberReturned": len(found),
            "links": links,
            "features": found,
        },
        GEOJSON,
    )


def _item_links(request: web.Request, layer: Layer, last: str | None) -> list[dict[str, str]]:
    base = base_of(request)
    here = URL(f"{base}/collections/{layer.id}/items")
    links = [
        described.link(str(here.with_query(request.rel_url.query)), "self", GEOJSON),
        described.link(f"{base}/collections/{layer.id}", "collection", "application/json"),
    ]
    if last is not None:
        following = {**request.rel_url.query, "after": _mark(layer, last)}
        links.append(described.link(str(here.with_query(following)), "next", GEOJSON))
    return links


async def item(request: web.Request) -> web.Response:
    """`GET /ogc/collections/{id}/items/{fid}`."""
    layer, parts = layer_of(request), request.app[PARTS]
    _plain(request)
    fid = request.match_info["fid"]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await layers.features_of(transaction, layer, [fid], now=parts.here())
    if not found:
        raise ProblemError("not-found")
    base = base_of(request)
    here = URL(f"{base}/collections/{layer.id}/items") / found[0]["id"]
    links = [
        described.link(str(here), "self", GEOJSON),
        described.link(f"{base}/collections/{layer.id}", "collection", "application/json"),
    ]
    return said({**found[0], "links": links}, GEOJSON)


def routes(app: web.Application) -> None:
    """Add the features part to an application."""
    get = app.router.add_get
    get("/ogc", landing)
    get("/ogc/", landing)
    get("/ogc/api", definition)
    get("/ogc/conformance", conformance)
    get("/ogc/collections", collections)
    get("/ogc/collections/{collection}", collection)
    get("/ogc/collections/{collection}/queryables", queryables)
    get("/ogc/collections/{collection}/schema", schema)
    get("/ogc/collections/{collection}/items", items)
    get("/ogc/collections/{collection}/items/{fid}", item)
