"""Alarms that wait for a person to say where they belong, and what is shown of the incidents that would take them."""

import uuid
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from gis.position import Position
from ioc.incidents.alarm import Alarm
from ioc.incidents.severity import ORDER
from ioc.store import alarms as kept
from ioc.store.database import Row, Transaction
from ioc.store.tables import ALARMS, INCIDENTS

_SHOWN = ("version", "title", "title_en", "category", "severity", "status")


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of an incident that would take an alarm."""

    id: str
    version: int
    title: str
    title_en: str
    category: str
    severity: str
    status: str
    position: Position


def _waits() -> sa.ColumnElement[bool]:
    return ALARMS.c.match == sa.literal_column("'waiting'")  # which has an index of its own


async def newest(transaction: Transaction, most: int) -> list[Alarm]:
    """The alarms that wait, the worst first and of these the oldest."""
    worst = sa.func.array_position(sa.literal(list(ORDER), ARRAY(sa.Text)), ALARMS.c.severity).desc()
    order = (worst, ALARMS.c.raised_at, ALARMS.c.id)
    rows = await transaction.rows(sa.select(ALARMS.c.id).where(_waits()).order_by(*order).limit(most))
    ids = [str(row["id"]) for row in rows]
    found = await kept.alarms_by_id(transaction, ids)
    return [found[one] for one in ids]


async def count(transaction: Transaction) -> int:
    """How many alarms wait."""
    found: int = await transaction.value(sa.select(sa.func.count()).select_from(ALARMS).where(_waits()))
    return found


async def held(transaction: Transaction, ids: Iterable[str]) -> list[Alarm]:
    """Some alarms, held against other writers until the end of the transaction; what is not visible is left out."""
    wanted = [uuid.UUID(one) for one in ids]
    here = ALARMS.c.id == sa.any_(sa.literal(wanted, ARRAY(UUID)))
    rows = await transaction.rows(sa.select(ALARMS.c.id).where(here).order_by(ALARMS.c.id).with_for_update())
    found = await kept.alarms_by_id(transaction, [str(row["id"]) for row in rows])
    return list(found.values())


def _brief(row: Row) -> Brief:
    same = {name: row[name] for name in _SHOWN}
    return Brief(id=str(row["id"]), position=Position(lon=row["lon"], lat=row["lat"]), **same)


async def briefs(transaction: Transaction, ids: Iterable[str]) -> dict[str, Brief]:
    """Some incidents by their ids; those that are not visible are left out."""
    wanted = [uuid.UUID(one) for one in ids]
    here = INCIDENTS.c.id == sa.any_(sa.literal(wanted, ARRAY(UUID)))
    axes = (sa.func.st_x(INCIDENTS.c.geom).label("lon"), sa.func.st_y(INCIDENTS.c.geom).label("lat"))
    columns = (INCIDENTS.c[name] for name in ("id", *_SHOWN))
    rows = await transaction.rows(sa.select(*columns, *axes).where(here)) if wanted else []
    return {found.id: found for found in map(_brief, rows)}
