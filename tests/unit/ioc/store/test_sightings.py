"""Sightings and the register of their pictures."""

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.sightings import _row, insert_sightings
from tests.fakes.store import OWNERS
from tests.fakes.things import NOW, sighting


def test_a_sighting_without_a_place_has_no_geometry() -> None:
    assert _row(sighting(position=None), OWNERS["cam-a"], NOW)["geom"] is None
    assert _row(sighting(), OWNERS["cam-a"], NOW)["geom"] == "SRID=4326;POINT(108.118 15.883)"


async def test_only_new_sightings_come_back(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        first = await insert_sightings(transaction, [sighting(1)], OWNERS, NOW)
        again = await insert_sightings(transaction, [sighting(1), sighting(2)], OWNERS, NOW)
    assert (first, again) == ([sighting(1)], [sighting(2)])
