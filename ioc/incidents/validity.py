"""What is wrong with a rule, in one sentence that names the member; rules come from files and from people."""

import math
import string
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ioc.incidents.conditions import WORD, ring_fault
from ioc.incidents.severity import ORDER

if TYPE_CHECKING:
    from ioc.incidents.rules import Rule

LONGEST_S = 30 * 86_400.0
"""No duration is longer, in seconds."""

MOST_OF = 1_000
MOST_NAMES = 10_000

PLACES = frozenset({"name", "level"})
"""What a title may have filled in."""


def fault_of(rule: "Rule") -> str | None:
    """The first thing that is wrong, None when nothing is."""
    return next(_faults(rule), None)


def _faults(rule: "Rule") -> Iterator[str]:
    yield from _naming(rule)
    yield from _subject(rule)
    yield from _limits(rule)
    yield from _times(rule)
    for name in ("sources", "areas", "devices", "area_levels"):
        if len(getattr(rule, name)) > MOST_NAMES:
            yield f"{name} may name at most {MOST_NAMES}"
    if fault := ring_fault(rule.polygon):
        yield fault


def _naming(rule: "Rule") -> Iterator[str]:
    for name in ("code", "pack"):
        if not WORD.match(getattr(rule, name)):
            yield f"{name} must be 1 to 63 lower-case letters, digits and hyphens"
    if rule.version < 1:
        yield "version must be 1 or above"
    if not rule.category:
        yield "category must not be empty"
    for name in ("title", "title_en"):
        text = getattr(rule, name)
        if not 1 <= len(text) <= 300:
            yield f"{name} must have 1 to 300 characters"
        if not _fills(text):
            yield f"{name} may have only {{name}} and {{level}} filled in"
    if rule.severity not in ORDER:
        yield f"severity must be one of {', '.join(ORDER)}"


def _fills(text: str) -> bool:
    """Whether a title can be filled in, and with nothing but words."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return False
    return all(name is None or (name in PLACES and not spec and not how) for _, name, spec, how in parts)


def _subject(rule: "Rule") -> Iterator[str]:
    about = [name for name in ("property", "sighting", "system", "needs") if _told(rule, name)]
    if len(about) != 1:
        yield "a rule is about one of property, sighting, system and needs" + (
            f", not about {' and '.join(about)}" if about else ""
        )
        return
    if about == ["property"] and not rule.profile:
        yield "profile must name the kind of device whose property is judged"
    for name in ("window", "when"):
        if getattr(rule, name) is not None and about != ["property"]:
            yield f"{name} is for rules about a property"
    if rule.seen is not None and not rule.sighting:
        yield "seen is for rules about a sighting"
    if rule.quiet and (rule.sighting or rule.system or rule.absent_s):
        yield "quiet is for rules about a property and for needs"
    if rule.absent_s and (about != ["property"] or rule.levels or rule.window or rule.of > 1):
        yield "absent_s is for rules about a property, without levels, window and of"


def _told(rule: "Rule", name: str) -> bool:
    return bool(rule.measured if name == "property" else getattr(rule, name))


def _limits(rule: "Rule") -> Iterator[str]:
    yield from _ordered("levels", rule.levels, rule.below)
    for code, levels in rule.devices.items():
        yield from _ordered(f"devices.{code}", levels, rule.below)
    for code, levels in rule.area_levels.items():
        yield from _ordered(f"area_levels.{code}", levels, rule.below)
    yield from _ordered("clear", rule.clear, rule.below)
    for severity, left in rule.clear.items():
        limit = rule.levels.get(severity)
        if limit is None:
            yield f"clear.{severity} has no limit in levels that it could be left from"
        elif (left < limit) if rule.below else (left > limit):
            yield f"clear.{severity} must lie on the calm side of its limit {limit:g}"
    if not (math.isfinite(rule.clear_margin) and rule.clear_margin >= 0):
        yield "clear_margin must not be negative"


def _ordered(name: str, levels: Mapping[str, float], below: bool) -> Iterator[str]:
    for severity, limit in levels.items():
        if severity not in ORDER:
            yield f"{name}.{severity} is no severity; there are {', '.join(ORDER)}"
            return
        if not math.isfinite(limit):
            yield f"{name}.{severity} must be a finite number"
    limits = [levels[severity] for severity in ORDER if severity in levels]
    if limits != sorted(limits, reverse=below):
        yield f"{name} must {'fall' if below else 'rise'} from the milder to the worse severity"


def _times(rule: "Rule") -> Iterator[str]:
    for name in ("for_s", "clear_for_s", "absent_s", "hold_s"):
        if not 0 <= getattr(rule, name) <= LONGEST_S:
            yield f"{name} must be from 0 to {LONGEST_S:g} seconds"
    if not 1 <= rule.breaches <= rule.of <= MOST_OF:
        yield f"breaches must be from 1 to of, and of at most {MOST_OF}"
