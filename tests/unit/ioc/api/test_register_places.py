"""A place by its numbers."""

from typing import Any, cast

import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.api.models_register import Planar
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
        with pytest.raises(ProblemError, match="place-unmeasured"):
            await position(transaction, Planar(crs="vn2000", x=1_725_000.0, y=500_000.0))
