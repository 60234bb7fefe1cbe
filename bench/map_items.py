"""Items with the number that matches: ours beside tipg, on the same table and the same boxes."""

import statistics

from bench.map_load import Answers, Order, loaded
from bench.map_site import HOST, Site
from bench.map_tiles import CONNECTIONS, median
from bench.map_tipg import items_path
from bench.scope import SOUTH, WEST

LIMIT = 100
BOXES = tuple(
    (round(WEST + 0.05 + step, 3), round(SOUTH + 0.03 + step, 3), round(WEST + 0.15 + step, 3), round(SOUTH + 0.11 + step, 3))
    for step in (0.0, 0.001, 0.002, 0.003)
)
"""Boxes of 11 by 9 km in the crowd, some 17,000 incidents each."""
ROUNDS, SECONDS = 3, 5.0


def _path(box: tuple[float, float, float, float]) -> str:
    return f"/ogc/collections/incidents/items?limit={LIMIT}&bbox={','.join(map(str, box))}"


async def items(site: Site, tipg_port: int | None, *, rounds: int = ROUNDS) -> dict[str, float]:
    """Figures of items; those beside tipg only when it runs."""
    mine, theirs = list[Answers](), list[Answers]()
    for _ in range(rounds):
        asked = Order(
            host=HOST, port=site.port, token=site.token, paths=[_path(box) for box in BOXES],
            connections=CONNECTIONS, seconds=SECONDS,
        )  # fmt: skip
        mine.append(await loaded(asked))
        if tipg_port:
            paths = [items_path(box, LIMIT) for box in BOXES]
            theirs.append(
                await loaded(
                    Order(host=HOST, port=tipg_port, paths=paths, connections=CONNECTIONS, seconds=SECONDS)
                )
            )
    us = median(mine)
    figures = {"items_per_s": us.per_s, "items_p99_ms": us.p99_ms}
    if theirs:
        them = median(theirs)
        figures |= {
            "items_vs_tipg": statistics.median(a.per_s / b.per_s for a, b in zip(mine, theirs, strict=True)),
            "items_tipg_per_s": them.per_s,
            "items_tipg_p99_ms": them.p99_ms,
        }
    return figures
