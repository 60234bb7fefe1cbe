"""Problems of the routes about endpoints and web push: status, Vietnamese, English."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "stale-endpoint": (
        409,
        "Nơi nhận này đã thay đổi; hãy xem bản hiện tại rồi sửa lại.",
        "The endpoint has changed; look at it as it is now and change it again.",
    ),
    "endpoint-taken": (
        409,
        "Mã này đã có một nơi nhận khác.",
        "There is an endpoint of this code already.",
    ),
    "endpoint-wrong": (
        422,
        "Nơi nhận không dùng được, sai ở “{name}”: {why}.",
        "The endpoint cannot be used because of “{name}”: {why}.",
    ),
    "endpoint-place": (
        403,
        "Bạn không quản lý nơi nhận của trung tâm này.",
        "You do not manage endpoints of this centre.",
    ),
    "secret-again": (
        422,
        "Khi sửa mẫu gửi của một cổng, hãy nhập lại khóa bí mật của cổng đó.",
        "Give the gateway's secret again when its template changes.",
    ),
    "push-off": (
        409,
        "Thông báo đẩy chưa được bật ở máy chủ này.",
        "Web push is not switched on at this server.",
    ),
    "push-wrong": (
        422,
        "Trình duyệt gửi đăng ký không dùng được: {why}.",
        "The subscription of this browser cannot be used: {why}.",
    ),
    "push-host": (
        422,
        "Máy chủ này không được gọi dịch vụ đẩy của trình duyệt này.",
        "This server may not call the push service of this browser.",
    ),
}
