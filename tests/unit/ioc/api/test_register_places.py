"""A place by its numbers."""

from typing import Any, cast, get_args

import pytest

from gis.position import Position
from gis.vn2000 import BY_EPSG, ZONES
from ioc.access.scope import EVERYTHING
from ioc.api.models_register import Planar, System
from ioc.api.problems import ProblemError
from ioc.api.register_places import position
from ioc.store.database import Database


async def test_a_pair_is_longitude_and_latitude_to_a_centimetre() -> None:
    found = await position(cast(Any, None), (108.123456789, 15.6))
    assert found == Position(lon=108.1234568, lat=15.6)


async def test_vn_2000_is_reached_by_the_official_parameters(database: Database) -> None:
    """On the zone's meridian; the shift to WGS 84 is about 120 m there."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await position(transaction, Planar(crs="vn2000", x=500_000.0, y=1_725_000.0))
        assert found.lon == pytest.approx(107.75, abs=0.002)
        assert found.lat == pytest.approx(15.6, abs=0.01)
        assert found.lon != 107.75
        near = await position(transaction, Planar(crs="EPSG:5898", x=500_000.0, y=1_725_000.0))
        assert near.lon - found.lon == pytest.approx(0.25, abs=1e-6)
        assert near.lat == pytest.approx(found.lat, abs=1e-5)
        with pytest.raises(ProblemError, match="place-unmeasured"):
            await position(transaction, Planar(crs="vn2000", x=1_725_000.0, y=500_000.0))


@pytest.mark.parametrize("crs", get_args(System)[2:])
async def test_a_place_is_the_same_in_every_zone(database: Database, crs: System) -> None:
    """PROJ, by its own register of systems, gives the numbers; which of its shifts it takes makes a metre."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        there = await transaction.connection.fetchrow(
            "select st_x(p) as x, st_y(p) as y "
            "from st_transform(st_makepoint(108.2, 15.6), 'EPSG:4326', $1::text) as p",
            crs,
        )
        found = await position(transaction, Planar(crs=crs, x=there["x"], y=there["y"]))
        assert found.lonlat == pytest.approx((108.2, 15.6), abs=1e-5)
        with pytest.raises(ProblemError, match="place-unmeasured"):
            await position(transaction, Planar(crs=crs, x=1_725_000.0, y=548_000.0))


def test_the_systems_are_the_zones_that_files_know() -> None:
    assert set(get_args(System)) == {"vn2000", "EPSG:4326", *BY_EPSG}
    assert len(BY_EPSG) == len(ZONES)
