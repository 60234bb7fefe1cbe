"""Tickets, their log, and how long each unit had them.

Whoever changes tickets holds their rows first (`tickets_of`, rising ids), then writes them, whatever hangs on them, and
the change log last: see `ioc/ticket_work.py`.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
import sqlalchemy as sa

from gis.position import Position
from ioc.store.database import Row, Transaction
from ioc.store.statements import with_axes
from ioc.store.tables_tickets import TICKET_LOG, TICKET_STAYS, TICKETS
from ioc.tickets.steps import Lead
from ioc.tickets.ticket import LIVE, Line, Ticket

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("id", "incident", "parent"), "uuid"),
    **dict.fromkeys(("version", "bounces", "reopens", "policy", "generation"), "int"),
    "number": "bigint",
    "rest_s": "float8",
    **{name: "timestamptz" for name in Ticket.__struct_fields__ if name.endswith(("_at", "_by", "_since"))},
    **dict.fromkeys(("resolved_by", "verified_by"), "text"),
}
_NAMES = tuple(name for name in Ticket.__struct_fields__ if name != "position")
_COLUMNS = ", ".join(_NAMES)
_RECORD = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in (*_NAMES, "lon", "lat")).replace(
    "lon text, lat text", "lon float8, lat float8"
)
_POINT = "st_setsrid(st_makepoint(lon, lat), 4326)"
_FIXED = ("id", "number", "opened_at", "policy")

_ADD = (
    f"insert into tickets ({_COLUMNS}, geom) select {_COLUMNS}, {_POINT} from jsonb_to_recordset($1) as n ({_RECORD}) "  # noqa: S608
    "on conflict (incident, unit) where parent is null and state in "
    f"({', '.join(repr(state) for state in LIVE)}) do nothing returning id"
)
"""Only names of ours stand in the texts of this file."""

_PUT = (
    f"update tickets t set {', '.join(f'{name} = n.{name}' for name in _NAMES if name not in _FIXED)}, "  # noqa: S608
    f"geom = st_setsrid(st_makepoint(n.lon, n.lat), 4326) from jsonb_to_recordset($1) as n ({_RECORD}) "
    "where t.id = n.id and t.version = n.version - 1"
)


class LostError(RuntimeError):
    """A ticket was written whose row was not held, and somebody else wrote it meanwhile; or it became the lead ticket
    of a unit at the moment at which somebody else opened one there."""


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is kept: `id` is its place among all lines, `photos` are ids in media."""

    id: int
    ticket: str
    line: Line
    photos: tuple[str, ...] = ()


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a unit had a ticket. `how` is the word of the step that ended it, empty while it goes on."""

    ticket: str
    stay: int
    centre: str
    area: str
    unit: str
    category: str
    severity: str
    received_at: dt.datetime
    accept_by: dt.datetime | None
    due_at: dt.datetime | None
    accepted_at: dt.datetime | None
    left_at: dt.datetime | None
    how: str


def ticket_of(row: Row) -> Ticket:
    """The ticket of a row that has all columns and its position as `lon` and `lat`."""
    same = {name: row[name] for name in _NAMES if name not in ("id", "incident", "parent")}
    return Ticket(
        id=str(row["id"]),
        incident=str(row["incident"]),
        parent=None if row["parent"] is None else str(row["parent"]),
        position=Position(lon=row["lon"], lat=row["lat"]),
        **same,
    )


# --- reading


async def cameras_of(transaction: Transaction, incidents: Iterable[str]) -> dict[str, str]:
    """The one camera that all alarms of an incident come from, of those that have one."""
    wanted = [uuid.UUID(one) for one in incidents]
    rows = await transaction.connection.fetch(
        "select id::text, camera from incidents where id = any ($1) and camera is not null", wanted
    )
    return {row["id"]: row["camera"] for row in rows}


async def tickets_of(transaction: Transaction, ids: Iterable[str]) -> dict[str, Ticket]:
    """Some tickets by their ids, held against other writers until the end of the transaction."""
    wanted = sorted({uuid.UUID(one) for one in ids})
    if not wanted:
        return {}
    found = with_axes(TICKETS).where(TICKETS.c.id.in_(wanted)).order_by(TICKETS.c.id).with_for_update()
    return {one.id: one for one in map(ticket_of, await transaction.rows(found))}


async def family(transaction: Transaction, ticket: str) -> dict[str, Ticket]:
    """A ticket with all others of its incident, held as `tickets_of` does: of steps of one incident's tickets each
    sees what the one before it left. Empty when the ticket is not there to be seen."""
    incident = await transaction.value(sa.select(TICKETS.c.incident).where(TICKETS.c.id == uuid.UUID(ticket)))
    if incident is None:
        return {}
    return await of_incident(transaction, str(incident), hold=True)


async def of_incident(transaction: Transaction, incident: str, *, hold: bool = False) -> dict[str, Ticket]:
    """The tickets of an incident, oldest first; `hold`: against other writers."""
    found = with_axes(TICKETS).where(TICKETS.c.incident == uuid.UUID(incident)).order_by(TICKETS.c.id)
    rows = await transaction.rows(found.with_for_update() if hold else found)
    return {one.id: one for one in map(ticket_of, rows)}


async def one(transaction: Transaction, ticket: uuid.UUID) -> Ticket | None:
    """A ticket as it is; None when it is not there to be seen."""
    row = await transaction.row(with_axes(TICKETS).where(TICKETS.c.id == ticket))
    return None if row is None else ticket_of(row)


async def parts_of(transaction: Transaction, ticket: uuid.UUID) -> list[Ticket]:
    """The tickets that are parts of one, oldest first."""
    rows = await transaction.rows(with_axes(TICKETS).where(TICKETS.c.parent == ticket).order_by(TICKETS.c.id))
    return [ticket_of(row) for row in rows]


async def leads_of(transaction: Transaction, incidents: Iterable[str]) -> dict[str, dict[str, Lead]]:
    """The live lead tickets of incidents, by unit."""
    wanted = sorted({uuid.UUID(one) for one in incidents})
    rows = await transaction.rows(
        sa.select(TICKETS.c.incident, TICKETS.c.unit, TICKETS.c.id, TICKETS.c.number).where(
            TICKETS.c.incident.in_(wanted), TICKETS.c.parent.is_(None), TICKETS.c.state.in_(LIVE)
        )
    )
    found: dict[str, dict[str, Lead]] = {str(one): {} for one in wanted}
    for row in rows:
        found[str(row["incident"])][row["unit"]] = Lead(str(row["id"]), row["number"])
    return found


async def live_parts(transaction: Transaction, tickets: Iterable[str]) -> dict[str, int]:
    """How many live parts tickets have; those that have none are left out."""
    wanted = sorted({uuid.UUID(one) for one in tickets})
    rows = await transaction.rows(
        sa.select(TICKETS.c.parent, sa.func.count().label("live"))
        .where(TICKETS.c.parent.in_(wanted), TICKETS.c.state.in_(LIVE))
        .group_by(TICKETS.c.parent)
    )
    return {str(row["parent"]): row["live"] for row in rows}


def _line(row: Row) -> Line:
    return Line(**{name: row[name] for name in Line.__struct_fields__})


async def log_of(transaction: Transaction, ticket: uuid.UUID, since: int = 0) -> list[Logged]:
    """The lines of a ticket's log, oldest first; those only that came after its version `since`."""
    rows = await transaction.rows(
        sa.select(TICKET_LOG)
        .where(TICKET_LOG.c.ticket == ticket, TICKET_LOG.c.version > since)
        .order_by(TICKET_LOG.c.id)
    )
    return [
        Logged(id=row["id"], ticket=str(row["ticket"]), line=_line(row), photos=tuple(map(str, row["photos"])))
        for row in rows
    ]


