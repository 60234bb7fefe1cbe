"""What stands in units of administration that ceased moves to those that followed: in one transaction, or not at all.

Tickets are held first and written before the maps are told of devices, as `ioc/ticket_work.py` asks. The transaction
must see everything. To find out what would move, run it and roll it back.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from ioc.registration.resettling import NO_SUCCESSOR, SEVERAL, Kind, Land, Moved, Report, Undecided
from ioc.store import register_moves, releases, resettling, rules, ticket_policies
from ioc.store import tickets as kept_tickets
from ioc.store.database import Transaction
from ioc.store.registry import load_areas
from ioc.store.resettling import Named, Placing, Standing
from ioc.ticket_work import Deed, known_of, settle_all
from ioc.tickets.policy import Policy
from ioc.tickets.routing import CENTRE, responsible, route
from ioc.tickets.steps import Ask, Known, Lead, noted, stamped, take
from ioc.tickets.ticket import SYSTEM, Ticket
from ioc.tickets.words import Refused

WHY = "Đơn vị hành chính nay là {after}, trước là {before}"
"""What the log of a ticket says of its place."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Why things move, in a word of the register's history, in whose name and when."""

    who: str
    reason: str
    now: dt.datetime


async def land_of(transaction: Transaction, day: dt.date) -> Land:
    """The units and who serves them, seen from a day."""
    kinds = await releases.centres(transaction)
    areas = await load_areas(transaction)
    return Land(areas, day, await releases.serves(transaction), releases.province_of(kinds))


async def resettle(transaction: Transaction, land: Land, order: Order) -> Report:
    """Move all that stands in units that are over on the day of `land`; again is harmless."""
    over, report = land.over, Report()
    if not over:
        return report
    held = await kept_tickets.tickets_of(transaction, await resettling.live_tickets(transaction, areas=over))
    moves = _placings(land, await resettling.standing(transaction, areas=over), report)
    told = await register_moves.move(transaction, moves, order.who, order.reason, order.now)
    await resettling.follow(transaction, moves, order.now)
    await _named(land, await resettling.accounts_in(transaction, over), "account", report, _binder(transaction))
    muted = await resettling.silences_in(transaction, over, order.now)
    await _named(land, muted, "silence", report, _turner(transaction))
    await resettling.spell_out_silences(transaction, order.now)
    await _rules(transaction, land, over, order, report)
    before = await ticket_policies.current(transaction)
    after = await _routes(transaction, land, before, order, report)
    await _tickets(transaction, land, list(held.values()), (before, after), order, report)
    await told()
    return report


def _placings(land: Land, things: Sequence[Standing], report: Report) -> list[Placing]:
    """Where devices and cameras belong now. The centre follows where it was the one that served the unit; what a
    gateway speaks for stays in the gateway's centre."""
    found = []
    areas = {one.code: land.holding(one.area, one.position) for one in things}
    centres = {one.code: _centre(land, one, areas[one.code]) for one in things}
    for one in things:
        area = areas[one.code]
        if area is None:
            report.undecided.append(_undecided(one.subject, one.code, one.name, one.area, NO_SUCCESSOR))
            continue
        centre = centres.get(one.gateway, one.centre) if one.gateway else centres[one.code]
        found.append(Placing(before=one, centre=centre, area=area))
        report.moved.append(
            Moved(
                kind="camera" if one.subject == "camera" else "device", code=one.code, name=one.name,
                area_before=one.area, area=area, centre_before=one.centre, centre=centre,
            )
        )  # fmt: skip
    return found


def _centre(land: Land, one: Standing, area: str | None) -> str:
    if area is None or one.centre != land.centre(one.area):
        return one.centre
    return land.centre(area)


def _undecided(kind: str, code: str, name: str, area: str, why: str) -> Undecided:
    return msgspec.convert({"kind": kind, "code": code, "name": name, "area": area, "why": why}, Undecided)


Write = Callable[[Named, Sequence[str]], Awaitable[None]]


def _binder(transaction: Transaction) -> Write:
    async def write(one: Named, areas: Sequence[str]) -> None:
        await resettling.bind_account(transaction, one.id, areas)

    return write


def _turner(transaction: Transaction) -> Write:
    async def write(one: Named, areas: Sequence[str]) -> None:
        await resettling.turn_silence(transaction, one.id, areas)

    return write


async def _named(land: Land, some: Sequence[Named], kind: Kind, report: Report, write: Write) -> None:
    """Lists of areas of accounts and silences, in which what lies in an area counts anyhow."""
    for one in some:
        after = _instead(land, one.areas, kind, one.code, one.name, report, spelt=True)
        if after != one.areas:
            await write(one, after)


def _instead(
    land: Land, areas: Sequence[str], kind: Kind, code: str, name: str, report: Report, *, spelt: bool
) -> tuple[str, ...]:
    """A list of areas as it is from now on, with its line in the report."""
    after, unsure = land.instead(areas, spelt=spelt)
    for fid in unsure:
        why = SEVERAL if land.followers(fid) else NO_SUCCESSOR
        report.undecided.append(_undecided(kind, code, name, fid, why))
    if after != tuple(areas):
        report.moved.append(
            Moved(kind=kind, code=code, name=name, area_before=",".join(areas), area=",".join(after))
        )  # fmt: skip
    return after


