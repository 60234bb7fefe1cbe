"""Days of tickets, made by the real machine on a real PostgreSQL, with steps at random and a clock of their own."""

import datetime as dt
import random
import uuid

from ioc import ticket_work
from ioc.access.scope import EVERYTHING
from ioc.store import tickets as kept
from ioc.store.database import Database, Transaction
from ioc.tickets.routing import Routed
from ioc.tickets.steps import Ask, Refused, offered, take
from ioc.tickets.ticket import Line, Ticket
from tests.fakes.things import NOW
from tests.fakes.tickets import POLICY, incident

UNITS = ("hoi-an", "roads", "power", "quang-nam")


class Days:
    """Opens tickets and takes steps; `at` is the clock."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.chance, self.at = database, random.Random(seed), NOW
        self._number = 1000

    async def open(self) -> Ticket:
        """A ticket of a new incident."""
        async with self.database.transaction(EVERYTHING) as transaction:
            return await self.open_in(transaction)

    async def open_in(self, transaction: Transaction) -> Ticket:
        """The same in a transaction of somebody else."""
        self._number += 1
        severity = self.chance.choice(["minor", "moderate", "severe", "extreme"])
        about = incident(self._number, severity=severity, category=self.chance.choice(["flood", "road"]))
        routed = Routed(unit=self.chance.choice(UNITS), task="", along=(), why="")
        [made] = await ticket_work.opened(transaction, about, routed, POLICY, self.at, "system", self.chance.randbytes)
        return made

    async def step(self, ticket: Ticket, word: str, **more: object) -> Ticket:
        """Take a step; the ticket as it was where the machine refuses it."""
        async with self.database.transaction(EVERYTHING) as transaction:
            return await self.step_in(transaction, ticket, word, **more)

    async def step_in(self, transaction: Transaction, ticket: Ticket, word: str, **more: object) -> Ticket:
        """The same in a transaction of somebody else."""
        plain: dict[str, object] = {"why": "lý do", "text": "chữ", "owner": "lan", "who": "lan"}
        ask = Ask(step=word, at=self.at, **plain | more)  # type: ignore[arg-type]
        before = (await kept.family(transaction, ticket.id))[ticket.id]
        known = await ticket_work.known_of(transaction, [before], {1: POLICY}, POLICY, commands=True)
        taken = take(before, ask, known[before.id])
        if isinstance(taken, Refused):
            return before
        await ticket_work.settle(transaction, before, taken.after, taken.lines, POLICY, self.at)
        return taken.after

    async def live(self, ticket: Ticket, steps: int) -> Ticket:
        """Some steps that the machine offers, minutes or hours apart."""
        for _ in range(steps):
            self.at += dt.timedelta(minutes=self.chance.choice([1, 7, 20, 45, 120, 600]))
            async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
                known = await ticket_work.known_of(transaction, [ticket], {1: POLICY}, POLICY, commands=True)
            who = self.chance.choice(["lan", "binh"])
            words = [word for word in offered(ticket, who, known[ticket.id]) if word not in ("sub", "comment")]
            if not words:
                break
            word = self.chance.choice(words)
            if word == "cancel" and self.chance.random() < 0.8:
                continue
            ticket = await self.step(ticket, word, who=who, unit=self.chance.choice(UNITS))
        return ticket

    async def lines(self, ticket: Ticket) -> list[Line]:
        """The log of a ticket, and nothing else of it."""
        async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
            return [one.line for one in await kept.log_of(transaction, uuid.UUID(ticket.id))]
