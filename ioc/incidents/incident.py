"""What operators see: alarms that belong together, with a life cycle and a log."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from gis.position import Position
from ioc.incidents.alarm import Alarm
from ioc.incidents.correlate import incident_key
from ioc.incidents.severity import worst

OPEN = ("new", "acknowledged", "in_progress", "reopened")

RETURN_WITHIN = dt.timedelta(minutes=10)
"""A condition that comes back so soon after its end reopens the incident instead of opening another."""

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

    `judged` is the severity that a person gave it, which stays until an alarm is worse than the worst that held then
    (`judged_over`); `titled`: a person gave it its title.
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
    duplicate_of: str | None = None
    touched: bool = False
    resolved_by: str = ""
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
    return incident, Entry(now, "system", "opened", titles.vi)


def absorb(
    incident: Incident, alarms: Sequence[Alarm], titles: Titles, now: dt.datetime
) -> tuple[Incident, list[Entry]]:
    """The incident after its alarms changed; `alarms` are all of it. Same alarms, same incident."""
    holding = [alarm for alarm in alarms if alarm.cleared_at is None]
    status = _status(incident, bool(holding), now)
    severity = worst([alarm.severity for alarm in holding]) if holding else incident.severity
    after = msgspec.structs.replace(
        incident,
        title=titles.vi if holding else incident.title,
        title_en=titles.en if holding else incident.title_en,
        severity=severity,
        status=status,
        sources=tuple(sorted({alarm.source_kind for alarm in alarms} | set(incident.sources))),
        alarms=len(alarms),
        count=sum(alarm.count for alarm in alarms),
        cleared=not holding,
        first_at=min(incident.first_at, *(alarm.raised_at for alarm in alarms)),
        last_at=max(incident.last_at, *(alarm.seen_at for alarm in alarms)),
    )
    if after == incident:
        return incident, []
    after = msgspec.structs.replace(after, version=incident.version + 1, updated_at=now)
    return after, _log(incident, after, now)


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


def _status(incident: Incident, holds: bool, now: dt.datetime) -> str:
    if holds and incident.status == "resolved":
        return "reopened"
    if not holds and incident.open:
        return "resolved"
    return incident.status


def _log(before: Incident, after: Incident, now: dt.datetime) -> list[Entry]:
    entries = []
    if after.status == "reopened" and before.status != "reopened":
        entries.append(Entry(now, "system", "reopened", after.title))
    if after.severity != before.severity:
        entries.append(Entry(now, "system", "severity", f"{before.severity} → {after.severity}: {after.title}"))
    if after.status == "resolved" and before.status != "resolved":
        entries.append(Entry(now, "system", "resolved", "Không còn điều kiện cảnh báo nào"))
    return entries
