"""Coordinate reference systems in which features are written and asked for (OGC API - Features, Part 2, 18-058r1).

What is kept is WGS 84. Vietnam's VN-2000 is reached from it by the seven parameters that the Ministry of Natural
Resources and Environment published (decision 05/2007/QĐ-BTNMT, EPSG transformation 6960): a shift of -191.90441429,
-39.30318279, -111.45032835 m, rotations of 0.00928836, -0.01975479, 0.00427372 seconds of arc (position vector) and
0.252906278 parts per million, from VN-2000 to WGS 84.
"""

import math

import msgspec

from gis.position import Box


class Crs(msgspec.Struct, frozen=True, kw_only=True):
    """A system of coordinates: its address and its number in PostGIS.

    `axes` name the two numbers of a position in the order in which the system has them; `digits` are the decimals
    written. `proj` is its definition by parameters (PROJ) and `plane` where it may be used, in its own unit; without
    them it is WGS 84 in degrees.
    """

    uri: str
    srid: int
    vi: str
    en: str
    axes: tuple[str, str]
    digits: int
    proj: str = ""
    plane: "Plane | None" = None

    @property
    def swapped(self) -> bool:
        """Whether latitude comes first."""
        return self.axes[0] == "lat"


class Plane(msgspec.Struct, frozen=True, kw_only=True):
    """A box in metres of a projected system, both ends inclusive."""

    west: float
    south: float
    east: float
    north: float


_TOWGS84 = "-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278"

CRS84 = Crs(
    uri="http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    srid=4326,
    vi="WGS 84, kinh độ trước",
    en="WGS 84, longitude first",
    axes=("lon", "lat"),
    digits=7,
)
"""The system of GeoJSON (RFC 7946), and of every answer for which no other is asked."""

EPSG4326 = Crs(
    uri="http://www.opengis.net/def/crs/EPSG/0/4326",
    srid=4326,
    vi="WGS 84, vĩ độ trước",
    en="WGS 84, latitude first",
    axes=("lat", "lon"),
    digits=7,
)

PLANE = Plane(west=-600_000.0, south=0.0, east=1_600_000.0, north=3_400_000.0)
"""Metres of a zone of Vietnam within which its numbers mean something."""

VN2000 = Crs(
    uri="http://www.opengis.net/def/crs/EPSG/0/5899",
    srid=5899,
    proj=(
        "+proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 "
        f"+towgs84={_TOWGS84} +units=m +no_defs"
    ),
    vi="VN-2000, múi chiếu 3 độ, kinh tuyến trục 107°45'",
    en="VN-2000 / TM-3 107°45'",
    axes=("easting", "northing"),
    digits=4,
    plane=PLANE,
)

REACH = Box(west=97.75, south=0.0, east=117.75, north=30.0)
"""Within ten degrees of the zone's meridian. What lies outside has no coordinates in VN-2000 that mean anything."""

KNOWN = {one.uri: one for one in (CRS84, EPSG4326, VN2000)}
"""All systems by their addresses, the default first."""


def box_of(crs: Crs, numbers: tuple[float, float, float, float]) -> tuple[tuple[Box, ...], Plane | None]:
    """Least and greatest of both axes, as the system orders them: boxes in degrees, or a box of the plane.

    Two boxes when west lies east of east (over the antimeridian). What of a plane's box lies where the system may
    not be used is cut off: a map that shows half the world asks so. Raises ValueError for what is no box.
    """
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("a box needs finite numbers")
    one, two, three, four = numbers
    if crs.plane is not None:
        if one > three or two > four:
            raise ValueError("a box begins at its lesser corner")
        return (), _within(crs.plane, numbers)
    west, south, east, north = (two, one, four, three) if crs.swapped else numbers
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return tuple(Box(west=first, south=south, east=last, north=north) for first, last in spans), None


def _within(whole: Plane, numbers: tuple[float, float, float, float]) -> Plane:
    west, south, east, north = numbers
    return Plane(
        west=min(max(west, whole.west), whole.east),
        south=min(max(south, whole.south), whole.north),
        east=max(min(east, whole.east), whole.west),
        north=max(min(north, whole.north), whole.south),
    )
