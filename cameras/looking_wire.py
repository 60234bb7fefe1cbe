"""What a process that looks once is told, and what it answers; without the decoder, which is loaded there alone."""

import msgspec


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at (the host already judged), and within how many seconds."""

    url: str
    within_s: float


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen; or why nothing was, as a name and a sentence."""

    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float | None = None
    picture: bytes = b""
    failure: str = ""
    reason: str = ""
