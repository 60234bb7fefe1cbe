"""What people do with incidents, each deed in one transaction: held, judged, written, counted, told.

The incidents are found and held in the person's own scope, so that nobody works on what they may not; from then on
the transaction sees everything, because an incident's figures are of all of its alarms, wherever these lie. Every deed
holds `reach.lock` first, as the desk does: the desk may hold the change log and then want an incident, which whoever
held that and waited for the log would never give it.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.incident_work import recount, tell
from ioc.incidents import checklist, joins
from ioc.incidents.alarm import Alarm
from ioc.incidents.checklist import Change
from ioc.incidents.incident import Incident, Place
from ioc.incidents.joins import Joined, Kind, Move
from ioc.incidents.steps import Ask, Refused, Taken, take
from ioc.store import alarms as kept_alarms
from ioc.store import checklists, reach, relations, steps, waiting
from ioc.store import incidents as kept
from ioc.store.database import Transaction
from ioc.store.media import StoredPicture, insert_pictures
from ioc.store.readings import Owner

_WORK_BEGINS = ("acknowledged", "in_progress")
"""From then on an incident has its own copy of the procedure."""


class MissingError(LookupError):
    """Something is not there to be seen."""


class StaleError(Exception):
    """An incident has changed since the person saw it."""


class RefusedError(Exception):
    """A step is not taken; says why."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.en)
        self.refused = refused


class Wanted(msgspec.Struct, frozen=True):
    """An incident, and in which version the person saw it; None: in whichever."""

    id: str
    version: int | None = None


class Done(msgspec.Struct, frozen=True):
    """What became of the incident that a deed was about: before, and as it is now. `before` None: it is new.

    `other` is what became of the other incident of a deed that is about two.
    """

    before: Incident | None
    after: Incident
    other: "Done | None" = None


Left = Literal["not-waiting", "not-found"]
"""Why an alarm of several did not go where a person sent them: it waits no more, or is not there to be seen."""


class Linked(msgspec.Struct, frozen=True):
    """What became of alarms that a person sent into one incident: the deed, which of them went, in the order in which
    they were named, and why others did not. `done` None: none of them did, and nothing changed."""

    done: Done | None
    alarms: Sequence[str]
    left: Mapping[str, Left]


