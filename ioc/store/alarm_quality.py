"""The figures of alarms' quality: made of the alarms and incidents of an hour by PostgreSQL, kept, and added up.

An alarm counts in the ten minutes in which it was made here, which is when people were told of it, and for chattering
by the moments at which it was raised: what an outage delivers at once has not chattered.
"""

import datetime as dt
import functools
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from gis.stamp import uuid7
from ioc.incidents.quality import (
    CHATTERS,
    CHATTERS_WITHIN,
    FLAPS,
    FLAPS_WITHIN,
    HOUR,
    OWNED_WITHIN,
    SLOTS,
    STANDS,
    Hour,
)
from ioc.store.database import Row, Transaction
from ioc.store.tables import AREAS
from ioc.store.tables_quality import ALARM_HOURS, ALARM_QUALITY, ALARM_SOURCES

_DROP: LiteralString = """
with sources as (delete from alarm_sources where hour = $1), figures as (delete from alarm_quality where hour = $1)
select
"""

_OPERATORS: LiteralString = """
insert into alarm_hours (hour, operators, made_at)
select $1, coalesce(jsonb_object_agg(centre, number), '{}'), $3
from (select coalesce(a.centre, '') as centre, count(*) as number from accounts a
      where a.role in ('admin', 'operator', 'district')
        and (exists (select from sessions s where s.account = a.id and s.created_at < $2 and s.seen_at >= $1)
             or exists (select from incident_log l where l.at >= $1 and l.at < $2 and l.who = a.login))
      group by 1) as working
on conflict (hour) do nothing
"""

_FIGURES: LiteralString = """
with near as (
  select a.*, ioc_made_at(a.id) as made_at,
         a.raised_at - lag(a.raised_at, $6::int) over same <= $7::interval as chatters,
         a.raised_at - lag(a.raised_at, $8::int) over same <= $9::interval as flaps
  from alarms a where a.id >= $3 and a.id < $4 and a.match not in ('silenced', 'suppressed', 'history')
  window same as (partition by a.key order by a.raised_at)),
told as (
  select near.*, 1 + floor(extract(epoch from made_at - $1) / 600)::int as slot,
         exists (select from incident_log l where l.incident = near.incident
                 and l.what in ('acknowledged', 'assigned', 'started') and l.at <= near.made_at + $5::interval) as owned
  from near where made_at >= $1),
sources as (
  insert into alarm_sources (hour, centre, area, source_kind, source, source_name, alarms, chattering, flapping)
  select $1, centre, area, source_kind, source, max(source_name), count(*),
         count(distinct key) filter (where chatters), count(distinct key) filter (where flaps)
  from told group by centre, area, source_kind, source),
a as (
  select centre, area, count(*) filter (where owned) as acknowledged,
         array[count(*) filter (where slot = 1), count(*) filter (where slot = 2), count(*) filter (where slot = 3),
               count(*) filter (where slot = 4), count(*) filter (where slot = 5), count(*) filter (where slot = 6)]
           as alarms,
         array[count(*) filter (where severity = 'minor'), count(*) filter (where severity = 'moderate'),
               count(*) filter (where severity = 'severe'), count(*) filter (where severity = 'extreme')] as severities,
         count(distinct key) filter (where chatters) as chattering,
         count(distinct key) filter (where flaps) as flapping
  from told group by centre, area),
h as (
  select centre, area, count(*) as hidden from alarms
  where id >= $10 and id < $4 and match in ('silenced', 'suppressed', 'history') group by centre, area),
i as (
  select centre, area, count(*) filter (where status = 'false_alarm') as false_alarms,
         array[count(*) filter (where slot = 1), count(*) filter (where slot = 2), count(*) filter (where slot = 3),
               count(*) filter (where slot = 4), count(*) filter (where slot = 5), count(*) filter (where slot = 6)]
           as incidents
  from (select centre, area, status, 1 + floor(extract(epoch from opened_at - $1) / 600)::int as slot
        from incidents where opened_at >= $1 and opened_at < $2) as opened
  group by centre, area),
s as (
  select centre, area, count(*) as standing from alarms
  where raised_at < $2 - $11::interval and (cleared_at is null or cleared_at >= $2)
    and id < $4 and match not in ('silenced', 'suppressed', 'history')
  group by centre, area)
insert into alarm_quality (hour, centre, area, alarms, incidents, severities, hidden, acknowledged, chattering,
                           flapping, standing, false_alarms)
select $1, centre, area, coalesce(alarms, '{0,0,0,0,0,0}'), coalesce(incidents, '{0,0,0,0,0,0}'),
       coalesce(severities, '{0,0,0,0}'), coalesce(hidden, 0), coalesce(acknowledged, 0), coalesce(chattering, 0),
       coalesce(flapping, 0), coalesce(standing, 0), coalesce(false_alarms, 0)
from a full join h using (centre, area) full join i using (centre, area) full join s using (centre, area)
"""

_JUDGED: LiteralString = """
with now as (
  select date_trunc('hour', opened_at, 'UTC') as hour, count(*) filter (where status = 'false_alarm') as number
  from incidents where opened_at >= $1 group by 1),
kept as (select hour, coalesce(sum(false_alarms), 0) as number from alarm_hours left join alarm_quality using (hour)
         where hour >= $1 group by hour)
select hour from kept join now using (hour) where kept.number <> now.number order by hour
"""


class Worst(msgspec.Struct, frozen=True, kw_only=True):
    """A source and how many alarms it raised, `chattering` and `flapping` in how many hours of how many keys."""

    source: str
    source_name: str
    source_kind: str
    centre: str
    alarms: int
    chattering: int
    flapping: int


