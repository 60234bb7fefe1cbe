"""Other makers' eyes in the intake's words: the codecs of the camera room beside those of the sensors.

A camera is registered like any other. In its settings stand `gateway` (the code of the recorder or bridge that speaks
for it), `known_as` (the names by which that one calls it), `codec` (for a camera that writes under its own code),
`onvif` (the address of its device service, for one whose events we pull: ioc/pulling.py) and `frame` (width and height
in pixels of the picture in which its maker gives boxes).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from cameras import frigate, onvif
from cameras.foreign import Believes, Eye, Speaker, Told, code_form, together
from cameras.onvif_lives import Lives
from gis.observation import CameraState
from gis.position import Position
from sensors.codecs.codec import Decoded, Trouble
from sensors.topics import Address, admit

OF_CAMERAS = ("onvif-ej", "frigate")
"""Codecs of the camera room, by the names that profiles and cameras give."""

QUIETLY = ("not_kept", "empty")
"""Refused for a technician who tries it, and only counted on the way, where it comes all day long: what a recorder
repeats, and the empty payload with which a broker is told to forget a retained message."""


class Row(Protocol):
    """A camera as it is registered (`ioc.store.registry.CameraRow`)."""

    @property
    def code(self) -> str: ...
    @property
    def centre(self) -> str: ...
    @property
    def position(self) -> Position: ...
    @property
    def bearing(self) -> float | None: ...
    @property
    def fov(self) -> float | None: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...


class Registered(Row, Protocol):
    """The same, with the centres that it belonged to, under whose topics it may still speak."""

    @property
    def former(self) -> tuple[str, ...]: ...


_EYE = frozenset(Eye.__struct_fields__)


def decoded_of(told: Told) -> Decoded:
    """The same for the intake."""
    trouble = told.trouble
    return Decoded(
        trouble=Trouble(trouble.code, trouble.reason, trouble.skew_s) if trouble is not None else None,
        counted=told.counted,
        sightings=told.sightings,
        states=told.states,
    )


def read(
    codec: str,
    payload: bytes,
    topic: str,
    speaker: Speaker,
    arrived_at: dt.datetime,
    lives: Lives,
    **more: Any,
) -> Told:
    """One message by a codec's name."""
    if codec == "frigate":
        return frigate.decode(payload, topic, speaker, arrived_at, **more)
    return onvif.decode(payload, topic, speaker, arrived_at, lives, **more)


MOST_LINES = 1000
"""Messages of a file that are tried."""


def overheard(payload: bytes, topic: str) -> list[tuple[str, bytes]]:
    """The messages of a file as a technician has them, each with its topic.

    What `mosquitto_sub -v` prints is a message a line behind its topic; a line may also be JSON alone.
    """
    lines = [line.strip() for line in payload.splitlines() if line.strip()][: MOST_LINES + 1]
    apart = [line.partition(b" ") if line[:1] not in b"{[<" else (topic.encode(), b" ", line) for line in lines]
    if not 0 < len(lines) <= MOST_LINES or not all(rest[:1] == b"{" and rest[-1:] == b"}" for _, _, rest in apart):
        return [(topic, payload)]
    return [(name.decode("utf-8", "replace"), rest) for name, _, rest in apart]


def tried(codec: str, payload: bytes, topic: str, arrived_at: dt.datetime, believes: Believes) -> Told:
    """The messages of a file of whatever camera, registered or not."""
    known: dict[str, Eye] = {}

    def find(name: str) -> Eye:
        code = code_form(name)
        return known.setdefault(name, Eye(code=code if len(code) > 1 else f"camera-{code or 'x'}", centre="any"))

    own = Eye(code="camera", centre="any") if codec == "onvif-ej" else None
    speaker, lives = Speaker(code="gateway", own=own, find=find), Lives()
    parts = [
        read(codec, said, name, speaker, arrived_at, lives, believes=believes)
        for name, said in overheard(payload, topic)
    ]
    return together(parts, [part.decoded for part in parts]) if len(parts) > 1 else parts[0]


