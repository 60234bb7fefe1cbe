"""Where the next page begins: the place of the last feature in its order, as the text of `after`.

The text is for this server alone and stays within the next link; it names its order, so that it cannot be used with
another one.
"""

import base64
import datetime as dt
import uuid
from typing import Any

import orjson

from gis.layer import Layer
from ioc.api.query import bad, storable
from ioc.store.layers import Wanted

_LONGEST = 8_192
_MOST_WORDS = 1_000


def _spelled(wanted: Wanted) -> str:
    return ",".join(f"-{name}" if falls else name for name, falls in wanted.order)


def mark(wanted: Wanted, place: tuple[Any, ...]) -> str:
    """The text of a place (`ioc.store.layers.place_of`)."""
    written = [str(value) if isinstance(value, (uuid.UUID, dt.date)) else value for value in place]
    return base64.urlsafe_b64encode(orjson.dumps([_spelled(wanted), *written])).rstrip(b"=").decode()


def _read(kind: str, value: Any) -> Any:
    """The value of a field of this kind. Raises ValueError for what is none."""
    if value is None:
        return None
    match kind:
        case "uuid" if isinstance(value, str):
            return uuid.UUID(value)
        case "datetime" if isinstance(value, str):
            at = dt.datetime.fromisoformat(value)
            if at.tzinfo is None:
                raise ValueError("a moment needs its zone")
            return at.astimezone(dt.UTC)
        case "date" if isinstance(value, str):
            return dt.date.fromisoformat(value)
        case "rank" if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_WORDS:
            return value
        case "integer" if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
            return value
        case "number" if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        case "boolean" if isinstance(value, bool):
            return value
        case "string" if isinstance(value, str):
            return storable("after", value)
    raise ValueError(f"this is no {kind}")


def _kinds(layer: Layer, wanted: Wanted) -> list[str]:
    fields = [layer.field(name) for name, _ in wanted.order]
    # A word of a list stands by its rank.
    return ["rank" if field.words else field.kind for field in fields if field is not None]


def place(layer: Layer, wanted: Wanted, text: str) -> tuple[Any, ...]:
    """The place of a text that `mark` made for the same order. Problem for any other text."""
    kinds = [*_kinds(layer, wanted), *(layer.key_kind for _ in layer.key)]
    try:
        if len(text) > _LONGEST:
            raise ValueError("no mark is as long")
        found = orjson.loads(base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True))
        if not isinstance(found, list) or len(found) != len(kinds) + 1 or found[0] != _spelled(wanted):
            raise ValueError("a mark of another order")
        read = tuple(_read(kind, value) for kind, value in zip(kinds, found[1:], strict=True))
        if any(value is None for value in read[-len(layer.key) :]):
            raise ValueError("a key has a value")
    except (ValueError, OverflowError) as error:
        raise bad("after", "next") from error
    return read
