"""The sink of all listeners: readings, sightings, dead letters and the journal row in one transaction.

An attempt has one of three outcomes: PostgreSQL has committed, it does not take anything now (NotTakenError), or a
row is at fault. Such a row is found by halving the batch and becomes a dead letter; nothing else ever does.
"""

import asyncio
import datetime as dt
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import LiteralString

import asyncpg
import msgspec

from gis.observation import CameraState, Mark, Observation, Reading, Refusal, Sighting
from gis.stamp import BELIEVED_FUTURE, BELIEVED_PAST
from ioc.access.scope import EVERYTHING
from ioc.retention import STANDARD
from ioc.store import journal, letters, maker_states
from ioc.store.columns import Arranged
from ioc.store.database import Database, ServerChangedError, Transaction
from ioc.store.media import StoredPicture, insert_pictures
from ioc.store.outcome import NotTakenError, code_of, of_data
from ioc.store.readings import Owner, Readings, RepeatedError
from ioc.store.sightings import insert_sightings
from sensors.intake import AHEAD, Batch

log = logging.getLogger(__name__)

PATIENCE_S = 2.0
"""Seconds (monotonic) that a transaction of an attempt may take, unless the caller gives it longer."""

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
"""The database is away, full or busy: the same may succeed later."""


class Parcel(msgspec.Struct, frozen=True):
    """A batch, and the stored pictures that its sightings show."""

    batch: Batch
    pictures: tuple[StoredPicture, ...] = ()


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

    `repeated` is told of observations that were here already, after the commit; `passing` of the kill points
    "storing", "committing" and "committed". Whoever feeds it dead letters again sets `buries` to False: what is
    refused then is counted, and not buried a second time.
    """

    def __init__(
        self,
        database: Database,
        owners: Callable[[], Mapping[str, Owner]],
        unit_of: Callable[[str, str], str],
        retention_of: Callable[[str], str] = lambda device: STANDARD,
        *,
        repeated: Callable[[Sequence[Observation]], None] = _unheard,
        passing: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._database = database
        self._owners = owners
        self._readings = Readings(unit_of, retention_of)
        self._repeated = repeated
        self._passing = passing
        self._repeats = False
        self._ahead: deque[Arranged] = deque(maxlen=AHEAD + 1)
        self.buries = True
        self.kept = Kept()

    async def keep(self, batch: Batch, pictures: Sequence[StoredPicture] = ()) -> None:
        """Make the batch durable; returns after the commit, and tries again while the database is away."""
        again = False
        while True:
            try:
                await self.attempt([Parcel(batch, tuple(pictures))], again=again)
            except NotTakenError as error:
                log.warning("a batch is tried again: %s", error)
                again = True
                await asyncio.sleep(RETRY_S)
            else:
                return

    def foresee(self, batch: Batch) -> None:
        """Put a batch in order that will be kept next, while the server works on the one before it.

        It costs what it would cost later, when the server would wait for it; what is not true any more by then is
        made again.
        """
        owners = self._owners()
        readings = _readings(batch)
        if readings and not batch.refusals and _acceptable(batch, owners) is batch:
            arranged = self._readings.arranged(batch, readings, owners)
            if arranged is not None:
                self._ahead.append(arranged)

    async def attempt(self, parcels: Sequence[Parcel], *, patience_s: float = PATIENCE_S, again: bool = False) -> None:
        """Try once to make parcels durable, in one transaction and in their order; returns after the commit.

        `again`: an earlier attempt may have committed them, or some. Raises NotTakenError, after which the same
        parcels may be given again: the key of an observation makes the repetition harmless, and dead letters are
        compared with those that are there.
        """
        database = self._database.within(patience_s, durable=True)
        try:
            there = await _buried(database, parcels) if again else Counter[Grave]()
            await self._keep(database, parcels, there)
        except Exception as error:
            self.kept.retries += 1
            self._readings.forget()  # a partition may have been dropped, a server have given way to another
            code = code_of(error)
            if code == "store_refuses":
                log.error("the database refuses a batch, which waits", exc_info=error)
            raise NotTakenError(code, error) from error

    async def probe(self, patience_s: float = 1.0) -> None:
        """Whether the store takes something at all. Raises NotTakenError."""
        try:
            async with self._database.within(patience_s, durable=True).transaction(EVERYTHING) as transaction:
                await transaction.connection.execute("select pg_current_xact_id()")  # fails where nothing is written
        except Exception as error:
            raise NotTakenError(code_of(error), error) from error

    async def _keep(self, database: Database, parcels: Sequence[Parcel], there: "Counter[Grave]") -> None:
        parcels = [one for one in parcels if not one.batch.empty or one.pictures]
        if not parcels:
            return
        try:
            await self._commit(database, parcels, there)
        except Exception as error:
            if not of_data(error):
                raise
            for part in _parts(parcels, error):
                await self._keep(database, part, there)

    async def _commit(self, database: Database, parcels: Sequence[Parcel], there: "Counter[Grave]") -> None:
        self._passing("storing")
        owners = self._owners()
        arranged = self._arranged(parcels, owners)
        if arranged is None:
            parcels = [Parcel(_acceptable(one.batch, owners), one.pictures) for one in parcels]
            for parcel in parcels:
                await self._readings.prepare(database, _readings(parcel.batch), owners, parcel.batch.arrived_at)
        try:
            new, left = await self._transact(database, parcels, owners, there, arranged)
        except RepeatedError:
            self._repeats = True
            new, left = await self._transact(database, parcels, owners, there)
        self._passing("committed")
        self._repeats = sum(map(len, new)) < sum(len(one.batch.observations) for one in parcels)
        there.clear()
        there.update(left)
        for parcel, fresh in zip(parcels, new, strict=True):
            self._readings.committed(_readings(parcel.batch))
            self._count(parcel.batch, fresh)

    def _arranged(self, parcels: Sequence[Parcel], owners: Mapping[str, Owner]) -> Arranged | None:
        """The batch that was foreseen, if it is this one and nothing has changed since."""
        ahead = next((one for one in self._ahead if len(parcels) == 1 and one.batch is parcels[0].batch), None)
        if ahead is None:
            return None
        self._ahead.remove(ahead)
        return ahead if ahead.owners is owners and self._readings.holds(ahead) else None

    async def _transact(
        self,
        database: Database,
        parcels: Sequence[Parcel],
        owners: Mapping[str, Owner],
        there: "Counter[Grave]",
        arranged: Arranged | None = None,
    ) -> "tuple[list[list[Observation]], Counter[Grave]]":
        """What was new of each parcel, and the dead letters that are still to be compared."""
        left = there.copy()
        async with database.transaction(EVERYTHING) as transaction:
            if not self._readings.knows(transaction.identity):
                raise ServerChangedError
            new = [await self._insert(transaction, parcel, owners, left, arranged) for parcel in parcels]
            self._passing("committing")
        return new, left

    async def _insert(
        self,
        transaction: Transaction,
        parcel: Parcel,
        owners: Mapping[str, Owner],
        there: "Counter[Grave]",
        arranged: Arranged | None,
    ) -> list[Observation]:
        """Insert what is new of a parcel, and return it."""
        batch = parcel.batch
        sightings = [one for one in batch.observations if isinstance(one, Sighting)]
        refusals = batch.refusals if self.buries else ()
        marks = [mark for refusal in refusals for mark in refusal.marks]
        whole: list[bytes] = []
        new: list[Observation] = []
        new += await self._readings.insert(
            transaction,
            _readings(batch),
            owners,
            batch.arrived_at,
            telling=self._repeats,
            arranged=arranged,
            meanwhile=lambda: _seal(batch, marks, whole),
        )
        await insert_pictures(transaction, [one for one in parcel.pictures if one.source in owners], owners)
        new += await insert_sightings(transaction, sightings, owners, batch.arrived_at)
        if sightings or batch.states:
            # An end is no sign of life: of a camera that is watched no more it is told afterwards.
            reporting = {one.stamp.source: one.stamp.at for one in sightings if one.phase != "end"}
            await maker_states.enter(transaction, batch.states, reporting, owners, batch.arrived_at)
        await _bury(transaction, refusals, batch.arrived_at, owners, there)
        if new or marks:
            page = whole[0] if whole else journal.sealed(new, marks)
            await journal.append_sealed(transaction, page, batch.arrived_at)
        return new

    def _count(self, batch: Batch, new: Sequence[Observation]) -> None:
        self.kept.observations += len(new)
        self.kept.repeated += len(batch.observations) - len(new)
        self.kept.refused += len(batch.refusals)
        if len(new) < len(batch.observations):
            known = {one.stamp.key for one in new}
            self._repeated([one for one in batch.observations if one.stamp.key not in known])


def _seal(batch: Batch, marks: Sequence[Mark], whole: list[bytes]) -> None:
    """The journal's row if all is new, made while the server inserts."""
    if all(isinstance(one, Reading) for one in batch.observations):
        whole.append(journal.sealed(list(batch.observations), marks))


