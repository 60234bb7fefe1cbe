"""Sightings of cameras."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from gis.observation import Sighting
from ioc.store.database import Transaction
from ioc.store.readings import Owner
from ioc.store.statements import adding
from ioc.store.tables import SIGHTINGS


async def insert_sightings(
    transaction: Transaction, sightings: Sequence[Sighting], owners: Mapping[str, Owner], arrived_at: dt.datetime
) -> list[Sighting]:
    """Insert what is new and return it."""
    new = []
    for seen in sightings:
        row = _row(seen, owners[seen.stamp.source], arrived_at)
        if await transaction.row(adding(SIGHTINGS, *row, returning="id"), **row) is not None:
            new.append(seen)
    return new


def _row(seen: Sighting, owner: Owner, arrived_at: dt.datetime) -> dict[str, Any]:
    stamp = seen.stamp
    place = stamp.position
    return {
        "id": uuid.UUID(seen.id),
        "centre": owner.centre,
        "area": owner.area,
        "camera": stamp.source,
        "run": stamp.run,
        "seq": stamp.sequence or 0,
        "at": stamp.at,
        "kind": seen.kind,
        "subject": seen.subject,
        "direction": seen.direction,
        "object_class": seen.object_class,
        "track": seen.track,
        "box": list(seen.box),
        "error_m": seen.error_m,
        "media": uuid.UUID(seen.picture) if seen.picture else None,
        "arrived_at": arrived_at,
        "geom": f"SRID=4326;POINT({place.lon} {place.lat})" if place else None,
    }
