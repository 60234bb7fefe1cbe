"""Rules are data: a condition on a property, or on what a camera saw, and the verdict on one observation.

A rule's `levels` map severities to limits in the property's unit. A level holds from its limit on, and is left
only when the value is `clear_margin` away from it again, so that a value on the limit does not flap.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gis.observation import Quality, Reading, Sighting
from ioc.incidents.severity import LEVELS, ORDER, rank


class When(msgspec.Struct, frozen=True, kw_only=True, rename={"minimum": "min", "maximum": "max"}):
    """A condition on another value of the same reading; the limits belong to it."""

    property: str
    minimum: float = float("-inf")
    maximum: float = float("inf")

    def holds(self, reading: Reading) -> bool:
        """Whether the reading has the property within the limits."""
        return any(
            value.property == self.property and self.minimum <= value.number <= self.maximum for value in reading.values
        )


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename={"measured": "property"}):
    """One rule of a pack. `for_s` is how long, in seconds of event time, a level must hold before it counts.

    It is about a property (`measured`), about what cameras see (`sighting`), or about the centre itself (`system`).
    What a camera sees holds for `hold_s` seconds after it was told last; what goes on only until its end.
    """

    code: str
    pack: str
    version: int
    category: str
    title: str
    title_en: str
    source: str = ""
    profile: str = ""
    measured: str = ""
    levels: Mapping[str, float] = {}
    devices: Mapping[str, Mapping[str, float]] = {}
    clear_margin: float = 0.0
    for_s: float = 0.0
    below: bool = False
    when: When | None = None
    sighting: str = ""
    system: str = ""
    severity: str = "minor"
    hold_s: float = 120.0

    def levels_of(self, device: str) -> Mapping[str, float]:
        """The limits that apply to a device: its own where it has any, else the rule's."""
        return self.devices.get(device, self.levels)

    @property
    def name(self) -> str:
        """Pack, code and version as they are kept on an alarm."""
        return f"{self.pack}/{self.code}@{self.version}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says of one observation: the severity that holds now, None when nothing does.

    `life` is the id of what goes on, empty of a moment; `since` is when it began.
    """

    key: str
    rule: Rule
    source: str
    source_kind: str
    property: str
    at: dt.datetime
    severity: str | None
    evidence: Mapping[str, Any]
    life: str = ""
    since: dt.datetime | None = None


class Pending(msgspec.Struct, frozen=True):
    """A level that has held since a moment but not yet for long enough: the mildest of what was reached since."""

    since: dt.datetime
    severity: str


def key_of(rule: Rule, source: str, subject: str) -> str:
    """The key under which at most one alarm is open. The version is left out: a new one takes over."""
    return f"{rule.pack}/{rule.code}:{source}:{subject}"


def level_now(rule: Rule, levels: Mapping[str, float], value: float, held: str | None) -> str | None:
    """The worst level that holds for a value, given the level that held before."""
    sign = -1.0 if rule.below else 1.0
    for severity in reversed(ORDER):
        limit = levels.get(severity)
        if limit is None:
            continue
        kept = held is not None and ORDER.index(held) >= ORDER.index(severity)
        if sign * value >= sign * limit - (rule.clear_margin if kept else 0.0):
            return severity
    return None


def judge_reading(
    rule: Rule, reading: Reading, held: str | None, pending: Pending | None, at: dt.datetime | None = None
) -> tuple[Verdict, Pending | None] | None:
    """The verdict on a reading and what to remember for the next; None when the rule does not apply to it.

    `at` is the time at which it counts, its own unless given. Only values of good quality count: a calibrating or
    faulty station raises and clears nothing.
    """
    value = next((one for one in reading.values if one.property == rule.measured and one.quality is Quality.GOOD), None)
    levels = rule.levels_of(reading.stamp.source)
    if value is None or not levels or (rule.when is not None and not rule.when.holds(reading)):
        return None
    severity = level_now(rule, levels, value.number, held)
    at = reading.stamp.at if at is None else at
    severity, pending = _after_duration(rule, severity, held, pending, at)
    verdict = Verdict(
        key=key_of(rule, reading.stamp.source, rule.measured),
        rule=rule,
        source=reading.stamp.source,
        source_kind="sensor",
        property=rule.measured,
        at=at,
        severity=severity,
        evidence={
            "value": value.number,
            "limit": levels.get(severity) if severity else None,
            "levels": dict(levels),
            "derived": reading.derived,
            "recorded_at": reading.recorded_at,
        },
    )
    return verdict, pending


def _after_duration(
    rule: Rule, severity: str | None, held: str | None, pending: Pending | None, at: dt.datetime
) -> tuple[str | None, Pending | None]:
    """Let a level count only when it has held for the rule's duration; what came before the wait ends nothing."""
    if pending is not None and at < pending.since:
        return held, pending
    if severity is None or rule.for_s <= 0 or (held is not None and ORDER.index(held) >= ORDER.index(severity)):
        return severity, None
    since, mildest = (pending.since, min(pending.severity, severity, key=rank)) if pending else (at, severity)
    if (at - since).total_seconds() < rule.for_s:
        return held, Pending(since, mildest)
    return mildest, None if mildest == severity else Pending(at, severity)


def judge_sighting(rule: Rule, seen: Sighting) -> Verdict | None:
    """The verdict on what a camera saw: a moment only raises, and the quiet that follows clears; what goes on holds
    from its first report to its end."""
    if seen.kind != rule.sighting:
        return None
    told = {"count": seen.count, "share": seen.share, "speed_kmh": seen.speed_kmh, "score": seen.score}
    goes_on = seen.phase != "moment"
    return Verdict(
        key=key_of(rule, seen.stamp.source, seen.subject),
        rule=rule,
        source=seen.stamp.source,
        source_kind="camera",
        property=seen.subject,
        at=seen.stamp.at,
        severity=None if seen.phase == "end" else rule.severity,
        evidence={
            "kind": seen.kind,
            "subject": seen.subject,
            "direction": seen.direction,
            "object_class": seen.object_class,
            "box": seen.box,
            "error_m": seen.error_m,
            "sighting": seen.id,
            "picture": seen.picture,
            "clip": seen.clip,
            **{name: value for name, value in told.items() if value is not None},
        },
        life=seen.id if goes_on else "",
        since=(seen.since or seen.stamp.at) if goes_on else None,
    )


def titles(rule: Rule, severity: str, name: str) -> tuple[str, str]:
    """The incident's title in Vietnamese and English."""
    level = LEVELS[severity]
    return rule.title.format(name=name, level=level), rule.title_en.format(name=name, level=level)


def levels_of(rules: Iterable[Rule], device: str, measured: str) -> Mapping[str, float]:
    """The limits that the first rule on a device's property gives it, for charts; empty when there is none."""
    return next((found for rule in rules if rule.measured == measured and (found := rule.levels_of(device))), {})
