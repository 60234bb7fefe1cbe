"""What waits for somebody, as short as a phone on a weak link needs it: the worst first, then the most urgent."""

import datetime as dt
import functools
from typing import Any

import msgspec
import sqlalchemy as sa

from ioc.store.database import Row, Transaction
from ioc.store.tables_tickets import TICKETS
from ioc.tickets.ticket import LIVE

DIGITS = 5
"""Of a position, in degrees: a metre."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket in the list; what is left out is empty. `at` is longitude and latitude."""

    id: str
    number: int
    version: int
    title: str
    title_en: str = ""
    task: str = ""
    category: str
    severity: str
    state: str
    unit: str
    owner: str = ""
    area_name: str = ""
    accept_by: dt.datetime | None = None
    due_at: dt.datetime | None = None
    at: tuple[float, float]


class Page(msgspec.Struct, frozen=True):
    """The first tickets, and how many there are."""

    entries: list[Entry]
    total: int


_COLUMNS = (
    "id", "number", "version", "title", "title_en", "task", "category", "severity", "state", "unit", "owner",
    "area_name", "accept_by", "due_at",
)  # fmt: skip


@functools.lru_cache(maxsize=16)
def _listing(most: int) -> sa.Select[Any]:
    worst = sa.case({"extreme": 0, "severe": 1, "moderate": 2}, value=TICKETS.c.severity, else_=3)
    return (
        sa.select(
            *(TICKETS.c[name] for name in _COLUMNS),
            sa.func.st_x(TICKETS.c.geom).label("lon"),
            sa.func.st_y(TICKETS.c.geom).label("lat"),
            sa.func.count().over().label("total"),
        )
        .where(TICKETS.c.state.in_(LIVE))
        .order_by(worst, TICKETS.c.next_at.nulls_last(), TICKETS.c.number)
        .limit(most)
    )


def _entry(row: Row) -> Entry:
    found = {name: row[name] for name in _COLUMNS} | {"id": str(row["id"])}
    for name in ("accept_by", "due_at"):
        if found[name] is not None:
            found[name] = found[name].replace(microsecond=0)
    return Entry(**found, at=(round(row["lon"], DIGITS), round(row["lat"], DIGITS)))


async def waiting(transaction: Transaction, most: int) -> Page:
    """Tickets in which somebody has something to do, as far as the reader sees them."""
    rows = await transaction.rows(_listing(most))
    return Page([_entry(row) for row in rows], int(rows[0]["total"]) if rows else 0)
