"""Alarms to incidents: which incident each belongs to, where it is, and what the wall is told.

A page of alarms is settled at once: what is kept of them is read, those that belong nowhere yet are held back by a
silence or a parent that is down or else matched, and everything that follows is written in few exchanges.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from gis.areas import Area, AreaIndex
from gis.stamp import uuid7
from ioc import catalogue
from ioc.alarm_page import Page, counts_as_raised
from ioc.holding import Holding, Lineages
from ioc.incident_work import Work
from ioc.incidents import incident as life
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.basins import Basins
from ioc.incidents.correlate import Cell, Known, cell_of, own
from ioc.incidents.incident import SYSTEM, Entry, Incident, Place, Tally, Titles
from ioc.incidents.policy import Policy
from ioc.incidents.quality import FLAPS_WITHIN
from ioc.incidents.rules import Rule, titles
from ioc.incidents.suppression import RELEASED_AFTER, Lineage
from ioc.matching import Matched, match
from ioc.rematching import Rematching, link
from ioc.rulebook import Book
from ioc.store import alarms as kept_alarms
from ioc.store import flaps, neighbours, reach, relations, silences
from ioc.store import incidents as kept
from ioc.store.database import Transaction
from ioc.store.tally import lagging
from ioc.store.tally import tally as tally_of

REACH_KEPT = dt.timedelta(hours=1)
"""So long after its end an incident is still looked at: late alarms, and what comes back, may belong to it."""

TEND_EVERY = dt.timedelta(seconds=5)
"""How often what is held back is looked at again."""

MOST_RELEASED = 500
"""Alarms that were held back and are matched at once; the others follow."""


REGROUPED = "Một phần cảnh báo chuyển sang sự cố khác vì có thông tin đến muộn"
"""What the log of an incident says when a late alarm took some of its alarms elsewhere."""


class Docket:
    """Assigns alarms to incidents and writes both, with their log and their changes.

    `lineage` tells what a source hangs on. Raises PolicyError when the categories cannot be used.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        index: AreaIndex,
        zone: ZoneInfo,
        entropy: Callable[[int], bytes],
        *,
        policy: Policy | None = None,
        lineage: Lineages = lambda code: Lineage(),
    ) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._index = index
        self._zone = zone
        self._entropy = entropy
        self._policy = policy if policy is not None else catalogue.policy()
        self._basins = catalogue.basins()
        self._holding = Holding(self._policy, rules, lineage)
        self._rematching = Rematching(self._policy)
        self._owed: set[str] = set()
        self._tended: dt.datetime | None = None

    def adopt(self, book: Book) -> None:
        """Say what holds in the words of these rules; those of versions before stay known for what they raised."""
        self._rules |= {rule.name: rule for rule in book.rules}
        self._holding.adopt(book.rules)

    def redraw(self, index: AreaIndex) -> None:
        """Find the units of new incidents in this from now on."""
        self._index = index

    @property
    def owes(self) -> bool:
        """Whether numbers of some incident have not been told yet."""
        return bool(self._owed)

    async def recall(self, transaction: Transaction) -> None:
        """Owe what somebody before owed who ended, or a transaction that failed: what is in memory may not be true."""
        self._owed |= set(await lagging(transaction))
        self._tended = None
        self._rematching.forget()

    def due(self, now: dt.datetime) -> bool:
        """Whether it is time to look again at what is held back."""
        return self._tended is None or abs(now - self._tended) >= TEND_EVERY

    async def catch_up(self, transaction: Transaction, now: dt.datetime) -> None:
        """Tell the numbers that had to wait, of those incidents whose turn it is."""
        if not self._owed:
            return
        await reach.lock(transaction)
        found = await kept.incidents_of(transaction, self._owed)
        current = {name: one for name, one in found.items() if one.open}
        self._owed &= current.keys()
        ripe = {name: one for name, one in current.items() if now - one.updated_at >= life.REPEATS_EVERY}
        work = Work(now)
        await self._recount(transaction, ripe, work)
        await work.save(transaction)
        await work.tell(transaction, [])

    async def tend(self, transaction: Transaction, now: dt.datetime) -> None:
        """Match what is held back no longer and still holds, and what waited between incidents that people made one;
        forget the reach of what is over for long."""
        calm_since, self._tended = self._tended or now - 2 * FLAPS_WITHIN, now
        self._owed |= set(await flaps.calm(transaction, calm_since, now))
        await reach.lock(transaction)
        await reach.forget(transaction, now - REACH_KEPT)
        muting = [one.id for one in await silences.judging(transaction, now) if one.mutes(now)]
        waiting = await kept_alarms.held_back(transaction, now - RELEASED_AFTER, muting, MOST_RELEASED)
        if waiting:
            page = Page(stored={alarm.id: alarm for alarm in waiting}, new=waiting)
            await self._settle(transaction, page, {}, now, freed=frozenset(alarm.id for alarm in waiting))
        linked = await self._rematching.find(transaction, now)
        await relations.relate(transaction, await _along_rivers(transaction, self._basins, linked), now, SYSTEM)
        await link(transaction, linked, now)

    async def settle(
        self,
        transaction: Transaction,
        touched: Mapping[str, Alarm],
        held: Mapping[str, Alarm],
        now: dt.datetime,
    ) -> None:
        """Write alarms that changed and the incidents that follow; `held` are the alarms as they were open.

        Where an alarm belongs is read from the store, so that what people decided meanwhile stands.
        """
        if not touched:
            return
        await reach.lock(transaction)
        await transaction.plan_once()
        page = Page(stored=await kept_alarms.alarms_by_id(transaction, touched))
        for alarm in touched.values():
            page.enter(self._named(alarm), now)
        page.new = await _flapping(transaction, page)
        await self._settle(transaction, page, held, now)

    async def _settle(
        self,
        transaction: Transaction,
        page: Page,
        held: Mapping[str, Alarm],
        now: dt.datetime,
        freed: frozenset[str] = frozenset(),
    ) -> None:
        await kept_alarms.save_alarms(transaction, page.old)
        await reach.rebuild(transaction, page.rebuilt)
        await reach.renew(transaction, page.renewed - page.rebuilt)
        split = await self._holding.split(transaction, page.new, now)
        free = [msgspec.structs.replace(alarm, incident=None, match="") for alarm in split.free]
        matched = await match(transaction, self._policy, [*free, *page.again], page.stirred, freed=freed)
        work = Work(now)
        placed = self._placed(matched, work)
        placed += [msgspec.structs.replace(alarm, incident=None, match="silenced") for alarm in split.silenced]
        placed += _suppressed(split.suppressed, placed)
        changed = [alarm for alarm in placed if page.is_new(alarm, matched.before)]
        await kept_alarms.save_alarms(transaction, changed)
        await self._empty(transaction, matched, work)
        taken = await self._holding.taken(transaction, [alarm for alarm in changed if alarm.id not in page.stored])
        await _take_over(transaction, taken, work)
        await self._count(transaction, page, changed, matched.before, work)
        await work.save(transaction)
        await _reach(transaction, matched, taken, work)
        work.relations += await _along_rivers(transaction, self._basins, changed)
        await relations.relate(transaction, work.relations, now, SYSTEM)
        await work.tell(transaction, page.told(changed, held))

    def _placed(self, matched: Matched, work: Work) -> list[Alarm]:
        """The alarms where the fold put them; what it opened is opened."""
        places = self._places(matched, work.now)
        for outcome in matched.outcomes:
            known = outcome.known
            if known is None or not known.id.startswith("new:") or known.id in work.ids:
                continue
            if known.id in matched.reused:
                work.ids[known.id] = matched.reused[known.id]
                continue
            first = outcome.alarm
            words, place = Titles(first.title, first.title_en), places[known.id]
            incident, entry = life.opened(first, words, place, self._id(work.now), work.now)
            work.ids[known.id] = incident.id
            work.opened[incident.id] = incident
            work.lines.append((incident, entry))
            work.relations += [
                relations.Relation(incident=name, other=incident.id, kind="previous") for name in outcome.previous
            ]
        return [
            msgspec.structs.replace(
                outcome.alarm,
                incident=work.id_of(outcome.known.id) if outcome.known is not None else None,
                match=outcome.match,
            )
            for outcome in matched.outcomes
        ]

    async def _empty(self, transaction: Transaction, matched: Matched, work: Work) -> None:
        """Let what lost all of its alarms be a duplicate of what took them."""
        for name, target in matched.emptied.items():
            work.moved.add(name)
            if target is not None:
                work.duplicates[name] = work.id_of(target)
                work.relations.append(relations.Relation(incident=name, other=work.id_of(target), kind="duplicate"))
                await kept_alarms.move_all(transaction, name, work.id_of(target))

    async def _count(
        self,
        transaction: Transaction,
        page: Page,
        changed: Sequence[Alarm],
        beside: Mapping[str, Alarm],
        work: Work,
    ) -> None:
        """Make incidents what their alarms come to; mere numbers wait for their turn."""
        told, numbers = page.concerned(changed, beside, work.regrouped)
        told |= work.moved | work.duplicates.keys() | set(work.duplicates.values())
        raised = frozenset(one.incident for one in changed if one.incident is not None and counts_as_raised(one))
        current = await kept.incidents_of(transaction, (told | numbers) - work.opened.keys())
        waits = {
            name
            for name in numbers - told
            if name in current and work.now - current[name].updated_at < life.REPEATS_EVERY
        }
        self._owed |= waits
        counted = {name: one for name, one in current.items() if name not in waits} | work.opened
        fresh = _fresh(work, changed)
        await self._recount(transaction, counted, work, raised, fresh)

    async def _recount(
        self,
        transaction: Transaction,
        current: Mapping[str, Incident],
        work: Work,
        raised: frozenset[str] = frozenset(),
        fresh: Mapping[str, Tally] | None = None,
    ) -> None:
        """Enter those whose change is written and told now; the others are owed. `fresh` are tallies that are known."""
        known = fresh or {}
        for name, tally in {**await tally_of(transaction, current.keys() - known.keys(), work.now), **known}.items():
            before = current[name]
            after, entries = life.absorb(
                before, tally, work.now, raised=name in raised, place=self._place_of(before, tally)
            )
            if name in work.regrouped and name not in work.duplicates:
                entries = [*entries, Entry(work.now, SYSTEM, "regrouped", REGROUPED)]
            if name in work.opened:
                after = msgspec.structs.replace(after, version=before.version, updated_at=before.updated_at)
            elif name in work.duplicates:
                after, entries = life.replaced(before, tally, work.duplicates[name], work.now)
            if name in work.opened or life.worth_telling(before, after, work.now):
                work.enter(after, tally, entries, before.place if name not in work.opened else None)
                self._owed.discard(name)
            elif after != before:
                self._owed.add(name)
            else:
                self._owed.discard(name)

    def _named(self, alarm: Alarm) -> Alarm:
        """The alarm with words for what holds: what it says itself, else those of its rule, else its source's name."""
        if alarm.title:
            return alarm
        rule, name = self._rules.get(alarm.rule), alarm.source.name
        vi, en = titles(rule, alarm.severity, name) if rule is not None else (name, name)
        return msgspec.structs.replace(alarm, title=vi, title_en=en)

    def _place_of(self, incident: Incident, tally: Tally) -> Place | None:
        """Where an incident belongs by its first alarm; None where it is there."""
        first, place = tally.first, incident.place
        same = (place.position, place.centre, place.area)
        if first is None or incident.touched or (first.position, first.centre, first.area) == same:
            return None
        day = incident.opened_at.astimezone(self._zone).date()
        return self._place(first, self._index.holding(first.position, day))

    def _places(self, matched: Matched, now: dt.datetime) -> dict[str, Place]:
        """Where those are that the fold opened, each by the alarm that opened it."""
        firsts: dict[str, Source] = {}
        for outcome in matched.outcomes:
            if outcome.known is not None and outcome.known.id.startswith("new:"):
                firsts.setdefault(outcome.known.id, outcome.alarm.source)
        day = now.astimezone(self._zone).date()
        areas = self._index.holdings([source.position for source in firsts.values()], day)
        return {name: self._place(source, area) for (name, source), area in zip(firsts.items(), areas, strict=True)}

    def _place(self, source: Source, holding: Area | None) -> Place:
        area = holding or self._index.area(source.area)
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


