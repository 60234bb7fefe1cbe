"""Alarms to incidents: which incident each belongs to, where it is, and what the wall is told."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from gis.areas import AreaIndex
from gis.layers import ALARMS, INCIDENTS, Layer
from gis.stamp import uuid7
from ioc.incidents import incident as life
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.correlate import incident_key
from ioc.incidents.incident import Entry, Incident, Place, Titles
from ioc.incidents.rules import Rule, titles
from ioc.incidents.severity import rank
from ioc.rulebook import Book
from ioc.store import changes
from ioc.store import incidents as kept
from ioc.store.database import Transaction
from ioc.store.layers import features_of


class Docket:
    """Assigns alarms to incidents and writes both, with their log and their changes."""

    def __init__(
        self,
        rules: Sequence[Rule],
        index: AreaIndex,
        zone: ZoneInfo,
        entropy: Callable[[int], bytes],
    ) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._index = index
        self._zone = zone
        self._entropy = entropy
        self._owed: set[str] = set()

    def adopt(self, book: Book) -> None:
        """Say what holds in the words of these rules; those of versions before stay known for what they raised."""
        self._rules |= {rule.name: rule for rule in book.rules}

    @property
    def owes(self) -> bool:
        """Whether repeats of some incident have not been told yet."""
        return bool(self._owed)

    async def catch_up(self, transaction: Transaction, now: dt.datetime) -> None:
        """Tell the repeats that had to wait, of those incidents whose turn it is."""
        current = await self._current(transaction, self._owed, now)
        siblings = await self._siblings(transaction, current.values())
        told = []
        for key in sorted(self._owed):
            before = current.get(key)
            alarms = list(siblings.get(before.id if before else "", {}).values())
            if before is None or not alarms:
                self._owed.discard(key)
                continue
            after, entries = life.absorb(before, alarms, self._titles(alarms), now)
            if after == before:
                self._owed.discard(key)
            elif life.worth_telling(before, after, now):
                await self._save(transaction, after, entries, _camera(alarms))
                told.append(after)
        await self._tell(transaction, told, [], now)

    async def _save(
        self, transaction: Transaction, after: Incident, entries: Sequence[Entry], camera: str | None
    ) -> None:
        await kept.save_incident(transaction, after, camera)
        await kept.add_log(transaction, after, entries)
        self._owed.discard(after.key)

    async def settle(
        self,
        transaction: Transaction,
        touched: Mapping[str, Alarm],
        held: Mapping[str, Alarm],
        now: dt.datetime,
    ) -> None:
        """Write alarms that changed and the incidents that follow; `held` are the alarms as they were open."""
        if not touched:
            return
        groups: defaultdict[str, list[Alarm]] = defaultdict(list)
        for alarm in touched.values():
            groups[incident_key(alarm)].append(alarm)
        current = await self._current(transaction, groups, now)
        siblings = await self._siblings(transaction, current.values())
        told: list[Incident] = []
        assigned: list[Alarm] = []
        for key, group in groups.items():
            before = current.get(key)
            others = siblings.get(before.id if before else "", {})
            after, entries = self._incident(before, group, others, now)
            if before is None or life.worth_telling(before, after, now):
                await self._save(transaction, after, entries, _camera([*others.values(), *group]))
                told.append(after)
            elif after != before:
                self._owed.add(key)
            assigned += [msgspec.structs.replace(alarm, incident=after.id) for alarm in group]
        await kept.save_alarms(transaction, assigned)
        await self._tell(transaction, told, [alarm for alarm in assigned if _news(held.get(alarm.key), alarm)], now)

    async def _current(self, transaction: Transaction, keys: Iterable[str], now: dt.datetime) -> dict[str, Incident]:
        found = await kept.current_of(transaction, keys, now - life.RETURN_WITHIN)
        return {incident.key: incident for incident in sorted(found, key=lambda one: (one.open, one.updated_at))}

    async def _siblings(self, transaction: Transaction, incidents: Iterable[Incident]) -> dict[str, dict[str, Alarm]]:
        found: defaultdict[str, dict[str, Alarm]] = defaultdict(dict)
        ids = [incident.id for incident in incidents]
        for alarm in await kept.alarms_of(transaction, ids) if ids else []:
            found[alarm.incident or ""][alarm.id] = alarm
        return found

    def _incident(
        self, before: Incident | None, group: Sequence[Alarm], siblings: Mapping[str, Alarm], now: dt.datetime
    ) -> tuple[Incident, list[Entry]]:
        alarms = list({**siblings, **{alarm.id: alarm for alarm in group}}.values())
        first = min(group, key=lambda alarm: alarm.raised_at)
        entries: list[Entry] = []
        if before is None:
            before, entry = life.opened(first, self._titles(alarms), self._place(first.source, now), self._id(now), now)
            entries.append(entry)
        after, more = life.absorb(before, alarms, self._titles(alarms), now)
        return after, entries + more

    def _titles(self, alarms: Sequence[Alarm]) -> Titles:
        """The titles of the worst alarm that holds, else of the newest."""
        holding = [alarm for alarm in alarms if alarm.cleared_at is None] or alarms
        speaks = max(holding, key=lambda alarm: (rank(alarm.severity), alarm.seen_at))
        rule = self._rules.get(speaks.rule)
        if rule is None:
            return Titles(speaks.source.name, speaks.source.name)
        return Titles(*titles(rule, speaks.severity, speaks.source.name))

    def _place(self, source: Source, now: dt.datetime) -> Place:
        day = now.astimezone(self._zone).date()
        area = self._index.holding(source.position, day) or self._index.area(source.area)
        code, name = (area.code, area.name) if area is not None else (source.area.partition("@")[0], "")
        return Place(
            centre=source.centre,
            area=area.fid if area is not None else source.area,
            area_code=code,
            area_name=name,
            position=source.position,
        )

    def _id(self, now: dt.datetime) -> str:
        return str(uuid7(now, self._entropy(10)))

    async def _tell(
        self, transaction: Transaction, incidents: Sequence[Incident], alarms: Sequence[Alarm], now: dt.datetime
    ) -> None:
        written = await _changes(
            transaction, ALARMS, {one.id: (one.source.centre, one.source.area) for one in alarms}, now
        )
        written += await _changes(
            transaction, INCIDENTS, {one.id: (one.place.centre, one.place.area) for one in incidents}, now
        )
        await changes.record(transaction, written)


def _camera(alarms: Iterable[Alarm]) -> str | None:
    """The one camera that all alarms come from; None when there is anything else."""
    sources = {alarm.source.code if alarm.source_kind == "camera" else None for alarm in alarms}
    return sources.pop() if len(sources) == 1 else None


def _news(before: Alarm | None, after: Alarm) -> bool:
    """Whether people are told of an alarm: raised, of another severity, or cleared; not of a mere repeat."""
    if before is None or before.id != after.id:
        return True
    return before.severity != after.severity or after.cleared_at is not None


async def _changes(
    transaction: Transaction, layer: Layer, owners: Mapping[str, tuple[str, str]], now: dt.datetime
) -> list[changes.Change]:
    features = await features_of(transaction, layer, list(owners))
    return [
        changes.Change(
            subject=layer.subject,
            subject_id=feature["id"],
            op="put",
            centre=owners[feature["id"]][0],
            area=owners[feature["id"]][1],
            at=now,
            value=feature,
        )
        for feature in features
    ]
