"""`ioc serve` whose memory for tiles has no room: each tile is made when it is asked for. Nothing else is another.

Run as a program, with the settings of `ioc serve`.
"""

from typing import Any

from ioc.cli import main
from ioc.tile_cache import TileCache

_over = TileCache.over


def roomless(*given: Any, **named: Any) -> TileCache:
    """A cache that drops at once what it is given."""
    cache = _over(*given, **named)
    cache._most_bytes = 0
    return cache


if __name__ == "__main__":
    TileCache.over = roomless  # type: ignore[method-assign,assignment]
    main(["serve"])
