"""Receipts: reads the journal behind everybody's back, keeps count of each device's numbers, and tells the devices.

Of several intakes the one that holds an advisory lock does it. One transaction moves the cursor and writes the counts
that changed; only then are receipts published, so that a receipt never says more than the database holds. A count that
was written and not yet told is told after a restart. When another server answers than before, or the database was put
back from a backup, all receipts are told anew: what the broker still holds may claim more than is here now. (Of a
device of which the backup knows no number the old receipt stays there until its first message.)
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from gis.observation import Mark, Observation, Reading
from gis.stamp import believed
from ioc.access.scope import EVERYTHING
from ioc.leader import Lead, lead
from ioc.store import journal, sequences
from ioc.store.database import Database, Transaction
from ioc.store.sequences import Entry, Name, Numbered, Observed, Repeat
from sensors.outbox import PublishError
from sensors.profile import Device
from sensors.sequences import Count, Counts
from sensors.topics import topic_of

log = logging.getLogger(__name__)

READER = "receipts"
LOCK = 7_235_020
TURN_S = 1.0
MANY, MANY_TURNS = 500, 4
"""After so many counts changed in one turn, as many turns are told from what was read: writing a count costs the
same however many messages it counts."""
ENTRIES, PAGES = 5, 200
"""Journal rows of one fetch, and fetches of one transaction: the loop that takes messages goes on between two."""

LEAST_S, BUSY_S = 2.0, 8.0
"""Seconds between two receipts of a device at the least, and while it goes on sending."""

MOST_TOLD = 300
"""Devices that are told in one turn; those that waited longest come first."""

PUBLISH_S = 5.0
SETTLED_S = 10.0
"""After how many seconds without a message a device's receipt is noted as told."""

MOST_REPEATS = 10_000
"""Repeats that wait in memory or are taken in one turn; beyond that they are dropped, and the device sends again."""

LONGEST_RUN = 64


