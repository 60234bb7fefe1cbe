"""Silences, and the alarms that each hid."""

import datetime as dt
import functools
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID, insert

from ioc.incidents.alarm import Alarm
from ioc.incidents.severity import ORDER
from ioc.incidents.silence import Matcher, Recurrence, Silence
from ioc.store.database import Row, Transaction
from ioc.store.statements import inserting
from ioc.store.tables import ALARMS, AREAS, CAMERAS, CENTRES, DEVICES
from ioc.store.tables_silences import SILENCED, SILENCES

State = Literal["open", "current", "future", "past", "all"]
"""Which silences: `open` are those that are not over."""

LOOK_BACK = dt.timedelta(days=7)
"""How long a silence that is over still hides what came and went within it and is told late (house, Order)."""

_LISTS = ("sources", "rules", "categories", "areas", "centres")
_SAME = ("author", "reason", "starts", "until", "created_at", "ended_at", "ended_by")


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A silence as it is kept. `centre` and `area` are the one place in which it mutes, empty where there are several.

    `hidden` is how many alarms it hid of those that the reader may see, `holding` how many it hides now, `worst` the
    worst severity among them, None when there is none.
    """

    silence: Silence
    centre: str
    area: str
    version: int
    hidden: int = 0
    holding: int = 0
    worst: str | None = None


class Hidden(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that a silence hid. `severity` is the worst that it had meanwhile, `released_at` when it was hidden no
    longer, None while it is, or when it was over before. `number` is its place in the list."""

    number: int
    at: dt.datetime
    released_at: dt.datetime | None
    severity: str
    alarm: uuid.UUID
    incident: uuid.UUID | None
    title: str
    title_en: str
    category: str
    rule: str
    source: str
    source_name: str
    source_kind: str
    raised_at: dt.datetime
    cleared_at: dt.datetime | None
    match: str


def place_of(matcher: Matcher) -> tuple[str, str]:
    """The centre and the area to which a silence of this belongs: the only ones that it names, else empty."""
    return _only(matcher.centres), _only(matcher.areas)


def _only(named: tuple[str, ...]) -> str:
    return named[0] if len(named) == 1 else ""


async def create(transaction: Transaction, silence: Silence) -> None:
    """Keep a new silence."""
    centre, area = place_of(silence.matcher)
    await transaction.run(
        inserting(SILENCES, "reach", "version"),
        id=uuid.UUID(silence.id),
        centre=centre,
        area=area,
        worst=silence.matcher.worst,
        recurs=None if silence.recurs is None else msgspec.to_builtins(silence.recurs),
        **{name: list(getattr(silence.matcher, name)) for name in _LISTS},
        **{name: getattr(silence, name) for name in _SAME},
    )


async def end(transaction: Transaction, silence_id: str, by: str, now: dt.datetime) -> None:
    """End a silence before its time."""
    statement = sa.update(SILENCES).where(SILENCES.c.id == uuid.UUID(silence_id))
    await transaction.run(statement.values(ended_at=now, ended_by=by, version=SILENCES.c.version + 1))


async def one(transaction: Transaction, silence_id: uuid.UUID, *, lock: bool = False) -> Kept | None:
    """One silence, if it is there to be seen; `lock` holds it against other writers."""
    if lock:
        await transaction.run(sa.select(SILENCES.c.id).where(SILENCES.c.id == silence_id).with_for_update())
    row = await transaction.row(_counted().where(SILENCES.c.id == silence_id))
    return None if row is None else _kept(row)


async def listed(
    transaction: Transaction, state: State, at: dt.datetime, limit: int, before: uuid.UUID | None = None
) -> list[Kept]:
    """Silences in a state at a moment, the newest first; those made before another only."""
    ends = sa.func.least(SILENCES.c.until, SILENCES.c.ended_at)
    wanted: dict[str, list[sa.ColumnElement[bool]]] = {
        "open": [ends > at],
        "current": [ends > at, SILENCES.c.starts <= at],
        "future": [ends > at, SILENCES.c.starts > at],
        "past": [ends <= at],
        "all": [],
    }
    found = _counted().where(*wanted[state]).order_by(SILENCES.c.id.desc()).limit(limit)
    rows = await transaction.rows(found if before is None else found.where(SILENCES.c.id < before))
    return [_kept(row) for row in rows]


async def judging(transaction: Transaction, at: dt.datetime) -> list[Silence]:
    """The silences that may hide an alarm which is judged at a moment; their areas are spelled out."""
    return [_silence(row, row["reach"]) for row in await transaction.rows(_judging(), at=at, since=at - LOOK_BACK)]


@functools.cache
def _judging() -> sa.Select[Any]:
    ends = sa.func.least(SILENCES.c.until, SILENCES.c.ended_at)
    stamp = TIMESTAMP(timezone=True)
    return (
        sa.select(SILENCES)
        .where(ends > sa.bindparam("since", type_=stamp), SILENCES.c.starts <= sa.bindparam("at", type_=stamp))
        .order_by(SILENCES.c.created_at)
    )


