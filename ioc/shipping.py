"""Shipped rule packs enter the database: at the first start, and when a program comes with newer packs.

What people changed stays as they have it. Of a rule that nobody changed the newer words of the pack are its next
version; where people changed the limits of some devices alone, all else is renewed.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ioc import data
from ioc.access.scope import EVERYTHING
from ioc.store import rules as kept
from ioc.store import ticket_policies
from ioc.store.database import Database, Transaction
from ioc.store.rules import Kept, Override, Step

log = logging.getLogger(__name__)


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of a shipped pack, with its overrides; `version` is the pack's. Some are shipped disabled."""

    pack: str
    code: str
    version: int
    demo: bool
    content: dict[str, Any]
    enabled: bool = True


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """What a newer pack changes of a rule that is there; None: the body stays."""

    body: dict[str, Any] | None = None
    overrides: tuple[Override, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing in force changes."""
        return self.body is None and not self.overrides


def shipped(packs: Iterable[Mapping[str, Any]]) -> list[Shipped]:
    """Every rule of the packs, as the database would give it back."""
    found = []
    for pack in packs:
        about = pack["pack"]
        for rule in pack["rule"]:
            content: dict[str, Any] = msgspec.to_builtins(rule)
            enabled, code = content.pop("enabled", True), content.pop("code")
            found.append(
                Shipped(
                    pack=about["code"],
                    code=code,
                    version=about["version"],
                    demo=about.get("demo", False),
                    content=content,
                    enabled=enabled,
                )
            )
    return found


def renewal(before: Kept, now: Shipped) -> Renewal:
    """What of a rule follows its pack: whatever is as the pack shipped it before."""
    if before.shipped is None:  # people made a rule of this name; the pack's stands beside it as an offer
        return Renewal()
    old_body, old_overrides = kept.apart(before.shipped)
    new_body, new_overrides = kept.apart(now.content)
    was, wanted = _by_subject(old_overrides), _by_subject(new_overrides)
    have = _by_subject(before.overrides)
    changed = [
        Override(kind=place[0], subject=place[1], body=wanted.get(place))
        for place in sorted(was.keys() | wanted.keys())
        if have.get(place) == was.get(place) != wanted.get(place)
    ]
    follows = before.body == old_body and new_body != old_body
    return Renewal(body=new_body if follows else None, overrides=tuple(changed))


def _by_subject(overrides: Iterable[Override]) -> dict[tuple[kept.Kind, str], Any]:
    return {(one.kind, one.subject): one.body for one in overrides}


async def seed(database: Database, now: Callable[[], dt.datetime]) -> None:
    """Enter what the packs of this program and its policy of tickets have and the database has not; again is
    harmless."""
    packs = data.rule_packs()
    async with database.transaction(EVERYTHING) as transaction:
        await kept.seeding(transaction)
        await enter(transaction, packs, now())
        if await ticket_policies.ship(transaction, now()):
            log.info("the policy of tickets was entered as it comes with the program")


async def enter(transaction: Transaction, packs: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    """Enter the rules of packs. A pack that is older than the one that was entered last changes nothing."""
    there = {(one.pack, one.code): one for one in await kept.newest(transaction)}
    for one in shipped(packs):
        before = there.pop((one.pack, one.code), None)
        if before is None:
            await kept.add(transaction, _first(one, at))
            log.info("rule %s/%s was entered from its pack, version %d", one.pack, one.code, one.version)
        elif before.shipped_version is None or before.shipped_version <= one.version:
            await _renew(transaction, before, one, at)
    versions = {pack["pack"]["code"]: pack["pack"]["version"] for pack in packs}
    for before in there.values():
        if before.shipped_version is not None and versions.get(before.pack, 0) > before.shipped_version:
            await _withdraw(transaction, before, versions[before.pack], at)


def _first(one: Shipped, at: dt.datetime) -> Kept:
    body, overrides = kept.apart(one.content)
    return Kept(
        pack=one.pack,
        code=one.code,
        version=one.version,
        enabled=one.enabled,
        body=body,
        demo=one.demo,
        shipped=one.content,
        shipped_version=one.version,
        overrides=overrides,
        **msgspec.structs.asdict(_step(one.version, at)),
    )


def _step(version: int, at: dt.datetime, reason: str = "") -> Step:
    return Step(what="shipped", at=at, who="", reason=reason or f"Pack version {version}")


async def _renew(transaction: Transaction, before: Kept, one: Shipped, at: dt.datetime) -> None:
    same = (before.shipped, before.shipped_version, before.demo) == (one.content, one.version, one.demo)
    if same:
        return
    before = await kept.locked(transaction, before.pack, before.code) or before  # people may change it just now
    changes = renewal(before, one)
    if not changes.empty:
        step = _step(one.version, at)
        version = await kept.renew(transaction, before, step, body=changes.body, overrides=changes.overrides)
        log.info("rule %s/%s follows version %d of its pack as @%d", one.pack, one.code, one.version, version)
    elif before.shipped != one.content:
        log.warning(
            "rule %s/%s stays as people made it; version %d of its pack says otherwise", one.pack, one.code, one.version
        )
    now = msgspec.structs.replace(before, shipped=one.content, shipped_version=one.version, demo=one.demo)
    await kept.ship(transaction, now)


async def _withdraw(transaction: Transaction, before: Kept, version: int, at: dt.datetime) -> None:
    """A pack has a rule no longer: what nobody changed is disabled; from then on the rule is the installation's own."""
    before = await kept.locked(transaction, before.pack, before.code) or before
    if before.enabled and before.content == before.shipped:
        step = _step(version, at, f"Pack version {version} does not have it any more")
        await kept.renew(transaction, before, step, enabled=False)
        log.warning("rule %s/%s is not in version %d of its pack: disabled", before.pack, before.code, version)
    await kept.ship(transaction, msgspec.structs.replace(before, shipped=None, shipped_version=None))