Grave = tuple[dt.datetime, str, bytes]
"""Arrival, topic and digest: what tells one dead letter from another."""


def _readings(batch: Batch) -> list[Reading]:
    return [one for one in batch.observations if isinstance(one, Reading)]


def _acceptable(batch: Batch, owners: Mapping[str, Owner]) -> Batch:
    """The batch with what has no place here as dead letters: what came from sources that left the register meanwhile,
    and readings of a date that nobody believes, for which there is no partition."""
    first, last = batch.arrived_at - BELIEVED_PAST, batch.arrived_at + BELIEVED_FUTURE
    stay: list[Observation] = []
    refusals = []
    for one in batch.observations:
        if one.stamp.source not in owners:
            reason = f"{one.stamp.source} is not registered any more; register it, then replay this message"
            refusals.append(_refusal(one, "unknown_device", reason))
        elif isinstance(one, Reading) and not first <= one.stamp.at <= last:
            reason = f"the time {one.stamp.at.isoformat()} is not believed"
            refusals.append(_refusal(one, "date", reason, (one.stamp.at - batch.arrived_at).total_seconds()))
        else:
            stay.append(one)
    return _batch(batch, [*stay, *batch.refusals, *refusals], batch.states) if refusals else batch


def _refusal(one: Observation, code: str, reason: str, skew_s: float | None = None) -> Refusal:
    """The dead letter of an observation that was decoded already, under its source."""
    stamp = one.stamp
    marks: tuple[Mark, ...] = ()
    if stamp.sequence is not None:
        marks = (Mark(source=stamp.source, run=stamp.run, sequence=stamp.sequence, at=stamp.at),)
    return Refusal(
        topic=stamp.source,
        payload=msgspec.json.encode(one),
        code=code,
        reason=reason,
        source=stamp.source,
        marks=marks,
        skew_s=skew_s,
    )


