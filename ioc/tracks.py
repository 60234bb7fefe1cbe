"""Which rules look at which property of which source: found once, so that a reading costs a look in a table."""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.composite import Operand, Place, faults, in_turn, near, referred
from ioc.incidents.order import Memory, Track
from ioc.incidents.rules import Rule, key_of
from ioc.incidents.siting import is_about
from ioc.incidents.windows import WindowTrack

log = logging.getLogger(__name__)

Watched = Mapping[str, Sequence[Track]]
"""Property -> the tracks of one source."""

_NOTHING: Watched = {}


class Tracks:
    """The tracks of all sources, made when a source is first heard of, and the places of rules that need others."""

    def __init__(self, rules: Sequence[Rule], profile_of: Callable[[str], str]) -> None:
        self._rules = defaultdict[str, list[Rule]](list)
        for rule in rules:
            if rule.measured and not rule.absent_s:
                self._rules[rule.profile].append(rule)
        for rule, why in faults(rules):
            log.error("rule %s is not used: %s", rule.name, why)
        self._needing = in_turn(rules)
        self._needed = {name for rule in self._needing for name in referred(rule)}
        self._kinds = {rule.profile for rule in rules if rule.reference in self._needed}
        self._profile_of = profile_of
        self._sources: Mapping[str, Source] = {}
        self._watched: dict[str, Watched] = {}
        self._tracks: dict[str, Track] = {}
        self._places: dict[str, Place] = {}
        self._above: dict[str, list[Place]] | None = None
        self._held: Mapping[str, Alarm] = {}
        self._memories: Mapping[str, Memory] = {}

    def forget(self, held: Mapping[str, Alarm], memories: Mapping[str, Memory]) -> None:
        """Begin again with what was saved: the open alarms and the memories by their keys."""
        self._held, self._memories = dict(held), memories
        self._tracks.clear()
        self._watched.clear()
        self._places.clear()
        self._above = None

    def attend(self, sources: Mapping[str, Source]) -> None:
        """Take the registered sources; when they are others than before, what concerns whom is found anew."""
        if sources is not self._sources:
            self._sources = sources
            self._watched.clear()
            self._above = None

    def of(self, source: str) -> Watched:
        """The tracks of a source by property; empty when it is not registered or no rule looks at it."""
        found = self._watched.get(source)
        if found is None:
            found = self._watched[source] = self._find(source)
        return found

    def above(self, keys: Iterable[str]) -> list[Place]:
        """The places of which these tracks are a part, and those of which these places are; each after its parts."""
        if not self._needing:
            return []
        above = self._placed()
        found, ahead = dict[str, Place](), list(keys)
        while ahead:
            for place in above.get(ahead.pop(), ()):
                if place.key not in found:
                    found[place.key] = place
                    ahead.append(place.key)
        return self._in_turn(found.values())

    def due(self, now: dt.datetime) -> list[Place]:
        """The places where what holds is over by now, with those of which they are a part."""
        if not self._needing:
            return []
        self._placed()
        over = {place.key: place for place in self._places.values() if place.ends is not None and place.ends <= now}
        return self._in_turn([*over.values(), *(one for one in self.above(over) if one.key not in over)])

    def next_end(self) -> dt.datetime | None:
        """When the next of what holds at a place will be over by itself; None when nothing will."""
        return min((place.ends for place in self._places.values() if place.ends is not None), default=None)

    def concerned(self, reference: str) -> list[Track | Place]:
        """Every track and place of a rule, by its pack and code."""
        profiles = {profile for profile, rules in self._rules.items() if any(r.reference == reference for r in rules)}
        sources = [code for code in self._sources if self._profile_of(code) in profiles]
        found: list[Track | Place] = [
            track for code in sources for tracks in self.of(code).values() for track in tracks
        ]
        if any(rule.reference == reference for rule in self._needing):
            self._placed()
            found += self._places.values()
        return [one for one in found if one.rule.reference == reference]

    def _in_turn(self, places: Iterable[Place]) -> list[Place]:
        turn = {rule.reference: number for number, rule in enumerate(self._needing)}
        return sorted(places, key=lambda place: (turn[place.rule.reference], place.key))

    def _find(self, source: str) -> Watched:
        known = self._sources.get(source)
        if known is None:
            return _NOTHING
        found = dict[str, list[Track]]()
        for rule in self._rules.get(self._profile_of(source), ()):
            if rule.levels_of(source, known.area) and is_about(rule, known):
                track = self._track(rule, known)
                for name in track.names:
                    found.setdefault(name, []).append(track)
        return found

    def _track(self, rule: Rule, source: Source) -> Track:
        key = key_of(rule, source.code, rule.measured)
        track = self._tracks.get(key)
        if track is None:
            make = Track if rule.window is None else WindowTrack
            track = self._tracks[key] = make(rule, source.code, source.area)
            track.operand = rule.quiet or rule.reference in self._needed
            alarm, memory = self._held.get(key), self._memories.get(key)
            if alarm is not None or memory is not None:
                track.recall(alarm, memory if memory is not None else Memory())
        elif rule.area_levels:
            track.limit(rule.levels_of(source.code, source.area))
        return track

    def _placed(self) -> Mapping[str, list[Place]]:
        """The places by the keys of their parts; found when first asked for after the sources or rules changed."""
        if self._above is None:
            parts = defaultdict[str, list[Operand]](list)
            for source in filter(lambda code: self._profile_of(code) in self._kinds, self._sources):
                for track in {track.key: track for tracks in self.of(source).values() for track in tracks}.values():
                    if track.operand:
                        parts[track.rule.reference].append(track)
            above = defaultdict[str, list[Place]](list)
            for rule in self._needing:
                for place in self._places_of(rule, parts):
                    parts[rule.reference].append(place)
                    for one in (one for operand in place.operands for one in operand):
                        above[one.key].append(place)
            self._above = above
        return self._above

    def _places_of(self, rule: Rule, parts: Mapping[str, Sequence[Operand]]) -> Iterable[Place]:
        names, any_of = referred(rule), rule.needs is not None and rule.needs.match == "any"
        firsts = [one for name in (names if any_of else names[:1]) for one in parts.get(name, ())]
        for source, first in {one.source: one for one in firsts}.items():
            if not is_about(rule, self._sources[source]):
                continue
            place = self._place(rule, source)
            place.operands = [[one for one in parts.get(name, ()) if self._belongs(place, one)] for name in names]
            if not any_of:
                place.operands[0] = [first]
            yield place

    def _belongs(self, place: Place, one: Operand) -> bool:
        if one.source == place.source:
            return True
        here, there = self._sources[place.source].position, self._sources[one.source].position
        return place.needs.metres > 0 and near(here, there, place.needs.metres)

    def _place(self, rule: Rule, source: str) -> Place:
        key = key_of(rule, source, "place")
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = Place(rule, source)
            if (memory := self._memories.get(key)) is not None:
                place.recall(memory)
        return place
