"""What alarms may belong to: the incidents around some places, with their reach, read for a page of alarms at once."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

import msgspec

from ioc.incidents.correlate import Cell, Known
from ioc.store.database import Row, Transaction
from ioc.store.reach import STEP


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """A box in WGS 84 degrees around alarms, and the categories of which something may belong to them."""

    west: float
    south: float
    east: float
    north: float
    categories: tuple[str, ...]


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """An incident and its reach. `fixed`: nothing may take its alarms away, because people had to do with it."""

    known: Known
    fixed: bool


_NEAR: LiteralString = """
with boxes as materialized (
  select st_makeenvelope(w, s, e, n, 4326) as box, string_to_array(c, ',') as categories
  from unnest($1::float8[], $2::float8[], $3::float8[], $4::float8[], $5::text[]) as b (w, s, e, n, c)
), near as (
  select distinct c.incident from boxes b join incident_cells c on c.geom && b.box and c.category = any (b.categories)
  union select incident from incident_cells where source = any ($6::text[]) and category = any ($7::text[])
  union select unnest($8::uuid[])
)
select r.incident, r.first_at, r.newest_at, r.active_until, r.over_at, i.category, i.touched, i.status,
       k.xs, k.ys, k.categories, k.sources, k.firsts
from near n join incident_reach r on r.incident = n.incident join incidents i on i.id = n.incident
cross join lateral (
  select array_agg(x) as xs, array_agg(y) as ys, array_agg(category) as categories, array_agg(source) as sources,
         array_agg(first_at) as firsts
  from incident_cells c where c.incident = n.incident
) as k
order by r.incident
"""

_BEFORE: LiteralString = """
select incident, min(raised_at) as first_at, max(raised_at) as newest_at,
       case when not bool_or(cleared_at is null and source_kind in ('sensor', 'system')) then max(sign) end
         as active_until,
       case when not bool_or(cleared_at is null and source_kind <> 'camera')
            then max(case when source_kind in ('citizen', 'agency') then greatest(raised_at, cleared_at)
                          else sign end) end as over_at,
       (array_agg(category order by raised_at, key))[1] as category
from (
  select a.*, case when source_kind in ('citizen', 'agency') then raised_at
                 when cleared_at is null and source_kind = 'camera' then seen_at + interval '10 minutes'
                 else seen_at end as sign
  from unnest($1::uuid[], $2::timestamptz[]) as t (id, at) join alarms a on a.incident = t.id and a.raised_at < t.at
  where match not in ('suppressed', 'silenced') and not evidence @> '{"withdrawn": true}'
) as own group by incident
"""

_NUMBERED: LiteralString = """
select n.number, a.incident, min(a.raised_at) as first_at from unnest($1::text[]) as n (number)
join alarms a on a.numbers @> array[n.number] and a.numbers <> '{}' join incidents i on i.id = a.incident
where i.status not in ('closed', 'false_alarm', 'duplicate')
group by 1, 2
"""

_WAITING: LiteralString = """
select distinct a.id from unnest($1::float8[], $2::float8[], $3::float8[], $4::float8[], $5::timestamptz[])
  as b (w, s, e, n, since)
join alarms a on a.match = 'waiting' and a.geom && st_makeenvelope(b.w, b.s, b.e, b.n, 4326) and a.raised_at >= b.since
limit 1000
"""


_WAITING_AROUND: LiteralString = """
with b as materialized (
  select st_expand(st_setsrid(st_extent(geom)::geometry, 4326), $2) as box
  from incident_cells where incident = any ($1::uuid[]) group by incident
), n as materialized (
  select distinct unnest(numbers) as number from alarms where incident = any ($1::uuid[]) and numbers <> '{}'
)
select id from alarms a where match = 'waiting'
  and (exists (select from b where a.geom && b.box) or exists (select from n where n.number = any (a.numbers)))
