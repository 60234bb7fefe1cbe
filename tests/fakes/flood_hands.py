"""The staff of the scripted flood and the works that open tickets, watch their clocks and tell people.

The desk is the one of flood_office.py; whenever it has done its work the dispatcher, the staff, the timers and the
teller do theirs, and the clock goes from event to event.
"""

import datetime as dt
import heapq
import itertools
import random
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString

from gis.observation import Notice
from gis.stamp import uuid7
from ioc import catalogue
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.casework import Casework
from ioc.casework import Wanted as WantedIncident
from ioc.dispatch import Dispatch
from ioc.escalating import Escalating
from ioc.incidents.steps import Ask as Said
from ioc.store import people, teams, ticket_policies, timers
from ioc.store.database import Database, Transaction
from ioc.store.teams import Duty, Team
from ioc.tell.gathering import Rules
from ioc.tell.teller import Teller
from ioc.ticketing import Hands, RefusedError, Sent, Wanted
from ioc.tickets.steps import Ask
from tests.fakes import flood_written as written
from tests.fakes.flood import VIETNAM, Script
from tests.fakes.flood_office import Office, StoppedError
from tests.fakes.flood_settled import label
from tests.fakes.flood_written import Deed, minute
from tests.fakes.notebook import Notebook
from tests.fakes.told_office import POINTS as TELL_POINTS

POINTS = (
    *("dispatch-looked", "dispatch-decided", "dispatch-saved", "dispatch-committed"),
    *("escalating-held", "escalating-told", "escalating-saved", "escalating-committed"),
    *TELL_POINTS,
)
"""Every point of the works of tickets where a stop must harm nothing."""

END = dt.datetime(2025, 11, 3, 12, 0, tzinfo=VIETNAM)
"""When everything has been said and done."""

HOLDS = dt.timedelta(hours=catalogue.wording().unsaid.notice_hours)


async def settle_in(database: Database, since: dt.datetime) -> None:
    """Two people in a team of each unit, the first of whom is on duty all the time; each has an address."""
    async with database.transaction(EVERYTHING) as transaction:
        policy = await ticket_policies.current(transaction)
        for unit in policy.units:
            logins = tuple(f"{unit.code}-{number}" for number in (1, 2))
            for login in logins:
                person = Person(login=login, name=login, role="operator", centre=None, language="vi")
                await people.create_account(transaction, uuid.uuid4(), person, "-", since)
                await transaction.connection.execute(
                    "insert into contacts values ($1, $2, null, null, 1, 'x', $3)",
                    login, [{"channel": "mail", "address": f"{login}@example.vn"}], since,
                )  # fmt: skip
            team = Team(
                unit=unit.code, code="truc", centre=unit.centre, name="Trực", members=logins, version=1,
                updated_at=since,
            )  # fmt: skip
            await teams.create(transaction, team)
            duty = Duty(
                id=uuid.uuid4(), series=uuid.uuid4(), unit=unit.code, team="truc", login=logins[0],
                centre=unit.centre, starts=since - dt.timedelta(days=1), until=since + dt.timedelta(days=20), note="",
                created_by="admin", created_at=since,
            )  # fmt: skip
            await teams.lay_out(transaction, [duty])


