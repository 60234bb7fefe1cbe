"""A reader of Mapbox vector tiles (2.1), written from the specification and independent of what makes them."""

import struct
from collections.abc import Iterator
from typing import Any

import msgspec


class Feature(msgspec.Struct):
    """One feature: its properties, its kind (1 point, 2 line, 3 polygon) and its first corner in tile units."""

    properties: dict[str, Any]
    kind: int
    corner: tuple[int, int]


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _number(data, at)
        match key & 7:
            case 0:
                value, at = _number(data, at)
                yield key >> 3, value
            case 1:
                yield key >> 3, data[at : at + 8]
                at += 8
            case 2:
                size, at = _number(data, at)
                yield key >> 3, data[at : at + size]
                at += size
            case 5:
                yield key >> 3, data[at : at + 4]
                at += 4
            case _:
                raise ValueError("no protocol buffer of a tile")


def _packed(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _number(data, at)
        found.append(value)
    return found


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _value(data: bytes) -> Any:
    kind, value = next(_fields(data))
    match kind:
        case 1:
            return value.decode()
        case 2:
            return struct.unpack("<f", value)[0]
        case 3:
            return struct.unpack("<d", value)[0]
        case 6:
            return _signed(value)
        case 7:
            return bool(value)
    return value


def _feature(data: bytes, keys: list[str], values: list[Any]) -> Feature:
    found = dict(_fields(data))
    tags, shape = _packed(found.get(2, b"")), _packed(found[4])
    properties = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
    return Feature(properties, found[3], (_signed(shape[1]), _signed(shape[2])))


def layers(tile: bytes) -> dict[str, list[Feature]]:
    """The features of each layer by the layers' names. ValueError when a name comes twice."""
    found: dict[str, list[Feature]] = {}
    for number, data in _fields(tile):
        if number != 3:
            continue
        parts = list(_fields(data))
        name = next(value.decode() for field, value in parts if field == 1)
        if name in found:
            raise ValueError(f"the layer {name} comes twice")
        keys = [value.decode() for field, value in parts if field == 3]
        values = [_value(value) for field, value in parts if field == 4]
        found[name] = [_feature(value, keys, values) for field, value in parts if field == 2]
    return found
