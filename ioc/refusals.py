"""Publishes that the broker refused, from its log into the audit trail: who, which topics, how often.

The trail is bounded, whatever is sent: a row a minute for each client id, for at most `CLIENTS` of them with at most
`TOPICS` topics each and `TEXT` characters of them in all, and numbers for all beyond. Nobody waits for this: the broker
writes its log whether it is read or not, and while PostgreSQL is away the numbers wait here and grow into fewer rows.
"""

import asyncio
import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.log_following import Followed
from ioc.store import audit
from ioc.store.database import Database
from sensors.denials import MARK, Denied, denied

log = logging.getLogger(__name__)

ACT = "broker.refused"
CLIENTS = TOPICS = 100
TEXT = 200_000
"""Characters of all topics that are named in a minute; the first of each client is named beyond them too."""

LOOK_S = 0.5
EVERY_S = 60.0
"""Seconds (monotonic) between two rows about the same client."""

ANSWER_S = 5.0
LAST_WORD_S = 2.0
AGAIN_S = 5.0
"""Seconds (monotonic) after a failure in which the log is read and PostgreSQL is left alone."""

LATE_S = 10.0
"""Seconds (monotonic) that the log may be away, as while it is rotated, before that is told."""


class Count(msgspec.Struct, kw_only=True):
    """What one client was refused: `publishes` in all, of them the named `topics` with their numbers."""

    publishes: int = 0
    topics: dict[str, int] = {}

    def add(self, topic: str, number: int, room: int) -> int:
        """So many publishes more to a topic; gives the characters that are named anew.

        Beyond `TOPICS` of them, or `room` characters after the first, only their number is kept.
        """
        self.publishes += number
        if topic in self.topics:
            self.topics[topic] += number
            return 0
        if self.topics and (len(self.topics) >= TOPICS or len(topic) > room):
            return 0
        self.topics[topic] = number
        return len(topic)

    def take(self, other: "Count", room: int) -> int:
        """What another counted, too, in so many characters; gives those that are named anew."""
        named = 0
        for topic, number in other.topics.items():
            named += self.add(topic, number, room - named)
        self.publishes += other.beyond
        return named

    @property
    def beyond(self) -> int:
        """Publishes to topics that are not named."""
        return self.publishes - sum(self.topics.values())


class Tally:
    """Refusals by client id since `since`; `beyond` are publishes of clients that are not named."""

    def __init__(self, found: Iterable[Denied] = (), since: dt.datetime | None = None) -> None:
        self.since = since
        self.clients: dict[str, Count] = {}
        self.beyond = 0
        self._room = TEXT
        for one in found:
            self._take(one.client, Count(publishes=1, topics={one.topic: 1}))

    def __bool__(self) -> bool:
        return bool(self.clients)

    @property
    def publishes(self) -> int:
        """All of them."""
        return self.beyond + sum(count.publishes for count in self.clients.values())

    def take(self, later: "Tally") -> None:
        """What came later, too."""
        self.since = self.since or later.since
        for client, count in later.clients.items():
            self._take(client, count)
        self.beyond += later.beyond

    def _take(self, client: str, count: Count) -> None:
        if client in self.clients or len(self.clients) < CLIENTS:
            self._room -= self.clients.setdefault(client, Count()).take(count, self._room)
        else:
            self.beyond += count.publishes

    def deeds(self) -> Iterator[audit.Deed]:
        """The rows. A client id is what the client calls itself, where the broker lets it choose: so it is no `who`."""
        since = None if self.since is None else self.since.isoformat()
        for client, count in self.clients.items():
            after = {"since": since, "publishes": count.publishes, "topics": count.topics, "beyond": count.beyond}
            yield audit.Deed(act=ACT, who="", kind="device", thing=client, outcome="refused", after=after)
        if self.beyond:
            text, after = f"clients beyond the first {CLIENTS}", {"since": since, "publishes": self.beyond}
            yield audit.Deed(act=ACT, who="", kind="device", outcome="refused", after=after, text=text)


class Refusals:
    """Follows one log. `run` goes on for ever; `seen` is the number of refusals since it began."""

    def __init__(
        self, database: Database, file: Path, now: Callable[[], dt.datetime], *,
        every_s: float = EVERY_S, late_s: float = LATE_S,
    ) -> None:  # fmt: skip
        self._database = database
        self._file = file
        self._log = Followed(file, MARK)
        self._now = now
        self._every_s = every_s
        self._looking = threading.Lock()
        self._tally = Tally()
        self._due = time.monotonic()
        self._failing = False
        self._late_s = late_s
        self._followed = time.monotonic()
        self._blind = False
        self.seen = 0

    async def run(self) -> None:
        """Until cancelled. What cannot be read or written now is tried again, and nothing is raised for it."""
        try:
            while True:
                more = await asyncio.to_thread(self._look)
                self._complain()
                late = time.monotonic() - self._due
                if self._tally and late >= (self._every_s if more else 0):  # a flood may never be read to its end
                    await self._try()
                await asyncio.sleep(0 if more else LOOK_S)
        finally:
            self._look()
            self._log.close()
            if self._tally:
                await self._try(LAST_WORD_S)

    @property
    def following(self) -> bool:
        """Whether the log is there and can be read."""
        return self._log.open

    def _complain(self) -> None:
        if self.following:
            self._followed, self._blind = time.monotonic(), False
        elif not self._blind and time.monotonic() - self._followed >= self._late_s:
            self._blind = True
            log.warning("no refused publish is seen: %s is missing or cannot be read; check IOC_BROKER_LOG", self._file)

    def _look(self) -> bool:
        with self._looking:  # the thread of a look goes on when its task is cancelled
            lines, more = self._log.lines()
            found = Tally(filter(None, map(denied, lines)), self._now()) if lines else Tally()
            self.seen += found.publishes
            self._tally.take(found)
            return more

    async def _try(self, answer_s: float = ANSWER_S) -> None:
        try:
            await self._write(self._database.within(answer_s))
            self._due, self._failing = time.monotonic() + self._every_s, False
        except Exception as error:
            task = asyncio.current_task()
            if answer_s == ANSWER_S and task is not None and task.cancelling():
                raise
            if not self._failing:
                log.warning("refused publishes are not in the audit trail yet (%s)", type(error).__name__)
            self._due, self._failing = time.monotonic() + min(self._every_s, AGAIN_S), True

    async def _write(self, database: Database) -> None:
        """All rows or none. After an end in which the commit is unknown they are written again: rather twice."""
        tally, self._tally = self._tally, Tally()
        try:
            async with database.transaction(EVERYTHING) as transaction:
                for deed in tally.deeds():
                    await audit.record(transaction, deed, self._now())
        except BaseException:
            tally.take(self._tally)
            self._tally = tally
            raise
