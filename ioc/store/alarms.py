"""Alarms: after-images in, after-images out, and what correlation asks of those that are kept."""

import asyncio
import datetime as dt
import functools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from gis.position import Position
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.incident import OPEN
from ioc.store.database import Row, Transaction
from ioc.store.statements import with_axes
from ioc.store.tables import ALARMS, INCIDENTS
from ioc.store.tables_correlation import INCIDENT_REACH
from ioc.store.tables_silences import SILENCED


def _words(*words: str) -> sa.ColumnElement[Any]:
    """Words as an array: a list of values would be compiled anew at each run."""
    return sa.literal(list(words), ARRAY(sa.Text))


def _alarm(row: Row) -> Alarm:
    same = {name: row[name] for name in _ALARM_SAME}
    source = Source(
        code=row["source"],
        name=row["source_name"],
        centre=row["centre"],
        area=row["area"],
        position=Position(lon=row["lon"], lat=row["lat"]),
    )
    incident = str(row["incident"]) if row["incident"] else None
    return Alarm(id=str(row["id"]), source=source, incident=incident, numbers=tuple(row["numbers"]), **same)


_ALARM_SAME = (
    "key",
    "rule",
    "category",
    "severity",
    "source_kind",
    "property",
    "raised_at",
    "seen_at",
    "cleared_at",
    "count",
    "evidence",
    "title",
    "title_en",
    "match",
    "error_m",
)


_AT_ONCE = 500
"""Rows that are read without a pause."""


@functools.cache
def _open_alarms() -> sa.Select[Any]:
    return with_axes(ALARMS).where(ALARMS.c.cleared_at.is_(None))


@functools.cache
def _last_seen() -> sa.Select[Any]:
    return sa.select(sa.func.max(ALARMS.c.seen_at)).where(ALARMS.c.key == sa.bindparam("of"))


@functools.cache
def _held_since() -> sa.Select[Any]:
    over = sa.or_(ALARMS.c.cleared_at.is_(None), ALARMS.c.cleared_at >= sa.bindparam("since"))
    return with_axes(ALARMS).where(ALARMS.c.key == sa.bindparam("of"), over)


@functools.cache
def _told_under() -> sa.Select[Any]:
    return with_axes(ALARMS).where(
        ALARMS.c.key == sa.any_(sa.bindparam("keys", type_=ARRAY(sa.Text))),
        ALARMS.c.source_kind.in_(
            [sa.literal_column("'citizen'"), sa.literal_column("'agency'")]
        ),  # which have an index of their own
    )


async def open_alarms(transaction: Transaction) -> list[Alarm]:
    """Every alarm whose condition holds; others may work while many are read."""
    rows, found = await transaction.rows(_open_alarms()), list[Alarm]()
    for first in range(0, len(rows), _AT_ONCE):
        found += map(_alarm, rows[first : first + _AT_ONCE])
        await asyncio.sleep(0)
    return found


async def told_under(transaction: Transaction, keys: Iterable[str]) -> list[Alarm]:
    """All alarms of citizens and agencies under some keys, holding or cleared."""
    return [_alarm(row) for row in await transaction.rows(_told_under(), keys=list(keys))]


@functools.cache
def _after() -> sa.Select[Any]:
    return with_axes(ALARMS).where(
        ALARMS.c.incident == sa.any_(sa.bindparam("ids", type_=ARRAY(UUID))),
        ALARMS.c.raised_at >= sa.bindparam("since"),
        ALARMS.c.match != sa.all_(_words("suppressed", "silenced")),
    )


async def alarms_after(transaction: Transaction, since: Mapping[str, dt.datetime]) -> list[Alarm]:
    """The alarms of incidents that were raised at or after a moment of each, but those that are held back."""
    if not since:
        return []
    rows = await transaction.rows(_after(), ids=[uuid.UUID(one) for one in since], since=min(since.values()))
    found = map(_alarm, rows)
    return [alarm for alarm in found if alarm.incident is not None and alarm.raised_at >= since[alarm.incident]]


