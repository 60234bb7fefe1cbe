"""Which rules look at which property of which source: found once, so that a reading costs a look in a table."""

from collections.abc import Callable, Mapping, Sequence

from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.order import Memory, Track
from ioc.incidents.rules import Rule, key_of

Watched = Mapping[str, Sequence[Track]]
"""Property -> the tracks of one source."""

_NOTHING: Watched = {}


class Tracks:
    """The tracks of all sources, made when a source is first heard of."""

    def __init__(self, rules: Sequence[Rule], profile_of: Callable[[str], str]) -> None:
        self._rules = [rule for rule in rules if rule.measured]
        self._profile_of = profile_of
        self._sources: Mapping[str, Source] = {}
        self._watched: dict[str, Watched] = {}
        self._tracks: dict[str, Track] = {}
        self._held: Mapping[str, Alarm] = {}
        self._memories: Mapping[str, Memory] = {}

    def forget(self, held: Mapping[str, Alarm], memories: Mapping[str, Memory]) -> None:
        """Begin again with what was saved: the open alarms and the memories by their keys."""
        self._held, self._memories = dict(held), memories
        self._tracks.clear()
        self._watched.clear()

    def attend(self, sources: Mapping[str, Source]) -> None:
        """Take the registered sources; when they are others than before, what concerns whom is found anew."""
        if sources is not self._sources:
            self._sources = sources
            self._watched.clear()

    def of(self, source: str) -> Watched:
        """The tracks of a source by property; empty when it is not registered or no rule looks at it."""
        found = self._watched.get(source)
        if found is None:
            found = self._watched[source] = self._find(source)
        return found

    def _find(self, source: str) -> Watched:
        if source not in self._sources:
            return _NOTHING
        profile, found = self._profile_of(source), dict[str, list[Track]]()
        for rule in self._rules:
            if rule.profile == profile and rule.levels_of(source):
                found.setdefault(rule.measured, []).append(self._track(rule, source))
        return found

    def _track(self, rule: Rule, source: str) -> Track:
        key = key_of(rule, source, rule.measured)
        track = self._tracks.get(key)
        if track is None:
            track = self._tracks[key] = Track(rule, source)
            alarm, memory = self._held.get(key), self._memories.get(key)
            if alarm is not None or memory is not None:
                track.recall(alarm, memory if memory is not None else Memory())
        return track
