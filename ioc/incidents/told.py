"""What citizens and agencies tell, as alarms. Pure: what was told and what held in, after-images out.

A report's alarm holds until people end its incident, or the report is withdrawn. Of notices that update and cancel
each other (a thread) one alarm holds, of the newest that nobody replaced, in whatever order they came; it ends when
its time is over, when it is cancelled, or when it says all-clear.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gis.observation import Notice, Reference, Report
from gis.position import Position
from ioc.incidents.alarm import Alarm, Source

REPORT_RULE, NOTICE_RULE = "told/report@1", "told/notice@1"
"""What stands in the place of a rule's name on an alarm of theirs."""

EXPIRES = "expires"
"""The member of a notice's evidence with the moment at which its alarm ends by itself."""

_GAPS = re.compile(r"[\W_]+")
_RAISING = ("alert", "update")
_REPLACING = ("update", "cancel")


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases of a category."""

    category: str
    phrases: tuple[str, ...]


class Unsaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts where nothing is said."""

    report_severity: str
    notice_severity: str
    notice_hours: float


class Geocodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of geocodes that are codes of units here."""

    names: frozenset[str]


class Title(msgspec.Struct, frozen=True):
    """A category in Vietnamese and in English."""

    vi: str
    en: str


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tables of ioc/data/told.toml, and the names of the categories."""

    unsaid: Unsaid
    geocodes: Geocodes
    words: tuple[Words, ...]
    cap: Mapping[str, str]
    titles: Mapping[str, Title]

    def category_of(self, text: str, cap: Iterable[str] = ()) -> str:
        """The category of a text; where no phrase is found, that of the first of CAP's categories that has one."""
        said = _words(text)
        for one in self.words:
            if any(_says(said, phrase) for phrase in one.phrases):
                return one.category
        return next((self.cap[name.lower()] for name in cap if name.lower() in self.cap), "other")


def _words(text: str) -> str:
    """Words in lower case with a blank before and behind each."""
    said = unicodedata.normalize("NFC", text).casefold()
    return f" {_GAPS.sub(' ', said).strip()} "


def _says(said: str, phrase: str) -> bool:
    """Whether a text holds a phrase. One that was typed without any accent is compared without; a single syllable is
    not, because without its accent it is many words ("bão" and "báo")."""
    if _words(phrase) in said:
        return True
    return said.isascii() and " " in phrase and _bare(_words(phrase)) in said


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(one for one in letters if not unicodedata.combining(one))


def report_key(channel: str, number: str) -> str:
    """The key of a report's alarm."""
    return f"report:{channel}:{number}"


def notice_key(sender: str, identifier: str) -> str:
    """The key of a notice's alarm."""
    return f"notice:{sender}:{identifier}"


def report_alarm(report: Report, held: Alarm | None, wording: Wording, area_name: str) -> Alarm | None:
    """The alarm after a report, None when nothing changes. `held` is the one of its key, holding or not."""
    if report.withdrawn_at is not None:
        if held is None or held.cleared_at is not None:
            return None
        at = max(held.seen_at, report.withdrawn_at)
        return msgspec.structs.replace(held, cleared_at=at, seen_at=at)
    position = report.stamp.position
    if held is not None or position is None:
        return None
    title = wording.titles.get(report.category, Title("Khác", "Other"))
    place = f" – {area_name}" if area_name else ""
    photo = report.photos[0] if report.photos else None
    evidence: dict[str, Any] = {"report": report.id, "channel": report.stamp.source, "number": report.number}
    return Alarm(
        id=report.id,
        key=report_key(report.stamp.source, report.number),
        rule=REPORT_RULE,
        category=report.category,
        severity=report.severity,
        source_kind="citizen",
        source=_source(report.stamp.source, report.stamp.source, report, position),
        property=report.category,
        raised_at=report.stamp.at,
        seen_at=report.stamp.at,
        cleared_at=None,
        count=1,
        evidence={**evidence, "picture": photo, "photos": list(report.photos), "rule": REPORT_RULE}
        | {"rule_source": "", "at": report.stamp.at.isoformat()},
        title=f"Người dân báo: {title.vi}{place}",
        title_en=f"Citizen's report: {title.en}{place}",
        numbers=report.numbers,
        error_m=report.error_m,
    )


