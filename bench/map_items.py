"""Items with the number that matches: ours beside tipg, on the same table and the same boxes."""

from collections.abc import Mapping
from functools import partial

import aiohttp

from bench.map_load import Order, loaded
from bench.map_site import SPREAD, Site
from bench.map_tiles import CONNECTIONS, Ask, Figures, beside, in_turn
from bench.map_tipg import items_path
from bench.scope import SOUTH, WEST
from bench.serving import HOST

LIMIT = 100
BOXES = tuple(
    (
        round(WEST + SPREAD * (0.05 + step), 3),
        round(SOUTH + SPREAD * (0.03 + step), 3),
        round(WEST + SPREAD * (0.15 + step), 3),
        round(SOUTH + SPREAD * (0.11 + step), 3),
    )
    for step in (0.0, 0.001, 0.002, 0.003)
)
"""Boxes of 29 by 24 km in the crowd, some 17,000 incidents each."""
SECONDS = 4.0


def _path(box: tuple[float, float, float, float]) -> str:
    return f"/ogc/collections/incidents/items?limit={LIMIT}&bbox={','.join(map(str, box))}"


async def items(site: Site, tipgs: Mapping[str, int], *, rounds: int, seconds: float = SECONDS) -> Figures:
    """Figures of items; those beside tipg only when it runs."""
    mine = [_path(box) for box in BOXES]
    theirs = [items_path(box, LIMIT) for box in BOXES]
    sides: dict[str, Ask] = {
        "ours": lambda: loaded(
            Order(host=HOST, port=site.port, token=site.token, paths=mine, connections=CONNECTIONS, seconds=seconds)
        ),
        **{
            name: partial(loaded, Order(host=HOST, port=port, paths=theirs, connections=CONNECTIONS, seconds=seconds))
            for name, port in tipgs.items()
        },
    }
    await _same(site, tipgs)
    return beside(await in_turn(sides, rounds), "items", "item_page")


async def _same(site: Site, tipgs: Mapping[str, int]) -> None:
    """RuntimeError when one side counts other matches or gives other features than the others."""
    box = BOXES[0]
    addresses = [f"http://{HOST}:{site.port}{_path(box)}"]
    addresses += [f"http://{HOST}:{port}{items_path(box, LIMIT)}" for port in tipgs.values()]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {site.token}"}) as http:
        told = []
        for address in addresses:
            async with http.get(address) as answer:
                page = await answer.json(content_type=None)
            told.append((page["numberMatched"], {str(one["id"]) for one in page["features"]}))
    if any(one != told[0] for one in told):
        raise RuntimeError(f"the sides do not say the same of {box}: {[number for number, _ in told]}")