def hour_of(at: dt.datetime) -> dt.datetime:
    """The beginning of the hour, in UTC, that holds a moment."""
    return at.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


def _first_id(at: dt.datetime) -> str:
    """The least id that can be made at a moment."""
    return str(uuid7(at, bytes(10)))


async def keep(transaction: Transaction, hour: dt.datetime, now: dt.datetime) -> None:
    """Make the figures of an hour that is over, instead of those that are kept of it; who worked in it stays.

    Needs the scope of the whole installation.
    """
    end = hour + HOUR
    await transaction.connection.execute(_DROP, hour)
    await transaction.connection.execute(_OPERATORS, hour, end, now)
    before, first, last = (_first_id(at) for at in (hour - FLAPS_WITHIN, hour, end))
    await transaction.connection.execute(
        _FIGURES,
        *(hour, end, before, last, OWNED_WITHIN, CHATTERS - 1, CHATTERS_WITHIN, FLAPS - 1, FLAPS_WITHIN, first, STANDS),
    )


async def newest(transaction: Transaction) -> dt.datetime | None:
    """The newest hour that is kept."""
    found: dt.datetime | None = await transaction.value(sa.select(sa.func.max(ALARM_HOURS.c.hour)))
    return found


async def oldest_alarm(transaction: Transaction) -> dt.datetime | None:
    """When the oldest alarm was told, None when there is none."""
    found: dt.datetime | None = await transaction.connection.fetchval(
        "select ioc_made_at(id) from alarms order by id limit 1"
    )
    return found


async def judged(transaction: Transaction, since: dt.datetime) -> list[dt.datetime]:
    """The kept hours since a moment of whose incidents others turned out to be false alarms than is kept."""
    return [row["hour"] for row in await transaction.connection.fetch(_JUDGED, since)]


Span = tuple[dt.datetime, dt.datetime]
"""From a moment on, to before another."""


async def hours(transaction: Transaction, span: Span, area: str = "", centre: str | None = None) -> list[Hour]:
    """The kept hours of a span, in their order, of what the reader sees; of an area with all that lies within.

    `centre` is the reader's; of others all operators are counted.
    """
    rows = await transaction.rows(_hours(bool(area)), since=span[0], until=span[1], **_within(area))
    return [_hour(row, centre) for row in rows]


async def worst(transaction: Transaction, span: Span, area: str = "", most: int = 10) -> list[Worst]:
    """The sources that raised most alarms in a span, the worst first."""
    rows = await transaction.rows(_worst(bool(area)), since=span[0], until=span[1], most=most, **_within(area))
    return [Worst(**{name: row[name] for name in Worst.__struct_fields__}) for row in rows]


async def knows(transaction: Transaction, area: str) -> bool:
    """Whether there is an area of this feature id."""
    return bool(await transaction.value(sa.select(sa.exists().where(AREAS.c.fid == area))))


def _within(area: str) -> dict[str, Any]:
    return {"area": [area]} if area else {}


_STAMP = TIMESTAMP(timezone=True)


def _span(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(column >= sa.bindparam("since", type_=_STAMP), column < sa.bindparam("until", type_=_STAMP))


def _in_area(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    asked = sa.bindparam("area", type_=ARRAY(sa.Text))
    subtree = sa.select(sa.func.ioc_subtree(asked, type_=ARRAY(sa.Text))).scalar_subquery()
    return column == sa.any_(asked.op("||", return_type=ARRAY(sa.Text))(subtree))


_PLAIN = ("hidden", "acknowledged", "chattering", "flapping", "standing", "false_alarms")
_LISTS = {"alarms": SLOTS, "incidents": SLOTS, "severities": 4}


@functools.cache
def _hours(of_area: bool) -> sa.Select[Any]:
    table = ALARM_QUALITY.c
    joined = sa.and_(table.hour == ALARM_HOURS.c.hour, *([_in_area(table.area)] if of_area else []))
    sums = [sa.func.coalesce(sa.func.sum(table[name]), 0).label(name) for name in _PLAIN]
    sums += [
        sa.func.coalesce(sa.func.sum(table[name][place]), 0).label(f"{name}{place}")
        for name, number in _LISTS.items()
        for place in range(1, number + 1)
    ]
    return (
        sa.select(ALARM_HOURS.c.hour, ALARM_HOURS.c.operators, *sums)
        .select_from(ALARM_HOURS.outerjoin(ALARM_QUALITY, joined))
        .where(_span(ALARM_HOURS.c.hour))
        .group_by(ALARM_HOURS.c.hour)
        .order_by(ALARM_HOURS.c.hour)
    )


@functools.cache
def _worst(of_area: bool) -> sa.Select[Any]:
    table = ALARM_SOURCES.c
    sums = [sa.func.sum(table[name]).label(name) for name in ("alarms", "chattering", "flapping")]
    own = (table.source, table.source_kind, table.centre)
    return (
        sa.select(*own, sa.func.max(table.source_name).label("source_name"), *sums)
        .where(_span(table.hour), *([_in_area(table.area)] if of_area else []))
        .group_by(*own)
        .order_by(sa.func.sum(table.alarms).desc(), table.source)
        .limit(sa.bindparam("most", type_=sa.BigInteger))
    )


def _hour(row: Row, centre: str | None) -> Hour:
    working: dict[str, int] = row["operators"]
    operators = sum(working.values()) if centre is None else working.get("", 0) + working.get(centre, 0)
    lists: dict[str, Any] = {
        name: tuple(row[f"{name}{place + 1}"] for place in range(number)) for name, number in _LISTS.items()
    }
    return Hour(at=row["hour"], operators=operators, **lists, **{name: row[name] for name in _PLAIN})
