"""The sink of all listeners: readings, sightings, dead letters and the journal row in one transaction.

`keep` returns only when PostgreSQL has committed. While it is away the batch is tried again, so that nothing
is acknowledged that is not durable; a row that PostgreSQL refuses is found by halving the batch and becomes
a dead letter.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence

import asyncpg
import msgspec

from gis.observation import Observation, Reading, Refusal, Sighting
from ioc.access.scope import EVERYTHING
from ioc.retention import STANDARD
from ioc.store import journal
from ioc.store.database import Database, Transaction
from ioc.store.readings import Owner, Readings
from ioc.store.sightings import StoredPicture, insert_pictures, insert_sightings
from ioc.store.statements import inserting
from ioc.store.tables import DEAD_LETTERS
from sensors.intake import Batch

log = logging.getLogger(__name__)

HEAD = 4096
"""Bytes of a dead letter that are kept, beside its length and SHA-256 (contract, MQTT)."""

RETRY_S = 0.5

UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg itself says when a connection ends between two of its steps
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
)
"""The database is away, full or busy: the same batch may succeed later."""


class Kept(msgspec.Struct):
    """Counters since the start of the process."""

    observations: int = 0
    repeated: int = 0
    refused: int = 0
    retries: int = 0


def _unheard(repeated: Sequence[Observation]) -> None:
    return None


class ObservationStore:
    """Keeps batches. `owners` tells whose a source is; `unit_of` a property's unit by device and name;
    `retention_of` the retention class by device.

    `repeated` is told of observations that were here already, after the commit.
    """

    def __init__(
        self,
        database: Database,
        owners: Callable[[], Mapping[str, Owner]],
        unit_of: Callable[[str, str], str],
        retention_of: Callable[[str], str] = lambda device: STANDARD,
        repeated: Callable[[Sequence[Observation]], None] = _unheard,
    ) -> None:
        self._database = database
        self._owners = owners
        self._readings = Readings(unit_of, retention_of)
        self._repeated = repeated
        self.kept = Kept()

    async def keep(self, batch: Batch, pictures: Sequence[StoredPicture] = ()) -> None:
        """Make the batch durable; returns after the commit, and tries again while the database is away."""
        while True:
            try:
                await self._keep(batch, pictures)
            except UNAVAILABLE as error:
                self.kept.retries += 1
                log.warning("the database does not take a batch now (%s); trying again", type(error).__name__)
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _keep(self, batch: Batch, pictures: Sequence[StoredPicture]) -> None:
        try:
            await self._commit(batch, pictures)
        except ValueError as error:  # asyncpg's own word for a value it cannot encode
            await self._each_half(batch, pictures, error)
        except UNAVAILABLE:
            raise
        except asyncpg.PostgresError as error:
            await self._each_half(batch, pictures, error)

    async def _each_half(self, batch: Batch, pictures: Sequence[StoredPicture], error: Exception) -> None:
        for part in _halves(batch, error):
            await self._keep(part, pictures)

    async def _commit(self, batch: Batch, pictures: Sequence[StoredPicture]) -> None:
        if not batch.observations and not batch.refusals:
            return
        owners = self._owners()
        batch = _registered(batch, owners)
        readings = [one for one in batch.observations if isinstance(one, Reading)]
        sightings = [one for one in batch.observations if isinstance(one, Sighting)]
        await self._readings.prepare(self._database, readings, owners, batch.arrived_at)
        async with self._database.transaction(EVERYTHING) as transaction:
            new: list[Observation] = []
            new += await self._readings.insert(transaction, readings, owners, batch.arrived_at)
            await insert_pictures(transaction, [one for one in pictures if one.source in owners], owners)
            new += await insert_sightings(transaction, sightings, owners, batch.arrived_at)
            await _bury(transaction, batch)
            marks = [mark for refusal in batch.refusals for mark in refusal.marks]
            if new or marks:
                await journal.append(transaction, new, batch.arrived_at, marks)
        self._readings.committed(readings)
        self._count(batch, len(new))
        if len(new) < len(batch.observations):
            known = {one.stamp.key for one in new}
            self._repeated([one for one in batch.observations if one.stamp.key not in known])

    def _count(self, batch: Batch, new: int) -> None:
        self.kept.observations += new
        self.kept.repeated += len(batch.observations) - new
        self.kept.refused += len(batch.refusals)


def _registered(batch: Batch, owners: Mapping[str, Owner]) -> Batch:
    """The batch with what came from sources that left the register meanwhile as dead letters."""
    left = [one for one in batch.observations if one.stamp.source not in owners]
    if not left:
        return batch
    refusals = [
        Refusal(
            topic=one.stamp.source,
            payload=msgspec.json.encode(one),
            code="unknown_device",
            reason=f"{one.stamp.source} is not registered any more; register it, then replay this message",
        )
        for one in left
    ]
    stay = [one for one in batch.observations if one.stamp.source in owners]
    return _batch(batch, [*stay, *batch.refusals, *refusals])


def _halves(batch: Batch, error: Exception) -> list[Batch]:
    """Two halves of a batch that the database refuses, or the dead letter of its last row."""
    parts: list[Observation | Refusal] = [*batch.observations, *batch.refusals]
    if len(parts) == 1:
        log.error("the database refuses a row: %s", type(error).__name__)
        return [_batch(batch, [_poison(parts[0], error)])]
    middle = len(parts) // 2
    return [_batch(batch, parts[:middle]), _batch(batch, parts[middle:])]


def _batch(batch: Batch, parts: Sequence[Observation | Refusal]) -> Batch:
    return Batch(
        arrived_at=batch.arrived_at,
        observations=tuple(part for part in parts if not isinstance(part, Refusal)),
        refusals=tuple(part for part in parts if isinstance(part, Refusal)),
    )


def _poison(part: Observation | Refusal, error: Exception) -> Refusal:
    if isinstance(part, Refusal):
        if part.code == "poison":
            raise error
        topic, payload = part.topic.encode("ascii", "replace").decode().replace("\0", "?"), part.payload
    else:
        topic, payload = part.stamp.source, msgspec.json.encode(part)
    reason = f"the database refused it ({type(error).__name__}); mend it and replay it"
    return Refusal(topic=topic, payload=payload, code="poison", reason=reason)


async def _bury(transaction: Transaction, batch: Batch) -> None:
    """Dead letters: the head of the payload, its length and digest, and why it was refused."""
    letters = [
        {
            "centre": None,
            "area": None,
            "topic": refusal.topic[:512].replace("\0", "�"),
            "head": refusal.payload[:HEAD],
            "bytes": len(refusal.payload),
            "sha256": hashlib.sha256(refusal.payload).digest(),
            "code": refusal.code,
            "reason": refusal.reason.replace("\0", "�")[:1000],
            "arrived_at": batch.arrived_at,
        }
        for refusal in batch.refusals
    ]
    await transaction.run_many(inserting(DEAD_LETTERS), letters)