class Publisher(Protocol):
    """Where receipts are published."""

    async def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Publish at QoS 1; returns at the PUBACK. Raises PublishError or TimeoutError when there is none."""


class OvertakenError(Exception):
    """Another process moved the cursor: what is in memory is not what the database holds."""


class Told(msgspec.Struct):
    """Counters since the start of the process."""

    receipts: int = 0
    untold: int = 0


class Receipts:
    """Counts and tells. `devices` is the register; `note` takes what the store found to be repeated."""

    def __init__(self, database: Database, devices: Callable[[], Mapping[str, Device]], publisher: Publisher) -> None:
        self._database = database
        self._devices = devices
        self._publisher = publisher
        self._repeats: list[Repeat] = []
        self._ledger = Ledger({}, [])
        self._through = 0
        self._told_at: dict[str, float] = {}
        self._settled: dict[Name, float] = {}
        self.told = Told()
        self.leading = Lead()

    def note(self, observations: Sequence[Observation]) -> None:
        """Remember what came again, so that whoever sent it is told once more that it is safe."""
        for one in observations:
            if isinstance(one, Reading) and one.stamp.sequence is not None and len(self._repeats) < MOST_REPEATS:
                self._repeats.append(Repeat(one.stamp.source, one.stamp.run, one.stamp.sequence, one.stamp.at))

    async def run(self) -> None:
        """Work until cancelled: hand on repeats, and count and tell while this process is the one that does."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hand_on(), name="receipts-repeats")
            await lead(self._database, self.leading, self._work, number=LOCK, what="receipts are written here")

    def figures(self) -> dict[str, int]:
        """What the heartbeat says of this work."""
        return {"receipts": self.told.receipts, "receipts_waiting": self.told.untold}

    async def _hand_on(self) -> None:
        while True:
            await asyncio.sleep(TURN_S)
            try:
                await self.hand_on()
            except Exception as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise  # asyncpg may answer a cancellation with an error of its own
                log.warning("repeated messages are not noted now (%s)", type(error).__name__)

    async def hand_on(self) -> None:
        """Leave the repeats for the process that writes receipts."""
        if self._repeats:
            noted, self._repeats = self._repeats, []
            async with self._database.transaction(EVERYTHING) as transaction:
                await sequences.note(transaction, noted)

    async def _work(self) -> None:
        await self.recall()
        while True:
            await self.turn()
            for _ in range(MANY_TURNS if len(self._ledger.changed) > MANY else 1):
                await self.tell()
                await asyncio.sleep(TURN_S)

    async def recall(self) -> None:
        """Read all counts from the database."""
        async with self._database.transaction(EVERYTHING) as transaction:
            self._through = await journal.cursor(transaction, READER)
            moved = await sequences.moved(transaction)
            self._ledger = Ledger(*await sequences.load(transaction))
        self._settled.clear()
        if moved:
            log.info("receipts are told anew: PostgreSQL was started again or put back from a backup")

    async def turn(self) -> bool:
        """Count what the journal and the repeats bring; False when there was nothing.

        Raises OvertakenError when another process did so since the last time; `recall` mends it.
        """
        ledger, devices = self._ledger, self._devices()
        ledger.changed.clear()
        async with self._database.transaction(EVERYTHING) as transaction:
            through = await self._read(transaction, ledger, devices)
            repeats = await sequences.take_repeats(transaction, MOST_REPEATS)
            for repeat in repeats:
                ledger.repeat(repeat)
            await ledger.save(transaction, devices)
            await self._note_told(transaction)
        moved, self._through = through != self._through, through
        self.told.untold = len(ledger.untold)
        return moved or bool(repeats)

    async def _read(self, transaction: Transaction, ledger: "Ledger", devices: Mapping[str, Device]) -> int:
        through = await journal.cursor(transaction, READER)
        if through != self._through:
            raise OvertakenError("another process reads the journal for receipts")
        for _ in range(PAGES):
            page = await sequences.entries(transaction, through, ENTRIES)
            if not page:
                break
            for entry in page:
                ledger.take(entry)
                ledger.refuse(entry, devices)
            through = page[-1].id
        if through != self._through:
            await journal.advance(transaction, READER, through)
        return through

    async def _note_told(self, transaction: Transaction) -> None:
        for name in self._ledger.changed:
            self._settled.pop(name, None)
        before = asyncio.get_running_loop().time() - SETTLED_S
        settled = [name for name, since in self._settled.items() if since <= before]
        if settled:
            await sequences.told(transaction, settled)
            for name in settled:
                del self._settled[name]

    async def tell(self) -> None:
        """Publish the receipts that are due; those that nobody takes are due again."""
        due = self._due(asyncio.get_running_loop().time())
        if not due:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PUBLISH_S), asyncio.TaskGroup() as tasks:
                for device in due:
                    tasks.create_task(self._tell(device), name=f"receipt-{device.code}")
        self.told.untold = len(self._ledger.untold)

    def _due(self, now: float) -> list[Device]:
        register, found = self._devices(), []
        busy = {device for device, _ in self._ledger.changed}
        for code in self._ledger.untold:
            pause = now - self._told_at.get(code, -BUSY_S)
            device = register.get(code)
            if device is not None and (pause >= BUSY_S or (code not in busy and pause >= LEAST_S)):
                found.append(device)
                if len(found) == MOST_TOLD:
                    break
        return found

    async def _tell(self, device: Device) -> None:
        topics = [topic_of(centre, device.code, "receipts") for centre in device.topics]
        counts = self._ledger.due(device.code)
        try:
            for count in counts:
                for topic in topics:
                    await self._publisher.publish(topic, count.receipt().json(), retain=True)
                self.told.receipts += 1
        except (PublishError, TimeoutError) as error:
            log.debug("the receipt of %s was not taken (%s); it waits", device.code, error)
            return
        now = asyncio.get_running_loop().time()
        self._told_at[device.code] = now
        del self._ledger.untold[device.code]
        self._settled |= {(device.code, count.run): now for count in counts}


