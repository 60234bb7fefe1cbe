"""The rules in force, in memory: read from the database, and anew whenever somebody changed one."""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ioc import data, shipping
from ioc.access.scope import EVERYTHING
from ioc.incidents.rules import Rule
from ioc.store import rules as kept
from ioc.store.away import AWAY
from ioc.store.database import Database, Transaction
from ioc.store.rules import Kept
from sensors.profile import Profile

log = logging.getLogger(__name__)

RETRY_S = 1.0
REFRESH_S = 30.0
"""How often, in seconds, the rules are read even when nothing woke us."""


class Book(msgspec.Struct, frozen=True):
    """One reading of the rules: those in force, and the newest version of each rule, also of those that are not.

    `faults` says by its name why a rule that should be in force cannot be used by this program.
    """

    rules: tuple[Rule, ...] = ()
    versions: Mapping[tuple[str, str], int] = {}
    faults: Mapping[str, str] = {}


Reader = Callable[[Book], None]


def rule_of(one: Kept) -> Rule:
    """A kept rule in its type. Raises msgspec.ValidationError naming the member that is not as agreed."""
    return msgspec.convert(one.content | {"pack": one.pack, "code": one.code, "version": one.version}, Rule)


def in_force(found: Iterable[Kept], *, demo: bool) -> Book:
    """The book of what is kept; the demo's rules only when asked for. What cannot be used is left out."""
    rules, versions, faults = list[Rule](), dict[tuple[str, str], int](), dict[str, str]()
    for one in found:
        versions[one.pack, one.code] = one.version
        if not one.enabled or (one.demo and not demo):
            continue
        try:
            rules.append(rule_of(one))
        except ValueError as error:
            faults[f"{one.pack}/{one.code}@{one.version}"] = str(error)
    return Book(tuple(rules), versions, faults)


def spread(rule: Kept, below: Mapping[str, frozenset[str]]) -> Kept:
    """The rule with what it says of an area said of every area that lies in it; the smaller area speaks first."""
    limits = {one.subject: one for one in rule.overrides if one.kind == "area"}
    wide = sorted(limits, key=lambda name: (-len(below.get(name, ())), name))
    spelt = {fid: limits[name] for name in wide for fid in below.get(name, ())} | limits
    overrides = [one for one in rule.overrides if one.kind != "area"]
    overrides += [msgspec.structs.replace(one, subject=name) for name, one in sorted(spelt.items())]
    body = dict(rule.body)
    if named := body.get("areas"):
        body["areas"] = sorted({*named, *(fid for name in named for fid in below.get(name, ()))})
    return msgspec.structs.replace(rule, body=body, overrides=tuple(overrides))


def properties(rule: Rule) -> set[str]:
    """The properties that a rule looks at."""
    found = {rule.measured} if rule.measured else set()
    found |= {rule.when.property} if rule.when is not None else set()
    return found | (set(rule.window.also) if rule.window is not None else set())


