"""What citizens' channels are told of their reports: entered with the change of the ticket, fetched or sent later."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from typing import Any, Literal, LiteralString, get_args

import msgspec
import sqlalchemy as sa

from ioc.store.database import Row, Transaction
from ioc.store.statements import locking
from ioc.store.tables_updates import REPORT_UPDATES
from ioc.tickets import ticket as tickets

LOCK = 7_235_040
"""Advisory lock from an update's first row to the commit, so that places become visible in their order."""

JOINED_WITHIN = dt.timedelta(days=30)
"""A report whose alarm is older than this is not looked for when it joins an incident late."""

State = Literal["offered", "told", "dead"]
STATES: tuple[State, ...] = get_args(State)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A report that is told of a ticket, and where it belongs. `earlier`: it was told of another one before."""

    report: uuid.UUID
    centre: str
    area: str
    channel: str
    number: str
    earlier: bool = False


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as far as citizens are told of it."""

    id: uuid.UUID
    number: int
    version: int
    unit: str
    state: tickets.State
    due_at: dt.datetime | None


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One update as it is kept."""

    place: int
    id: uuid.UUID
    centre: str
    area: str
    report: uuid.UUID
    ticket: uuid.UUID
    version: int
    channel: str
    number: str
    step: str
    at: dt.datetime
    expected_at: dt.datetime | None
    unit: str
    state: State
    attempts: int
    next_at: dt.datetime
    told_at: dt.datetime | None
    reason: str


_REPORTS: LiteralString = """
select a.incident::text, r.id as report, r.centre, r.area, r.channel, r.number, false as earlier
from alarms a join reports r on r.id = a.id
where a.incident = any ($1) and a.source_kind = 'citizen' and r.withdrawn_at is null
union
select i.id::text, r.id, r.centre, r.area, r.channel, r.number, false
from incidents i join tickets t on t.incident = i.id join report_updates u on u.ticket = t.id
join reports r on r.id = u.report and r.withdrawn_at is null join alarms a on a.id = r.id
where i.id = any ($1) and i.status = 'duplicate' and a.incident is distinct from i.id and not exists (
  select from tickets l where l.incident = a.incident and l.parent is null and l.state not in ('closed', 'cancelled'))
order by report
"""
"""Of a duplicate also the reports that left it and were told of its ticket, unless a ticket is live where they are now:
else they would never hear the end."""

_JOINED: LiteralString = """
select r.id as report, r.centre, r.area, r.channel, r.number,
       exists (select from report_updates u where u.report = r.id) as earlier,
       t.id as ticket, t.number as ticket_number, t.version, t.unit, t.state, t.due_at
from alarms a
join tickets t on t.incident = a.incident and t.parent is null
  and t.state not in ('closed', 'cancelled')
join reports r on r.id = a.id and r.withdrawn_at is null
where a.source_kind = 'citizen' and a.incident is not null and a.raised_at >= $1
  and not exists (
    select from report_updates u join tickets o on o.id = u.ticket
    where u.report = r.id and o.incident = a.incident and o.state not in ('closed', 'cancelled'))
order by r.id, t.id
limit $2
"""
"""Reports of incidents with a ticket of which they were not told: they came after it, or their incident was merged."""

_OTHERS: LiteralString = """
select exists (select from tickets
  where incident = $1 and parent is null and id <> $2 and state not in ('verified', 'closed', 'cancelled')) as others
"""
"""What is verified is done to citizens: closing it afterwards tells them nothing, so nobody must wait for that."""

_TICKETS: LiteralString = """
select id, number, version, unit, state, due_at from tickets
where incident = $1 order by parent is not null, opened_at, id
"""

_ENTER: LiteralString = """
insert into report_updates
  (id, centre, area, report, ticket, version, channel, number, step, at, expected_at, unit, state, next_at)
select n.id, n.centre, n.area, n.report, $6, $7, n.channel, n.number, $8, $9, $10, $11, 'offered', $9
from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $12::text[])
  as n (id, centre, area, report, channel, number)
order by n.report
on conflict (report, ticket, version) do nothing
"""


async def reports_of(transaction: Transaction, incidents: Collection[str]) -> dict[str, list[Told]]:
    """The reports of incidents that were not taken back, by incident."""
    found: dict[str, list[Told]] = {}
    for row in await transaction.connection.fetch(_REPORTS, [uuid.UUID(one) for one in incidents]):
        found.setdefault(row["incident"], []).append(_told(row))
    return found


def _told(row: Row) -> Told:
    return Told(**{name: row[name] for name in Told.__struct_fields__})


async def joined(transaction: Transaction, now: dt.datetime, most: int) -> list[tuple[Told, Standing]]:
    """Reports that came to an incident with a ticket and were not told of it, with the ticket."""
    rows = await transaction.connection.fetch(_JOINED, now - JOINED_WITHIN, most)
    return [
        (
            _told(row),
            Standing(
                id=row["ticket"],
                number=row["ticket_number"],
                **{name: row[name] for name in Standing.__struct_fields__ if name not in ("id", "number")},
            ),
        )
        for row in rows
    ]


async def tickets_of(transaction: Transaction, incident: uuid.UUID) -> list[Standing]:
    """The tickets of an incident that the transaction's scope sees, those that are part of none first."""
    rows = await transaction.connection.fetch(_TICKETS, incident)
    return [Standing(**{name: row[name] for name in Standing.__struct_fields__}) for row in rows]


