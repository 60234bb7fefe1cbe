"""What severities, states and steps of tickets are called, and the sentences that say why a step is not taken:
(Vietnamese, English)."""

from collections.abc import Iterable, Mapping

import msgspec

Pair = tuple[str, str]

SEVERITY: Mapping[str, Pair] = {
    "minor": ("nhẹ", "minor"),
    "moderate": ("trung bình", "moderate"),
    "severe": ("nghiêm trọng", "severe"),
    "extreme": ("rất nghiêm trọng", "extreme"),
}
STATE: Mapping[str, Pair] = {
    "new": ("chờ nhận", "to be accepted"),
    "accepted": ("đã nhận", "accepted"),
    "working": ("đang làm", "being worked on"),
    "waiting": ("tạm dừng", "on hold"),
    "resolved": ("đã làm xong", "done"),
    "verified": ("đã xác nhận", "verified"),
    "closed": ("đã đóng", "closed"),
    "reopened": ("mở lại", "reopened"),
    "cancelled": ("đã hủy", "cancelled"),
}
STEP: Mapping[str, Pair] = {
    "accept": ("nhận", "accepted"),
    "refuse": ("từ chối", "refused"),
    "forward": ("chuyển", "forwarded"),
    "reorganise": ("giao lại", "given to another unit"),
    "assign": ("giao", "assigned"),
    "start": ("bắt đầu làm", "started"),
    "wait": ("tạm dừng", "put on hold"),
    "resume": ("làm tiếp", "resumed"),
    "resolve": ("báo làm xong", "called done"),
    "verify": ("xác nhận kết quả", "verified"),
    "close": ("đóng", "closed"),
    "reopen": ("mở lại", "reopened"),
    "cancel": ("hủy", "cancelled"),
    "comment": ("ghi ý kiến", "commented on"),
    "sub": ("tách việc cho đơn vị khác", "shared with another unit"),
    "up": ("chuyển lên cấp trên", "moved up"),
    "severity": ("đổi mức độ", "given a severity"),
}


class Refused(msgspec.Struct, frozen=True):
    """Why a step is not taken: a code of the table of problems, and one sentence in Vietnamese and in English."""

    code: str
    vi: str
    en: str


def by_state(state: str, step: str, states: Iterable[str]) -> Refused:
    """The state bars it."""
    allowed = tuple(states)
    if state in ("new", "reopened") and "accepted" in allowed:
        return Refused(
            "ticket-state",
            "Chưa có ai nhận phiếu này; hãy nhận phiếu trước.",
            "Nobody has accepted this ticket yet; accept it first.",
        )
    vi, en = (", ".join(STATE[one][language] for one in allowed) for language in (0, 1))
    return Refused(
        "ticket-state",
        f"Phiếu đang ở trạng thái “{STATE[state][0]}”; chỉ {STEP[step][0]} được khi phiếu: {vi}.",
        f"The ticket is {STATE[state][1]}; it can be {STEP[step][1]} only while it is: {en}.",
    )


def needs_reason(step: str) -> Refused:
    """A reason is missing."""
    vi, en = STEP[step]
    return Refused(
        "why-needed",
        f"Hãy ghi lý do để {vi}; lý do được lưu trong nhật ký phiếu.",
        f"Give a reason why it is {en}; it is kept in the ticket's log.",
    )


def live_subs(number: int) -> Refused:
    """Parts of it go on."""
    return Refused(
        "why-needed",
        f"Còn {number} phiếu con chưa xong; hãy đợi, hoặc ghi lý do để đóng.",
        f"Parts of it are not done yet ({number}); wait for them, or give a reason to close it all the same.",
    )


def unit_has_ticket(unit: str, number: int) -> Refused:
    """Of one incident a unit has one ticket."""
    return Refused(
        "unit-has-ticket",
        f"Đơn vị {unit} đã có phiếu số {number} của sự cố này; hãy làm việc trên phiếu đó.",
        f"The unit {unit} has ticket {number} of this incident already; work with that one.",
    )


def unknown_unit(unit: str) -> Refused:
    """There is no such unit."""
    return Refused(
        "no-unit",
        f"Không có đơn vị “{unit}”; hãy chọn một đơn vị trong danh sách.",
        f"There is no unit “{unit}”; choose one of the list.",
    )


RESULT_NEEDED = Refused(
    "why-needed",
    "Hãy ghi kết quả: đã làm gì, hiện trạng ra sao.",
    "Say what was done and how things stand now.",
)
TEXT_NEEDED = Refused("why-needed", "Hãy ghi ý kiến, hoặc gửi kèm ảnh.", "Write something, or send a photograph.")
SAME_HANDS = Refused(
    "same-hands",
    "Người báo làm xong không tự xác nhận kết quả; hãy nhờ người khác kiểm tra.",
    "Who called it done does not verify it; ask somebody else to.",
)
VERIFY_FIRST = Refused(
    "ticket-state",
    "Kết quả của phiếu này phải được người khác xác nhận trước khi đóng.",
    "The result of this ticket has to be verified by somebody else before it is closed.",
)
COMMAND_ONLY = Refused(
    "not-allowed",
    "Chỉ người trực điều hành hoặc quản trị được hủy phiếu; đơn vị có thể từ chối hoặc chuyển phiếu.",
    "Only operators and administrators cancel tickets; a unit can refuse or forward it.",
)
TOP_KEEPS = Refused(
    "ticket-state",
    "Đơn vị này là cấp trên cùng nên không từ chối được; hãy làm, hoặc chuyển cho đơn vị phù hợp.",
    "This unit is the top and cannot refuse; do it, or forward it to the unit that should.",
)
SAME_UNIT = Refused("no-change", "Phiếu đang ở đơn vị này rồi.", "The unit has this ticket already.")
SAME_OWNER = Refused("no-change", "Phiếu đã được giao như vậy rồi.", "The ticket is assigned like this already.")
SAME_SEVERITY = Refused("no-change", "Phiếu đang có mức độ này rồi.", "The ticket has this severity already.")
AT_TOP = Refused("no-change", "Phiếu đang ở cấp trên cùng.", "The ticket is at the top already.")
