"""Figures of units out of the table of stays, as ioc/tickets/figures.py defines them from the logs alone.

A unit's stay of the figures is what lies between receipt and leaving: the rows of `ticket_stays` that end with
`resolved` and go on by reopening are one.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Literal, LiteralString, get_args

import msgspec

from ioc.store.database import Row, Transaction
from ioc.tickets.figures import Figures, Times

By = Literal["unit", "category", "severity"]
BYS: tuple[By, ...] = get_args(By)

_VISITS: LiteralString = """
with chosen as (
  select distinct ticket from ticket_stays where received_at >= $1 and received_at < $2),
marked as (
  select s.*, (lag(s.how) over (partition by s.ticket order by s.stay)) is distinct from 'resolved' as begins,
         max(s.stay) over (partition by s.ticket) as newest
  from ticket_stays s join chosen using (ticket)),
numbered as (
  select *, count(*) filter (where begins) over (partition by ticket order by stay) as visit from marked),
visits as (
  select ticket, visit, min(unit) as unit, min(received_at) as received_at,
         (array_agg(category order by stay desc))[1] as category,
         (array_agg(severity order by stay desc))[1] as severity,
         (array_agg(accept_by order by stay))[1] as accept_by, min(accepted_at) as accepted_at,
         (array_agg(due_at order by stay desc))[1] as due_at, (array_agg(how order by stay desc))[1] as how,
         (array_agg(left_at order by stay desc))[1] as ended_at, count(*) - 1 as reopens,
         max(stay) = max(newest) as last
  from numbered group by ticket, visit),
stood as (
  select v.*, case when v.how = 'resolved' then v.ended_at end as resolved_at,
         case when v.how in ('refused', 'forwarded', 'escalated', 'reorganised') then v.ended_at end as left_at,
         case when v.last and t.state = 'cancelled' then t.closed_at when v.how = 'cancelled' then v.ended_at end
           as cancelled_at,
         case when v.last and v.how = 'resolved' then t.verified_at end as verified_at,
         case when v.last and v.how = 'resolved' and t.state = 'closed' then t.closed_at end as closed_at
  from visits v left join tickets t on t.id = v.ticket
  where v.received_at >= $1 and v.received_at < $2
    and ($4 = '' or v.unit = $4) and ($5 = '' or v.category = $5) and ($6 = '' or v.severity = $6)),
judged as (
  select *, accept_by is not null and coalesce(least(accepted_at, left_at, cancelled_at), $3) > accept_by
           as accepted_late,
         due_at is not null and coalesce(least(resolved_at, left_at, cancelled_at), $3) > due_at as done_late
  from stood),
stays as (
  select *, true as received, accepted_at is not null as accepted,
         accepted_at is not null and accept_by is not null and not accepted_late as accepted_on_time,
         resolved_at is not null as done,
         resolved_at is not null and due_at is not null and not done_late as on_time, done_late as overdue,
         left_at is not null as bounced, cancelled_at is not null as cancelled, reopens > 0 as reopened,
         left_at is null and cancelled_at is null and resolved_at is null as open,
         extract(epoch from accepted_at - received_at)::float8 as to_accept,
         extract(epoch from resolved_at - coalesce(accepted_at, received_at))::float8 as to_done,
         extract(epoch from verified_at - resolved_at)::float8 as to_verify,
         extract(epoch from closed_at - received_at)::float8 as to_end
  from judged)
