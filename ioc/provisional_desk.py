"""The provisional desk: while batches wait on disk, what the rules say of them is shown to the streams of this process.

Every `ioc serve` has one, leader or not: it knows the alarms and waits that are saved, and reads the spools of its
state dir. It begins when anything waits there, and ends when nothing does and the desk has passed what came of it.
Nothing is saved. An alarm that the desk saves takes the place of the provisional one of its key at once.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.board import Entry, entry_of
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.rules import Rule, titles
from ioc.incidents.shown import alarm_feature
from ioc.provisional import Provisional
from ioc.rulebook import Book
from ioc.store import alarms as kept
from ioc.store import journal, rule_states
from ioc.store.away import AWAY
from ioc.store.changes import Change
from ioc.store.database import Database
from ioc.store.spool_tail import Tails

log = logging.getLogger(__name__)

DESK = "desk"
"""The reader of the journal whose cursor replaces what is provisional."""

TURN_S = 0.1
"""Seconds between two looks at the spools."""

LOOK_S = 5.0
"""Seconds between two readings of what is saved; alarms that are saved between them are heard at once."""

RESTS = 50
"""After a look that took long it rests for so many times as long: half a second beside ten thousand alarms."""

ANSWER_S = 2.0

FIRST_S = 30.0
"""Seconds that the first reading may take: nobody waits for it yet, and without it nothing could be shown."""

AGAIN_S = 1.0
"""Seconds after which the first reading is tried again when it failed."""

Show = Callable[[Mapping[str, Entry]], None]


class ProvisionalDesk:
    """`sources` tells where a source stands, `spool` is the folder of the spools of all processes.

    `hear` is told of every change of the log.
    """

    def __init__(
        self,
        database: Database,
        rules: Sequence[Rule],
        sources: Callable[[], Mapping[str, Source]],
        spool: Path,
        *,
        profile_of: Callable[[str], str],
        now: Callable[[], dt.datetime],
        source: str = "/ogc",
    ) -> None:
        self._database = database.within(ANSWER_S)
        self._patient = database.within(FIRST_S)
        self._judge = Provisional(rules, sources, profile_of)
        self._rules = {rule.name: rule for rule in rules}
        self._next: Book | None = None
        self._tails = Tails(spool)
        self._now = now
        self._source = source
        self._show: Show = lambda entries: None
        self._shown: dict[str, tuple[Alarm, Entry]] = {}
        self._heard: list[Alarm] | None = None
        self._known = self._working = False
        self._end: int | None = None

    async def begin(self) -> None:
        """Read what is saved for the first time, however often PostgreSQL must be asked for it; then `run` can judge
        at once what comes to wait on disk. A process that listens before has a live wall that shows nothing
        provisional. Raises what PostgreSQL does when it is not away.
        """
        while not self._known:
            try:
                await self.look(self._patient)
            except AWAY as error:
                log.warning("what is saved cannot be read yet (%s); nothing is served before", type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    async def run(self, show: Show) -> None:
        """Work until cancelled; `show` is given what holds provisionally whenever that changes."""
        self._show = show
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(), name="saved-alarms")
            tasks.create_task(self._work(), name="spooled")

    def hear(self, told: Sequence[Change]) -> None:
        """Take saved alarms from the change log."""
        try:
            saved = [alarm_of(change) for change in told if change.subject == "alarm" and change.op == "put"]
        except (KeyError, TypeError, ValueError):  # of another version; nobody's stream may end for it
            log.exception("a saved alarm in the change log cannot be read")
            return
        for alarm in saved:
            self._judge.settle(alarm)
        if self._heard is not None:
            self._heard += saved
        if saved and self._working:
            self._publish()

    def adopt(self, book: Book) -> None:
        """Judge by other rules from now on; while something waits on disk, from when it has been judged."""
        if self._working:
            self._next = book
            return
        self._next = None
        self._judge = self._judge.under(book.rules)
        self._rules = {rule.name: rule for rule in book.rules}

    async def _follow(self) -> None:
        while True:
            loop = asyncio.get_running_loop()
            begun = loop.time()
            if not self._working:
                await self._try_to_look()
            await asyncio.sleep(max(LOOK_S, RESTS * (loop.time() - begun)))

    async def _try_to_look(self) -> None:
        try:
            await self.look()
        except AWAY as error:
            log.debug("what is saved cannot be read now (%s)", type(error).__name__)
        except Exception:
            log.exception("what is saved cannot be read; trying again")

    async def look(self, database: Database | None = None) -> None:
        """Read what is saved. What was heard meanwhile is newer than that. Raises what PostgreSQL does."""
        self._heard = heard = list[Alarm]()
        async with (database or self._database).transaction(EVERYTHING, read_only=True) as transaction:
            held = await kept.open_alarms(transaction)
            memories = await rule_states.load_waits(transaction)
        if self._working:
            return
        self._judge.know(held, memories)
        self._known = True
        for alarm in heard:
            self._judge.settle(alarm)

    async def _work(self) -> None:
        while True:
            more = False
            try:
                more = await self.turn()
            except Exception:
                log.exception("what waits on disk cannot be judged now; trying again")
            await asyncio.sleep(0 if more else TURN_S)

    async def turn(self) -> bool:
        """Judge the next of what waits; False when there was none."""
        waits = await asyncio.to_thread(self._tails.waits)
        if not self._working:
            if not waits or not self._known:
                return False
            log.warning("batches wait on disk: their alarms are shown provisionally")
            self._tails.rewind()
            self._judge.begin()
            self._working, self._end = True, None
        parcels = await asyncio.to_thread(self._tails.read)
        for parcel in parcels:
            self._judge.take(parcel.batch.observations, parcel.batch.arrived_at)
            await asyncio.sleep(0)
        self._judge.hush(self._now())
        self._publish()
        if not waits and not parcels and await self._passed():
            self._over()
            await self._try_to_look()
        elif waits:
            self._end = None
        return bool(parcels)

    async def _passed(self) -> bool:
        """Whether the desk has judged everything that came of the spools."""
        try:
            async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
                through, newest = await journal.reached(transaction, DESK)
        except AWAY:
            return False
        if self._end is None:
            self._end = newest
        return through >= self._end

    def _over(self) -> None:
        log.warning("nothing waits on disk any more: provisional alarms have given way to saved ones")
        self._working = False
        if self._next is not None:
            self.adopt(self._next)
        self._judge.begin()
        self._publish()

    def _publish(self) -> None:
        shown = {}
        for alarm in self._judge.shown():
            before = self._shown.get(alarm.id)
            shown[alarm.id] = before if before is not None and before[0] == alarm else (alarm, self._entry(alarm))
        if shown != self._shown:
            self._shown = shown
            self._show({fid: entry for fid, (_, entry) in shown.items()})

    def _entry(self, alarm: Alarm) -> Entry:
        value = provisional_feature(alarm, self._rules.get(alarm.rule))
        return entry_of(
            Change(
                subject="alarm",
                subject_id=alarm.id,
                op="put",
                centre=alarm.source.centre,
                area=alarm.source.area,
                at=self._now(),
                value=value,
            ),
            self._source,
        )


def provisional_feature(alarm: Alarm, rule: Rule | None) -> dict[str, Any]:
    """A provisional alarm as a feature: an alarm's, with `provisional` and, for want of an incident, titles."""
    value, name = alarm_feature(alarm), alarm.source.name
    named = (name, name) if rule is None else titles(rule, alarm.severity, name)
    value["properties"] |= {"provisional": True, "title": named[0], "title_en": named[1]}
    return value


def alarm_of(change: Change) -> Alarm:
    """The alarm of a change, its times to the millisecond."""
    about, place = change.value["properties"], change.value["geometry"]["coordinates"]
    source = Source(
        code=about["source"],
        name=about["source_name"],
        centre=change.centre,
        area=change.area,
        position=Position(lon=place[0], lat=place[1]),
    )
    times = ("raised_at", "seen_at", "cleared_at")
    same = ("key", "rule", "category", "severity", "source_kind", "property", "count", "evidence", "incident")
    told: dict[str, Any] = {name: about[name] for name in same}
    told |= {name: None if about[name] is None else dt.datetime.fromisoformat(about[name]) for name in times}
    return Alarm(id=change.subject_id, source=source, **told)
