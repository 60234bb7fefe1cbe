"""The documents about tile sets: OGC API - Tiles (20-057) tileset metadata, which are TileJSON 3.0 too."""

from collections.abc import Mapping
from typing import Any

from gis.layer import Layer
from ioc.api.described import MERCATOR, MVT, QUAD, link
from ioc.api.schemas import property_of, titled
from ioc.store.tiles import numbers_of

DEEPEST = 22
_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_SHAPES = {"point": 0, "polygon": 2}
_INTEGER = {"type": "integer"}
_WORD = {"type": "string"}


def tilesets(layer: Layer, base: str, language: str = "vi") -> dict[str, Any]:
    """The list of a collection's tile sets: one."""
    own = f"{base}/collections/{layer.id}/tiles"
    entry = {
        "title": titled(layer, language),
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": QUAD,
        "links": [link(f"{own}/WebMercatorQuad", "self", "application/json"), _scheme()],
    }
    return {"links": [link(own, "self", "application/json")], "tilesets": [entry]}


def tileset(layer: Layer, base: str, extent: tuple[float, float, float, float], language: str = "vi") -> dict[str, Any]:
    """A tile set's document; `extent` is west, south, east, north in degrees."""
    own = f"{base}/collections/{layer.id}/tiles/WebMercatorQuad"
    template = own + "/{tileMatrix}/{tileRow}/{tileCol}"
    inside = _inside(layer, language)
    return {
        "tilejson": "3.0.0",
        "name": layer.id,
        "tiles": [own + "/{z}/{y}/{x}"],
        "minzoom": layer.drawn_from,
        "maxzoom": DEEPEST,
        "bounds": list(extent),
        "vector_layers": [_vector_layer(name, shown, zooms) for name, (shown, zooms, _) in inside.items()],
        "title": titled(layer, language),
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": QUAD,
        "layers": [_described(name, shown, zooms, shape) for name, (shown, zooms, shape) in inside.items()],
        "links": [
            link(own, "self", "application/json"),
            _scheme(),
            {**link(template, "item", MVT), "templated": True},
        ],
    }


def _scheme() -> dict[str, str]:
    return link(QUAD, _SCHEME, "application/json", "WebMercatorQuad")


_Inside = tuple[Mapping[str, dict[str, Any]], tuple[int, int], int]


def _inside(layer: Layer, language: str) -> dict[str, _Inside]:
    """The layers of a tile: the properties, the first and the last zoom, and the dimension of the shapes of each."""
    shown = [field for field in layer.fields if field.tile]
    fields = {field.name: property_of(field, language, place) for place, field in enumerate(shown, 2)}
    found: dict[str, _Inside] = {layer.id: ({"id": _WORD, **fields}, (layer.drawn_from, DEEPEST), _SHAPES[layer.shape])}
    numbers = numbers_of(layer)
    if layer.clustered_below:
        worst = {**_WORD, "enum": list(layer.worst.words if layer.worst else ())}
        counted: dict[str, Any] = {"id": _WORD, **dict.fromkeys(numbers, _INTEGER), "worst": worst}
        found["clusters"] = counted, (0, layer.clustered_below - 1), 0
    dropped = [f"n_dropped{name[1:]}" for name in numbers]
    found["meta"] = dict.fromkeys(("n_total", *dropped), _INTEGER), (layer.drawn_from, DEEPEST), 0
    return found


def _vector_layer(name: str, shown: Mapping[str, dict[str, Any]], zooms: tuple[int, int]) -> dict[str, Any]:
    fields = {one: str(about["type"]) for one, about in shown.items()}
    return {"id": name, "fields": fields, "minzoom": zooms[0], "maxzoom": zooms[1]}


def _described(name: str, shown: Mapping[str, dict[str, Any]], zooms: tuple[int, int], shape: int) -> dict[str, Any]:
    return {
        "id": name,
        "dataType": "vector",
        "geometryDimension": shape,
        "minTileMatrix": str(zooms[0]),
        "maxTileMatrix": str(zooms[1]),
        "propertiesSchema": {"type": "object", "properties": dict(shown)},
    }
