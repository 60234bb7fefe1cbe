"""VN-2000 without a database: held against PROJ, by which PostGIS transforms what is stored."""

import pytest

from gis.crs import VN2000
from gis.vn2000 import HOME, ZONES, wgs84
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database


async def test_all_zones_agree_with_postgis_within_a_tenth_of_a_millimetre(database: Database) -> None:
    places = [(500_000.0, 1_700_000.0), (568_123.4, 1_757_312.45), (430_000.5, 1_650_000.25), (700_000.0, 1_900_000.0)]
    worst = 0.0
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        for zone in ZONES:
            proj = VN2000.proj if zone.vn2000 else VN2000.proj[: VN2000.proj.index("+towgs84")] + "+units=m +no_defs"
            proj = proj.replace("+lon_0=107.75", f"+lon_0={zone.meridian!r}").replace("+k=0.9999", f"+k={zone.scale}")
            for easting, northing in places:
                found = wgs84(easting, northing, zone)
                row = await transaction.connection.fetchrow(
                    "select st_x(p) as lon, st_y(p) as lat from st_transform(st_makepoint($1, $2), $3, 4326) as p",
                    easting, northing, proj,
                )  # fmt: skip
                worst = max(worst, abs(found.lon - row["lon"]), abs(found.lat - row["lat"]))
    assert worst < 1e-9


def test_the_zone_of_the_province_is_the_first() -> None:
    assert ZONES[0] == HOME
    assert HOME.meridian == 107.75
    assert len({zone.name for zone in ZONES}) == len(ZONES)


@pytest.mark.parametrize(("easting", "northing"), [(1e9, 1.7e6), (5e5, float("nan")), (float("inf"), 1.7e6)])
def test_what_no_grid_has_is_refused(easting: float, northing: float) -> None:
    with pytest.raises(ValueError, match="no metres of a zone"):
        wgs84(easting, northing)
