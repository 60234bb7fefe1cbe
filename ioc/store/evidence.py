"""What people look at when they open something: an incident with its alarms and log, readings, pictures."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gis.layers import QUALITIES, moment
from ioc.store import casefile, rollups
from ioc.store.database import Row, Transaction
from ioc.store.tables import ALARMS, CAMERAS, DEVICES, INCIDENT_LOG, INCIDENTS, MEDIA, STREAMS
from ioc.store.tables_readings import READINGS

MOST_READINGS = 20_000
"""Readings of one answer; the newest are kept."""

_PLAIN = (
    *("version", "title", "title_en", "category", "severity", "status", "owner", "area_code"),
    *("area_name", "centre", "sources", "count", "cleared", "judged"),
)

_HIDDEN = ("alarms", "duplicate_of")


def _when(at: dt.datetime | None) -> str | None:
    return None if at is None else moment(at)


async def _clips(transaction: Transaction, wanted: Sequence[object]) -> dict[str, dict[str, Any]]:
    """Those clips that are complete and still there, by id: address, kind, length. A clip comes after its sighting."""
    ids = [uuid.UUID(one) for one in wanted if isinstance(one, str) and len(one) == 36]
    if not ids:
        return {}
    shown = (MEDIA.c[name] for name in ("id", "kind", "seconds"))
    rows = await transaction.rows(sa.select(*shown).where(MEDIA.c.id.in_(ids), MEDIA.c.fault.is_(None)))
    return {
        str(row["id"]): {"url": f"/api/v1/media/{row['id']}", "kind": row["kind"], "seconds": row["seconds"]}
        for row in rows
    }


def _alarm(row: Row, clips: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    evidence: Mapping[str, Any] = row["evidence"] or {}
    before = {"before": _address(evidence["before"])} if "before" in evidence else {}
    return {
        "id": str(row["id"]),
        **{name: row[name] for name in ("key", "rule", "category", "title", "title_en", "match")},
        **{name: row[name] for name in ("source_kind", "source", "source_name", "property")},
        "unit": row["unit"] or "",
        "severity": row["severity"],
        "count": row["count"],
        **{name: _when(row[name]) for name in ("raised_at", "seen_at", "cleared_at")},
        "evidence": {**evidence, **before, "picture": _address(evidence.get("picture"))}
        | ({"clip": clips.get(evidence["clip"] or "")} if "clip" in evidence else {})
        | ({"photos": [_address(one) for one in evidence["photos"]]} if "photos" in evidence else {}),
    }


def _address(picture: str | None) -> str | None:
    """Where a picture is fetched, of which evidence holds the id or already the address."""
    return f"/api/v1/media/{picture}" if picture and "/" not in picture else picture or None


def _entry(row: Row) -> dict[str, Any]:
    photos = [f"/api/v1/media/{one}" for one in row["photos"]]
    return {"at": moment(row["at"]), "who": row["who"], "what": row["what"], "text": row["text"], "photos": photos}


async def incident(transaction: Transaction, id: uuid.UUID) -> dict[str, Any] | None:  # noqa: A002
    """An incident with its alarms (newest first) and its log (oldest first); None when it is not visible."""
    geom = INCIDENTS.c.geom
    row = await transaction.row(
        sa.select(
            *(INCIDENTS.c[name] for name in (*_PLAIN, *_HIDDEN, "opened_at", "updated_at", "first_at", "last_at")),
            sa.func.ST_X(geom).label("lon"),
            sa.func.ST_Y(geom).label("lat"),
        ).where(INCIDENTS.c.id == id)
    )
    if row is None:
        return None
    measured = sa.and_(STREAMS.c.device == ALARMS.c.source, STREAMS.c.property == ALARMS.c.property)
    alarms = await transaction.rows(
        sa.select(*(column for column in ALARMS.c if not column.name.startswith("geom")), STREAMS.c.unit)
        .select_from(ALARMS.outerjoin(STREAMS, measured))
        .where(ALARMS.c.incident == id)
        .order_by(ALARMS.c.raised_at.desc(), ALARMS.c.id)
        .limit(500)
    )
    clips = await _clips(transaction, [(alarm["evidence"] or {}).get("clip") for alarm in alarms])
    log = await transaction.rows(
        sa.select(INCIDENT_LOG).where(INCIDENT_LOG.c.incident == id).order_by(INCIDENT_LOG.c.id).limit(2_000)
    )
    return {
        "id": str(id),
        **{name: row[name] for name in _PLAIN},
        **{name: _when(row[name]) for name in ("opened_at", "updated_at", "first_at", "last_at")},
        "position": [round(row["lon"], 7), round(row["lat"], 7)],
        "alarm_count": row["alarms"],
        **await casefile.told(transaction, id, row),
        "alarms": [_alarm(alarm, clips) for alarm in alarms],
        "log": [_entry(entry) for entry in log],
    }


def _reading(row: Row) -> dict[str, Any]:
    return {
        "at": moment(row["at"]),
        "recorded_at": _when(row["recorded_at"]),
        "value": row["value"],
        "quality": QUALITIES[row["quality"]],
        "derived": row["derived"],
    }


async def stream(transaction: Transaction, device: str, property_name: str) -> Row | None:
    """A device's property: `id`, `retention`, `unit`, and the device's `name`; None when it is not visible."""
    return await transaction.row(
        sa.select(STREAMS.c.id, STREAMS.c.retention, STREAMS.c.unit, DEVICES.c.name)
        .select_from(STREAMS.join(DEVICES, DEVICES.c.code == STREAMS.c.device))
        .where(STREAMS.c.device == device, STREAMS.c.property == property_name)
    )


async def readings(transaction: Transaction, of: Row, since: dt.datetime) -> list[dict[str, Any]]:
    """The readings of a stream since a moment, oldest first."""
    rows = await transaction.rows(
        sa.select(*(READINGS.c[name] for name in ("at", "recorded_at", "value", "quality", "derived")))
        .where(READINGS.c.stream == of["id"], READINGS.c.retention == of["retention"], READINGS.c.at >= since)
        .order_by(READINGS.c.at.desc(), READINGS.c.run.desc(), READINGS.c.seq.desc())
        .limit(MOST_READINGS)
    )
    return [_reading(row) for row in reversed(rows)]


async def hourly(transaction: Transaction, of: Row, since: dt.datetime, interval_s: float) -> list[dict[str, Any]]:
    """The hours of a stream from the one that holds a moment, oldest first."""
    first = since.replace(minute=0, second=0, microsecond=0)
    rows = await rollups.hours(transaction, of["id"], of["retention"], first)
    return [_bucket(one) for one in rollups.by_hour(rows, interval_s)]


async def daily(
    transaction: Transaction, of: Row, since: dt.datetime, interval_s: float, zone: dt.tzinfo
) -> list[dict[str, Any]]:
    """The days of a stream, those of a zone, from the one that holds a moment, oldest first."""
    midnight = since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await rollups.hours(transaction, of["id"], of["retention"], midnight)
    return [_bucket(one) for one in rollups.by_day(rows, interval_s, zone)]


def _bucket(one: rollups.Bucket) -> dict[str, Any]:
    return {**msgspec.structs.asdict(one), "at": moment(one.at)}


async def camera_place(transaction: Transaction, code: str) -> tuple[str, str] | None:
    """The centre and the area of a camera; None when it is not visible."""
    row = await transaction.row(sa.select(CAMERAS.c.centre, CAMERAS.c.area).where(CAMERAS.c.code == code))
    return None if row is None else (row["centre"], row["area"])
