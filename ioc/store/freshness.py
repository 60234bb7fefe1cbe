"""Freshness of streams and devices in the tables: judged by PostgreSQL, of which only the changes come back."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

import msgspec

from gis.freshness import LOST_AFTER, STALE_AFTER
from gis.position import Position
from ioc.incidents.alarm import Source
from ioc.incidents.outage import Condition
from ioc.store.database import Transaction

_EXPECT: LiteralString = """
update streams s set interval_s = p.interval_s
from devices d, unnest($1::text[], $2::float8[]) as p (profile, interval_s)
where d.code = s.device and p.profile = d.profile and s.interval_s is distinct from p.interval_s
"""

_UNKNOWN: LiteralString = "select exists (select from streams where interval_s is null)"

_STREAMS: LiteralString = "select distinct device from judge_streams($1, $2, $3) device"

_DEVICES: LiteralString = """
with heard as (
  select s.device, (array['fresh', 'stale', 'lost'])[min(array_position(array['fresh', 'stale', 'lost'], s.state))]
                   as state
  from streams s join latest l on l.stream = s.id
  where $2::text[] is null or s.device = any ($2::text[])
  group by s.device),
held as materialized (
  select d.code, h.state from devices d join heard h on h.device = d.code
  where d.state not in ('suspended', h.state) order by d.code for update of d)
update devices d set state = h.state, state_since = $1 from held h where h.code = d.code
returning d.code
"""
"""Their rows are held by code first, as `register_bulk.held` does: else each may hold what the other waits for."""

_SILENT: LiteralString = """
select d.code, d.centre, d.gateway, d.profile, d.state, h.at as heard_at
from devices d
join lateral (select max(l.arrived_at) as at from streams s join latest l on l.stream = s.id
              where s.device = d.code) h on h.at is not null
where d.state in ('stale', 'lost')
"""

_FRESH: LiteralString = "select centre, gateway, count(*) as number from devices where state = 'fresh' group by 1, 2"

_CENTRES: LiteralString = """
select c.code, c.name, a.fid, st_x(a.label) as lon, st_y(a.label) as lat
from centres c
join lateral (select fid, label from areas
              left join centre_areas s on s.area = fid and s.centre = c.code
              where valid_from <= $1 and (valid_to is null or valid_to > $1)
              order by s.centre is null, level, fid limit 1) a on true
"""

_LISTEN: LiteralString = """
insert into listening (since, until) values ($1, $2)
on conflict (since) do update set until = excluded.until
"""

_FORGET: LiteralString = "delete from listening where until < $1"

_SPANS: LiteralString = "select since, until from listening order by since"

_OVER: LiteralString = """
select rule, source, max(cleared_at) as at from alarms
where source_kind = 'system' and cleared_at is not null group by 1, 2
"""


_HEARD: LiteralString = """
select d.code, l.arrived_at
from devices d join streams s on s.device = d.code join latest l on l.stream = s.id
where d.profile = $1 and s.property = $2 and d.state <> 'suspended' order by d.code
"""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A device that was heard, but not lately."""

    code: str
    centre: str
    gateway: str | None
    profile: str
    state: str
    heard_at: dt.datetime


async def expect(transaction: Transaction, intervals: Mapping[str, float]) -> None:
    """Enter how often readings are expected of each stream; `intervals` are seconds by profile."""
    await transaction.connection.execute(_EXPECT, list(intervals), list(intervals.values()))


async def unknown(transaction: Transaction) -> bool:
    """Whether there is a stream of which nobody has said how often it is expected."""
    found: bool = await transaction.connection.fetchval(_UNKNOWN)
    return found


async def judge_streams(transaction: Transaction, now: dt.datetime) -> set[str]:
    """Enter the state of every stream whose state changed; the devices that they belong to."""
    rows = await transaction.connection.fetch(_STREAMS, now, LOST_AFTER, STALE_AFTER)
    return {row["device"] for row in rows}


async def judge_devices(transaction: Transaction, devices: Iterable[str] | None, now: dt.datetime) -> list[str]:
    """Give devices (None: all) the state of their freshest stream; those whose state changed.

    One sensor that died does not make its station lost: the stream's own state shows it.
    """
    some = sorted(devices) if devices is not None else None
    return [row["code"] for row in await transaction.connection.fetch(_DEVICES, now, some)]


async def silent(transaction: Transaction) -> list[Heard]:
    """The devices that are stale or lost and were heard once."""
    rows = await transaction.connection.fetch(_SILENT)
    return [Heard(**{name: row[name] for name in Heard.__struct_fields__}) for row in rows]


async def heard(transaction: Transaction, profile: str, name: str) -> list[tuple[str, dt.datetime]]:
    """When a property of the devices of a profile was heard last, of those that are not suspended and ever told it."""
    rows = await transaction.connection.fetch(_HEARD, profile, name)
    return [(row["code"], row["arrived_at"]) for row in rows]


async def fresh(transaction: Transaction) -> dict[Condition, int]:
    """How many devices are heard, of each centre and behind each gateway."""
    counts: dict[Condition, int] = {}
    for row in await transaction.connection.fetch(_FRESH):
        for kind in ("centre", "gateway"):
            if row[kind] is not None:
                group = Condition(kind, row[kind])
                counts[group] = counts.get(group, 0) + int(row["number"])
    return counts


async def centres(transaction: Transaction, day: dt.date) -> dict[str, Source]:
    """Each centre as the source of an alarm: at the inner point of its first area of a day, else of the largest."""
    rows = await transaction.connection.fetch(_CENTRES, day)
    return {
        row["code"]: Source(
            code=row["code"],
            name=row["name"],
            centre=row["code"],
            area=row["fid"],
            position=Position(lon=row["lon"], lat=row["lat"]),
        )
        for row in rows
    }


async def listen(transaction: Transaction, since: dt.datetime, until: dt.datetime) -> None:
    """Enter that the intake listened from one moment to another; what began then is prolonged."""
    await transaction.connection.execute(_LISTEN, since, until)


async def spans(transaction: Transaction, before: dt.datetime) -> Sequence[tuple[dt.datetime, dt.datetime]]:
    """When the intake listened, oldest first; what ended before a moment is forgotten."""
    await transaction.connection.execute(_FORGET, before)
    return [(row["since"], row["until"]) for row in await transaction.connection.fetch(_SPANS)]


async def over(transaction: Transaction) -> dict[tuple[str, str], dt.datetime]:
    """When the last alarm of each rule (by its full name) and source ended, of those about the centre itself."""
    return {(row["rule"], row["source"]): row["at"] for row in await transaction.connection.fetch(_OVER)}
