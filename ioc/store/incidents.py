"""Incidents and their log: after-images in, after-images out."""

import functools
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from gis.position import Position
from ioc.incidents.incident import Entry, Incident, Place
from ioc.store.database import Row, Transaction
from ioc.store.statements import with_axes
from ioc.store.tables import INCIDENTS

_INCIDENT_SAME = (
    "version",
    "key",
    "title",
    "title_en",
    "category",
    "severity",
    "status",
    "owner",
    "alarms",
    "count",
    "cleared",
    "opened_at",
    "updated_at",
    "first_at",
    "last_at",
    "touched",
    "resolved_by",
    "judged",
    "judged_over",
    "titled",
)


def _incident(row: Row) -> Incident:
    place = Place(
        centre=row["centre"],
        area=row["area"],
        area_code=row["area_code"],
        area_name=row["area_name"],
        position=Position(lon=row["lon"], lat=row["lat"]),
    )
    same = {name: row[name] for name in _INCIDENT_SAME}
    stands = str(row["duplicate_of"]) if row["duplicate_of"] else None
    return Incident(id=str(row["id"]), place=place, sources=tuple(row["sources"]), duplicate_of=stands, **same)


async def incident(transaction: Transaction, incident_id: str) -> Incident | None:
    """One incident, held against other writers until the end of the transaction."""
    row = await transaction.row(with_axes(INCIDENTS).where(INCIDENTS.c.id == uuid.UUID(incident_id)).with_for_update())
    return _incident(row) if row is not None else None


@functools.cache
def _held_by_id() -> sa.Select[Any]:
    wanted = INCIDENTS.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(UUID)))
    return with_axes(INCIDENTS).where(wanted).order_by(INCIDENTS.c.id).with_for_update()


async def incidents_of(transaction: Transaction, ids: Iterable[str]) -> dict[str, Incident]:
    """Some incidents by their ids, held against other writers until the end of the transaction."""
    wanted = [uuid.UUID(one) for one in ids]
    rows = await transaction.rows(_held_by_id(), ids=wanted) if wanted else []
    return {found.id: found for found in map(_incident, rows)}


@functools.cache
def _by_id() -> sa.Select[Any]:
    return with_axes(INCIDENTS).where(INCIDENTS.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(UUID))))


async def incidents_seen(transaction: Transaction, ids: Iterable[str]) -> dict[str, Incident]:
    """Some incidents by their ids as they are now, not held: for works that must not wait for the desk."""
    wanted = [uuid.UUID(one) for one in ids]
    rows = await transaction.rows(_by_id(), ids=wanted) if wanted else []
    return {found.id: found for found in map(_incident, rows)}


_SAVE_INCIDENTS: LiteralString = """
insert into incidents (id, centre, area, camera, version, key, title, title_en, category, severity, status, owner,
  area_code, area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, touched, resolved_by,
  duplicate_of, judged, judged_over, titled, geom)
select id, centre, area, camera, version, key, title, title_en, category, severity, status, owner, area_code, area_name,
  sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, touched, resolved_by, duplicate_of,
  judged, judged_over, titled, st_setsrid(st_makepoint(lon, lat), 4326)
from jsonb_to_recordset($1) as n (id uuid, centre text, area text, camera text, version int, key text, title text,
  title_en text, category text, severity text, status text, owner text, area_code text, area_name text, sources text[],
  alarms int, count int, cleared boolean, opened_at timestamptz, updated_at timestamptz, first_at timestamptz,
  last_at timestamptz, touched boolean, resolved_by text, duplicate_of uuid, judged text,
  judged_over text, titled boolean, lon float8, lat float8)
on conflict (id) do update set centre = excluded.centre, area = excluded.area, camera = excluded.camera,
  version = excluded.version, key = excluded.key, title = excluded.title, title_en = excluded.title_en,
  category = excluded.category, severity = excluded.severity, status = excluded.status, owner = excluded.owner,
  area_code = excluded.area_code, area_name = excluded.area_name, sources = excluded.sources,
  alarms = excluded.alarms, count = excluded.count, cleared = excluded.cleared, opened_at = excluded.opened_at,
  updated_at = excluded.updated_at, first_at = excluded.first_at, last_at = excluded.last_at,
  touched = excluded.touched, resolved_by = excluded.resolved_by, duplicate_of = excluded.duplicate_of,
  judged = excluded.judged, judged_over = excluded.judged_over, titled = excluded.titled, geom = excluded.geom
"""


async def save_incident(transaction: Transaction, after: Incident, camera: str | None) -> None:
    """Write the after-image of an incident; `camera` is the one that all of its alarms come from."""
    await save_incidents(transaction, [(after, camera)])


async def save_incidents(transaction: Transaction, images: Sequence[tuple[Incident, str | None]]) -> None:
    """Write after-images of incidents, each with the one camera that all of its alarms come from, in one statement."""
    if images:
        rows = [_incident_row(after, camera) for after, camera in images]
        await transaction.connection.execute(_SAVE_INCIDENTS, rows)


def _incident_row(after: Incident, camera: str | None) -> dict[str, Any]:
    return {name: getattr(after, name) for name in _INCIDENT_SAME} | {
        "id": after.id,
        "centre": after.place.centre,
        "area": after.place.area,
        "camera": camera,
        "area_code": after.place.area_code,
        "area_name": after.place.area_name,
        "sources": list(after.sources),
        "duplicate_of": after.duplicate_of,
        "lon": after.place.position.lon,
        "lat": after.place.position.lat,
    }


_ADD_LOG: LiteralString = """
insert into incident_log (incident, centre, area, at, who, what, text)
select incident, centre, area, at, who, what, text
from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
  with ordinality as n (incident, centre, area, at, who, what, text, place)
order by place
"""


async def add_logs(transaction: Transaction, lines: Sequence[tuple[Incident, Entry]]) -> None:
    """Append lines to the logs of incidents, in their order, in one statement."""
    if lines:
        rows = [
            (uuid.UUID(about.id), about.place.centre, about.place.area, line.at, line.who, line.what, line.text)
            for about, line in lines
        ]
        await transaction.connection.execute(_ADD_LOG, *(list(column) for column in zip(*rows, strict=True)))
