"""The teller: tells people what waits for them, in the one process that leads.

What is due is made into messages in PostgreSQL, a page of people a transaction; a message is marked as being sent and
its sending is entered, then it is sent outside of any transaction, then its outcome is written. A stop at any point
loses nothing. A stop between sending and writing sends again, by the same channel and under the same id: nobody knows
whether it arrived, and a receiver that can tell repetitions knows it by the id. Each channel has places of its own, so
that a slow one holds up no other.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import uuid
from collections.abc import Callable, Mapping

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.access.tokens import BYTES, digest, secret
from ioc.store import message_log, messages, notifications
from ioc.store.away import AWAY
from ioc.store.database import Database, Transaction
from ioc.store.messages import OnItsWay
from ioc.tell import order
from ioc.tell.channel import SEND_S, Accepted, Again, Channel, Message, Outcome, Refused, Told
from ioc.tell.gathering import PEOPLE, Gathered, Rules, gather, routed
from ioc.tell.grouping import MOST_ITEMS
from ioc.tell.order import Hop, Standing
from ioc.tell.wording import message_of

log = logging.getLogger(__name__)

POLL_S = 0.5
RETRY_S = 1.0
PLACES = 8
"""Sendings of one channel at a time."""

LATE = 200
"""Messages of one transaction whose receipt did not come."""

PUT_OFF = dt.timedelta(minutes=5)
"""When it is tried again to tell somebody whose message cannot be made."""

STEP = dt.timedelta(seconds=2)
"""A clock that goes back by more was set back."""

RECEIPTS = "/api/v1/receipts/"

Passing = Callable[[str], None]
"""Told the name of each point where a stop must harm nothing."""


def pass_on(point: str) -> None:
    """Nobody waits at any point."""


LOOK_S = 5.0
"""How often, in seconds (monotonic), what waits and dead letters are counted."""


class Figures(msgspec.Struct):
    """Counters since the start of the process: messages made, told, dead; sendings, and those of unknown outcome.

    `waiting` is what waited at the last look, `dead_letters` how many there were, and `why` tells of the newest.
    """

    made: int = 0
    told: int = 0
    dead: int = 0
    sent: int = 0
    unknown: int = 0
    waiting: int = 0
    dead_letters: int = 0
    why: str = ""


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is being sent."""

    id: uuid.UUID
    delivery: int
    hop: Hop
    message: Message


