"""What an incident's page shows beside the incident: who saw it, its procedure, what may be done, what it leads to."""

import uuid
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa

from gis.layers import moment
from ioc.access.scope import Thing
from ioc.incidents.checklist import Ticked
from ioc.incidents.steps import offered
from ioc.store import checklists, steps
from ioc.store.database import Row, Transaction
from ioc.store.tables import ALARMS, INCIDENTS
from ioc.store.tables_correlation import INCIDENT_RELATIONS

_LEADS: LiteralString = """
with recursive chain (id, next, far) as (
  select id, duplicate_of, 0 from incidents where id = $1
  union all select i.id, i.duplicate_of, c.far + 1 from chain c join incidents i on i.id = c.next where c.far < 50
)
select id from chain where next is null
"""

_FROM_HERE = {"downstream": "downstream", "duplicate": "duplicate", "previous": "previous", "split": "split-from"}
_TO_HERE = {"downstream": "upstream", "duplicate": "has-duplicate", "previous": "next", "split": "split-into"}
"""What this incident is to the other, when it is the first or the second of a relation."""


async def leads_to(transaction: Transaction, incident: uuid.UUID) -> uuid.UUID | None:
    """The incident at the end of the chain of duplicates; itself when it is none; None when it is not visible."""
    found: uuid.UUID | None = await transaction.connection.fetchval(_LEADS, incident)
    return found


async def thing(transaction: Transaction, incident: uuid.UUID) -> Thing | None:
    """What an incident is to the policy, as one that is open; None when it is not visible."""
    columns = (INCIDENTS.c.centre, INCIDENTS.c.area, INCIDENTS.c.camera)
    row = await transaction.row(sa.select(*columns).where(INCIDENTS.c.id == incident))
    return None if row is None else Thing("incident", row["centre"], row["area"], row["camera"])


async def told(transaction: Transaction, incident: uuid.UUID, row: Row) -> dict[str, Any]:
    """All of it, for an incident's row with `status`, `category` and `duplicate_of`."""
    duplicate = row["duplicate_of"]
    end = await leads_to(transaction, incident) if duplicate is not None else None
    holding = sa.and_(ALARMS.c.incident == incident, ALARMS.c.cleared_at.is_(None))
    undo = await _undo(transaction, incident)
    return {
        "holding": await transaction.value(sa.select(sa.func.count()).where(holding)),
        "duplicate_of": None if duplicate is None else str(duplicate),
        "leads_to": None if end is None else str(end),
        "steps": [*offered(row["status"]), *(["undo"] if undo else [])],
        "undo": undo,
        "related": await _related(transaction, incident),
        "seen": [_seen(one) for one in await steps.seen(transaction, incident)],
        "checklist": [_item(one) for one in await checklists.worked_on(transaction, incident, row["category"])],
    }


def _seen(row: Row) -> dict[str, Any]:
    times = {name: moment(row[name]) for name in ("first_at", "last_at")}
    return {"who": row["who"], **times, "version": row["version"]}


def _item(one: Ticked) -> dict[str, Any]:
    return {**msgspec.structs.asdict(one), "done_at": None if one.done_at is None else moment(one.done_at)}


async def _undo(transaction: Transaction, incident: uuid.UUID) -> dict[str, Any] | None:
    """The last join, while nobody did anything since."""
    last = await steps.last_move(transaction, str(incident))
    if last is None:
        return None
    _, move, through = last
    if await steps.latest(transaction, [move.source, move.target], through) is not None:
        return None
    plain = {name: getattr(move, name) for name in ("kind", "source", "target", "who")}
    return {**plain, "at": moment(move.at)}


async def _related(transaction: Transaction, incident: uuid.UUID) -> list[dict[str, Any]]:
    both = INCIDENT_RELATIONS.c
    other = sa.case((both.incident == incident, both.other), else_=both.incident)
    shown = (INCIDENTS.c[name] for name in ("id", "title", "title_en", "status"))
    rows = await transaction.rows(
        sa.select(both.kind, (both.incident == incident).label("first"), *shown)
        .select_from(INCIDENT_RELATIONS.join(INCIDENTS, INCIDENTS.c.id == other))
        .where(sa.or_(both.incident == incident, both.other == incident))
        .where(sa.or_(both.kind != "downstream", INCIDENTS.c.status != "duplicate"))  # its original has the water
        .order_by(both.at, INCIDENTS.c.id)
        .limit(200)
    )
    return [
        {
            "incident": str(row["id"]),
            "kind": (_FROM_HERE if row["first"] else _TO_HERE)[row["kind"]],
            **{name: row[name] for name in ("title", "title_en", "status")},
        }
        for row in rows
    ]