async def hide(transaction: Transaction, hidden: Iterable[tuple[Silence, Alarm]], now: dt.datetime) -> None:
    """Enter which alarms silences hide; again renews the worst severity."""
    rows = [
        {"silence": uuid.UUID(silence.id), "alarm": uuid.UUID(alarm.id), "severity": alarm.severity, "at": now}
        for silence, alarm in hidden
    ]
    if rows:
        await transaction.run_many(_hide(), rows)


@functools.cache
def _hide() -> Any:
    statement = insert(SILENCED).values({name: sa.bindparam(name) for name in ("silence", "alarm", "severity", "at")})
    order = sa.literal(list(ORDER), ARRAY(sa.Text))
    before, after = SILENCED.c.severity, statement.excluded.severity
    worse = sa.func.array_position(order, after) > sa.func.array_position(order, before)
    return statement.on_conflict_do_update(
        index_elements=[SILENCED.c.silence, SILENCED.c.alarm],
        set_={"severity": sa.case((worse, after), else_=before), "released_at": None},
    )


async def release(transaction: Transaction, alarms: Sequence[str], now: dt.datetime) -> None:
    """Enter that alarms are hidden no longer."""
    if alarms:
        await transaction.run(_release(), ids=[uuid.UUID(one) for one in alarms], now=now)


@functools.cache
def _release() -> sa.Update:
    return (
        sa.update(SILENCED)
        .where(SILENCED.c.alarm == sa.any_(sa.bindparam("ids", type_=ARRAY(UUID))), SILENCED.c.released_at.is_(None))
        .values(released_at=sa.bindparam("now", type_=TIMESTAMP(timezone=True)))
    )


async def hidden(
    transaction: Transaction, silence_id: uuid.UUID, limit: int, before: int | None = None
) -> list[Hidden]:
    """The alarms that a silence hid, of those that the reader may see; the newest first."""
    own = ("at", "released_at", "severity", "alarm")
    joined = [ALARMS.c[name] for name in Hidden.__struct_fields__ if name not in (*own, "number")]
    statement = (
        sa.select(SILENCED.c.id.label("number"), *(SILENCED.c[name] for name in own), *joined)
        .join(ALARMS, ALARMS.c.id == SILENCED.c.alarm)
        .where(SILENCED.c.silence == silence_id)
        .order_by(SILENCED.c.id.desc())
        .limit(limit)
    )
    rows = await transaction.rows(statement if before is None else statement.where(SILENCED.c.id < before))
    return [Hidden(**{name: row[name] for name in Hidden.__struct_fields__}) for row in rows]


async def unknown(transaction: Transaction, matcher: Matcher) -> dict[str, list[str]]:
    """What a matcher names that the reader cannot see, by the list that names it.

    A source is a device, a camera, or whatever has raised an alarm.
    """
    lists: dict[str, Sequence[sa.ColumnElement[Any]]] = {
        "sources": (DEVICES.c.code, CAMERAS.c.code, ALARMS.c.source),
        "areas": (AREAS.c.fid,),
        "centres": (CENTRES.c.code,),
    }
    missing = {}
    for name, columns in lists.items():
        named = list(getattr(matcher, name))
        if not named:
            continue
        there = sa.union_all(*(sa.select(column).where(column.in_(named)) for column in columns))
        known = {row[0] for row in await transaction.rows(there)}
        if lost := [one for one in named if one not in known]:
            missing[name] = lost
    return missing


async def totals(transaction: Transaction, now: dt.datetime) -> tuple[int, int]:
    """How many silences mute at a moment, and how many alarms that hold are hidden, of what the reader may see."""
    muting = sum(one.mutes(now) for one in await judging(transaction, now))
    held = sa.select(sa.func.count()).where(ALARMS.c.match == "silenced", ALARMS.c.cleared_at.is_(None))
    return muting, int(await transaction.value(held.select_from(ALARMS)))


def _counted() -> sa.Select[Any]:
    holds = sa.and_(SILENCED.c.released_at.is_(None), ALARMS.c.cleared_at.is_(None))
    order = sa.literal(list(ORDER), ARRAY(sa.Text))
    count = (
        sa.select(
            sa.func.count().label("hidden"),
            sa.func.count().filter(holds).label("holding"),
            sa.func.max(sa.func.array_position(order, SILENCED.c.severity)).label("hidden_worst"),
        )
        .join(ALARMS, ALARMS.c.id == SILENCED.c.alarm)
        .where(SILENCED.c.silence == SILENCES.c.id)
        .lateral()
    )
    return sa.select(SILENCES, count.c.hidden, count.c.holding, count.c.hidden_worst).join(count, sa.true())


def _kept(row: Row) -> Kept:
    worst = row["hidden_worst"]
    same = {name: row[name] for name in ("centre", "area", "version", "hidden", "holding")}
    return Kept(silence=_silence(row, row["areas"]), worst=None if worst is None else ORDER[worst - 1], **same)


def _silence(row: Row, areas: Sequence[str]) -> Silence:
    lists = {name: tuple(row[name]) for name in _LISTS if name != "areas"}
    recurs = row["recurs"]
    return Silence(
        id=str(row["id"]),
        matcher=Matcher(areas=tuple(areas), worst=row["worst"], **lists),
        recurs=None if recurs is None else msgspec.convert(recurs, Recurrence),
        **{name: row[name] for name in _SAME},
    )
