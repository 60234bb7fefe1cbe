"""Sightings and the register of their pictures."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gis.observation import Sighting
from ioc.store.database import Transaction
from ioc.store.readings import Owner
from ioc.store.statements import adding
from ioc.store.tables import MEDIA, SIGHTINGS


class StoredPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A JPEG that already lies in the media folder under its id; times in UTC."""

    id: str
    source: str
    sha256: bytes
    bytes: int
    taken_at: dt.datetime
    expires_at: dt.datetime


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


async def insert_pictures(
    transaction: Transaction, pictures: Sequence[StoredPicture], owners: Mapping[str, Owner]
) -> None:
    """Enter pictures in the register; one that is there already stays as it is."""
    for picture in pictures:
        owner = owners[picture.source]
        row = {
            **msgspec.structs.asdict(picture),
            "id": uuid.UUID(picture.id),
            "centre": owner.centre,
            "area": owner.area,
            "kind": "sighting",
            "content_type": "image/jpeg",
        }
        await transaction.run(adding(MEDIA, *row), **row)


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