async def photos_of(transaction: Transaction, tickets: Iterable[str]) -> list[str]:
    """The ids of all photographs that lines of some tickets show."""
    wanted = [uuid.UUID(one) for one in tickets]
    found = sa.select(sa.func.unnest(TICKET_LOG.c.photos).label("photo")).where(
        TICKET_LOG.c.ticket.in_(wanted), TICKET_LOG.c.photos != []
    )
    return [str(row["photo"]) for row in await transaction.rows(found)]


async def stays_of(transaction: Transaction, ticket: uuid.UUID) -> list[Stay]:
    """How long each unit had a ticket, in their order."""
    rows = await transaction.rows(
        sa.select(TICKET_STAYS).where(TICKET_STAYS.c.ticket == ticket).order_by(TICKET_STAYS.c.stay)
    )
    return [
        Stay(ticket=str(row["ticket"]), **{name: row[name] for name in Stay.__struct_fields__ if name != "ticket"})
        for row in rows
    ]


# --- writing


def _row(ticket: Ticket) -> dict[str, Any]:
    position = {"lon": ticket.position.lon, "lat": ticket.position.lat}
    return {name: getattr(ticket, name) for name in _NAMES} | position


async def numbers(transaction: Transaction, many: int) -> list[int]:
    """Numbers for new tickets."""
    rows = await transaction.connection.fetch(
        "select nextval('ticket_numbers') as number from generate_series(1, $1)", many
    )
    return [row["number"] for row in rows]


