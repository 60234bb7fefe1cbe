"""Where incidents reach and when they were active, for those that can still take alarms.

An incident reaches as far as the alarms that are its own: neither suppressed nor silenced nor withdrawn. Reach is
made of the alarms alone and can be made anew at any time; the transaction must see all of them (EVERYTHING).
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

from ioc.incidents.correlate import Cell, Known
from ioc.store.database import Transaction
from ioc.store.statements import locking

LOCK = 7_235_006
"""Advisory lock of everybody who says where alarms belong, from before the first look to the commit."""

STEP = 100_000
"""Steps of a cell's coordinates in a degree: a metre apart."""

_DROP: LiteralString = """
with cells as (delete from incident_cells where incident = any ($1::uuid[]))
delete from incident_reach where incident = any ($1::uuid[])
"""

_OWN: LiteralString = """
  select a.*, a.cleared_at is null and source_kind in ('sensor', 'system') as active,
         case when source_kind in ('citizen', 'agency') then raised_at
                 when cleared_at is null and source_kind = 'camera' then seen_at + interval '10 minutes'
                 else seen_at end as sign
  from alarms a join incidents i on i.id = a.incident
  where a.incident = any ($1::uuid[]) and a.match not in ('suppressed', 'silenced')
    and not a.evidence @> '{"withdrawn": true}' and i.status <> 'duplicate'
"""

_REACH: LiteralString = (
    """
insert into incident_reach (incident, first_at, newest_at, active_until, over_at)
select incident, min(raised_at), max(raised_at), case when not bool_or(active) then max(sign) end,
       case when not bool_or(cleared_at is null and source_kind <> 'camera')
            then max(case when source_kind in ('citizen', 'agency') then greatest(raised_at, cleared_at)
                          else sign end) end
from ("""
    + _OWN
    + """) as own group by incident
on conflict (incident) do update set first_at = excluded.first_at, newest_at = excluded.newest_at,
  active_until = excluded.active_until, over_at = excluded.over_at
"""
)

_CELLS: LiteralString = (
    """
insert into incident_cells (incident, category, source, x, y, first_at)
select incident, category, case when source_kind in ('citizen', 'agency') then '' else source end,
       round(st_x(geom) * 100000)::int, round(st_y(geom) * 100000)::int, min(raised_at)
from ("""
    + _OWN
    + """) as own group by 1, 2, 3, 4, 5
on conflict (incident, category, source, x, y) do update set first_at = excluded.first_at
"""
)

_OVER: LiteralString = """
select r.incident from incident_reach r join incidents i on i.id = r.incident
where i.status <> all ('{new,acknowledged,in_progress,reopened}') and i.updated_at < $1
  and not exists (select from alarms a where a.incident = r.incident and a.cleared_at is null
                  and a.match not in ('suppressed', 'silenced'))
order by r.incident limit 10000
"""


_GROW: LiteralString = """
insert into incident_reach (incident, first_at, newest_at, active_until, over_at)
select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
on conflict (incident) do update set first_at = excluded.first_at, newest_at = excluded.newest_at,
  active_until = excluded.active_until, over_at = excluded.over_at
"""

_PLACES: LiteralString = """
insert into incident_cells (incident, category, source, x, y, first_at)
select incident, category, source, x, y, min(at)
from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[], $6::timestamptz[])
  as n (incident, category, source, x, y, at)
group by 1, 2, 3, 4, 5
on conflict (incident, category, source, x, y)
  do update set first_at = least(incident_cells.first_at, excluded.first_at)
"""


async def lock(transaction: Transaction) -> None:
    """Hold everybody else off who says where alarms belong, until the end of the transaction: do this first."""
    await transaction.run(locking(LOCK))


async def grow(transaction: Transaction, known: Mapping[str, Known], places: Sequence[tuple[str, Cell]]) -> None:
    """Write the reach of incidents that took alarms and lost none: by id, with the places that are new."""
    times = [(one.first_at, one.newest_at, one.active_until, one.over_at) for one in known.values()]
    if times:
        columns = [list(column) for column in zip(*times, strict=True)]
        await transaction.connection.execute(_GROW, [uuid.UUID(name) for name in known], *columns)
    if places:
        rows = [
            (uuid.UUID(name), cell.category, cell.source, round(cell.lon * STEP), round(cell.lat * STEP), cell.first_at)
            for name, cell in places
        ]
        await transaction.connection.execute(_PLACES, *(list(column) for column in zip(*rows, strict=True)))


async def rebuild(transaction: Transaction, ids: Iterable[str]) -> None:
    """Make the reach of some incidents of their alarms; one without alarms of its own, or a duplicate, has none."""
    wanted = [uuid.UUID(one) for one in ids]
    if not wanted:
        return
    await transaction.connection.execute(_DROP, wanted)
    await transaction.connection.execute(_CELLS, wanted)
    await transaction.connection.execute(_REACH, wanted)


async def renew(transaction: Transaction, ids: Iterable[str]) -> None:
    """Make the times of some incidents anew, and leave their places."""
    wanted = [uuid.UUID(one) for one in ids]
    if wanted:
        await transaction.connection.execute(_REACH, wanted)


async def forget(transaction: Transaction, before: dt.datetime) -> int:
    """Drop the reach of what nobody can come to any more: ended before a moment, and nothing holds. How many."""
    rows = await transaction.connection.fetch(_OVER, before)
    if rows:
        await transaction.connection.execute(_DROP, [row["incident"] for row in rows])
    return len(rows)
