"""Errors about the register of devices and cameras as people read them: a part of the table of problems."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "code-taken": (
        409,
        "Mã “{taken}” đã được đăng ký; hãy chọn mã khác.",
        "The code “{taken}” is registered already; choose another.",
    ),
    "stale-record": (
        409,
        "Hồ sơ này vừa được sửa; hãy xem hiện trạng rồi thử lại.",
        "This record has changed; look at it as it is now and try again.",
    ),
    "wrong-step": (
        409,
        "Ở trạng thái “{state}” không thể chọn “{step}”; có thể chọn: {possible}.",
        "“{step}” cannot be done while the state is “{state}”; what can be done: {possible}.",
    ),
    "law-missing": (
        409,
        "Chưa thể đưa vào hoạt động: hồ sơ còn thiếu {fields} ({laws}).",
        "It cannot be active yet: the record lacks {fields} ({laws}).",
    ),
    "centre-elsewhere": (
        422,
        "Trung tâm “{centre}” không phụ trách địa bàn {area}.",
        "Centre “{centre}” does not serve {area}.",
    ),
    "unknown-centre": (422, "Không có trung tâm “{centre}”.", "There is no centre “{centre}”."),
    "centre-gone": (
        422,
        "Trung tâm “{centre}” đã nhập vào “{heir}”; hãy chọn “{heir}”.",
        "Centre “{centre}” went into “{heir}”; choose “{heir}”.",
    ),
    "no-gateway": (
        422,
        "Không có bộ tập trung “{gateway}” được đăng ký ở trung tâm này.",
        "No gateway “{gateway}” is registered in this centre.",
    ),
    "place-unmeasured": (
        422,
        "Toạ độ này không đổi được sang WGS 84; với VN-2000, x là hướng đông và y là hướng bắc, tính bằng mét.",
        "These coordinates mean no place; in VN-2000 x is metres east and y metres north.",
    ),
    "marks-refused": (
        422,
        "Các điểm hiệu chỉnh không dùng được: {why}.",
        "The calibration marks cannot be used: {why}.",
    ),
    "picture-refused": (
        422,
        "Ảnh không dùng được ({why}); chỉ nhận ảnh JPEG, PNG hoặc WebP dưới 8 MB và 64 megapixel.",
        "The photograph cannot be used ({why}); send a JPEG, PNG or WebP of less than 8 MB and 64 megapixels.",
    ),
    "picture-not-kept": (
        503,
        "Hiện không lưu được ảnh; hãy thử lại sau.",
        "Photographs cannot be kept at the moment; try again later.",
    ),
}
"""code -> status, what it says in Vietnamese, in English."""

STEP_NAMES: Mapping[str, tuple[str, str]] = {
    "approve": ("Duyệt", "Approve"),
    "activate": ("Đưa vào hoạt động", "Put in use"),
    "suspend": ("Tạm ngừng", "Suspend"),
    "resume": ("Hoạt động trở lại", "Put in use again"),
    "retire": ("Thanh lý", "Retire"),
}
"""Steps of the life cycle as the buttons of the page name them, in Vietnamese and English."""

FIELDS: Mapping[str, tuple[str, str]] = {
    "conformity": ("giấy hợp quy", "its declaration of conformity"),
    "password_changed_on": ("ngày đổi mật khẩu mặc định", "the day its default password was changed"),
    "notice_posted_on": ("ngày gắn biển báo ghi hình", "the day the notice of filming was put up"),
    "purpose": ("mục đích ghi hình", "its purpose"),
    "retention": ("thời hạn lưu", "its retention class"),
}
"""Fields that the law asks for, as people read them in Vietnamese and English."""
