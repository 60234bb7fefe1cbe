"""What is to be told to whom when a ticket changes or a timer fires, in plain Vietnamese and English. Pure.

Roles are told here; which people these are is found by `ioc/telling.py`.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from ioc.incidents.severity import ORDER
from ioc.tell.notification import Topic
from ioc.tickets.escalation import NAG, Timer, step_of, whom
from ioc.tickets.policy import Policy, Whom
from ioc.tickets.ticket import SYSTEM, Line, Ticket
from ioc.tickets.words import SEVERITY


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """Something for some roles of a ticket. `what` tells it from all else that is said of the ticket; `but` is the
    login of who did it, and need not be told."""

    what: str
    topic: Topic
    whom: tuple[Whom, ...]
    title: str
    title_en: str
    body: str = ""
    body_en: str = ""
    but: str = ""


class _Words(msgspec.Struct, frozen=True):
    whom: tuple[Whom, ...]
    vi: str
    en: str


_CHANGES: Mapping[str, _Words] = {
    "opened": _Words(("duty",), "Phiếu mới cho {unit}", "New ticket for {unit}"),
    "forwarded": _Words(("duty",), "Chuyển đến {unit} từ {other}", "Forwarded to {unit} by {other}"),
    "refused": _Words(("duty",), "{other} từ chối, trả về {unit}", "Refused by {other}, back to {unit}"),
    "bounced_up": _Words(
        ("duty",), "Chuyển qua lại nhiều lần, chuyển lên {unit}", "Passed to and fro too often, moved up to {unit}"
    ),
    "reorganised": _Words(
        ("duty",),
        "Đơn vị hành chính thay đổi, giao {unit} thay {other}",
        "Units changed: given to {unit} after {other}",
    ),
    "waiting": _Words(("sender", "parent"), "{unit} tạm dừng để chờ", "{unit} put it on hold"),
    "resolved": _Words(
        ("sender", "parent"), "{unit} báo đã làm xong, đề nghị xác nhận", "{unit} says it is done, please verify"
    ),
    "verified": _Words(("owner",), "Kết quả đã được xác nhận", "The result was verified"),
    "reopened": _Words(("owner", "duty"), "Mở lại cho {unit}", "Reopened at {unit}"),
    "cancelled": _Words(("owner",), "Đã hủy, không cần làm nữa", "Cancelled, nothing is left to do"),
    "severity": _Words(("owner", "duty"), "Mức độ nay là {severity}", "It is {severity} now"),
    "assigned": _Words(("owner", "team"), "Giao cho bạn", "Assigned to you"),
    "comment": _Words(("owner",), "Ý kiến mới", "New comment"),
}
"""By the word of the log. What is not here is told to nobody."""

_STRONGER = ("bounced_up", "severity")
"""Of the lines of one deed the first that is here is told, else the first."""

_WORDS_OF_PEOPLE = (
    "forwarded",
    "reorganised",
    "refused",
    "waiting",
    "resolved",
    "reopened",
    "cancelled",
    "comment",
    "severity",
)


def of_change(before: Ticket | None, after: Ticket, lines: Sequence[Line], policy: Policy) -> tuple[Saying, ...]:
    """What a deed with a ticket says; the system's own steps of an escalation are told with their timer."""
    told = [line for line in lines if line.what in _CHANGES]
    line = next((one for one in told if one.what in _STRONGER), told[0] if told else None)
    what = "opened" if before is None else line.what if line is not None else ""
    if not what or (line is not None and what == "assigned" and line.who == SYSTEM):
        return ()
    words = _CHANGES[what]
    said = next((one.text for one in lines if one.what in _WORDS_OF_PEOPLE and one.text), "")
    names = _names(after, policy)
    return (
        Saying(
            what=f"{what}/{after.version}",
            topic="ticket",
            whom=words.whom,
            title=_title(
                after, words.vi.format(**{name: both[0] for name, both in names.items()}), after.title, "Phiếu"
            ),
            title_en=_title(
                after, words.en.format(**{name: both[1] for name, both in names.items()}), after.title_en, "Ticket"
            ),
            body=_body(after, policy, said, 0),
            body_en=_body(after, policy, said, 1),
            but=line.who if line is not None else "",
        ),
    )


