"""SQLAlchemy statements compiled for asyncpg: `$1` placeholders and the values in their order."""

import functools
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql import ClauseElement

_READY: WeakKeyDictionary[ClauseElement, "Prepared"] = WeakKeyDictionary()

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

    Values are encoded by asyncpg's codecs alone, so SQLAlchemy's own value processors are left out. Compiling
    costs about half a millisecond: statements of the hot paths are made once (`functools.cache`) and found again.
    """
    ready = _READY.get(statement)
    if ready is None:
        ready = _READY[statement] = _compile(statement)
    return ready


def _compile(statement: ClauseElement) -> Prepared:
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    names = tuple(getattr(compiled, "positiontup", None) or ())
    required = {bind.key for bind in getattr(compiled, "binds", {}).values() if bind.required}
    fixed = {name: compiled.params.get(name) for name in names if name not in required}
    return Prepared(compiled.string, names, fixed)


BOUND = ("scope", "kinds", "writes", "areas", "cameras", "past")
"""What row-level security reads, in the order of `Scope.settings`."""


def bound() -> sa.ColumnElement[bool]:
    """A condition that binds the scope to the transaction of the statement, for `Database.read`."""
    settings = (
        sa.func.set_config(sa.literal_column(f"'ioc.{name}'"), sa.bindparam(f"bound_{name}", type_=sa.Text), sa.true())
        for name in BOUND
    )
    all_of_them = sa.and_(*(setting.is_not(None) for setting in settings)).label("done")
    return sa.select(sa.select(all_of_them).cte("bound").prefix_with("MATERIALIZED").c.done).scalar_subquery()


@functools.cache
def inserting(table: sa.Table, *leave_out: str) -> sa.Insert:
    """An INSERT of every column that PostgreSQL does not make itself, one parameter a column."""
    made = {column.name for column in table.columns if column.computed is not None or column.identity is not None}
    names = [column.name for column in table.columns if column.name not in made and column.name not in leave_out]
    return sa.insert(table).values({name: sa.bindparam(name) for name in names})


@functools.cache
def upserting(table: sa.Table, key: str, *names: str) -> Insert:
    """An INSERT of some columns, one parameter each, that renews all but the key of a row that is there."""
    statement = insert(table).values({name: sa.bindparam(name) for name in names})
    changed = {name: statement.excluded[name] for name in names if name != key}
    return statement.on_conflict_do_update(index_elements=[table.c[key]], set_=changed)


@functools.cache
def adding(table: sa.Table, *names: str, returning: str = "") -> sa.Insert:
    """An INSERT of some columns, one parameter each, that leaves a row that is there as it is."""
    statement = insert(table).values({name: sa.bindparam(name) for name in names}).on_conflict_do_nothing()
    return statement.returning(table.c[returning]) if returning else statement


_SEARCHED = ("geom", "geom3857", "place_lon", "place_lat", "folded")


def with_axes(table: sa.Table) -> sa.Select[Any]:
    """All columns of a table of positions but those to be searched, the position as `lon` and `lat`."""
    columns = [column for column in table.columns if column.name not in _SEARCHED]
    return sa.select(*columns, sa.func.st_x(table.c.geom).label("lon"), sa.func.st_y(table.c.geom).label("lat"))


@functools.cache
def notifying(channel: str) -> sa.Select[Any]:
    """A NOTIFY without a payload, sent at the commit."""
    return sa.select(sa.func.pg_notify(channel, ""))


@functools.cache
def locking(number: int) -> sa.Select[Any]:
    """An advisory lock until the end of the transaction."""
    return sa.select(sa.func.pg_advisory_xact_lock(number))