async def _flapping(transaction: Transaction, page: Page) -> list[Alarm]:
    """The newcomers of a page, those that were raised just now named where they flap."""
    raised = [alarm for alarm in page.new if alarm.id not in page.stored]
    by_id = {alarm.id: alarm for alarm in await flaps.named(transaction, raised)}
    return [by_id.get(alarm.id, alarm) for alarm in page.new]


def _suppressed(found: Sequence[tuple[Alarm, Alarm]], placed: Sequence[Alarm]) -> list[Alarm]:
    """Alarms that a parent explains, in the incident of the outermost parent."""
    homes = {alarm.id: alarm.incident for alarm in placed}
    outer = {alarm.id: parent for alarm, parent in found}
    after = []
    for alarm, nearest in found:
        parent, seen = nearest, {alarm.id}
        while parent.id in outer and parent.id not in seen:
            seen.add(parent.id)
            parent = outer[parent.id]
        home = homes.get(parent.id, parent.incident)
        after.append(msgspec.structs.replace(alarm, incident=home, match="suppressed"))
    return after


async def _reach(transaction: Transaction, matched: Matched, taken: Iterable[str], work: Work) -> None:
    """Write how far incidents reach now: grown where they only took alarms, made anew where they were folded again."""
    grown: dict[str, Known] = {}
    places: list[tuple[str, Cell]] = []
    for outcome in matched.outcomes:
        if outcome.known is not None and outcome.known.id not in matched.again:
            name = work.id_of(outcome.known.id)
            grown[name] = outcome.known
            places.append((name, cell_of(outcome.alarm)))
    again = {*matched.again, *matched.reused.values(), *matched.emptied, *taken}
    await reach.grow(
        transaction,
        {name: one for name, one in grown.items() if name not in again},
        [(name, cell) for name, cell in places if name not in again],
    )
    await reach.rebuild(transaction, again)


