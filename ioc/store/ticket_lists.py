"""Lists of tickets, a page at a time: the overdue queue, a unit's, a person's, an incident's."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP

from ioc.store.database import Transaction
from ioc.store.statements import with_axes
from ioc.store.tables_tickets import TICKETS
from ioc.store.tickets import ticket_of
from ioc.tickets.ticket import OPEN, Ticket

_FAR = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
"""In the place of no deadline: after all others."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets. None: any. `late` and `open` are of the units' work; `mine` is a login, with its
    teams by unit and code."""

    states: tuple[str, ...] = ()
    unit: str | None = None
    centre: str | None = None
    incident: uuid.UUID | None = None
    owner: str | None = None
    team: str | None = None
    late: bool = False
    open: bool = False
    mine: tuple[str, Sequence[tuple[str, str]]] | None = None

    @property
    def by_deadline(self) -> bool:
        """Whether the one that is due next comes first, else the newest."""
        return self.late or self.open


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended."""

    at: dt.datetime
    id: uuid.UUID


def _conditions(wanted: Wanted, now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    columns = TICKETS.c
    found = [
        columns[name] == value
        for name in ("unit", "centre", "incident", "owner", "team")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.states:
        found.append(columns.state.in_(wanted.states))
    if wanted.by_deadline:
        found.append(sa.or_(*(columns.state == sa.literal_column(f"'{state}'") for state in OPEN)))
    if wanted.late:
        found.append(columns.next_at < now)
    if wanted.mine is not None:
        login, teams = wanted.mine
        found.append(
            sa.or_(
                columns.owner == login, *(sa.and_(columns.unit == unit, columns.team == team) for unit, team in teams)
            )
        )
    return found


async def listed(
    transaction: Transaction, wanted: Wanted, now: dt.datetime, limit: int, after: Place | None = None
) -> tuple[list[Ticket], Place | None]:
    """A page of tickets, and where it ended when there are more: with `late` or `open` the one that is due next comes
    first, those without a deadline last; else the newest first."""
    columns = TICKETS.c
    key: tuple[Any, ...] = (columns.opened_at, columns.id)
    if wanted.by_deadline:
        key = (sa.func.coalesce(columns.next_at, sa.literal(_FAR, TIMESTAMP(timezone=True))), columns.id)
    order = [one if wanted.by_deadline else one.desc() for one in key]
    statement = with_axes(TICKETS).add_columns(columns.next_at).where(*_conditions(wanted, now)).order_by(*order)
    if after is not None:
        here, there = sa.tuple_(*key), sa.tuple_(sa.literal(after.at, TIMESTAMP(timezone=True)), sa.literal(after.id))
        statement = statement.where(here > there if wanted.by_deadline else here < there)
    rows = await transaction.rows(statement.limit(limit + 1))
    page = [ticket_of(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return page, None
    last = rows[limit - 1]
    return page, Place((last["next_at"] or _FAR) if wanted.by_deadline else last["opened_at"], last["id"])
