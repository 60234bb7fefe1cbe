"""The OGC documents about the collections, made from the layers' descriptions."""

from collections.abc import Mapping
from typing import Any

from gis.layer import Field, Layer, ValidOn
from gis.layers import LAYERS
from ioc.api.query import LIMIT_DEFAULT, LIMIT_MAX

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
MVT = "application/vnd.mapbox-vector-tile"
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"

CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    _FEATURES + "core",
    _FEATURES + "geojson",
    _FEATURES + "oas30",
    _TILES + "core",
    _TILES + "tileset",
    _TILES + "tilesets-list",
    _TILES + "geodata-tilesets",
    _TILES + "mvt",
)

_TYPES: Mapping[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "uuid": {"type": "string", "format": "uuid"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "strings": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object"},
}


def link(href: str, rel: str, media: str, title: str = "") -> dict[str, str]:
    """A link object."""
    found = {"href": href, "rel": rel, "type": media}
    return {**found, "title": title} if title else found


def landing(base: str) -> dict[str, Any]:
    """The landing page's document."""
    return {
        "title": "Trung tâm điều hành thông minh Quảng Nam / Quảng Nam Intelligent Operations Centre",
        "description": "Incidents, alarms, devices, cameras, areas and their latest observations.",
        "links": [
            link(base, "self", "application/json"),
            link(f"{base}/api", "service-desc", "application/vnd.oai.openapi+json;version=3.0"),
            link(f"{base}/conformance", "conformance", "application/json"),
            link(f"{base}/conformance", _REL + "conformance", "application/json"),
            link(f"{base}/collections", "data", "application/json"),
            link(f"{base}/collections", _REL + "data", "application/json"),
        ],
    }


def collection(layer: Layer, base: str, extent: tuple[float, float, float, float]) -> dict[str, Any]:
    """A collection's document; `extent` is west, south, east, north in degrees."""
    own = f"{base}/collections/{layer.id}"
    return {
        "id": layer.id,
        "title": f"{layer.vi} / {layer.en}",
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "extent": {"spatial": {"bbox": [list(extent)], "crs": CRS84}},
        "links": [
            link(own, "self", "application/json"),
            link(f"{own}/items", "items", "application/geo+json", layer.en),
            link(f"{own}/queryables", _REL + "queryables", "application/schema+json"),
            link(f"{own}/schema", _REL + "schema", "application/schema+json"),
            link(f"{own}/tiles", _REL + "tilesets-vector", "application/json"),
        ],
    }


def property_of(field: Field) -> dict[str, Any]:
    found = {"title": f"{field.vi} / {field.en}", **_TYPES[field.kind]}
    if field.words:
        found["enum"] = list(field.words)
    if field.unit:
        found["x-ogc-unit"] = field.unit
    return found


def _shape(layer: Layer) -> dict[str, Any]:
    kind = "point" if layer.shape == "point" else "polygon-or-multipolygon"
    return {"format": f"geometry-{kind}", "x-ogc-role": "primary-geometry"}


def _document(layer: Layer, own: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": own,
        "type": "object",
        "title": f"{layer.vi} / {layer.en}",
        "properties": properties,
        "additionalProperties": False,
    }


def queryables(layer: Layer, base: str) -> dict[str, Any]:
    """What may be filtered: `bbox` over the geometry, `datetime`, and `name=value`."""
    fields = {field.name: property_of(field) for field in layer.fields if field.filter}
    return _document(layer, f"{base}/collections/{layer.id}/queryables", {"geometry": _shape(layer), **fields})


def schema(layer: Layer, base: str) -> dict[str, Any]:
    """All properties of a feature and their types."""
    fields = {field.name: property_of(field) for field in layer.fields}
    if len(layer.key) == 1 and layer.key[0] in fields:
        fields[layer.key[0]]["x-ogc-role"] = "id"
    return _document(layer, f"{base}/collections/{layer.id}/schema", {"geometry": _shape(layer), **fields})


def _parameter(name: str, schema: dict[str, Any], *, where: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, **more}


def _answers(media: str) -> dict[str, Any]:
    problem = {
        "description": "problem",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
    good = {"description": "ok", "content": {media: {"schema": {"type": "object"}}}}
    return {"200": good, "400": problem, "401": problem, "404": problem}


def _items_parameters(layer: Layer) -> list[dict[str, Any]]:
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}
    return [
        _parameter("limit", limit),
        _parameter("bbox", numbers, style="form", explode=False),
        _parameter("datetime", {"type": "string"}),
        _parameter("after", {"type": "string"}),
        *(_parameter(field.name, dict(_TYPES[field.kind])) for field in layer.fields if field.filter),
    ]


def paths(prefix: str = "") -> dict[str, Any]:
    """The OGC routes as OpenAPI paths."""
    found: dict[str, Any] = {}

    def add(path: str, name: str, media: str, parameters: list[dict[str, Any]]) -> None:
        operation = {"operationId": name, "parameters": parameters, "responses": _answers(media)}
        found[prefix + path] = {"get": operation}

    for path, name in (("/", "landing"), ("/conformance", "conformance"), ("/collections", "collections")):
        add(path, name, "application/json", [])
    for layer in LAYERS.values():
        own, fid = f"/collections/{layer.id}", _parameter("fid", {"type": "string"}, where="path")
        add(own, f"{layer.id}", "application/json", [])
        add(f"{own}/queryables", f"{layer.id}_queryables", "application/schema+json", [])
        add(f"{own}/schema", f"{layer.id}_schema", "application/schema+json", [])
        add(f"{own}/items", f"{layer.id}_items", "application/geo+json", _items_parameters(layer))
        add(f"{own}/items/{{fid}}", f"{layer.id}_item", "application/geo+json", [fid])
        add(f"{own}/tiles", f"{layer.id}_tilesets", "application/json", [])
        quad = f"{own}/tiles/WebMercatorQuad"
        add(quad, f"{layer.id}_tileset", "application/json", [])
        axes = [_parameter(axis, {"type": "integer"}, where="path") for axis in ("z", "row", "col")]
        axes += [_parameter("datetime", {"type": "string"})] if isinstance(layer.current, ValidOn) else []
        add(f"{quad}/{{z}}/{{row}}/{{col}}", f"{layer.id}_tile", MVT, axes)
    return found


SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "ioc_session"},
}


def definition(base: str) -> dict[str, Any]:
    """The OpenAPI 3.0 document of the OGC part."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Quảng Nam IOC: OGC API", "version": "1"},
        "servers": [{"url": base}],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths(),
        "components": {"securitySchemes": SECURITY},
    }
