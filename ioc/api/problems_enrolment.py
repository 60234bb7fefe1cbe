"""Problems of the routes about enrolment: status, Vietnamese, English."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "enrol-code": (
        403,
        "Mã ghi danh không đúng, đã dùng hoặc đã hết hạn; hãy xin cán bộ đăng ký một mã mới.",
        "The one-time code is wrong, used or over; ask whoever registers devices for a new one.",
    ),
    "enrol-decided": (
        409,
        "Yêu cầu ghi danh này đã được xử lý.",
        "This enrolment has been decided already.",
    ),
    "enrol-ticket": (
        403,
        "Phiếu ghi danh không đúng hoặc đã hết hạn; hãy ghi danh lại bằng một mã mới.",
        "The ticket is wrong or over; enrol anew with a new code.",
    ),
    "enrol-place": (
        422,
        "Chưa biết vị trí đặt thiết bị; hãy cho biết “position” khi duyệt.",
        "Where it stands is not known; give “position” when you approve it.",
    ),
    "enrol-profile": (422, "Không có loại thiết bị “{profile}”.", "There is no profile “{profile}”."),
}