async def _along_rivers(transaction: Transaction, basins: Basins, changed: Sequence[Alarm]) -> list[relations.Relation]:
    """How the incidents that took alarms are related to those up and down their rivers."""
    mine = [one for one in changed if one.incident is not None and one.category in basins.categories]
    courses = {one.id: basins.related(one.source.code) for one in mine}
    sources = sorted({code for course in courses.values() for code in course})
    if not sources:
        return []
    found = await neighbours.along(transaction, sources, sorted(basins.categories))
    related = set[relations.Relation]()
    for one in mine:
        for code, below in courses[one.id].items():
            for other, first_at in found.get(code, ()):
                if (
                    one.incident is not None
                    and other != one.incident
                    and abs(first_at - one.raised_at) <= basins.within
                ):
                    lower, upper = (other, one.incident) if below else (one.incident, other)
                    related.add(relations.Relation(incident=lower, other=upper, kind="downstream"))
    return sorted(related)


async def _take_over(transaction: Transaction, taken: Mapping[str, str], work: Work) -> None:
    """Let incidents of children be duplicates of the incident of the parent that was told after them."""
    for parent in set(taken.values()):
        children = [name for name, over in taken.items() if over == parent]
        await kept_alarms.suppress_all(transaction, children, parent)
        work.duplicates |= dict.fromkeys(children, parent)
    work.relations += [relations.Relation(incident=name, other=over, kind="duplicate") for name, over in taken.items()]
    await reach.rebuild(transaction, taken)


def _fresh(work: Work, changed: Sequence[Alarm]) -> dict[str, Tally]:
    """The tallies of what was opened just now, of its alarms in hand; not of what stands for others."""
    members = {name: list[Alarm]() for name in work.opened.keys() - set(work.duplicates.values())}
    for alarm in changed:
        if alarm.incident in members:
            members[alarm.incident].append(alarm)
    return {name: life.tally_of(alarms, own) for name, alarms in members.items() if alarms}
