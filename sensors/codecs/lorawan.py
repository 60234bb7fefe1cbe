"""LoRaWAN uplinks of any network: who sent the frame, which one it is, and what its script makes of it.

Identity: the run is what changes when a device counts its frames anew (the session's key, or the device's address), the
number is the frame counter, the time is the network's time of reception, which is equal whenever it delivers a frame
again. `decode` is the codec `lorawan-raw`, for frames that come without a network.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import msgspec

from gis.observation import Mark, Reading
from gis.stamp import Stamp, believed, digest_of
from sensors.codecs.codec import (
    LARGEST_PAYLOAD,
    LARGEST_SEQUENCE,
    LONGEST_RUN,
    Believes,
    Decoded,
    Inner,
    date_trouble,
    refused,
)
from sensors.codecs.script import Answer, ScriptError, Scripts
from sensors.codecs.values import measured
from sensors.profile import Device

Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]

LARGEST_COUNTER = 2**32 - 1
"""A frame counter has 32 bits (LoRaWAN L2, 4.3.1.5)."""


class Uplink(msgspec.Struct, frozen=True, kw_only=True):
    """One frame as a network delivered it. `network` is what the network itself decoded, if it did.

    `simulated` frames were made up by a person at the network's console: nobody measured their values.
    """

    names: tuple[str, ...]
    run: str
    sequence: int | None
    at: dt.datetime
    port: int
    frame: bytes
    network: Any = None
    simulated: bool = False


class Raw(msgspec.Struct, frozen=True):
    """A frame without a network: `hex` or `base64`, with its time and number as in the default codec."""

    at: Moment
    port: Annotated[int, msgspec.Meta(ge=0, le=255)] = 1
    hex: str | None = None
    base64: str | None = None
    run: Annotated[str, msgspec.Meta(max_length=LONGEST_RUN, pattern=r"^[^\x00]*$")] = ""
    seq: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SEQUENCE)] | None = None


_RAW = msgspec.json.Decoder(Raw)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """How a network server publishes: `event_of` tells the event of a topic behind `in/`, of the form `form`.

    `up` is an uplink, which `uplink_of` reads (ValueError says why it cannot); `others` are events that are counted
    and not kept, each with the member that it must have.
    """

    form: str
    event_of: Callable[[str], str]
    others: Mapping[str, str]
    uplink_of: Callable[[bytes], Uplink]

    def decode(
        self,
        payload: bytes,
        rest: str,
        gateway: Device,
        inner: Inner,
        arrived_at: dt.datetime,
        scripts: Scripts,
        believes: Believes = believed,
    ) -> Decoded:
        """Read a message of the network server; never raises, whatever the bytes and the topic are."""
        if len(payload) > LARGEST_PAYLOAD:
            return refused("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
        event = self.event_of(rest)
        if event in self.others:
            return _counted(payload, event, self.others[event])
        if event != "up":
            return refused("topic", f"the topic behind in/ is not {self.form}")
        try:
            uplink = self.uplink_of(payload)
        except ValueError as error:
            return refused("schema", str(error))
        device = owner_of(uplink.names, gateway, inner)
        return device if isinstance(device, Decoded) else read(uplink, device, arrived_at, scripts, believes)


def _counted(payload: bytes, event: str, member: str) -> Decoded:
    try:
        members = _MEMBERS.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return refused("not_json", f"the event {event} is no JSON object: {error}")
    if member not in members:
        return refused("schema", f"the event {event} has no member {member}")
    return Decoded(counted="network")


def names_of(device_id: str, dev_eui: str) -> tuple[str, ...]:
    """The codes under which a device may be registered, in the order in which they are tried."""
    eui = dev_eui.lower()
    candidates = (device_id.lower(), f"eui-{eui}" if eui else "", eui)
    return tuple(dict.fromkeys(name for name in candidates if name))


def run_of(*parts: str) -> str:
    """The first text that can be a run; a long one by its digest."""
    text = next((part for part in parts if part), "")
    if len(text) > LONGEST_RUN or "\0" in text:
        return digest_of(text.encode("utf-8", "replace"))
    return text


def frame_of(text: str) -> bytes:
    """Bytes of base64. Raises ValueError when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"the frame is not base64: {error}") from error