class TicketOffice(Office):
    """The office with everybody who works on tickets. `refused` are deeds that were not taken, `labels` the members of
    a ticket's incident when it was opened. `late` is how late a ticket with a story may be opened; `tells`: messages
    are made and sent."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.refused: list[str] = []
        self.labels: dict[uuid.UUID, tuple[str, ...]] = {}
        self.mail = Notebook()
        self.late, self.tells = dt.timedelta(minutes=1), True
        self._dice = random.Random(7)
        self._agenda: list[tuple[dt.datetime, int, Callable[[], Awaitable[None]]]] = []
        self._turns = itertools.count()
        self._newest = 0
        self._over: set[str] = set()
        self._ends = _ends(self.script)
        self._hire_all()
        for asked in written.deeds().by_hand:
            self._plan(asked.at, self._opens(asked))
        for said in written.deeds().said:
            self._plan(said.at, self._says(said))

    # --- works that can be stopped

    def _hire_all(self) -> None:
        self.dispatch = Dispatch(
            self.database, lambda: self.at, self._dice.randbytes, monotonic=lambda: 0.0, passing=self._stop
        )
        self.escalating = Escalating(self.database, lambda: self.at, passing=self._stop)
        self.teller = Teller(
            self.database,
            {"mail": self.mail},
            Rules(zone=VIETNAM),
            now=lambda: self.at,
            entropy=self._dice.randbytes,
            chance=self._dice.random,
            passing=self._stop,
        )

    def _stop(self, point: str) -> None:
        """Whoever works is stopped here, once at each point in a turn of the clock."""
        if not self.kills or point in self._over:
            return
        self._over.add(point)
        self.stops[point] += 1
        raise StoppedError(point)

    async def _through(self, work: Callable[[], Awaitable[object]]) -> None:
        """A work until nothing is left for it; whoever is stopped is followed by one who knows nothing."""
        while True:
            try:
                if not await work():
                    return
            except* StoppedError:
                self._hire_all()
                await self.teller.release()

    async def beside(self) -> None:
        """What is due at this moment: tickets, deeds, and what deeds lead to; then timers; then people are told."""
        self._over.clear()
        while True:
            await self._through(lambda: self.dispatch.turn())
            await self._look()
            if not await self._act():
                break
        if await self._asks(_TIMERS):
            await self._through(lambda: self.escalating.turns())
        if self.tells and await self._asks(_WORDS):
            await self._through(lambda: self.teller.turn())

    async def _asks(self, question: LiteralString) -> bool:
        """Whether something is due now: works that sleep until then would not have looked before."""
        async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
            return bool(await transaction.connection.fetchval(question, self.at))

    # --- the clock

    async def until(self, at: dt.datetime) -> None:
        """Go from event to event until a moment; between arrivals the desk has work only where a notice is over."""
        while (following := await self._next()) is not None and following < at:
            self.at = max(self.at, following)
            over, self._ends = self._ends, [end for end in self._ends if end > self.at]
            await (self.work() if len(self._ends) < len(over) else self.beside())

    async def _next(self) -> dt.datetime | None:
        async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
            timer = await timers.next_at(transaction)
        known = [*self._ends[:1], *([self._agenda[0][0]] if self._agenda else []), *([timer] if timer else [])]
        return min(known, default=None)

    async def finish(self) -> None:
        """Everything that comes after the flood, and half an hour more, so that everybody is told."""
        await self.until(END)
        for _ in range(6):
            self.at += dt.timedelta(minutes=5)
            await self.beside()

    # --- staff

    def _plan(self, at: dt.datetime, act: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._agenda, (at.astimezone(dt.UTC), next(self._turns), act))

    async def _act(self) -> bool:
        acted = False
        while self._agenda and self._agenda[0][0] <= self.at:
            _, _, act = heapq.heappop(self._agenda)
            await act()
            acted = True
        return acted

    async def _look(self) -> None:
        """See which tickets are new, and plan what is done with them."""
        async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
            rows = await transaction.connection.fetch(
                "select id, number, incident, unit, opened_at from tickets where number > $1 order by number",
                self._newest,
            )
            members = await _members(transaction, {row["incident"] for row in rows})
        for row in rows:
            self._newest = row["number"]
            labels = self.labels[row["id"]] = members[row["incident"]]
            story = written.story_of(labels, row["unit"], row["opened_at"], self.late)
            doing = written.habitual(row["unit"], row["opened_at"])
            if story is not None:
                doing = tuple(map(written.deed, story.deeds))
            for one in doing:
                self._plan(one.at, self._does(row["id"], one))

    def _does(self, ticket: uuid.UUID, deed: Deed) -> Callable[[], Awaitable[None]]:
        words = {"text": deed.words} if deed.step in ("resolve", "sub", "comment") else {"why": deed.words}

        async def act() -> None:
            ask = Ask(step=deed.step, who=deed.who, at=self.at, unit=deed.unit, **words)  # type: ignore[arg-type]
            try:
                async with self.database.transaction(EVERYTHING) as transaction:
                    hands = Hands(transaction, EVERYTHING, self._dice.randbytes, commands=True)
                    await hands.step(Wanted(ticket), ask, Sent())
            except RefusedError as error:
                self.refused.append(f"{minute(self.at)} {deed.step} {deed.who} {error.refused.code}")

        return act

    def _opens(self, asked: written.ByHand) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            async with self.database.transaction(EVERYTHING) as transaction:
                incident = await _incident_of(transaction, asked.about)
                if incident is None:  # it was told late
                    self._plan(self.at + dt.timedelta(minutes=5), act)
                    return
                hands = Hands(transaction, EVERYTHING, self._dice.randbytes, commands=True)
                await hands.open(incident, "", "", asked.who, self.at)

        return act

    def _says(self, said: written.Said) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            ask = Said(step=said.step, who="quang-nam-2", at=self.at, why="Đã kiểm tra")
            async with self.database.transaction(EVERYTHING) as transaction:
                about = WantedIncident(str(await _incident_of(transaction, said.about)))
                day = self.at.astimezone(VIETNAM).date()
                casework = Casework(transaction, ask, lambda: str(uuid7(self.at, self._dice.randbytes(10))), day)
                if said.of:
                    other = WantedIncident(str(await _incident_of(transaction, said.of)))
                    await casework.join(about, other, "duplicate")
                else:
                    await casework.step(about)

        return act


def _ends(script: Script) -> list[dt.datetime]:
    """When notices are over that name no end."""
    return sorted(one.stamp.at + HOLDS for _, one in script.told if isinstance(one, Notice))


_TIMERS: LiteralString = "select exists (select from ticket_timers where fired_at is null and at <= $1)"

_WORDS: LiteralString = """
select exists (select from notifications where due_at <= $1) or exists (select from told_threads where repeat_at <= $1)
  or exists (select from messages where state <> 'told' and due_at <= $1)
"""

_ALARMS: LiteralString = "select key, source_kind, property, source, incident from alarms"


async def _members(transaction: Transaction, incidents: set[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    rows = await transaction.connection.fetch(f"{_ALARMS} where incident = any ($1)", incidents)
    return {one: tuple(label(row) for row in rows if row["incident"] == one) for one in incidents}


async def _incident_of(transaction: Transaction, about: str) -> uuid.UUID | None:
    rows = await transaction.connection.fetch(f"{_ALARMS} where incident is not null")
    return next((row["incident"] for row in rows if label(row) == about), None)
