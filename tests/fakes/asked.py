"""Filters drawn at random in CQL2 JSON, and the same in CQL2 text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SEVERITIES = ("minor", "moderate", "severe", "extreme")
TITLES = (
    "Nước sông", "NƯỚC SÔNG", "nuoc song", "Đê vỡ", "đê Vỡ", "De vo", "100% đầy", "a_b", "axb", "c\\d", "it's", "",
    "Hội An", "hoi an", "HỘI AN", "\u0110ie\u0323\u0302n", "Điện", "--", "/* x */",
    "'; select 1; --", "“ngập”", "🌊", "漢",
)  # fmt: skip
MOMENTS = tuple(f"2026-11-{day:02}T{hour:02}:00:00Z" for day in (24, 25, 26) for hour in (0, 12, 17))
DAYS = ("2024-09-01", "2025-07-01", "2026-11-24", "2026-11-25", "2026-11-26")
GRID = (108.0, 108.125, 108.25, 108.375)
NORTH = tuple(value - 93.0 for value in GRID)

Fields = Mapping[str, tuple[str, tuple[Any, ...]]]
"""A field's kind, and values that rows have and others."""

INCIDENT_FIELDS: Fields = {
    "title": ("string", TITLES),
    "title_en": ("string", TITLES),
    "severity": ("severity", SEVERITIES),
    "status": ("words", ("new", "acknowledged", "closed")),
    "owner": ("string", (*TITLES[:4], "nobody")),
    "count": ("number", (-1, 0, 1, 2, 2.5, 3, 40)),
    "alarms": ("number", (0, 1, 2, 3)),
    "cleared": ("boolean", (True, False)),
    "opened_at": ("datetime", MOMENTS),
    "first_at": ("datetime", MOMENTS),
    "last_at": ("datetime", MOMENTS),
    "sources": ("strings", ("sensor", "camera", "citizen", "x'y")),
}
AREA_FIELDS: Fields = {
    "name": ("string", TITLES),
    "level": ("number", (0, 1, 2, 3)),
    "valid_from": ("date", DAYS),
    "valid_to": ("date", DAYS),
    "successors": ("strings", ("a", "b", "c")),
}
SPATIAL = ("intersects", "equals", "disjoint", "touches", "within", "contains", "overlaps", "crosses")
TEMPORAL = (
    "after", "before", "contains", "disjoint", "during", "equals", "finishedby", "finishes", "intersects", "meets",
    "metby", "overlappedby", "overlaps", "startedby", "starts",
)  # fmt: skip
LISTS = ("contains", "containedby", "equals", "overlaps")
COMPARED = ("=", "<>", "<", "<=", ">", ">=")


