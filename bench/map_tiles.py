"""Vector tiles: ours beside the same statement on PostgreSQL alone, and beside tipg.

PostgreSQL alone is pgbench: the very statement that the store makes, prepared, as the same role with the same
settings; it binds the same scope, because the statement does that itself. Nobody is signed in there, and the tile
comes as hexadecimal text, where asyncpg takes it as bytes. Ours and tipg are asked by the same load on as many
connections. The sides take turns; medians count. No tile comes from a memory (`IOC_TILE_BYTES=0`).

Four connections keep two cores busy on every side, so that what is compared is what a tile costs; a browser alone opens
six. With two, which are told beside it, a core idled for an eighth of the time on the service's side and for a fortieth
on that of pgbench, which makes no answer of what it gets.

The goals are stated for full tiles: every open incident of a tile, on all sides, with the same properties. Ours has
those of its margin besides, and counts them (`meta`), which tipg does not.

Beside them, tiles as shipped: clusters below zoom 12, and at most 2,000 features, the worst. tipg has that limit then,
and takes whichever it finds first: it neither orders nor counts, and sends its first features for zoom 11 too.
"""

import asyncio
import datetime as dt
import os
import re
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp

from bench.map_full import whole
from bench.map_load import Answers, Order, loaded
from bench.map_places import Place, places
from bench.map_site import Site
from bench.map_tipg import MOST, tile_path
from bench.serving import HOST
from gis.layers import INCIDENTS
from ioc.access.scope import EVERYTHING
from ioc.embedded import programs
from ioc.store import tiles as store
from ioc.store.database import SERVER_SETTINGS
from ioc.store.statements import BOUND
from tests.fakes import mvt

SECONDS, CONNECTIONS, TWO = 4.0, 4, 2
LEAST_BYTES = 60_000
"""Of a tile, in the mean: less is not the crowd that is to be measured."""


Ask = Callable[[], Awaitable[Answers]]
Figures = dict[str, float]


def statement_of(place: Place, day: dt.date, drawn: store.Drawn) -> tuple[str, list[Any]]:
    """The text of a tile's statement and its arguments, as `Database.read` sends them for an administrator.

    For a full tile the service sends a second one, which is left out here.
    """
    rule = drawn(INCIDENTS, place[0])
    ready = (None if rule.clustered else store.whole(INCIDENTS)) or store.statement(INCIDENTS, clustered=rule.clustered)
    bound = {f"bound_{name}": value for name, value in zip(BOUND, EVERYTHING.settings, strict=True)}
    return ready.sql, ready.arguments({**store.values(place, day, rule.full), **bound})


def script(
    found: Sequence[Place], day: dt.date, drawn: store.Drawn = store.drawing, connections: int = CONNECTIONS
) -> str:
    """A pgbench script of one tile, the next one at each run; each client begins at another place."""
    asked = [statement_of(place, day, drawn) for place in found]
    texts = list(dict.fromkeys(sql for sql, _ in asked))
    lines = ["\\set i :i + 1", f"\\set k (:i + :client_id * {len(asked) // connections}) % {len(asked)}"]
    for number, text in enumerate(texts):
        mine = [place for place, (sql, _) in enumerate(asked) if sql == text]
        lines.append(f"\\{'elif' if number else 'if'} {_among(mine)}")
        width = len(asked[mine[0]][1])
        lines += [_chosen(argument, {k: asked[k][1][argument] for k in mine}) for argument in range(width)]
        lines.append(re.sub(r"\$([0-9]+)", r":p\1", text) + ";")
    return "\n".join([*lines, "\\endif", ""])


def _among(places_: Sequence[int]) -> str:
    return " or ".join(f":k = {place}" for place in places_) if len(places_) < 400 else "true"


def _chosen(argument: int, values: Mapping[int, Any]) -> str:
    """Sets one argument by the tile; pgbench knows numbers alone, other values must be the same for all."""
    name, kinds = f"p{argument + 1}", set(map(str, values.values()))
    if len(kinds) == 1 and not isinstance(next(iter(values.values())), (int, float)):
        return f"-- {name} is given"
    if len(kinds) == 1:
        return f"\\set {name} {next(iter(values.values()))}"
    cases = " ".join(f"when :k = {place} then {value}" for place, value in values.items())
    return f"\\set {name} case {cases} end"