def of_timer(before: Ticket, after: Ticket, timer: Timer, policy: Policy, now: dt.datetime) -> Saying:
    """What a timer says that fired; `before` is the ticket as it found it."""
    step = step_of(timer, policy)
    vi, en = _reason(before, timer, now)
    if after.unit != before.unit:
        names = _names(after, policy)
        vi, en = f"Chuyển lên {names['unit'][0]}: {vi}", f"Moved up to {names['unit'][1]}: {en}"
    elif after.owner != before.owner:
        vi, en = f"Giao cho {after.owner}: {vi}", f"Given to {after.owner}: {en}"
    return Saying(
        what="/".join(str(one) for one in timer.key),
        topic="escalation" if step is not None else "reminder",
        whom=whom(timer, policy),
        title=_title(after, vi, after.title, "Phiếu"),
        title_en=_title(after, en, after.title_en, "Ticket"),
        body=_body(after, policy, "", 0),
        body_en=_body(after, policy, "", 1),
    )


def _reason(ticket: Ticket, timer: Timer, now: dt.datetime) -> tuple[str, str]:
    """Why a timer fires, as it is at this moment: it may come late."""
    if timer.stage == "accept" and ticket.accept_by is not None:
        if now < ticket.accept_by:
            vi, en = _span(ticket.accept_by - now)
            return f"Còn {vi} để nhận", f"{en} left to accept it"
        vi, en = _span(now - ticket.received_at)
        return f"Chưa ai nhận sau {vi}", f"Nobody accepted it within {en}"
    if timer.stage == "due" and ticket.due_at is not None:
        if now < ticket.due_at:
            vi, en = _span(ticket.due_at - now)
            return f"Sắp đến hạn, còn {vi}", f"Due soon, {en} left"
        vi, en = _span(now - ticket.due_at)
        again = ("Vẫn quá hạn", "Still overdue") if timer.step == NAG else ("Quá hạn", "Overdue")
        return f"{again[0]} {vi}", f"{again[1]} by {en}"
    since = now - (ticket.resolved_at or now)
    vi, en = _span(since)
    return f"Báo làm xong {vi} trước, chưa ai xác nhận", f"Done {en} ago, and nobody has verified it"


def _span(span: dt.timedelta) -> tuple[str, str]:
    """A span in the words of people, in whole minutes, hours or days."""
    total = max(0, int(span.total_seconds() // 60))
    days, hours, minutes = total // 1440, total // 60, total % 60
    if days >= 2:
        return f"{days} ngày", f"{days} days"
    if hours and minutes:
        return f"{hours} giờ {minutes} phút", f"{hours} h {minutes} min"
    return (f"{hours} giờ", f"{hours} h") if hours else (f"{minutes} phút", f"{minutes} min")


def _names(ticket: Ticket, policy: Policy) -> dict[str, tuple[str, str]]:
    unit, other = policy.unit(ticket.unit), policy.unit(ticket.sender)
    return {
        "unit": (unit.name, unit.name_en) if unit is not None else (ticket.unit, ticket.unit),
        "other": (other.name, other.name_en) if other is not None else ("trung tâm điều hành", "the operators"),
        "severity": SEVERITY[ticket.severity],
    }


def _title(ticket: Ticket, said: str, title: str, ticket_word: str) -> str:
    return f"{ticket_word} #{ticket.number}: {said}: {title or ticket.title}"


_LABELS: Mapping[str, tuple[str, str]] = {
    "place": ("Nơi", "Place"),
    "severity": ("Mức độ", "Severity"),
    "task": ("Việc cần làm", "Task"),
    "accept_by": ("Nhận trước", "Accept by"),
    "due_at": ("Xong trước", "Done by"),
    "said": ("Nội dung", "Said"),
}


def _body(ticket: Ticket, policy: Policy, said: str, language: int) -> str:
    """Facts, one a line: people decide by them whether to get up at night."""
    local: Callable[[dt.datetime | None], str] = lambda at: _local(at, policy)  # noqa: E731
    facts = {
        "said": said,
        "place": ticket.area_name,
        "severity": SEVERITY[ticket.severity][language],
        "task": ticket.task,
        "accept_by": local(ticket.accept_by) if ticket.untouched else "",
        "due_at": local(ticket.due_at) if ticket.open else "",
    }
    return "\n".join(f"{_LABELS[name][language]}: {fact}" for name, fact in facts.items() if fact)


def _local(at: dt.datetime | None, policy: Policy) -> str:
    return at.astimezone(ZoneInfo(policy.zone)).strftime("%H:%M %d/%m/%Y") if at is not None else ""


assert set(SEVERITY) == set(ORDER)  # noqa: S101 - a severity without a word would be a KeyError at night
