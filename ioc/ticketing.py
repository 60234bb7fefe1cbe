"""What people do with tickets, each deed in one transaction: seen in their own scope, held, judged, settled.

The ticket is looked for in the person's scope, so that nobody works on what they may not see; from then on the
transaction sees everything, because a ticket may leave that scope with the very step. All tickets of the incident are
held, in the order that `ioc/ticket_work.py` asks for, and what was seen is looked at once more.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence

import msgspec

from ioc.access.scope import EVERYTHING, Scope, Thing
from ioc.incidents.incident import Incident
from ioc.store import incidents, ticket_policies, uploads
from ioc.store import tickets as kept
from ioc.store.database import Transaction
from ioc.store.media import StoredPicture
from ioc.ticket_work import Deed, Entropy, Policies, known_of, opened, opening_of, part_of, routed_to, settle_all
from ioc.tickets.policy import Policy
from ioc.tickets.routing import Routed
from ioc.tickets.steps import Ask, Known, take
from ioc.tickets.ticket import Ticket
from ioc.tickets.words import Refused, unit_has_ticket, unknown_unit

ENDED = ("duplicate", "false_alarm", "closed")
"""Incidents of which no ticket is opened."""

INCIDENT_ENDED = Refused(
    "incident-ended",
    "Sự cố này đã kết thúc hoặc đã gộp vào sự cố khác; hãy mở lại sự cố, hoặc làm việc với sự cố kia.",
    "This incident is over or went into another one; reopen it, or work on the other one.",
)


class MissingError(LookupError):
    """Something is not there to be seen."""


class StaleError(Exception):
    """A ticket has changed since the person saw it."""

    def __init__(self, current: Ticket) -> None:
        super().__init__(f"ticket {current.number} is at version {current.version}")
        self.current = current


class RefusedError(Exception):
    """A step is not taken; says why. `current` is the ticket that bars it, or is in the way; None: there is none."""

    def __init__(self, refused: Refused, current: Ticket | None = None) -> None:
        super().__init__(refused.en)
        self.refused = refused
        self.current = current


class Wanted(msgspec.Struct, frozen=True):
    """A ticket, and in which version the person saw it; None: in whichever."""

    id: uuid.UUID
    version: int | None = None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a ticket; `before` None: it is new. `parts` are tickets that were opened as parts of it."""

    before: Ticket | None
    after: Ticket
    parts: tuple[Ticket, ...] = ()


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What comes with a step: photographs in the media folder, and uploads to be taken, kept until `expires`."""

    photos: tuple[StoredPicture, ...] = ()
    uploads: tuple[uuid.UUID, ...] = ()
    expires: Callable[[dt.datetime], dt.datetime] = lambda taken_at: taken_at


class Hands:
    """The deeds of one person in one transaction, which begins in the person's `scope`. `commands`: they may cancel."""

    def __init__(self, transaction: Transaction, scope: Scope, entropy: Entropy, *, commands: bool) -> None:
        self._transaction = transaction
        self._scope = msgspec.structs.replace(scope, past=None)
        self._entropy = entropy
        self._commands = commands

    async def _hold(self, wanted: Wanted, now: dt.datetime) -> Ticket:
        """The ticket, held with its family. Raises MissingError, StaleError."""
        if await kept.one(self._transaction, wanted.id) is None:
            raise MissingError(wanted.id)
        await self._transaction.bind(EVERYTHING)
        found = (await kept.family(self._transaction, str(wanted.id))).get(str(wanted.id))
        if found is None or not self._scope.holds(Thing("ticket", found.centre, found.area), now):
            raise MissingError(wanted.id)
        if wanted.version is not None and found.version != wanted.version:
            raise StaleError(found)
        return found

    async def _known(self, ticket: Ticket) -> tuple[Policies, Policy, Known]:
        current = await ticket_policies.current(self._transaction)
        policies = {ticket.policy: await ticket_policies.of_version(self._transaction, ticket.policy)}
        known = await known_of(self._transaction, [ticket], policies, current, commands=self._commands)
        return policies, current, known[ticket.id]

    async def step(self, wanted: Wanted, ask: Ask, sent: Sent) -> Done:
        """A step of one ticket; see `WAYS`. Raises MissingError, StaleError, RefusedError, UntakenError."""
        before = await self._hold(wanted, ask.at)
        policies, current, known = await self._known(before)
        taken = take(before, ask, known)
        if isinstance(taken, Refused):
            raise RefusedError(taken, before)
        photos = await self._photos(before, ask, sent)
        deed = Deed(
            before=before, after=taken.after, lines=taken.lines, policy=policies[before.policy], photos=tuple(photos)
        )
        parts = await self._parts(taken.after, ask, current)
        await settle_all(self._transaction, [deed, *parts], ask.at)
        return Done(before=before, after=taken.after, parts=tuple(one.after for one in parts))

    async def _photos(self, ticket: Ticket, ask: Ask, sent: Sent) -> Sequence[StoredPicture]:
        source = f"ticket-{ticket.id}"
        found = await uploads.take(self._transaction, ask.who, sent.uploads, source, ask.at)
        kept_until = [msgspec.structs.replace(one, expires_at=sent.expires(one.taken_at)) for one in found]
        return [*sent.photos, *kept_until]

    async def _parts(self, lead: Ticket, ask: Ask, policy: Policy) -> list[Deed]:
        """The ticket of another unit that a step makes. A unit of an older policy alone cannot get new ones."""
        if ask.step != "sub":
            return []
        if policy.unit(ask.unit) is None:
            raise RefusedError(unknown_unit(ask.unit), lead)
        [number] = await kept.numbers(self._transaction, 1)
        part = part_of(lead, ask.unit, ask.text.strip(), policy, ask.at, number, self._entropy)
        return [opening_of(part, policy, ask.who, part.task)]

    async def open(self, incident: uuid.UUID, unit: str, task: str, who: str, now: dt.datetime) -> Done:
        """Open a ticket of an incident by hand, at a unit or (empty) at the one that the routes name, with its parts.

        Raises MissingError, RefusedError.
        """
        about = (await incidents.incidents_seen(self._transaction, [str(incident)])).get(str(incident))
        if about is None:
            raise MissingError(incident)
        if about.status in ENDED:
            raise RefusedError(INCIDENT_ENDED)
        await self._transaction.bind(EVERYTHING)
        policy = await ticket_policies.current(self._transaction)
        routed = await self._routed(about, unit, task, policy, now)
        made = await opened(self._transaction, about, routed, policy, now, who, self._entropy)
        if not made:
            raise await self._there(about, routed.unit)
        return Done(before=None, after=made[0], parts=tuple(made[1:]))

    async def _routed(self, about: Incident, unit: str, task: str, policy: Policy, now: dt.datetime) -> Routed:
        if unit:
            if policy.unit(unit) is None:
                raise RefusedError(unknown_unit(unit))
            return Routed(unit=unit, task=task, why="")
        found = await routed_to(self._transaction, about, policy, now)
        return msgspec.structs.replace(found, task=task or found.task)

    async def _there(self, about: Incident, unit: str) -> RefusedError:
        """Why a ticket was not opened: the unit has one."""
        lead = (await kept.leads_of(self._transaction, [about.id]))[about.id][unit]
        return RefusedError(unit_has_ticket(unit, lead.number), await kept.one(self._transaction, uuid.UUID(lead.id)))