def _texts(asked: Sequence[tuple[str, list[Any]]]) -> list[str]:
    """The arguments that are no numbers, as pgbench takes them."""
    given = {f"p{number + 1}": value for _, row in asked for number, value in enumerate(row)}
    return [
        part for name, value in given.items() if isinstance(value, (str, dt.date)) for part in ("-D", f"{name}={value}")
    ]


async def pgbench(
    site: Site, found: Sequence[Place], seconds: float, drawn: store.Drawn, connections: int = CONNECTIONS
) -> Answers:
    """Tiles a second of PostgreSQL alone."""
    at, day = urlsplit(site.stack.postgres.url("ioc_app", tcp=True)), dt.datetime.now(dt.UTC).date()
    environment = os.environ | {
        "PGHOST": str(site.stack.postgres.socket),
        "PGPORT": str(at.port),
        "PGUSER": "ioc_app",
        "PGPASSWORD": unquote(at.password or ""),
        "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in SERVER_SETTINGS.items()),
    }
    with tempfile.TemporaryDirectory(prefix="ioc-") as folder:
        path = Path(folder, "tiles.sql")
        await asyncio.to_thread(path.write_text, script(found, day, drawn, connections))
        asked = [statement_of(place, day, drawn) for place in found[:5]]
        process = await asyncio.create_subprocess_exec(
            *(str(programs.postgresql(site.stack.postgres.data) / "pgbench"), "-n", "-M", "prepared", "-f", str(path)),
            *("-c", str(connections), "-T", f"{seconds:.0f}", "-D", "i=-1", *_texts(asked)),
            *("--log", f"--log-prefix={folder}/log", at.path.removeprefix("/")),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"pgbench failed: {said.decode(errors='replace')[-2000:]}")
        return _answers(Path(folder), said.decode())


