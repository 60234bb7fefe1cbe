"""What a filter may ask of a layer: CQL2 (OGC 21-065r2) as JSON, checked against the layer's fields.

Whole conformance classes: Basic CQL2, advanced comparison, case- and accent-insensitive comparison, spatial,
temporal and array functions, property-property comparison. Arithmetic and other functions are refused.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from gis.filter_shapes import LONLAT, Axes, geometry, is_collection
from gis.filter_tree import (
    And,
    Arrays,
    Between,
    Compare,
    Expression,
    FilterError,
    Fold,
    In,
    Interval,
    IsNull,
    Like,
    Literal,
    Not,
    Or,
    Property,
    Scalar,
    Spatial,
    Temporal,
    Truth,
)
from gis.filter_values import end_of, kind_of, storable, typed
from gis.layer import Field, Layer
from gis.layers import SEVERITIES

DEPTH = 32
"""How deep operators may lie in each other."""

NODES = 500
"""The most operators and operands of one filter; values of a list count for themselves."""

LISTED = 1_000
"""The most values of one list."""

GEOMETRY = "geometry"
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_FOLDS = {"casei": "case", "accenti": "accent"}
_SPATIAL = ("intersects", "equals", "disjoint", "touches", "within", "contains", "overlaps", "crosses")
_TEMPORAL = (
    "after", "before", "contains", "disjoint", "during", "equals", "finishedby", "finishes", "intersects", "meets",
    "metby", "overlappedby", "overlaps", "startedby", "starts",
)  # fmt: skip
_ARRAYS = ("contains", "containedby", "equals", "overlaps")
_NUMBERS = ("integer", "number")
_ORDERED = ("string", "integer", "number", "datetime", "date")
_MIXABLE = ("intersects", "disjoint")


def queryables(layer: Layer) -> tuple[Field, ...]:
    """The fields that a filter may name beside `geometry`: all but those that hold objects."""
    return tuple(field for field in layer.fields if field.kind != "object")


def check(layer: Layer, raw: object, *, zone: dt.tzinfo = dt.UTC, axes: Axes = LONLAT) -> Expression:
    """The tree of a filter in CQL2 JSON as `gis/cql2.py` reads it.

    A bare date, where it is set against moments, is the whole day in `zone`; geometries are in `axes`. `< <= > >=`
    and BETWEEN order severities by their rank. Raises FilterError with one sentence that says what is allowed.
    """
    return _Check(layer, zone, axes).expression(raw, 0)


class _Check:
    """One filter under its layer; counts what it has seen."""

    def __init__(self, layer: Layer, zone: dt.tzinfo, axes: Axes) -> None:
        self._fields = {field.name: field for field in queryables(layer)}
        self._zone = zone
        self._axes = axes
        self._seen = 0
        self._known: Mapping[str, Callable[[str, list[Any], int], Expression]] = {
            "and": self._joined,
            "or": self._joined,
            "not": self._not,
            "like": self._like,
            "between": self._between,
            "in": self._in,
            "isnull": self._is_null,
            **dict.fromkeys(_FLIPPED, self._compare),
            **{f"s_{name}": self._spatial for name in _SPATIAL},
            **{f"t_{name}": self._temporal for name in _TEMPORAL},
            **{f"a_{name}": self._arrays for name in _ARRAYS},
        }

    def _count(self, depth: int) -> None:
        self._seen += 1
        if depth > DEPTH:
            raise FilterError(f"a filter may be {DEPTH} levels deep at most")
        if self._seen > NODES:
            raise FilterError(f"a filter may have {NODES} parts at most")

    def expression(self, raw: object, depth: int) -> Expression:
        """A predicate, a junction of predicates, a boolean field or TRUE, FALSE."""
        self._count(depth)
        if isinstance(raw, bool):
            return Truth(Literal("boolean", raw))
        if isinstance(raw, dict) and "property" in raw:
            named = self._property(raw)
            if named.kind != "boolean":
                raise FilterError(f"{named.name} is not TRUE or FALSE by itself; compare it with a value")
            return Truth(named)
        name, args = _call(raw)
        make = self._known.get(name)
        if make is None:
            raise FilterError(f"there is no operator or function {name[:40]}; known are {', '.join(self._known)}")
        return make(name, args, depth + 1)

    def _joined(self, name: str, args: list[Any], depth: int) -> Expression:
        if len(args) < 2:
            raise FilterError(f"{name} needs at least two expressions")
        kind = And if name == "and" else Or
        found = [self.expression(inner, depth) for inner in args]
        return kind(tuple(part for one in found for part in (one.of if isinstance(one, kind) else (one,))))

    def _not(self, name: str, args: list[Any], depth: int) -> Expression:
        (inner,) = _exactly(name, args, 1)
        return Not(self.expression(inner, depth))

    def _property(self, raw: Mapping[str, Any]) -> Property:
        name = raw["property"]
        if raw.keys() != {"property"} or not isinstance(name, str):
            raise FilterError('a property is written {"property": "its name"}')
        if name == GEOMETRY:
            return Property(GEOMETRY, GEOMETRY)
        field = self._fields.get(name)
        if field is None:
            raise FilterError(f"there is no field {name[:40]!r} here; known are {', '.join((*self._fields, GEOMETRY))}")
        return Property(name, field.kind)

    def _words(self, of: Scalar) -> tuple[str, ...]:
        """The words of an enumeration; none where its text is folded, since then any text may be compared."""
        return self._fields[of.name].words if isinstance(of, Property) and of.kind == "string" else ()

    def _scalars(self, raws: list[Any], depth: int) -> list[Scalar]:
        """Operands that are set against each other: literals take the kind of the field or of the folded text."""
        found = [self._operand(raw, depth) for raw in raws]
        first = next((one for one in found if isinstance(one, Property | Fold)), None)
        if first is None:
            kinds = {kind_of(raw) for raw in raws}
            if len(kinds) > 1:
                raise FilterError("values that are compared must be of one kind")
            (kind,) = kinds
            return [typed(raw, kind) for raw in raws]
        _scalar(first)
        kind = first.kind if isinstance(first, Property) else "string"
        words = self._words(first)
        scalars = [typed(raw, kind, name=_name(first), words=words) if one is None else one
                   for raw, one in zip(raws, found, strict=True)]  # fmt: skip
        if any(not _alike("string" if isinstance(one, Fold) else one.kind, kind) for one in scalars):
            raise FilterError("what is compared must be of one kind")
        return scalars

    def _operand(self, raw: object, depth: int) -> Property | Fold | None:
        """A field or folded text; None for what must be a literal, typed once the kind is known."""
        self._count(depth)
        if isinstance(raw, dict) and "property" in raw:
            return self._property(raw)
        if isinstance(raw, dict) and "op" in raw:
            return self._fold(raw, depth)
        return None

    def _fold(self, raw: object, depth: int) -> Fold:
        name, args = _call(raw)
        if name not in _FOLDS:
            raise FilterError(f"there is no function {name[:40]} of values; known are CASEI and ACCENTI")
        (inner,) = _exactly(name, args, 1)
        of: Scalar | None = self._operand(inner, depth + 1)
        if of is None:
            of = typed(inner, "string")
        if isinstance(of, Property) and of.kind != "string":
            raise FilterError(f"{of.name} is not text; CASEI and ACCENTI take text")
        return Fold(_FOLDS[name], of)

    def _compare(self, name: str, args: list[Any], depth: int) -> Expression:
        left, right = self._scalars(_exactly(name, args, 2), depth)
        if isinstance(left, Literal) and not isinstance(right, Literal):
            name, left, right = _FLIPPED[name], right, left
        if name not in ("=", "<>"):
            if isinstance(left, Property) and self._words(left):
                return self._ranked(name, left, right)
            _ordered(left)
            _ordered(right)
            if isinstance(right, Property) and self._words(right):
                raise FilterError(f"{right.name} is compared with one of its words")
        return Compare(name, left, right)

    def _ranked(self, name: str, left: Property, right: Scalar) -> Expression:
        """Severities by their rank, as the words that fit."""
        if self._words(left) != SEVERITIES:
            raise FilterError(f"{left.name} has words without an order; use = <> or IN")
        if not isinstance(right, Literal):
            raise FilterError(f"{left.name} is compared with one of {', '.join(SEVERITIES)}")
        rank = SEVERITIES.index(right.value)
        fits = {"<": slice(rank), "<=": slice(rank + 1), ">": slice(rank + 1, None), ">=": slice(rank, None)}[name]
        return In(left, Literal("string", SEVERITIES[fits], many=True))

    def _between(self, name: str, args: list[Any], depth: int) -> Expression:
        of, low, high = self._scalars(_exactly(name, args, 3), depth)
        if isinstance(of, Property) and self._words(of):
            return And((self._ranked(">=", of, low), self._ranked("<=", of, high)))
        for one in (of, low, high):
            _ordered(one)
        return Between(of, low, high)

    def _in(self, name: str, args: list[Any], depth: int) -> Expression:
        of_raw, listed = _exactly(name, args, 2)
        if not isinstance(listed, list) or not 1 <= len(listed) <= LISTED:
            raise FilterError(f"IN takes a list of 1 to {LISTED} values")
        of = self._operand(of_raw, depth)
        if of is None or any(isinstance(raw, dict) and raw.keys() & {"property", "op"} for raw in listed):
            return _either([self._compare("=", [of_raw, raw], depth) for raw in listed])
        kind = of.kind if isinstance(of, Property) else "string"
        _scalar(of)
        literals = [typed(raw, kind, name=_name(of), words=self._words(of)) for raw in listed]
        kind = "number" if any(one.kind == "number" for one in literals) else literals[0].kind
        return In(of, Literal(kind, tuple(one.value for one in literals), many=True))

    def _like(self, name: str, args: list[Any], depth: int) -> Expression:
        of, pattern = (self._text(raw, depth) for raw in _exactly(name, args, 2))
        inner = pattern
        while isinstance(inner, Fold):
            inner = inner.of
        if not isinstance(inner, Literal):
            raise FilterError(
                "LIKE takes a pattern in single quotes, where % stands for any text and _ for one character"
            )
        bare = "".join(sign for sign in inner.value if not "\u0300" <= sign <= "\u036f")
        if (len(bare) - len(bare.rstrip("\\"))) % 2:
            raise FilterError("a pattern of LIKE may not end in the backslash that takes the next character as it is")
        return Like(of, pattern)

    def _text(self, raw: object, depth: int) -> Scalar:
        found = self._operand(raw, depth)
        if isinstance(found, Property) and found.kind != "string":
            raise FilterError(f"{found.name} is not text; LIKE takes text")
        return typed(raw, "string") if found is None else found

    def _is_null(self, name: str, args: list[Any], depth: int) -> Expression:
        (raw,) = _exactly(name, args, 1)
        self._count(depth)
        if not isinstance(raw, dict) or "property" not in raw:
            raise FilterError("IS NULL is asked of a field")
        return IsNull(self._property(raw))

    def _spatial(self, name: str, args: list[Any], depth: int) -> Expression:
        left, right = (self._shape(raw, depth) for raw in _exactly(name, args, 2))
        op = name[2:]
        if op not in _MIXABLE and any(isinstance(one, Literal) and is_collection(one) for one in (left, right)):
            raise FilterError("a GeometryCollection of different shapes is taken by S_INTERSECTS and S_DISJOINT alone")
        return Spatial(op, left, right)

    def _shape(self, raw: object, depth: int) -> Property | Literal:
        self._count(depth)
        if isinstance(raw, dict) and "property" in raw:
            found = self._property(raw)
            if found.kind != GEOMETRY:
                raise FilterError(f"{found.name} is not a geometry; the geometry here is called {GEOMETRY}")
            return found
        return geometry(raw, self._axes)

    def _temporal(self, name: str, args: list[Any], depth: int) -> Expression:
        ends = [self._ends(raw, depth) for raw in _exactly(name, args, 2)]
        kinds = {one.kind for pair in ends for one in pair if isinstance(one, Property)} or {"datetime"}
        if len(kinds) > 1 or not kinds <= {"datetime", "date"}:
            raise FilterError("functions that begin with T_ take fields that hold moments, or fields that hold days")
        (kind,) = kinds
        left, right = (self._interval(pair, kind) for pair in ends)
        return Temporal(name[2:], kind, left, right)

    def _ends(self, raw: object, depth: int) -> list[Any]:
        """One end for an instant, two for an interval; literals as they came."""
        self._count(depth)
        if isinstance(raw, dict) and raw.keys() == {"interval"}:
            pair = raw["interval"]
            if not isinstance(pair, list) or len(pair) != 2:
                raise FilterError("an interval has two ends; '..' is an open one")
            return [self._property(one) if isinstance(one, dict) and "property" in one else one for one in pair]
        if isinstance(raw, dict) and "property" in raw:
            return [self._property(raw)]
        if isinstance(raw, dict) and raw.keys() in ({"date"}, {"timestamp"}):
            return [raw]
        raise FilterError("functions that begin with T_ take a field, DATE('…'), TIMESTAMP('…') or INTERVAL('…', '…')")

    def _interval(self, pair: list[Any], kind: str) -> Interval:
        first, last = (self._end(one, kind, last=place == 1) for place, one in enumerate((pair[0], pair[-1])))
        if isinstance(first, Literal) and isinstance(last, Literal) and first.value > last.value:
            raise FilterError("an interval begins before it ends")
        return Interval(first, last, instant=len(pair) == 1)

    def _end(self, raw: Any, kind: str, *, last: bool) -> Property | Literal | None:
        if isinstance(raw, Property):
            return raw
        return None if raw == ".." else end_of(raw, kind, self._zone, last=last)

    def _arrays(self, name: str, args: list[Any], depth: int) -> Expression:
        left, right = (self._list(raw, depth) for raw in _exactly(name, args, 2))
        return Arrays(name[2:], left, right)

    def _list(self, raw: object, depth: int) -> Property | Literal:
        self._count(depth)
        if isinstance(raw, dict) and "property" in raw:
            found = self._property(raw)
            if found.kind != "strings":
                raise FilterError(f"{found.name} holds no list")
            return found
        if not isinstance(raw, list) or len(raw) > LISTED or any(not isinstance(one, str) for one in raw):
            raise FilterError(f"functions that begin with A_ take a field and a list of at most {LISTED} texts")
        return Literal("string", tuple(storable(one) for one in raw), many=True)


def _call(raw: object) -> tuple[str, list[Any]]:
    """The name of an operator, in small letters, and what it is given."""
    if not isinstance(raw, dict) or raw.keys() != {"op", "args"}:
        raise FilterError("a filter is made of comparisons, functions, AND, OR and NOT")
    name, args = raw["op"], raw["args"]
    if not isinstance(name, str) or not isinstance(args, list):
        raise FilterError('an operator is written {"op": "its name", "args": [what it is given]}')
    return name.lower(), args


def _exactly(name: str, args: list[Any], number: int) -> list[Any]:
    if len(args) != number:
        raise FilterError(f"{name} takes {number} operand{'s' if number > 1 else ''}")
    return args


def _either(found: list[Expression]) -> Expression:
    return found[0] if len(found) == 1 else Or(tuple(found))


def _alike(one: str, other: str) -> bool:
    return one == other or (one in _NUMBERS and other in _NUMBERS)


def _name(one: Scalar) -> str:
    while isinstance(one, Fold):
        one = one.of
    return one.name if isinstance(one, Property) else "the text"


def _scalar(one: Scalar) -> None:
    if isinstance(one, Property) and one.kind in (GEOMETRY, "strings"):
        family = "S_" if one.kind == GEOMETRY else "A_"
        raise FilterError(f"{one.name} is compared by functions that begin with {family}")


def _ordered(one: Scalar) -> None:
    if not isinstance(one, Fold) and one.kind not in _ORDERED:
        raise FilterError(f"{_name(one)} has no order; use = <> or IN")
