"""Makes messages of what waits: a transaction a page of people."""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping

import msgspec

from gis.stamp import uuid7
from ioc.incidents.severity import worst
from ioc.store import contacts, messages, notifications
from ioc.store.database import Transaction
from ioc.store.messages import New
from ioc.store.notifications import Desk
from ioc.tell import order, quiet
from ioc.tell.contact import Contact
from ioc.tell.grouping import REPEAT, Plan, planned
from ioc.tell.order import Hop, Patience, Standing

PEOPLE = 50
"""Recipients of one transaction."""

NOBODY = "there is no account of this name, or it is disabled"

EndpointHop = Callable[[Transaction, str], Awaitable[Hop | None]]
"""The channel and address of an endpoint's code, None when there is no such endpoint."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What decides how somebody is told: the zone of quiet hours, how long is tried, and the channels that there are.

    `endpoint` finds where an endpoint is; None: each is a webhook.
    """

    zone: dt.tzinfo
    patience: Patience = Patience()
    known: Collection[str] = ()
    endpoint: EndpointHop | None = None


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What a page came to: how many messages were made, how many of them ended at once as told and as dead letters;
    `more`: there may be another page."""

    made: int = 0
    told: int = 0
    dead: int = 0
    more: bool = False


async def gather(
    transaction: Transaction,
    rules: Rules,
    now: dt.datetime,
    entropy: Callable[[int], bytes],
    only: Collection[str] = (),
) -> Gathered:
    """Look at what is due for the next page of people, or for these only; make messages, or say when to look again."""
    names = sorted(only) or (await notifications.due(transaction, now, PEOPLE))[:PEOPLE]
    if not names:
        return Gathered()
    desks = await notifications.desks(transaction, names, now)
    people = await contacts.of(transaction, names)
    new: list[New] = []
    plans: dict[str, Plan] = {}
    for name, desk in desks.items():
        plan = plans[name] = _plan(desk, people[name], rules.zone, now)
        new += await _messages(transaction, desk, plan, people[name], rules, now, entropy)
    await messages.add(transaction, new, now)
    await _settle(transaction, desks, plans, new, now)
    states = [one.standing.state for one in new]
    return Gathered(made=len(new), told=states.count("told"), dead=states.count("dead"), more=len(names) == PEOPLE)


def _plan(desk: Desk, contact: Contact, zone: dt.tzinfo, now: dt.datetime) -> Plan:
    def held(severity: str, at: dt.datetime) -> dt.datetime:
        return quiet.held(contact.quiet, zone, severity, at)

    return planned(desk.waiting, desk.told, desk.repeats, held, now)


async def _messages(
    transaction: Transaction,
    desk: Desk,
    plan: Plan,
    contact: Contact,
    rules: Rules,
    now: dt.datetime,
    entropy: Callable[[int], bytes],
) -> list[New]:
    """The message of what is due, and one that is over already of what was read in the page meanwhile."""
    severities = {one.id: one.severity for one in desk.waiting} | {one.id: one.severity for one in desk.repeats}
    found = []
    for items, unread in ((plan.told + plan.again, True), (plan.read, False)):
        if items:
            severity = worst([severities[id_] for id_ in items])
            begun = await _begun(transaction, severity, contact, rules, now)
            found.append(
                New(
                    id=uuid7(now, entropy(10)),
                    recipient=contact.recipient,
                    language=contact.language,
                    standing=begun if unread else order.read(begun),
                    items=items,
                    repeats=unread and not plan.told,
                    created=now,
                )
            )
    return found


async def _begun(transaction: Transaction, severity: str, contact: Contact, rules: Rules, now: dt.datetime) -> Standing:
    if not contact.reachable:
        return order.refused(severity, NOBODY)
    return order.begun(severity, await route_of(transaction, contact, severity, rules), now, rules.patience)


async def routed(transaction: Transaction, recipient: str, severity: str, rules: Rules, now: dt.datetime) -> Standing:
    """A message that begins anew, by the contacts that hold now."""
    contact = (await contacts.of(transaction, [recipient]))[recipient]
    return await _begun(transaction, severity, contact, rules, now)


async def route_of(transaction: Transaction, contact: Contact, severity: str, rules: Rules) -> tuple[Hop, ...]:
    """The channels for a message, in their order; what this installation does not have is passed over."""
    if contact.recipient.startswith("@"):
        if rules.endpoint is None:
            return contact.route(severity)
        found = await rules.endpoint(transaction, contact.recipient[1:])
        return contact.route(severity) if found is None else (found,)
    return tuple(hop for hop in contact.route(severity) if hop.channel in rules.known)


async def _settle(
    transaction: Transaction, desks: Mapping[str, Desk], plans: Mapping[str, Plan], new: list[New], now: dt.datetime
) -> None:
    """Enter what messages carry now, and when the rest is looked at."""
    carried = [item for one in new for item in one.items]
    await notifications.carried(transaction, carried, now, now + REPEAT)
    await notifications.later(transaction, {id_: at for plan in plans.values() for id_, at in plan.later.items()})
    again = {(name, thread): at for name, plan in plans.items() for thread, at in plan.later_again.items()}
    await notifications.later_again(transaction, again)
    await notifications.over(transaction, [(name, thread) for name, desk in desks.items() for thread in desk.over])
