"""Escalation at work: fires the timers of tickets when they are due, in the one process that leads.

A page of timers is one transaction: the tickets are held, what each timer does is done and told, and it is kept that it
was done. Whoever is killed at any point begins again with the same page; nothing is done twice, and nothing is missed,
however long nobody led. What was planned meanwhile wakes the work, which else sleeps until the next moment.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence

from ioc import telling, ticket_work
from ioc.access.scope import EVERYTHING
from ioc.desk import Passing, pass_on
from ioc.store import ticket_policies, timers
from ioc.store.away import AWAY
from ioc.store.database import Database, Transaction
from ioc.store.timers import Due
from ioc.telling import Asked, Directory, Said
from ioc.ticket_work import Deed, Policies
from ioc.tickets import escalation
from ioc.tickets.escalation import NAG
from ioc.tickets.policy import Policy
from ioc.tickets.steps import Known
from ioc.tickets.telling import of_timer

log = logging.getLogger(__name__)

PAGE = 500
"""Timers of one transaction, at the most."""

LONGEST_S = 60.0
"""How long it sleeps at the most: a wake-up may be lost with its connection, a clock may be set."""

RETRY_S = 1.0

ASIDE_S = 300.0
"""How long (monotonic) a ticket is left alone whose timer cannot be fired: once a second fills the log alone."""

HELD_S = 0.2
"""How long it waits when all that is due belongs to tickets that somebody is changing."""


class Escalating:
    """Fires what is due. `fired` counts what this process fired; `passing` is called with the name of each point where
    a stop must harm nothing."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], dt.datetime],
        *,
        passing: Passing = pass_on,
        page: int = PAGE,
    ) -> None:
        self._database = database
        self._now = now
        self._passing = passing
        self._page = page
        self._asked = Asked()
        self._aside: dict[uuid.UUID, float] = {}
        self.fired = 0

    async def run(self) -> None:
        """Work until cancelled; an error is logged, and the work begins again with what is due."""
        wake = asyncio.Event()
        while True:
            try:
                async with self._database.listen(timers.CHANNEL, wake.set) as connection:
                    while not connection.is_closed():
                        wake.clear()
                        await self.turns()
                        await self._sleep(wake)
            except AWAY as error:
                log.warning("timers of tickets wait (%s); trying again", type(error).__name__)
            except Exception:
                log.exception("timers of tickets could not be fired; trying again, one by one")
                with contextlib.suppress(Exception):  # what stops this, too, the next turn says
                    await self.one_by_one()
            await asyncio.sleep(RETRY_S)

    async def _sleep(self, wake: asyncio.Event) -> None:
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            following = await timers.next_at(transaction, self._put_aside())
        left = (following - self._now()).total_seconds() if following is not None else LONGEST_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(LONGEST_S, max(HELD_S, left))):
                await wake.wait()

    async def turns(self) -> int:
        """Fire all that is due; how many timers that was."""
        fired = 0
        while some := await self.turn():
            fired += some
        return fired

    async def turn(self) -> int:
        """Fire one page of what is due; how many timers that was."""
        now = self._now()
        async with self._database.transaction(EVERYTHING) as transaction:
            fired = await self._fire(
                transaction, await timers.due(transaction, now, self._page, self._put_aside()), now
            )
            self._passing("escalating-saved")
        self._passing("escalating-committed")
        self.fired += fired
        return fired

    def _put_aside(self) -> set[uuid.UUID]:
        """Tickets whose timers could not be fired a short while ago."""
        self._aside = {ticket: until for ticket, until in self._aside.items() if until > time.monotonic()}
        return set(self._aside)

    async def one_by_one(self) -> None:
        """Fire one page of what is due a ticket at a time, so that one that cannot be done holds up no other."""
        now = self._now()
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            tickets = await timers.waiting(transaction, now, self._page, self._put_aside())
        for ticket in tickets:
            try:
                async with self._database.transaction(EVERYTHING) as transaction:
                    fired = await self._fire(transaction, await timers.due_of(transaction, [ticket], now), now)
            except AWAY:
                raise
            except Exception:
                log.exception("a timer of the ticket %s cannot be fired; it is tried again in a while", ticket)
                self._aside[ticket] = time.monotonic() + ASIDE_S
            else:
                self.fired += fired

    async def _fire(self, transaction: Transaction, found: Sequence[Due], now: dt.datetime) -> int:
        """Fire timers of tickets that are held, but for those that wait for another; how many that were."""
        self._passing("escalating-held")
        policies = await _policies(transaction, {one.ticket.policy for one in found})
        due = await _free(transaction, _apart(found, policies), policies)
        if not due:
            return 0
        await transaction.plan_once()
        directory = Directory(transaction, now, self._asked)
        known = await self._known(transaction, due, policies)
        deeds, said = list[Deed](), list[Said]()
        for one in due:
            deed = await _deed(one, policies, known, directory, now)
            deeds.append(deed)
            saying = of_timer(one.ticket, deed.after, one.timer, deed.policy, now)
            said.append(Said(ticket=deed.after, saying=saying, policy=deed.policy))
        await timers.done(transaction, due, now)
        nagged = [one for one in due if one.timer.step == NAG]
        await timers.replan_all(transaction, [(one.ticket, policies[one.ticket.policy]) for one in nagged])
        await telling.say(transaction, directory, said, now)
        self._passing("escalating-told")
        await ticket_work.settle_all(transaction, deeds, now)
        return len(due)

    async def _known(self, transaction: Transaction, due: Iterable[Due], policies: Policies) -> dict[str, Known]:
        """What the steps of those tickets depend on that are given to somebody else."""
        moved = [one.ticket for one in due if _does(one, policies) != "notify"]
        if not moved:
            return {}
        current = await ticket_policies.current(transaction)
        return await ticket_work.known_of(transaction, moved, policies, current)


def _apart(found: Sequence[Due], policies: Policies) -> list[Due]:
    """Of the tickets of one incident only the first goes elsewhere at once: the next must see where it went."""
    moved: set[str] = set()
    kept = []
    for one in found:
        if _does(one, policies) == "up":
            if one.ticket.incident in moved:
                continue
            moved.add(one.ticket.incident)
        kept.append(one)
    return kept


async def _free(transaction: Transaction, found: Sequence[Due], policies: Policies) -> list[Due]:
    """Without the tickets that go elsewhere while somebody has another one of their incident in hand: the next time."""
    moving = [one.ticket.incident for one in found if _does(one, policies) == "up"]
    free = await timers.leads_held(transaction, moving) if moving else set()
    return [one for one in found if _does(one, policies) != "up" or one.ticket.incident in free]


def _does(one: Due, policies: Policies) -> str:
    step = escalation.step_of(one.timer, policies[one.ticket.policy])
    return step.do if step is not None else "notify"


async def _deed(one: Due, policies: Policies, known: dict[str, Known], directory: Directory, now: dt.datetime) -> Deed:
    policy, ticket = policies[one.ticket.policy], one.ticket
    duty: list[str] = await directory.on_duty(ticket.unit) if _does(one, policies) == "reassign" else []
    known_of = known.get(ticket.id) or escalation.known_of(policy, ticket)
    after, lines = escalation.fire(ticket, one.timer, policy, known_of, now, duty)
    return Deed(before=ticket, after=after, lines=lines, policy=policy)


async def _policies(transaction: Transaction, versions: Iterable[int]) -> dict[int, Policy]:
    return {version: await ticket_policies.of_version(transaction, version) for version in sorted(versions)}
