"""The expression tree of a filter: what CQL2 (OGC 21-065r2) may ask of a layer, checked and typed.

Nothing in a tree is text to be run: names are fields of a layer, values are literals. `gis/filters.py` makes trees,
`ioc/store/filtering.py` makes conditions of them.
"""

from collections.abc import Iterator
from typing import Any

import msgspec


class FilterError(ValueError):
    """A filter that cannot be used; the text is one sentence: what is wrong, and what is allowed."""


class Property(msgspec.Struct, frozen=True):
    """A field of the layer, or its geometry (`kind` is then `geometry`)."""

    name: str
    kind: str


class Literal(msgspec.Struct, frozen=True):
    """A value of a field's kind: `string uuid integer number boolean datetime date strings geometry`.

    `many`: a tuple of values of that kind. A geometry is GeoJSON text; `crs` is what PROJ calls the system of its
    axes, in the order east, north; empty for WGS 84 longitude, latitude. In a shape (`parted`) `value` is the name
    of a parameter.
    """

    kind: str
    value: Any
    many: bool = False
    crs: str = ""


class Fold(msgspec.Struct, frozen=True):
    """Text without its case (`how` is `case`) or without its accents (`accent`; đ counts as d)."""

    how: str
    of: "Property | Literal | Fold"


Scalar = Property | Literal | Fold


class Compare(msgspec.Struct, frozen=True):
    """`op` is one of `= <> < <= > >=`; text is ordered by code points."""

    op: str
    left: Scalar
    right: Scalar


class Between(msgspec.Struct, frozen=True):
    """Both ends inclusive."""

    of: Scalar
    low: Scalar
    high: Scalar


class In(msgspec.Struct, frozen=True):
    """One of many values; null is unknown, of no values too."""

    of: Scalar
    among: Literal


class Like(msgspec.Struct, frozen=True):
    """`%` stands for any text, `_` for one character, a backslash takes the next character as it is."""

    of: Scalar
    pattern: Scalar


class IsNull(msgspec.Struct, frozen=True):
    """Nothing is there."""

    of: Property


class Truth(msgspec.Struct, frozen=True):
    """A boolean field, or `true` and `false` themselves."""

    of: Property | Literal


class Spatial(msgspec.Struct, frozen=True):
    """`op` is `intersects equals disjoint touches within contains overlaps crosses` of two geometries."""

    op: str
    left: Property | Literal
    right: Property | Literal


class Interval(msgspec.Struct, frozen=True):
    """From an instant to an instant, both within; None is an open end.

    `instant`: both are the same instant; then a property that is null makes the answer unknown, where in an
    interval it is an open end.
    """

    first: Property | Literal | None
    last: Property | Literal | None
    instant: bool = False


class Temporal(msgspec.Struct, frozen=True):
    """`op` is CQL2's function without `T_`, small; `kind` of all ends is `datetime` or `date`."""

    op: str
    kind: str
    left: Interval
    right: Interval


class Arrays(msgspec.Struct, frozen=True):
    """`op` is `contains containedby equals overlaps` of two lists of words, taken as sets."""

    op: str
    left: Property | Literal
    right: Property | Literal


class And(msgspec.Struct, frozen=True):
    """All of them."""

    of: tuple["Expression", ...]


class Or(msgspec.Struct, frozen=True):
    """At least one of them."""

    of: tuple["Expression", ...]


class Not(msgspec.Struct, frozen=True):
    """The opposite; of what is unknown, unknown."""

    of: "Expression"


Expression = And | Or | Not | Compare | Between | In | Like | IsNull | Truth | Spatial | Temporal | Arrays


def parted(expression: Expression) -> tuple[Expression, dict[str, Any]]:
    """A tree's shape, with the name of a parameter in place of each value, and the values by these names.

    Trees that differ in their values alone have one shape: what a prepared statement is kept under.
    """
    values: dict[str, Any] = {}
    return _parted(expression, values), values


def _parted(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, Literal):
        name = f"filter{len(values)}"
        values[name] = node.value
        return msgspec.structs.replace(node, value=name)
    if isinstance(node, tuple):
        return tuple(_parted(inner, values) for inner in node)
    if isinstance(node, msgspec.Struct):
        inner = {name: _parted(getattr(node, name), values) for name in node.__struct_fields__}
        return msgspec.structs.replace(node, **inner)
    return node


def within(node: Any) -> Iterator[msgspec.Struct]:
    """A tree's nodes, the root first."""
    if isinstance(node, tuple):
        for inner in node:
            yield from within(inner)
    elif isinstance(node, msgspec.Struct):
        yield node
        for name in node.__struct_fields__:
            yield from within(getattr(node, name))
