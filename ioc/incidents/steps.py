"""The life of an incident in people's hands: which steps there are, from which state to which, and what each leaves.

Pure: an incident, what somebody asks and what is known of its alarms go in. Out come the after-image (one version on),
at least one line of the log, and what it means for the alarms; or one sentence that says why not. What concerns two
incidents at once is in joins.py.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from ioc.incidents.incident import OPEN, Entry, Incident
from ioc.incidents.severity import LEVELS

STATES = ("new", "acknowledged", "in_progress", "resolved", "closed", "reopened", "false_alarm", "duplicate")
WORKABLE = (*OPEN, "resolved")
"""States in which an incident is still worked on."""

Alarms = Literal["keep", "end reports"]
"""What a step means for the alarms: nothing, or that what citizens reported is over. What is measured goes on."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """From which states a step leads to which; `to` empty: it stays where it is. `why`: a reason is needed.

    `what` is the step's word in the log.
    """

    of: tuple[str, ...]
    to: str = ""
    why: bool = False
    what: str
    alarms: Alarms = "keep"


WAYS: Mapping[str, Way] = {
    "acknowledge": Way(of=("new", "reopened"), to="acknowledged", what="acknowledged"),
    "assign": Way(of=OPEN, what="assigned"),
    "start": Way(of=("new", "acknowledged", "reopened"), to="in_progress", what="started"),
    "resolve": Way(of=("acknowledged", "in_progress"), to="resolved", what="resolved", alarms="end reports"),
    "close": Way(of=("resolved",), to="closed", what="closed", alarms="end reports"),
    "reopen": Way(of=("resolved", "closed", "false_alarm"), to="reopened", why=True, what="reopened"),
    "false-alarm": Way(of=WORKABLE, to="false_alarm", why=True, what="false_alarm", alarms="end reports"),
    "severity": Way(of=WORKABLE, why=True, what="severity"),
    "title": Way(of=WORKABLE, what="title"),
    "checklist": Way(of=WORKABLE, what="checklist"),
    "comment": Way(of=tuple(state for state in STATES if state != "duplicate"), what="comment"),
    "duplicate": Way(of=WORKABLE, to="duplicate", what="duplicate"),
    "merge": Way(of=WORKABLE, to="duplicate", what="duplicate"),
    "split": Way(of=WORKABLE, what="split"),
}
"""Every step but `undo`, which goes back where the last of duplicate, merge and split came from."""

_STATE: Mapping[str, tuple[str, str]] = {
    "new": ("mới", "new"),
    "acknowledged": ("đã tiếp nhận", "acknowledged"),
    "in_progress": ("đang xử lý", "in progress"),
    "resolved": ("đã xử lý xong", "resolved"),
    "closed": ("đã đóng", "closed"),
    "reopened": ("mở lại", "reopened"),
    "false_alarm": ("báo động giả", "a false alarm"),
    "duplicate": ("trùng", "a duplicate"),
}
_STEP: Mapping[str, tuple[str, str]] = {
    "acknowledge": ("tiếp nhận", "acknowledged"),
    "assign": ("giao", "assigned"),
    "start": ("bắt đầu xử lý", "started"),
    "resolve": ("báo xử lý xong", "resolved"),
    "close": ("đóng", "closed"),
    "reopen": ("mở lại", "reopened"),
    "false-alarm": ("báo động giả", "called a false alarm"),
    "severity": ("đổi mức độ", "given a severity"),
    "title": ("đổi tiêu đề", "given a title"),
    "checklist": ("sửa quy trình", "worked through"),
    "comment": ("ghi ý kiến", "commented on"),
    "duplicate": ("báo trùng", "called a duplicate"),
    "merge": ("gộp", "merged"),
    "split": ("tách", "split"),
}
"""What states and steps are called in Vietnamese and in English."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks: `to` is the new owner, severity or title, or the sentence of a comment or a checklist."""

    step: str
    who: str
    at: dt.datetime
    why: str = ""
    to: str = ""
    to_en: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known beside the incident: how many of its alarms hold, the worst of these, and which steps of the
    procedure that must be done are not."""

    holding: int = 0
    worst: str = ""
    undone: tuple[str, ...] = ()


class Refused(msgspec.Struct, frozen=True):
    """Why a step is not taken: a code of the table of problems, and one sentence in Vietnamese and in English."""

    code: str
    vi: str
    en: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a step leaves: the incident after it, lines of its log, and what it means for the alarms."""

    after: Incident
    entries: tuple[Entry, ...]
    alarms: Alarms = "keep"


def take(incident: Incident, ask: Ask, known: Known) -> Taken | Refused:
    """Take a step of one incident; KeyError for a step that there is not, ValueError for one of two incidents."""
    way = WAYS[ask.step]
    if ask.step in ("duplicate", "merge", "split"):
        raise ValueError(f"{ask.step} concerns two incidents")
    refused = barred(incident, ask) or _not_yet(incident, ask, known)
    if refused is not None:
        return refused
    after = msgspec.structs.replace(_changed(incident, ask, known), status=_state_after(incident, ask.step))
    return Taken(
        after=stamped(after, incident, ask),
        entries=(Entry(ask.at, ask.who, way.what, _sentence(incident, ask)),),
        alarms=way.alarms,
    )


def stamped(after: Incident, before: Incident, ask: Ask) -> Incident:
    """The after-image as one version on, changed by a person now."""
    return msgspec.structs.replace(after, version=before.version + 1, updated_at=ask.at, touched=True)


