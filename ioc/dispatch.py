"""The dispatcher: what incidents mean for tickets, in the one process that leads.

It looks for what is missing in the database: an open incident that needs hands and has no ticket, one that is worse
than its tickets, one that ended while tickets wait. So whoever is killed at any point finds the same again, and what
was done is not found. The change log says which incidents to look at; at the beginning, and now and then, it looks at
all that is open.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec

from ioc import ticket_work
from ioc.access.scope import EVERYTHING
from ioc.desk import Passing, pass_on
from ioc.incidents.incident import Incident
from ioc.store import changes, hands, ticket_policies
from ioc.store import incidents as kept_incidents
from ioc.store import tickets as kept
from ioc.store.away import AWAY
from ioc.store.database import Database, Transaction
from ioc.ticket_work import Deed, Entropy
from ioc.tickets import dispatching, steps
from ioc.tickets.policy import Policy
from ioc.tickets.routing import Routed
from ioc.tickets.steps import Known
from ioc.tickets.ticket import SYSTEM, Ticket

log = logging.getLogger(__name__)

PAGE = 50
"""Incidents of one transaction."""

APART_S = 0.5
"""Seconds between two looks, at the least: what comes steadily shares them."""

ALL_S = 600.0
"""How often all that is open is looked at, whatever the change log said (monotonic)."""

RETRY_S = 1.0

MOST_STEPS = 20
"""How far duplicates of duplicates are followed."""


class _Found(msgspec.Struct):
    missing: list[str]
    worse: list[str]
    over: list[str]


_Deed = Callable[["_Desk", Sequence[str]], Awaitable[list[Deed]]]
"""What is done with some incidents: the deeds with their tickets."""


class Dispatch:
    """Opens, tightens, moves and cancels tickets. `passing` is called with the name of each point where a stop must
    harm nothing."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], dt.datetime],
        entropy: Entropy,
        *,
        monotonic: Callable[[], float] = lambda: asyncio.get_running_loop().time(),
        passing: Passing = pass_on,
        page: int = PAGE,
    ) -> None:
        self._database = database
        self._now = now
        self._entropy = entropy
        self._monotonic = monotonic
        self._passing = passing
        self._page = page
        self._seen: int | None = None
        self._all_at = float("-inf")
        self._policy = 0
        self._joined: set[str] = set()
        self._aside: set[str] = set()

    async def run(self) -> None:
        """Work until cancelled; an error is logged, and all that is open is looked at again, one by one."""
        wake = asyncio.Event()
        while True:
            try:
                async with self._database.listen(changes.CHANNEL, wake.set) as connection:
                    while not connection.is_closed():
                        wake.clear()
                        await self.turn()
                        await asyncio.sleep(APART_S)
                        with contextlib.suppress(TimeoutError):
                            async with asyncio.timeout(ALL_S):
                                await wake.wait()
            except AWAY as error:
                log.warning("tickets are not opened just now (%s); trying again", type(error).__name__)
                self._seen = None
            except Exception:
                log.exception("the dispatcher stumbled; it looks at all that is open again, one by one")
                with contextlib.suppress(Exception):  # what stops this, too, the next turn says
                    await self.one_by_one()
            await asyncio.sleep(RETRY_S)

    async def turn(self) -> int:
        """Do all that incidents ask for now; how many incidents that were."""
        done = 0
        while True:
            through, found = await self._look()
            some = await self._work(found) if found is not None else 0
            self._seen = through
            if not some:
                return done
            done += some

    async def one_by_one(self) -> None:
        """Do all that is open an incident at a time. One that cannot be done holds up no other: it is put aside until
        it changes, or until all that is open is looked at the next time."""
        self._seen = None
        through, found = await self._look()
        for incidents, deed in self._deeds(found):
            for incident in incidents:
                try:
                    await self._settled(deed, [incident])
                except AWAY:
                    raise
                except Exception:
                    log.exception("the tickets of the incident %s are put aside", incident)
                    self._aside.add(incident)
        self._seen = through

    async def _look(self) -> tuple[int, _Found | None]:
        """How far the log goes, and what is to do; None: nothing changed."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            through = await hands.reached(transaction)
            policy = await ticket_policies.current(transaction)
            about = await self._about(transaction, through, policy)
            if about is not None and not about:
                return through, None
            self._aside = set() if about is None else self._aside - set(about)
            found = _Found(
                missing=self._left(await hands.missing(transaction, policy.needs, about)),
                worse=self._left(await hands.worse(transaction, about)),
                over=self._left(await hands.over(transaction, about)),
            )
        self._passing("dispatch-looked")
        return through, found

    def _left(self, incidents: list[str]) -> list[str]:
        return [one for one in incidents if one not in self._aside]

    async def _about(self, transaction: Transaction, through: int, policy: Policy) -> list[str] | None:
        """Which incidents are to be looked at; None: all that are open, at first, now and then, and by a new policy."""
        if self._seen is None or self._monotonic() - self._all_at >= ALL_S or policy.version != self._policy:
            self._all_at, self._policy = self._monotonic(), policy.version
            return None
        joined, self._joined = self._joined, set()
        return sorted({*await hands.changed(transaction, self._seen, through), *joined})

    def _deeds(self, found: _Found | None) -> tuple[tuple[list[str], _Deed], ...]:
        if found is None:
            return ()
        return (found.over, self._over), (found.worse, self._tighten), (found.missing, self._open)

    async def _work(self, found: _Found) -> int:
        done = 0
        for incidents, deed in self._deeds(found):
            for first in range(0, len(incidents), self._page):
                done += await self._settled(deed, incidents[first : first + self._page])
        return done

    async def _settled(self, deed: _Deed, incidents: Sequence[str]) -> int:
        """One page; of how many incidents something was done."""
        async with self._database.transaction(EVERYTHING) as transaction:
            desk = _Desk(transaction, self._now(), self._entropy)
            deeds = await deed(desk, incidents)
            self._passing("dispatch-decided")
            await ticket_work.settle_all(transaction, deeds, desk.now)
            self._passing("dispatch-saved")
        self._passing("dispatch-committed")
        return len({one.after.incident for one in deeds})

    async def _open(self, desk: "_Desk", incidents: Sequence[str]) -> list[Deed]:
        """A lead ticket and its parts for each incident that needs hands and still has none."""
        await desk.hold(incidents)
        policy = desk.current
        still = set(await hands.missing(desk.transaction, policy.needs, incidents))
        deeds: list[Deed] = []
        for incident in (desk.incidents[one] for one in incidents if one in still):
            routed = await desk.routed(incident)
            deeds += await ticket_work.opening(
                desk.transaction, incident, routed, policy, desk.now, SYSTEM, self._entropy
            )
        return deeds

    async def _tighten(self, desk: "_Desk", incidents: Sequence[str]) -> list[Deed]:
        """Nearer deadlines for the tickets of incidents that became worse, and tickets for the units that come in."""
        await desk.hold(incidents)
        deeds: list[Deed] = []
        for incident in desk.incidents.values():
            tickets = desk.tickets.get(incident.id, [])
            if not incident.open or not any(dispatching.worse(incident, one) for one in tickets):
                continue
            routed = await desk.routed(incident)
            some = {one.id: desk.worsened(one, incident, routed) for one in tickets if dispatching.worse(incident, one)}
            lead = dispatching.lead_of(tickets)
            parts = await desk.further(incident, lead, tickets, routed) if lead is not None else []
            if lead is not None and lead.id in some:
                some[lead.id] = _with_notes(some[lead.id], parts, desk.now)
            deeds += [*some.values(), *parts]
        return deeds

    async def _over(self, desk: "_Desk", incidents: Sequence[str]) -> list[Deed]:
        """What is left to nobody is cancelled; what somebody works on goes to the incident that stands for theirs."""
        await desk.hold(incidents)
        deeds: list[Deed] = []
        moved: dict[str, list[Ticket]] = {}
        for incident in desk.incidents.values():
            stands = await desk.stands_for(incident)
            live = [one for one in desk.tickets.get(incident.id, []) if one.live]
            gone = dispatching.left(incident, live, desk.policies)
            deeds += [desk.taken(one, "cancel", why=gone[one.id]) for one in live if one.id in gone]
            if stands.id != incident.id:
                moved.setdefault(stands.id, []).extend(one for one in live if one.id not in gone)
        self._joined |= moved.keys()  # which may be worse than what came to them
        for target, some in moved.items():
            about = (await kept_incidents.incidents_seen(desk.transaction, [target]))[target]
            deeds += await ticket_work.moving(desk.transaction, some, about, desk.policies, desk.now)
        return deeds


class _Desk:
    """What one transaction has before it: incidents as they are, their tickets, held, and the policies of these."""

    def __init__(self, transaction: Transaction, now: dt.datetime, entropy: Entropy) -> None:
        self.transaction = transaction
        self.now = now
        self._entropy = entropy
        self.incidents: dict[str, Incident] = {}
        self.tickets: dict[str, list[Ticket]] = {}
        self.policies: dict[int, Policy] = {}
        self._known: dict[str, Known] = {}
        self.current: Policy

    async def hold(self, incidents: Iterable[str]) -> None:
        """Hold the tickets first, then read the incidents: whatever changes one afterwards is told by the log."""
        wanted = sorted(incidents)
        self.current = await ticket_policies.current(self.transaction)
        self.tickets = await hands.held(self.transaction, wanted)
        tickets = [ticket for some in self.tickets.values() for ticket in some]
        for version in sorted({ticket.policy for ticket in tickets}):
            self.policies[version] = await ticket_policies.of_version(self.transaction, version)
        self._known = await ticket_work.known_of(self.transaction, tickets, self.policies, self.current)
        found = await kept_incidents.incidents_seen(self.transaction, wanted)
        self.incidents = {one: found[one] for one in wanted if one in found}

    def worsened(self, ticket: Ticket, incident: Incident, routed: Routed) -> Deed:
        """A ticket of an incident that became worse, in the words that the incident has now; whoever leads by the route
        has to do what that says now."""
        leads = ticket.parent is None and ticket.unit == routed.unit
        return self.taken(
            ticket,
            "severity",
            severity=incident.severity,
            title=incident.title,
            title_en=incident.title_en,
            text=routed.task if leads else "",
        )

    def taken(self, ticket: Ticket, step: str, **asked: str) -> Deed:
        """A step of the system with a ticket; `asked` are members of Ask. ValueError when it is refused."""
        ask = steps.Ask(step=step, who=SYSTEM, at=self.now, **asked)  # type: ignore[arg-type]
        taken = steps.take(ticket, ask, self._known[ticket.id])
        if not isinstance(taken, steps.Taken):
            raise ValueError(f"{step} of ticket {ticket.number}: {taken.en}")
        return Deed(before=ticket, after=taken.after, lines=taken.lines, policy=self.policies[ticket.policy])

    async def routed(self, incident: Incident) -> Routed:
        """Where work of an incident goes today."""
        return await ticket_work.routed_to(self.transaction, incident, self.current, self.now)

    async def further(self, incident: Incident, lead: Ticket, tickets: Sequence[Ticket], routed: Routed) -> list[Deed]:
        """Tickets for the units that come in because the incident is worse, in the words that it has now."""
        more = dispatching.further(routed, tickets)
        numbers = await kept.numbers(self.transaction, len(more)) if more else []
        worse = msgspec.structs.replace(
            lead, severity=incident.severity, title=incident.title, title_en=incident.title_en
        )
        return [
            ticket_work.opening_of(
                ticket_work.part_of(worse, one.unit, one.task, self.current, self.now, number, self._entropy),
                self.current,
                SYSTEM,
                one.task,
            )
            for one, number in zip(more, numbers, strict=True)
        ]

    async def stands_for(self, incident: Incident) -> Incident:
        """The incident that stands for a duplicate, also of a duplicate; itself where it is none."""
        for _ in range(MOST_STEPS):
            if incident.status != "duplicate" or incident.duplicate_of is None:
                break
            found = await kept_incidents.incidents_seen(self.transaction, [incident.duplicate_of])
            incident = found.get(incident.duplicate_of, incident)
        return incident


def _with_notes(deed: Deed, parts: Sequence[Deed], now: dt.datetime) -> Deed:
    """The deed of a lead ticket with a line for each part that was opened beside it."""
    notes = (steps.noted(deed.after, now, "sub", text=one.after.task, to=one.after.unit) for one in parts)
    return msgspec.structs.replace(deed, lines=(*deed.lines, *notes))
