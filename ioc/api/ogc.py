"""OGC API - Features: the documents about the server and its collections."""

import datetime as dt
import math
import re
import time
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from gis.layer import Layer
from gis.layers import LAYERS
from ioc.access.scope import Scope
from ioc.api import described, schemas
from ioc.api.caller import CALLER
from ioc.api.negotiated import JSON, form_of
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError, language_of
from ioc.api.query import Query
from ioc.store import layers
from ioc.store.database import Database

GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

Extent = tuple[tuple[float, float, float, float], Mapping[str, dt.datetime | None]]

_EXTENT_S = 60.0
"""Seconds for which the extent of the collections is kept: to look for the first feature costs a pass over them."""

_SCOPES = 500
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}\Z")


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


def language_read(request: web.Request) -> str:
    """Check the parameters of a document, where none but `f` is known. Gives the reader's language."""
    form_of(request, Query(request.rel_url.query, {"f"}), JSON)
    return language_of(request.headers.get("Accept-Language", ""), request[CALLER].person.language)


def told(value: object, language: str, media: str = "application/json") -> web.Response:
    return said(value, media, **{"Content-Language": language, "Vary": "Accept, Accept-Language"})


async def landing(request: web.Request) -> web.Response:
    """`GET /ogc`."""
    language = language_read(request)
    return told(described.landing(base_of(request), language), language)


async def conformance(request: web.Request) -> web.Response:
    """`GET /ogc/conformance`."""
    language_read(request)
    return said({"conformsTo": list(described.CONFORMS_TO)})


async def definition(request: web.Request) -> web.Response:
    """`GET /ogc/api`."""
    language_read(request)
    answer = said(described.definition(base_of(request)))
    answer.headers["Content-Type"] = OPENAPI
    return answer


class Extents:
    """Where and since when there is something of each collection, by scope, looked up again after a while."""

    def __init__(self) -> None:
        self._known: dict[Scope, tuple[float, Extent]] = {}

    async def of(self, database: Database, scope: Scope, at: float) -> Extent:
        """The box of all areas, and the first moment of each collection. `at` is monotonic, in seconds."""
        until, found = self._known.get(scope, (-math.inf, None))
        if found is None or at >= until:
            found = await self._look(database, scope)
            if len(self._known) >= _SCOPES:
                self._known.clear()
            self._known[scope] = (at + _EXTENT_S, found)
        return found

    async def _look(self, database: Database, scope: Scope) -> Extent:
        async with database.transaction(scope, read_only=True) as transaction:
            box = await layers.extent(transaction) or (-180.0, -90.0, 180.0, 90.0)
            begun = {layer.id: await layers.begun(transaction, layer) for layer in LAYERS.values()}
        return box, begun


EXTENTS: web.AppKey[Extents] = web.AppKey("extents", Extents)


async def _described(request: web.Request, language: str, *chosen: Layer) -> list[dict[str, Any]]:
    database, scope, base = request.app[PARTS].database, request[CALLER].scope, base_of(request)
    box, begun = await request.app[EXTENTS].of(database, scope, time.monotonic())
    return [described.collection(layer, base, box, begun[layer.id], language) for layer in chosen]


async def collections(request: web.Request) -> web.Response:
    """`GET /ogc/collections`."""
    language = language_read(request)
    links = [described.link(f"{base_of(request)}/collections", "self", "application/json")]
    listed = await _described(request, language, *LAYERS.values())
    return told({"links": links, "collections": listed}, language)


async def collection(request: web.Request) -> web.Response:
    """`GET /ogc/collections/{id}`."""
    layer, language = layer_of(request), language_read(request)
    [found] = await _described(request, language, layer)
    return told(found, language)


async def schema(request: web.Request) -> web.Response:
    """`GET /ogc/collections/{id}/queryables`, `…/sortables` and `…/schema`."""
    layer, language = layer_of(request), language_read(request)
    make = getattr(schemas, request.path.rpartition("/")[2])
    return told(make(layer, base_of(request), language), language, SCHEMA)


def routes(app: web.Application) -> None:
    """Add the documents to an application."""
    app[EXTENTS] = Extents()
    get = app.router.add_get
    get("/ogc", landing)
    get("/ogc/", landing)
    get("/ogc/api", definition)
    get("/ogc/conformance", conformance)
    get("/ogc/collections", collections)
    get("/ogc/collections/{collection}", collection)
    for name in ("queryables", "sortables", "schema"):
        get(f"/ogc/collections/{{collection}}/{name}", schema)