order by raised_at, key limit 1000
"""

_DISTURBED: LiteralString = """
with b as materialized (
  select t.id, t.at, st_expand(st_setsrid(st_extent(c.geom)::geometry, 4326), $3) as box
  from unnest($1::uuid[], $2::timestamptz[]) as t (id, at) join incident_cells c on c.incident = t.id group by 1, 2
), later as materialized (
  select incident, newest_at from incident_reach where newest_at >= (select min(at) from b)
)
select l.incident, null::uuid as alarm, min(b.at) as at
from later l join b on l.newest_at >= b.at join incident_cells c on c.incident = l.incident and c.geom && b.box
group by 1
union all
select null, a.id, min(b.at) from b join alarms a on a.match = 'waiting' and a.geom && b.box and a.raised_at >= b.at
group by 2
"""


def _axes(boxes: Sequence[Around]) -> list[list[float]]:
    return [[getattr(box, axis) for box in boxes] for axis in ("west", "south", "east", "north")]


async def near(
    transaction: Transaction,
    boxes: Sequence[Around],
    sources: Sequence[str],
    categories: Sequence[str],
    ids: Iterable[str] = (),
) -> dict[str, Neighbour]:
    """The incidents with alarms in a box, or from one of some sources in one of some categories, or of some ids."""
    asked = [*_axes(boxes), [",".join(box.categories) for box in boxes], list(sources), list(categories)]
    rows = await transaction.connection.fetch(_NEAR, *asked, [uuid.UUID(one) for one in ids])
    found = {}
    for row in rows:
        known = Known(str(row["incident"]), takes=row["status"] not in ("closed", "false_alarm"))
        known.category = row["category"]
        _times(known, row)
        places = zip(row["xs"] or (), row["ys"] or (), row["categories"] or (), row["sources"] or (), strict=True)
        for (x, y, category, source), first_at in zip(places, row["firsts"] or (), strict=True):
            known.place(Cell(x / STEP, y / STEP, category, source, first_at))
        fixed = row["touched"] or not known.takes
        found[known.id] = Neighbour(known=known, fixed=fixed)
    return found


def _times(known: Known, row: Row) -> None:
    known.first_at, known.newest_at = row["first_at"], row["newest_at"]
    known.active_until, known.over_at = row["active_until"], row["over_at"]


async def before(
    transaction: Transaction, neighbours: Mapping[str, Neighbour], moments: Mapping[str, dt.datetime]
) -> dict[str, Known]:
    """Incidents as they were before a moment of each: without the alarms that were raised then or later."""
    wanted = [name for name in moments if name in neighbours]
    asked = [uuid.UUID(name) for name in wanted], [moments[name] for name in wanted]
    rows = {str(row["incident"]): row for row in await transaction.connection.fetch(_BEFORE, *asked)}
    found = {}
    for name in wanted:
        full = neighbours[name].known
        known = found[name] = Known(name, takes=full.takes)
        row = rows.get(name)
        if row is not None:
            known.category = row["category"]
            _times(known, row)
            for cell in full.cells:
                if cell.first_at < moments[name]:
                    known.place(cell)
    return found


async def numbered(transaction: Transaction, numbers: Sequence[str]) -> dict[str, dict[str, dt.datetime]]:
    """The incidents that people have not ended and whose alarms bear some numbers of other systems, by number.

    Each with the moment at which the first alarm was raised that bears it.
    """
    found: dict[str, dict[str, dt.datetime]] = {number: {} for number in numbers}
    for row in await transaction.connection.fetch(_NUMBERED, list(numbers)) if numbers else []:
        found[row["number"]][str(row["incident"])] = row["first_at"]
    return found


_ALONG: LiteralString = """
select c.source, c.incident, min(c.first_at) as first_at from incident_cells c join incidents i on i.id = c.incident
where c.source = any ($1::text[]) and c.category = any ($2::text[]) and i.status not in ('duplicate', 'false_alarm')
group by 1, 2
"""


async def along(
    transaction: Transaction, sources: Sequence[str], categories: Sequence[str]
) -> dict[str, list[tuple[str, dt.datetime]]]:
    """The incidents with alarms of some categories from each of some sources, and when the first was raised."""
    found: dict[str, list[tuple[str, dt.datetime]]] = {}
    for row in await transaction.connection.fetch(_ALONG, list(sources), list(categories)):
        found.setdefault(row["source"], []).append((str(row["incident"]), row["first_at"]))
    return found


async def disturbed(
    transaction: Transaction, moments: Mapping[str, dt.datetime], reach_deg: float
) -> tuple[dict[str, dt.datetime], list[str]]:
    """What the past of some incidents, that changed from a moment of each on, may have to do with.

    The incidents within reach with alarms that were raised then or later, each with the moment, and the alarms that
    were raised then or later and wait.
    """
    incidents, alarms = dict[str, dt.datetime](), list[str]()
    asked = [uuid.UUID(name) for name in moments], list(moments.values()), reach_deg
    for row in await transaction.connection.fetch(_DISTURBED, *asked) if moments else []:
        if row["incident"] is not None:
            incidents[str(row["incident"])] = row["at"]
        else:
            alarms.append(str(row["alarm"]))
    return incidents, alarms


async def waiting(transaction: Transaction, boxes: Sequence[tuple[Around, dt.datetime]]) -> list[str]:
    """The alarms in some boxes that were raised at or after a moment of each and wait for a person, by id."""
    asked = *_axes([box for box, _ in boxes]), [since for _, since in boxes]
    return [str(row["id"]) for row in await transaction.connection.fetch(_WAITING, *asked)] if boxes else []


async def waiting_around(transaction: Transaction, incidents: Iterable[str], reach_deg: float) -> list[str]:
    """The alarms that wait for a person within reach of some incidents or under one of their numbers, by id; of very
    many, those that were raised first."""
    wanted = [uuid.UUID(one) for one in incidents]
    return [str(row["id"]) for row in await transaction.connection.fetch(_WAITING_AROUND, wanted, reach_deg)]
