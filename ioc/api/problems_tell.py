"""What is wrong with requests about contacts and messages; see problems.py."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "stale-contacts": (
        409,
        "Cách liên hệ vừa được đổi; hãy xem bản hiện tại rồi thử lại.",
        "These contacts have changed; look at them and try again.",
    ),
    "message-not-dead": (
        409,
        "Tin này không phải là tin không đến được, nên không gửi lại.",
        "This message is no dead letter, so it is not sent again.",
    ),
}
