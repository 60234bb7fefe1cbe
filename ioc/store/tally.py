"""What the alarms of incidents come to, counted by PostgreSQL: an incident may have fifty thousand of them.

The transaction must see all alarms of the incidents (EVERYTHING), else it counts too few.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import LiteralString

from gis.layers import moment
from ioc.incidents.incident import Tally, Titles
from ioc.incidents.severity import ORDER
from ioc.store.database import Row, Transaction

_TALLY: LiteralString = """
select incident, count(*)::int as alarms, sum(count)::int as count, min(raised_at) as first_at,
       max(seen_at) as last_at, count(*) filter (where own and holds)::int as holding,
       max(array_position($2, severity)) filter (where own and holds) as worst,
       case when min(source) = max(source) and bool_and(source_kind = 'camera') then min(source) end as camera,
       bool_or(source_kind = 'agency') as agency, bool_or(source_kind = 'camera') as camera_kind,
       bool_or(source_kind = 'citizen') as citizen, bool_or(source_kind = 'sensor') as sensor,
       bool_or(source_kind = 'system') as system,
       (array_agg(array[title, title_en] order by array_position($2, severity) desc, apt desc, seen_at desc, key)
         filter (where own and holds)) [1:1] as titles,
       (array_agg(category order by raised_at, key) filter (where own)) [1] as category
from (
  select x.*, match not in ('suppressed', 'silenced') and not evidence @> '{"withdrawn": true}' as own,
         cleared_at is null or evidence #>> '{flapping,until}' > $3 as holds,
         coalesce(x.category = i.category, false) as apt
  from alarms x left join incidents i on i.id = x.incident where x.incident = any ($1::uuid[])
) as x
group by incident
"""

_LAGGING: LiteralString = """
select i.id::text from incidents i
cross join lateral (
  select count(*)::int as alarms, coalesce(sum(count), 0)::int as count, max(seen_at) as last_at
  from alarms x where x.incident = i.id
) as a
where i.status in ('new', 'acknowledged', 'in_progress', 'reopened')
  and (i.alarms, i.count, i.last_at) is distinct from (a.alarms, a.count, coalesce(a.last_at, i.last_at))
"""

_NEVER = "9999"
"""After every moment that is written as text."""

_KINDS = ("agency", "camera", "citizen", "sensor", "system")


async def tally(transaction: Transaction, ids: Iterable[str], now: dt.datetime | None = None) -> dict[str, Tally]:
    """The tallies of some incidents by their ids; that of an incident without alarms counts none.

    What flaps at `now` counts as holding also while it is cleared; without a moment nothing does.
    """
    wanted = [uuid.UUID(one) for one in ids]
    flapping = _NEVER if now is None else moment(now)
    rows = await transaction.connection.fetch(_TALLY, wanted, list(ORDER), flapping) if wanted else []
    return {str(one): Tally() for one in wanted} | {str(row["incident"]): _tally(row) for row in rows}


async def lagging(transaction: Transaction) -> list[str]:
    """The open incidents whose numbers are not those of their alarms: repeats that were to be told a little later."""
    return [row["id"] for row in await transaction.connection.fetch(_LAGGING)]


def _tally(row: Row) -> Tally:
    columns = {kind: "camera_kind" if kind == "camera" else kind for kind in _KINDS}
    return Tally(
        alarms=row["alarms"],
        count=row["count"],
        sources=tuple(kind for kind, column in columns.items() if row[column]),
        first_at=row["first_at"],
        last_at=row["last_at"],
        camera=row["camera"],
        holding=row["holding"],
        worst=ORDER[row["worst"] - 1] if row["worst"] is not None else None,
        titles=Titles(*row["titles"][0]) if row["titles"] and row["titles"][0][0] else None,
        category=row["category"],
    )
