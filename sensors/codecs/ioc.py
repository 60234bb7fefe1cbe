"""The default codec: one JSON object, or a list of up to 1,000, as the contract's MQTT part describes."""

import datetime as dt
import math
import re
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from gis.observation import Mark, Quality, Reading, Value
from gis.stamp import Stamp, believed, digest_of
from sensors.codecs.codec import (
    LARGEST_PAYLOAD,
    LARGEST_SEQUENCE,
    LONGEST_RUN,
    Believes,
    Decoded,
    Trouble,
    date_trouble,
    refused,
)
from sensors.codecs.values import quality_of
from sensors.profile import Device

MOST_IN_A_LIST = 1000

_STATUS = {"00": Quality.GOOD, "01": Quality.CALIBRATING, "02": Quality.FAULT}

_NOT_FINITE = re.compile(rb"[:\[,]\s*-?(?:NaN|Infinity)")

Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class Message(msgspec.Struct, frozen=True, gc=False):
    """One object as it stands on the wire; unknown members are ignored (RFC 8259 leaves them to us)."""

    at: Moment
    values: dict[str, float]
    run: Annotated[str, msgspec.Meta(max_length=LONGEST_RUN)] = ""
    seq: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SEQUENCE)] | None = None
    status: str = "00"
    recorded_at: Moment | None = None
    derived: bool = False


class _Traces(msgspec.Struct, frozen=True):
    """What may still be told of a reading that is not as agreed."""

    at: Any = None
    run: Any = ""
    seq: Any = None


_MANY = msgspec.json.Decoder(list[msgspec.Raw]).decode
_ONE = msgspec.json.Decoder(Message).decode
_TRACES = msgspec.json.Decoder(_Traces).decode


def decode(payload: bytes, device: Device, arrived_at: dt.datetime, believes: Believes = believed) -> Decoded:
    """Read a payload of the default codec; never raises, whatever the bytes are."""
    if len(payload) > LARGEST_PAYLOAD:
        return refused("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
    if payload.lstrip()[:1] != b"[":
        return _one(payload, device, arrived_at, believes)
    try:
        parts = _MANY(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return Decoded((), _unreadable(payload, error))
    if not 1 <= len(parts) <= MOST_IN_A_LIST:
        return refused("list", f"the list has {len(parts)} readings; send 1 to {MOST_IN_A_LIST} at a time")
    return _together(_one(bytes(part), device, arrived_at, believes) for part in parts)


def _together(each: Iterable[Decoded]) -> Decoded:
    readings: list[Reading] = []
    marks: list[Mark] = []
    trouble: Trouble | None = None
    for number, decoded in enumerate(each):
        readings.extend(decoded.readings)
        marks.extend(decoded.marks)
        if decoded.trouble is not None and trouble is None:
            reason = f"reading {number} of the list: {decoded.trouble.reason}"
            trouble = Trouble(decoded.trouble.code, reason, decoded.trouble.skew_s)
    return Decoded(tuple(readings), trouble, tuple(marks))


def _one(payload: bytes, device: Device, arrived_at: dt.datetime, believes: Believes) -> Decoded:
    try:
        message = _ONE(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return Decoded((), _unreadable(payload, error), _traces(payload, device))
    wrong = _wrong_with(message, arrived_at, believes)
    if wrong is not None:
        return Decoded((), wrong, _marks(message.run, message.seq, message.at, device))
    said = _STATUS[message.status]
    values: list[Value] = []
    trouble: Trouble | None = None
    known = device.profile.property
    for name in message.values:
        about = known(name)
        if about is None:
            trouble = _unknown(message, device)
        else:
            number = message.values[name]
            values.append(Value(name, number, said or quality_of(about, number)))
    if not values:
        trouble = trouble or Trouble("empty", "the reading has no values")
        return Decoded((), trouble, _marks(message.run, message.seq, message.at, device))
    return Decoded((_reading(message, payload, tuple(values), device),), trouble)


def _unknown(message: Message, device: Device) -> Trouble:
    first = min(name for name in message.values if device.profile.property(name) is None)
    return Trouble("unknown_property", f"{device.code} has no property {first[:60]!r} in its profile")


def _unreadable(payload: bytes, error: Exception) -> Trouble:
    if not payload.strip():
        return Trouble("not_json", "the payload is empty: send one reading as JSON, or a list of them")
    if isinstance(error, RecursionError):
        return Trouble("too_deep", "the JSON is nested too deeply")
    if isinstance(error, msgspec.ValidationError):
        return Trouble("schema", f"the reading is not as agreed: {error}")
    if _NOT_FINITE.search(payload):
        return Trouble("not_finite", "NaN and Infinity are not numbers in JSON; leave the value out instead")
    return Trouble("not_json", f"the payload is not JSON: {error}")


def _wrong_with(message: Message, arrived_at: dt.datetime, believes: Believes) -> Trouble | None:
    if not believes(message.at, arrived_at):
        return date_trouble(message.at, arrived_at, believes)
    if message.recorded_at is not None and not dt.MINYEAR < message.recorded_at.year < dt.MAXYEAR:
        return Trouble("date", "recorded_at lies at the end of the calendar and has no moment in UTC")
    if "\0" in message.run:
        return Trouble("nul", "U+0000 in a text cannot be kept")
    if message.status not in _STATUS:
        told = message.status[:20]
        return Trouble("status", f"the status {told!r} is unknown: send 00 measuring, 01 calibrating or 02 fault")
    if not all(map(math.isfinite, message.values.values())):
        return Trouble("not_finite", "a value is too large for a number; leave it out instead")
    return None


def _reading(message: Message, payload: bytes, values: tuple[Value, ...], device: Device) -> Reading:
    at, recorded_at = message.at, message.recorded_at
    stamp = Stamp(
        centre=device.centre,
        source=device.code,
        at=at if at.tzinfo is dt.UTC else at.astimezone(dt.UTC),
        run=message.run,
        sequence=message.seq,
        digest=digest_of(payload) if message.seq is None else "",
    )
    if recorded_at is not None:
        recorded_at = recorded_at.astimezone(dt.UTC)
    return Reading(stamp=stamp, values=values, recorded_at=recorded_at, derived=message.derived)


def _traces(payload: bytes, device: Device) -> tuple[Mark, ...]:
    """Which reading it was, as far as that can be read where the rest cannot."""
    try:
        found = _TRACES(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ()
    try:
        at = msgspec.convert(found.at, Moment)
    except msgspec.ValidationError:
        at = None
    return _marks(found.run, found.seq, at, device)


def _marks(run: object, sequence: object, at: dt.datetime | None, device: Device) -> tuple[Mark, ...]:
    if not isinstance(run, str) or len(run) > LONGEST_RUN or "\0" in run:
        return ()
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 <= sequence <= LARGEST_SEQUENCE:
        return ()
    if at is not None:
        at = at.astimezone(dt.UTC) if dt.MINYEAR < at.year < dt.MAXYEAR else None
    return (Mark(source=device.code, run=run, sequence=sequence, at=at),)