def _op(name: str, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


def _prop(name: str) -> dict[str, str]:
    return {"property": name}


def _literal(kind: str, value: Any) -> Any:
    return {"timestamp": value} if kind == "datetime" else {"date": value} if kind == "date" else value


def _named(fields: Fields, *kinds: str) -> list[str]:
    return [name for name, (kind, _) in fields.items() if kind in kinds]


@st.composite
def _comparison(draw: st.DrawFn, fields: Fields) -> Any:
    name = draw(st.sampled_from(_named(fields, *({kind for kind, _ in fields.values()} - {"strings"}))))
    kind, pool = fields[name]
    values = st.sampled_from(pool).map(lambda value: _literal(kind, value))
    ops = COMPARED if kind not in ("words", "boolean") else COMPARED[:2]
    ways = ["compare", "flip", "in", "null"] + (["between"] if kind not in ("words", "boolean") else [])
    ways += [] if kind in ("severity", "words") else ["other"]
    match draw(st.sampled_from(ways)):
        case "compare":
            return _op(draw(st.sampled_from(ops)), _prop(name), draw(values))
        case "flip":
            return _op(draw(st.sampled_from(ops)), draw(values), _prop(name))
        case "in":
            return _op("in", _prop(name), draw(st.lists(values, min_size=1, max_size=4)))
        case "between":
            low, high = sorted((draw(st.sampled_from(pool)), draw(st.sampled_from(pool))), key=str)
            return _op("between", _prop(name), _literal(kind, low), _literal(kind, high))
        case "other":
            return _op(draw(st.sampled_from(ops)), _prop(name), _prop(draw(st.sampled_from(_named(fields, kind)))))
    return _op("isNull", _prop(name))


@st.composite
def _wording(draw: st.DrawFn, fields: Fields) -> Any:
    """LIKE, CASEI and ACCENTI."""
    name, value = draw(st.sampled_from(_named(fields, "string"))), draw(st.sampled_from(TITLES))
    folds = draw(st.sampled_from(((), ("casei",), ("accenti",), ("casei", "accenti"))))

    def folded(one: Any) -> Any:
        for fold in folds:
            one = _op(fold, one)
        return one

    if draw(st.booleans()):
        return _op(draw(st.sampled_from(COMPARED)), folded(_prop(name)), folded(value))
    if folds and draw(st.booleans()):
        return _op("in", folded(_prop(name)), [folded(value), folded(draw(st.sampled_from(TITLES)))])
    sign = st.sampled_from(("%", "_", "\\%", "\\_", "\\\\", "ô", "n", "N", "Đ", "a", "'", *(t[:2] for t in TITLES)))
    pattern = "".join(draw(st.lists(sign, max_size=4)))
    pattern += "\\" if (len(pattern) - len(pattern.rstrip("\\"))) % 2 else ""
    return _op("like", folded(_prop(name)), folded(pattern))


_position = st.tuples(st.sampled_from(GRID), st.sampled_from(NORTH)).map(list)
_box = st.tuples(_position, _position).map(
    lambda two: [
        min(two[0][0], two[1][0]),
        min(two[0][1], two[1][1]),
        max(two[0][0], two[1][0]),
        max(two[0][1], two[1][1]),
    ]
)
_line = st.lists(_position, min_size=2, max_size=3, unique_by=tuple)
_ring = _box.filter(lambda box: box[0] < box[2] and box[1] < box[3]).map(
    lambda b: [[[b[0], b[1]], [b[2], b[1]], [b[2], b[3]], [b[0], b[3]], [b[0], b[1]]]]
)


def _geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


SHAPES = st.one_of(
    _position.map(lambda found: _geometry("Point", found)),
    st.lists(_position, min_size=1, max_size=3).map(lambda found: _geometry("MultiPoint", found)),
    _line.map(lambda found: _geometry("LineString", found)),
    st.lists(_line, min_size=1, max_size=2).map(lambda found: _geometry("MultiLineString", found)),
    _ring.map(lambda found: _geometry("Polygon", found)),
    _ring.map(lambda found: _geometry("MultiPolygon", [found])),
    _box.map(lambda found: {"bbox": found}),
)
_mixed = st.tuples(_position, _line).map(
    lambda two: {
        "type": "GeometryCollection",
        "geometries": [_geometry("Point", two[0]), _geometry("LineString", two[1])],
    }
)


@st.composite
def _place(draw: st.DrawFn, fields: Fields, names: Sequence[str] = SPATIAL) -> Any:
    name = draw(st.sampled_from(names))
    shape = draw(st.one_of(SHAPES, _mixed) if name in ("intersects", "disjoint") else SHAPES)
    args = [_prop("geometry"), shape]
    return _op(f"s_{name}", *(args if draw(st.booleans()) else reversed(args)))


@st.composite
def _time(draw: st.DrawFn, fields: Fields, relations: Sequence[str] = TEMPORAL) -> Any:
    kind = "date" if fields is AREA_FIELDS else "datetime"
    names = _named(fields, kind)
    pool = DAYS if kind == "date" else (*MOMENTS, *DAYS)

    def literal() -> Any:
        value = draw(st.sampled_from(pool))
        return {"date": value} if value in DAYS else {"timestamp": value}

    def interval() -> Any:
        ends = sorted(draw(st.lists(st.sampled_from(pool), min_size=2, max_size=2)))
        opened = draw(st.sampled_from(((), (0,), (1,))))
        return {"interval": [".." if place in opened else end for place, end in enumerate(ends)]}

    fielded = _prop(draw(st.sampled_from(names)))
    if draw(st.booleans()):
        fielded = {"interval": [_prop(names[-2]), _prop(names[-1])]}  # type: ignore[dict-item]
    other = interval() if draw(st.booleans()) else literal()
    pair = [fielded, other] if draw(st.booleans()) else [other, fielded]
    return _op(f"t_{draw(st.sampled_from(relations))}", *pair)


@st.composite
def _list(draw: st.DrawFn, fields: Fields, ops: Sequence[str] = LISTS) -> Any:
    name = draw(st.sampled_from(_named(fields, "strings")))
    words = draw(st.lists(st.sampled_from(fields[name][1]), min_size=2, max_size=3))
    args = [_prop(name), words] if draw(st.booleans()) else [words, _prop(name)]
    return _op(f"a_{draw(st.sampled_from(ops))}", *args)


def filters(fields: Fields) -> st.SearchStrategy[Any]:
    """Filters of every operator over these fields, in CQL2 JSON."""
    leaves = [kind(fields) for kind in (_comparison, _wording, _place, _time, _list)]
    leaves.append(st.booleans())
    if fields is INCIDENT_FIELDS:
        leaves.append(st.just(_prop("cleared")))
    return st.recursive(
        st.one_of(*leaves),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda found: _op("and", *found)),
            st.lists(inner, min_size=2, max_size=3).map(lambda found: _op("or", *found)),
            inner.map(lambda found: _op("not", found)),
        ),
        max_leaves=5,
    )


