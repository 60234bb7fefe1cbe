"""Features of a collection: OGC API - Features, Part 1 (17-069r4) with the systems of coordinates of Part 2, filters
of Part 3 and the order of Part 8.
"""

import asyncio
import datetime as dt
import zoneinfo
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web
from yarl import URL

from gis.crs import Crs
from gis.layer import Layer
from gis.layers import feature, moment
from ioc.api import csv, deeds, described
from ioc.api.answer import needs
from ioc.api.caller import CALLER
from ioc.api.filtered import AT_ONCE, PARAMETERS, TURN, in_turn, understood, where_of
from ioc.api.negotiated import JSON, form_of
from ioc.api.ogc import GEOJSON, base_of, layer_of, said
from ioc.api.paging import mark, place
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import LIMIT_DEFAULT, LIMIT_MAX, Query, area, interval, order, system, typed
from ioc.store import layers, pages

EXPORT_OVER = 1_000
"""Features of one answer above which it counts as an export and is noted in the audit trail."""

FORMS = {**JSON, "csv": csv.MEDIA}
_TAKEN = ("limit", "bbox", "bbox-crs", "crs", "datetime", *PARAMETERS, "sortby", "after", "f", "download")
_KINDS = {"camera_fov": "camera", "observations_latest": "reading"}


def wanted_of(layer: Layer, query: Query, zone: dt.tzinfo) -> layers.Wanted:
    """What the parameters ask for."""
    box, span, sort, after = (query.text(name) for name in ("bbox", "datetime", "sortby", "after"))
    crs = system("bbox-crs", query.text("bbox-crs"))
    boxes, plane = area(box, crs) if box is not None else ((), None)
    since, until = interval(span, zone) if span is not None else (None, None)
    equal: Mapping[str, Any] = {
        name: typed(field, text)
        for name, text in query.rest(_TAKEN).items()
        if (field := layer.field(name)) is not None
    }
    wanted = layers.Wanted(
        boxes=boxes,
        plane=None if plane is None else (crs, plane),
        since=since,
        until=until,
        equal=equal,
        where=where_of(layer, query, zone),
        order=order(layer, sort) if sort is not None else (),
    )
    return wanted if after is None else msgspec.structs.replace(wanted, after=place(layer, wanted, after))


def _content_crs(crs: Crs) -> dict[str, str]:
    """Part 2, requirement 16: in which system the positions of an answer are."""
    return {"Content-Crs": f"<{crs.uri}>", "Vary": "Accept"}


async def items(request: web.Request) -> web.StreamResponse:
    """`GET /ogc/collections/{id}/items`."""
    layer, parts = layer_of(request), request.app[PARTS]
    filters = {field.name for field in layer.fields if field.scalar}
    query = Query(request.rel_url.query, {*_TAKEN, *filters})
    form, crs = form_of(request, query, FORMS), system("crs", query.text("crs"))
    wanted = wanted_of(layer, query, zoneinfo.ZoneInfo(parts.settings.timezone))
    limit = query.whole("limit", LIMIT_DEFAULT, 1, LIMIT_MAX)
    if form == "csv":
        kind = _KINDS.get(layer.id, layer.subject)
        if kind:
            needs(request, "export", kind)
        most = None if query.text("limit") is None else query.whole("limit", 1, 1, csv.MOST)
        await deeds.noted(request, "export.items", "collection", layer.id, after=dict(request.rel_url.query))
        return await csv.stream(request, layer, wanted, crs, most, _content_crs(crs))
    if limit > EXPORT_OVER:
        await deeds.noted(request, "export.items", "collection", layer.id, after=dict(request.rel_url.query))
    page = await _page(request, layer, wanted, crs, limit)
    headers = _content_crs(crs)
    if query.flag("download"):
        headers["Content-Disposition"] = f'attachment; filename="{layer.id}-{parts.here().date()}.geojson"'
    return said(page, GEOJSON, **headers)


async def _page(request: web.Request, layer: Layer, wanted: layers.Wanted, crs: Crs, limit: int) -> dict[str, Any]:
    parts, here = request.app[PARTS], request.app[PARTS].here()
    async with in_turn(request.app, wanted.where):
        with understood():
            page = await pages.read(
                parts.database, request[CALLER].scope, layer, wanted, now=here, limit=limit, crs=crs
            )
    found = [feature(layer, row, crs) for row in page.rows]
    following = mark(wanted, layers.place_of(layer, page.rows[-1], wanted)) if page.more else None
    return {
        "type": "FeatureCollection",
        "timeStamp": moment(here),
        "numberMatched": page.matched,
        "numberReturned": len(found),
        "links": _links(request, layer, following),
        "features": found,
    }


def _links(request: web.Request, layer: Layer, following: str | None) -> list[dict[str, str]]:
    base, asked = base_of(request), dict(request.rel_url.query)
    here = URL(f"{base}/collections/{layer.id}/items")
    whole = {name: value for name, value in asked.items() if name not in ("limit", "after", "download")}
    links = [
        described.link(str(here.with_query(asked)), "self", GEOJSON),
        described.link(str(here.with_query({**whole, "f": "csv"})), "alternate", csv.MEDIA),
        described.link(f"{base}/collections/{layer.id}", "collection", "application/json"),
    ]
    if following is not None:
        links.append(described.link(str(here.with_query({**asked, "after": following})), "next", GEOJSON))
    return links


async def item(request: web.Request) -> web.Response:
    """`GET /ogc/collections/{id}/items/{fid}`."""
    layer, parts = layer_of(request), request.app[PARTS]
    query = Query(request.rel_url.query, {"f", "crs"})
    form_of(request, query, JSON)
    crs, fid = system("crs", query.text("crs")), request.match_info["fid"]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await layers.features_of(transaction, layer, [fid], now=parts.here(), crs=crs)
    if not found:
        raise ProblemError("not-found")
    base = base_of(request)
    here = URL(f"{base}/collections/{layer.id}/items") / found[0]["id"]
    links = [
        described.link(str(here), "self", GEOJSON),
        described.link(f"{base}/collections/{layer.id}", "collection", "application/json"),
    ]
    return said({**found[0], "links": links}, GEOJSON, **_content_crs(crs))


def routes(app: web.Application) -> None:
    """Add the features to an application."""
    app[TURN] = asyncio.Semaphore(AT_ONCE)
    app.router.add_get("/ogc/collections/{collection}/items", items)
    app.router.add_get("/ogc/collections/{collection}/items/{fid}", item)
