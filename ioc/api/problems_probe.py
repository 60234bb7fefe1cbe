"""Problems of the routes about cameras' addresses: status, Vietnamese, English."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "probe-busy": (
        503,
        "Đang có nhiều lượt dò camera; hãy thử lại sau vài giây.",
        "Several cameras are being probed now; try again in a few seconds.",
    ),
    "address-wrong": (
        422,
        "Địa chỉ camera phải có dạng rtsp://máy[:cổng]/đường-dẫn hoặc http://…; tên và mật khẩu ghi riêng.",
        "A camera's address is rtsp://host[:port]/path or http://…; give user and password apart.",
    ),
    "address-not-allowed": (
        422,
        "Trung tâm không được gọi {host}: thêm mạng hoặc tên của nó vào IOC_OUTBOUND nếu được phép.",
        "The centre may not call {host}: add its network or name to IOC_OUTBOUND if it may.",
    ),
    "address-unknown": (
        422,
        "Tên {host} không có địa chỉ nào: kiểm tra tên hoặc ghi số IP.",
        "The name {host} has no address: check it, or give the number.",
    ),
    "vault-closed": (
        503,
        "Chưa cất được mật khẩu camera vì tệp khóa không dùng được: người quản trị xem nhật ký của máy chủ.",
        "The camera's password cannot be sealed because the file of keys cannot be used: see the server's log.",
    ),
}