async def _rules(
    transaction: Transaction, land: Land, over: Collection[str], order: Order, report: Report
) -> None:  # fmt: skip
    """Rules that are limited to areas, or say something else there: a new version, as people would make it."""
    step = rules.Step(what="changed", at=order.now, who=order.who, reason=order.reason)
    for rule in await resettling.rules_in(transaction, over):
        code = f"{rule.pack}/{rule.code}"
        body = dict(rule.body)
        if named := tuple(body.get("areas", ())):
            body["areas"] = list(_instead(land, named, "rule", code, rule.code, report, spelt=True))
        overrides: list[rules.Override] = []
        for one in rule.overrides:
            if one.kind != "area" or not land.ceased(one.subject):
                continue
            [*after] = _instead(land, [one.subject], "rule", code, rule.code, report, spelt=True)
            if after != [one.subject]:
                overrides.append(msgspec.structs.replace(one, body=None))
                overrides += [msgspec.structs.replace(one, subject=fid) for fid in after]
        if body != rule.body or overrides:
            await rules.renew(transaction, rule, step, body=body, overrides=overrides)


async def _routes(
    transaction: Transaction, land: Land, policy: Policy, order: Order, report: Report
) -> Policy:  # fmt: skip
    """The policy of tickets with its routes on the units that followed, as a version of its own where that differs."""
    routes = tuple(
        msgspec.structs.replace(
            one,
            areas=_instead(land, one.areas, "route", f"{policy.version}/{place}", one.why, report, spelt=False),
        )
        if one.areas
        else one
        for place, one in enumerate(policy.routes)
    )
    if routes == policy.routes:
        return policy
    return await renewed(transaction, msgspec.structs.replace(policy, routes=routes), order)


async def renewed(transaction: Transaction, policy: Policy, order: Order) -> Policy:
    """Enter a policy of tickets as the version after the newest."""
    await ticket_policies.hold(transaction)
    newest = await ticket_policies.current(transaction)
    after = msgspec.structs.replace(policy, version=newest.version + 1)
    await ticket_policies.add(transaction, after, order.now, order.who, order.reason)
    return after


# --- tickets


async def _tickets(
    transaction: Transaction, land: Land, held: Sequence[Ticket], policies: tuple[Policy, Policy], order: Order,
    report: Report,
) -> None:  # fmt: skip
    placed = [(one, after) for one in held if (after := _replaced(land, one, report)) is not None]
    versions = {one.policy: await ticket_policies.of_version(transaction, one.policy) for one in held}
    known = await known_of(transaction, [one for one, _ in placed], versions, policies[1])
    settled: list[Deed] = []
    leads: dict[str, dict[str, Lead]] = {}
    for before, after in placed:
        about = known[before.id]
        others = {**about.leads, **leads.get(before.incident, {})}
        about = msgspec.structs.replace(about, leads={unit: one for unit, one in others.items() if one.id != before.id})
        unit = _unit(land, before, after, policies)
        text = WHY.format(after=after.area_name, before=before.area_name)
        deed = turned(before, after, unit, text, versions, about, order)
        if deed.after.parent is None:
            leads.setdefault(before.incident, {})[deed.after.unit] = Lead(before.id, before.number)
        settled.append(deed)
        report.moved.append(_moved(deed))
    await settle_all(transaction, settled, order.now)


def _replaced(land: Land, ticket: Ticket, report: Report) -> Ticket | None:
    fid = land.holding(ticket.area, ticket.position)
    area = land.area(fid) if fid is not None else None
    if area is None:
        report.undecided.append(_undecided("ticket", ticket.id, f"#{ticket.number}", ticket.area, NO_SUCCESSOR))
        return None
    return msgspec.structs.replace(ticket, area=area.fid, area_code=area.code, area_name=area.name)


def _unit(land: Land, before: Ticket, after: Ticket, policies: tuple[Policy, Policy]) -> str:
    """Who has it from now on: another unit only where it is with the one that the routes name for its place, and they
    name another one for the same place now. What people sent elsewhere stays there."""
    old, new = policies
    was, now = land.centre(before.area), land.centre(after.area)
    if before.parent is None:
        area = land.area(before.area)
        eve = (area.valid_to if area is not None and area.valid_to else land.day) - dt.timedelta(days=1)
        named = _routed(land, before, old, was, eve)
        if before.unit == named and (to := _routed(land, after, new, now, land.day)) != named:
            return to
    if was != now and before.unit == responsible(old, CENTRE, was)[0].code != old.top.code:
        return responsible(new, CENTRE, now)[0].code
    return before.unit


def _routed(land: Land, ticket: Ticket, policy: Policy, centre: str, day: dt.date) -> str:
    areas = land.around(ticket.position, day) or [ticket.area]
    return route(policy, ticket.category, ticket.severity, areas, centre, day).unit


def turned(
    before: Ticket, after: Ticket, unit: str, text: str, versions: Mapping[int, Policy], known: Known, order: Order
) -> Deed:
    """The deed of a ticket whose place or centre is another one now, at `unit`; its log says so."""
    policy = versions[before.policy]
    if unit != before.unit and before.open and unit in known.units:
        taken = take(after, Ask(step="reorganise", who=SYSTEM, at=order.now, unit=unit, why=text), known)
        if not isinstance(taken, Refused):
            return Deed(before=before, after=taken.after, lines=taken.lines, policy=policy)
    changed = stamped(before, after, order.now)
    return Deed(before=before, after=changed, lines=(noted(changed, order.now, "comment", text=text),), policy=policy)


def _moved(deed: Deed) -> Moved:
    before, after = deed.before or deed.after, deed.after
    return Moved(
        kind="ticket", code=after.id, name=f"#{after.number} {after.title}", area_before=before.area, area=after.area,
        centre_before=before.centre, centre=after.centre, unit_before=before.unit, unit=after.unit,
    )  # fmt: skip


def told(report: Report) -> dict[str, Any]:
    """A report as it is kept and shown."""
    found: dict[str, Any] = msgspec.to_builtins(report)
    return {"counts": report.counts(), **found}
