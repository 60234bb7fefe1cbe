"""What people's steps write: the incident's after-image, its log, joins with the alarms that moved, who saw it.

What concerns alarms needs a transaction that sees all of them (EVERYTHING): an incident's alarms may lie in other
areas than the incident.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa

from gis.layers import ALARMS as LAYER
from gis.position import Position
from ioc.incidents.incident import SYSTEM, Entry, Incident, Place
from ioc.incidents.joins import Move
from ioc.incidents.severity import ORDER
from ioc.incidents.steps import Known
from ioc.store import changes
from ioc.store.database import Row, Transaction
from ioc.store.readings import Owner
from ioc.store.statements import inserting
from ioc.store.tables import ALARMS, AREAS, INCIDENT_LOG, INCIDENTS
from ioc.store.tables_steps import INCIDENT_MOVES, INCIDENT_SEEN

NOTHING = Known()
"""What a step needs to know that depends on no alarm."""

MOST_TOLD = 200
"""Alarms of one join that are told one by one on the live stream; of more, the incidents alone are."""

_SET = (
    *("version", "title", "title_en", "severity", "status", "owner", "updated_at"),
    *("touched", "resolved_by", "judged", "judged_over", "titled"),
)


async def put(transaction: Transaction, after: Incident, entries: Iterable[Entry], photos: Sequence[str] = ()) -> None:
    """Write what a step changed of an incident, and the lines of its log; `photos` belong to the first of these."""
    values = {name: getattr(after, name) for name in _SET}
    values["duplicate_of"] = uuid.UUID(after.duplicate_of) if after.duplicate_of else None
    await transaction.run(sa.update(INCIDENTS).where(INCIDENTS.c.id == uuid.UUID(after.id)).values(**values))
    await log(transaction, after, entries, photos)


async def log(transaction: Transaction, about: Incident, entries: Iterable[Entry], photos: Sequence[str] = ()) -> None:
    """Append lines to an incident's log."""
    scope = {"centre": about.place.centre, "area": about.place.area}
    shown = [uuid.UUID(one) for one in photos]
    for entry in entries:
        line: dict[str, Any] = msgspec.structs.asdict(entry)
        await transaction.run(inserting(INCIDENT_LOG), incident=uuid.UUID(about.id), **scope, **line, photos=shown)
        shown = []


_HOLDING: LiteralString = """
select count(*)::int as holding, max(array_position($2::text[], severity)) as worst from alarms
where incident = $1 and cleared_at is null and match not in ('suppressed', 'silenced')
"""


async def known(transaction: Transaction, incident: str, undone: tuple[str, ...] = ()) -> Known:
    """What of an incident's alarms a step depends on."""
    row = await transaction.connection.fetchrow(_HOLDING, uuid.UUID(incident), list(ORDER))
    worst = ORDER[row["worst"] - 1] if row["worst"] else ""
    return Known(holding=row["holding"], worst=worst, undone=undone)


def _entry(row: Row) -> Entry:
    return Entry(row["at"], row["who"], row["what"], row["text"])


async def latest(transaction: Transaction, incidents: Iterable[str], through: int = 0) -> Entry | None:
    """The newest line of these logs that is a person's and came after the line `through`; None when there is none."""
    row = await transaction.row(
        sa.select(INCIDENT_LOG)
        .where(
            INCIDENT_LOG.c.incident.in_([uuid.UUID(one) for one in incidents]),
            INCIDENT_LOG.c.id > through,
            INCIDENT_LOG.c.who != SYSTEM,
        )
        .order_by(INCIDENT_LOG.c.id.desc())
        .limit(1)
    )
    return None if row is None else _entry(row)


# --- alarms that end or move


_END_REPORTS: LiteralString = """
update alarms set cleared_at = greatest($2, raised_at)
where incident = $1 and cleared_at is null and source_kind = 'citizen' returning id, centre, area
"""