class Eyes:
    """The registered cameras by every name; made anew when the register has changed."""

    def __init__(
        self, cameras: Callable[[], Mapping[str, Registered]], barred: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._cameras = cameras
        self._barred = barred
        self._rows: Mapping[str, Registered] = {}
        self._named: dict[tuple[str, str], Eye] = {}

    def own(self, code: str) -> tuple[Eye, str] | None:
        """A camera by its code, and its codec (empty: none)."""
        row = self._cameras().get(code)
        if row is None:
            return None
        pulled = "onvif-ej" if row.settings.get("onvif") else ""
        return eye_of(row), str(row.settings.get("codec", pulled))

    def speaks(self, code: str, centre: str) -> bool:
        """Whether a camera may speak, or be spoken of, under the topic of a centre."""
        row = self._cameras().get(code)
        return row is not None and centre in (row.centre, *row.former)

    def under(self, gateway: str, centre: str) -> Callable[[str], Eye | None]:
        """Finds the cameras that are registered under a gateway, in its centre, by a name that it gives them.

        It raises ForeignTopicError for one that is not in use.
        """
        self._renew()
        barred = self._barred()

        def find(name: str) -> Eye | None:
            eye = self._named.get((gateway, name)) or self._named.get((gateway, code_form(name)))
            if eye is None or not self.speaks(eye.code, centre):
                return None
            admit(eye.code, barred)
            return eye

        return find

    def _renew(self) -> None:
        rows = self._cameras()
        if rows is self._rows:
            return
        named: dict[tuple[str, str], Eye] = {}
        for row in rows.values():
            gateway = row.settings.get("gateway")
            if isinstance(gateway, str):
                eye = eye_of(row)
                named |= {(gateway, name): eye for name in (row.code, *eye.names)}
        self._rows, self._named = rows, named


def eye_of(row: Row) -> Eye:
    """A registered camera as the codecs see it; a calibration that cannot be read costs only itself."""
    settings = {name: value for name, value in row.settings.items() if name in _EYE}
    about = {
        "code": row.code,
        "centre": row.centre,
        "names": row.settings.get("known_as", ()),
        "position": {"lon": row.position.lon, "lat": row.position.lat},
        "bearing_deg": row.bearing,
        "fov_deg": row.fov,
    }
    try:
        return msgspec.convert({**settings, **about}, Eye)
    except msgspec.ValidationError:
        return Eye(code=row.code, centre=row.centre, position=row.position)


class _Status(msgspec.Struct, frozen=True):
    """What a camera, or its will, says of itself (contract, MQTT)."""

    online: bool


def _status(payload: bytes, eye: Eye, arrived_at: dt.datetime) -> Decoded:
    """A status is the camera's state; it carries no time, so that its arrival counts."""
    try:
        online = msgspec.json.decode(payload, type=_Status).online
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return Decoded(trouble=Trouble("status", 'a status is {"online": true} or {"online": false}'))
    state, word = ("live", "online") if online else ("unreachable", "offline")
    return Decoded(states=(CameraState(camera=eye.code, state=state, at=arrived_at, reason=f"it says {word}"),))


class CameraCodecs:
    """What the intake's decoder asks about cameras: all that are registered, and the life cycle of those not in use."""

    def __init__(
        self, cameras: Callable[[], Mapping[str, Registered]], barred: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._eyes = Eyes(cameras, barred)
        self._lives = Lives()

    def camera(self, payload: bytes, address: Address, arrived_at: dt.datetime) -> Decoded | None:
        """A message under a camera's own code; None when no camera of that code is registered."""
        found = self._eyes.own(address.device)
        if found is None:
            return None
        eye, codec = found
        if not self._eyes.speaks(eye.code, address.centre):
            reason = f"camera {eye.code} belongs to {eye.centre}; mend the centre in its topic"
            return Decoded(trouble=Trouble("wrong_centre", reason))
        if address.channel == "status":
            return _status(payload, eye, arrived_at)
        if codec not in OF_CAMERAS or address.channel not in ("events", "in"):
            known = " or ".join(OF_CAMERAS)
            reason = f"camera {eye.code} has no codec for its {address.channel}; register it with codec {known}"
            return Decoded(trouble=Trouble("no_codec", reason))
        return self._decoded(codec, payload, address.rest, Speaker(code=eye.code, own=eye), arrived_at)

    def gateway(self, codec: str, payload: bytes, address: Address, arrived_at: dt.datetime) -> Decoded:
        """A message of a gateway whose profile names one of OF_CAMERAS."""
        speaker = Speaker(code=address.device, find=self._eyes.under(address.device, address.centre))
        return self._decoded(codec, payload, address.rest, speaker, arrived_at)

    def _decoded(self, codec: str, payload: bytes, topic: str, speaker: Speaker, arrived_at: dt.datetime) -> Decoded:
        told = read(codec, payload, topic, speaker, arrived_at, self._lives)
        if told.trouble is not None and told.trouble.code in QUIETLY:
            return Decoded(counted=f"{codec}_{told.trouble.code}".replace("-", "_"))
        return decoded_of(told)
