"""The one way to change tickets: written, logged, and told at the end, in the transaction of whoever changes them.

People (the API), the dispatcher and the timers all come through here. The order is always the same, so that no two wait
for each other: the rows of the tickets are held first (`ioc/store/tickets.py`, rising ids), what hangs on them is
written next, and the change log comes last, because other writers wait from then on until the commit. No incident is
ever held: the desk may hold the change log and want one. The transaction must see everything (EVERYTHING), because a
ticket may leave the scope of who sends it on.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from gis.stamp import uuid7
from ioc import telling, updates
from ioc.incidents.incident import Incident
from ioc.store import changes, placing, timers
from ioc.store import tickets as kept
from ioc.store.database import Transaction
from ioc.store.media import StoredPicture, insert_pictures, move_pictures
from ioc.store.readings import Owner
from ioc.tickets.calendar import calendar_of
from ioc.tickets.deadlines import reckoning
from ioc.tickets.policy import Policy
from ioc.tickets.routing import Routed, route
from ioc.tickets.shown import ticket_feature
from ioc.tickets.steps import Known, Reckoning, stamped
from ioc.tickets.ticket import SYSTEM, Line, Ticket, line_of

Entropy = Callable[[int], bytes]
"""So many random bytes; `secrets.token_bytes`."""

Policies = Mapping[int, Policy]
"""The policies of some tickets, by version."""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one ticket. `before` None: it is new; `after` the same: only lines were added (notes).

    `policy` is that of the ticket's version. `photos` are files that lie in the media folder; they belong to the first
    line.
    """

    before: Ticket | None
    after: Ticket
    lines: tuple[Line, ...]
    policy: Policy
    photos: tuple[StoredPicture, ...] = ()


async def settle(
    transaction: Transaction,
    before: Ticket | None,
    after: Ticket,
    lines: Sequence[Line],
    policy: Policy,
    now: dt.datetime,
    photos: Sequence[StoredPicture] = (),
) -> bool:
    """Write one deed and its consequences; see `settle_all`, which a work on several tickets must call once."""
    deed = Deed(before=before, after=after, lines=tuple(lines), policy=policy, photos=tuple(photos))
    return bool(await settle_all(transaction, [deed], now))


async def settle_all(transaction: Transaction, deeds: Sequence[Deed], now: dt.datetime) -> list[Deed]:
    """Write deeds, each of another ticket, and their consequences; call it once, at the end of the transaction's work.

    The deeds that were done: a new lead ticket is left out where its unit has a live one of the incident already.
    Tickets that are there must be held. Raises LostError when one was not.
    """
    done = await _written(transaction, await _seen_by(transaction, deeds))
    await _photos(transaction, done)
    await kept.log(
        transaction,
        (
            (deed.after.id, line, [photo.id for photo in deed.photos] if place == 0 else [])
            for deed in done
            for place, line in enumerate(deed.lines)
        ),
    )
    changed = [deed for deed in done if deed.before != deed.after]
    await kept.stay(transaction, [(one.before, one.after, one.lines[0].what if one.lines else "") for one in changed])
    await timers.replan_all(transaction, [(one.after, one.policy) for one in changed])
    told = [telling.Changed(before=one.before, after=one.after, lines=one.lines, policy=one.policy) for one in changed]
    await telling.tell_all(transaction, told, now)
    await updates.offer(transaction, [(one.before, one.after) for one in changed], now)
    await changes.record(transaction, [_change(one.before, one.after, now) for one in changed])
    return done


async def _seen_by(transaction: Transaction, deeds: Sequence[Deed]) -> list[Deed]:
    """The deeds with the one camera that saw the incident, for tickets that are new to it."""
    new = {one.after.incident for one in deeds if one.before is None or one.before.incident != one.after.incident}
    cameras = await kept.cameras_of(transaction, new) if new else {}
    return [
        msgspec.structs.replace(one, after=msgspec.structs.replace(one.after, camera=cameras.get(one.after.incident)))
        if one.after.incident in new
        else one
        for one in deeds
    ]


