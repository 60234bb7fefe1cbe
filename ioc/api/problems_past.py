"""Errors about the past as people and programs read them: a part of the table of problems."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "past-unknown": (
        404,
        "Hình ảnh lúc đó không còn được lưu; chỉ xem lại được từ {oldest}.",
        "What was shown then is not kept; the past can be shown from {oldest} on.",
    ),
    "past-not-begun": (
        404,
        "Chưa có gì để xem lại; hãy thử lại sau một phút.",
        "Nothing of the past is kept yet; try again in a minute.",
    ),
    "past-not-yours": (
        403,
        "Tài khoản của bạn không được xem lại xa như vậy (giới hạn: {hours} giờ).",
        "Your account may not look back so far (its limit is {hours} h).",
    ),
    "past-to-come": (
        400,
        "“{name}” phải là một lúc đã qua.",
        "“{name}” must be a moment that is past.",
    ),
}
"""code -> status, what it says in Vietnamese, in English."""