@functools.cache
def _by_ids() -> sa.Select[Any]:
    return with_axes(ALARMS).where(ALARMS.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(UUID))))


async def alarms_by_id(transaction: Transaction, ids: Iterable[str]) -> dict[str, Alarm]:
    """Alarms as they are kept, by their ids."""
    wanted = [uuid.UUID(one) for one in ids]
    rows = await transaction.rows(_by_ids(), ids=wanted) if wanted else []
    return {alarm.id: alarm for alarm in map(_alarm, rows)}


@functools.cache
def _open_of() -> sa.Select[Any]:
    return with_axes(ALARMS).where(
        ALARMS.c.key == sa.any_(sa.bindparam("keys", type_=ARRAY(sa.Text))), ALARMS.c.cleared_at.is_(None)
    )


async def open_of(transaction: Transaction, keys: Iterable[str]) -> dict[str, Alarm]:
    """The alarms of some keys that hold, by key."""
    wanted = list(keys)
    rows = await transaction.rows(_open_of(), keys=wanted) if wanted else []
    return {alarm.key: alarm for alarm in map(_alarm, rows)}


@functools.cache
def _young() -> sa.Select[Any]:
    free = sa.and_(
        INCIDENTS.c.id == ALARMS.c.incident,
        INCIDENTS.c.touched.is_(False),
        INCIDENTS.c.first_at >= sa.bindparam("since"),
        INCIDENTS.c.status == sa.any_(_words(*OPEN)),
    )
    return (
        with_axes(ALARMS)
        .join(INCIDENTS, free)
        .where(
            ALARMS.c.cleared_at.is_(None),
            ALARMS.c.category == sa.any_(sa.bindparam("categories", type_=ARRAY(sa.Text))),
            ALARMS.c.match == sa.any_(_words("opened", "linked")),
        )
    )


async def young(transaction: Transaction, categories: Sequence[str], since: dt.datetime) -> list[Alarm]:
    """The alarms of some categories that hold, in open incidents that began since a moment and nobody touched."""
    return [_alarm(row) for row in await transaction.rows(_young(), categories=list(categories), since=since)]