def barred(incident: Incident, ask: Ask) -> Refused | None:
    """Whether the state of an incident, or a missing reason, bars a step."""
    way = WAYS[ask.step]
    if incident.status == "duplicate":
        return Refused(
            "wrong-state",
            "Sự cố này trùng với một sự cố khác và đã được gộp vào đó; hãy làm việc với sự cố kia.",
            "This incident is a duplicate and went into another one; work on that one.",
        )
    if incident.status not in way.of:
        return Refused("wrong-state", *_barred_by_state(incident.status, ask.step, way))
    if way.why and not ask.why.strip():
        return _needs_reason(ask.step)
    return None


def _barred_by_state(status: str, step: str, way: Way) -> tuple[str, str]:
    if status == "new" and step == "resolve":
        return (
            "Chưa có ai tiếp nhận sự cố này; hãy tiếp nhận trước khi báo xử lý xong.",
            "Nobody has acknowledged this incident yet; acknowledge it before you resolve it.",
        )
    vi, en = (", ".join(_STATE[one][language] for one in way.of) for language in (0, 1))
    return (
        f"Sự cố đang ở trạng thái “{_STATE[status][0]}”; chỉ {_STEP[step][0]} được khi sự cố: {vi}.",
        f"The incident is {_STATE[status][1]}; it can be {_STEP[step][1]} only while it is: {en}.",
    )


def _needs_reason(step: str) -> Refused:
    vi, en = _STEP[step]
    return Refused(
        "why-needed",
        f"Hãy ghi lý do để {vi}; lý do được lưu trong nhật ký sự cố.",
        f"Give a reason why it is {en}; it is kept in the incident's log.",
    )


def _not_yet(incident: Incident, ask: Ask, known: Known) -> Refused | None:
    """What else stands in the way of a step that the state allows."""
    test = _TESTS.get(ask.step)
    return None if test is None else test(incident, ask, known)


def _resolvable(incident: Incident, ask: Ask, known: Known) -> Refused | None:
    if not known.holding or ask.why.strip():
        return None
    return Refused(
        "why-needed",
        f"Còn {known.holding} cảnh báo chưa hết; muốn báo xử lý xong, hãy ghi lý do.",
        f"{known.holding} alarms still hold; to resolve it all the same, give a reason.",
    )


def _closable(incident: Incident, ask: Ask, known: Known) -> Refused | None:
    if known.holding:
        return Refused(
            "wrong-state",
            f"Còn {known.holding} cảnh báo chưa hết; chỉ đóng được khi mọi cảnh báo đã hết.",
            f"{known.holding} alarms still hold; it can be closed when they are over.",
        )
    if known.undone and not ask.why.strip():
        todo = "; ".join(known.undone)
        return Refused(
            "why-needed",
            f"Quy trình còn bước bắt buộc chưa làm ({todo}); hãy làm, hoặc ghi lý do.",
            f"Steps that must be done are not done ({todo}); do them, or give a reason.",
        )
    return None


def _another_owner(incident: Incident, ask: Ask, known: Known) -> Refused | None:
    if incident.owner != ask.to:
        return None
    return Refused("no-change", f"{ask.to} đang phụ trách sự cố này rồi.", f"{ask.to} owns this incident already.")


def _another_severity(incident: Incident, ask: Ask, known: Known) -> Refused | None:
    if ask.to not in LEVELS:
        raise ValueError(f"there is no severity {ask.to!r}")
    if incident.severity != ask.to:
        return None
    return Refused("no-change", "Sự cố đang ở mức độ này rồi.", "The incident has this severity already.")


def _another_title(incident: Incident, ask: Ask, known: Known) -> Refused | None:
    if (incident.title, incident.title_en) != (ask.to, ask.to_en or ask.to):
        return None
    return Refused("no-change", "Sự cố đang có tiêu đề này rồi.", "The incident has this title already.")


_TESTS: Mapping[str, Callable[[Incident, Ask, Known], Refused | None]] = {
    "resolve": _resolvable,
    "close": _closable,
    "assign": _another_owner,
    "severity": _another_severity,
    "title": _another_title,
}


def _state_after(incident: Incident, step: str) -> str:
    """Who gives an incident to somebody has looked at it."""
    if step == "assign" and incident.status in WAYS["acknowledge"].of:
        return "acknowledged"
    return WAYS[step].to or incident.status


def _changed(incident: Incident, ask: Ask, known: Known) -> Incident:
    change = msgspec.structs.replace
    match ask.step:
        case "acknowledge":
            return change(incident, owner=ask.who)
        case "assign":
            return change(incident, owner=ask.to)
        case "start":
            return change(incident, owner=incident.owner or ask.who)
        case "resolve" | "false-alarm":
            return change(incident, resolved_by=ask.who)
        case "reopen":
            return change(incident, resolved_by="")
        case "severity":
            return change(incident, severity=ask.to, judged=ask.to, judged_over=known.worst or incident.severity)
        case "title":
            return change(incident, title=ask.to, title_en=ask.to_en or ask.to, titled=True)
    return incident


def _sentence(incident: Incident, ask: Ask) -> str:
    """What the log says beside the word of the step."""
    why = ask.why.strip()
    match ask.step:
        case "assign":
            told = f"{incident.owner} → {ask.to}" if incident.owner else ask.to
        case "severity":
            told = f"{incident.severity} → {ask.to}"
        case "title":
            told = f"{incident.title} → {ask.to}"
        case "comment" | "checklist":
            told = ask.to
        case _:
            return why
    return f"{told}: {why}" if why else told


def offered(status: str) -> tuple[str, ...]:
    """The steps that a state allows, in the order of the table."""
    return tuple(step for step, way in WAYS.items() if status in way.of)
