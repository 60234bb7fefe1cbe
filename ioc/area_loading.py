"""Loading a release of administrative units, and moving what stands in units that cease once the day has come."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from ioc import resettling
from ioc.registration.release import Release, ReleaseError
from ioc.registration.resettling import Report
from ioc.registration.succession import Plan, plan
from ioc.store import audit, releases, rules
from ioc.store.database import Transaction
from ioc.store.registry import load_areas
from ioc.store.statements import notifying

SYSTEM = "system"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What loading did. `report` is what moved, or (`waits`) what will on the day; None: the release was here."""

    plan: Plan
    report: Report | None
    waits: bool = False


class _Undone(Exception):  # noqa: N818 - no error: it undoes what was only tried
    pass


def reason_of(name: str) -> str:
    """Why things move, in the register's history."""
    return f"đơn vị hành chính: {name}"


async def load(transaction: Transaction, release: Release, zone: ZoneInfo, now: dt.datetime, who: str) -> Outcome:
    """Load a release in a transaction that sees everything; the same again changes nothing.

    Raises ReleaseError for what contradicts itself, the register, or a release of the same name.
    """
    await releases.alone(transaction)
    head = release.head
    known = await releases.one(transaction, head.release)
    kinds, serves = await releases.centres(transaction), await releases.serves(transaction)
    if known is not None and known.sha256 != release.digest.hex():
        raise ReleaseError(
            f"a release {head.release} with other content was loaded on {known.loaded_at:%Y-%m-%d}; "
            "give this one a name of its own"
        )
    planned = plan(release, await load_areas(transaction), serves, kinds)
    if known is not None:
        return Outcome(plan=planned, report=None)
    if not planned.there:
        await releases.enter(transaction, planned, head.effective)
    await releases.keep(transaction, head.release, release.digest, head.source, planned, head.effective, now, who)
    await transaction.run(notifying(rules.CHANNEL))
    about = {"entered": len(planned.entered), "closed": len(planned.closed), "effective": head.effective.isoformat()}
    await _note(transaction, "areas.load", head.release, who, about | {"sha256": release.digest.hex()}, now)
    if head.effective > now.astimezone(zone).date():
        return Outcome(plan=planned, report=await _foreseen(transaction, head.effective, now, who), waits=True)
    return Outcome(plan=planned, report=await _move(transaction, [head.release], zone, now, who))


async def _note(
    transaction: Transaction, act: str, thing: str, who: str, about: dict[str, object], now: dt.datetime
) -> None:  # fmt: skip
    deed = audit.Deed(act=act, who=who, kind="areas", thing=thing, address="local", after=about)
    await audit.record(transaction, deed, now)


async def _foreseen(transaction: Transaction, day: dt.date, now: dt.datetime, who: str) -> Report:
    """What would move on a day to come, as things stand now."""
    report = Report()
    try:
        async with transaction.connection.transaction():
            land = await resettling.land_of(transaction, day)
            report = await resettling.resettle(transaction, land, resettling.Order(who=who, reason="", now=now))
            raise _Undone
    except _Undone:
        return report


async def _move(transaction: Transaction, names: list[str], zone: ZoneInfo, now: dt.datetime, who: str) -> Report:
    land = await resettling.land_of(transaction, now.astimezone(zone).date())
    order = resettling.Order(who=who, reason=reason_of(", ".join(names)), now=now)
    report = await resettling.resettle(transaction, land, order)
    await releases.moved(transaction, names, resettling.told(report), now)
    await _note(transaction, "areas.move", ", ".join(names), who, dict(report.counts()), now)
    await transaction.run(notifying(rules.CHANNEL))
    return report


async def move_due(transaction: Transaction, zone: ZoneInfo, now: dt.datetime) -> Report | None:
    """Move what the releases move whose day has come, once; None when there is none. Again is harmless."""
    day = now.astimezone(zone).date()
    if not await releases.due(transaction, day):
        return None
    await releases.alone(transaction)
    names = await releases.due(transaction, day)
    return await _move(transaction, names, zone, now, SYSTEM) if names else None
