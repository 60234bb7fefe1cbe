"""Which troubles of cameras people are told of: a lost camera, a lost link in place of all behind it, a bad picture.

Pure: the cameras as they are go in, what should hold comes out. Only alarms are held back here; the states of
cameras are always those that are seen.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from cameras.health import DOWN, PICTURED, State
from ioc.incidents.outage import CENTRE_SHARE, Condition
from ioc.incidents.rules import Rule

LOST, LINK, WATCH = "camera", "camera-link", "cameras"
"""What rules call a lost camera, a lost link of cameras, and the process that watches them all."""

TOGETHER = dt.timedelta(seconds=60)
"""Cameras of one link are noticed as lost within so long: read and open deadlines, and a pause between two tries."""
LINK_LEAST, CENTRE_LEAST = 2, 3
"""So many cameras at least are lost with a named link, or with the way to a centre where no link is named."""


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A camera as it is now: `group` is its link, or its centre when it has none (`linked` says which).

    `since` is when it got its state, `down_since` when pictures ceased to come; `before` and `after` are ids of
    media that prove the state, or empty. `known`: somebody watches it, so that the state is that of now.
    """

    code: str
    group: str
    linked: bool
    state: State
    since: dt.datetime
    down_since: dt.datetime | None
    reason: str = ""
    before: str = ""
    after: str = ""
    known: bool = True


def picture_kind(state: State) -> str:
    """What rules call a picture that is not as it should be."""
    return f"camera-{state.value}"


KINDS = frozenset({LOST, LINK} | {picture_kind(state) for state in PICTURED})
"""Everything that this file tells of."""


class Blackouts:
    """Judges the cameras by the rules for their troubles; a kind without a rule is not told of.

    `back` says when the last alarm of a condition ended: what was behind a link gets its time anew when that ends.
    """

    def __init__(self, rules: Mapping[str, Rule], back: Mapping[Condition, dt.datetime]) -> None:
        self._rules = rules
        self._back = back

    def judge(
        self, cameras: Collection[Watched], holding: Collection[Condition], now: dt.datetime
    ) -> dict[Condition, Mapping[str, Any]]:
        """What should hold now, with its evidence. What holds goes on until it has been over for a while.

        While a link is told of, none of its cameras is told of anew.
        """
        found: dict[Condition, Mapping[str, Any]] = {}
        links = set[str]()
        for group, members in _grouped(cameras).items():
            condition = Condition(LINK, group)
            if LINK in self._rules and self._link_lost(members, condition in holding, now):
                links.add(group)
                found[condition] = {"cameras": sum(one.down_since is not None for one in members)}
        for one in cameras:
            troubles = self._troubles(one, links, holding, now) if one.known else _of(one, holding)
            found.update(dict.fromkeys(troubles, _evidence(one)))
        return found

    def _link_lost(self, members: Collection[Watched], held: bool, now: dt.datetime) -> bool:
        if held and not all(one.known for one in members):
            return True
        down = [one for one in members if one.down_since is not None]
        alive = sum(one.down_since is None and (not held or self._recovered(one, LINK, now)) for one in members)
        named = next(iter(members)).linked
        if not down or len(members) - alive < (1.0 if named else CENTRE_SHARE) * len(members):
            return False
        if held:
            return True
        least = LINK_LEAST if named else CENTRE_LEAST
        due = [one for one in down if _lasted(one.down_since, now) >= self._rules[LINK].for_s]
        return any(len(_fell_with(one, down)) >= least for one in due)

    def _troubles(
        self, one: Watched, links: Collection[str], holding: Collection[Condition], now: dt.datetime
    ) -> Iterable[Condition]:
        lost = Condition(LOST, one.code)
        covered = one.group in links or Condition(LINK, one.group) in holding  # which is over now, but covers still
        if LOST in self._rules and self._is_lost(one, lost in holding, covered, now):
            yield lost
        for state in PICTURED - DOWN:
            kind = picture_kind(state)
            if kind in self._rules and self._is_so(one, state, Condition(kind, one.code) in holding, now):
                yield Condition(kind, one.code)

    def _is_lost(self, one: Watched, held: bool, covered: bool, now: dt.datetime) -> bool:
        if one.down_since is None:
            return held and not self._recovered(one, LOST, now)
        if held or covered:
            return held
        since = max(one.down_since, self._back.get(Condition(LINK, one.group), one.down_since))
        return _lasted(since, now) >= self._rules[LOST].for_s

    def _is_so(self, one: Watched, state: State, held: bool, now: dt.datetime) -> bool:
        """A bad picture lasts; nobody knows of it while none comes."""
        kind = picture_kind(state)
        if one.state is state:
            return held or _lasted(one.since, now) >= self._rules[kind].for_s
        return held and (one.down_since is not None or not self._recovered(one, kind, now))

    def _recovered(self, one: Watched, kind: str, now: dt.datetime) -> bool:
        """Whether a camera has been well, or otherwise, for so long that it is not a flicker."""
        return one.state is not State.DEGRADED and _lasted(one.since, now) >= self._rules[kind].hold_s


def _of(one: Watched, holding: Iterable[Condition]) -> list[Condition]:
    """What is told of one camera."""
    return [held for held in holding if held.code == one.code and held.kind in KINDS - {LINK}]


def _lasted(since: dt.datetime | None, now: dt.datetime) -> float:
    return (now - since).total_seconds() if since is not None else 0.0


def _fell_with(one: Watched, down: Iterable[Watched]) -> list[Watched]:
    """Those that fell when one did, itself too."""
    began = one.down_since
    return [
        other
        for other in down
        if began is not None and other.down_since is not None and abs(other.down_since - began) <= TOGETHER
    ]


def _grouped(cameras: Iterable[Watched]) -> Mapping[str, list[Watched]]:
    groups: defaultdict[str, list[Watched]] = defaultdict(list)
    for one in cameras:
        groups[one.group].append(one)
    return groups


def _evidence(one: Watched) -> Mapping[str, Any]:
    known = {
        "state": one.state.value,
        "reason": one.reason,
        "since": (one.down_since or one.since).isoformat(),
        "before": one.before,
        "picture": one.after,
    }
    return {name: value for name, value in known.items() if value}
