"""The parameters of requests for features, for the OpenAPI document of the OGC part."""

from typing import Any

from gis import cql2
from gis.crs import CRS84, KNOWN
from gis.layer import Field, Layer
from ioc.api.query import LIMIT_DEFAULT, LIMIT_MAX
from ioc.api.schemas import TYPES

FORMS = ("json", "geojson", "csv")
"""In which forms features may be asked for by `f`."""


def parameter(name: str, schema: dict[str, Any], *, where: str = "query", **more: Any) -> dict[str, Any]:
    """A parameter object; those of queries are written as forms, not exploded."""
    style = {"style": "form", "explode": False} if where == "query" else {}
    return {"name": name, "in": where, "required": where == "path", "schema": schema, **style, **more}


def form(*words: str) -> dict[str, Any]:
    """The parameter `f`."""
    return parameter("f", {"type": "string", "enum": list(words)})


def system(name: str) -> dict[str, Any]:
    """A parameter that names a system of coordinates."""
    return parameter(name, {"type": "string", "format": "uri", "enum": list(KNOWN), "default": CRS84.uri})


def of_items(layer: Layer) -> list[dict[str, Any]]:
    """All parameters of a collection's items."""
    numbers = {
        "type": "array",
        "items": {"type": "number"},
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "minItems": 4,
        "maxItems": 6,
    }
    limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}
    signed = [sign + field.name for field in layer.fields if field.sortable for sign in ("", "+", "-")]
    return [
        parameter("limit", limit),
        parameter("bbox", numbers),
        system("bbox-crs"),
        parameter("datetime", {"type": "string"}),
        system("crs"),
        parameter("filter", {"type": "string", "minLength": 1, "maxLength": cql2.LENGTH}),
        parameter("filter-lang", {"type": "string", "enum": list(cql2.LANGUAGES), "default": cql2.LANGUAGES[0]}),
        system("filter-crs"),
        parameter("sortby", {"type": "array", "minItems": 1, "items": {"type": "string", "enum": signed}}),
        form(*FORMS),
        parameter("download", {"type": "boolean", "default": False}),
        parameter("after", {"type": "string"}),
        *(parameter(field.name, _value(field)) for field in layer.fields if field.scalar),
    ]


def _value(field: Field) -> dict[str, Any]:
    return {**TYPES[field.kind], **({"enum": list(field.words)} if field.words else {})}
