"""Errors about tickets as people read them: a part of the table of problems."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "stale-ticket": (
        409,
        "Phiếu đã thay đổi từ khi bạn xem; hãy xem trạng thái hiện tại rồi quyết định lại.",
        "The ticket has changed since you saw it; look at it as it is now and decide again.",
    ),
    "ticket-state": (
        409,
        "Ở trạng thái hiện tại, phiếu không nhận bước này.",
        "The ticket does not take this step in its current state.",
    ),
    "unit-has-ticket": (
        409,
        "Đơn vị này đã có phiếu của sự cố này.",
        "The unit has a ticket of this incident already.",
    ),
    "no-unit": (422, "Không có đơn vị này.", "There is no such unit."),
    "incident-ended": (409, "Sự cố này đã kết thúc.", "This incident is over."),
    "same-hands": (
        409,
        "Người báo làm xong không tự xác nhận kết quả.",
        "Who called it done does not verify it.",
    ),
    "no-ticket-owner": (
        422,
        "Không giao được cho “{login}”: tài khoản không có, bị khóa hoặc không được làm phiếu ở đây.",
        "It cannot be given to “{login}”: there is no such account, or it may not work on tickets here.",
    ),
    "no-team": (
        422,
        "Đơn vị đang giữ phiếu không có tổ “{team}”.",
        "The unit that has the ticket has no team “{team}”.",
    ),
    "no-upload": (
        422,
        "Một ảnh kèm theo chưa tải lên xong, không dùng được hoặc đã thuộc về bước khác; hãy tải lại ảnh đó.",
        "A photograph that comes with it is not whole, cannot be used or belongs to another step; upload it again.",
    ),
}
"""code -> status, what it says in Vietnamese, in English."""
