"""Coordinates in VN-2000 by PostGIS: those that GDAL, with PROJ's own tables, gives for the same points.

The expected ones were computed once by `gdaltransform -s_srs OGC:CRS84 -t_srs EPSG:5899` (GDAL 3.6, PROJ 9.1).
"""

import pytest
import sqlalchemy as sa

from gis.crs import CRS84, VN2000, Crs
from ioc.access.scope import EVERYTHING
from ioc.store import crs as systems
from ioc.store.crs import Seen
from ioc.store.database import Database, Transaction
from tests.conftest import Fresh

POINTS = {
    (108.338, 15.8801): (562773.1204, 1756400.9836),
    (108.474, 15.5736): (577453.9633, 1722531.7034),
    (107.8333, 15.75): (508731.0231, 1741919.3353),
    (108.1053, 15.23): (537972.8450, 1684414.6730),
    (107.2, 14.95): (440643.6792, 1653478.0931),
}
"""Hội An, Tam Kỳ, Thạnh Mỹ, Trà My, and the south-west corner of the province: lon, lat: easting, northing."""

NEAR_M = 0.01


async def reached(transaction: Transaction, way: Seen, lon: float, lat: float) -> tuple[float, float] | None:
    point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), sa.literal_column("4326"))
    there = way.of(point)
    row = await transaction.row(sa.select(sa.func.ST_X(there).label("x"), sa.func.ST_Y(there).label("y")))
    assert row is not None
    return None if row["x"] is None else (row["x"], row["y"])


@pytest.mark.parametrize("numbered", [True, False])
async def test_points_are_within_a_centimetre(fresh: Fresh, numbered: bool) -> None:
    async with Database.open(fresh.url()) as database, database.transaction(EVERYTHING) as transaction:
        for (lon, lat), (easting, northing) in POINTS.items():
            assert await reached(transaction, Seen(VN2000, numbered), lon, lat) == pytest.approx(
                (easting, northing), abs=NEAR_M
            )


async def test_what_is_far_from_the_zone_has_no_place_in_it(fresh: Fresh) -> None:
    async with Database.open(fresh.url()) as database, database.transaction(EVERYTHING) as transaction:
        for lon, lat in ((-170.0, 15.0), (0.0, 0.0), (108.0, -89.0), (17.75, 0.0), (180.0, 90.0)):
            assert await reached(transaction, Seen(VN2000, numbered=True), lon, lat) is None
            assert await reached(transaction, Seen(CRS84, numbered=True), lon, lat) == (lon, lat)


async def test_the_installation_s_definition_is_held_against_ours(fresh: Fresh) -> None:
    async with Database.open(fresh.url()) as database, database.transaction(EVERYTHING) as transaction:
        assert (await systems.seen(transaction, VN2000)).numbered
        assert (await systems.seen(transaction, CRS84)).numbered


async def test_another_definition_is_not_used(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a database was made by an older PROJ, or the number is missing."""
    for fields in ({"srid": 3405}, {"srid": 999_998}):
        other = Crs(**{name: getattr(VN2000, name) for name in Crs.__struct_fields__} | fields)  # type: ignore[arg-type]
        monkeypatch.setattr(systems, "VN2000", other)
        monkeypatch.setattr(systems, "_judged", {})
        async with Database.open(fresh.url()) as database, database.transaction(EVERYTHING) as transaction:
            assert not (await systems.seen(transaction, other)).numbered
