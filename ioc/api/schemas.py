"""What features are made of, as JSON Schema 2020-12: schemas (OGC API - Features, Part 5, 23-058r2), queryables
(Part 3, 19-079r2, clause 6) and sortables (Part 8), in the reader's language.
"""

from collections.abc import Mapping
from typing import Any

from gis import filters
from gis.layer import Field, Layer, ValidOn

TYPES: Mapping[str, dict[str, Any]] = {
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
"""The JSON Schema of a field's kind."""

_GEOMETRY = {"vi": "Vị trí", "en": "Place"}


def titled(thing: Field | Layer, language: str) -> str:
    """What a person who reads this language calls it."""
    return thing.en if language == "en" else thing.vi


def property_of(field: Field, language: str, place: int) -> dict[str, Any]:
    """The schema of one property; `place` is where it stands among them (`x-ogc-propertySeq`)."""
    found = {"title": titled(field, language), **TYPES[field.kind], "x-ogc-propertySeq": place}
    if field.words:
        found["enum"] = list(field.words)
    if field.unit:
        found |= {"x-ogc-unit": field.unit, "x-ogc-unitLang": "UCUM"}
    return found


def _shape(layer: Layer, language: str) -> dict[str, Any]:
    kind = "point" if layer.shape == "point" else "polygon-or-multipolygon"
    return {"title": _GEOMETRY[language], "format": f"geometry-{kind}", "x-ogc-propertySeq": 1}


def _document(layer: Layer, own: str, language: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": own,
        "type": "object",
        "title": titled(layer, language),
        "properties": properties,
        "additionalProperties": False,
    }


def queryables(layer: Layer, base: str, language: str) -> dict[str, Any]:
    """What a filter may name; all with one value also as `name=value`."""
    named = filters.queryables(layer)
    found = {"geometry": _shape(layer, language) | {"x-ogc-role": "primary-geometry"}}
    for place, field in enumerate(layer.fields, 2):
        if field in named:
            found[field.name] = property_of(field, language, place)
    return _document(layer, f"{base}/collections/{layer.id}/queryables", language, found)


def sortables(layer: Layer, base: str, language: str) -> dict[str, Any]:
    """What `sortby` may name. Words of a list are sorted by their place in it."""
    fields = enumerate(layer.fields, 1)
    found = {field.name: property_of(field, language, place) for place, field in fields if field.sortable}
    return _document(layer, f"{base}/collections/{layer.id}/sortables", language, found)


def _roles(layer: Layer) -> dict[str, str]:
    """The properties that say what a feature is and when."""
    found = {layer.key[0]: "id"} if len(layer.key) == 1 else {}
    if layer.span is None:
        return found
    first, end = layer.span
    if first == end:
        return found | {first: "primary-instant"}
    if isinstance(layer.current, ValidOn):
        return found | {first: "primary-interval-start"}  # its last day is exclusive, the standard's is not
    return found | {first: "primary-interval-start", end: "primary-interval-end"}


def schema(layer: Layer, base: str, language: str) -> dict[str, Any]:
    """All properties of a feature, their types and roles."""
    found = {"geometry": _shape(layer, language) | {"x-ogc-role": "primary-geometry"}}
    roles = _roles(layer)
    for place, field in enumerate(layer.fields, 2):
        found[field.name] = property_of(field, language, place)
        if field.name in roles:
            found[field.name]["x-ogc-role"] = roles[field.name]
    return _document(layer, f"{base}/collections/{layer.id}/schema", language, found)
