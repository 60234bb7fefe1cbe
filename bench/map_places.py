"""The tiles that the map's benchmark asks for: 400 of zoom 11 to 15, 80 each, crowded where the incidents are."""

import math
import random
from collections.abc import Sequence

from bench.scope import SOUTH, WEST

Place = tuple[int, int, int]
"""Zoom, column, row."""


def places(number: int = 400) -> Sequence[Place]:
    """Fixed tiles of zoom 11 to 15, more where there are more incidents."""
    chance, found = random.Random(7), list[Place]()
    for count in range(number):
        z = 11 + count % 5
        lon, lat = WEST + 0.4 * chance.random() ** 1.5, math.radians(SOUTH + 0.28 * chance.random() ** 1.5)
        width = 2**z
        y = int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * width)
        found.append((z, int((lon + 180) / 360 * width), y))
    return found