def _source(code: str, name: str, told: Report | Notice, position: Position) -> Source:
    return Source(code=code, name=name, centre=told.stamp.centre, area=told.area, position=position)


def means(later: Notice, reference: Reference, one: Notice) -> bool:
    """Whether a reference of a later notice names this one, and whether the later may speak for it.

    Some senders sign themselves otherwise in their references, so the moment of sending may stand in for the sender.
    A notice acts on those of its own sender, or of those that came by the same feed.
    """
    return not _names(later, reference).isdisjoint(_called(one))


_Call = tuple[str, str, str | dt.datetime]
"""By whose authority a notice is spoken of (a sender or a feed), its identifier, and of whom or when it is to be."""


def _speaks_as(notice: Notice) -> tuple[str, ...]:
    return (f"sender {notice.sender}", f"feed {notice.feed}") if notice.feed else (f"sender {notice.sender}",)


def _names(later: Notice, reference: Reference) -> set[_Call]:
    who = (reference.sender, reference.sent)
    return {(authority, reference.identifier, one) for authority in _speaks_as(later) for one in who}


def _called(one: Notice) -> set[_Call]:
    who = (one.sender, one.stamp.at)
    return {(authority, one.identifier, name) for authority in _speaks_as(one) for name in who}


class Thread:
    """Notices that update and cancel each other, and which replaced which: those of one status among themselves.

    Made once and asked for each: a thread of a long flood has hundreds of notices that name hundreds.
    """

    def __init__(self, notices: Iterable[Notice]) -> None:
        self.notices = sorted(notices, key=lambda one: one.reference)
        self._later: dict[tuple[str, _Call], Notice] = {}
        self._again: dict[tuple[str, str, str], Notice] = {}
        for later in self.notices:  # the newest is entered last, and stays
            if later.kind in _REPLACING:
                calls = {call for reference in later.references for call in _names(later, reference)}
                self._later |= {(later.status, call): later for call in calls}
            if later.kind in _RAISING:
                self._again[later.status, later.sender, later.identifier] = later

    def replaced_by(self, one: Notice) -> Notice | None:
        """The newest that replaced or cancelled one, or is the same sent again; None when none did."""
        found = [self._later.get((one.status, call)) for call in _called(one)]
        again = self._again.get((one.status, one.sender, one.identifier))
        if again is not None and again.stamp.at > one.stamp.at:
            found.append(again)
        others = [later for later in found if later is not None and later.id != one.id]
        return max(others, key=lambda later: later.reference, default=None)

    def speaking(self) -> Notice | None:
        """The newest that nobody replaced or cancelled; None when there is none."""
        living = (
            one
            for one in reversed(self.notices)
            if one.status == "actual" and one.kind in _RAISING and self.replaced_by(one) is None
        )
        return next(living, None)


_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


def ends(notice: Notice, wording: Wording) -> dt.datetime:
    """When a notice ceases to hold by itself."""
    if notice.expires is not None:
        return notice.expires
    begins = max(notice.stamp.at, notice.onset or notice.stamp.at)
    lasts = dt.timedelta(hours=wording.unsaid.notice_hours)
    return min(begins, _LAST - lasts) + lasts


def thread_keys(thread: Iterable[Notice]) -> list[str]:
    """The keys under which an alarm of a thread may be kept, the first for a new one: that of its oldest notice.

    Of the notices that it refers to only those of the same sender count: naming another's does not make it one's own.
    """
    found = sorted({name for one in thread for name in (one.reference, *one.references) if name.sender == one.sender})
    return list(dict.fromkeys(notice_key(one.sender, one.identifier) for one in found))