async def _written(transaction: Transaction, deeds: Sequence[Deed]) -> list[Deed]:
    """New tickets in their order, so that a lead is there before its parts; parts of one that is not are left out."""
    await kept.put(transaction, [one.after for one in deeds if one.before not in (None, one.after)])
    fresh = [one.after for one in deeds if one.before is None]
    new = await kept.add(transaction, [one for one in fresh if one.parent is None])
    left_out = {one.id for one in fresh if one.parent is None} - new
    new |= await kept.add(transaction, [one for one in fresh if one.parent is not None and one.parent not in left_out])
    return [one for one in deeds if one.before is not None or one.after.id in new]


async def _photos(transaction: Transaction, deeds: Sequence[Deed]) -> None:
    """Photographs go where their ticket goes: who sees it sees them."""
    moved: dict[Owner, list[str]] = {}
    for deed in deeds:
        owner = Owner(deed.after.centre, deed.after.area)
        await insert_pictures(transaction, deed.photos, {photo.source: owner for photo in deed.photos})
        if deed.before is not None and _place(deed.before) != _place(deed.after):
            moved.setdefault(owner, []).append(deed.after.id)
    for owner, tickets in moved.items():
        await move_pictures(transaction, await kept.photos_of(transaction, tickets), owner)


def _place(ticket: Ticket) -> tuple[str, str]:
    return ticket.centre, ticket.area


def _change(before: Ticket | None, after: Ticket, now: dt.datetime) -> changes.Change:
    """With where it was, so that who saw it there learns that it left."""
    moved = before is not None and _place(before) != _place(after)
    return changes.Change(
        subject="ticket",
        subject_id=after.id,
        op="put",
        centre=after.centre,
        area=after.area,
        centre_before=before.centre if before is not None and moved else None,
        area_before=before.area if before is not None and moved else None,
        at=now,
        value=ticket_feature(after),
    )


async def known_of(
    transaction: Transaction, tickets: Iterable[Ticket], policies: Policies, current: Policy, *, commands: bool = False
) -> dict[str, Known]:
    """What steps of tickets depend on, by id. `current` is the newest policy: its units can be chosen, too."""
    wanted = list(tickets)
    leads = await kept.leads_of(transaction, {one.incident for one in wanted})
    live = await kept.live_parts(transaction, [one.id for one in wanted])
    newest = {unit.code: unit for unit in current.units}
    return {
        one.id: Known(
            units={unit.code: unit for unit in policies[one.policy].units} | newest,
            clock=_clock(policies[one.policy], one.category),
            bounces_up=policies[one.policy].bounces_up,
            live_subs=live.get(one.id, 0),
            leads={unit: lead for unit, lead in leads[one.incident].items() if lead.id != one.id},
            commands=commands,
        )
        for one in wanted
    }


def _clock(policy: Policy, category: str) -> Callable[[str], Reckoning]:
    return lambda severity: reckoning(policy, category, severity)


# --- opening, and what happens to their incidents


async def opened(
    transaction: Transaction,
    incident: Incident,
    routed: Routed,
    policy: Policy,
    now: dt.datetime,
    who: str,
    entropy: Entropy,
) -> list[Ticket]:
    """Open the tickets of an incident: the lead at the unit that is responsible, and a part for each further unit.

    Empty when the unit has a live lead ticket of the incident already, also when somebody else opens it just now.
    `policy` is the newest. Nothing else may be settled in the transaction after it.
    """
    deeds = await opening(transaction, incident, routed, policy, now, who, entropy)
    return [one.after for one in await settle_all(transaction, deeds, now)]


async def opening(
    transaction: Transaction,
    incident: Incident,
    routed: Routed,
    policy: Policy,
    now: dt.datetime,
    who: str,
    entropy: Entropy,
) -> list[Deed]:
    """The deeds of `opened`, for a work that settles those of several incidents at once."""
    numbers = await kept.numbers(transaction, 1 + len(routed.along))
    lead = new_ticket(incident, routed.unit, routed.task, policy, now, numbers[0], entropy)
    parts = [
        part_of(lead, one.unit, one.task, policy, now, number, entropy)
        for one, number in zip(routed.along, numbers[1:], strict=True)
    ]
    return [opening_of(lead, policy, who, routed.why), *(opening_of(one, policy, who, one.task) for one in parts)]


def opening_of(ticket: Ticket, policy: Policy, who: str, why: str) -> Deed:
    """The deed of a new ticket."""
    line = line_of(ticket, ticket.opened_at, who, "opened", text=why, to=ticket.unit, public=True)
    return Deed(before=None, after=ticket, lines=(line,), policy=policy)


