"""tipg over the same table of the same PostgreSQL, in a virtual environment of its own.

As it comes (TIPG): its connections have PostgreSQL's own settings, and tiles are made from the table's first column of
places, which is what it takes when nobody names one. Beside that, tuned (TUNED): with the settings that our service
gives its connections, which its manual tells nobody to set, and from the column that we keep in the tiles' projection.

Both are given a role that row-level security does not bind (its own conditions are no leakproof functions, under
row-level security they would lose the index), a clip margin as narrow as ours, and no sizes of its own to look up. Of
the rows it sees the same: the person who asks ours sees everything.
"""

import asyncio
import secrets
import sys
import venv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

from bench import installer
from bench.ingest_site import connected, program
from bench.serving import until_open
from gis.layer import Layer
from gis.layers import INCIDENTS, OPEN_STATUSES
from ioc.embedded import Stack
from ioc.embedded.postgres import free_port
from ioc.store.database import SERVER_SETTINGS

LOCK = Path(__file__).parent / "tipg/requirements.lock"
HOME = Path(__file__).parent / "tipg/.venv"
PYTHON = HOME / "bin/python"
ROLE = "bench_tipg"
TIPG, TUNED = "tipg", "tipg_tuned"
MOST = 1_000_000
"""Features of a tile: more than there are."""


def tile_path(place: tuple[int, int, int], limit: int, side: str) -> str:
    """The address of a tile with the features and properties that ours has."""
    column = "&geom-column=geom3857" if side == TUNED else ""
    z, x, y = place
    words = ", ".join(f"'{word}'" for word in OPEN_STATUSES)
    shown = ",".join(field.name for field in INCIDENTS.fields if field.tile)
    return (
        f"/collections/public.incidents/tiles/WebMercatorQuad/{z}/{x}/{y}?limit={limit}{column}"
        f"&properties={shown}&filter-lang=cql2-text&filter={quote(f'status IN ({words})')}"
    )


def items_path(box: tuple[float, float, float, float], limit: int) -> str:
    """The address of items with the properties that ours have."""
    shown = ",".join(field.name for field in INCIDENTS.fields)
    return (
        f"/collections/public.incidents/items?f=geojson&limit={limit}&bbox={','.join(map(str, box))}"
        f"&geom-column=geom&properties={shown}"
    )


async def install() -> str:
    """Install what the lock pins, once; an empty text when it is there, else why it could not be."""
    stamp = HOME / ".stamp"
    if installer.is_there(stamp, LOCK):
        return ""
    await asyncio.to_thread(venv.create, HOME, clear=True, with_pip=True)
    flags = ("install", "-q", "--require-hashes", "--no-deps", "--only-binary=:all:", "--retries=1")
    return await installer.install("pip", (str(PYTHON), "-m", "pip", *flags, "-r", str(LOCK)), stamp, LOCK)


async def _let_in(stack: Stack, layer: Layer, *, tuned: bool) -> str:
    """A role that reads the table, unbound; its address."""
    role = f"{ROLE}_tuned" if tuned else ROLE
    password = secrets.token_hex(16)
    async with connected(stack.database_url("postgres")) as connection:
        await connection.execute(
            f"create role {role} login bypassrls password '{password}'; grant select on {layer.relation} to {role};"
            f"grant usage on schema public to {role}; grant connect, temporary on database ioc to {role}"
        )
        for name, value in SERVER_SETTINGS.items() if tuned else ():
            await connection.execute(f"alter role {role} set {name} = '{value}'")
    at = urlsplit(stack.database_url("postgres", tcp=True))
    return f"postgresql://{role}:{password}@{at.hostname}:{at.port}{at.path}"


@asynccontextmanager
async def tipg(stack: Stack, *, tuned: bool = False) -> AsyncIterator[int]:
    """The server, for as long as the block lasts; its port."""
    port = free_port()
    environment = {
        "DATABASE_URL": await _let_in(stack, INCIDENTS, tuned=tuned),
        "DB_MIN_CONN_SIZE": "4",
        "TIPG_DB_SCHEMAS": '["public"]',
        "TIPG_DB_TABLES": '["public.incidents"]',
        "TIPG_DB_SPATIAL_EXTENT": "false",
        "TIPG_DB_DATETIME_EXTENT": "false",
        "TIPG_TILE_BUFFER": "64",
        "TIPG_MAX_FEATURES_PER_TILE": str(MOST),
        "TIPG_CATALOG_TTL": "3600",
    }
    arguments = ("-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log", "--log-level", "error")
    async with program(arguments, executable=str(PYTHON), environment=environment):
        await until_open(port)
        yield port


if __name__ == "__main__":
    sys.exit(asyncio.run(install()))
