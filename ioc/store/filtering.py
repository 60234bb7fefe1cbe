"""A filter's tree as a condition of a statement: columns and bound values, never text of the filter."""

import operator
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

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
    parted,
)
from gis.filters import GEOMETRY
from gis.layer import Layer
from ioc.store.database import Transaction
from ioc.store.ordering import TYPES, Columns

Condition = sa.ColumnElement[bool]

PATIENCE_S = 5.0
"""Seconds that one statement with a filter may take."""

_FOREVER = {
    ("datetime", "first"): "'-infinity'::timestamptz",
    ("datetime", "last"): "'infinity'::timestamptz",
    ("date", "first"): "'-infinity'::date",
    ("date", "last"): "'infinity'::date",
}
"""What an open end of time is to PostgreSQL."""

_BARE: sa.ColumnElement[str] = sa.literal_column(r"'[\u0300-\u036f]'")
"""Marks that letters of Latin script carry once they are taken apart (NFD), as a regular expression of PostgreSQL."""

_COMPARED: Mapping[str, Callable[[Any, Any], Condition]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARRAYS: Mapping[str, Callable[[Any, Any], Condition]] = {
    "contains": lambda one, other: _by("@>", one, other),
    "containedby": lambda one, other: _by("<@", one, other),
    "overlaps": lambda one, other: _by("&&", one, other),
    "equals": lambda one, other: sa.and_(_by("@>", one, other), _by("<@", one, other)),
}
_DURING: Mapping[str, Callable[[Any, Any, Any, Any], Condition]] = {
    "after": lambda a, b, c, d: a > d,
    "before": lambda a, b, c, d: b < c,
    "contains": lambda a, b, c, d: sa.and_(a < c, b > d),
    "disjoint": lambda a, b, c, d: sa.or_(a > d, b < c),
    "during": lambda a, b, c, d: sa.and_(a > c, b < d),
    "equals": lambda a, b, c, d: sa.and_(a == c, b == d),
    "finishedby": lambda a, b, c, d: sa.and_(a < c, b == d),
    "finishes": lambda a, b, c, d: sa.and_(a > c, b == d),
    "intersects": lambda a, b, c, d: sa.and_(a <= d, b >= c),
    "meets": lambda a, b, c, d: b == c,
    "metby": lambda a, b, c, d: a == d,
    "overlappedby": lambda a, b, c, d: sa.and_(a > c, a < d, b > d),
    "overlaps": lambda a, b, c, d: sa.and_(a < c, b > c, b < d),
    "startedby": lambda a, b, c, d: sa.and_(a == c, b > d),
    "starts": lambda a, b, c, d: sa.and_(a == c, b < d),
}
"""Of two spans, from a to b and from c to d (OGC 21-065r2, temporal functions)."""

_SETTING = sa.select(
    sa.func.set_config("statement_timeout", sa.bindparam("patience", type_=sa.Text), True).label("patience")
)


class CostlyFilterError(Exception):
    """Finding what a filter asks for took longer than `PATIENCE_S`; a narrower one, as by a box or days, is quicker."""


def shape(expression: Expression) -> tuple[Expression, dict[str, Any]]:
    """What a statement is kept under, and the values that it is run with, by the names of its parameters."""
    return parted(expression)


def condition(layer: Layer, columns: Columns, shaped: Expression) -> Condition:
    """The condition of a tree's shape (`shape`); its values are given at each run by their names.

    A geometry is looked up in the index of boxes first. What is compared with null is unknown, and not found.
    """
    return _Writer(layer, columns).condition(shaped)


@asynccontextmanager
async def bounded(transaction: Transaction, patience_s: float = PATIENCE_S) -> AsyncIterator[None]:
    """Statements of the block may take `patience_s` each; the transaction is for reading, and ends with the block.

    Raises CostlyFilterError when one takes longer, FilterError where PostGIS or PROJ cannot work with what was given.
    """
    await transaction.rows(_SETTING, patience=f"{patience_s * 1000:.0f}")
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise CostlyFilterError(
            f"what it asks for was not found within {patience_s:g} s; narrow it by a box, by days or by a field"
        ) from error
    except (asyncpg.DataError, asyncpg.InternalServerError) as error:
        raise FilterError("the filter cannot be worked out with these values; look at its coordinates") from error


class _Writer:
    """Writes the tree of one layer."""

    def __init__(self, layer: Layer, columns: Columns) -> None:
        self._columns = {**columns, GEOMETRY: columns[layer.geometry]}

    def condition(self, node: Expression) -> Condition:
        match node:
            case And(of=parts):
                return sa.and_(*(self.condition(part) for part in parts))
            case Or(of=parts):
                return sa.or_(*(self.condition(part) for part in parts))
            case Not(of=inner):
                return sa.not_(self.condition(inner))
            case Spatial():
                return self._spatial(node)
            case Temporal():
                return self._temporal(node)
            case Arrays(op=op, left=left, right=right):
                return _ARRAYS[op](self._value(left), self._value(right))
            case _:
                return self._scalar(node)

    def _scalar(self, node: Compare | Between | In | Like | IsNull | Truth) -> Condition:
        match node:
            case Compare(op=op, left=left, right=right):
                return self._compared(op, left, right)
            case Between(of=of, low=low, high=high):
                return sa.and_(self._compared(">=", of, low), self._compared("<=", of, high))
            case In(of=of, among=among):
                return self._value(of) == sa.any_(self._value(among))
            case Like(of=of, pattern=pattern):
                return self._value(of).like(self._value(pattern))
            case IsNull(of=of):
                return self._value(of).is_(None)
            case Truth(of=of):
                return self._value(of)

    def _compared(self, op: str, left: Scalar, right: Scalar) -> Condition:
        one, other = self._value(left), self._value(right)
        if op not in ("=", "<>") and _is_text(left):
            one, other = sa.collate(one, "C"), sa.collate(other, "C")
        return _COMPARED[op](one, other)

    def _value(self, one: Scalar) -> sa.ColumnElement[Any]:
        match one:
            case Property(name=name):
                return self._columns[name]
            case Literal(kind="geometry"):
                return _shape_of(one)
            case Literal(kind=kind, value=name, many=many):
                return sa.bindparam(name, type_=ARRAY(TYPES[kind]) if many else TYPES[kind])
            case Fold(how=how, of=of):
                return _folded(how, self._value(of))

    def _spatial(self, node: Spatial) -> Condition:
        left, right = self._value(node.left), self._value(node.right)
        if node.op == "disjoint":
            return sa.not_(sa.func.ST_Intersects(left, right))
        exact = getattr(sa.func, f"ST_{node.op.capitalize()}")(left, right)
        return sa.and_(left.op("&&", return_type=sa.Boolean())(right), exact)

    def _temporal(self, node: Temporal) -> Condition:
        return _DURING[node.op](*self._ends(node.left, node.kind), *self._ends(node.right, node.kind))

    def _ends(self, span: Interval, kind: str) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
        return self._end(span.first, kind, "first", span.instant), self._end(span.last, kind, "last", span.instant)

    def _end(self, one: Property | Literal | None, kind: str, side: str, instant: bool) -> sa.ColumnElement[Any]:
        forever = sa.literal_column(_FOREVER[kind, side], TYPES[kind])
        if one is None:
            return forever
        value = self._value(one)
        return sa.func.coalesce(value, forever) if isinstance(one, Property) and not instant else value


def _by(sign: str, one: sa.ColumnElement[Any], other: sa.ColumnElement[Any]) -> Condition:
    return one.op(sign, return_type=sa.Boolean())(other)


def _is_text(one: Scalar) -> bool:
    return isinstance(one, Fold) or one.kind == "string"


def _folded(how: str, text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Compared by code points again once it is folded."""
    if how == "case":
        return sa.collate(sa.func.lower(sa.collate(text, "und-x-icu"), type_=sa.Text), "C")
    apart = sa.func.normalize(text, sa.literal_column("NFD"), type_=sa.Text)
    bare = sa.func.regexp_replace(apart, _BARE, sa.literal_column("''"), sa.literal_column("'g'"), type_=sa.Text)
    return sa.collate(sa.func.translate(bare, sa.literal_column("'đĐ'"), sa.literal_column("'dD'"), type_=sa.Text), "C")


def _shape_of(one: Literal) -> sa.ColumnElement[Any]:
    found = sa.func.ST_GeomFromGeoJSON(sa.bindparam(one.value, type_=sa.Text))
    return sa.func.ST_Transform(found, sa.literal(one.crs, sa.Text), sa.literal_column("4326")) if one.crs else found
