"""Stored observations, and silences, judged again by a rule in memory alone: every alarm that it would have made."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import msgspec

from gis.observation import Observation, Sighting
from ioc.incidents import alarm as alarms
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.rules import Rule, Verdict, key_of
from ioc.incidents.schedule import counts_at
from ioc.incidents.siting import is_about
from ioc.provisional import Provisional, provisional_id

Spans = Sequence[tuple[dt.datetime, dt.datetime]]
"""When an intake listened, oldest first; none touches another."""


class Player(Provisional):
    """One rule, with the others that it needs. `alarms` are those that it made so far, by their ids.

    What is played comes in the order of the time at which it counts, so that nothing is late.
    """

    def __init__(
        self, rule: Rule, others: Sequence[Rule], sources: Mapping[str, Source], profile_of: Callable[[str], str]
    ) -> None:
        super().__init__((rule, *others), lambda: sources, profile_of, whole=True)
        self.alarms: dict[str, Alarm] = {}
        self._rule = rule
        self.begin()

    def play(self, observation: Observation, at: dt.datetime) -> None:
        """Judge an observation at the time at which it counts."""
        if isinstance(observation, Sighting):
            self.end(at)
        self.take([observation], at)

    def end(self, now: dt.datetime) -> None:
        """End what was over by a moment: what cameras saw no more, and what held at a place for long enough."""
        for held in [one for one in self._held.values() if one.source_kind == "camera"]:
            over = held.seen_at + dt.timedelta(seconds=self._rule.hold_s)
            after = alarms.quiet(held, self._rule.hold_s, over) if over <= now else None
            if after is not None:
                self._write(after)
        self.judge_places(now)

    def _write(self, after: Alarm) -> None:
        super()._write(after)
        if after.key.startswith(f"{self._rule.reference}:"):
            self.alarms[after.id] = after


class Absent:
    """A rule about a property that does not come. `alarms` are those that it made so far, by their ids."""

    def __init__(self, rule: Rule, sources: Mapping[str, Source], spans: Spans) -> None:
        self.alarms: dict[str, Alarm] = {}
        self._rule = rule
        self._sources = sources
        self._spans = spans

    def miss(self, device: str, heard_at: dt.datetime, next_at: dt.datetime | None, until: dt.datetime) -> None:
        """Judge that nothing arrived between two moments; with None for the other, until now."""
        source, rule = self._sources.get(device), self._rule
        at = missed_from(self._spans, heard_at, rule.absent_s)
        if source is None or at is None or at >= (next_at or until) or not is_about(rule, source):
            return
        if rule.schedule is not None and not counts_at(rule.schedule, at):
            return
        verdict = Verdict(
            key=key_of(rule, device, rule.measured),
            rule=rule,
            source=device,
            source_kind="sensor",
            property=rule.measured,
            at=at,
            severity=rule.severity,
            evidence={"heard_at": heard_at.isoformat(), "absent_s": rule.absent_s},
        )
        alarm = alarms.raised(verdict, source, provisional_id(verdict.key, at))
        if next_at is not None:
            alarm = msgspec.structs.replace(alarm, seen_at=next_at, cleared_at=next_at)
        self.alarms[alarm.id] = alarm


def missed_from(spans: Spans, heard_at: dt.datetime, absent_s: float) -> dt.datetime | None:
    """When so many seconds had passed since a moment in which somebody listened; None: not yet."""
    left = absent_s
    for begin, end in spans:
        lasted = (end - max(begin, heard_at)).total_seconds()
        if lasted >= left:
            return max(begin, heard_at) + dt.timedelta(seconds=left)
        left -= max(0.0, lasted)
    return None
