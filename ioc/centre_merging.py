"""A centre goes into another one: what works for it works for the other from then on, what was stays as it was.

Devices, cameras, live tickets, accounts, teams, rosters, endpoints and areas move; codes stay. What ended (and open
incidents) keeps the old centre: whoever works at the new one sees it, too, and nobody else does. The unit of the old
centre in the policy of tickets becomes a unit of the new one and keeps its tickets and its roster, so that no work
changes hands overnight; new work goes to the new centre's own unit.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from ioc.registration.resettling import Moved, Report, Undecided
from ioc.resettling import Order, renewed, told, turned
from ioc.store import audit, centre_merges, register_moves, releases, resettling, rules, ticket_policies
from ioc.store import tickets as kept_tickets
from ioc.store.database import Transaction
from ioc.store.resettling import Placing
from ioc.store.statements import notifying
from ioc.ticket_work import known_of, settle_all
from ioc.tickets.policy import Policy
from ioc.tickets.ticket import Ticket

WHY = "Trung tâm {gone} đã nhập vào {into}"


class MergeError(ValueError):
    """Two centres that cannot be merged; the text says in one sentence why."""


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """What a merger did: how many rows of what changed the centre, and which things moved."""

    rows: Mapping[str, int]
    report: Report


async def merge(transaction: Transaction, gone: str, into: str, now: dt.datetime, who: str) -> Merged | None:
    """Merge in a transaction that sees everything; None when it was done before. Raises MergeError."""
    await releases.alone(transaction)
    if await _done(transaction, gone, into):
        return None
    order, report = Order(who=who, reason=f"centre merge {gone} {into}", now=now), Report()
    ids = await resettling.live_tickets(transaction, centre=gone)
    held = list((await kept_tickets.tickets_of(transaction, ids)).values())
    moves = [
        Placing(before=one, centre=into, area=one.area) for one in await resettling.standing(transaction, centre=gone)
    ]
    tell = await register_moves.move(transaction, moves, who, order.reason, now)
    await resettling.follow(transaction, moves, now)
    report.moved += [_moved(one) for one in moves]
    await centre_merges.enter(transaction, gone, into, now, who)
    await _silences(transaction, gone, into, moves, order, report)
    rows = await resettling.rename_centre(transaction, gone, into)
    policy = await _policy(transaction, gone, into, order)
    await _tickets(transaction, held, into, gone, policy, order, report)
    merged = Merged(rows=rows, report=report)
    await _keep(transaction, gone, into, merged, order)
    await tell()
    return merged


def _moved(one: Placing) -> Moved:
    return Moved(
        kind="camera" if one.before.subject == "camera" else "device", code=one.before.code, name=one.before.name,
        area_before=one.before.area, area=one.area, centre_before=one.before.centre, centre=one.centre,
    )  # fmt: skip


async def _done(transaction: Transaction, gone: str, into: str) -> bool:
    """Whether it was merged before. Raises MergeError for what cannot be."""
    kinds = await releases.centres(transaction)
    merges = await centre_merges.merges(transaction)
    for code in (gone, into):
        if code not in kinds:
            raise MergeError(f"there is no centre {code!r}; the centres are {', '.join(sorted(kinds))}")
    if gone == into:
        raise MergeError(f"{gone} cannot go into itself; name two centres")
    if merges.get(gone) == into:
        return True
    if gone in merges:
        raise MergeError(f"{gone} went into {merges[gone]} before")
    if into in merges:
        raise MergeError(f"{into} went into {merges[into]} before; merge {gone} into that one")
    if kinds[gone] == "province":
        raise MergeError(f"{gone} is the province's centre, which serves whatever no other does; it cannot end")
    return False


async def _silences(
    transaction: Transaction, gone: str, into: str, moves: Sequence[Placing], order: Order, report: Report
) -> None:
    """A silence of the whole centre mutes what the centre had, and no more of the other one."""
    codes = [one.before.code for one in moves]
    for one, sources in await resettling.silences_of(transaction, gone, order.now):
        some = [code for code in codes if not sources or code in sources]
        if one.areas != (gone,) or not some:
            why = f"it mutes centres, of which {gone} ended; make a new one if it has to go on"
            report.undecided.append(Undecided(kind="silence", code=one.code, name=one.name, area="", why=why))
            continue
        await resettling.narrow_silence(transaction, one.id, into, some)
        report.moved.append(
            Moved(
                kind="silence", code=one.code, name=one.name, area_before="", area="", centre_before=gone, centre=into
            )
        )


async def _policy(transaction: Transaction, gone: str, into: str, order: Order) -> Policy:
    """The policy of tickets in which the units of the centre are units of the other one."""
    policy = await ticket_policies.current(transaction)
    above = policy.unit(into)
    units = tuple(
        msgspec.structs.replace(one, centre=into, up=above.code if above is not None and one.code == gone else one.up)
        if one.centre == gone
        else one
        for one in policy.units
    )
    if units == policy.units:
        return policy
    return await renewed(transaction, msgspec.structs.replace(policy, units=units), order)


async def _tickets(
    transaction: Transaction, held: Sequence[Ticket], into: str, gone: str, policy: Policy, order: Order,
    report: Report,
) -> None:  # fmt: skip
    versions = {one.policy: await ticket_policies.of_version(transaction, one.policy) for one in held}
    known = await known_of(transaction, held, versions, policy)
    text = WHY.format(gone=gone, into=into)
    deeds = []
    for before in held:
        after = msgspec.structs.replace(before, centre=into)
        deeds.append(turned(before, after, before.unit, text, versions, known[before.id], order))
        report.moved.append(
            Moved(
                kind="ticket", code=before.id, name=f"#{before.number} {before.title}", area_before=before.area,
                area=before.area, centre_before=gone, centre=into, unit_before=before.unit, unit=before.unit,
            )
        )  # fmt: skip
    await settle_all(transaction, deeds, order.now)


async def _keep(transaction: Transaction, gone: str, into: str, merged: Merged, order: Order) -> None:
    """The report, the audit trail, and a word to those who hold rules in memory."""
    await centre_merges.report(transaction, gone, {"rows": dict(merged.rows), **told(merged.report)})
    deed = audit.Deed(
        act="centre.merge", who=order.who, kind="centre", thing=gone, centre=into, address="local",
        after={"into": into, **merged.rows, **merged.report.counts()},
    )  # fmt: skip
    await audit.record(transaction, deed, order.now)
    await transaction.run(notifying(rules.CHANNEL))