class Teller:
    """Runs in the one process that holds the lead. `chance` gives numbers in [0, 1)."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        rules: Rules,
        *,
        now: Callable[[], dt.datetime],
        entropy: Callable[[int], bytes],
        chance: Callable[[], float],
        figures: Figures | None = None,
        passing: Passing = pass_on,
    ) -> None:
        self._database = database
        self._channels = dict(channels)
        self._rules = msgspec.structs.replace(rules, known=frozenset(channels))
        self._now = now
        self._entropy = entropy
        self._chance = chance
        self._passing = passing
        self._newest: dt.datetime | None = None
        self._claiming = asyncio.Lock()
        self._under_way: set[uuid.UUID] = set()
        self._wakes = {name: asyncio.Event() for name in self._channels}
        self.figures = figures if figures is not None else Figures()

    async def run(self) -> None:
        """Work until cancelled; after an error the work begins again where the last commit ended."""
        while True:
            try:
                self._under_way.clear()
                await self.release()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._gathering(), name="tell-gather")
                    for name in self._channels:
                        tasks.create_task(self._serving(name, tasks), name=f"tell-{name}")
            except* Exception as stumbled:
                first = stumbled.exceptions[0]
                away = isinstance(first, AWAY)
                log.log(
                    logging.WARNING if away else logging.ERROR,
                    "the teller stumbled (%s); it begins again",
                    type(first).__name__,
                    exc_info=None if away else first,
                )
            await asyncio.sleep(RETRY_S)

    async def turn(self) -> bool:
        """Gather what is due, send what is due and write what became of it, all once; False when there was nothing."""
        made = await self.gather()
        sent = 0
        for name in self._channels:
            for one in await self._claim(name, PLACES):
                await self._deliver(one)
                sent += 1
        return bool(made or sent)

    async def release(self) -> None:
        """What is marked as being sent, and is not, is due again: a teller was stopped, or never heard that it was."""
        async with self._claiming, self._database.transaction(EVERYTHING) as transaction:
            unknown = await messages.release(transaction, self._under_way, self._now())
        if unknown:
            self.figures.unknown += unknown
            log.warning("nobody knows what became of %d sendings; they are made again under the same ids", unknown)

    async def _gathering(self) -> None:
        """Look again and again. A look is two questions to indexes; listening instead would hold a connection."""
        looked = float("-inf")
        while True:
            try:
                while await self.gather():
                    pass
                if (at := asyncio.get_running_loop().time()) - looked >= LOOK_S:
                    looked = at
                    await self.look()
            except AWAY as error:
                log.warning("PostgreSQL is away (%s); nobody is told meanwhile", type(error).__name__)
            except Exception:
                log.exception("what is due cannot be gathered; it is done one by one")
                with contextlib.suppress(Exception):  # what stops this, too, the next look says
                    await self.one_by_one()
            await asyncio.sleep(POLL_S)

    async def look(self) -> None:
        """Count what waits and dead letters, and say why the newest of these is one."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            found = await message_log.figures(transaction)
            newest = await message_log.dead(transaction)
        self.figures.waiting, self.figures.dead_letters = found["waiting"], found["dead"]
        self.figures.why = (
            "" if newest is None else f"{newest.recipient} was not told ({newest.newest}): {newest.reason}"
        )

    def told(self) -> Mapping[str, int | str]:
        """Figures for the heartbeat."""
        counted = msgspec.structs.asdict(self.figures)
        said = {f"tell_{name}": one for name, one in counted.items() if name != "why"}
        return said | ({"tell_why": self.figures.why[:500]} if self.figures.why else {})

    async def gather(self) -> int:
        """Make messages of what is due, all of it, and move on what waited in vain; how many messages that were."""
        now = await self._clock()
        count, more = 0, True
        while more:
            async with self._database.transaction(EVERYTHING) as transaction:
                page = await gather(transaction, self._rules, now, self._entropy)
                self._passing("tell-gathered")
            self._count(page)
            count, more = count + page.made, page.more
        return count + await self._move_on(now)

    async def one_by_one(self) -> None:
        """As `gather`, a person and a message at a time: who cannot be told is put off, and holds up nobody else. What
        is being sent goes on meanwhile."""
        now = self._now()
        async with self._database.transaction(EVERYTHING) as transaction:
            names = await notifications.due(transaction, now, PEOPLE)
            late = [one.id for one in await messages.late(transaction, self._channels, now, LATE)]
        for name in names:
            try:
                async with self._database.transaction(EVERYTHING) as transaction:
                    page = await gather(transaction, self._rules, now, self._entropy, [name])
                self._count(page)
            except AWAY:
                raise
            except Exception:
                log.exception("what waits for %s cannot be told now; it is put off by %s", name, PUT_OFF)
                async with self._database.transaction(EVERYTHING) as transaction:
                    await notifications.put_off(transaction, name, now, now + PUT_OFF)
        for id_ in late:
            try:
                async with self._database.transaction(EVERYTHING) as transaction:
                    for one in await messages.locked(transaction, [id_]):
                        await self._moved_on(transaction, one, now)
            except AWAY:
                raise
            except Exception:
                log.exception("the message %s cannot go on now; it is put off by %s", id_, PUT_OFF)
                async with self._database.transaction(EVERYTHING) as transaction:
                    await messages.put_off(transaction, id_, now + PUT_OFF)

    def _count(self, page: Gathered) -> None:
        self.figures.made += page.made
        self.figures.told += page.told
        self.figures.dead += page.dead

    async def _clock(self) -> dt.datetime:
        """This moment; when the clock was set back, what was to come later comes as much earlier."""
        now = self._now()
        if self._newest is not None and now < self._newest - STEP:
            async with self._database.transaction(EVERYTHING) as transaction:
                await notifications.set_back(transaction, self._newest - now, now)
                await messages.set_back(transaction, self._newest - now, now)
            log.warning("the clock was set back by %s; nobody waits longer for it", self._newest - now)
        self._newest = now
        return now

    async def _move_on(self, now: dt.datetime) -> int:
        """Receipts that did not come in time, and messages whose channel is not here any more; wake busy channels."""
        async with self._database.transaction(EVERYTHING) as transaction:
            found = await messages.late(transaction, self._channels, now, LATE)
            for one in found:
                await self._moved_on(transaction, one, now)
            busy = await messages.busy(transaction, self._channels, now)
            self._passing("tell-moved-on")
        for name in busy:
            self._wakes[name].set()
        return len(found)

    async def _moved_on(self, transaction: Transaction, one: OnItsWay, now: dt.datetime) -> None:
        standing = one.standing
        if standing.state == "due" and not standing.route:
            after = await routed(transaction, one.recipient, standing.severity, self._rules, now)
        elif standing.state == "due":
            gone = Refused(reason="this channel is not set up here any more")
            after = order.after(standing, gone, now, 0.0, self._rules.patience)
        else:
            after = order.unconfirmed(standing, now)
        await self._save(transaction, one, after, now)

    async def _save(
        self, transaction: Transaction, one: OnItsWay, after: Standing, now: dt.datetime, *, sent: bool = False
    ) -> None:
        kept, zone = msgspec.structs.replace(one, standing=after), self._rules.zone
        await messages.save(transaction, kept, now, zone=zone, sent=sent)
        self.figures.told += int(after.state == "told" != one.standing.state)
        self.figures.dead += int(after.state == "dead" != one.standing.state)

    async def _serving(self, name: str, tasks: asyncio.TaskGroup) -> None:
        """Keep the places of one channel busy."""
        busy: set[asyncio.Task[None]] = set()
        wake = self._wakes[name]

        def ended(task: asyncio.Task[None]) -> None:
            busy.discard(task)
            wake.set()

        while True:
            wake.clear()
            try:
                claimed = await self._claim(name, PLACES - len(busy)) if len(busy) < PLACES else []
            except AWAY:
                await asyncio.sleep(RETRY_S)
                with contextlib.suppress(*AWAY):
                    await self.release()
                continue
            for one in claimed:
                task = tasks.create_task(self._delivering(one), name=f"tell-{name}-{one.id}")
                busy.add(task)
                task.add_done_callback(ended)
            if not claimed or len(busy) >= PLACES:
                await wake.wait()

    async def _delivering(self, one: Sending) -> None:
        """Send, and write what became of it: also when PostgreSQL is away for a while meanwhile."""
        outcome = await self._sent(one)
        while True:
            try:
                await self._write(one, outcome)
                return
            except AWAY as error:
                log.warning("the outcome of a sending cannot be written yet (%s)", type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _claim(self, name: str, most: int) -> list[Sending]:
        """Messages that are due by a channel, marked as being sent and entered as sendings."""
        async with self._claiming:
            async with self._database.transaction(EVERYTHING) as transaction:
                sendings = await self._begun(transaction, name, most)
                self._passing("tell-claimed")
            self._under_way |= {one.id for one in sendings}
        self._passing("tell-sending")
        return sendings

    async def _begun(self, transaction: Transaction, name: str, most: int) -> list[Sending]:
        now = self._now()
        claimed = await messages.claim(transaction, name, now, most)
        if not claimed:
            return []
        words = {one.id: secret(self._entropy(BYTES)) for one in claimed}
        hops = {one.id: one.standing.hop or Hop(name, "") for one in claimed}
        begun = [(one, hops[one.id], digest(words[one.id])) for one in claimed]
        deliveries = await messages.begin(transaction, begun, now)
        told = await messages.spoken(transaction, deliveries, MOST_ITEMS)
        return [
            Sending(
                id=one.id,
                delivery=deliveries[one.id],
                hop=hops[one.id],
                message=message_of(one.envelope, *told[one.id], receipt=RECEIPTS + words[one.id]),
            )
            for one in claimed
        ]

    async def _sent(self, one: Sending) -> Outcome:
        self.figures.sent += 1
        try:
            async with asyncio.timeout(SEND_S):
                return await self._channels[one.hop.channel].send(one.message, one.hop.address)
        except TimeoutError:
            return Again(reason=f"it did not return within {SEND_S:g} s")
        except Exception as error:
            log.exception("the channel %s failed at a message", one.hop.channel)
            return Again(reason=f"it failed by a mistake of ours ({type(error).__name__})")

    async def _deliver(self, one: Sending) -> None:
        outcome = await self._sent(one)
        self._passing("tell-sent")
        await self._write(one, outcome)
        self._passing("tell-written")

    async def _write(self, one: Sending, outcome: Outcome) -> None:
        """Write what became of a sending; what was read meanwhile stays told."""
        now = self._now()
        word = {Told: "told", Accepted: "accepted", Again: "again", Refused: "refused"}[type(outcome)]
        reason, reference = getattr(outcome, "reason", ""), getattr(outcome, "reference", "")
        async with self._database.transaction(EVERYTHING) as transaction:
            [kept] = await messages.locked(transaction, [one.id])
            await messages.end(transaction, one.delivery, word, reason, reference, now)
            after = kept.standing
            if after.hop == one.hop:
                after = order.after(after, outcome, now, self._chance(), self._rules.patience)
            await self._save(transaction, kept, after, now, sent=True)
            self._passing("tell-writing")
        self._under_way.discard(one.id)
