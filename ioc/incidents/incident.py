"""What operators see: alarms that belong together, with a life cycle and a log."""

import datetime as dt
from collections.abc import Callable, Sequence

import msgspec

from gis.position import Position
from ioc.incidents.alarm import Alarm
from ioc.incidents.severity import rank

OPEN = ("new", "acknowledged", "in_progress", "reopened")

SYSTEM = "system"
"""Who resolved an incident, and who is named in its log, when no person did."""

REPEATS_EVERY = dt.timedelta(seconds=5)
"""How often repeats alone may change an incident, so that a chattering source does not flood the wall."""


class Entry(msgspec.Struct, frozen=True):
    """A line of the log: who did what, and the sentence that people read."""

    at: dt.datetime
    who: str
    what: str
    text: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest unit that was valid when the incident opened, and whose it is."""

    centre: str
    area: str
    area_code: str
    area_name: str
    position: Position


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """The after-image of an incident; `version` rises with every change.

    `touched`: a person did something to it, so that correlation takes none of its alarms away. `resolved_by` is
    empty, SYSTEM or a login; `duplicate_of` is the incident that stands for it.
    `judged` is the severity that a person gave it, which stays until an alarm is worse than it and than the worst that
    held then (`judged_over`); `titled`: a person gave it its title.
    """

    id: str
    version: int
    key: str
    title: str
    title_en: str
    category: str
    severity: str
    status: str
    owner: str | None
    place: Place
    sources: tuple[str, ...]
    alarms: int
    count: int
    cleared: bool
    opened_at: dt.datetime
    updated_at: dt.datetime
    first_at: dt.datetime
    last_at: dt.datetime
    touched: bool = False
    resolved_by: str = ""
    duplicate_of: str | None = None
    judged: str = ""
    judged_over: str = ""
    titled: bool = False

    @property
    def open(self) -> bool:
        """Whether somebody still has to look at it."""
        return self.status in OPEN


class Titles(msgspec.Struct, frozen=True):
    """A title in Vietnamese and in English."""

    vi: str
    en: str


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident's alarms come to, however many they are.

    `alarms`, `count`, `sources`, `first_at`, `last_at` and `camera` (the one that all come from) are of all of them.
    The rest is of those that are its own, neither suppressed nor silenced nor withdrawn: how many hold, the worst
    severity that holds and the titles of the alarm that has it (of several the last of the incident's own category),
    the category of the first.
    """

    alarms: int = 0
    count: int = 0
    sources: tuple[str, ...] = ()
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None
    camera: str | None = None
    holding: int = 0
    worst: str | None = None
    titles: Titles | None = None
    category: str | None = None


def tally_of(alarms: Sequence[Alarm], own: Callable[[Alarm], bool]) -> Tally:
    """The tally of some alarms that are all there are; `own` tells which are the incident's own."""
    mine = sorted((one for one in alarms if own(one)), key=lambda one: (one.raised_at, one.key))
    holding = [one for one in mine if one.cleared_at is None]
    sources = {one.source.code if one.source_kind == "camera" else None for one in alarms}
    category = mine[0].category if mine else None
    speaks = min(
        holding,
        key=lambda one: (-rank(one.severity), one.category != category, -one.seen_at.timestamp(), one.key),
        default=None,
    )
    return Tally(
        alarms=len(alarms),
        count=sum(one.count for one in alarms),
        sources=tuple(sorted({one.source_kind for one in alarms})),
        first_at=min(one.raised_at for one in alarms),
        last_at=max(one.seen_at for one in alarms),
        camera=sources.pop() if len(sources) == 1 else None,
        holding=len(holding),
        worst=speaks.severity if speaks is not None else None,
        titles=Titles(speaks.title, speaks.title_en) if speaks is not None and speaks.title else None,
        category=category,
    )


def incident_key(alarm: Alarm) -> str:
    """What an incident is labelled with: category and source of the alarm that opened it."""
    return f"{alarm.category}:{alarm.source.code}"


