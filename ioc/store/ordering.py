"""The order of features and what follows a feature in it, over any fields: keyset paging.

Words of a list stand by their rank in the list, texts by the database's collation; what has no value stands last,
whichever way the order goes; features that are alike stand by their keys.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from gis.layer import Layer

STAMP = TIMESTAMP(timezone=True)
TYPES: Mapping[str, Any] = {
    "string": sa.Text(),
    "uuid": UUID(as_uuid=True),
    "integer": sa.BigInteger(),
    "number": sa.Double(),
    "boolean": sa.Boolean(),
    "datetime": STAMP,
    "date": sa.Date(),
}
"""The type of a parameter by the kind of its field."""

Columns = Mapping[str, sa.ColumnElement[Any]]
Order = Sequence[tuple[str, bool]]
"""Fields and whether they fall."""


class _Place:
    """One column of an order."""

    def __init__(self, column: sa.ColumnElement[Any], kind: Any, number: int, *, falls: bool) -> None:
        self.column, self.falls = column, falls
        self.bind: sa.ColumnElement[Any] = sa.bindparam(f"after{number}", type_=kind)
        self.never_empty = isinstance(column, sa.Column) and not column.nullable

    def sorted(self) -> sa.ColumnElement[Any]:
        way = self.column.desc() if self.falls else self.column.asc()
        return way if self.never_empty else way.nulls_last()

    def behind(self) -> sa.ColumnElement[bool]:
        farther = self.column < self.bind if self.falls else self.column > self.bind
        if self.never_empty:
            return farther
        return sa.and_(self.bind.is_not(None), sa.or_(farther, self.column.is_(None)))

    def alike(self) -> sa.ColumnElement[bool]:
        return self.column == self.bind if self.never_empty else self.column.is_not_distinct_from(self.bind)

    def from_here(self) -> sa.ColumnElement[bool]:
        """What an index over the column can find."""
        return self.column <= self.bind if self.falls else self.column >= self.bind


def _places(layer: Layer, columns: Columns, order: Order) -> list[_Place]:
    found: list[_Place] = []
    for name, falls in order:
        field = layer.field(name)
        if field is None or not field.sortable:
            raise ValueError(f"{name} is not a field of {layer.id} by which may be sorted")
        column, kind = columns[name], TYPES[field.kind]
        if field.words:
            column, kind = sa.case({word: rank for rank, word in enumerate(field.words)}, value=column), sa.Integer()
        found.append(_Place(column, kind, len(found), falls=falls))
    for name in layer.key:
        found.append(_Place(columns[name], TYPES[layer.key_kind], len(found), falls=False))
    return found


def sorting(layer: Layer, columns: Columns, order: Order) -> list[sa.ColumnElement[Any]]:
    """What ORDER BY says. ValueError for a field by which may not be sorted."""
    return [place.sorted() for place in _places(layer, columns, order)]


def following(layer: Layer, columns: Columns, order: Order) -> sa.ColumnElement[bool]:
    """Whether a row comes after the one whose values are the parameters `after0` …"""
    places = _places(layer, columns, order)
    if not order:
        columns_, binds = [one.column for one in places], [one.bind for one in places]
        return sa.tuple_(*columns_) > sa.tuple_(*binds) if len(places) > 1 else columns_[0] > binds[0]
    steps = [sa.and_(*(one.alike() for one in places[:number]), place.behind()) for number, place in enumerate(places)]
    first = places[0]
    return sa.and_(first.from_here(), sa.or_(*steps)) if first.never_empty else sa.or_(*steps)


def values(layer: Layer, row: Any, order: Order) -> tuple[Any, ...]:
    """Where a row stands in the order: what `following` takes."""
    found: list[Any] = []
    for name, _ in order:
        field, value = layer.field(name), row[name]
        if field is not None and field.words:
            value = field.words.index(value) if value in field.words else None
        found.append(value)
    return (*found, *(row[name] for name in layer.key))
