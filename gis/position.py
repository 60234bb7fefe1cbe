"""WGS 84 positions. A NaN, an infinite or an impossible axis cannot be built."""

import math

import msgspec


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """A point in WGS 84 (EPSG:4326), degrees, axis order longitude, latitude as in RFC 7946.

    Raises ValueError when an axis is not finite or outside its range.
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lon) and -180.0 <= self.lon <= 180.0):
            raise ValueError(f"longitude {self.lon} is not within -180..180 degrees")
        if not (math.isfinite(self.lat) and -90.0 <= self.lat <= 90.0):
            raise ValueError(f"latitude {self.lat} is not within -90..90 degrees; are the axes swapped?")

    @property
    def lonlat(self) -> tuple[float, float]:
        """The axes in RFC 7946 order."""
        return self.lon, self.lat


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A bounding box in WGS 84 degrees that does not cross the antimeridian (RFC 7946, 5)."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        Position(lon=self.west, lat=self.south)
        Position(lon=self.east, lat=self.north)
        if self.west > self.east or self.south > self.north:
            raise ValueError("a box is west, south, east, north with west <= east and south <= north")