async def add(transaction: Transaction, tickets: Sequence[Ticket]) -> set[str]:
    """Write new tickets; the ids of those that were. One is left out whose unit has a live lead ticket of the incident
    already, also when somebody else opens it at this moment."""
    if not tickets:
        return set()
    rows = await transaction.connection.fetch(_ADD, [_row(one) for one in tickets])
    return {str(row["id"]) for row in rows}


async def put(transaction: Transaction, tickets: Sequence[Ticket]) -> None:
    """Write after-images of tickets, each one version on. Raises LostError, after which the transaction is lost."""
    if not tickets:
        return
    try:
        tag = await transaction.connection.execute(_PUT, [_row(one) for one in tickets])
    except asyncpg.UniqueViolationError as error:
        raise LostError(error.detail or "a unit has a live lead ticket already") from error
    if tag != f"UPDATE {len(tickets)}":
        raise LostError(f"{tag} of {len(tickets)} tickets")


_LINE_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("at", "accept_by", "due_at", "made_at"), "timestamptz"),
    "version": "int",
    "public": "boolean",
}
_LINE_COLUMNS = ", ".join(f'"{name}"' for name in Line.__struct_fields__)
_LOG = (
    f"insert into ticket_log (ticket, photos, {_LINE_COLUMNS}) select ticket, photos, {_LINE_COLUMNS} "  # noqa: S608
    "from jsonb_to_recordset($1) as n (ticket uuid, photos uuid[], place int, "
    + ", ".join(f'"{name}" {_LINE_TYPES.get(name, "text")}' for name in Line.__struct_fields__)
    + ") order by place"
)


async def log(transaction: Transaction, lines: Iterable[tuple[str, Line, Sequence[str]]]) -> None:
    """Append lines to the logs of tickets, in their order: ticket, line, ids of its photographs."""
    rows = [
        {"ticket": ticket, "photos": list(photos), "place": place, **msgspec.structs.asdict(line)}
        for place, (ticket, line, photos) in enumerate(lines)
    ]
    if rows:
        await transaction.connection.execute(_LOG, rows)


_STAY_TYPES = (
    "ticket uuid, centre text, area text, unit text, category text, severity text, received_at timestamptz, "
    "accept_by timestamptz, due_at timestamptz, accepted_at timestamptz, left_at timestamptz, how text"
)
_END_STAYS = (
    "update ticket_stays s set left_at = n.left_at, due_at = n.due_at, how = n.how from jsonb_to_recordset($1) "
    "as n (ticket uuid, left_at timestamptz, due_at timestamptz, how text) "
    "where s.ticket = n.ticket and s.left_at is null"
)
_RENEW_STAYS = (
    "update ticket_stays s set accept_by = n.accept_by, due_at = n.due_at, accepted_at = n.accepted_at, "  # noqa: S608
    "severity = n.severity, area = n.area "
    f"from jsonb_to_recordset($1) as n ({_STAY_TYPES}) where s.ticket = n.ticket and s.left_at is null"
)
_BEGIN_STAYS = (
    "insert into ticket_stays (ticket, stay, centre, area, unit, category, severity, received_at, accept_by, due_at, "  # noqa: S608
    "accepted_at) select n.ticket, 1 + (select count(*) from ticket_stays s where s.ticket = n.ticket), n.centre, "
    "n.area, n.unit, n.category, n.severity, n.received_at, n.accept_by, n.due_at, n.accepted_at "
    f"from jsonb_to_recordset($1) as n ({_STAY_TYPES})"
)


def _stay(ticket: Ticket) -> dict[str, Any]:
    names = ("centre", "area", "unit", "category", "severity", "received_at", "accept_by", "due_at", "accepted_at")
    return {"ticket": ticket.id, **{name: getattr(ticket, name) for name in names}}


async def stay(transaction: Transaction, changes: Sequence[tuple[Ticket | None, Ticket, str]]) -> None:
    """Keep how long units have tickets: before, after, and the word of the step.

    A stay begins when a unit gets a ticket and when it is reopened; it ends when it goes to another unit, is resolved,
    closed or cancelled.
    """
    begun = [after for before, after, _ in changes if after.open and (before is None or _leaves(before, after))]
    ended = [
        {"ticket": after.id, "left_at": after.updated_at, "due_at": after.due_at, "how": how}
        for before, after, how in changes
        if before is not None and before.open and _leaves(before, after)
    ]
    renewed = [
        after for before, after, _ in changes if before is not None and after.open and not _leaves(before, after)
    ]
    if ended:
        await transaction.connection.execute(_END_STAYS, ended)
    if begun:
        await transaction.connection.execute(_BEGIN_STAYS, [_stay(one) for one in begun])
    if renewed:
        await transaction.connection.execute(_RENEW_STAYS, [_stay(one) for one in renewed])


def _leaves(before: Ticket, after: Ticket) -> bool:
    return before.unit != after.unit or before.open != after.open or before.reopens != after.reopens