def _answers(folder: Path, said: str) -> Answers:
    taken = sorted(
        int(line.split()[2]) / 1e3 for log in folder.glob("log.*") for line in log.read_text().splitlines() if line
    )
    rate = re.search(r"tps = ([0-9.]+) \(without", said)
    if rate is None or "0 (0.000%)" not in said.partition("failed transactions:")[2]:
        raise RuntimeError(f"pgbench did not say its rate: {said}")
    return Answers(
        per_s=float(rate[1]), p50_ms=taken[len(taken) // 2], p99_ms=taken[int(len(taken) * 0.99)], bytes=0.0,
        answers=len(taken),
    )  # fmt: skip


def _path(place: Place) -> str:
    z, x, y = place
    return f"/ogc/collections/incidents/tiles/WebMercatorQuad/{z}/{y}/{x}"


async def ours(site: Site, found: Sequence[Place], seconds: float, connections: int = CONNECTIONS) -> Answers:
    """Tiles a second of `ioc serve`: signed in, scoped, tagged."""
    return await loaded(
        Order(
            host=HOST,
            port=site.port,
            paths=list(map(_path, found)),
            token=site.token,
            connections=connections,
            seconds=seconds,
        )
    )


async def foreign(side: str, port: int, found: Sequence[Place], seconds: float, limit: int = MOST) -> Answers:
    """Tiles a second of tipg."""
    paths = [tile_path(place, limit, side) for place in found]
    return await loaded(Order(host=HOST, port=port, paths=paths, connections=CONNECTIONS, seconds=seconds))


def median(rounds: Sequence[Answers]) -> Answers:
    """Each figure's median over the rounds."""
    fields = Answers.__struct_fields__
    return Answers(**{name: statistics.median(getattr(one, name) for one in rounds) for name in fields})


def ratio(mine: Sequence[Answers], theirs: Sequence[Answers]) -> float:
    """The median of the rounds' ratios of answers a second."""
    return statistics.median(a.per_s / b.per_s for a, b in zip(mine, theirs, strict=True))


async def in_turn(sides: Mapping[str, Ask], rounds: int) -> dict[str, list[Answers]]:
    """All sides in turn, so many times, after a round that warms PostgreSQL's memory."""
    told: dict[str, list[Answers]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, ask in sides.items():
            answers = await ask()
            if number:
                told[name].append(answers)
    return told


def beside(told: Mapping[str, list[Answers]], kind: str, one: str) -> dict[str, float]:
    """Each side's figures, and ours as a ratio to it, for keys that begin with `kind`; `one` with a single answer."""
    figures: dict[str, float] = {}
    for side, answers in told.items():
        them, key = median(answers), "" if side == "ours" else f"_{side}"
        if key:
            figures[f"{kind}_vs{key}"] = ratio(told["ours"], answers)
        figures |= {f"{kind}{key}_per_s": them.per_s, f"{kind}{key}_p99_ms": them.p99_ms}
        if them.bytes:
            figures[f"{one}{key}_kb"] = them.bytes / 1e3
    return figures


async def _features(address: str, token: str, layer: str) -> dict[str, tuple[int, int]]:
    """Ids and places in the tile."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.get(address) as answer:
        return {one.properties["id"]: one.corner for one in mvt.layers(await answer.read()).get(layer, ())}


async def same(site: Site, tipgs: Mapping[str, int], found: Sequence[Place]) -> None:
    """RuntimeError when tipg shows what ours does not, elsewhere, or lacks what is not of the margin."""
    for place in found:
        mine = await _features(f"http://{HOST}:{site.port}{_path(place)}", site.token, INCIDENTS.id)
        own = {fid for fid, corner in mine.items() if all(0 < at < 4096 for at in corner)}
        for side, port in tipgs.items():
            theirs = await _features(f"http://{HOST}:{port}{tile_path(place, MOST, side)}", site.token, "default")
            if not own <= theirs.keys() or any(mine.get(fid) != corner for fid, corner in theirs.items()):
                raise RuntimeError(f"the tiles {place} differ: {len(own)} features of ours, {len(theirs)} of tipg")


async def tiles(site: Site, tipgs: Mapping[str, int], *, rounds: int, seconds: float = SECONDS) -> Figures:
    """Figures of full tiles, of a server of `bench.map_full`; those beside tipg only when it runs."""
    found = places()
    sides: dict[str, Ask] = {
        "postgres": lambda: pgbench(site, found, seconds, whole),
        "ours": lambda: ours(site, found, seconds),
        **{name: partial(foreign, name, port, found, seconds) for name, port in tipgs.items()},
    }
    await same(site, tipgs, found[:10])
    told = await in_turn(sides, rounds)
    us = median(told["ours"])
    if us.bytes < LEAST_BYTES:
        raise RuntimeError(
            f"the tiles have {us.bytes:.0f} bytes: the incidents are not open, so that nothing is measured"
        )
    return (
        beside(told, "tiles", "tile")
        | {"tiles_p99_vs_postgres": us.p99_ms / median(told["postgres"]).p99_ms}
        | beside(await in_turn(_two(site, found, seconds), rounds), "tiles_two", "tile_two")
    )


def _two(site: Site, found: Sequence[Place], seconds: float) -> dict[str, Ask]:
    return {
        "postgres": lambda: pgbench(site, found, seconds, whole, TWO),
        "ours": lambda: ours(site, found, seconds, TWO),
    }


async def shipped(site: Site, tipgs: Mapping[str, int], *, rounds: int, seconds: float = SECONDS) -> Figures:
    """The same of tiles as shipped: clusters, at most `FULL` features; tipg sends the first `FULL` that it finds."""
    found = places()
    sides: dict[str, Ask] = {
        "postgres": lambda: pgbench(site, found, seconds, store.drawing),
        "ours": lambda: ours(site, found, seconds),
        **{name: partial(foreign, name, port, found, seconds, store.FULL) for name, port in tipgs.items()},
    }
    return beside(await in_turn(sides, rounds), "tiles_shipped", "tile_shipped")
