"""What is wrong with requests about units, teams, duty rosters and the policy of tickets; see problems.py."""

from collections.abc import Mapping

DUTY: Mapping[str, tuple[int, str, str]] = {
    "stale-policy": (
        409,
        "Chính sách phiếu việc đã có phiên bản mới hơn; hãy xem phiên bản hiện tại rồi thử lại.",
        "The policy of tickets has a newer version; look at it and try again.",
    ),
    "policy-wrong": (
        422,
        "Chính sách phiếu việc không dùng được: {why}.",
        "The policy of tickets cannot be used: {why}.",
    ),
    "unit-live": (
        409,
        "Đơn vị “{unit}” còn phiếu chưa xong ({numbers}); hãy kết thúc hoặc chuyển các phiếu đó trước.",
        "Unit “{unit}” still has tickets ({numbers}); finish or forward them before it goes or changes its centre.",
    ),
    "unknown-unit": (
        422,
        "Không có đơn vị “{unit}” trong phạm vi của bạn.",
        "There is no unit “{unit}” that is yours.",
    ),
    "unknown-team": (422, "Đơn vị không có tổ “{team}”.", "The unit has no team “{team}”."),
    "unknown-worker": (
        422,
        "“{login}” không có, bị khóa hoặc không được xử lý phiếu của đơn vị này.",
        "“{login}” is not there, is disabled, or may not work on this unit's tickets.",
    ),
    "team-taken": (409, "Đơn vị đã có tổ mang mã này.", "The unit has a team of this code already."),
    "stale-team": (
        409,
        "Tổ này vừa được sửa; hãy xem hiện trạng rồi thử lại.",
        "This team has changed; look at it and try again.",
    ),
    "no-place": (
        422,
        "Vị trí này không thuộc địa bàn của trung tâm nào; hãy kiểm tra thứ tự kinh độ, vĩ độ.",
        "No centre serves this place; check the order of longitude and latitude.",
    ),
}
