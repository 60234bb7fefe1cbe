"""What units have to do: how many tickets are with each, and which."""

import datetime as dt
from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from ioc.store.database import Transaction
from ioc.store.tables_tickets import TICKETS
from ioc.tickets.ticket import LIVE, OPEN


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Tickets of a unit that the reader sees: how many are open, and how many of these are late."""

    open: int = 0
    late: int = 0


async def loads(transaction: Transaction, now: dt.datetime) -> dict[str, Load]:
    """The load of each unit that has open tickets, by its code."""
    counts = (sa.func.count().label("open"), sa.func.count().filter(TICKETS.c.next_at < now).label("late"))
    wanted = sa.select(TICKETS.c.unit, *counts).where(TICKETS.c.state.in_(OPEN)).group_by(TICKETS.c.unit)
    rows = await transaction.rows(wanted)
    return {row["unit"]: Load(open=row["open"], late=row["late"]) for row in rows}


async def live(transaction: Transaction, units: Collection[str], limit: int) -> list[tuple[str, int]]:
    """Unit and number of tickets that some units still have something to do with, by unit and number."""
    wanted = sa.select(TICKETS.c.unit, TICKETS.c.number).where(TICKETS.c.state.in_(LIVE), TICKETS.c.unit.in_(units))
    rows = await transaction.rows(wanted.order_by(TICKETS.c.unit, TICKETS.c.number).limit(limit))
    return [(row["unit"], row["number"]) for row in rows]
