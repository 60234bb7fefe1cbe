"""Rules are data: a condition on a property, or on what a camera saw, and the verdict on one observation.

A rule's `levels` map severities to limits in the property's unit. A level holds from its limit on, and is left
only when the value is `clear_margin` away from it again, so that a value on the limit does not flap.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gis.observation import Quality, Reading, Sighting
from ioc.incidents.conditions import Needs, Schedule, Seen, When, Window
from ioc.incidents.schedule import counts_at
from ioc.incidents.severity import LEVELS, ORDER, rank
from ioc.incidents.validity import fault_of


class Rule(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"measured": "property"},
):
    """One rule of a pack, checked when it is made: ValueError with one sentence that names the wrong member.

    It is about a property (`measured`) of devices of a `profile`, about what cameras see (`sighting`), about the
    centre itself (`system`), or about other rules at one place (`needs`).

    `levels` are the rule's limits, `area_levels` those of areas (code or feature id), `devices` those of devices; the
    most particular counts, and an empty table means none there. `clear` says where a level of `levels` is left again;
    for a severity without one, and for limits of areas and devices, that is `clear_margin` away. `for_s` is how long,
    in seconds of event time, a level must hold before it counts, `clear_for_s` how long nothing must hold before an
    alarm ends. `breaches` of the last `of` values must reach a level. `window` puts a figure of the last hours in the
    place of the value. `absent_s`: the property was not heard for so long while an intake listened.

    `sources`, `areas` (code or feature id) and `polygon` (corners [lon, lat]) leave the rule to what is named or
    stands within, `schedule` to its hours. What a camera sees holds for `hold_s` seconds after it was told last; what
    goes on only until its end. `quiet`: it raises no alarm, and is there for `needs` of others.
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
    area_levels: Mapping[str, Mapping[str, float]] = {}
    clear: Mapping[str, float] = {}
    clear_margin: float = 0.0
    for_s: float = 0.0
    clear_for_s: float = 0.0
    breaches: int = 1
    of: int = 1
    below: bool = False
    when: When | None = None
    window: Window | None = None
    absent_s: float = 0.0
    schedule: Schedule | None = None
    sources: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    polygon: tuple[tuple[float, float], ...] = ()
    sighting: str = ""
    seen: Seen | None = None
    system: str = ""
    needs: Needs | None = None
    quiet: bool = False
    severity: str = "minor"
    hold_s: float = 120.0

    def __post_init__(self) -> None:
        fault = fault_of(self)
        if fault is not None:
            raise ValueError(fault)

    def levels_of(self, device: str, area: str = "") -> Mapping[str, float]:
        """The limits that apply to a device: its own where it has any, else those of its area, else the rule's."""
        found = self.devices.get(device)
        if found is None and self.area_levels:
            found = self.area_levels.get(area, self.area_levels.get(area.partition("@")[0]))
        return self.levels if found is None else found

    def left_at(self, severity: str, limit: float) -> float:
        """Where a level with this limit is left: `limit` is the rule's own, or another's for a device or area."""
        own = self.clear.get(severity) if limit == self.levels.get(severity) else None
        return own if own is not None else limit + self.clear_margin if self.below else limit - self.clear_margin

    @property
    def name(self) -> str:
        """Pack, code and version as they are kept on an alarm."""
        return f"{self.pack}/{self.code}@{self.version}"

    @property
    def reference(self) -> str:
        """Pack and code, which stay the same through all versions."""
        return f"{self.pack}/{self.code}"


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


class Waits(msgspec.Struct, frozen=True):
    """What a rule has to remember between two values, beside the level that holds.

    `pending` waits for its duration; `lately` are the levels of the last values of N of M, of which quiet ones in front
    are left out; `easing` is since when nothing holds any more, while the alarm goes on.
    """

    pending: Pending | None = None
    lately: tuple[str | None, ...] = ()
    easing: dt.datetime | None = None


NO_WAITS = Waits()


class Figure(msgspec.Struct, frozen=True):
    """What stands in the place of a value: what a window comes to, and what is to be shown of it."""

    number: float
    told: Mapping[str, Any]


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
        if sign * value >= sign * (rule.left_at(severity, limit) if kept else limit):
            return severity
    return None


