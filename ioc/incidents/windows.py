"""A track whose rule looks at a window of hours: the values of the window in memory, and its figure at each value.

A late value changes the figures of all that follow it. It is at most LATENESS behind, so that what follows it is
little, and judged again as of any other track; a value that came later than that counts from then on.
"""

import datetime as dt
from collections.abc import Iterable

import msgspec

from gis.observation import Quality
from ioc.incidents.conditions import Window
from ioc.incidents.measures import HOUR, Point, Points, figure
from ioc.incidents.order import LATENESS, Episode, Sample, Track
from ioc.incidents.rules import Figure, Rule


def reach_of(window: Window) -> dt.timedelta:
    """How far before a value its window begins; the index looks at full hours, and may need an hour more."""
    return dt.timedelta(hours=window.hours) + (HOUR if window.kind == "vn_aqi" else dt.timedelta())


class WindowTrack(Track):
    """One rule with a window on one source. `filled`: the values before this process began were read.

    `reach` is how far before its first value they are needed: for the window of one that comes as late as may be.
    """

    __slots__ = ("_points", "_window", "filled", "reach", "taken")

    def __init__(self, rule: Rule, source: str, area: str = "") -> None:
        """Raises ValueError when the rule has no window, or no level for the source."""
        super().__init__(rule, source, area)
        if rule.window is None:
            raise ValueError(f"{rule.name} has no window")
        self._window = rule.window
        self.span = reach_of(rule.window)
        self.reach = self.span + LATENESS
        self._points = Points(self.reach + LATENESS)
        self.names |= dict.fromkeys(rule.window.also)
        self.filled = False
        self.taken: object = None

    def concerns(self, at: dt.datetime, number: float) -> bool:
        """Each value may change the figure."""
        return True

    def fill(self, samples: Iterable[Sample]) -> None:
        """Take the values that were stored before."""
        for sample in samples:
            self.add(sample)
        self.filled = True

    def add(self, sample: Sample) -> None:
        """Enter the good values of a reading that the rule is about."""
        if self.rule.when is not None and not self.rule.when.holds(sample.reading):
            return
        good = {
            one.property: one.number
            for one in sample.reading.values
            if one.property in self.names and one.quality is Quality.GOOD
        }
        if good:
            self._points.add(Point(sample.order, good))

    def measured(self, sample: Sample) -> Sample:
        """The value with what the window comes to at it."""
        return msgspec.structs.replace(sample, figure=self._figure(sample.order))

    def quiet(self, sample: Sample) -> bool:
        """Whether a value that is newer than all before changes nothing, in calm times; it is noted then."""
        if self.milestones or self._reaches(self._figure(sample.order)):
            return False
        self.newest = max(self.newest, sample.at)
        return True

    def settled(self, sample: Sample) -> bool:
        """Whether a late value changes nothing, neither at itself nor at what follows it."""
        after = self._points.after(sample.order)
        return not self.milestones and not any(self._reaches(self._figure(point.order)) for point in after)

    def replay(self, start: dt.datetime, samples: Iterable[Sample]) -> list[Episode]:
        """As of any track; the values are those from `span` before the start on, which make the windows."""
        listed = list(samples)
        self._points.keep(start - self.span)
        for sample in listed:
            self.add(sample)
        found = super().replay(start, (sample for sample in listed if sample.at >= start))
        self._points.keep(None)
        return found

    def _figure(self, order: tuple[dt.datetime, dt.datetime, str, int]) -> Figure | None:
        points = self._points.through(order, self.span / HOUR)
        if not points or points[-1].order != order:
            return None
        return figure(self._window, self.rule.measured, points, below=self.rule.below)

    def _reaches(self, found: Figure | None) -> bool:
        return found is not None and self.sign * found.number >= self.bound
