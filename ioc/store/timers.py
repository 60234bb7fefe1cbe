"""The timers of tickets: planned in the transaction that changes a ticket, found when they are due, kept when done.

Who fires timers holds the tickets first and reads their timers then, as everybody does who changes tickets.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from ioc.store.database import Row, Transaction
from ioc.store.statements import with_axes
from ioc.store.tables_tickets import TICKETS
from ioc.store.tickets import ticket_of
from ioc.tickets.escalation import Fired, Key, Timer, order, replanned, spent_keys, timers_of
from ioc.tickets.policy import Policy
from ioc.tickets.ticket import LIVE, Ticket

CHANNEL = "ioc_timers"
"""NOTIFY channel that wakes who waits for the next due moment: there may be an earlier one now."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket, held, and the first of its timers that is due."""

    ticket: Ticket
    timer: Timer


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who has a ticket: the unit, and the login who works on it (empty: nobody does)."""

    unit: str
    owner: str


_OF: LiteralString = """
select ticket, kind, stage, step, generation, round, at, fired_at from ticket_timers where ticket = any ($1::uuid[])
"""

_DROP: LiteralString = """
delete from ticket_timers t
using unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[])
  as k (ticket, kind, stage, step, generation, round)
where (t.ticket, t.kind, t.stage, t.step, t.generation, t.round)
  = (k.ticket, k.kind, k.stage, k.step, k.generation, k.round)
"""

_DONE: LiteralString = """
update ticket_timers t set fired_at = $7
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[])
  as k (ticket, kind, stage, step, generation, round)
where (t.ticket, t.kind, t.stage, t.step, t.generation, t.round)
  = (k.ticket, k.kind, k.stage, k.step, k.generation, k.round)
"""

_PUT: LiteralString = """
with put as (
  insert into ticket_timers (ticket, kind, stage, step, generation, round, at)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::timestamptz[])
  on conflict (ticket, kind, stage, step, generation, round) do update set at = excluded.at
  returning 1
)
select pg_notify($8, '') from put limit 1
"""


async def replan(transaction: Transaction, ticket: Ticket, policy: Policy, now: dt.datetime) -> None:
    """Make the timers of a ticket, held, what its policy wants as it stands; what was done stays done."""
    await replan_all(transaction, [(ticket, policy)])


async def replan_all(transaction: Transaction, tickets: Sequence[tuple[Ticket, Policy]]) -> None:
    """As `replan`, for many: three statements whatever their number."""
    if not tickets:
        return
    pending: defaultdict[str, dict[Key, Timer]] = defaultdict(dict)
    fired: defaultdict[str, dict[Key, Fired]] = defaultdict(dict)
    for row in await transaction.connection.fetch(_OF, [uuid.UUID(one.id) for one, _ in tickets]):
        timer = _timer(row)
        if row["fired_at"] is None:
            pending[str(row["ticket"])][timer.key] = timer
        else:
            fired[str(row["ticket"])][timer.key] = Fired(timer.at, row["fired_at"])
    drops: list[tuple[str, Key]] = []
    puts: list[tuple[str, Timer]] = []
    for ticket, policy in tickets:
        gone, new = replanned(pending[ticket.id], timers_of(ticket, policy, fired[ticket.id]))
        drops += [(ticket.id, key) for key in (*gone, *spent_keys(ticket, fired[ticket.id]))]
        puts += [(ticket.id, timer) for timer in new]
    if drops:
        await transaction.connection.execute(_DROP, *_keys(drops))
    if puts:
        keys = _keys([(ticket, timer.key) for ticket, timer in puts])
        await transaction.connection.execute(_PUT, *keys, [timer.at for _, timer in puts], CHANNEL)


def _keys(found: Sequence[tuple[str, Key]]) -> list[list[Any]]:
    rows = [(uuid.UUID(ticket), *key) for ticket, key in found]
    return [list(column) for column in zip(*rows, strict=True)]


def _timer(row: Row) -> Timer:
    return Timer(**{name: row[name] for name in Timer.__struct_fields__})


_WAITING: LiteralString = """
select distinct ticket from (
  select ticket from ticket_timers
  where ticket <> all ($3::uuid[]) and fired_at is null and at <= $1 order by at limit $2) as due
