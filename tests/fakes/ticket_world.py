"""A province with a policy of its own, people on duty, a clock that the test turns, and works that can be killed."""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Sequence

import msgspec

from gis.position import Position
from ioc import ticket_work
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.dispatch import Dispatch
from ioc.escalating import Escalating
from ioc.incidents.incident import Incident
from ioc.incidents.shown import incident_feature
from ioc.store import changes, people, teams, ticket_policies
from ioc.store import incidents as kept_incidents
from ioc.store import tickets as kept
from ioc.store.database import Database
from ioc.store.teams import Duty, Team
from ioc.tickets.policy import Policy
from ioc.tickets.routing import Routed
from ioc.tickets.steps import Ask, Refused, take
from ioc.tickets.ticket import Line, Ticket
from tests.fakes import tickets
from tests.fakes.escalations import NOON, POLICY

CAM_LE = Position(lon=108.33, lat=15.88)

ON_DUTY = {"cap-nuoc": "nuoc", "hoi-an": "hoi", "quang-nam": "tinh"}
"""Who is on duty for each unit; their team mates are called the same with a 2."""


class KilledError(Exception):
    """The process ended here."""


def dies_at(point: str) -> Callable[[str], None]:
    """Ends the process the first time that it comes to a point."""

    def passing(passed: str) -> None:
        if passed == point:
            raise KilledError(point)

    return passing


class World:
    """Everything that a test of tickets' works turns."""

    def __init__(self, database: Database, policy: Policy = POLICY) -> None:
        self.database = database
        self.policy = policy
        self.now = NOON
        self._bytes = itertools.count(1)

    def entropy(self, size: int) -> bytes:
        """Bytes that are never the same."""
        return next(self._bytes).to_bytes(size, "big")

    async def settle_in(self) -> None:
        """Enter the policy, the people, their teams and who is on duty for ever."""
        async with self.database.transaction(EVERYTHING) as transaction:
            await ticket_policies.add(transaction, self.policy, NOON, "admin", "thử")
            for unit, login in ON_DUTY.items():
                centre = next(one.centre for one in self.policy.units if one.code == unit)
                for name in (login, f"{login}2"):
                    person = Person(login=name, name=name, role="operator", centre=None, language="vi")
                    await people.create_account(transaction, uuid.uuid4(), person, "-", NOON)
                team = Team(
                    unit=unit, code="truc", centre=centre, name="Trực", members=(login, f"{login}2"), version=1,
                    updated_at=NOON,
                )  # fmt: skip
                await teams.create(transaction, team)
                duty = Duty(
                    id=uuid.uuid4(), series=uuid.uuid4(), unit=unit, team="truc", login=login, centre=centre,
                    starts=NOON - dt.timedelta(days=1), until=NOON + dt.timedelta(days=5), note="",
                    created_by="admin", created_at=NOON,
                )  # fmt: skip
                await teams.lay_out(transaction, [duty])

    # --- works, each new: it remembers nothing

    def escalating(self, point: str = "", page: int = 500) -> Escalating:
        """What fires timers; it dies at a point, if one is named."""
        return Escalating(self.database, lambda: self.now, passing=dies_at(point), page=page)

    def dispatch(self, point: str = "", page: int = 50) -> Dispatch:
        """What opens tickets; it dies at a point, if one is named."""
        return Dispatch(self.database, lambda: self.now, self.entropy, passing=dies_at(point), page=page)

    # --- incidents and tickets

    async def put(self, *incidents: Incident) -> None:
        """Write incidents as they are now, with their change."""
        async with self.database.transaction(EVERYTHING) as transaction:
            await kept_incidents.save_incidents(transaction, [(one, None) for one in incidents])
            told = [
                changes.Change(
                    subject="incident", subject_id=one.id, op="put", centre=one.place.centre, area=one.place.area,
                    at=self.now, value=incident_feature(one, None),
                )
                for one in incidents
            ]  # fmt: skip
            await changes.record(transaction, told)

    async def open(self, number: int = 1000, unit: str = "cap-nuoc") -> Ticket:
        """A severe ticket at a unit, opened now."""
        about = msgspec.structs.replace(tickets.incident(number), category="infrastructure")
        async with self.database.transaction(EVERYTHING) as transaction:
            [opened] = await ticket_work.opened(
                transaction, about, Routed(unit=unit, why="gần"), self.policy, self.now, "system", self.entropy
            )
        return opened

    async def step(self, ticket: Ticket, word: str, who: str = "nuoc2", **more: str) -> Ticket:
        """A step that somebody takes now."""
        async with self.database.transaction(EVERYTHING) as transaction:
            before = (await kept.tickets_of(transaction, [ticket.id]))[ticket.id]
            policies = {before.policy: await ticket_policies.of_version(transaction, before.policy)}
            known = await ticket_work.known_of(transaction, [before], policies, self.policy)
            ask = Ask(step=word, who=who, at=self.now, **more)  # type: ignore[arg-type]
            taken = take(before, ask, known[before.id])
            assert not isinstance(taken, Refused), taken
            await ticket_work.settle(transaction, before, taken.after, taken.lines, policies[before.policy], self.now)
        return taken.after

    async def tickets(self, incident: str) -> list[Ticket]:
        """The tickets of an incident as they are, oldest first."""
        async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
            found = await kept.of_incident(transaction, incident)
        return sorted(found.values(), key=lambda one: one.number)

    async def log(self, ticket: Ticket) -> list[Line]:
        """The lines of a ticket."""
        async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
            return [one.line for one in await kept.log_of(transaction, uuid.UUID(ticket.id))]

    async def told(self, *topics: str) -> Sequence[tuple[float, str, str]]:
        """Who was told what: minutes after noon, login, title; by time and login."""
        async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
            rows = await transaction.connection.fetch(
                "select at, recipient, title from notifications where topic = any ($1) order by at, id", list(topics)
            )
        return [((row["at"] - NOON).total_seconds() / 60, row["recipient"], row["title"]) for row in rows]
