"""Provisional alarms: what the rules say of values that wait on disk, in memory alone.

The same rules and the same order as the desk's, from the alarms and waits that were saved last; without rules that look
at a window or need others, for which the stored values are needed. A value that is not
newer than all before is passed over: only the desk, which has the stored values, can judge it. Nothing here is ever
saved; the desk judges everything again from its cursor, under the same keys.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from gis.observation import Observation, Quality, Reading, Sighting
from gis.stamp import uuid7
from ioc.incidents import alarm as alarms
from ioc.incidents import lives
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.composite import Place
from ioc.incidents.images import after_image, first_image
from ioc.incidents.order import Memory, Sample, Track, effective
from ioc.incidents.rules import Rule, judge_sighting
from ioc.incidents.siting import is_about
from ioc.incidents.windows import WindowTrack
from ioc.tracks import Tracks


def provisional_id(key: str, raised_at: dt.datetime) -> str:
    """The id of a provisional alarm: a UUIDv7 made of its key and its beginning, the same in every process."""
    return str(uuid7(raised_at, hashlib.sha256(key.encode()).digest()[:10]))


class Provisional:
    """What is saved, and what the spooled values make of it.

    `whole`: every value comes, in the order of time and from before any window; then rules that look at a window or
    need others are judged as well. `judge_places` ends at a moment what holds by itself no longer.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        sources: Callable[[], Mapping[str, Source]],
        profile_of: Callable[[str], str],
        *,
        whole: bool = False,
    ) -> None:
        self._whole = whole
        self._parts = set[str]()
        self._ends: dt.datetime | None = None
        self._sightings = {rule.name: rule for rule in rules if rule.sighting}
        self._sources = sources
        self._profile_of = profile_of
        self._tracks = Tracks(rules, profile_of)
        self._saved: dict[str, Alarm] = {}
        self._memories: Mapping[str, Memory] = {}
        self._held: dict[str, Alarm] = {}
        self._news: dict[str, Alarm] = {}

    def know(self, held: Iterable[Alarm], memories: Mapping[str, Memory]) -> None:
        """Take the alarms that hold and the memories, as they are saved now."""
        self._saved = {alarm.key: alarm for alarm in held if alarm.source_kind != "system"}
        self._memories = memories

    def under(self, rules: Sequence[Rule]) -> "Provisional":
        """Other rules with the same knowledge of what is saved."""
        other = Provisional(rules, self._sources, self._profile_of, whole=self._whole)
        other.know(self._saved.values(), self._memories)
        return other

    def begin(self) -> None:
        """Judge from what is saved; what was judged before is forgotten."""
        self._held = {key: alarm for key, alarm in self._saved.items() if alarm.cleared_at is None}
        self._news = {}
        self._tracks.forget(self._held, self._memories)

    def settle(self, saved: Alarm) -> None:
        """An alarm was saved: what is provisional under its key goes, unless it is of a later value."""
        before = self._saved.get(saved.key)
        if before is not None and saved.seen_at < before.seen_at and saved.cleared_at is None:
            return
        self._saved[saved.key] = saved
        told = self._news.get(saved.key)
        if told is not None and _milliseconds(told.seen_at) <= saved.seen_at:
            del self._news[saved.key]

    def take(self, observations: Sequence[Observation], arrived_at: dt.datetime) -> None:
        """Judge a batch, of good values those that are newer than all before."""
        self._tracks.attend(self._sources())
        for observation in observations:
            if not isinstance(observation, Reading):
                if isinstance(observation, Sighting):
                    self._see(observation)
                continue  # reports and notices are never kept on disk
            tracks = self._tracks.of(observation.stamp.source)
            at = effective(observation.stamp.at, arrived_at)
            for value in observation.values if tracks else ():
                for track in tracks.get(value.property, ()):
                    if value.quality is Quality.GOOD and track.concerns(at, value.number):
                        self._judge(track, observation, at)
            if self._whole:
                self.judge_places(at)

    def _judge(self, track: Track, reading: Reading, at: dt.datetime) -> None:
        if not self._whole and (isinstance(track, WindowTrack) or track.rule.quiet):  # what they need is in the store
            return
        sample = Sample(at, reading)
        if isinstance(track, WindowTrack):
            track.add(sample)
        if at <= track.newest or (track.rule.when is not None and not track.rule.when.holds(reading)):
            return
        if isinstance(track, WindowTrack) and track.quiet(sample):
            return
        source = self._sources().get(track.source)
        episode = track.follow(sample)
        if episode is not None and track.operand:
            self._parts.add(track.key)
        if episode is None or source is None or track.rule.quiet:
            return
        held = self._held.get(track.key)
        name = provisional_id(track.key, episode.raised_at)
        self._write(
            after_image(
                held if held is not None else first_image(track.key, track.rule, episode, source, name), episode
            )
        )

    def judge_places(self, at: dt.datetime) -> None:
        """Judge the rules that need others, where a part changed or where what held is over by a moment."""
        over = self._tracks.due(at) if self._ends is not None and self._ends <= at else []
        due = [*over, *self._tracks.above(self._parts)]
        self._parts.clear()
        for place in due:
            self._judge_place(place, at)
        if due:
            self._ends = self._tracks.next_end()

    def _judge_place(self, place: Place, at: dt.datetime) -> None:
        source, episodes = self._sources().get(place.source), place.judge(at)
        if source is None or place.rule.quiet:
            return
        for episode in episodes:
            held = self._held.get(place.key)
            if held is not None and held.raised_at == episode.raised_at:
                self._write(after_image(held, episode))
            elif held is None and episode.cleared_at is None:
                name = provisional_id(place.key, episode.raised_at)
                self._write(after_image(first_image(place.key, place.rule, episode, source, name), episode))

    def _see(self, seen: Sighting) -> None:
        source = self._sources().get(seen.stamp.source)
        if source is None:
            return
        if seen.stamp.position is not None:
            source = msgspec.structs.replace(source, position=seen.stamp.position)
        for rule in self._sightings.values():
            verdict = judge_sighting(rule, seen)
            if verdict is None:
                continue
            if not is_about(rule, source):
                continue
            held, saved = self._held.get(verdict.key), self._saved.get(verdict.key)
            if held is None and rule.seen is not None and not rule.seen.is_enough(seen):
                continue  # an end of what never was as the rule asks
            if held is None and saved is not None and lives.is_history(verdict, saved.seen_at):
                continue
            after = lives.step(held, verdict, source, provisional_id(verdict.key, verdict.at))
            if after is not None:
                self._write(after)

    def hush(self, now: dt.datetime) -> None:
        """End what was raised here and what its camera sees no more; what was saved before is left to the desk."""
        for key, told in list(self._news.items()):
            held = self._held.get(key)
            if held is None or told.source_kind != "camera" or self._saved_level(key) is not None:
                continue
            after = alarms.quiet(held, self._sightings[held.rule].hold_s, now)
            if after is not None:
                self._write(after)

    def _write(self, after: Alarm) -> None:
        before = self._held.get(after.key)
        if after.cleared_at is None:
            self._held[after.key] = after
        else:
            self._held.pop(after.key, None)
        if after.cleared_at is not None and self._saved_level(after.key) is None:
            self._news.pop(after.key, None)
        elif before is None or before.severity != after.severity or after.cleared_at is not None:
            self._news[after.key] = after

    def _saved_level(self, key: str) -> str | None:
        saved = self._saved.get(key)
        return _level(saved) if saved is not None else None

    def shown(self) -> Iterable[Alarm]:
        """What differs from what is saved, as it was when that was new: raised, of another severity, or cleared."""
        for key, told in self._news.items():
            if _level(told) != self._saved_level(key):
                yield msgspec.structs.replace(told, id=provisional_id(key, told.raised_at), incident=None)


def _level(alarm: Alarm) -> str | None:
    return alarm.severity if alarm.cleared_at is None else None


def _milliseconds(at: dt.datetime) -> dt.datetime:
    """A moment as precisely as features tell it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