async def end_reports(transaction: Transaction, incident: str, now: dt.datetime) -> dict[str, Owner]:
    """End what citizens reported of an incident that people ended; the alarms, and whose they are."""
    rows = await transaction.connection.fetch(_END_REPORTS, uuid.UUID(incident), now)
    return {str(row["id"]): Owner(row["centre"], row["area"]) for row in rows}


_REMEMBER: LiteralString = """
insert into moved_alarms (move, alarm, match)
select $1, id, match from alarms where incident = $2 and ($3::uuid[] is null or id = any ($3))
"""

_MOVE: LiteralString = """
update alarms set incident = $2, match = case when match in ('suppressed', 'silenced') then match else 'manual' end
where id in (select alarm from moved_alarms where move = $1) returning id, centre, area, cleared_at
"""

_BACK: LiteralString = """
update alarms a set incident = $3, match = coalesce(m.match, a.match)
from alarms b left join moved_alarms m on m.alarm = b.id and m.move = $1
where b.id = a.id and b.incident = $2 and (m.move is not null or $4) returning a.id, a.centre, a.area, a.cleared_at
"""


def _holding(rows: Sequence[Row]) -> dict[str, Owner]:
    return {str(row["id"]): Owner(row["centre"], row["area"]) for row in rows if row["cleared_at"] is None}


async def move(
    transaction: Transaction, join: Move, alarms: Sequence[str] | None, through: int
) -> tuple[int, dict[str, Owner]]:
    """Move alarms of a join's source (None: all) to its target. The number of the move, and the alarms that hold."""
    number = await transaction.value(
        sa.insert(INCIDENT_MOVES)
        .values(
            source=uuid.UUID(join.source),
            target=uuid.UUID(join.target),
            move=msgspec.to_builtins(join),
            through=through,
        )
        .returning(INCIDENT_MOVES.c.id)
    )
    chosen = None if alarms is None else [uuid.UUID(one) for one in alarms]
    await transaction.connection.execute(_REMEMBER, number, uuid.UUID(join.source), chosen)
    rows = await transaction.connection.fetch(_MOVE, number, uuid.UUID(join.target))
    return number, _holding(rows)


async def move_back(transaction: Transaction, number: int, join: Move, now: dt.datetime) -> dict[str, Owner]:
    """Undo a move: the alarms that went are back where they were, all alarms of it when the target goes for good."""
    back = (uuid.UUID(join.target), uuid.UUID(join.source))
    rows = await transaction.connection.fetch(_BACK, number, *back, join.kind == "split")
    await transaction.run(sa.update(INCIDENT_MOVES).where(INCIDENT_MOVES.c.id == number).values(undone_at=now))
    return _holding(rows)


async def through(transaction: Transaction, incidents: Iterable[str]) -> int:
    """The newest line of these logs."""
    ids = [uuid.UUID(one) for one in incidents]
    newest = sa.select(sa.func.coalesce(sa.func.max(INCIDENT_LOG.c.id), 0)).where(INCIDENT_LOG.c.incident.in_(ids))
    found: int = await transaction.value(newest)
    return found


async def last_move(transaction: Transaction, incident: str) -> tuple[int, Move, int] | None:
    """The newest join of an incident that is not undone: its number, what it was, and through which line."""
    one = uuid.UUID(incident)
    row = await transaction.row(
        sa.select(INCIDENT_MOVES)
        .where(
            sa.or_(INCIDENT_MOVES.c.source == one, INCIDENT_MOVES.c.target == one),
            INCIDENT_MOVES.c.undone_at.is_(None),
        )
        .order_by(INCIDENT_MOVES.c.id.desc())
        .limit(1)
    )
    return None if row is None else (row["id"], msgspec.convert(row["move"], Move), row["through"])


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A merge or a duplicate that is not undone: its number, when it was, and which incident went into which."""

    number: int
    at: dt.datetime
    source: str
    target: str


_JOINED: LiteralString = """
select id, source, target, (move ->> 'at')::timestamptz as at,
       undone_at is null and move ->> 'kind' in ('merge', 'duplicate') as stands
