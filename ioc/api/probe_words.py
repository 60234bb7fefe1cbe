"""Sentences about the steps of a probe, in Vietnamese and English: what was found, or what to do."""

from collections.abc import Mapping

from cameras.onvif_interview import Step

Words = tuple[str, str]

GOOD: Mapping[str, Words] = {
    "address": ("{host} là {address}.", "{host} is {address}."),
    "address_given": ("Trung tâm được gọi {address}.", "The centre may call {address}."),
    "reach": ("{place} nhận kết nối.", "{place} takes the connection."),
    "clock": ("Đồng hồ camera lệch {skew} giây.", "The camera's clock is {skew} s from ours."),
    "identity": ("{maker} {model}, phần mềm {firmware}.", "{maker} {model}, firmware {firmware}."),
    "services": ("Camera có dịch vụ: {offered}.", "The camera has the services {offered}."),
    "profiles": ("Camera có {number} luồng hình.", "The camera offers {number} streams."),
    "streams": ("Camera cho biết địa chỉ của {number} luồng.", "The camera names the addresses of {number} streams."),
    "snapshots": ("Camera cho biết {number} địa chỉ ảnh tĩnh.", "The camera names {number} addresses of pictures."),
    "events": ("Camera báo được {number} loại sự kiện.", "The camera offers {number} kinds of events."),
    "position": ("Camera cho biết vị trí {place}.", "The camera says that it stands at {place}."),
    "describe": ("Luồng ở {place} là {codec}.", "The stream at {place} is {codec}."),
    "picture": ("Hình {size}, {codec}, {fps} hình/giây.", "The picture is {size}, {codec}, {fps} frames a second."),
    "picture_unrated": (
        "Hình {size}, {codec}; chưa đo được số hình/giây.",
        "The picture is {size}, {codec}; its rate could not be told.",
    ),
}
"""Of what went well, by step; of an address that was a number already, and of a picture whose rate nobody knows."""

BAD: Mapping[str, Words] = {
    "address": (
        "Không phải địa chỉ camera: ghi tên máy, số IP, http://… hoặc rtsp://….",
        "This is no camera's address: give a host, its number, http://… or rtsp://….",
    ),
    "not_allowed": (
        "Trung tâm không được gọi {host}: thêm mạng hoặc tên của nó vào IOC_OUTBOUND nếu được phép.",
        "The centre may not call {host}: add its network or name to IOC_OUTBOUND if it may.",
    ),
    "unresolved": (
        "Tên {host} không có địa chỉ nào: kiểm tra tên hoặc ghi số IP.",
        "The name {host} has no address: check it, or give the number.",
    ),
    "unreachable": (
        "Không có đường tới {place}: kiểm tra nguồn điện, cáp và mạng của camera.",
        "There is no way to {place}: check the camera's power, cable and network.",
    ),
    "refused": (
        "{place} từ chối: kiểm tra cổng, đường dẫn và dịch vụ đã bật trong camera chưa.",
        "{place} refuses: check port and path, and whether the service is switched on in the camera.",
    ),
    "silent": (
        "{place} không trả lời kịp: thử lại, nếu vẫn vậy thì khởi động lại camera.",
        "{place} did not answer in time: try again, and restart the camera if it stays so.",
    ),
    "broken": (
        "{place} ngắt kết nối giữa chừng: kiểm tra cổng có đúng của dịch vụ này không.",
        "{place} broke the connection off: check whether the port is that of this service.",
    ),
    "unauthorised": (
        "Camera không nhận tên hoặc mật khẩu này: kiểm tra rồi mới thử lại, thử sai nhiều lần camera sẽ khóa.",
        "The camera does not take this user or password: check both first, a few wrong tries lock it.",
    ),
    "garbled": (
        "{place} trả lời điều không đọc được: kiểm tra cổng và luồng đã chọn.",
        "{place} answers what cannot be read: check the port and which stream was chosen.",
    ),
    "not_onvif": (
        "Ở đó không có ONVIF: bật ONVIF trong camera, hoặc ghi địa chỉ rtsp://….",
        "What answers there is no ONVIF: switch it on in the camera, or give its rtsp:// address.",
    ),
    "wrong_clock": (
        "Đồng hồ camera lệch {skew} giây: đặt lại giờ hoặc bật NTP trong camera.",
        "The camera's clock is {skew} s off: set it, or switch NTP on in the camera.",
    ),
    "no_clock": (
        "Camera không cho biết giờ của nó: kiểm tra giờ trong trang cài đặt của camera.",
        "The camera does not tell its time: look at it in the camera's own settings.",
    ),
    "not_offered": (
        "Camera không cho biết điều này: nhập bằng tay nếu cần.",
        "The camera does not tell this: enter it by hand where it is needed.",
    ),
    "fault": (
        "Camera báo lỗi ({said}): cập nhật phần mềm của camera hoặc nhập bằng tay.",
        "The camera answers with an error ({said}): update its firmware, or enter this by hand.",
    ),
    "status": (
        "Camera báo lỗi ({said}): khởi động lại camera rồi thử lại.",
        "The camera answers with an error ({said}): restart it and try again.",
    ),
    "redirect": (
        "Camera chuyển sang địa chỉ khác, hệ thống không đi theo: ghi thẳng địa chỉ đó.",
        "The camera sends elsewhere, which is not followed: give that address itself.",
    ),
    "ended": (
        "Camera ngắt luồng hình: thử lại, có thể đã quá nhiều người xem.",
        "The camera ended the stream: try again, too many may be watching it.",
    ),
    "crashed": (
        "Hình không giải mã được: chọn H.264 trong camera rồi thử lại.",
        "The picture could not be decoded: choose H.264 in the camera and try again.",
    ),
    "late": (
        "Chưa hỏi xong trong mười giây: thử lại khi mạng tới camera nhanh hơn.",
        "Not all could be asked within ten seconds: try again when the way to the camera is quicker.",
    ),
}
"""Of what went wrong, by failure."""


class _Facts(dict[str, str]):
    """Facts of a step; one that is missing leaves a gap and no error."""

    def __missing__(self, name: str) -> str:
        return "…"


def sentence(step: Step, language: str) -> str:
    """What is said of a step in vi or en."""
    words = GOOD.get(_kind(step), ("", "")) if step.ok else BAD.get(step.failure, BAD["garbled"])
    return words[language == "en"].format_map(_Facts(step.facts))


def _kind(step: Step) -> str:
    """Which of the sentences of a step that went well fits what is known."""
    facts = step.facts
    if step.step == "address" and facts.get("host") == facts.get("address"):
        return "address_given"
    return "picture_unrated" if step.step == "picture" and not facts.get("fps") else step.step
