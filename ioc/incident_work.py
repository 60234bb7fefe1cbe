"""What a piece of work comes to for incidents, written and told at its end in few exchanges."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gis.layer import Layer
from gis.layers import ALARMS, INCIDENTS
from ioc.incidents import incident as life
from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import Entry, Incident, Place, Tally
from ioc.incidents.shown import alarm_feature, incident_feature
from ioc.store import changes
from ioc.store import incidents as kept
from ioc.store.database import Transaction
from ioc.store.layers import features_of
from ioc.store.relations import Relation
from ioc.store.tally import tally as tally_of


class Work:
    """What one page comes to for incidents, until it is written."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.ids: dict[str, str] = {}
        self.opened: dict[str, Incident] = {}
        self.duplicates: dict[str, str] = {}
        self.moved: set[str] = set()
        self.regrouped: set[str] = set()
        self.relations: list[Relation] = []
        self.lines: list[tuple[Incident, Entry]] = []
        self.incidents: list[Incident] = []
        self.left: dict[str, Place] = {}
        self._images: list[tuple[Incident, str | None]] = []

    def id_of(self, name: str) -> str:
        """The id under which an incident of the fold is kept."""
        return self.ids.get(name, name)

    def enter(self, after: Incident, tally: Tally, entries: Sequence[Entry], left: Place | None = None) -> None:
        """An after-image with its lines; `left` is where it was until now, where people were told that it is."""
        if left is not None and (left.centre, left.area) != (after.place.centre, after.place.area):
            self.left[after.id] = left
        self._images.append((after, tally.camera))
        self.lines += [(after, entry) for entry in entries]
        self.incidents.append(after)

    async def save(self, transaction: Transaction) -> None:
        """Write images and lines."""
        await kept.save_incidents(transaction, self._images)
        await kept.add_logs(transaction, self.lines)

    async def tell(self, transaction: Transaction, alarms: Sequence[Alarm]) -> None:
        """Write what was saved into the change log as it is in hand; last, because other writers wait from then on.

        Alarms that went with an incident which others stand for now are read again: that is done by PostgreSQL.
        An incident that belongs to another centre or area now is told with where it was, for those who saw it there.
        """
        went = [one for one in alarms if one.incident in self.duplicates]
        told = await _changes(transaction, ALARMS, _owners(went), self.now)
        told += [
            _change(ALARMS, alarm_feature(one), one.source.centre, one.source.area, self.now)
            for one in alarms
            if one.incident not in self.duplicates
        ]
        told.sort(key=lambda change: change.subject_id)
        images = {after.id: (after, camera) for after, camera in self._images}
        told += [
            self._moved(
                _change(INCIDENTS, incident_feature(after, camera), after.place.centre, after.place.area, self.now)
            )
            for _, (after, camera) in sorted(images.items())
        ]
        await changes.record(transaction, told)

    def _moved(self, change: changes.Change) -> changes.Change:
        """The change of an incident that belongs to another centre or area now, so that who saw it learns of it."""
        left = self.left.get(change.subject_id)
        if left is None:
            return change
        return msgspec.structs.replace(change, centre_before=left.centre, area_before=left.area)


async def recount(
    transaction: Transaction, ids: Iterable[str], now: dt.datetime, raised: Collection[str] = ()
) -> dict[str, Incident]:
    """Make incidents what their alarms come to, after alarms were moved: figures, status, log and change log.

    Each is told, also when nothing of it changed, so that what the caller did before (a step, its own columns) is
    told with it. The transaction must see all of their alarms (EVERYTHING), and hold `reach.lock` since before the
    move. `raised` are those that an alarm joined which counts as raised anew. The incidents after it, by id.
    """
    current, work = await kept.incidents_of(transaction, ids), Work(now)
    for name, tally in (await tally_of(transaction, current, now)).items():
        after, entries = life.absorb(current[name], tally, now, raised=name in raised)
        work.enter(after, tally, entries)
    await work.save(transaction)
    await work.tell(transaction, [])
    return {one.id: one for one in work.incidents}


async def tell(
    transaction: Transaction,
    incidents: Sequence[Incident],
    alarms: Sequence[Alarm],
    now: dt.datetime,
) -> None:
    """Write what alarms and incidents are now into the change log; last, because other writers wait from then on."""
    written = await _changes(transaction, ALARMS, _owners(alarms), now)
    written += await _changes(
        transaction, INCIDENTS, {one.id: (one.place.centre, one.place.area) for one in incidents}, now
    )
    await changes.record(transaction, written)


def _owners(alarms: Iterable[Alarm]) -> dict[str, tuple[str, str]]:
    return {one.id: (one.source.centre, one.source.area) for one in alarms}


async def _changes(
    transaction: Transaction, layer: Layer, owners: Mapping[str, tuple[str, str]], now: dt.datetime
) -> list[changes.Change]:
    features = await features_of(transaction, layer, list(owners))
    return [_change(layer, feature, *owners[feature["id"]], now) for feature in features]


def _change(layer: Layer, feature: dict[str, Any], centre: str, area: str, now: dt.datetime) -> changes.Change:
    return changes.Change(
        subject=layer.subject, subject_id=feature["id"], op="put", centre=centre, area=area, at=now, value=feature
    )
