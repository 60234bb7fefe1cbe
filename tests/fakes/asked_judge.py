"""What a filter in CQL2 JSON says of a row, worked out in Python beside the server's way."""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import shapely

from tests.fakes.asked import SEVERITIES, ZONE

Answer = bool | None
Row = Mapping[str, Any]


def holds(raw: Any, row: Row) -> Answer:
    """What a filter says of a row: `geometry` is a shape of shapely, times are aware, None is unknown."""
    if isinstance(raw, bool):
        return raw
    if "property" in raw:
        return row[raw["property"]]  # type: ignore[no-any-return]
    name, args = raw["op"], raw["args"]
    if name in ("and", "or"):
        found = [holds(one, row) for one in args]
        decided = name == "or"
        return decided if decided in found else None if None in found else not decided
    if name == "not":
        inner = holds(args[0], row)
        return None if inner is None else not inner
    if name == "isNull":
        return row[args[0]["property"]] is None
    if name[:2] == "s_":
        one, other = (row["geometry"] if "property" in arg else shape_of(arg) for arg in args)
        return bool(getattr(shapely, name[2:])(one, other))
    if name[:2] == "t_":
        return _related(name[2:], args, row)
    return _listed(name[2:], args, row) if name[:2] == "a_" else _judged(name, args, row)


def shape_of(raw: Any) -> shapely.Geometry:
    """The shape of a geometry or a box."""
    if "bbox" not in raw:
        return shapely.from_geojson(json.dumps(raw))
    west, south, east, north = raw["bbox"]
    corners = list(dict.fromkeys([(west, south), (east, south), (east, north), (west, north)]))
    kinds: Mapping[int, Callable[[Any], shapely.Geometry]] = {1: shapely.Point, 2: shapely.LineString}
    return kinds.get(len(corners), shapely.Polygon)(corners)


def _judged(name: str, args: list[Any], row: Row) -> Answer:
    if name == "in":
        found = [_judged("=", [args[0], one], row) for one in args[1]]
        return True if True in found else None if None in found else False
    if name == "between":
        low, high = _judged(">=", args[:2], row), _judged("<=", [args[0], args[2]], row)
        return False if False in (low, high) else None if None in (low, high) else True
    left, right = (_value(one, row) for one in args)
    if left is None or right is None:
        return None
    if name == "like":
        return _matches(right, left)
    if {"property": "severity"} in args and name not in ("=", "<>"):
        left, right = SEVERITIES.index(left), SEVERITIES.index(right)
    compare: Mapping[str, Callable[[], bool]] = {
        "=": lambda: left == right, "<>": lambda: left != right, "<": lambda: left < right,
        "<=": lambda: left <= right, ">": lambda: left > right, ">=": lambda: left >= right,
    }  # fmt: skip
    return compare[name]()


def _value(raw: Any, row: Row) -> Any:
    if not isinstance(raw, dict):
        return raw
    if "property" in raw:
        return row[raw["property"]]
    if "timestamp" in raw:
        return dt.datetime.fromisoformat(raw["timestamp"])
    if "date" in raw:
        return dt.date.fromisoformat(raw["date"])
    inner = _value(raw["args"][0], row)
    if inner is None:
        return None
    return inner.lower() if raw["op"] == "casei" else _bare(inner)


def _bare(text: str) -> str:
    apart = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return apart.replace("đ", "d").replace("Đ", "D")


def _matches(pattern: str, text: str) -> bool:
    said = {"%": ".*", "_": "."}
    parts = re.findall(r"\\?.", pattern, re.DOTALL)
    made = "".join(said.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(made, text, re.DOTALL) is not None


def _listed(name: str, args: list[Any], row: Row) -> Answer:
    left, right = (row[one["property"]] if isinstance(one, dict) else one for one in args)
    if left is None or right is None:
        return None
    one, other = set(left), set(right)
    return {
        "contains": one >= other, "containedby": one <= other, "equals": one == other, "overlaps": bool(one & other),
    }[name]  # fmt: skip


RELATIONS: Mapping[str, str] = {
    "after": ".>..", "before": "..<.", "contains": "<..>", "during": ">..<", "equals": "=..=", "finishedby": "<..=",
    "finishes": ">..=", "meets": "..=.", "metby": ".=..", "overlappedby": "><.>", "overlaps": "<.><",
    "startedby": "=..>", "starts": "=..<", "intersects": ".!}.", "disjoint": "",
}  # fmt: skip
"""How begin and end of one span stand to begin and end of the other: begin to begin, begin to end, end to begin,
end to end; `!` at most, `}` at least, `.` anyhow."""


def _related(name: str, args: list[Any], row: Row) -> Answer:
    if name == "disjoint":
        met = _related("intersects", args, row)
        return None if met is None else not met
    one, other = (_span(arg, row) for arg in args)
    pairs = [(left, right) for left in one for right in other]
    signs = RELATIONS[name]
    if any(None in pair for pair in pairs):  # an instant that is not known: some parts may be false all the same
        return None
    test: Mapping[str, Callable[[Any, Any], bool]] = {
        ".": lambda a, b: True, "<": lambda a, b: a < b, ">": lambda a, b: a > b, "=": lambda a, b: a == b,
        "!": lambda a, b: a <= b, "}": lambda a, b: a >= b,
    }  # fmt: skip
    return all(test[sign](*pair) for sign, pair in zip(signs, pairs, strict=True))


def _span(raw: Any, row: Row) -> tuple[Any, Any]:
    days = isinstance(row.get("valid_from"), dt.date)
    least: Any = dt.date.min if days else dt.datetime.min.replace(tzinfo=dt.UTC)
    most: Any = dt.date.max if days else dt.datetime.max.replace(tzinfo=dt.UTC)
    if "property" in raw:
        value = row[raw["property"]]
        return value, value
    if "interval" not in raw:
        value = raw.get("date") or raw["timestamp"]
        return _moment(value, days, dt.time.min), _moment(value, days, dt.time.max)
    found = []
    for end, far, clock in zip(raw["interval"], (least, most), (dt.time.min, dt.time.max), strict=True):
        value = row[end["property"]] if isinstance(end, dict) else None if end == ".." else _moment(end, days, clock)
        found.append(far if value is None else value)
    return found[0], found[1]


def _moment(text: str, days: bool, clock: dt.time) -> Any:
    if days:
        return dt.date.fromisoformat(text)
    if len(text) > 10:
        return dt.datetime.fromisoformat(text)
    return dt.datetime.combine(dt.date.fromisoformat(text), clock, tzinfo=ZONE)