"""


async def due(transaction: Transaction, now: dt.datetime, most: int, but: Collection[uuid.UUID] = ()) -> list[Due]:
    """Tickets of which something is due, held, at most so many, with the first of each; in the order of time.

    Tickets that somebody else holds just now are passed over: they come in the next page. `but`: not of these.
    """
    return await due_of(transaction, await waiting(transaction, now, most, but), now)


async def waiting(
    transaction: Transaction, now: dt.datetime, most: int, but: Collection[uuid.UUID] = ()
) -> list[uuid.UUID]:
    """Tickets of which something is due, those that wait longest: not held."""
    return [row["ticket"] for row in await transaction.connection.fetch(_WAITING, now, most, list(but))]


async def due_of(transaction: Transaction, tickets: Sequence[uuid.UUID], now: dt.datetime) -> list[Due]:
    """Of some tickets what `due` says."""
    if not tickets:
        return []
    held = {one.id: one for one in map(ticket_of, await transaction.rows(_held(), ids=tickets))}
    first: dict[str, Timer] = {}
    for row in await transaction.connection.fetch(_OF, [uuid.UUID(one) for one in held]):
        timer, ticket = _timer(row), str(row["ticket"])
        if row["fired_at"] is None and timer.at <= now:
            first[ticket] = min(first.get(ticket, timer), timer, key=order)
    found = [Due(ticket=held[ticket], timer=timer) for ticket, timer in first.items()]
    return sorted(found, key=lambda one: (order(one.timer), one.ticket.id))


def _held() -> sa.Select[Any]:
    wanted = TICKETS.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(UUID)))
    return with_axes(TICKETS).where(wanted).order_by(TICKETS.c.id).with_for_update(skip_locked=True)


_LEADS: LiteralString = """
select incident, id from tickets where incident = any ($1::uuid[]) and parent is null and state = any ($2)
"""

_LEADS_HELD: LiteralString = _LEADS + " order by id for update skip locked"


async def leads_held(transaction: Transaction, incidents: Iterable[str]) -> set[str]:
    """Those of some incidents whose live lead tickets are all held now: a ticket that goes elsewhere may become a part
    of one, which waits for whoever holds that one, who in turn may wait for the ticket."""
    wanted = [uuid.UUID(one) for one in sorted(set(incidents))]
    held = {row["id"] for row in await transaction.connection.fetch(_LEADS_HELD, wanted, list(LIVE))}
    others = await transaction.connection.fetch(_LEADS, wanted, list(LIVE))
    busy = {row["incident"] for row in others if row["id"] not in held}
    return {str(one) for one in wanted if one not in busy}


async def done(transaction: Transaction, fired: Sequence[Due], now: dt.datetime) -> None:
    """Keep that timers were done, so that none is done again."""
    if fired:
        await transaction.connection.execute(_DONE, *_keys([(one.ticket.id, one.timer.key) for one in fired]), now)


async def next_at(transaction: Transaction, but: Collection[uuid.UUID] = ()) -> dt.datetime | None:
    """When something is due next, but of some tickets; it may be past."""
    at: dt.datetime | None = await transaction.connection.fetchval(
        "select at from ticket_timers where fired_at is null and ticket <> all ($1::uuid[]) order by at limit 1",
        list(but),
    )
    return at


async def of_ticket(transaction: Transaction, ticket: str) -> Mapping[Key, tuple[Timer, dt.datetime | None]]:
    """The timers of a ticket by their keys, with when they were done."""
    rows = await transaction.connection.fetch(_OF, [uuid.UUID(ticket)])
    return {timer.key: (timer, row["fired_at"]) for row in rows if (timer := _timer(row))}


async def holders(transaction: Transaction, tickets: Iterable[str]) -> dict[str, Holder]:
    """Who has some tickets, by their ids."""
    rows = await transaction.connection.fetch(
        "select id, unit, owner from tickets where id = any ($1::uuid[])", [uuid.UUID(one) for one in tickets]
    )
    return {str(row["id"]): Holder(unit=row["unit"], owner=row["owner"]) for row in rows}
