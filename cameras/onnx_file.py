"""What an ONNX file says of itself: the shape of its input and its class names, read without running it.

ONNX is a protocol-buffers message (onnx.proto3). Only the few fields that are needed are read, and everything else is
passed over by its length, so that the weights are never copied.
"""

import ast
from collections.abc import Iterator

import msgspec

GRAPH, METADATA = 7, 14  # ModelProto
INITIALIZER, INPUT = 5, 11  # GraphProto
MOST_NAMES = 10_000


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The input's height and width in points, 0 where it has none that is fixed; the classes in order."""

    height: int
    width: int
    names: tuple[str, ...]


def about(data: bytes) -> About:
    """What a model says of itself. Raises ValueError when the bytes are no such message, or were cut off."""
    graph, texts = memoryview(b""), dict[str, str]()
    for number, value in _fields(memoryview(data)):
        if number == GRAPH and isinstance(value, memoryview):
            graph = value
        elif number == METADATA and isinstance(value, memoryview):
            entry = dict(_fields(value))
            texts[_text(entry.get(1))] = _text(entry.get(2))
    if not graph:
        raise ValueError("no graph")
    shape = _input(graph)
    height, width = (shape[2], shape[3]) if len(shape) == 4 and shape[1] == 3 else (0, 0)
    return About(height=height, width=width, names=_names(texts.get("names", "")))


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: number and value, an integer or the bytes of a field with a length."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError("not a message")
        if at + size > len(data) or number == 0:
            raise ValueError("cut off")
        yield number, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("cut off")
        byte = data[at]
        value, at = value | (byte & 0x7F) << shift, at + 1
        if byte < 0x80:
            return value, at
    raise ValueError("not a number")


def _input(graph: memoryview) -> list[int]:
    """The shape of the graph's first input that is no weight; 0 for a side that is not fixed."""
    inputs, weights = list[memoryview](), set[str]()
    for number, value in _fields(graph):
        if number == INPUT and isinstance(value, memoryview):
            inputs.append(value)
        elif number == INITIALIZER and isinstance(value, memoryview):
            weights.add(next((_text(part) for field, part in _fields(value) if field == 8), ""))
    for one in inputs:
        info = dict(_fields(one))
        if _text(info.get(1)) not in weights:
            return _shape(info.get(2))
    return []


def _shape(kind: int | memoryview | None) -> list[int]:
    """The sides of a TypeProto of a tensor."""
    tensor = _inside(kind, 1)
    shape = _inside(tensor, 2)
    if shape is None:
        return []
    sides = []
    for _, side in _fields(shape):
        size = dict(_fields(side)).get(1, 0) if isinstance(side, memoryview) else 0
        sides.append(size if isinstance(size, int) else 0)
    return sides


def _inside(message: int | memoryview | None, number: int) -> memoryview | None:
    if not isinstance(message, memoryview):
        return None
    found = dict(_fields(message)).get(number)
    return found if isinstance(found, memoryview) else None


def _text(value: int | memoryview | None) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, memoryview) else ""


def _names(text: str) -> tuple[str, ...]:
    """The names of `{0: 'person', 1: 'bicycle'}` or `['person', 'bicycle']`, as exporters write them."""
    try:
        found = ast.literal_eval(text) if text else ()
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    if isinstance(found, dict):
        found = [found[key] for key in sorted(found)] if all(isinstance(key, int) for key in found) else []
    if not isinstance(found, list | tuple) or len(found) > MOST_NAMES:
        return ()
    return tuple(str(name) for name in found)
