"""Messages to observations and refusals: every message leaves a reading, a dead letter, or a counted trace."""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from gis.observation import CameraState, Observation, Refusal
from sensors.codecs.codec import Codec, Decoded, GatewayCodec, refused
from sensors.intake import Batch, Message
from sensors.profile import Device
from sensors.topics import Address, ForeignTopicError, address_of, admit, registered

log = logging.getLogger(__name__)

OF_CAMERAS = frozenset({"onvif-ej", "frigate"})
"""Codecs of profiles whose messages the camera room reads."""

MOST_MISSING = 100
"""Ranges of a receipt (contract, MQTT)."""


class Status(msgspec.Struct, frozen=True):
    """What a device, or its will, says of itself."""

    online: bool


class Receipt(msgspec.Struct, frozen=True):
    """What the centre tells a device is safe; it comes back to us, because we hear every topic."""

    run: str
    through: int
    missing: list[tuple[int, int]]


_STATUS = msgspec.json.Decoder(Status)
_RECEIPT = msgspec.json.Decoder(Receipt)


class OfCameras(Protocol):
    """What reads the messages of cameras, and of recorders and bridges for them."""

    def camera(self, payload: bytes, address: Address, arrived_at: dt.datetime) -> Decoded | None:
        """A message under a camera's own code; None when no camera of that code is registered."""

    def gateway(self, codec: str, payload: bytes, address: Address, arrived_at: dt.datetime) -> Decoded:
        """A message of a gateway whose profile has one of OF_CAMERAS."""


class Decoder:
    """Decodes by the register, and by the codec of each device's or gateway's profile.

    `refused` counts dead letters by their code, `counted` what left neither a reading nor a dead letter: statuses,
    receipts, and a network's notices. `barred` tells the life cycle of what is registered and not in use: its messages
    are refused, and may be replayed once it is.
    """

    def __init__(
        self,
        register: Callable[[], Mapping[str, Device]],
        codecs: Mapping[str, Codec],
        gateways: Mapping[str, GatewayCodec] | None = None,
        cameras: OfCameras | None = None,
        barred: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._barred = barred
        self._cameras = cameras
        self._register = register
        self._codecs = codecs
        self._gateways = gateways or {}
        self.refused: Counter[str] = Counter()
        self.counted: Counter[str] = Counter()

    def decode(self, messages: Sequence[Message], arrived_at: dt.datetime) -> Batch:
        """Decode a batch; never raises. A message that is partly good leaves its readings and one refusal."""
        observations: list[Observation] = []
        refusals: list[Refusal] = []
        states: list[CameraState] = []
        register, barred = self._register(), self._barred()
        for message in messages:
            source = ""
            try:
                address = address_of(message.topic)
                source = address.device if address.device in register or address.device in barred else ""
                decoded = self._one(message.payload, address, register, barred, arrived_at)
            except ForeignTopicError as foreign:
                decoded = refused(foreign.code, str(foreign))
            except Exception as error:
                log.exception("a codec failed on a message to %s", message.topic[:200])
                decoded = refused("codec", f"its codec failed ({type(error).__name__}); report it, then replay this")
            observations.extend(decoded.readings)
            observations.extend(decoded.sightings)
            states.extend(decoded.states)
            if decoded.trouble is not None:
                refusals.append(self._refusal(message, source, decoded))
            elif decoded.counted:
                self.counted[decoded.counted] += 1
        return Batch(
            arrived_at=arrived_at,
            observations=tuple(observations),
            refusals=tuple(refusals),
            states=tuple(states),
        )

    def figures(self) -> dict[str, int]:
        """The counters by names of their own."""
        counted = {f"counted_{what}": number for what, number in self.counted.items()}
        return counted | {f"refused_{why}": number for why, number in self.refused.items()}

    def _refusal(self, message: Message, source: str, decoded: Decoded) -> Refusal:
        trouble = decoded.trouble
        assert trouble is not None  # noqa: S101 - the caller has looked
        self.refused[trouble.code] += 1
        return Refusal(
            topic=message.topic,
            payload=message.payload,
            code=trouble.code,
            reason=trouble.reason,
            source=source,
            marks=decoded.marks,
            skew_s=trouble.skew_s,
        )

    def _one(
        self,
        payload: bytes,
        address: Address,
        register: Mapping[str, Device],
        barred: Mapping[str, str],
        arrived_at: dt.datetime,
    ) -> Decoded:
        if address.channel == "receipts":
            return _receipt(payload)
        if address.device not in register:
            admit(address.device, barred)
        if self._cameras is not None and address.device not in register:
            seen = self._cameras.camera(payload, address, arrived_at)
            if seen is not None:
                return seen
        device = registered(address, register)
        if self._cameras is not None and address.channel in ("events", "in") and device.profile.codec in OF_CAMERAS:
            return self._cameras.gateway(device.profile.codec, payload, address, arrived_at)
        if address.channel == "readings":
            codec = self._codecs.get(device.profile.codec)
            if codec is not None:
                return codec(payload, device, arrived_at)
        elif address.channel == "status":
            return _status(payload)
        elif address.channel == "in":
            gateway = self._gateways.get(device.profile.codec)
            if gateway is not None:
                return gateway(payload, address.rest, device, _inner(register, barred, device), arrived_at)
        raise ForeignTopicError("no_codec", f"{device.code} has no codec for its {address.channel}")


def _inner(
    register: Mapping[str, Device], barred: Mapping[str, str], gateway: Device
) -> Callable[[str], Device | None]:
    """Finds the devices that are registered under a gateway, in its centre, and in use."""

    def find(code: str) -> Device | None:
        device = register.get(code)
        if device is None:
            admit(code, barred)
        if device is None or device.gateway != gateway.code or device.centre != gateway.centre:
            return None
        return device

    return find


def _status(payload: bytes) -> Decoded:
    try:
        said = _STATUS.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return refused("status", 'a status is {"online": true} or {"online": false}')
    return Decoded(counted="online" if said.online else "offline")


def _receipt(payload: bytes) -> Decoded:
    try:
        receipt = _RECEIPT.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return refused("receipt", "a receipt has run, through and missing, and is written by the centre alone")
    if len(receipt.missing) > MOST_MISSING:
        return refused("receipt", f"a receipt has at most {MOST_MISSING} missing ranges")
    return Decoded(counted="receipt")