@functools.cache
def _held_back() -> sa.Select[Any]:
    over = sa.select(INCIDENT_REACH.c.incident).where(INCIDENT_REACH.c.over_at <= sa.bindparam("over_before"))
    free = sa.or_(ALARMS.c.incident.is_(None), ALARMS.c.incident.in_(over))
    suppressed = sa.and_(ALARMS.c.match == "suppressed", free)
    mutes = SILENCED.c.silence == sa.any_(sa.bindparam("muting", type_=ARRAY(UUID)))
    muted = sa.exists().where(SILENCED.c.alarm == ALARMS.c.id, SILENCED.c.released_at.is_(None), mutes)
    return (
        with_axes(ALARMS)
        .where(
            ALARMS.c.cleared_at.is_(None),
            ALARMS.c.match == sa.any_(_words("suppressed", "silenced")),
            sa.or_(sa.and_(ALARMS.c.match == "silenced", ~muted), suppressed),
        )
        .order_by(ALARMS.c.raised_at, ALARMS.c.key)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


async def held_back(
    transaction: Transaction, over_before: dt.datetime, muting: Iterable[str], most: int
) -> list[Alarm]:
    """The alarms that hold and were silenced by what mutes no longer, or suppressed by what was over before a moment
    or has no incident; oldest first. `muting` are the silences that mute now."""
    given = {"over_before": over_before, "muting": [uuid.UUID(one) for one in muting], "most": most}
    return [_alarm(row) for row in await transaction.rows(_held_back(), **given)]


async def move_all(transaction: Transaction, before: str, after: str) -> None:
    """Let whatever an incident still has of alarms be another's."""
    here = ALARMS.c.incident == uuid.UUID(before)
    await transaction.run(sa.update(ALARMS).where(here).values(incident=uuid.UUID(after)))


async def suppress_all(transaction: Transaction, incidents: Sequence[str], parent: str) -> None:
    """Let all alarms of some incidents be suppressed by what another incident is about."""
    here = ALARMS.c.incident == sa.any_(sa.literal([uuid.UUID(one) for one in incidents], ARRAY(UUID)))
    await transaction.run(sa.update(ALARMS).where(here).values(incident=uuid.UUID(parent), match="suppressed"))


async def last_seen(transaction: Transaction, key: str) -> dt.datetime | None:
    """The newest moment that any alarm of a key has seen; what is older belongs to history."""
    found: dt.datetime | None = await transaction.value(_last_seen(), of=key)
    return found


@functools.cache
def _last_seen_of() -> sa.Select[Any]:
    return (
        sa.select(ALARMS.c.key, sa.func.max(ALARMS.c.seen_at).label("seen_at"))
        .where(ALARMS.c.key == sa.any_(sa.bindparam("keys", type_=ARRAY(sa.Text))))
        .group_by(ALARMS.c.key)
    )


async def last_seen_of(transaction: Transaction, keys: Iterable[str]) -> dict[str, dt.datetime]:
    """As `last_seen`, of many keys; one that nothing was ever seen of is left out."""
    return {row["key"]: row["seen_at"] for row in await transaction.rows(_last_seen_of(), keys=list(keys))}


async def held_since(transaction: Transaction, key: str, since: dt.datetime) -> list[Alarm]:
    """The alarms of a key that held at a moment or later."""
    return [_alarm(row) for row in await transaction.rows(_held_since(), of=key, since=since)]


_SAVE_ALARMS: LiteralString = """
insert into alarms (id, centre, area, cleared_at, key, rule, category, severity, source_kind, source, source_name,
  property, raised_at, seen_at, count, evidence, incident, geom, title, title_en, match, numbers, error_m)
select id, centre, area, cleared_at, key, rule, category, severity, source_kind, source, source_name, property,
  raised_at, seen_at, count, evidence, incident, st_setsrid(st_makepoint(lon, lat), 4326), title, title_en, match,
  numbers, error_m
from jsonb_to_recordset($1) as n (id uuid, centre text, area text, cleared_at timestamptz, key text, rule text,
  category text, severity text, source_kind text, source text, source_name text, property text, raised_at timestamptz,
  seen_at timestamptz, count int, evidence jsonb, incident uuid, lon float8, lat float8, title text, title_en text,
  match text, numbers text[], error_m float8)
on conflict (id) do update set centre = excluded.centre, area = excluded.area, cleared_at = excluded.cleared_at,
  key = excluded.key, rule = excluded.rule, category = excluded.category, severity = excluded.severity,
  source_kind = excluded.source_kind, source = excluded.source, source_name = excluded.source_name,
  property = excluded.property, raised_at = excluded.raised_at, seen_at = excluded.seen_at, count = excluded.count,
  evidence = excluded.evidence, incident = excluded.incident, geom = excluded.geom, title = excluded.title,
  title_en = excluded.title_en, match = excluded.match, numbers = excluded.numbers, error_m = excluded.error_m
"""
"""All rows in one statement: one by one each is planned anew, which costs a millisecond."""


async def save_alarms(transaction: Transaction, alarms: Sequence[Alarm]) -> None:
    """Write after-images of alarms, in one statement; of one key what is over goes before what holds."""
    if alarms:
        ended = [_alarm_row(alarm) for alarm in alarms if alarm.cleared_at is not None]
        holding = [_alarm_row(alarm) for alarm in alarms if alarm.cleared_at is None]
        for rows in (ended, holding):
            if rows:
                await transaction.connection.execute(_SAVE_ALARMS, rows)


def _alarm_row(alarm: Alarm) -> dict[str, Any]:
    return {name: getattr(alarm, name) for name in _ALARM_SAME} | {
        "id": alarm.id,
        "centre": alarm.source.centre,
        "area": alarm.source.area,
        "source": alarm.source.code,
        "source_name": alarm.source.name,
        "incident": alarm.incident,
        "lon": alarm.source.position.lon,
        "lat": alarm.source.position.lat,
        "evidence": dict(alarm.evidence),
        "numbers": list(alarm.numbers),
    }
