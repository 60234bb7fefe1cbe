"""Feeds what was kept aside through the same decoder and the same sink again: there is no second way in.

A dead letter that is understood now is marked as mended and stays; its readings are kept under the keys that they
have always had, so that replaying twice changes nothing. It is judged as on the day on which it arrived.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from gis.observation import Observation, Reading, Sighting
from ioc.access.scope import Scope
from ioc.store import letters
from ioc.store.database import Database, Transaction
from ioc.store.letters import Letter
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from sensors.intake import BATCH, Batch, Decodes, Message

ON_TIME = dt.timedelta()
"""Our clock was neither behind nor ahead."""

Outcome = Literal["mended", "refused", "cut"]

CUT = f"only its first {letters.HEAD} bytes were kept, so that it cannot be replayed; let its source send it again"

REFUSED = "the database cannot keep it as it is (a date that nobody believes, or a value that has no place there)"

UNJUDGED = "it is kept already, and the desk does not go back to it: look at it yourself, and act where it asks for it"

Note = Callable[[Transaction], Awaitable[None]]
"""Writes the audit's row in the transaction that marks the letters."""

_OBSERVATION: msgspec.json.Decoder[Reading | Sighting] = msgspec.json.Decoder(Reading | Sighting)


class Recorded(msgspec.Struct, frozen=True):
    """A message as it is fed again."""

    topic: str
    payload: bytes
    arrived_at: dt.datetime


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one letter: how many of its observations were new and how many were there, and why not."""

    id: int
    outcome: Outcome
    kept: int = 0
    repeated: int = 0
    reason: str = ""


class Count(msgspec.Struct):
    """What came of all. `refused` were refused again, `counted` hold nothing to keep (a status)."""

    tried: int = 0
    kept: int = 0
    repeated: int = 0
    refused: int = 0
    counted: int = 0
    mended: int = 0
    cut: int = 0

    def add(self, result: Result) -> None:
        """Count one letter."""
        self.tried += 1
        self.kept += result.kept
        self.repeated += result.repeated
        self.mended += result.outcome == "mended"
        self.refused += result.outcome == "refused"
        self.cut += result.outcome == "cut"


class Replayer:
    """Replays by the register and the codecs of now. `owners` are as for the store; `store` makes one that counts.

    `clock_slow` is by how much our own clock was behind when the letters arrived: what devices said of the time was
    then refused though it was right, and is judged by the true arrival.
    """

    def __init__(
        self,
        database: Database,
        decoder: Decodes,
        owners: Callable[[], Mapping[str, Owner]],
        store: Callable[[], ObservationStore],
        now: Callable[[], dt.datetime],
        *,
        clock_slow: dt.timedelta = ON_TIME,
    ) -> None:
        self._clock_slow = clock_slow
        self._database = database
        self._decoder = decoder
        self._owners = owners
        self._store = store
        self._now = now

    async def letters(self, found: Sequence[Letter], scope: Scope, note: Note) -> list[Result]:
        """Replay letters; they are marked, and the deed is noted, in one transaction within the scope."""
        results = [await self._letter(letter) for letter in found]
        async with self._database.transaction(scope) as transaction:
            for result in results:
                if result.outcome != "cut":
                    await letters.mark(transaction, result.id, self._now(), again=result.reason)
            await note(transaction)
        return results

    async def messages(self, recorded: Iterable[Recorded]) -> Count:
        """Replay recorded messages in their order; what is refused again becomes a dead letter."""
        total = Count()
        waiting: list[Recorded] = []
        for one in recorded:
            if waiting and (one.arrived_at != waiting[0].arrived_at or len(waiting) >= BATCH):
                await self._batch(waiting, total)
                waiting = []
            waiting.append(one)
        if waiting:
            await self._batch(waiting, total)
        return total

    async def _batch(self, recorded: Sequence[Recorded], total: Count) -> None:
        batch = self._decoder.decode([_message(one) for one in recorded], recorded[0].arrived_at)
        kept, repeated, _ = await self._keep(batch, buries=True)
        total.tried += len(recorded)
        total.kept += kept
        total.repeated += repeated
        total.refused += len(batch.refusals)
        total.counted += max(0, len(recorded) - len(batch.observations) - len(batch.refusals))

    async def _letter(self, letter: Letter) -> Result:
        if letter.code == letters.UNJUDGED:
            return Result(id=letter.id, outcome="refused", reason=UNJUDGED)
        if not letter.whole:
            return Result(id=letter.id, outcome="cut", reason=CUT)
        batch = self._decoded(letter)
        unknown = [one.stamp.source for one in batch.observations if one.stamp.source not in self._owners()]
        if unknown:
            reason = f"{unknown[0]} is not registered; register it, then replay this message"
            return Result(id=letter.id, outcome="refused", reason=reason)
        observed = msgspec.structs.replace(batch, refusals=())
        kept, repeated, refused = await self._keep(observed, buries=False)
        if batch.refusals or refused:
            reason = batch.refusals[0].reason if batch.refusals else REFUSED
            return Result(id=letter.id, outcome="refused", kept=kept, repeated=repeated, reason=reason)
        return Result(id=letter.id, outcome="mended", kept=kept, repeated=repeated)

    def _decoded(self, letter: Letter) -> Batch:
        observation, arrived_at = _observation(letter), letter.arrived_at + self._clock_slow
        if observation is not None:
            return Batch(arrived_at=arrived_at, observations=(observation,))
        return self._decoder.decode([_message(Recorded(letter.topic, letter.head, arrived_at))], arrived_at)

    async def _keep(self, batch: Batch, *, buries: bool) -> tuple[int, int, int]:
        """How many observations were new, there already, and refused by the store."""
        store = self._store()
        store.buries = buries
        await store.keep(batch)
        return store.kept.observations, store.kept.repeated, store.kept.refused


def _observation(letter: Letter) -> Observation | None:
    """What the store itself had to refuse: an observation that was decoded already, under its source's code."""
    if "/" in letter.topic:
        return None
    try:
        return _OBSERVATION.decode(letter.head)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
        return None


def _message(recorded: Recorded) -> Message:
    return Message(recorded.topic, recorded.payload, 0, 0, False)
