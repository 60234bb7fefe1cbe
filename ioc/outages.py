"""Alarms about the centre itself: lost devices, gateways, cameras and links, a broker that drops, an intake that lags.

Told from what PostgreSQL holds: the states of devices, and what the intakes say of themselves. Silence counts only
while an intake listened, so that a centre that comes back after an hour accuses nobody of having been silent.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gis.freshness import LOST_AFTER, listened
from gis.stamp import uuid7
from ioc.docket import Docket
from ioc.incidents import alarm as alarms
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.blackout import KINDS, LINK, WATCH, Blackouts, Watched
from ioc.incidents.links import Links
from ioc.incidents.outage import Condition, Silent, conditions
from ioc.incidents.rules import Rule, Verdict, key_of
from ioc.register import Register
from ioc.rulebook import Book
from ioc.store import alarms as kept
from ioc.store import camera_states, freshness, parts
from ioc.store.database import Transaction
from ioc.store.parts import Part

log = logging.getLogger(__name__)

INTAKE = "intake"
"""What the names of all intakes begin with, as parts."""

SILENT_AFTER = dt.timedelta(seconds=15)
"""An intake that said nothing for so long, three heartbeats, does not listen; nor does a watch of cameras look."""

REMEMBERED = dt.timedelta(days=60)
"""How long it is known when the intake listened; longer than any device may be silent before it is lost."""


class Outages:
    """Keeps the alarms of one installation about itself. `home` is the centre that its intake belongs to."""

    def __init__(
        self,
        register: Register,
        rules: Sequence[Rule],
        docket: Docket,
        *,
        home: str,
        entropy: Callable[[int], bytes],
    ) -> None:
        self._register = register
        self._rules = {rule.system: rule for rule in rules if rule.system}
        self._docket = docket
        self._home = home
        self._entropy = entropy
        self._links = Links(self._rules)
        self._held: dict[Condition, Alarm] | None = None
        self._back: dict[Condition, dt.datetime] = {}
        self._next: Book | None = None

    def adopt(self, book: Book) -> None:
        """Judge by other rules from the next time on; what only a rule that is gone would hold is cleared then."""
        self._next = book

    def forget(self) -> None:
        """What is in memory may not be true; read it anew."""
        self._held = None

    async def judge(self, transaction: Transaction, intervals: Mapping[str, float], now: dt.datetime) -> None:
        """Raise and clear what the present asks for. `intervals` are seconds by profile."""
        self._take_up()
        held = await self._recalled(transaction)
        intakes = [part for name, part in (await parts.all_parts(transaction)).items() if name.startswith(INTAKE)]
        spans = await _listening(transaction, intakes, now)
        lost = await self._lost(transaction, intervals, spans, now)
        figures = [part.state for part in intakes if part.seen_at >= now - SILENT_AFTER]
        takes = any(part.ready and part.seen_at >= now - SILENT_AFTER for part in intakes)
        own = self._links.judge(figures, takes or not intakes, now, {one.kind for one in held})
        said = lost | {Condition(kind, self._home): evidence for kind, evidence in own.items()}
        seen, places = await self._cameras(transaction, now)
        said = {one: evidence for one, evidence in (said | seen).items() if one.kind in self._rules}
        sources = places | await self._sources(transaction, said.keys() - held.keys() - places.keys(), now)
        after = dict(held)
        touched: list[Alarm] = []
        for condition in (said.keys() & sources.keys()) | (held.keys() - said.keys()):
            alarm = self._stepped(held.get(condition), condition, said.get(condition), sources.get(condition), now)
            touched.append(alarm)
            if alarm.cleared_at is None:
                after[condition] = alarm
            else:
                del after[condition]
                self._back[condition] = now
        before = {alarm.key: alarm for alarm in held.values()}
        await self._docket.settle(transaction, {alarm.id: alarm for alarm in touched}, before, now)
        await self._docket.catch_up(transaction, now)
        self._held = after

    def _take_up(self) -> None:
        if self._next is not None:
            self._rules.clear()  # the parts that judge have the same table
            self._rules |= {rule.system: rule for rule in self._next.rules if rule.system}
            self._held = self._next = None

    async def _recalled(self, transaction: Transaction) -> dict[Condition, Alarm]:
        if self._held is None:
            names = {rule.reference: rule.system for rule in self._rules.values()}
            self._back = {
                Condition(names[name], source): at
                for (rule, source), at in (await freshness.over(transaction)).items()
                if (name := rule.partition("@")[0]) in names
            }
            self._held = {
                Condition(alarm.property, alarm.source.code): alarm
                for alarm in await kept.open_alarms(transaction)
                if alarm.source_kind == "system"
            }
        return self._held

    async def _lost(
        self,
        transaction: Transaction,
        intervals: Mapping[str, float],
        spans: Sequence[tuple[dt.datetime, dt.datetime]],
        now: dt.datetime,
    ) -> dict[Condition, Mapping[str, Any]]:
        silent = [
            Silent(
                code=one.code,
                centre=one.centre,
                gateway=one.gateway,
                lost=one.state == "lost",
                heard_at=one.heard_at,
                interval_s=intervals[one.profile],
            )
            for one in await freshness.silent(transaction)
            if one.profile in intervals
        ]
        holding = set(self._held or ())
        if not silent:
            return {}
        patience = self._rules["device"].for_s if "device" in self._rules else 0.0

        def due(one: Silent) -> bool:
            """Silent for long enough while somebody listened, since it or the link before it was last heard."""
            groups = (Condition("centre", one.centre), Condition("gateway", one.gateway or ""))
            if any(group in holding for group in groups):  # which is over now, or it would cover the device
                return False
            since = max([one.heard_at, *(self._back[group] for group in groups if group in self._back)])
            return listened(spans, since, now) >= LOST_AFTER * one.interval_s + patience

        wanted = conditions(silent, await freshness.fresh(transaction), holding, due)
        return {condition: _evidence(condition, silent) for condition in wanted if condition.kind in self._rules}

    async def _cameras(
        self, transaction: Transaction, now: dt.datetime
    ) -> tuple[dict[Condition, Mapping[str, Any]], dict[Condition, Source]]:
        """What holds of cameras, and where it is. While nobody watches them what held goes on, and nothing is new."""
        held, away = self._held or {}, Condition(WATCH, self._home)
        cameras, places = await camera_states.all_cameras(transaction)
        heard = await camera_states.heard_at(transaction)
        if not cameras or heard is None or heard >= now - SILENT_AFTER:
            found = Blackouts(self._rules, self._back).judge(cameras, held, now) if cameras else {}
            return found, _places(found, cameras, places)
        found = {one: alarm.evidence for one, alarm in held.items() if one.kind in KINDS}
        silent_s = (now - heard).total_seconds()
        if WATCH in self._rules and (away in held or silent_s >= self._rules[WATCH].for_s):
            found[away] = {"cameras": len(cameras)}
        return found, {}

    def _stepped(
        self,
        held: Alarm | None,
        condition: Condition,
        evidence: Mapping[str, Any] | None,
        source: Source | None,
        now: dt.datetime,
    ) -> Alarm:
        """The alarm raised (with evidence) or cleared (without)."""
        rule = self._rules.get(condition.kind)
        if rule is None:
            return _ended(held, condition, now)
        verdict = Verdict(
            key=key_of(rule, condition.code, condition.kind),
            rule=rule,
            source=condition.code,
            source_kind="system",
            property=condition.kind,
            at=max(now, held.seen_at) if held is not None else now,
            severity=rule.severity if evidence is not None else None,
            evidence=evidence or {},
        )
        known = source if source is not None else held.source if held is not None else None
        after = alarms.step(held, verdict, known, str(uuid7(now, self._entropy(10)))) if known is not None else None
        if after is None:
            raise ValueError(f"{condition.kind} {condition.code} is neither raised nor cleared")
        return after

    async def _sources(
        self, transaction: Transaction, wanted: Iterable[Condition], now: dt.datetime
    ) -> dict[Condition, Source]:
        """Where each stands; what has left the register meanwhile is left out."""
        wanted = list(wanted)
        known = self._register.entries.sources
        centres = await freshness.centres(transaction, now.date()) if any(_of_centre(one) for one in wanted) else {}
        found = {}
        for one in wanted:
            source = centres.get(one.code) if _of_centre(one) else known.get(one.code) or self._behind(one.code)
            if source is not None:
                found[one] = source
        return found

    def _behind(self, gateway: str) -> Source | None:
        """A gateway that is not registered itself stands where the first of its devices does."""
        devices = self._register.devices()
        code = min((code for code, device in devices.items() if device.gateway == gateway), default=None)
        if code is None:
            return None
        first = devices[code]
        return Source(code=gateway, name=gateway, centre=first.centre, area=first.area, position=first.position)


def _places(
    found: Iterable[Condition], cameras: Iterable[Watched], places: Mapping[str, Source]
) -> dict[Condition, Source]:
    """Where the troubles of cameras are: a named link is where its first camera is; a centre's own is left out."""
    firsts: dict[str, Source] = {}
    for one in cameras:
        if one.linked:
            firsts.setdefault(one.group, msgspec.structs.replace(places[one.code], code=one.group, name=one.group))
    stands = {one: (firsts if one.kind == LINK else places).get(one.code) for one in found}
    return {one: source for one, source in stands.items() if source is not None}


