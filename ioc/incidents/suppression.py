"""What a parent that is down explains: alarms of its children's own devices and lines create no incident of their own.

Only creation is held back: the alarm is raised, seen again and cleared as ever, and stands in the parent's incident.
What a device measures, and what a camera sees, is never held back by this: whoever still speaks is not cut off.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from ioc.incidents.alarm import Alarm
from ioc.incidents.outage import Condition
from ioc.incidents.policy import Policy
from ioc.incidents.rules import Rule, key_of

LINKS = ("gateway", "camera-link", "centre")
"""What rules call the loss of a parent, in the order in which it is looked for."""

UNCOVERED = (*LINKS[2:], "cameras", "drops", "spool", "intake")
"""What no parent explains: the centre's own link, and the centre's own processes."""

TOLD_LATER = dt.timedelta(minutes=5)
"""A parent may be told so much later than its children, whose untouched incidents it then takes over."""

RELEASED_AFTER = dt.timedelta(minutes=2)
"""What still holds so long after its parent is back gets an incident of its own."""


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """What a source hangs on: a gateway or a link of cameras by its name, empty when it has none."""

    gateway: str = ""
    link: str = ""


def parents(alarm: Alarm, lineage: Lineage) -> list[Condition]:
    """The losses that would explain an alarm, the nearest first."""
    centre = alarm.source.centre
    of_camera = alarm.source_kind == "camera" or alarm.category == "camera"
    found = [Condition("gateway", lineage.gateway)] if lineage.gateway else []
    if of_camera:
        found.append(Condition("camera-link", lineage.link or centre))
    found.append(Condition("centre", centre))
    return [one for one in found if one != Condition(alarm.property, alarm.source.code)]


def explained(alarm: Alarm, policy: Policy) -> bool:
    """Whether a parent that is down could explain an alarm at all: it says that a device or a line of ours is lost."""
    if not policy.category(alarm.category).technical:
        return False
    return alarm.source_kind != "system" or alarm.property not in UNCOVERED


def is_parent(alarm: Alarm) -> bool:
    """Whether an alarm tells of the loss of a parent."""
    return alarm.source_kind == "system" and alarm.property in LINKS


def keys(wanted: Iterable[Condition], rules: Mapping[str, Rule]) -> dict[str, Condition]:
    """The keys under which alarms of some losses are kept. `rules` are those of LINKS, by what they are about."""
    return {key_of(rules[one.kind], one.code, one.kind): one for one in wanted if one.kind in rules}


def taken_over(parent: Alarm, child: Alarm) -> bool:
    """Whether a parent that is told after its child explains it."""
    return child.raised_at >= parent.raised_at - TOLD_LATER