class Ledger:
    """All counts in memory, what changed in this turn, and which runs of which device are untold, oldest first."""

    def __init__(self, counts: dict[str, Counts], untold: Sequence[Name]) -> None:
        self._counts = counts
        self._by_name = {(device, run): one for device, runs in counts.items() for run, one in runs.runs.items()}
        self._centres: dict[str, str] = {}
        self.changed: dict[Name, Count] = {}
        self.gone: list[Name] = []
        self.untold: dict[str, set[str]] = {}
        for device, run in untold:
            self.untold.setdefault(device, set()).add(run)

    def take(self, entry: Entry) -> None:
        """Enter the readings of a journal row; several of one message count once, with the latest of their times."""
        arrived_at, pending, at = entry.arrived_at, None, entry.arrived_at
        for one in entry.page.observations:
            if type(one) is not Observed:
                continue
            stamp = one.stamp
            number = stamp.sequence
            if number is None:
                continue
            if pending is not None:
                if number == pending.sequence and stamp.source == pending.source and stamp.run == pending.run:
                    at = max(at, stamp.at)
                    continue
                self._take(pending, pending.sequence or 0, at, arrived_at)
            pending, at = stamp, stamp.at
        if pending is not None:
            self._take(pending, pending.sequence or 0, at, arrived_at)

    def _take(self, stamp: Numbered, number: int, at: dt.datetime, arrived_at: dt.datetime) -> None:
        name = stamp.source, stamp.run
        count = self._by_name.get(name)
        if count is None:
            self._centres[stamp.source] = stamp.centre
            count = self._begin(name, number, arrived_at)
        count.take(number, at, arrived_at)
        self.changed[name] = count

    def refuse(self, entry: Entry, devices: Mapping[str, Device]) -> None:
        """Enter the numbers of a journal row that were refused; a time that is not believed tells nothing."""
        for mark in entry.page.marks:
            if mark.source not in devices or not _can_be_kept(mark):
                continue
            name = mark.source, mark.run
            count = self._by_name.get(name) or self._begin(name, mark.sequence, entry.arrived_at)
            at = mark.at if mark.at is not None and believed(mark.at, entry.arrived_at) else None
            count.refuse(mark.sequence, at, entry.arrived_at)
            self.changed[name] = count

    def repeat(self, repeat: Repeat) -> None:
        """Enter a message that came again; its device is told again, whether that changes the count or not."""
        name = repeat.device, repeat.run
        count = self._by_name.get(name) or self._begin(name, repeat.number, repeat.at)
        if count.repeat(repeat.number, repeat.at):
            self.changed[name] = count
        self.untold.setdefault(repeat.device, set()).add(repeat.run)

    def _begin(self, name: Name, number: int, arrived_at: dt.datetime) -> Count:
        device, run = name
        counts = self._counts.setdefault(device, Counts({}))
        self._by_name[name], gone = counts.count(run, number, arrived_at)
        if gone is not None:
            self.gone.append((device, gone))
            del self._by_name[device, gone]
            self.changed.pop((device, gone), None)
            self.untold.get(device, set()).discard(gone)
        return self._by_name[name]

    async def save(self, transaction: Transaction, devices: Mapping[str, Device]) -> None:
        """Write what changed in this turn, which is untold from then on."""
        lines = []
        for (code, run), count in self.changed.items():
            device = devices.get(code)
            centre = device.centre if device is not None else self._centres.get(code)
            self.untold.setdefault(code, set()).add(run)
            if centre is not None:
                lines.append((code, centre, count))
        await sequences.save(transaction, lines, self.gone)
        self.gone.clear()

    def due(self, device: str) -> list[Count]:
        """The untold counts of a device, the newest of all last: that one stays on the broker."""
        counts = self._counts[device]
        newest = counts.newest()
        untold = self.untold[device]
        return [one for one in reversed(counts.newest_first()) if one is newest or one.run in untold]


def _can_be_kept(mark: Mark) -> bool:
    return 0 <= mark.sequence < 1 << 63 and len(mark.run) <= LONGEST_RUN and "\0" not in mark.run
