"""A filter's tree as a condition of a statement: columns and bound values, never text of the filter."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gis.filter_tree import Expression, parted
from gis.layer import Layer

Columns = Mapping[str, sa.ColumnElement[Any]]


def shape(expression: Expression) -> tuple[Expression, dict[str, Any]]:
    """What a statement is kept under, and the values that it is run with."""
    return parted(expression)


def condition(layer: Layer, columns: Columns, shaped: Expression) -> sa.ColumnElement[bool]:
    """The condition of a tree's shape (`shape`); its values are given at each run by their names."""
    raise NotImplementedError
