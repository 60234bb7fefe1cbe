"""VN-2000 to WGS 84 and back, for one point: transverse Mercator, then the seven parameters (see gis/crs.py).

The projection is Krüger's series to the third flattening's sixth power (Karney, Transverse Mercator with an accuracy
of a few nanometres, 2011), exact to a nanometre in a zone. What people type is two numbers, so heights are those of
the ellipsoid. PostGIS does the same for what is stored; a test compares them.
"""

import math
from typing import NamedTuple

from gis.position import Position

_A, _F = 6_378_137.0, 1 / 298.257223563
"""The ellipsoid of WGS 84, which VN-2000 uses in a place of its own."""

_E2 = _F * (2 - _F)
_E = math.sqrt(_E2)
_N = _F / (2 - _F)
_RADIUS = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360 - 81 * _N**5 / 512 + 96_199 * _N**6 / 604_800,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440 + 46 * _N**5 / 105 - 1_118_711 * _N**6 / 3_870_720,
    17 * _N**3 / 480 - 37 * _N**4 / 840 - 209 * _N**5 / 4480 + 5569 * _N**6 / 90_720,
    4397 * _N**4 / 161_280 - 11 * _N**5 / 504 - 830_251 * _N**6 / 7_257_600,
    4583 * _N**5 / 161_280 - 108_847 * _N**6 / 3_991_680,
    20_648_693 * _N**6 / 638_668_800,
)
_SECOND = math.pi / 648_000
_SHIFT = (-191.90441429, -39.30318279, -111.45032835)
_TURN = (0.00928836 * _SECOND, -0.01975479 * _SECOND, 0.00427372 * _SECOND)
_SCALE = 1 + 0.252906278e-6


class Zone(NamedTuple):
    """A zone of a transverse Mercator grid: its meridian in degrees, its scale there, its number in the EPSG registry,
    and whether its datum is VN-2000 (else WGS 84, as of UTM)."""

    meridian: float
    scale: float
    name: str
    epsg: int
    vn2000: bool = True


HOME = Zone(107.75, 0.9999, "VN-2000, 107°45'", 5899)
"""Of Đà Nẵng and of what was Quảng Nam (circular 973/2001/TT-TCĐC, 25/2014/TT-BTNMT)."""

ZONES = (
    HOME,
    *(
        Zone(degrees + minutes / 60, 0.9999, f"VN-2000, {degrees}°{minutes:02d}'", epsg)
        for degrees, minutes, epsg in (
            (108, 0, 5898), (107, 30, 9216), (107, 0, 9214), (108, 15, 9217), (107, 15, 9215), (108, 30, 9218),
            (106, 15, 9212), (106, 30, 9213), (106, 0, 9211), (105, 45, 9210), (105, 30, 9209), (105, 0, 5897),
            (104, 45, 9208), (104, 30, 9207), (104, 0, 9206), (103, 0, 9205),
        )
    ),
    Zone(111.0, 0.9996, "VN-2000, múi 6°, 111°", 3406),
    Zone(105.0, 0.9996, "VN-2000, múi 6°, 105°", 3405),
    Zone(111.0, 0.9996, "WGS 84 / UTM 49N", 32649, vn2000=False),
    Zone(105.0, 0.9996, "WGS 84 / UTM 48N", 32648, vn2000=False),
)  # fmt: skip
"""Grids in which coordinates of this country are written, our own and its neighbours' first."""

BY_EPSG = {f"EPSG:{zone.epsg}": zone for zone in ZONES}
"""The same by their names in the EPSG registry. Its axes are taken as east, north, as of our own."""


def wgs84(easting: float, northing: float, zone: Zone = HOME) -> Position:
    """The position of a place in a zone's grid, metres. ValueError where the grid has none."""
    if not (-2e6 < easting < 3e6 and -1e7 < northing < 1e7):
        raise ValueError(f"{easting}, {northing} are no metres of a zone")
    lat, lon = _unprojected(easting, northing, zone)
    if zone.vn2000:
        lat, lon = _shifted(lat, lon)
    return Position(lon=math.degrees(lon), lat=math.degrees(lat))


def _unprojected(easting: float, northing: float, zone: Zone) -> tuple[float, float]:
    xi = northing / (zone.scale * _RADIUS)
    eta = (easting - 500_000) / (zone.scale * _RADIUS)
    along = xi - sum(b * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, b in enumerate(_BETA, 1))
    across = eta - sum(b * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, b in enumerate(_BETA, 1))
    conformal = math.sin(along) / math.hypot(math.sinh(across), math.cos(along))
    lat = math.atan(_geographic(conformal))
    return lat, math.radians(zone.meridian) + math.atan2(math.sinh(across), math.cos(along))


def _geographic(conformal: float) -> float:
    """The tangent of the latitude from that of the conformal latitude, by Newton's way."""
    tangent = conformal / math.sqrt(1 - _E2)
    for _ in range(5):
        root = math.sqrt(1 + tangent**2)
        sigma = math.sinh(_E * math.atanh(_E * tangent / root))
        now = tangent * math.sqrt(1 + sigma**2) - sigma * root
        step = (conformal - now) / math.sqrt(1 + now**2)
        tangent += step * (1 + (1 - _E2) * tangent**2) / ((1 - _E2) * root)
        if abs(step) < 1e-14:
            break
    return tangent


def _shifted(lat: float, lon: float) -> tuple[float, float]:
    """From VN-2000 to WGS 84 (position vector), both of the same ellipsoid."""
    normal = _A / math.sqrt(1 - _E2 * math.sin(lat) ** 2)
    x = normal * math.cos(lat) * math.cos(lon)
    y = normal * math.cos(lat) * math.sin(lon)
    z = normal * (1 - _E2) * math.sin(lat)
    a, b, c = _TURN
    x, y, z = (
        _SHIFT[0] + _SCALE * (x - c * y + b * z),
        _SHIFT[1] + _SCALE * (c * x + y - a * z),
        _SHIFT[2] + _SCALE * (-b * x + a * y + z),
    )
    flat = math.hypot(x, y)
    new = math.atan2(z, flat * (1 - _E2))
    for _ in range(5):  # each round gains a factor of 150
        normal = _A / math.sqrt(1 - _E2 * math.sin(new) ** 2)
        new = math.atan2(z + _E2 * normal * math.sin(new), flat)
    return new, math.atan2(y, x)
