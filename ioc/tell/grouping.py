"""What is told together, and when: the first of a thing soon, its changes seldom, and again while it is still open.

The three times are Alertmanager's defaults (group_wait, group_interval, repeat_interval), which many teams live with.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import msgspec

from ioc.incidents.severity import worst

FIRST = dt.timedelta(seconds=30)
"""How long the first of a thread waits for what belongs to it."""

CHANGES = dt.timedelta(minutes=5)
"""How long after a thread was told its changes are told, at the earliest."""

REPEAT = dt.timedelta(hours=4)
"""How long after a thread was told it is told again, if it is still open."""

MOST_ITEMS = 20
"""Things that one message spells out; the rest is counted, and found under its link."""

Held = Callable[[str, dt.datetime], dt.datetime]
"""When something of a severity may be told that would be told at a moment (quiet hours)."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A notification that no message carries yet. `read`: the person has read it in the page meanwhile."""

    id: int
    thread: str
    topic: str
    severity: str
    at: dt.datetime
    read: bool = False


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """A thread that is to be told again because it is still open; `id` is the notification that says it."""

    id: int
    thread: str
    severity: str
    at: dt.datetime


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of what waits for one person.

    `told` go into one message now, and `again` with them; `read` need none. `later` and `later_again` say when the
    others are looked at next: notifications by id, threads by name.
    """

    told: tuple[int, ...] = ()
    again: tuple[int, ...] = ()
    read: tuple[int, ...] = ()
    later: Mapping[int, dt.datetime] = {}
    later_again: Mapping[str, dt.datetime] = {}
    threads: tuple[str, ...] = ()


def urgent(one: Waiting) -> bool:
    """Whether it waits for nothing that belongs to it."""
    return one.severity == "extreme" or one.topic == "escalation"


def moment(waiting: Sequence[Waiting], told_at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """When the notifications of one thread are told, were it not for quiet hours.

    What lies ahead of `now` comes of a clock that was set back: it delays nothing.
    """
    hurried = [one.at for one in waiting if urgent(one)]
    if hurried:
        return min(*hurried, now)
    first = min(one.at for one in waiting)
    due = first + FIRST if first <= now else now
    if told_at is None or told_at > now:
        return due
    return max(due, told_at + CHANGES)


def planned(
    waiting: Sequence[Waiting],
    told: Mapping[str, dt.datetime],
    repeats: Sequence[Repeat],
    held: Held,
    now: dt.datetime,
) -> Plan:
    """What of all that waits for one person is told now, and when the rest is; `told` says when threads were last."""
    threads: dict[str, list[Waiting]] = {}
    for one in waiting:
        if not one.read:
            threads.setdefault(one.thread, []).append(one)
    due: list[int] = []
    later: dict[int, dt.datetime] = {}
    spoken: list[str] = []
    for thread, some in threads.items():
        at = held(worst([one.severity for one in some]), max(moment(some, told.get(thread), now), now))
        if at <= now:
            due += [one.id for one in some]
            spoken.append(thread)
        else:
            later |= dict.fromkeys((one.id for one in some), at)
    silent = [one for one in repeats if one.thread not in spoken]  # news that is told now begins the time anew
    again, later_again = _repeated(silent, set(threads), held, now)
    return Plan(
        told=tuple(sorted(due)),
        again=tuple(one.id for one in again),
        read=tuple(sorted(one.id for one in waiting if one.read)),
        later=later,
        later_again=later_again,
        threads=tuple(spoken),
    )


def _repeated(
    repeats: Sequence[Repeat], changing: set[str], held: Held, now: dt.datetime
) -> tuple[list[Repeat], dict[str, dt.datetime]]:
    """Those that are told again now, and when the others are; a thread with news tells those instead."""
    due, later = [], {}
    for one in repeats:
        at = held(one.severity, max(one.at, now))
        if one.thread in changing:
            later[one.thread] = now + CHANGES
        elif at <= now:
            due.append(one)
        else:
            later[one.thread] = at
    return due, later
