"""What the routes about cameras' addresses take and answer. Passwords are taken, and never answered."""

from typing import Annotated

import msgspec
from msgspec import Meta

Typed = Annotated[str, Meta(max_length=1000)]
Secret = Annotated[str, Meta(max_length=200)]


class Probe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to ask: a host, an address of an ONVIF service (`http://…`) or of a stream (`rtsp://…`); `port` is that of
    ONVIF where it is another than 80."""

    address: Typed
    user: Secret = ""
    password: Secret = ""
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None

    def __repr__(self) -> str:
        return "Probe(…)"


class ProbeStep(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a step: `failure` is a word (null when it went well), `detail` a sentence that says what to do."""

    step: str
    ok: bool
    detail: str
    failure: str | None


class ProbedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """What the camera says that it is; empty where it says nothing."""

    maker: str
    model: str
    firmware: str
    serial: str


class ProbedProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A stream that it offers: addresses without account, on the host that was asked; size in pixels, pictures a
    second."""

    name: str
    stream: str | None
    snapshot: str | None
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe found. `position` is longitude and latitude (WGS 84), `bearing` clockwise from north,
    `clock_skew_s` by how many seconds the camera's clock is ahead; `picture` a JPEG in base64, which is not kept."""

    steps: list[ProbeStep]
    device: ProbedDevice
    profiles: list[ProbedProfile]
    position: tuple[float, float] | None
    bearing: float | None
    clock_skew_s: float | None
    events: list[str]
    picture: str | None
    took_s: float


class PutAddress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a camera's stream is, and its account, apart or in the address. An empty `url`: it is watched no more."""

    url: Typed
    user: Secret = ""
    password: Secret = ""

    def __repr__(self) -> str:
        return "PutAddress(…)"