def _ended(held: Alarm | None, condition: Condition, now: dt.datetime) -> Alarm:
    """The alarm cleared because no rule is in force any more by which it would hold."""
    if held is None:
        raise ValueError(f"no rule raises {condition.kind} {condition.code}")
    evidence = {**held.evidence, "rule_ended": True}
    at = max(now, held.seen_at)
    log.info("%s is cleared: its rule %s is not in force any more", held.key, held.rule)
    return msgspec.structs.replace(held, cleared_at=at, seen_at=at, evidence=evidence)


def _of_centre(condition: Condition) -> bool:
    return condition.kind not in ("device", "gateway")


def _evidence(condition: Condition, silent: Iterable[Silent]) -> Mapping[str, Any]:
    """When the newest word came, and from how many devices none comes."""
    name = "code" if condition.kind == "device" else condition.kind
    devices = [one for one in silent if getattr(one, name) == condition.code]
    last = max((one.heard_at for one in devices), default=None)
    return {"heard_at": last.isoformat() if last is not None else None, "devices": len(devices)}


async def _listening(
    transaction: Transaction, intakes: Iterable[Part], now: dt.datetime
) -> Sequence[tuple[dt.datetime, dt.datetime]]:
    """When an intake listened, up to its last word; a pause longer than a few heartbeats is one."""
    spans = list(await freshness.spans(transaction, now - REMEMBERED))
    heard = max((part.seen_at for part in intakes if part.ready), default=None)
    if heard is None:
        return spans
    if spans and heard - spans[-1][1] <= SILENT_AFTER:
        spans[-1] = (spans[-1][0], max(heard, spans[-1][1]))
    else:
        spans.append((heard, heard))
    await freshness.listen(transaction, *spans[-1])
    return spans
