"""One page of features and how many match in all, as of one moment."""

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa

from gis.crs import CRS84, Crs
from gis.layer import Layer
from ioc.access.scope import Scope
from ioc.store import layers
from ioc.store.crs import Seen
from ioc.store.database import Database, Row, Transaction
from ioc.store.filtering import bounded
from ioc.store.layer_sources import relation_of
from ioc.store.layers import Form, Out, Wanted
from ioc.store.ordering import sorting
from ioc.store.statements import Prepared, bound, prepare


class Page(NamedTuple):
    """Rows in their order, whether more follow, and how many match wherever reading is."""

    rows: list[Row]
    more: bool
    matched: int


@lru_cache(maxsize=1024)
def _statement(layer: Layer, form: Form) -> Prepared:
    """A page and the number in one exchange. Nothing is counted where the page itself holds all that there is.

    The page binds the scope before it reads, and the count waits for the page. Were it ever not so, the policies
    would find no scope and the number would be too small, never another's.
    """
    rows = layers.selected(layer, form, bound()).cte("page").prefix_with("MATERIALIZED")
    source, columns = relation_of(layer)
    every = sa.select(sa.func.count()).select_from(source).where(*layers.conditions(layer, columns, form))
    read = sa.select(sa.func.count()).select_from(rows).scalar_subquery()
    enough = sa.literal_column("0") if form.after else sa.bindparam("limit", type_=sa.Integer)
    matched = sa.case((read >= enough, every.scalar_subquery()), else_=read).label("matched")
    one = sa.select(sa.literal_column("1").label("one")).subquery("one")
    return prepare(
        sa.select(*rows.c, matched)
        .select_from(one.outerjoin(rows, sa.true()))
        .order_by(*sorting(layer, {column.name: column for column in rows.c}, form.order))
    )


async def read(
    database: Database, scope: Scope, layer: Layer, wanted: Wanted, *, now: dt.datetime, limit: int, crs: Crs = CRS84
) -> Page:
    """At most `limit` features of what is wanted, their places in `crs`.

    Raises what `filtering.bounded` raises, for a filter.
    """
    if wanted.where is None and wanted.plane is None and crs.plane is None:
        return await _at_once(database, scope, layer, wanted, now, limit, crs)
    async with database.transaction(scope, read_only=True) as transaction:
        if wanted.where is None:
            return await _in_turn(transaction, layer, wanted, now, limit, crs)
        async with bounded(transaction):
            return await _in_turn(transaction, layer, wanted, now, limit, crs)


async def _at_once(
    database: Database, scope: Scope, layer: Layer, wanted: Wanted, now: dt.datetime, limit: int, crs: Crs
) -> Page:
    out = Out(Seen(crs, numbered=True))
    form = Form(layers.shape_of(wanted), out=out, order=wanted.order, after=wanted.after is not None)
    values = layers.values_of(wanted, now) | {"limit": limit + 1}
    rows = await database.read_rows(scope, _statement(layer, form), **values)
    matched: int = rows[0]["matched"]
    if rows[0][layer.key[0]] is None:
        rows = []
    return Page(rows[:limit], len(rows) > limit, matched)


async def _in_turn(
    transaction: Transaction, layer: Layer, wanted: Wanted, now: dt.datetime, limit: int, crs: Crs
) -> Page:
    rows = await layers.rows(transaction, layer, wanted, now=now, limit=limit + 1, crs=crs)
    whole = len(rows) <= limit and wanted.after is None
    matched = len(rows) if whole else await layers.number(transaction, layer, wanted, now=now)
    return Page(rows[:limit], len(rows) > limit, matched)