class Rulebook:
    """Holds the newest Book. Use as `async with Rulebook.open(database, profiles, demo=…, now=…) as rulebook`."""

    def __init__(self, database: Database, profiles: Mapping[str, Profile], *, demo: bool) -> None:
        self._database = database
        self._profiles = profiles
        self._demo = demo
        self._wake = asyncio.Event()
        self._readers: list[Reader] = []
        self._below: dict[str, frozenset[str]] = {}
        self._drawn = 0
        self.book = Book()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, database: Database, profiles: Mapping[str, Profile], *, demo: bool, now: Callable[[], dt.datetime]
    ) -> AsyncIterator["Rulebook"]:
        """Enter the shipped packs, read the rules, and follow them for as long as the block lasts."""
        await shipping.seed(database, now)
        rulebook = cls(database, profiles, demo=demo)
        await rulebook.read()
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(rulebook._follow(), name="rulebook")
            try:
                yield rulebook
            finally:
                following.cancel()

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules in force."""
        return self.book.rules

    def levels(self, device: str, measured: str, area: str = "") -> Mapping[str, float]:
        """The limits of a device's property, for charts; empty when there are none."""
        rules = (rule for rule in self.book.rules if rule.measured == measured and rule.window is None)
        return next((found for rule in rules if (found := rule.levels_of(device, area))), {})

    @contextlib.contextmanager
    def followed(self, *readers: Reader) -> Any:
        """Give each reader the book, and every one that differs from the one before, for as long as the block lasts."""
        self._readers += readers
        for reader in readers:
            reader(self.book)
        try:
            yield
        finally:
            self._readers = [one for one in self._readers if one not in readers]

    async def read(self) -> None:
        """Read the rules now."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            drawn = await kept.drawn(transaction)
            if drawn != self._drawn:
                self._below, self._drawn = {}, drawn
            found = await self._spread(transaction, await kept.newest(transaction))
        book = in_force(found, demo=self._demo)
        if book == self.book:
            return
        before, self.book = self.book, book
        changed = {rule.name for rule in book.rules} ^ {rule.name for rule in before.rules}
        for name, fault in book.faults.items():
            log.error("rule %s is not in force, because it cannot be used: %s", name, fault)
        log.info("%d rules are in force; changed: %s", len(book.rules), ", ".join(sorted(changed)) or "none")
        for reader in list(self._readers):
            reader(book)

    async def spelt(self, rule: Kept) -> Rule:
        """A rule that is not in force yet, as it would be. Raises ValueError naming what is not as agreed."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            [found] = await self._spread(transaction, [rule])
        return rule_of(found)

    def fault(self, rule: Rule) -> str | None:
        """Why a rule that is well formed cannot be used here, in one sentence; None when it can."""
        if rule.category not in (known := data.categories()["category"]):
            return f"category {rule.category!r} is not one of {', '.join(known)}"
        if rule.profile:
            profile = self._profiles.get(rule.profile)
            if profile is None:
                return f"there is no profile {rule.profile!r}"
            absent = [name for name in sorted(properties(rule)) if name not in profile.properties]
            if absent:
                return f"the profile {rule.profile} has no property {absent[0]!r}"
        names = [self._reference(rule, name) for name in (rule.needs.rules if rule.needs is not None else ())]
        unknown = [name for name in names if tuple(name.split("/")) not in self.book.versions]
        return f"needs.rules names {unknown[0]}, which is no rule" if unknown else None

    @staticmethod
    def _reference(rule: Rule, name: str) -> str:
        return name if "/" in name else f"{rule.pack}/{name}"

    def in_force(self, reference: str) -> Rule | None:
        """The version that is in force of a rule, by pack/code."""
        return next((rule for rule in self.book.rules if rule.reference == reference), None)

    def needed(self, *rules: Rule | None) -> tuple[Rule, ...]:
        """The rules in force that others need, and those that these need."""
        found: dict[str, Rule] = {}
        waiting = [rule for rule in rules if rule is not None]
        while waiting:
            rule = waiting.pop()
            for name in rule.needs.rules if rule.needs is not None else ():
                reference = self._reference(rule, name)
                other = self.in_force(reference)
                if other is not None and reference not in found:
                    found[reference] = other
                    waiting.append(other)
        return tuple(found.values())

    async def _spread(self, transaction: Transaction, found: Sequence[Kept]) -> list[Kept]:
        """The rules with the limits of an area given to every area that lies in it."""
        named = {one.subject for rule in found for one in rule.overrides if one.kind == "area"}
        named |= {area for rule in found for area in rule.body.get("areas", ())}
        if not named <= self._below.keys():
            self._below |= await kept.below(transaction, sorted(named - self._below.keys()))
        return [spread(rule, self._below) for rule in found]

    async def _follow(self) -> None:
        while True:
            try:
                async with self._database.listen(kept.CHANNEL, self._wake.set) as connection:
                    while not connection.is_closed():
                        self._wake.clear()
                        await self.read()  # first of all: what changed while nobody listened woke nobody
                        with contextlib.suppress(TimeoutError):
                            async with asyncio.timeout(REFRESH_S):
                                await self._wake.wait()
            except AWAY as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                log.warning("the rules cannot be read now (%s); the last ones stay", type(error).__name__)
            await asyncio.sleep(RETRY_S)