async def routed_to(transaction: Transaction, incident: Incident, policy: Policy, now: dt.datetime) -> Routed:
    """Where work of an incident goes today, by the policy's own day."""
    day, place = calendar_of(policy).day_of(now), incident.place
    areas = await placing.areas_at(transaction, place.position, day) or [place.area]
    return route(policy, incident.category, incident.severity, areas, place.centre, day)


def new_ticket(
    incident: Incident, unit: str, task: str, policy: Policy, now: dt.datetime, number: int, entropy: Entropy
) -> Ticket:
    """A new lead ticket of an incident. KeyError for a unit that the policy has not."""
    clock = reckoning(policy, incident.category, incident.severity)
    return Ticket(
        id=str(uuid7(now, entropy(10))),
        number=number,
        version=1,
        incident=incident.id,
        unit=unit,
        centre=_centre(policy, unit),
        area=incident.place.area,
        area_code=incident.place.area_code,
        area_name=incident.place.area_name,
        position=incident.place.position,
        title=incident.title,
        title_en=incident.title_en,
        task=task,
        category=incident.category,
        severity=incident.severity,
        state="new",
        policy=policy.version,
        opened_at=now,
        received_at=now,
        updated_at=now,
        accept_by=clock.accept_by(now),
        due_at=clock.due_at(now),
    )


def part_of(
    lead: Ticket, unit: str, task: str, policy: Policy, now: dt.datetime, number: int, entropy: Entropy
) -> Ticket:
    """A new ticket that is a part of another one. KeyError for a unit that the policy has not."""
    clock = reckoning(policy, lead.category, lead.severity)
    about = ("incident", "area", "area_code", "area_name", "position", "title", "title_en", "category", "severity")
    return Ticket(
        id=str(uuid7(now, entropy(10))),
        number=number,
        version=1,
        parent=lead.id,
        unit=unit,
        centre=_centre(policy, unit),
        sender=lead.unit,
        task=task,
        state="new",
        policy=policy.version,
        opened_at=now,
        received_at=now,
        updated_at=now,
        accept_by=clock.accept_by(now),
        due_at=clock.due_at(now),
        **{name: getattr(lead, name) for name in about},
    )


def _centre(policy: Policy, unit: str) -> str:
    found = policy.unit(unit)
    if found is None:
        raise KeyError(unit)
    return found.centre


async def moving(
    transaction: Transaction, tickets: Iterable[Ticket], incident: Incident, policies: Policies, now: dt.datetime
) -> list[Deed]:
    """The deeds of tickets, held, that move to the incident which stands for theirs, with their clocks as they run.

    A live lead ticket whose unit has one of that incident becomes a part of it. Settle them once with all others.
    """
    wanted = sorted(tickets, key=lambda one: one.id)
    leads = {unit: lead.id for unit, lead in (await kept.leads_of(transaction, [incident.id]))[incident.id].items()}
    deeds = []
    for one in wanted:
        after, joins = _elsewhere(one, incident, now), None
        if one.live and one.parent is None:
            joins = leads.setdefault(one.unit, one.id)
        if joins not in (None, one.id):
            after = msgspec.structs.replace(after, parent=joins)
        line = line_of(after, now, SYSTEM, "moved", text=one.incident, to=incident.id)
        deeds.append(Deed(before=one, after=after, lines=(line,), policy=policies[one.policy]))
    return deeds


async def moved(
    transaction: Transaction, tickets: Iterable[Ticket], incident: Incident, policies: Policies, now: dt.datetime
) -> list[Ticket]:
    """Move tickets, held, to the incident that stands for theirs; see `moving`."""
    deeds = await moving(transaction, tickets, incident, policies, now)
    return [one.after for one in await settle_all(transaction, deeds, now)]


def _elsewhere(ticket: Ticket, incident: Incident, now: dt.datetime) -> Ticket:
    place = incident.place
    return stamped(
        ticket,
        msgspec.structs.replace(
            ticket,
            incident=incident.id,
            area=place.area,
            area_code=place.area_code,
            area_name=place.area_name,
            position=place.position,
            title=incident.title,
            title_en=incident.title_en,
        ),
        now,
    )
