"""A changed rule in the running desk: what is open is judged by it at once, by the newest value that is stored.

A rule that was disabled, or that no longer concerns a source, clears what it held open there. Limits that moved change,
clear or raise at the value that was last heard; what was told of the time before stays as it was told.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Mapping

import msgspec

from ioc.incidents.alarm import Alarm, told
from ioc.incidents.composite import Place
from ioc.incidents.images import after_image, first_image
from ioc.incidents.order import Memory, Milestone, Sample, Track
from ioc.incidents.rules import Rule
from ioc.incidents.windows import WindowTrack
from ioc.judging import Judging, Page
from ioc.store import judged
from ioc.store.database import Transaction
from ioc.tracks import Tracks

AFTER = dt.timedelta(microseconds=1)
"""The state after a value is the one before all later ones."""


TURN = 50
"""So many sources are judged before others may work."""


class Counts(msgspec.Struct):
    """What became of the alarms of a rule."""

    cleared: int = 0
    changed: int = 0
    raised: int = 0
    kept: int = 0


def without(memories: Mapping[str, Memory], references: Iterable[str]) -> dict[str, Memory]:
    """What is remembered of other rules than these: waits and known states of a version are not those of the next."""
    gone = set(references)
    return {key: memory for key, memory in memories.items() if key.partition(":")[0] not in gone}


class TakeUp:
    """One rule that changed, by pack and code; `rule` None: it is not in force any more."""

    def __init__(
        self,
        reference: str,
        rule: Rule | None,
        tracks: Tracks,
        judging: Judging,
        new_id: Callable[[], str],
        now: dt.datetime,
    ) -> None:
        self._reference = reference
        self._rule = rule
        self._tracks = tracks
        self._judging = judging
        self._new_id = new_id
        self._now = now
        self.counts = Counts()

    async def judge(self, transaction: Transaction, page: Page) -> None:
        """Enter what follows into a page."""
        found = {one.key: one for one in self._tracks.concerned(self._reference)}
        tracks = [one for one in found.values() if isinstance(one, Track)]
        places = [one for one in found.values() if isinstance(one, Place)]
        await self._values(transaction, page, tracks)
        if places:
            await self._judging.rejudge(transaction, page, places, self._now)
        for held in [alarm for key, alarm in page.held.items() if key.partition(":")[0] == self._reference]:
            if held.source_kind == "camera" and self._rule is not None:
                self._seen(page, held, self._rule)
            elif held.key not in found and not (self._rule is not None and self._rule.absent_s):
                self._end(page, held)
        await self._judging.judge_places(transaction, page, self._now)

    def _end(self, page: Page, held: Alarm) -> None:
        """Nothing is in force any more by which the alarm would hold."""
        evidence = {**held.evidence, "rule_ended": True}
        at = max(self._now, held.seen_at)
        page.write(msgspec.structs.replace(held, cleared_at=at, seen_at=at, evidence=evidence))
        self.counts.cleared += 1

    def _seen(self, page: Page, held: Alarm, rule: Rule) -> None:
        """What a camera saw is told in the words and with the severity of the rule as it is now."""
        if held.severity == rule.severity:
            self.counts.kept += 1
            return
        words = told(rule, rule.severity, held.source.name)
        page.write(msgspec.structs.replace(held, severity=rule.severity, rule=rule.name, **words))
        self.counts.changed += 1

    async def _values(self, transaction: Transaction, page: Page, tracks: list[Track]) -> None:
        names = {name for track in tracks for name in _names(track)}
        newest = await judged.newest_readings(transaction, [track.source for track in tracks], sorted(names))
        for number, track in enumerate(tracks, 1):
            if number % TURN == 0:
                await asyncio.sleep(0)
            last, held = newest.get(track.source), page.held.get(track.key)
            if last is None or (held is None and not last.fresh):
                self.counts.kept += held is not None
                continue
            if held is not None:
                track.recall(held, Memory())
            sample = last.sample
            if isinstance(track, WindowTrack):
                sample = await self._filled(transaction, track, sample)
            self._value(page, track, sample, held)

    async def _filled(self, transaction: Transaction, track: WindowTrack, last: Sample) -> Sample:
        """Read the window of a track; its newest value."""
        start = last.at - track.reach
        found = await judged.since(transaction, track.source, _names(track), start, arrived=self._now, newest=last.at)
        track.fill(found)
        return max(found, key=lambda one: one.order, default=last)

    def _value(self, page: Page, track: Track, sample: Sample, held: Alarm | None) -> None:
        """Judge the newest value as the first that the rule sees."""
        when = track.rule.when
        if when is not None and not when.holds(sample.reading):
            return
        track.milestones = []
        episode = track.follow(sample)
        if held is not None and track.state.held is not None:  # it has seen this value before
            track.state = msgspec.structs.replace(
                track.state, held=msgspec.structs.replace(track.state.held, count=held.count)
            )
        track.milestones = [] if track.state.calm else [Milestone(sample.at + AFTER, track.state)]
        page.stirred[track.key] = track
        if track.operand:
            page.parts.add(track.key)
        if episode is None or track.rule.quiet:
            self.counts.kept += held is not None
            return
        if held is None:
            new = first_image(track.key, track.rule, episode, page.sources[track.source], self._new_id())
            page.write(after_image(new, episode))
            self.counts.raised += 1
            return
        after = after_image(held, episode)
        at = None if after.cleared_at is None else max(self._now, held.seen_at)
        evidence = {**after.evidence, "rule_before": held.rule}
        page.write(msgspec.structs.replace(after, count=held.count, cleared_at=at, evidence=evidence))
        self.counts.cleared += at is not None
        self.counts.changed += at is None and after.severity != held.severity
        self.counts.kept += at is None and after.severity == held.severity


def _names(track: Track) -> list[str]:
    """The properties that are read for a track."""
    when = track.rule.when
    return sorted({*track.names, *([when.property] if when is not None else [])})
