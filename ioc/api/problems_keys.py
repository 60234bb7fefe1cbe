"""Problems of the routes about keys at the broker: status, Vietnamese, English."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "key-retired": (
        409,
        "Thiết bị này đã thôi sử dụng; hãy duyệt lại rồi mới cấp khóa.",
        "This is retired; approve it anew before it is given a key.",
    ),
    "key-not-needed": (
        409,
        "Camera này không tự gửi tin đến trung tâm, nên không cần khóa.",
        "This camera does not report by itself and needs no key.",
    ),
}
