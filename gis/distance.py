"""Distances over the ground, cheap enough to ask for a thousand times a second."""

import math

_A = 6_378_137.0
_E2 = 0.006_694_379_990_14
"""Half axis in metres and squared eccentricity of WGS 84."""

_RADIANS = math.pi / 180.0


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """The distance of two places in WGS 84 degrees, in metres, on the ellipsoid's plane at their mean latitude.

    Within 0.1 % of the geodesic up to 50 km, and 0.5 % up to 200 km, between 60 degrees south and north; what is
    farther is farther by more than it says, but far. The shorter way round is taken at the antimeridian.
    """
    east = abs(lon - other_lon)
    east = (east if east <= 180.0 else 360.0 - east) * _RADIANS
    north = (lat - other_lat) * _RADIANS
    mean = (lat + other_lat) * 0.5 * _RADIANS
    flat = 1.0 - _E2 * math.sin(mean) ** 2
    across = _A / math.sqrt(flat)
    return math.hypot(east * across * math.cos(mean), north * across * (1.0 - _E2) / flat)


def degrees(reach_m: float, lat: float) -> tuple[float, float]:
    """How many degrees of longitude and latitude are sure to hold a distance in metres around a latitude."""
    widest = max(0.01, math.cos(min(89.0, abs(lat) + reach_m / 110_000.0) * _RADIANS))
    return reach_m / (111_000.0 * widest), reach_m / 110_000.0
