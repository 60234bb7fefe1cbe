"""Stored observations judged again by some rules, in memory alone: every alarm that one of the rules would have made.

The same tracks, windows and places as the desk's. What is played comes in the order of the time at which it counts,
so that nothing is late.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from gis.observation import Observation, Quality, Reading, Sighting
from ioc.incidents import alarm as alarms
from ioc.incidents import lives
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.composite import Place
from ioc.incidents.images import after_image, first_image
from ioc.incidents.order import Episode, Sample, Track
from ioc.incidents.rules import Rule, judge_sighting
from ioc.incidents.siting import is_about
from ioc.incidents.windows import WindowTrack
from ioc.provisional import provisional_id
from ioc.tracks import Tracks


class Player:
    """One rule, with the others that it needs. `alarms` are those that it made so far, by their ids."""

    def __init__(
        self, rule: Rule, others: Sequence[Rule], sources: Mapping[str, Source], profile_of: Callable[[str], str]
    ) -> None:
        self.alarms: dict[str, Alarm] = {}
        self._rule = rule
        self._sources = sources
        self._held: dict[str, Alarm] = {}
        self._tracks = Tracks((rule, *others), profile_of)
        self._tracks.forget({}, {})
        self._tracks.attend(sources)

    def play(self, observation: Observation, at: dt.datetime) -> None:
        """Judge an observation at the time at which it counts."""
        if isinstance(observation, Sighting):
            self._see(observation)
        elif isinstance(observation, Reading):
            self._read(observation, at)

    def settle(self, now: dt.datetime) -> None:
        """End what was over by a moment: what cameras saw no more, and what held at a place for long enough."""
        for held in [one for one in self._held.values() if one.source_kind == "camera"]:
            over = held.seen_at + dt.timedelta(seconds=self._rule.hold_s)
            after = alarms.quiet(held, self._rule.hold_s, over) if over <= now else None
            if after is not None:
                self._write(after)
        self._judge_places(self._tracks.due(now), now)

    def _read(self, reading: Reading, at: dt.datetime) -> None:
        tracks, stirred = self._tracks.of(reading.stamp.source), set[str]()
        for value in reading.values if tracks else ():
            for track in tracks.get(value.property, ()):
                if value.quality is Quality.GOOD and track.concerns(at, value.number) and at > track.newest:
                    self._judge(track, reading, at)
                    if track.operand:
                        stirred.add(track.key)
        if stirred:
            self._judge_places(self._tracks.above(stirred), at)

    def _judge(self, track: Track, reading: Reading, at: dt.datetime) -> None:
        sample = Sample(at, reading)
        if isinstance(track, WindowTrack):
            track.filled = True
            track.add(sample)
        if track.rule.when is not None and not track.rule.when.holds(reading):
            return
        if isinstance(track, WindowTrack) and track.quiet(sample):
            return
        episode = track.follow(sample)
        if episode is not None and not track.rule.quiet:
            self._tell(track, episode)

    def _judge_places(self, places: Iterable[Place], now: dt.datetime) -> None:
        for place in places:
            for episode in place.judge(now):
                if not place.rule.quiet:
                    self._tell(place, episode)

    def _tell(self, of: Track | Place, episode: Episode) -> None:
        name = provisional_id(of.key, episode.raised_at)
        alarm = self.alarms.get(name) or first_image(of.key, of.rule, episode, self._sources[of.source], name)
        self._write(after_image(alarm, episode))

    def _see(self, seen: Sighting) -> None:
        source, rule = self._sources.get(seen.stamp.source), self._rule
        verdict = judge_sighting(rule, seen) if source is not None and rule.sighting else None
        if verdict is None or source is None or not is_about(rule, source):
            return
        self.settle(seen.stamp.at)
        held = self._held.get(verdict.key)
        if held is None and (verdict.severity is None or (rule.seen is not None and not rule.seen.is_enough(seen))):
            return
        if seen.stamp.position is not None:
            source = msgspec.structs.replace(source, position=seen.stamp.position)
        after = lives.step(held, verdict, source, provisional_id(verdict.key, verdict.at))
        if after is not None:
            self._write(after)

    def _write(self, after: Alarm) -> None:
        if not after.key.startswith(f"{self._rule.reference}:"):
            return
        self.alarms[after.id] = after
        if after.cleared_at is None:
            self._held[after.key] = after
        else:
            self._held.pop(after.key, None)
