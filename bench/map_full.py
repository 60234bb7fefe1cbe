"""`ioc serve` whose tiles are never full and never gathered in clusters: every feature of a tile is in it.

The goals of tiles are stated for such tiles, of about 83 kB. All else is as shipped. Run as a program
(`python -m bench.map_full`), with the settings of `ioc serve`.
"""

import asyncio
import logging
import sys

from bench.map_tipg import MOST
from gis.layer import Layer
from ioc import app
from ioc.settings import Settings, from_environment
from ioc.store.tiles import Drawing


def whole(layer: Layer, z: int) -> Drawing:
    """Everything, at every zoom."""
    return Drawing(clustered=False, full=MOST)


async def main(settings: Settings) -> None:
    """Serve until a signal comes."""
    await app.run_until_signal(lambda: app.serve(settings, drawn=whole))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    asyncio.run(main(from_environment()))
