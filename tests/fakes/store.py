"""A store with three registered sources, and batches for it."""

import asyncpg

from gis.observation import Observation, Refusal
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from sensors.intake import Batch
from tests.fakes.things import NOW

OWNERS = {
    "gauge-ai-nghia": Owner("quang-nam", "20335@2025-07-01"),
    "gauge-b": Owner("thang-binh", "20791@2025-07-01"),
    "cam-a": Owner("quang-nam", "20335@2025-07-01"),
}


def store(database: Database) -> ObservationStore:
    """A store that knows OWNERS; every unit is metres."""
    return ObservationStore(database, lambda: OWNERS, lambda device, prop: "m")


def batch(*observations: Observation, refusals: tuple[Refusal, ...] = ()) -> Batch:
    """A batch that arrived at NOW."""
    return Batch(arrived_at=NOW, observations=observations, refusals=refusals)


async def counted(admin: asyncpg.Connection, table: str) -> int:
    """How many rows a table has."""
    number: int = await admin.fetchval(f"select count(*) from {table}")
    return number
