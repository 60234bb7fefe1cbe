"""Where the names of the administrative units of a day stand on the map."""

import datetime as dt
from functools import cache

import msgspec
import sqlalchemy as sa

from ioc.store.database import Transaction
from ioc.store.statements import Prepared, prepare
from ioc.store.tables import AREAS

UNITS = 2
"""The level below the province: districts until 2025-07-01, communes and wards since."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A unit and its inner point in degrees, WGS 84. `kind` is the word that its official name begins with."""

    code: str
    name: str
    kind: str
    lon: float
    lat: float


@cache
def _statement() -> Prepared:
    day = sa.bindparam("day", type_=sa.Date)
    return prepare(
        sa.select(
            AREAS.c.code,
            AREAS.c.name,
            AREAS.c.kind,
            sa.func.ST_X(AREAS.c.label).label("lon"),
            sa.func.ST_Y(AREAS.c.label).label("lat"),
        )
        .where(
            AREAS.c.level == UNITS,
            AREAS.c.label.is_not(None),
            AREAS.c.valid_from <= day,
            sa.or_(AREAS.c.valid_to.is_(None), AREAS.c.valid_to > day),
        )
        .order_by(AREAS.c.code)
    )


async def of_day(transaction: Transaction, day: dt.date) -> list[Label]:
    """The labels of all units that are valid on a day, by code."""
    return [msgspec.convert(dict(row), Label) for row in await transaction.fetch(_statement(), day=day)]
