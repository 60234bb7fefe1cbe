"""The map: tiles and items beside PostgreSQL alone and beside tipg, what history costs, and five hundred walls."""

import asyncio
from contextlib import AsyncExitStack

from bench import map_tipg
from bench.map_history import history
from bench.map_items import items
from bench.map_site import filled, site
from bench.map_tiles import shipped, tiles
from bench.map_walls import SECONDS, fan_out

GOALS = {
    "tiles_vs_postgres": ("at least", 0.75),
    "tiles_vs_tipg": ("at least", 2.0),
    "items_vs_tipg": ("at least", 8.0),
    "walls_500_p99_ms": ("at most", 100.0),
    "history_cost_ratio": ("at most", 1.2),
}


async def run(*, long: bool) -> dict[str, float]:
    """Ratios, requests a second and milliseconds; `long` takes more rounds."""
    rounds = 9 if long else 5
    why = await map_tipg.install()
    if why:
        print(f"map: tipg is not there to compare with ({why}); tiles_vs_tipg and items_vs_tipg are left out")
    async with AsyncExitStack() as exits:
        stack, tipgs = await exits.enter_async_context(filled()), dict[str, int]()
        for name, tuned in () if why else ((map_tipg.TIPG, False), (map_tipg.TUNED, True)):
            tipgs[name] = await exits.enter_async_context(map_tipg.tipg(stack, tuned=tuned))
        async with site(stack, "bench.map_full") as full:
            figures = await tiles(full, tipgs, rounds=rounds)
        async with site(stack) as where:
            figures |= await shipped(where, tipgs, rounds=rounds)
            figures |= await items(where, tipgs, rounds=rounds)
        figures |= await history(stack)
    figures |= await fan_out(seconds=60.0 if long else SECONDS)
    return {name: round(value, 3 if value < 20 else 1) for name, value in figures.items()}


if __name__ == "__main__":
    for key, figure in asyncio.run(run(long=False)).items():
        print(f"map {key} {figure}")
