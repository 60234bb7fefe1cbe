"""Stored observations judged again by a rule, in memory alone: every alarm that it would have made."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from gis.observation import Observation, Sighting
from ioc.incidents import alarm as alarms
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.rules import Rule
from ioc.provisional import Provisional


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
