"""The default codec: one JSON object, or a list of up to 1,000, as the contract's MQTT part describes."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from gis.observation import Quality, Reading, Value
from gis.stamp import Stamp, believed, digest_of
from sensors.codecs.codec import LARGEST_PAYLOAD, Decoded, Trouble, refused
from sensors.profile import Device, Property

MOST_IN_A_LIST = 1000

_STATUS = {"00": Quality.GOOD, "01": Quality.CALIBRATING, "02": Quality.FAULT}

_NOT_FINITE = re.compile(rb"[:\[,]\s*-?(?:NaN|Infinity)")

Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class Message(msgspec.Struct, frozen=True):
    """One object as it stands on the wire; unknown members are ignored (RFC 8259 leaves them to us)."""

    at: Moment
    values: dict[str, float]
    run: Annotated[str, msgspec.Meta(max_length=64)] = ""
    seq: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None
    status: str = "00"
    recorded_at: Moment | None = None
    derived: bool = False


_DECODER: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
_ONE: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def decode(payload: bytes, device: Device, arrived_at: dt.datetime) -> Decoded:
    """Read a payload of the default codec; never raises, whatever the bytes are."""
    if len(payload) > LARGEST_PAYLOAD:
        return refused("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
    try:
        parts: list[msgspec.Raw] | list[bytes]
        parts = _DECODER.decode(payload) if payload.lstrip()[:1] == b"[" else [payload]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _unreadable(payload, error)
    if not 1 <= len(parts) <= MOST_IN_A_LIST:
        return refused("list", f"the list has {len(parts)} readings; send 1 to {MOST_IN_A_LIST} at a time")
    return _together(_one(bytes(part), device, arrived_at) for part in parts)


def _together(each: Iterable[Decoded]) -> Decoded:
    readings: list[Reading] = []
    trouble: Trouble | None = None
    for number, decoded in enumerate(each):
        readings.extend(decoded.readings)
        if decoded.trouble is not None and trouble is None:
            where = f"reading {number} of the list: " if number else ""
            trouble = Trouble(decoded.trouble.code, where + decoded.trouble.reason)
    return Decoded(tuple(readings), trouble)


def _unreadable(payload: bytes, error: Exception) -> Decoded:
    if isinstance(error, RecursionError):
        return refused("too_deep", "the JSON is nested too deeply")
    if isinstance(error, msgspec.ValidationError):
        return refused("schema", f"the reading is not as agreed: {error}")
    if _NOT_FINITE.search(payload):
        return refused("not_finite", "NaN and Infinity are not numbers in JSON; leave the value out instead")
    return refused("not_json", f"the payload is not JSON: {error}")


def _one(payload: bytes, device: Device, arrived_at: dt.datetime) -> Decoded:
    try:
        message = _ONE.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _unreadable(payload, error)
    wrong = _wrong_with(message, arrived_at)
    if wrong is not None:
        return Decoded((), wrong)
    known = {name: number for name, number in message.values.items() if name in device.profile.properties}
    unknown = sorted(set(message.values) - set(known))
    trouble = None
    if unknown:
        trouble = Trouble("unknown_property", f"{device.code} has no property {unknown[0][:60]!r} in its profile")
    if not known:
        return Decoded((), trouble or Trouble("empty", "the reading has no values"))
    return Decoded((_reading(message, payload, known, device),), trouble)


def _wrong_with(message: Message, arrived_at: dt.datetime) -> Trouble | None:
    if not believed(message.at, arrived_at):
        skew = (message.at - arrived_at).total_seconds()
        return Trouble("date", f"the time {message.at.isoformat()} is not believed: {skew:+.0f} s from ours")
    if message.recorded_at is not None and not dt.MINYEAR < message.recorded_at.year < dt.MAXYEAR:
        return Trouble("date", "recorded_at lies at the end of the calendar and has no moment in UTC")
    if "\0" in message.run:
        return Trouble("nul", "U+0000 in a text cannot be kept")
    if message.status not in _STATUS:
        return Trouble("status", "the status is 00 measuring, 01 calibrating or 02 fault")
    if not all(map(math.isfinite, message.values.values())):
        return Trouble("not_finite", "a value is too large for a number; leave it out instead")
    return None


def _reading(message: Message, payload: bytes, known: Mapping[str, float], device: Device) -> Reading:
    said = _STATUS[message.status]
    stamp = Stamp(
        centre=device.centre,
        source=device.code,
        at=message.at.astimezone(dt.UTC),
        run=message.run,
        sequence=message.seq,
        digest=digest_of(payload) if message.seq is None else "",
    )
    values = tuple(
        Value(name, number, _quality(device.profile.properties[name], number, said)) for name, number in known.items()
    )
    recorded_at = message.recorded_at.astimezone(dt.UTC) if message.recorded_at is not None else None
    return Reading(stamp=stamp, values=values, recorded_at=recorded_at, derived=message.derived)


def _quality(about: Property, number: float, said: Quality) -> Quality:
    if said is Quality.GOOD and not about.minimum <= number <= about.maximum:
        return Quality.IMPLAUSIBLE
    return said
