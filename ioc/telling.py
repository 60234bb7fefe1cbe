"""Telling people of tickets: which people the roles are, and the notifications for each, in the deed's transaction."""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec

from ioc import duty
from ioc.store import endpoints, notifications, teams, timers
from ioc.store.database import Transaction
from ioc.store.timers import Holder
from ioc.tell.notification import Notification
from ioc.tickets import telling
from ioc.tickets.policy import Policy, Whom
from ioc.tickets.telling import Saying
from ioc.tickets.ticket import Line, Ticket

REMEMBERED = dt.timedelta(seconds=5)
"""How long what was found of units is used again by a work that tells page after page."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is said of a ticket, as it is then, by its policy."""

    ticket: Ticket
    saying: Saying
    policy: Policy


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A deed with a ticket: before (None: it is new), after, and its lines; `policy` is that of the ticket."""

    before: Ticket | None
    after: Ticket
    lines: Sequence[Line]
    policy: Policy


class Asked:
    """What was found of units, for those who look it up again within seconds: a shift is longer than that."""

    def __init__(self) -> None:
        self.since: dt.datetime | None = None
        self.found: dict[tuple[str, str], list[str]] = {}
        self.workers: frozenset[str] | None = None

    def at(self, now: dt.datetime) -> "Asked":
        """Itself, or one that knows nothing where this is too old (or of a later time)."""
        if self.since is None or not self.since <= now <= self.since + REMEMBERED:
            self.since, self.found, self.workers = now, {}, None
        return self


class Directory:
    """Who the roles of tickets are, in one transaction at one moment: each unit is asked once, however many tickets."""

    def __init__(self, transaction: Transaction, now: dt.datetime, asked: Asked | None = None) -> None:
        self._transaction = transaction
        self._now = now
        self._asked = (asked if asked is not None else Asked()).at(now)
        self._parents: dict[str, Holder] = {}

    async def prepare(self, tickets: Iterable[Ticket]) -> None:
        """Look up in one question who has the tickets that these are parts of."""
        wanted = {one.parent for one in tickets if one.parent is not None} - self._parents.keys()
        if wanted:
            self._parents |= await timers.holders(self._transaction, wanted)

    async def people(self, ticket: Ticket, roles: Sequence[Whom], policy: Policy) -> list[str]:
        """Logins, and `@CODE` of the endpoints of units that are told; each once, never nobody."""
        found = [login for role in roles for login in await self._of(role, ticket, policy)]
        return list(dict.fromkeys(found or await self.on_duty(ticket.unit)))

    async def on_duty(self, unit: str) -> list[str]:
        """The logins of who is on duty for a unit."""
        return await self._once("duty", unit, lambda: duty.on_duty(self._transaction, unit, self._now))

    async def _of(self, role: Whom, ticket: Ticket, policy: Policy) -> list[str]:
        match role:
            case "owner":
                return await self._holder(Holder(unit=ticket.unit, owner=ticket.owner))
            case "duty":
                return await self._desk(ticket.unit)
            case "team":
                # A person alone has it: nobody else is told that it is theirs.
                if ticket.owner and not ticket.team:
                    return []
                return await self._team(ticket) or await self.on_duty(ticket.unit)
            case "unit":
                staff = await self._once("staff", ticket.unit, lambda: duty.staff(self._transaction, ticket.unit))
                return [*staff, *await self._endpoints(ticket.unit)]
            case "sender":
                return await self._desk(ticket.sender or policy.top.code)
            case "parent":
                holder = self._parents.get(ticket.parent) if ticket.parent is not None else None
                return await self._holder(holder) if holder is not None else []
            case "province":
                return await self._desk(policy.top.code)

    async def _holder(self, holder: Holder) -> list[str]:
        """Who works on a ticket, if that account still works; else who is on duty where it is."""
        if holder.owner and holder.owner in await self._working():
            return [holder.owner]
        return await self.on_duty(holder.unit)

    async def _desk(self, unit: str) -> list[str]:
        return [*await self.on_duty(unit), *await self._endpoints(unit)]

    async def _endpoints(self, unit: str) -> list[str]:
        async def codes() -> list[str]:
            return [f"@{code}" for code in await endpoints.of_unit(self._transaction, unit)]

        return await self._once("endpoints", unit, codes)

    async def _team(self, ticket: Ticket) -> list[str]:
        if not ticket.team:
            return []
        team = await teams.one(self._transaction, ticket.unit, ticket.team)
        working = await self._working()
        return [login for login in team.members if login in working] if team is not None else []

    async def _working(self) -> frozenset[str]:
        if self._asked.workers is None:
            self._asked.workers = frozenset(one.login for one in await teams.workers(self._transaction))
        return self._asked.workers

    async def _once(self, what: str, unit: str, ask: Callable[[], Awaitable[list[str]]]) -> list[str]:
        found = self._asked.found
        if (what, unit) not in found:
            found[what, unit] = await ask()
        return found[what, unit]


async def tell_of(
    transaction: Transaction,
    before: Ticket | None,
    after: Ticket,
    lines: Sequence[Line],
    policy: Policy,
    now: dt.datetime,
) -> None:
    """Tell whom a deed with a ticket concerns; see `tell_all`."""
    await tell_all(transaction, [Changed(before=before, after=after, lines=lines, policy=policy)], now)


async def tell_all(transaction: Transaction, changed: Sequence[Changed], now: dt.datetime) -> None:
    """Enter the notifications of deeds; sent once they are committed. The transaction must see everything."""
    if not changed:
        return
    said = [
        Said(ticket=one.after, saying=saying, policy=one.policy)
        for one in changed
        for saying in telling.of_change(one.before, one.after, one.lines, one.policy)
    ]
    await say(transaction, Directory(transaction, now), said, now)


async def say(transaction: Transaction, directory: Directory, said: Sequence[Said], now: dt.datetime) -> int:
    """Enter notifications for everybody whom something concerns; how many are new."""
    await directory.prepare(one.ticket for one in said)
    entered = [
        _notification(one, login, now)
        for one in said
        for login in _others(await directory.people(one.ticket, one.saying.whom, one.policy), one.saying.but)
    ]
    return await notifications.enqueue(transaction, entered)


def _others(logins: list[str], but: str) -> list[str]:
    """Those who did not do it themselves; where it concerns nobody else, nobody has to be told."""
    return [login for login in logins if login != but]


def _notification(said: Said, login: str, now: dt.datetime) -> Notification:
    ticket, saying = said.ticket, said.saying
    return Notification(
        key=f"{ticket.id}/{saying.what}",
        to=login,
        topic=saying.topic,
        group=f"ticket:{ticket.id}",
        severity=ticket.severity,
        title=saying.title,
        title_en=saying.title_en,
        body=saying.body,
        body_en=saying.body_en,
        link=f"/inbox#ticket={ticket.id}",
        ticket=ticket.id,
        incident=ticket.incident,
        centre=ticket.centre,
        area=ticket.area,
        at=now,
    )