async def others_live(transaction: Transaction, incident: str, ticket: str) -> bool:
    """Whether another ticket of the incident, no part of one, is not over as citizens are told it."""
    return bool(await transaction.connection.fetchval(_OTHERS, uuid.UUID(incident), uuid.UUID(ticket)))


async def hold(transaction: Transaction) -> None:
    """Other writers of updates wait from here to the end of the transaction, and what they wrote is seen."""
    await transaction.run(locking(LOCK))


async def enter(
    transaction: Transaction,
    told: Iterable[Told],
    ticket: Standing,
    step: str,
    at: dt.datetime,
    ids: Iterable[uuid.UUID],
) -> None:
    """Offer a step to reports; what was offered of this version of the ticket stays as it is.

    Other writers of updates wait from here to the end of the transaction.
    """
    rows = [
        (new, one.centre, one.area, one.report, one.channel, one.number) for one, new in zip(told, ids, strict=False)
    ]
    if not rows:
        return
    new, centres, areas, reports, channels, numbers = (list(column) for column in zip(*rows, strict=True))
    await hold(transaction)
    fixed = (ticket.id, ticket.version, step, at, ticket.due_at, ticket.unit)
    await transaction.connection.execute(_ENTER, new, centres, areas, reports, channels, *fixed, numbers)


def _update(row: Row) -> Update:
    return Update(**{name: row[name] for name in Update.__struct_fields__})


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which updates are asked for."""

    channel: str = ""
    number: str = ""
    report: uuid.UUID | None = None
    state: str = ""


async def listed(transaction: Transaction, wanted: Wanted, after: int, limit: int) -> list[Update]:
    """Updates behind a place, in their order, as far as the transaction's scope goes."""
    table = REPORT_UPDATES.c
    statement = sa.select(REPORT_UPDATES).where(table.place > after).order_by(table.place).limit(limit)
    for name in ("channel", "number", "report", "state"):
        if value := getattr(wanted, name):
            statement = statement.where(table[name] == value)
    return [_update(row) for row in await transaction.rows(statement)]


async def last(transaction: Transaction, report: uuid.UUID) -> Update | None:
    """The newest update of a report."""
    table = REPORT_UPDATES.c
    statement = sa.select(REPORT_UPDATES).where(table.report == report).order_by(table.place.desc()).limit(1)
    row = await transaction.row(statement)
    return None if row is None else _update(row)


async def one(transaction: Transaction, id: uuid.UUID) -> Update | None:  # noqa: A002
    """An update, held; None when it is not there to be seen."""
    row = await transaction.row(sa.select(REPORT_UPDATES).where(REPORT_UPDATES.c.id == id).with_for_update())
    return None if row is None else _update(row)


_DUE: LiteralString = """
select * from (
  select distinct on (report) * from report_updates
  where state = 'offered' and channel = any ($1)
  order by report, place) as first
where next_at <= $2 order by next_at limit $3
"""


async def due(transaction: Transaction, channels: Collection[str], now: dt.datetime, most: int) -> list[Update]:
    """What is to be sent now: of each report the first that is not told yet, because updates go in their order."""
    rows = await transaction.connection.fetch(_DUE, sorted(channels), now, most)
    return [_update(row) for row in rows]


async def told(transaction: Transaction, update: Update, at: dt.datetime) -> None:
    """The channel has it."""
    await _set(transaction, update, state="told", attempts=update.attempts + 1, told_at=at, reason="")


async def again(transaction: Transaction, update: Update, at: dt.datetime, reason: str) -> None:
    """It failed, and is tried again at a moment."""
    await _set(transaction, update, state="offered", attempts=update.attempts + 1, next_at=at, reason=reason)


async def dead(transaction: Transaction, update: Update, reason: str) -> None:
    """It failed for good; a person may send it again."""
    await _set(transaction, update, state="dead", attempts=update.attempts + 1, reason=reason)


async def revive(transaction: Transaction, update: Update, now: dt.datetime) -> None:
    """Try it again from the beginning."""
    await _set(transaction, update, state="offered", attempts=0, next_at=now, reason="")


async def _set(transaction: Transaction, update: Update, **values: Any) -> None:
    await transaction.run(sa.update(REPORT_UPDATES).where(REPORT_UPDATES.c.id == update.id).values(**values))
