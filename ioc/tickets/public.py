"""What a citizen is told of a ticket: plain words made by us, never what staff wrote, and nobody's name.

`status` has the two words of Open311 GeoReport v2 (open, closed); what happened is in `step` and in the sentence.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from ioc.tickets.ticket import State

Status = Literal["open", "closed"]


class Public(msgspec.Struct, frozen=True, kw_only=True):
    """A step as citizens read it. `expected_at`: by when it is to be done, where a deadline runs."""

    step: str
    status: Status
    text: str
    text_en: str
    expected_at: dt.datetime | None = None


_WORDS: Mapping[str, tuple[Status, str, str]] = {
    "sent": (
        "open",
        "Phản ánh đã được chuyển đến đơn vị có trách nhiệm xử lý.",
        "Your report was sent to the unit that is responsible.",
    ),
    "moved": (
        "open",
        "Phản ánh được chuyển sang đơn vị khác có trách nhiệm xử lý.",
        "Your report was passed to another unit that is responsible.",
    ),
    "accepted": (
        "open",
        "Đơn vị có trách nhiệm đã tiếp nhận phản ánh.",
        "The unit that is responsible has accepted your report.",
    ),
    "working": ("open", "Đơn vị có trách nhiệm đang xử lý.", "The unit that is responsible is working on it."),
    "waiting": (
        "open",
        "Việc xử lý tạm dừng để chờ điều kiện cần thiết; sẽ được làm tiếp.",
        "The work is waiting for what it needs, and will go on.",
    ),
    "resolved": (
        "open",
        "Đơn vị có trách nhiệm báo đã xử lý xong; kết quả đang được kiểm tra.",
        "The unit that is responsible says that it is done; the result is being checked.",
    ),
    "done": ("closed", "Việc xử lý đã hoàn thành. Cảm ơn bạn đã phản ánh.", "It is done. Thank you for your report."),
    "reopened": (
        "open",
        "Việc xử lý chưa đạt và được làm lại.",
        "The work was not good enough and is being done again.",
    ),
    "cancelled": (
        "closed",
        "Phản ánh đã kết thúc mà không cần xử lý thêm.",
        "Your report was concluded; nothing more has to be done.",
    ),
}

_STEP_OF_STATE: Mapping[State, str] = {
    "accepted": "accepted",
    "working": "working",
    "waiting": "waiting",
    "resolved": "resolved",
    "verified": "done",
    "closed": "done",
    "reopened": "reopened",
    "cancelled": "cancelled",
}


class Standing(Protocol):
    """Where a ticket, or a line of its log, says that it stands."""

    @property
    def unit(self) -> str: ...

    @property
    def state(self) -> State: ...


def step_of(before: Standing | None, after: Standing) -> str | None:
    """Which public step leads from one standing to the next; None: citizens are told nothing."""
    if before is None:
        return "sent"
    if after.unit != before.unit:
        return "moved"
    step = _STEP_OF_STATE.get(after.state)
    return None if after.state == before.state or step == _STEP_OF_STATE.get(before.state) else step


def present(after: Standing) -> str:
    """The public step of a ticket as it stands, for who hears of it only now."""
    return _STEP_OF_STATE.get(after.state, "sent")


def public(step: str, expected_at: dt.datetime | None) -> Public:
    """A public step in words. Raises KeyError for a step that is none."""
    status, text, text_en = _WORDS[step]
    due = expected_at if status == "open" and step != "resolved" else None
    return Public(step=step, status=status, text=text, text_en=text_en, expected_at=due)


STEPS = tuple(_WORDS)
"""All public steps."""
