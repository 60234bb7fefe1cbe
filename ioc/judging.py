"""Judging: what the rules make of committed batches, in the order of event time, as alarms to be saved.

Everything here runs in the transaction of one turn of the desk; what it remembers in memory is true once that commits.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from gis.observation import Notice, Quality, Reading, Report, Sighting
from ioc.incidents import lives
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.composite import Place
from ioc.incidents.images import after_image, first_image, reconcile
from ioc.incidents.order import Episode, Memory, Sample, Track, effective
from ioc.incidents.rules import Rule, Verdict, judge_sighting, key_of
from ioc.incidents.siting import is_about
from ioc.incidents.windows import WindowTrack
from ioc.store import alarms as kept
from ioc.store import journal, judged
from ioc.store.database import Transaction
from ioc.tracks import Tracks


class Page:
    """What one transaction has come to so far; thrown away when it fails."""

    def __init__(self, held: dict[str, Alarm], sources: Mapping[str, Source]) -> None:
        self.held = held
        self.sources = sources
        self.touched: dict[str, Alarm] = {}
        self.stirred: dict[str, Track | Place] = {}
        self.parts: set[str] = set()
        self.since: dict[str, dt.datetime] = {}
        self.seen: dict[str, dt.datetime | None] = {}
        self.late = 0
        self.told: list[tuple[Report | Notice, dt.datetime]] = []
        """What citizens and agencies told, and when it arrived: it is judged when the page is complete."""

    def changed(self, part: str, since: dt.datetime) -> None:
        """What other rules need was judged from a moment on."""
        self.parts.add(part)
        self.since[part] = min(since, self.since.get(part, since))

    def write(self, after: Alarm) -> None:
        """Enter an after-image."""
        self.touched[after.id] = after
        self.seen[after.key] = max(after.seen_at, self.seen.get(after.key) or after.seen_at)
        if after.cleared_at is None:
            self.held[after.key] = after
        elif (held := self.held.get(after.key)) is not None and held.id == after.id:
            del self.held[after.key]

    def memories(self) -> dict[str, Memory | None]:
        """What the stirred tracks and places have to remember, of those where that changed."""
        return {key: track.memory() for key, track in self.stirred.items() if track.worth_saving()}


class Judging:
    """The rules over the tracks of all sources. `new_id` makes the id of a new alarm."""

    def __init__(self, rules: Sequence[Rule], tracks: Tracks, new_id: Callable[[], str]) -> None:
        self._sightings = [rule for rule in rules if rule.sighting]
        self._of_kind: dict[str, list[Rule]] = {}
        for rule in self._sightings:
            self._of_kind.setdefault(rule.sighting, []).append(rule)
        self._tracks = tracks
        self._new_id = new_id

    async def judge(self, transaction: Transaction, page: Page, entry: journal.Entry) -> None:
        """The hot path: nearly every value is quiet and ends at `concerns`."""
        arrived, watched = entry.arrived_at, self._tracks.of
        for observation in entry.observations:
            if not isinstance(observation, Reading):
                if isinstance(observation, Sighting):
                    await self._judge_sighting(transaction, page, observation)
                else:
                    page.told.append((observation, arrived))
                continue
            stamp = observation.stamp
            tracks = watched(stamp.source)
            if not tracks:
                continue
            at = stamp.at if stamp.at <= arrived else arrived
            for value in observation.values:
                for track in tracks.get(value.property, ()):
                    if value.quality is Quality.GOOD and track.concerns(at, value.number):
                        await self._judge_reading(transaction, page, track, observation, arrived)

    async def judge_places(self, transaction: Transaction, page: Page, now: dt.datetime) -> None:
        """Judge the rules that need others, where anything that they need was told of."""
        await self.rejudge(transaction, page, self._tracks.above(page.parts), now)

    async def rejudge(self, transaction: Transaction, page: Page, places: Iterable[Place], now: dt.datetime) -> None:
        """What holds at some places at a moment, and how that ended which held.

        What was told of the time before anything changed stays as it was told.
        """
        for place in places:
            page.stirred[place.key] = place
            before, ends = place.held, place.ends
            changed = [page.since[key] for key in place.keys if key in page.since]
            since = max(place.since(now), min([now, *changed, *([ends] if ends is not None else [])]))
            page.since[place.key] = since
            begun = before.raised_at if before is not None else None
            due = [
                one
                for one in place.judge(now)
                if one.cleared_at is None or one.cleared_at >= since or one.raised_at == begun
            ]
            if not place.rule.quiet:
                await self._correct(transaction, page, place, since, due)

    async def _judge_reading(
        self, transaction: Transaction, page: Page, track: Track, reading: Reading, arrived: dt.datetime
    ) -> None:
        if track.rule.when is not None and not track.rule.when.holds(reading):
            return
        sample = Sample(effective(reading.stamp.at, arrived), reading)
        if isinstance(track, WindowTrack) and await self._is_quiet(transaction, track, sample, arrived):
            return
        page.stirred[track.key] = track
        if not track.in_order(sample.at):
            await self._judge_again(transaction, page, track, sample, arrived)
            return
        episode = track.follow(sample)
        if episode is None:
            return
        if track.operand:
            page.changed(track.key, sample.at)
        if not track.rule.quiet:
            held = page.held.get(track.key)
            page.write(after_image(held if held is not None else self._new(page, track, episode), episode))

    async def _is_quiet(
        self, transaction: Transaction, track: WindowTrack, sample: Sample, arrived: dt.datetime
    ) -> bool:
        """Enter a value into its window, which is read when it is not known yet; whether it changes nothing."""
        if track.taken is sample.reading:  # of which another value was looked at just now
            return True
        track.taken = sample.reading
        if not track.filled:
            start = sample.at - track.reach
            names = self._names(track)
            track.fill(
                await judged.since(transaction, track.source, names, start, arrived=arrived, newest=track.newest)
            )
        track.add(sample)
        if not track.known:
            track.learn(await judged.newest(transaction, track.source, track.rule.measured, sample.at, arrived))
        return track.quiet(sample) if track.in_order(sample.at) else track.settled(sample)

    def _names(self, track: Track) -> list[str]:
        when = track.rule.when
        return [*track.names, *([when.property] if when is not None and when.property not in track.names else [])]

    async def _judge_again(
        self, transaction: Transaction, page: Page, track: Track, sample: Sample, arrived: dt.datetime
    ) -> None:
        """Judge a late value with all that followed it, and correct what was told."""
        if not track.known:
            track.learn(await judged.newest(transaction, track.source, track.rule.measured, sample.at, arrived))
        start = track.start(sample.at)
        if start is None:
            page.late += 1
            return
        names = self._names(track)
        first = start - track.span
        found = await judged.since(transaction, track.source, names, first, arrived=arrived, newest=track.newest)
        samples = {one.order: one for one in [sample, *found]}
        episodes = track.replay(start, samples.values())
        if track.operand:
            page.changed(track.key, start)
        if not track.rule.quiet:
            await self._correct(transaction, page, track, start, episodes)

    async def _correct(
        self,
        transaction: Transaction,
        page: Page,
        track: Track | Place,
        start: dt.datetime,
        episodes: Sequence[Episode],
    ) -> None:
        """Make the alarms of a key from a moment on say what its episodes say."""
        written = {alarm.id: alarm for alarm in await kept.held_since(transaction, track.key, start)}
        written |= {alarm.id: alarm for alarm in page.touched.values() if alarm.key == track.key}
        spanning = [one for one in written.values() if one.cleared_at is None or one.cleared_at >= start]
        for after in reconcile(spanning, episodes, lambda episode: self._new(page, track, episode)):
            page.write(after)

    def _new(self, page: Page, track: Track | Place, episode: Episode) -> Alarm:
        return first_image(track.key, track.rule, episode, page.sources[track.source], self._new_id())

    async def _judge_sighting(self, transaction: Transaction, page: Page, seen: Sighting) -> None:
        source = page.sources.get(seen.stamp.source)
        if source is None:
            return
        if seen.stamp.position is not None:
            source = msgspec.structs.replace(source, position=seen.stamp.position)
        for rule in self._of_kind.get(seen.kind, ()):
            verdict = judge_sighting(rule, seen)
            if verdict is None:
                continue
            if not is_about(rule, source):
                continue
            held = page.held.get(verdict.key)
            if held is None and rule.seen is not None and not rule.seen.is_enough(seen):
                continue  # an end of what never was as the rule asks
            if held is None and await self._is_history(transaction, page, verdict):
                continue
            after = await self._went_on(transaction, page, verdict, source) if held is None else None
            after = after if after is not None else lives.step(held, verdict, source, self._new_id())
            if after is not None:
                page.write(after)

    async def _went_on(self, transaction: Transaction, page: Page, verdict: Verdict, source: Source) -> Alarm | None:
        """The alarm of a life that a silence ended before its late report came."""
        if not verdict.life:
            return None
        over = {alarm.id: alarm for alarm in await kept.held_since(transaction, verdict.key, verdict.at)}
        over |= {alarm.id: alarm for alarm in page.touched.values() if alarm.key == verdict.key}
        return lives.went_on(over.values(), verdict, source)

    async def look_back(self, transaction: Transaction, page: Page, entries: Iterable[journal.Entry]) -> None:
        """Read how far the keys of what was seen were judged, all at once; what is known already is not read again."""
        keys = {
            key_of(rule, one.stamp.source, one.subject)
            for entry in entries
            for one in entry.observations
            if isinstance(one, Sighting)
            for rule in self._of_kind.get(one.kind, ())
        }
        unknown = keys - page.held.keys() - page.seen.keys()
        if unknown:
            page.seen |= dict.fromkeys(unknown) | await kept.last_seen_of(transaction, unknown)

    async def _is_history(self, transaction: Transaction, page: Page, verdict: Verdict) -> bool:
        """Whether the key was judged beyond this already: what comes late opens nothing."""
        if verdict.key not in page.seen:
            page.seen[verdict.key] = await kept.last_seen(transaction, verdict.key)
        seen = page.seen[verdict.key]
        return seen is not None and lives.is_history(verdict, seen)