from incident_moves where id > $1 order by id desc limit 1000
"""


async def joined_since(transaction: Transaction, number: int, since: dt.datetime) -> tuple[int, list[Standing]]:
    """The number of the newest move, and the joins after the move `number` that stand and are not older than `since`;
    of very many, the newest."""
    rows = await transaction.connection.fetch(_JOINED, number)
    return max((row["id"] for row in rows), default=number), [
        Standing(number=row["id"], at=row["at"], source=str(row["source"]), target=str(row["target"]))
        for row in rows
        if row["stands"] and row["at"] >= since
    ]


async def went(transaction: Transaction, numbers: Iterable[int]) -> dict[int, list[str]]:
    """The alarms that went with each of some moves, by id, wherever they are now."""
    found: dict[int, list[str]] = {number: [] for number in numbers}
    gone: LiteralString = "select move, alarm from moved_alarms where move = any ($1::bigint[])"
    for row in await transaction.connection.fetch(gone, list(found)) if found else []:
        found[row["move"]].append(str(row["alarm"]))
    return found


async def tell_alarms(transaction: Transaction, owners: dict[str, Owner], now: dt.datetime) -> None:
    """Tell on the live stream what some alarms are now; do this last, as all changes."""
    chosen = sorted(owners)[:MOST_TOLD]
    await changes.record_features(transaction, LAYER, chosen, owners, now)


# --- places, and who saw it


async def place_of(transaction: Transaction, centre: str, area: str, position: Position, day: dt.date) -> Place:
    """The smallest area that holds a position on a day, else the one that is given."""
    spot = sa.func.ST_SetSRID(sa.func.ST_MakePoint(position.lon, position.lat), 4326)
    valid = sa.and_(AREAS.c.valid_from <= day, sa.or_(AREAS.c.valid_to.is_(None), AREAS.c.valid_to > day))
    named = (AREAS.c.fid, AREAS.c.code, AREAS.c.name)
    row = await transaction.row(
        sa.select(*named).where(valid, sa.func.ST_Covers(AREAS.c.geom, spot)).order_by(AREAS.c.level.desc()).limit(1)
    ) or await transaction.row(sa.select(*named).where(AREAS.c.fid == area))
    if row is None:
        return Place(centre=centre, area=area, area_code=area.partition("@")[0], area_name="", position=position)
    return Place(centre=centre, area=row["fid"], area_code=row["code"], area_name=row["name"], position=position)


_SEE: LiteralString = """
insert into incident_seen (incident, who, first_at, last_at, version) values ($1, $2, $3, $3, $4)
on conflict (incident, who) do update set last_at = excluded.last_at,
  version = greatest(incident_seen.version, excluded.version)
returning first_at = last_at
"""


async def see(transaction: Transaction, incident: uuid.UUID, who: str, version: int, now: dt.datetime) -> bool:
    """Note that somebody has an incident before their eyes; whether it is for the first time."""
    first: bool = await transaction.connection.fetchval(_SEE, incident, who, now, version)
    return first


async def seen(transaction: Transaction, incident: uuid.UUID) -> list[Row]:
    """Who saw an incident, in the order in which they first did: who, first_at, last_at, version."""
    return await transaction.rows(
        sa.select(INCIDENT_SEEN).where(INCIDENT_SEEN.c.incident == incident).order_by(INCIDENT_SEEN.c.first_at)
    )


async def owner_of(transaction: Transaction, incident: uuid.UUID) -> Owner | None:
    """The centre and the area of an incident; None when it is not visible."""
    row = await transaction.row(sa.select(INCIDENTS.c.centre, INCIDENTS.c.area).where(INCIDENTS.c.id == incident))
    return None if row is None else Owner(row["centre"], row["area"])


async def count(transaction: Transaction, incident: str, besides: Sequence[str]) -> int:
    """How many alarms an incident has besides some."""
    rest = ALARMS.c.id.not_in([uuid.UUID(one) for one in besides])
    found: int = await transaction.value(
        sa.select(sa.func.count()).where(ALARMS.c.incident == uuid.UUID(incident), rest)
    )
    return found
