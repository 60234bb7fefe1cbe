"""Incidents with alarms of their own in the centre of the HTTP tests."""

import datetime as dt
import uuid
from typing import Any

import orjson

from gis.layer import Layer
from gis.layers import INCIDENTS
from ioc.access.scope import EVERYTHING
from ioc.store import changes
from ioc.store.readings import Owner
from tests.fakes.http_centre import Centre, new_id, now

AREA = "502@2024-09-01"


async def alarm(server: Centre, incident: str | None, **changed: Any) -> str:
    """An alarm of an incident (None: of none); `holds` False: it is over."""
    holds = changed.pop("holds", True)
    lon, lat = changed.pop("lon", 108.1), changed.pop("lat", 15.6)
    at = changed.pop("at", now() - dt.timedelta(minutes=5))
    row: dict[str, Any] = {
        "id": new_id(),
        "centre": "quang-nam",
        "area": AREA,
        "key": f"test/level:{new_id()}",
        "rule": "river-levels/level@1",
        "category": "flood",
        "severity": "severe",
        "source_kind": "sensor",
        "source": "gauge-one",
        "source_name": "Trạm Một",
        "property": "water_level",
        "raised_at": at,
        "seen_at": at,
        "cleared_at": None if holds else at + dt.timedelta(minutes=1),
        "count": 1,
        "evidence": orjson.dumps({"value": 7.1}).decode(),
        "incident": None if incident is None else uuid.UUID(incident),
        "title": "Nước cao",
        "title_en": "High water",
        "match": "opened" if incident else "waiting",
    } | changed
    marks = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    place = f"st_setsrid(st_makepoint({float(lon)}, {float(lat)}), 4326)"
    await server.owner.execute(f"insert into alarms ({', '.join(row)}, geom) values ({marks}, {place})", *row.values())
    return str(row["id"])


async def flood(server: Centre, alarms: int = 1, **changed: Any) -> tuple[str, list[str]]:
    """An incident with so many holding alarms; its id and theirs."""
    incident = await server.incident(alarms=alarms, count=alarms, **changed)
    home = changed.get("centre", "quang-nam")
    return incident, [await alarm(server, incident, centre=home) for _ in range(alarms)]


async def told(centre: Centre, layer: Layer, name: str, at: dt.datetime | None = None) -> None:
    """The log, and so every wall, is told what a thing of `quang-nam` is now; `at`: as if at that time."""
    async with centre.database.transaction(EVERYTHING) as transaction:
        await changes.record_features(transaction, layer, [name], {name: Owner("quang-nam", AREA)}, at or now())


async def heard(centre: Centre, **values: Any) -> str:
    """A new incident of which the walls hear."""
    incident = await centre.incident(**values)
    await told(centre, INCIDENTS, incident)
    return incident


async def homes(centre: Centre) -> dict[str, str]:
    """Which incident each alarm belongs to."""
    rows = await centre.owner.fetch("select id, incident from alarms order by id")
    return {str(row["id"]): str(row["incident"]) for row in rows}