def opened(alarm: Alarm, titles: Titles, place: Place, new_id: str, now: dt.datetime) -> tuple[Incident, Entry]:
    """A new incident of an alarm."""
    incident = Incident(
        id=new_id,
        version=1,
        key=incident_key(alarm),
        title=titles.vi,
        title_en=titles.en,
        category=alarm.category,
        severity=alarm.severity,
        status="new",
        owner=None,
        place=place,
        sources=(alarm.source_kind,),
        alarms=1,
        count=alarm.count,
        cleared=False,
        opened_at=now,
        updated_at=now,
        first_at=alarm.raised_at,
        last_at=alarm.seen_at,
    )
    return incident, Entry(now, SYSTEM, "opened", titles.vi)


def absorb(incident: Incident, tally: Tally, now: dt.datetime, *, raised: bool = False) -> tuple[Incident, list[Entry]]:
    """The incident after its alarms changed to what the tally says. Same tally, same incident.

    `raised`: an alarm joined it that was raised anew. It resolves when nothing of it holds any more, and is
    reopened by what comes back; what a person resolved, by a new alarm or a severity that rises; what a person
    called a false alarm, by a severity that rises while it holds on; what a person closed, by nothing.
    """
    holds = tally.holding > 0
    severity, judged = _severity(incident, tally)
    status, resolved_by = _status(incident, tally, raised, rank(severity) > rank(incident.severity))
    own = Titles(incident.title, incident.title_en)
    titles = tally.titles if holds and tally.titles is not None and not incident.titled else own
    after = msgspec.structs.replace(
        incident,
        title=titles.vi,
        title_en=titles.en,
        category=tally.category if tally.category is not None and not incident.touched else incident.category,
        severity=severity,
        judged=judged,
        status=status,
        resolved_by=resolved_by,
        sources=tally.sources if tally.alarms else incident.sources,
        alarms=tally.alarms,
        count=tally.count,
        cleared=not holds,
        first_at=tally.first_at or incident.first_at,
        last_at=tally.last_at or incident.last_at,
    )
    if after == incident:
        return incident, []
    after = msgspec.structs.replace(after, version=incident.version + 1, updated_at=now)
    return after, _log(incident, after, now)


def replaced(incident: Incident, tally: Tally, by: str, now: dt.datetime) -> tuple[Incident, list[Entry]]:
    """The incident as a duplicate of one that took its alarms."""
    counted, _ = absorb(incident, tally, now)
    after = msgspec.structs.replace(
        counted, status="duplicate", duplicate_of=by, resolved_by="", version=incident.version + 1, updated_at=now
    )
    return after, [Entry(now, SYSTEM, "duplicate", by)]


def worth_telling(before: Incident, after: Incident, now: dt.datetime) -> bool:
    """Whether a change is written and told now: always, but for mere repeats, which wait up to five seconds."""
    if after == before:
        return False
    repeats = msgspec.structs.replace(
        after,
        version=before.version,
        count=before.count,
        last_at=before.last_at,
        updated_at=before.updated_at,
    )
    return repeats != before or now - before.updated_at >= REPEATS_EVERY


def _severity(incident: Incident, tally: Tally) -> tuple[str, str]:
    """The severity, and the one that a person gave as far as it still stands."""
    if tally.worst is None:
        return incident.severity, incident.judged
    if incident.judged and rank(tally.worst) <= max(rank(incident.judged), rank(incident.judged_over)):
        return incident.judged, incident.judged
    return tally.worst, ""


def _status(incident: Incident, tally: Tally, raised: bool, rises: bool) -> tuple[str, str]:
    """Status, and who resolved it."""
    comes_back = rises or (incident.status == "resolved" and (raised or incident.resolved_by in ("", SYSTEM)))
    if tally.holding and comes_back and incident.status in ("resolved", "false_alarm"):
        return "reopened", ""
    if not tally.holding and incident.open:
        return "resolved", SYSTEM
    return incident.status, incident.resolved_by


def _log(before: Incident, after: Incident, now: dt.datetime) -> list[Entry]:
    entries = []
    if after.status == "reopened" and before.status != "reopened":
        entries.append(Entry(now, SYSTEM, "reopened", after.title))
    if after.severity != before.severity:
        entries.append(Entry(now, SYSTEM, "severity", f"{before.severity} → {after.severity}: {after.title}"))
    if after.status == "resolved" and before.status != "resolved":
        entries.append(Entry(now, SYSTEM, "resolved", "Không còn điều kiện cảnh báo nào"))
    return entries