def each(fields: Fields) -> list[st.SearchStrategy[Any]]:
    """Filters of one function each, so that none is drawn too seldom."""
    found: list[st.SearchStrategy[Any]] = [_place(fields, (name,)) for name in SPATIAL]
    found += [_time(fields, (name,)) for name in TEMPORAL]
    return found + [_list(fields, (name,)) for name in LISTS]


def written(raw: Any) -> str:
    """The filter in CQL2 text."""
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, str):
        return "'" + raw.replace("'", "''") + "'"
    if isinstance(raw, int | float):
        return str(raw)
    if isinstance(raw, list):
        return f"({', '.join(map(written, raw))})"
    for name in ("date", "timestamp", "interval", "bbox"):
        if name in raw:
            inner = raw[name] if isinstance(raw[name], list) else [raw[name]]
            return f"{name.upper()}({', '.join(map(written, inner))})"
    if "property" in raw:
        return str(raw["property"])
    return _shaped(raw) if "type" in raw else _operated(raw["op"], raw["args"])


def _shaped(raw: Any) -> str:
    if raw["type"] == "GeometryCollection":
        return f"GEOMETRYCOLLECTION({', '.join(map(_shaped, raw['geometries']))})"

    def listed(value: Any) -> str:
        if not isinstance(value[0], list):
            return " ".join(map(str, value))
        return "(" + ", ".join(map(listed, value)) + ")"

    inner = listed(raw["coordinates"])
    return raw["type"].upper() + (f"({inner})" if raw["type"] == "Point" else inner)


def _operated(name: str, args: list[Any]) -> str:
    said = [written(one) for one in args]
    match name:
        case "and" | "or":
            return "(" + f" {name.upper()} ".join(said) + ")"
        case "not":
            return f"NOT ({said[0]})"
        case "between":
            return f"{said[0]} BETWEEN {said[1]} AND {said[2]}"
        case "isNull":
            return f"{said[0]} IS NULL"
        case "in" | "like" | "=" | "<>" | "<" | "<=" | ">" | ">=":
            return f"{said[0]} {name.upper()} {said[1]}"
    return f"{name.upper()}({', '.join(said)})"


def as_json(raw: Any) -> str:
    """The filter as its own text."""
    return json.dumps(raw, ensure_ascii=False)
