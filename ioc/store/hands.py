"""Which incidents want something of tickets: one that is missing, one that is milder, one that is over.

Each question is about all incidents or about some, and reads by indexes what is open, never what is closed.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from ioc.incidents.severity import ORDER, rank
from ioc.store.database import Transaction
from ioc.store.statements import with_axes
from ioc.store.tables_tickets import TICKETS
from ioc.store.tickets import ticket_of
from ioc.tickets.policy import Need
from ioc.tickets.ticket import LIVE, OPEN, Ticket

CURSOR: LiteralString = "select coalesce(max(id), 0) from changes"

_CHANGED: LiteralString = """
select subject_id::uuid as id from changes where id > $1 and id <= $2 and subject = 'incident'
union
select t.incident from changes c join tickets t on t.id = c.subject_id::uuid
where c.id > $1 and c.id <= $2 and c.subject = 'ticket'
"""
"""A ticket may have come to an incident that is worse, or was over before the ticket was there to be seen."""

_MISSING: LiteralString = """
select i.id from incidents i
where i.status in ('new', 'acknowledged', 'in_progress', 'reopened') and ($1::uuid[] is null or i.id = any ($1))
  and exists (select from jsonb_to_recordset($2) as n (categories text[], severities text[])
              where (n.categories = '{}' or i.category = any (n.categories)) and i.severity = any (n.severities))
  and not exists (select from tickets t where t.incident = i.id and t.state = any ($3))
  and not exists (
    select from tickets t
    where t.incident = i.id and t.closed_at >= coalesce(
      (select max(l.at) from incident_log l where l.incident = i.id and l.what = 'reopened'), '-infinity')
      and array_position($4::text[], t.severity) >= array_position($4::text[], i.severity)
      and (t.state <> 'cancelled' or not exists (
        select from ticket_log l where l.ticket = t.id and l.what = 'cancelled' and l.who = 'system')))
order by i.id
"""
"""Nothing is missing where people ended the work since the incident came up (again), on one as bad as it is now: what
gets worse afterwards needs hands again. What the system cancelled was never done."""

_WORSE: LiteralString = """
select distinct i.id from tickets t join incidents i on i.id = t.incident
where t.state = any ($3) and ($1::uuid[] is null or i.id = any ($1))
  and i.status in ('new', 'acknowledged', 'in_progress', 'reopened')
  and array_position($2::text[], i.severity) > array_position($2::text[], t.severity)
order by i.id
"""

_OVER: LiteralString = """
select distinct i.id from tickets t join incidents i on i.id = t.incident
where t.state = any ($2) and ($1::uuid[] is null or i.id = any ($1))
  and (i.status = 'duplicate'
       or i.status = 'false_alarm' and t.state in ('new', 'reopened')
       or i.status = 'resolved' and i.resolved_by = 'system' and t.state = 'new')
order by i.id
"""


async def reached(transaction: Transaction) -> int:
    """How far the change log goes."""
    newest: int = await transaction.connection.fetchval(CURSOR)
    return newest


async def changed(transaction: Transaction, after: int, through: int) -> list[str]:
    """The incidents that changed, or whose tickets did, after one version and through another."""
    return [str(row["id"]) for row in await transaction.connection.fetch(_CHANGED, after, through)]


async def missing(transaction: Transaction, needs: Sequence[Need], about: Iterable[str] | None) -> list[str]:
    """Open incidents that need hands and have no ticket; `about` None: of all."""
    wanted = [
        {"categories": list(one.categories), "severities": list(ORDER[rank(one.severity) :])} for one in needs
    ]  # fmt: skip
    return await _ids(transaction, _MISSING, _uuids(about), wanted, list(LIVE), list(ORDER))


async def worse(transaction: Transaction, about: Iterable[str] | None) -> list[str]:
    """Open incidents that are worse than one of their tickets which is open."""
    return await _ids(transaction, _WORSE, _uuids(about), list(ORDER), list(OPEN))


async def over(transaction: Transaction, about: Iterable[str] | None) -> list[str]:
    """Incidents that ended as nothing, as part of another one or by themselves, with tickets that wait for that."""
    return await _ids(transaction, _OVER, _uuids(about), list(LIVE))


async def _ids(transaction: Transaction, statement: LiteralString, *values: Any) -> list[str]:
    return [str(row["id"]) for row in await transaction.connection.fetch(statement, *values)]


def _uuids(about: Iterable[str] | None) -> list[uuid.UUID] | None:
    return None if about is None else [uuid.UUID(one) for one in about]


async def held(transaction: Transaction, incidents: Iterable[str]) -> dict[str, list[Ticket]]:
    """All tickets of incidents, oldest first, held against other writers in the order of their ids."""
    of = TICKETS.c.incident == sa.any_(sa.bindparam("incidents", type_=ARRAY(UUID)))
    wanted = with_axes(TICKETS).where(of).order_by(TICKETS.c.id).with_for_update()
    found: defaultdict[str, list[Ticket]] = defaultdict(list)
    for row in await transaction.rows(wanted, incidents=_uuids(incidents)):
        ticket = ticket_of(row)
        found[ticket.incident].append(ticket)
    return found