def thread_alarms(
    thread: Sequence[Notice], saved: Sequence[Alarm], arrived: dt.datetime, wording: Wording
) -> list[Alarm]:
    """The alarms of a thread that change. `saved` are those of its keys, holding or not; `arrived` is when the notice
    came that is looked at now.

    What was ended while a notice spoke is not raised again by that notice. An alarm of which a notice spoke that is not
    of this thread is left alone: whoever may not see a notice cannot cancel it by its name.
    """
    ids = {one.id for one in thread}
    saved = [one for one in saved if one.evidence.get("notice") in ids]
    held = sorted((one for one in saved if one.cleared_at is None), key=lambda one: (one.raised_at, one.id))
    first = held[0] if held else None
    changed = [_ended(one, one.seen_at) for one in held[1:]]
    speaks = Thread(thread).speaking()
    if speaks is None or speaks.over:
        newest = max((one.stamp.at for one in thread if one.status == "actual"), default=arrived)
        return changed + ([_ended(first, min(newest, arrived))] if first is not None else [])
    if first is None and any(one.evidence.get("notice") == speaks.id for one in saved):
        return changed
    after = _thread_alarm(thread, speaks, first, arrived, wording)
    if after is None or after == first:
        return changed
    return [*changed, after]


def _ended(alarm: Alarm, at: dt.datetime) -> Alarm:
    at = max(at, alarm.seen_at)
    return msgspec.structs.replace(alarm, cleared_at=at, seen_at=at)


def _thread_alarm(
    thread: Sequence[Notice], speaks: Notice, held: Alarm | None, arrived: dt.datetime, wording: Wording
) -> Alarm | None:
    position, end = speaks.stamp.position, ends(speaks, wording)
    if held is None and (position is None or end <= arrived):
        return None
    raised_at = _since(thread, speaks, wording, arrived)
    seen_at = min(speaks.stamp.at, arrived)
    severity = wording.unsaid.notice_severity if speaks.severity == "unknown" else speaks.severity
    said: dict[str, Any] = {
        "severity": severity,
        "seen_at": seen_at,
        "count": sum(one.status == "actual" and one.kind in _RAISING for one in thread),
        "evidence": _evidence(speaks, end),
        "title": speaks.headline or speaks.event or speaks.headline_en,
        "title_en": speaks.headline_en or speaks.event or speaks.headline,
        "numbers": tuple(sorted({number for one in thread for number in one.numbers})),
    }
    if held is not None:
        over = seen_at if position is None else end if end <= arrived else None
        return msgspec.structs.replace(held, **said, raised_at=min(held.raised_at, raised_at), cleared_at=over)
    assert position is not None  # noqa: S101 - told above
    return Alarm(
        id=speaks.id,
        key=thread_keys(thread)[0],
        rule=NOTICE_RULE,
        category=speaks.category,
        source_kind="agency",
        source=_source(speaks.stamp.source, speaks.sender, speaks, position),
        property=speaks.category,
        raised_at=raised_at,
        cleared_at=None,
        error_m=speaks.error_m,
        **said,
    )


def _since(thread: Iterable[Notice], speaks: Notice, wording: Wording, arrived: dt.datetime) -> dt.datetime:
    """Since when the thread holds without a gap up to the notice that speaks."""
    since = min(speaks.stamp.at, arrived)
    earlier = [one for one in thread if one.status == "actual" and one.kind in _RAISING and not one.over]
    for one in sorted(earlier, key=lambda one: one.stamp.at, reverse=True):
        if one.stamp.at < since <= ends(one, wording):
            since = one.stamp.at
    return since


def _evidence(speaks: Notice, end: dt.datetime) -> dict[str, Any]:
    names = ("sender", "identifier", "event", "severity", "urgency", "certainty", "headline", "headline_en", "place")
    return {
        **{name: getattr(speaks, name) for name in names},
        "notice": speaks.id,
        EXPIRES: end.isoformat(),
        "rule": NOTICE_RULE,
        "rule_source": "CAP 1.2",
        "at": speaks.stamp.at.isoformat(),
    }


def lapsed(held: Alarm, now: dt.datetime) -> Alarm | None:
    """The alarm of a notice whose time is over; None while it is not, and for alarms of anything else."""
    told = held.evidence.get(EXPIRES) if held.source_kind == "agency" else None
    if not isinstance(told, str):
        return None
    end = dt.datetime.fromisoformat(told)
    return _ended(held, end) if end <= now else None