def _parts(parcels: Sequence[Parcel], error: Exception) -> list[list[Parcel]]:
    """Parts of parcels that the database refuses together: each of several, or the halves of the only one."""
    if len(parcels) > 1:
        middle = len(parcels) // 2
        return [list(parcels[:middle]), list(parcels[middle:])]
    (parcel,) = parcels
    if parcel.batch.empty:
        log.error("the database refuses files of evidence: %s; they are not registered", type(error).__name__)
        return []
    return [[Parcel(half, parcel.pictures)] for half in _halves(parcel.batch, error)]


def _halves(batch: Batch, error: Exception) -> list[Batch]:
    """Two halves of a batch that the database refuses, states with the first; or the dead letter of its last row."""
    parts: list[Observation | Refusal] = [*batch.observations, *batch.refusals]
    if not parts:
        raise error
    if len(parts) == 1:
        log.error("the database refuses a row: %s", type(error).__name__)
        return [_batch(batch, [_poison(parts[0], error)])]
    middle = len(parts) // 2
    return [_batch(batch, parts[:middle], batch.states), _batch(batch, parts[middle:])]


def _batch(batch: Batch, parts: Sequence[Observation | Refusal], states: tuple[CameraState, ...] = ()) -> Batch:
    return Batch(
        states=states,
        arrived_at=batch.arrived_at,
        observations=tuple(part for part in parts if not isinstance(part, Refusal)),
        refusals=tuple(part for part in parts if isinstance(part, Refusal)),
    )


def _poison(part: Observation | Refusal, error: Exception) -> Refusal:
    reason = f"the database refused it ({type(error).__name__}); mend it and replay it"
    if not isinstance(part, Refusal):
        return _refusal(part, "poison", reason)
    if part.code == "poison":
        raise error
    topic = part.topic.encode("ascii", "replace").decode().replace("\0", "?")
    return Refusal(
        topic=topic, payload=part.payload, code="poison", reason=reason, source=part.source, marks=part.marks
    )


async def _buried(database: Database, parcels: Sequence[Parcel]) -> "Counter[Grave]":
    """The dead letters of these moments of arrival that are there, for a batch that comes again."""
    moments = sorted({parcel.batch.arrived_at for parcel in parcels})
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await transaction.connection.fetch(_BURIED, moments)
    return Counter({(row["arrived_at"], row["topic"], row["sha256"]): row["number"] for row in found})


_BURIED: LiteralString = """
select arrived_at, topic, sha256, count(*) as number from dead_letters
where arrived_at = any ($1::timestamptz[]) group by arrived_at, topic, sha256
"""


async def _bury(
    transaction: Transaction,
    refusals: Sequence[Refusal],
    arrived_at: dt.datetime,
    owners: Mapping[str, Owner],
    there: "Counter[Grave]",
) -> None:
    """Dead letters: the head of the payload, its length and digest, whose it is, and why it was refused."""
    rows = []
    for refusal in refusals:
        row = letters.row_of(refusal, arrived_at, owners)
        grave = (arrived_at, row["topic"], row["sha256"])
        if there[grave] > 0:
            there[grave] -= 1
        else:
            rows.append(row)
    await letters.bury(transaction, rows)
