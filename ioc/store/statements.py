"""SQLAlchemy statements compiled for asyncpg: `$1` placeholders and the values in their order."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql import ClauseElement

_DIALECT = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]


class Prepared(msgspec.Struct, frozen=True):
    """SQL text and how to lay out its parameters; made once for a statement that runs often."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the placeholders. KeyError names a parameter that is missing."""
        return [values[name] if name in values else self.fixed[name] for name in self.names]


def prepare(statement: ClauseElement) -> Prepared:
    """Compile a statement; bind parameters without a value are given at each run.

    Values are encoded by asyncpg's codecs alone, so SQLAlchemy's own value processors are left out.
    """
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    names = tuple(getattr(compiled, "positiontup", None) or ())
    required = {bind.key for bind in getattr(compiled, "binds", {}).values() if bind.required}
    fixed = {name: compiled.params.get(name) for name in names if name not in required}
    return Prepared(compiled.string, names, fixed)


def inserting(table: sa.Table, *leave_out: str) -> sa.Insert:
    """An INSERT of every column that PostgreSQL does not make itself, one parameter a column."""
    made = {column.name for column in table.columns if column.computed is not None or column.identity is not None}
    names = [column.name for column in table.columns if column.name not in made and column.name not in leave_out]
    return sa.insert(table).values({name: sa.bindparam(name) for name in names})
