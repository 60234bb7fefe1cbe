"""Sightings and the register of their pictures."""

import datetime as dt
import uuid

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.sightings import StoredPicture, _row, insert_pictures, insert_sightings
from tests.fakes.store import OWNERS, counted
from tests.fakes.things import NOW, sighting

PICTURE = StoredPicture(
    id=str(uuid.UUID(int=7)), source="cam-a", sha256=b"d", bytes=4, taken_at=NOW, expires_at=NOW + dt.timedelta(days=30)
)


def test_a_sighting_without_a_place_has_no_geometry() -> None:
    assert _row(sighting(position=None), OWNERS["cam-a"], NOW)["geom"] is None
    assert _row(sighting(), OWNERS["cam-a"], NOW)["geom"] == "SRID=4326;POINT(108.118 15.883)"


async def test_only_new_sightings_come_back(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        first = await insert_sightings(transaction, [sighting(1)], OWNERS, NOW)
        again = await insert_sightings(transaction, [sighting(1), sighting(2)], OWNERS, NOW)
    assert (first, again) == ([sighting(1)], [sighting(2)])


async def test_a_picture_that_is_registered_stays_as_it_is(database: Database, admin: asyncpg.Connection) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await insert_pictures(transaction, [PICTURE], OWNERS)
        await insert_pictures(transaction, [StoredPicture(**{**_fields(PICTURE), "bytes": 9})], OWNERS)
    assert await counted(admin, "media") == 1
    kept = await admin.fetchrow("select bytes, centre, kind, content_type, expires_at from media")
    assert tuple(kept) == (4, "quang-nam", "sighting", "image/jpeg", PICTURE.expires_at)


def _fields(picture: StoredPicture) -> dict[str, object]:
    return {name: getattr(picture, name) for name in StoredPicture.__struct_fields__}