def step(
    rule: Rule, levels: Mapping[str, float], value: float, held: str | None, waits: Waits, at: dt.datetime
) -> tuple[str | None, Waits]:
    """The level that holds after a value, given the one that held, and what to remember for the next value."""
    if rule.schedule is not None and not counts_at(rule.schedule, at):
        return None, NO_WAITS
    severity, lately = _after_count(rule, levels, value, held, waits.lately)
    severity, pending = _after_duration(rule, severity, held, waits.pending, at)
    if severity is not None or held is None or rule.clear_for_s <= 0:
        return severity, Waits(pending, lately)
    since = at if waits.easing is None else min(waits.easing, at)
    if (at - since).total_seconds() < rule.clear_for_s:
        return held, Waits(pending, lately, since)
    return None, Waits(pending, lately)


def _after_count(
    rule: Rule, levels: Mapping[str, float], value: float, held: str | None, lately: tuple[str | None, ...]
) -> tuple[str | None, tuple[str | None, ...]]:
    """Let a level count only when enough of the last values reached it; what holds is left as ever."""
    kept = level_now(rule, levels, value, held)
    if rule.of <= 1:
        return kept, ()
    reached = (*lately, level_now(rule, levels, value, None))[-rule.of :]
    enough = [
        severity
        for severity in levels
        if sum(one is not None and rank(one) >= rank(severity) for one in reached) >= rule.breaches
    ]
    if kept is not None and held is not None:
        enough.append(min(kept, held, key=rank))
    left = list(reached[1:] if len(reached) == rule.of else reached)
    while left and left[0] is None:
        del left[0]
    return max(enough, key=rank, default=None), tuple(left)


def judge_reading(
    rule: Rule,
    reading: Reading,
    held: str | None,
    waits: Waits = NO_WAITS,
    at: dt.datetime | None = None,
    *,
    levels: Mapping[str, float] | None = None,
    figure: Figure | None = None,
) -> tuple[Verdict, Waits] | None:
    """The verdict on a reading and what to remember for the next; None when the rule does not apply to it.

    `at` is the time at which it counts, its own unless given; `levels` are the source's limits, found by its code
    unless given; `figure` is what the window comes to, of a rule that has one. Only values of good quality count: a
    calibrating or faulty station raises and clears nothing.
    """
    if levels is None:
        levels = rule.levels_of(reading.stamp.source)
    number = _number(rule, reading, figure)
    if number is None or not levels or (rule.when is not None and not rule.when.holds(reading)):
        return None
    at = reading.stamp.at if at is None else at
    severity, waits = step(rule, levels, number, held, waits, at)
    told = {"derived": reading.derived, "recorded_at": reading.recorded_at, **(figure.told if figure else {})}
    source, about = reading.stamp.source, rule.measured
    return Verdict(
        key=key_of(rule, source, about),
        rule=rule,
        source=source,
        source_kind="sensor",
        property=about,
        at=at,
        severity=severity,
        evidence={
            "value": number,
            "limit": levels.get(severity) if severity else None,
            "levels": dict(levels),
            **told,
        },
    ), waits


def _number(rule: Rule, reading: Reading, figure: Figure | None) -> float | None:
    """What is held against the levels: the window's figure, or the value if it is good."""
    if rule.window is not None:
        return figure.number if figure is not None else None
    return next(
        (one.number for one in reading.values if one.property == rule.measured and one.quality is Quality.GOOD), None
    )


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
    from its first report to its end. None when it is not what the rule asks for."""
    if seen.kind != rule.sighting or not _as_asked(rule, seen):
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


def _as_asked(rule: Rule, seen: Sighting) -> bool:
    """Whether a sighting is one that the rule is about; of an end the figures are not asked, for it ends what holds."""
    if rule.sources and seen.stamp.source not in rule.sources:
        return False
    over = seen.phase == "end"
    if rule.schedule is not None and not over and not counts_at(rule.schedule, seen.stamp.at):
        return False
    return rule.seen is None or (rule.seen.is_about(seen) and (over or rule.seen.is_enough(seen)))


def titles(rule: Rule, severity: str, name: str) -> tuple[str, str]:
    """The incident's title in Vietnamese and English."""
    level = LEVELS[severity]
    return rule.title.format(name=name, level=level), rule.title_en.format(name=name, level=level)


def levels_of(rules: Iterable[Rule], device: str, measured: str, area: str = "") -> Mapping[str, float]:
    """The limits that the first rule on the values of a device's property gives it, for charts; empty without one."""
    about = (rule for rule in rules if rule.measured == measured and rule.window is None)
    return next((found for rule in about if (found := rule.levels_of(device, area))), {})
