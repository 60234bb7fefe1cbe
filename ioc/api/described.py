"""The OGC documents about the collections, made from the layers' descriptions."""

import datetime as dt
from typing import Any

from gis.crs import CRS84, KNOWN
from gis.layer import Layer, ValidOn
from gis.layers import LAYERS, moment
from ioc.api.parameters import FORMS, form, of_items, parameter, system
from ioc.api.schemas import titled

MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
MVT = "application/vnd.mapbox-vector-tile"
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_CRS = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/"
_FILTERING = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
_SCHEMAS = "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/"
_SORTING = "http://www.opengis.net/spec/ogcapi-features-8/0.0/conf/"
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"

_GRAMMAR = (
    "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
    "accent-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions",
    "temporal-functions", "array-functions", "property-property",
)  # fmt: skip

CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    _FEATURES + "core",
    _FEATURES + "geojson",
    _FEATURES + "oas30",
    _CRS + "crs",
    _FILTERING + "queryables",
    _FILTERING + "queryables-query-parameters",
    _FILTERING + "filter",
    _FILTERING + "features-filter",
    *(_CQL2 + name for name in _GRAMMAR),
    _SCHEMAS + "schemas",
    _SCHEMAS + "core-roles-features",
    _SCHEMAS + "queryables",
    _SCHEMAS + "sortables",
    _SORTING + "sorting",
    _SORTING + "features-sorting",
    _TILES + "core",
    _TILES + "tileset",
    _TILES + "tilesets-list",
    _TILES + "geodata-tilesets",
    _TILES + "mvt",
)


def link(href: str, rel: str, media: str, title: str = "") -> dict[str, str]:
    """A link object."""
    found = {"href": href, "rel": rel, "type": media}
    return {**found, "title": title} if title else found


_TITLES = {
    "vi": ("Trung tâm điều hành thông minh Quảng Nam", "Sự cố, cảnh báo, phiếu, thiết bị, camera, địa bàn, số đo."),
    "en": (
        "Quảng Nam Intelligent Operations Centre",
        "Incidents, alarms, tickets, devices, cameras, areas and their latest observations.",
    ),
}


def landing(base: str, language: str = "vi") -> dict[str, Any]:
    """The landing page's document."""
    title, description = _TITLES[language]
    return {
        "title": title,
        "description": description,
        "links": [
            link(base, "self", "application/json"),
            link(f"{base}/api", "service-desc", "application/vnd.oai.openapi+json;version=3.0"),
            link(f"{base.removesuffix('/ogc')}/api/docs", "service-doc", "text/html"),
            link(f"{base}/conformance", "conformance", "application/json"),
            link(f"{base}/conformance", _REL + "conformance", "application/json"),
            link(f"{base}/collections", "data", "application/json"),
            link(f"{base}/collections", _REL + "data", "application/json"),
        ],
    }


def collection(
    layer: Layer,
    base: str,
    extent: tuple[float, float, float, float],
    since: dt.datetime | None = None,
    language: str = "vi",
) -> dict[str, Any]:
    """A collection's document; `extent` is west, south, east, north in degrees, `since` when its first began."""
    own, title = f"{base}/collections/{layer.id}", titled(layer, language)
    span: dict[str, Any] = {"spatial": {"bbox": [list(extent)], "crs": CRS84.uri}}
    if layer.span is not None:
        span["temporal"] = {"interval": [[None if since is None else moment(since), None]], "trs": _GREGORIAN}
    return {
        "id": layer.id,
        "title": title,
        "itemType": "feature",
        "crs": list(KNOWN),
        "storageCrs": CRS84.uri,
        "extent": span,
        "links": [
            link(own, "self", "application/json"),
            link(f"{own}/items", "items", "application/geo+json", title),
            link(f"{own}/items?f=csv", "items", "text/csv", title),
            link(f"{own}/queryables", _REL + "queryables", "application/schema+json"),
            link(f"{own}/sortables", _REL + "sortables", "application/schema+json"),
            link(f"{own}/schema", _REL + "schema", "application/schema+json"),
            link(f"{own}/tiles", _REL + "tilesets-vector", "application/json"),
        ],
    }


def _answers(media: str) -> dict[str, Any]:
    problem = {
        "description": "problem",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
    good = {"description": "ok", "content": {media: {"schema": {"type": "object"}}}}
    statuses = ("400", "401", "403", "404", "406", "429", "503")
    return {"200": good, **dict.fromkeys(statuses, problem)}


def paths(prefix: str = "") -> dict[str, Any]:
    """The OGC routes as OpenAPI paths."""
    found: dict[str, Any] = {}
    json = form(*FORMS[:2])

    def add(path: str, name: str, media: str, parameters: list[dict[str, Any]]) -> None:
        operation = {"operationId": name, "parameters": parameters, "responses": _answers(media)}
        found[prefix + path] = {"get": operation}

    for path, name in (("/", "landing"), ("/conformance", "conformance"), ("/collections", "collections")):
        add(path, name, "application/json", [json])
    for layer in LAYERS.values():
        own, fid = f"/collections/{layer.id}", parameter("fid", {"type": "string"}, where="path")
        add(own, f"{layer.id}", "application/json", [json])
        for name in ("queryables", "sortables", "schema"):
            add(f"{own}/{name}", f"{layer.id}_{name}", "application/schema+json", [json])
        add(f"{own}/items", f"{layer.id}_items", "application/geo+json", of_items(layer))
        found[f"{prefix}{own}/items"]["get"]["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
        add(f"{own}/items/{{fid}}", f"{layer.id}_item", "application/geo+json", [fid, system("crs"), form(*FORMS[:2])])
        add(f"{own}/tiles", f"{layer.id}_tilesets", "application/json", [])
        quad = f"{own}/tiles/WebMercatorQuad"
        add(quad, f"{layer.id}_tileset", "application/json", [])
        axes = [parameter(axis, {"type": "integer"}, where="path") for axis in ("z", "row", "col")]
        axes += [parameter("datetime", {"type": "string"})] if isinstance(layer.current, ValidOn) else []
        add(f"{quad}/{{z}}/{{row}}/{{col}}", f"{layer.id}_tile", MVT, axes)
    return found


SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "ioc_session"},
}
BASIC = {"basic": {"type": "http", "scheme": "basic", "description": "The password is a token; any user name."}}


def definition(base: str) -> dict[str, Any]:
    """The OpenAPI 3.0 document of the OGC part."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Quảng Nam IOC: OGC API", "version": "1"},
        "servers": [{"url": base}],
        "security": [{"bearer": []}, {"session": []}, {"basic": []}],
        "paths": paths(),
        "components": {"securitySchemes": SECURITY | BASIC},
    }