class Casework:
    """The deeds of one person in one transaction. `new_id` makes ids of incidents, `day` is the local day."""

    def __init__(self, transaction: Transaction, ask: Ask, new_id: Callable[[], str], day: dt.date) -> None:
        self._transaction = transaction
        self._day = day
        self._ask = ask
        self._new_id = new_id

    async def _hold(self, *wanted: Wanted) -> list[Incident]:
        """The incidents, held against other writers. Raises MissingError, StaleError."""
        found = await kept.incidents_of(self._transaction, [one.id for one in wanted])
        for one in wanted:
            if one.id not in found:
                raise MissingError(one.id)
            if one.version is not None and one.version != found[one.id].version:
                raise StaleError
        return [found[one.id] for one in wanted]

    async def step(self, wanted: Wanted, photos: Sequence[StoredPicture] = ()) -> Done:
        """A step of one incident; see `WAYS`. `photos` are pictures of a comment that lie in the gallery."""
        await reach.lock(self._transaction)
        [before] = await self._hold(wanted)
        await self._transaction.bind(EVERYTHING)
        items = await self._copy(before) if self._ask.step == "close" else ()
        known = await steps.known(self._transaction, before.id, checklist.undone(items))
        taken = _or_refuse(take(before, self._ask, known))
        owner = Owner(before.place.centre, before.place.area)
        await insert_pictures(self._transaction, photos, {photo.source: owner for photo in photos})
        await steps.put(self._transaction, taken.after, taken.entries, [photo.id for photo in photos])
        if taken.after.status in _WORK_BEGINS and before.status not in _WORK_BEGINS:
            await checklists.keep(self._transaction, uuid.UUID(before.id), await self._copy(before))
        if taken.alarms == "end reports":
            return Done(before, await self._reports_end(taken.after))
        await tell(self._transaction, [taken.after], [], self._ask.at)
        return Done(before, taken.after)

    async def _copy(self, incident: Incident) -> checklists.Copy:
        return await checklists.worked_on(self._transaction, uuid.UUID(incident.id), incident.category)

    async def _reports_end(self, after: Incident) -> Incident:
        ended = await steps.end_reports(self._transaction, after.id, self._ask.at)
        if ended:
            await reach.renew(self._transaction, [after.id])
            after = (await self._counted(after))[after.id]
            await steps.tell_alarms(self._transaction, ended, self._ask.at)
        else:
            await tell(self._transaction, [after], [], self._ask.at)
        return after

    async def _counted(self, *incidents: Incident) -> dict[str, Incident]:
        return await recount(self._transaction, [one.id for one in incidents], self._ask.at)

    async def item(self, wanted: Wanted, change: Change) -> Done:
        """Change one step of the incident's copy of its procedure."""
        await reach.lock(self._transaction)
        [before] = await self._hold(wanted)
        found = checklist.changed(await self._copy(before), change)
        if isinstance(found, Refused):
            raise RefusedError(found)
        taken = _or_refuse(take(before, msgspec.structs.replace(self._ask, to=found.told), steps.NOTHING))
        await self._transaction.bind(EVERYTHING)
        await checklists.keep(self._transaction, uuid.UUID(before.id), found.items)
        await steps.put(self._transaction, taken.after, taken.entries)
        await tell(self._transaction, [taken.after], [], self._ask.at)
        return Done(before, taken.after)

    # --- steps of two incidents

    async def join(self, wanted: Wanted, other: Wanted, kind: Kind) -> Done:
        """Merge two incidents into the older one, or make the first a duplicate of the other. The one that stays."""
        await reach.lock(self._transaction)
        if wanted.id == other.id:
            await self._hold(wanted)
            other = wanted
        one, two = await self._hold(wanted, other)
        target, source = joins.older_first(one, two) if kind == "merge" else (two, one)
        joined = joins.join(target, source, self._ask)
        if isinstance(joined, Refused):
            raise RefusedError(joined)
        await self._transaction.bind(EVERYTHING)
        await steps.put(self._transaction, joined.target, joined.target_entries)
        await steps.put(self._transaction, joined.source, joined.source_entries)
        after = await self._moved(joined, joins.moved(joined, kind, source, target, self._ask))
        return Done(target, after[target.id], Done(source, after[source.id]))

    async def split(self, wanted: Wanted, alarms: Sequence[str]) -> Done:
        """Put some alarms of an incident into a new one: that one."""
        await reach.lock(self._transaction)
        [source] = await self._hold(wanted)
        seen = await waiting.held(self._transaction, alarms)
        chosen = [one for one in seen if one.incident == source.id]
        await self._transaction.bind(EVERYTHING)
        rest = await steps.count(self._transaction, source.id, [one.id for one in chosen])
        place = await self._place(chosen[0]) if chosen else source.place
        joined = joins.split(source, chosen, rest, place, self._new_id(), self._ask)
        if isinstance(joined, Refused):
            raise RefusedError(joined)
        await self._begin(joined.target)
        await steps.log(self._transaction, joined.target, joined.target_entries)
        await steps.put(self._transaction, joined.source, joined.source_entries)
        await relations.relate(self._transaction, [_split(joined.target.id, source.id)], self._ask.at, self._ask.who)
        after = await self._moved(joined, joins.moved(joined, "split", source, None, self._ask))
        return Done(None, after[joined.target.id], Done(source, after[source.id]))

    async def _begin(self, new: Incident) -> None:
        await kept.save_incidents(self._transaction, [(new, None)])
        await checklists.keep(self._transaction, uuid.UUID(new.id), await self._copy(new))

    async def _place(self, alarm: Alarm) -> Place:
        spot = alarm.source
        return await steps.place_of(self._transaction, spot.centre, spot.area, spot.position, self._day)

    async def _moved(self, joined: Joined, move: Move) -> dict[str, Incident]:
        """Move the alarms of a join and remember it."""
        through = await steps.through(self._transaction, [move.source, move.target])
        _, holding = await steps.move(self._transaction, move, joined.alarms, through)
        return await self._settled(joined, holding)

    async def _settled(self, joined: Joined, holding: dict[str, Owner]) -> dict[str, Incident]:
        await reach.rebuild(self._transaction, [joined.source.id, joined.target.id])
        after = await self._counted(joined.source, joined.target)
        await steps.tell_alarms(self._transaction, holding, self._ask.at)
        return after

    async def undo(self, wanted: Wanted) -> Done:
        """Undo the last merge, duplicate or split of an incident: that incident as it is then."""
        await reach.lock(self._transaction)
        last = await steps.last_move(self._transaction, wanted.id)
        if last is None:
            await self._hold(wanted)
            raise RefusedError(joins.NOTHING_TO_UNDO)
        move = last[1]
        other = Wanted(move.target if move.source == wanted.id else move.source)
        held = {one.id: one for one in await self._hold(wanted, other)}
        if await steps.last_move(self._transaction, wanted.id) != last:
            raise StaleError  # somebody undid it, or went on, while we waited
        source, target = held[move.source], held[move.target]
        await self._transaction.bind(EVERYTHING)
        since = await steps.latest(self._transaction, held, through=last[2])
        undone = joins.undo(move, source, target, since, self._ask)
        if isinstance(undone, Refused):
            raise RefusedError(undone)
        await steps.put(self._transaction, undone.source, undone.source_entries)
        await steps.put(self._transaction, undone.target, undone.target_entries)
        if move.kind == "split":
            await relations.unrelate(self._transaction, [_split(move.target, move.source)])
        holding = await steps.move_back(self._transaction, last[0], move, self._ask.at)
        after = await self._settled(undone, holding)
        return Done(held[wanted.id], after[wanted.id], Done(held[other.id], after[other.id]))

    # --- alarms that wait for a person

    async def _waiting(self, alarm_id: str) -> Alarm:
        found = await waiting.held(self._transaction, [alarm_id])
        if not found:
            raise MissingError(alarm_id)
        if not _waits(found[0]):
            raise RefusedError(joins.NOT_WAITING)
        return found[0]

    async def link(self, alarm_id: str, wanted: Wanted) -> Done:
        """Put an alarm that waits into an incident."""
        await reach.lock(self._transaction)
        [before] = await self._hold(wanted)
        return await self._linked(before, [await self._waiting(alarm_id)])

    async def link_all(self, alarm_ids: Sequence[str], wanted: Wanted) -> Linked:
        """Put those of some alarms that still wait into an incident; what was decided of the others stands."""
        await reach.lock(self._transaction)
        [before] = await self._hold(wanted)
        names = list(dict.fromkeys(alarm_ids))
        seen = {one.id: one for one in await waiting.held(self._transaction, names)}
        chosen = [seen[name] for name in names if name in seen and _waits(seen[name])]
        left: dict[str, Left] = {
            name: "not-waiting" if name in seen else "not-found"
            for name in names
            if name not in seen or not _waits(seen[name])
        }
        done = await self._linked(before, chosen) if chosen else None
        return Linked(done, [one.id for one in chosen], left)

    async def _linked(self, before: Incident, alarms: Sequence[Alarm]) -> Done:
        found = joins.linked(before, alarms, self._ask)
        if isinstance(found, Refused):
            raise RefusedError(found)
        await self._transaction.bind(EVERYTHING)
        after, entries = found
        await steps.put(self._transaction, after, entries)
        return Done(before, await self._decided(alarms, after))

    async def open(self, alarm_id: str) -> Done:
        """Make an alarm that waits an incident of its own."""
        await reach.lock(self._transaction)
        alarm = await self._waiting(alarm_id)
        await self._transaction.bind(EVERYTHING)
        new, entries = joins.alone(alarm, await self._place(alarm), self._new_id(), self._ask)
        await self._begin(new)
        await steps.log(self._transaction, new, entries)
        return Done(None, await self._decided([alarm], new))

    async def _decided(self, alarms: Sequence[Alarm], incident: Incident) -> Incident:
        decided = [msgspec.structs.replace(one, incident=incident.id, match="manual") for one in alarms]
        await kept_alarms.save_alarms(self._transaction, decided)
        await reach.rebuild(self._transaction, [incident.id])
        after = await self._counted(incident)
        owners = {one.id: Owner(one.source.centre, one.source.area) for one in alarms}
        await steps.tell_alarms(self._transaction, owners, self._ask.at)
        return after[incident.id]


def _waits(alarm: Alarm) -> bool:
    return alarm.match == "waiting" and alarm.incident is None


def _split(new: str, origin: str) -> relations.Relation:
    return relations.Relation(incident=new, other=origin, kind="split")


def _or_refuse(found: Taken | Refused) -> Taken:
    if isinstance(found, Refused):
        raise RefusedError(found)
    return found