"""

_COUNTED: LiteralString = """
select case $7 when 'unit' then unit when 'category' then category when 'severity' then severity end as key,
  count(*) filter (where received) as received, count(*) filter (where accepted) as accepted,
  count(*) filter (where accepted_on_time) as accepted_on_time,
  count(*) filter (where accepted_late) as accepted_late, count(*) filter (where done) as done,
  count(*) filter (where on_time) as on_time, count(*) filter (where overdue) as overdue,
  count(*) filter (where bounced) as bounced, count(*) filter (where cancelled) as cancelled,
  count(*) filter (where reopened) as reopened, count(*) filter (where open) as open,
  count(to_accept) as to_accept, percentile_cont(array[0.5, 0.9]) within group (order by to_accept) as to_accept_s,
  count(to_done) as to_done, percentile_cont(array[0.5, 0.9]) within group (order by to_done) as to_done_s,
  count(to_verify) as to_verify, percentile_cont(array[0.5, 0.9]) within group (order by to_verify) as to_verify_s,
  count(to_end) as to_end, percentile_cont(array[0.5, 0.9]) within group (order by to_end) as to_end_s
from stays group by rollup (1) order by 1
"""

_FOUND: LiteralString = """
select s.ticket, t.number, t.title, t.title_en, t.state, s.unit, s.category, s.severity, s.received_at, s.accept_by,
       s.accepted_at, s.due_at, s.resolved_at, s.left_at, s.closed_at
from stays s left join tickets t on t.id = s.ticket
where case $7
  when 'received' then received when 'accepted' then accepted when 'accepted_on_time' then accepted_on_time
  when 'accepted_late' then accepted_late when 'done' then done when 'on_time' then on_time
  when 'overdue' then overdue when 'bounced' then bounced when 'cancelled' then cancelled
  when 'reopened' then reopened when 'open' then open end
  and (s.received_at, s.ticket) > ($8, $9)
order by s.received_at, s.ticket limit $10
"""

_COUNT: LiteralString = _VISITS + _COUNTED
_DRILL: LiteralString = _VISITS + _FOUND

_COUNTS = tuple(name for name in Figures.__struct_fields__ if not name.startswith("to_"))
_PHASES = tuple(name for name in Figures.__struct_fields__ if name.startswith("to_"))

FIRST = (dt.datetime(1, 1, 1, tzinfo=dt.UTC), uuid.UUID(int=0))
"""Before every stay."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Stays that began from `since` on and before `until` (UTC), judged at `as_of`; empty texts: all."""

    since: dt.datetime
    until: dt.datetime
    as_of: dt.datetime
    unit: str = ""
    category: str = ""
    severity: str = ""

    @property
    def _values(self) -> tuple[Any, ...]:
        return self.since, self.until, self.as_of, self.unit, self.category, self.severity


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket behind a figure. `number`, `title` and `state` are None when it is elsewhere by now, out of sight."""

    ticket: uuid.UUID
    number: int | None
    title: str | None
    title_en: str | None
    state: str | None
    unit: str
    category: str
    severity: str
    received_at: dt.datetime
    accept_by: dt.datetime | None
    accepted_at: dt.datetime | None
    due_at: dt.datetime | None
    resolved_at: dt.datetime | None
    left_at: dt.datetime | None
    closed_at: dt.datetime | None


def _figures(row: Row) -> Figures:
    phases: dict[str, Any] = {
        name: Times(number=row[name], **dict(zip(("p50_s", "p90_s"), row[f"{name}_s"] or (), strict=False)))
        for name in _PHASES
    }
    return Figures(**{name: row[name] for name in _COUNTS}, **phases)


async def figures(transaction: Transaction, wanted: Wanted, by: By) -> tuple[Figures, Mapping[str, Figures]]:
    """The figures of all, and those of each unit, category or severity."""
    rows = await transaction.connection.fetch(_COUNT, *wanted._values, by)
    found = {row["key"]: _figures(row) for row in rows}
    return found.pop(None), found


async def behind(
    transaction: Transaction, wanted: Wanted, figure: str, after: tuple[dt.datetime, uuid.UUID], limit: int
) -> list[Found]:
    """The tickets behind a figure (a word of MARKS), in the order of their receipt, `after` one of them."""
    rows = await transaction.connection.fetch(_DRILL, *wanted._values, figure, *after, limit)
    return [Found(**{name: row[name] for name in Found.__struct_fields__}) for row in rows]