def owner_of(names: Iterable[str], gateway: Device, inner: Inner) -> Device | Decoded:
    """The registered device of a frame, or the refusal that says which one is missing."""
    tried = list(names)
    for name in tried:
        device = inner(name)
        if device is not None:
            return device
    which = " or ".join(name[:64] for name in tried) or "without a name"
    return refused(
        "unknown_device", f"no device {which} is registered under {gateway.code}; register it, then replay this message"
    )


def read(
    uplink: Uplink, device: Device, arrived_at: dt.datetime, scripts: Scripts, believes: Believes = believed
) -> Decoded:
    """The reading of a frame by its device's script, or by what the network decoded where the profile names none."""
    marks = _marks(uplink, device)
    wrong = date_trouble(uplink.at, arrived_at, believes)
    if wrong is not None:
        return Decoded((), wrong, marks)
    try:
        data = answer_of(uplink, device, scripts).data
    except ScriptError as error:
        return Decoded((), error.trouble, marks)
    return reading(uplink, device, data)


def reading(uplink: Uplink, device: Device, data: Mapping[str, Any]) -> Decoded:
    """The reading of a decoded frame, whose time is believed."""
    values, trouble = measured(device.profile, data)
    if not values:
        return Decoded((), trouble, _marks(uplink, device))
    stamp = Stamp(
        centre=device.centre,
        source=device.code,
        at=uplink.at,
        run=uplink.run,
        sequence=uplink.sequence,
        digest=digest_of(uplink.frame + bytes((uplink.port,))) if uplink.sequence is None else "",
    )
    return Decoded((Reading(stamp=stamp, values=values, derived=uplink.simulated),), trouble)


def answer_of(uplink: Uplink, device: Device, scripts: Scripts) -> Answer:
    """The decoded frame. Raises ScriptError saying why there is none."""
    profile = device.profile
    if profile.script:
        if not uplink.frame:
            raise ScriptError("no_payload", "the frame carries no payload, only commands for the network")
        return scripts.run(profile.script, uplink.frame, uplink.port, uplink.at, profile.variables)
    if isinstance(uplink.network, dict) and uplink.network:
        return Answer(uplink.network, uplink.network)
    raise ScriptError(
        "no_script", f"the profile {profile.code} names no script, and the network has not decoded the frame"
    )


def _marks(uplink: Uplink, device: Device) -> tuple[Mark, ...]:
    if uplink.sequence is None:
        return ()
    at = uplink.at if dt.MINYEAR < uplink.at.year < dt.MAXYEAR else None
    return (Mark(source=device.code, run=uplink.run, sequence=uplink.sequence, at=at),)


def utc(at: dt.datetime) -> dt.datetime:
    """The moment in UTC; at the ends of the calendar as it is, where no window believes it."""
    return at.astimezone(dt.UTC) if dt.MINYEAR < at.year < dt.MAXYEAR else at


def decode(
    payload: bytes, device: Device, arrived_at: dt.datetime, scripts: Scripts, believes: Believes = believed
) -> Decoded:
    """Read a Raw frame that a device of ours published itself; never raises, whatever the bytes are."""
    if len(payload) > LARGEST_PAYLOAD:
        return refused("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
    try:
        uplink = published(payload, device.code)
    except ValueError as error:
        return refused("schema", str(error))
    return read(uplink, device, arrived_at, scripts, believes)


def published(payload: bytes, code: str) -> Uplink:
    """The frame of a Raw. Raises ValueError saying why there is none."""
    try:
        raw = _RAW.decode(payload)
        frame = bytes.fromhex(raw.hex) if raw.hex is not None else frame_of(raw.base64 or "")
    except (ValueError, RecursionError) as error:
        form = '{"at": …, "seq": …, "port": 1, "hex": "…"}'
        raise ValueError(f"a frame without a network is sent as {form}: {str(error)[:200]}") from error
    return Uplink(names=(code,), run=raw.run, sequence=raw.seq, at=utc(raw.at), port=raw.port, frame=frame)
