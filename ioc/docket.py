"""Alarms to incidents: which incident each belongs to, where it is, and what the wall is told."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from gis.areas import AreaIndex
from gis.layers import ALARMS, INCIDENTS, Layer
from gis.stamp import uuid7
from ioc.incidents import incident as life
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.incident import Entry, Incident, Place, Titles
from ioc.incidents.rules import Rule, titles
from ioc.store import changes
from ioc.store import incidents as kept
from ioc.store.database import Transaction
from ioc.store.layers import features_of
from ioc.store.tally import tally as tally_of

RETURN_WITHIN = dt.timedelta(minutes=10)
"""A condition that comes back so soon after its end reopens the incident instead of opening another."""


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

    @property
    def owes(self) -> bool:
        """Whether repeats of some incident have not been told yet."""
        return bool(self._owed)

    async def catch_up(self, transaction: Transaction, now: dt.datetime) -> None:
        """Tell the numbers that had to wait, of those incidents whose turn it is."""
        found = await kept.incidents_of(transaction, self._owed)
        current = {incident_id: one for incident_id, one in found.items() if one.open}
        self._owed &= current.keys()
        told = await self._recount(transaction, current, now, ())
        await tell(transaction, told, [], now)

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
            groups[life.incident_key(alarm)].append(self._named(alarm))
        found = await kept.current_of(transaction, groups, now - RETURN_WITHIN)
        current = {one.key: one for one in sorted(found, key=lambda one: (one.open, one.updated_at))}
        opened: list[tuple[Incident, Entry]] = []
        assigned: list[Alarm] = []
        for key, group in groups.items():
            if key not in current:
                opened.append(self._opened(min(group, key=lambda alarm: alarm.raised_at), now))
                current[key] = opened[-1][0]
            assigned += [msgspec.structs.replace(alarm, incident=current[key].id) for alarm in group]
        await kept.save_incidents(transaction, [(one, None) for one, _ in opened])
        await kept.add_logs(transaction, opened)
        await kept.save_alarms(transaction, assigned)
        new = {one.id for one, _ in opened}
        told = await self._recount(transaction, {one.id: one for one in current.values()}, now, new)
        await tell(transaction, told, [alarm for alarm in assigned if _news(held.get(alarm.key), alarm)], now)

    async def _recount(
        self, transaction: Transaction, current: Mapping[str, Incident], now: dt.datetime, new: Container[str]
    ) -> list[Incident]:
        """Those whose change is written and told now; the others are owed."""
        told, written = list[Incident](), _Written()
        for incident_id, tally in (await tally_of(transaction, current)).items():
            before = current[incident_id]
            after, entries = life.absorb(before, tally, now)
            if incident_id in new:
                after = msgspec.structs.replace(after, version=before.version, updated_at=before.updated_at)
            if incident_id in new or life.worth_telling(before, after, now):
                written.add(after, tally.camera, entries)
                told.append(after)
                self._owed.discard(incident_id)
            elif after != before:
                self._owed.add(incident_id)
            else:
                self._owed.discard(incident_id)
        await written.save(transaction)
        return told

    def _opened(self, first: Alarm, now: dt.datetime) -> tuple[Incident, Entry]:
        titles = Titles(first.title, first.title_en)
        return life.opened(first, titles, self._place(first.source, now), self._id(now), now)

    def _named(self, alarm: Alarm) -> Alarm:
        """The alarm with words for what holds: what it says itself, else those of its rule, else its source's name."""
        if alarm.title:
            return alarm
        rule, name = self._rules.get(alarm.rule), alarm.source.name
        vi, en = titles(rule, alarm.severity, name) if rule is not None else (name, name)
        return msgspec.structs.replace(alarm, title=vi, title_en=en)

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


class _Written:
    """After-images of incidents that are written together."""

    def __init__(self) -> None:
        self._images: list[tuple[Incident, str | None]] = []
        self._lines: list[tuple[Incident, Entry]] = []

    def add(self, after: Incident, camera: str | None, entries: Sequence[Entry]) -> None:
        self._images.append((after, camera))
        self._lines += [(after, entry) for entry in entries]

    async def save(self, transaction: Transaction) -> None:
        await kept.save_incidents(transaction, self._images)
        await kept.add_logs(transaction, self._lines)


async def recount(transaction: Transaction, ids: Iterable[str], now: dt.datetime) -> dict[str, Incident]:
    """Make incidents what their alarms come to, after alarms were moved: figures, status, log and change log.

    Each is told, also when nothing of it changed, so that what the caller did before (a step, its own columns) is
    told with it. The transaction must see all of their alarms (EVERYTHING). The incidents after it, by id.
    """
    current, after = await kept.incidents_of(transaction, ids), dict[str, Incident]()
    written = _Written()
    for incident_id, tally in (await tally_of(transaction, current)).items():
        after[incident_id], entries = life.absorb(current[incident_id], tally, now)
        written.add(after[incident_id], tally.camera, entries)
    await written.save(transaction)
    await tell(transaction, list(after.values()), [], now)
    return after


async def tell(
    transaction: Transaction, incidents: Sequence[Incident], alarms: Sequence[Alarm], now: dt.datetime
) -> None:
    """Write what alarms and incidents are now into the change log; last, because other writers wait from then on."""
    written = await _changes(transaction, ALARMS, {one.id: (one.source.centre, one.source.area) for one in alarms}, now)
    written += await _changes(
        transaction, INCIDENTS, {one.id: (one.place.centre, one.place.area) for one in incidents}, now
    )
    await changes.record(transaction, written)


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
