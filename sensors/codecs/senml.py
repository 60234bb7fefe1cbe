"""SenML in JSON (RFC 8428): a pack of records with base fields, resolved to readings of one device.

A record is a property's value when its resolved name is the property's `path` in the profile, or its name, or ends in
its name behind the last `:` or `/`. Records of one moment make one reading. A relative time (RFC 8428, 4.5.3) is dated
by the arrival, so that a pack that is delivered twice is then read twice: send absolute times where that matters.
"""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from gis.observation import Reading, Value
from gis.stamp import Stamp, believed, digest_of
from sensors.codecs.codec import LARGEST_PAYLOAD, Believes, Decoded, Trouble, date_trouble, refused
from sensors.codecs.values import number_of, quality_of
from sensors.profile import Device, Profile, Property

MOST_RECORDS = 1000

RELATIVE = 2**28
"""Resolved times below this, in seconds, are relative to now (RFC 8428, 4.5.3)."""

VERSION = 10
"""The version of RFC 8428 (4.4)."""

_Text = Annotated[str, msgspec.Meta(max_length=1024)]


class Record(msgspec.Struct, frozen=True):
    """One record as it stands on the wire (RFC 8428, 4.1 to 4.3); a field that ends in `_` must be understood."""

    bn: _Text | None = None
    bt: float | None = None
    bu: _Text | None = None
    bv: float | None = None
    bs: float | None = None
    bver: int | None = None
    n: _Text = ""
    u: _Text | None = None
    v: float | None = None
    vs: str | None = None
    vb: bool | None = None
    vd: str | None = None
    s: float | None = None
    t: float = 0.0
    ut: float | None = None


class Resolved(msgspec.Struct, frozen=True):
    """A record on its own (RFC 8428, 4.6): `t` in seconds since 1970, `value` what it holds."""

    n: str
    u: str
    t: float
    value: float | bool | str | None
    sum: float | None
    field: str

    def told(self) -> dict[str, float | bool | str]:
        """The record as RFC 8428 writes it."""
        told: dict[str, float | bool | str] = {"n": self.n, "t": self.t}
        told |= {"u": self.u} if self.u else {}
        told |= {self.field: self.value} if self.value is not None else {}
        return told | ({"s": self.sum} if self.sum is not None else {})


_PACK = msgspec.json.Decoder(list[msgspec.Raw])
_RECORD = msgspec.json.Decoder(Record)
_NAMES = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Base(msgspec.Struct):
    """Base fields: each holds until the next of its kind (RFC 8428, 4.1)."""

    bn: str = ""
    bt: float = 0.0
    bu: str = ""
    bv: float = 0.0
    bs: float | None = None


class SenmlError(Exception):
    """A pack or record cannot be resolved; `code` is for counters."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def resolve(payload: bytes, now: dt.datetime) -> list[Resolved | SenmlError]:
    """Every record of a pack on its own, or why it is none. Raises SenmlError when there is no pack."""
    try:
        parts = _PACK.decode(payload)
    except RecursionError as error:
        raise SenmlError("too_deep", "the JSON is nested too deeply") from error
    except msgspec.ValidationError as error:
        raise SenmlError("schema", f"a SenML pack is a list of records: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SenmlError("not_json", f"the payload is not JSON: {error}") from error
    if not 1 <= len(parts) <= MOST_RECORDS:
        raise SenmlError("list", f"the pack has {len(parts)} records; send 1 to {MOST_RECORDS} at a time")
    base, found = _Base(), list[Resolved | SenmlError]()
    for part in parts:
        try:
            found += _record(part, base, now)
        except SenmlError as error:
            found.append(error)
    return found


def _record(part: msgspec.Raw, base: _Base, now: dt.datetime) -> list[Resolved | SenmlError]:
    try:
        record = _RECORD.decode(part)
        strange = next((name for name in _NAMES.decode(part) if name.endswith("_")), None)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise SenmlError("schema", f"a record is not as RFC 8428 has it: {error}") from error
    if strange is not None:
        raise SenmlError("schema", f"the field {strange[:40]!r} must be understood and is not (RFC 8428, 4.4)")
    if record.bver is not None and record.bver > VERSION:
        raise SenmlError("schema", f"the version {record.bver} is newer than {VERSION}, that of RFC 8428")
    for name in ("bn", "bt", "bu", "bv", "bs"):
        if (given := getattr(record, name)) is not None:
            setattr(base, name, given)
    return _resolved(record, base, now)


def _resolved(record: Record, base: _Base, now: dt.datetime) -> list[Resolved | SenmlError]:
    values: list[tuple[str, float | bool | str]] = [
        (name, value) for name in ("v", "vb", "vs", "vd") if (value := getattr(record, name)) is not None
    ]
    total = record.s if record.s is None else record.s + (base.bs or 0.0)
    if len(values) > 1:
        raise SenmlError("schema", "a record has one of v, vb, vs and vd, not more (RFC 8428, 4.2)")
    if not values and total is None:
        if record.bn is None and record.bt is None and record.bu is None and record.bv is None and record.bs is None:
            raise SenmlError("empty", "a record has neither a value nor a base field")
        return []  # a record that only sets base fields
    field, value = values[0] if values else ("", None)
    if isinstance(value, float):
        value += base.bv
    seconds = base.bt + record.t
    if seconds < RELATIVE:
        seconds += now.timestamp()
    name, unit = base.bn + record.n, record.u if record.u is not None else base.bu
    return [Resolved(name, unit, seconds, value, total, field)]


def decode(payload: bytes, device: Device, arrived_at: dt.datetime, believes: Believes = believed) -> Decoded:
    """Read a SenML pack of one device; never raises, whatever the bytes are."""
    if len(payload) > LARGEST_PAYLOAD:
        return refused("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
    try:
        records = resolve(payload, arrived_at)
    except SenmlError as error:
        return refused(error.code, str(error))
    moments: dict[dt.datetime, dict[str, Value]] = {}
    trouble: Trouble | None = None
    for number, record in enumerate(records):
        wrong = _take(record, device.profile, arrived_at, believes, moments)
        if wrong is not None and trouble is None:
            trouble = Trouble(wrong.code, f"record {number} of the pack: {wrong.reason}", wrong.skew_s)
    if not moments and trouble is None:
        return refused("empty", "the pack has no values")
    return Decoded(_readings(moments, payload, device), trouble)


def _take(
    record: Resolved | SenmlError,
    profile: Profile,
    arrived_at: dt.datetime,
    believes: Believes,
    moments: dict[dt.datetime, dict[str, Value]],
) -> Trouble | None:
    """Put a record's value to its moment, or say what is wrong with it."""
    if isinstance(record, SenmlError):
        return Trouble(record.code, str(record))
    about = property_of(record.n, profile)
    if about is None or not about.name:
        return Trouble("unknown_property", f"no property of the profile {profile.code} is named {record.n[:80]!r}")
    try:
        at = dt.datetime.fromtimestamp(record.t, dt.UTC)
        value = _value(record, about)
    except (OverflowError, OSError) as error:
        return Trouble("date", f"the time {record.t:g} lies outside the calendar ({type(error).__name__})")
    except ValueError as error:
        return Trouble("value", f"{about.name} {error}")
    wrong = date_trouble(at, arrived_at, believes)
    if profile.everything and about.name in moments.get(at, {}):
        value = Value(f"{about.name} {record.u}", value.number)  # RFC 8428, 5.1.4 tells three apart by units alone
    if wrong is None and value.property in moments.get(at, {}):
        wrong = Trouble("repeated", f"{about.name} has two values for {at.isoformat()}")
    if wrong is None:
        moments.setdefault(at, {})[value.property] = value
    return wrong


def _value(record: Resolved, about: Property) -> Value:
    """The value in the property's unit. Raises ValueError when it is none, or the pack names another unit.

    A profile that scales says thereby that the device's unit is another.
    """
    raw: Any = record.sum if record.value is None else record.value
    same = about.scale == 1.0 and about.offset == 0.0
    if record.u and about.unit and same and UNITS.get(record.u, record.u) != about.unit:
        raise ValueError(f"is in {record.u[:20]!r} and not in {about.unit!r}; give its scale in the profile")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise ValueError("is too large for a number")
    number = number_of(raw, about)
    return Value(about.name, number, quality_of(about, number))


UNITS = {
    "Cel": "°C", "%RH": "%", "%EL": "%", "/": "1", "W/m2": "W/m²", "m3": "m³", "m3/s": "m³/s", "l/s": "L/s",
    "dB": "dB", "count": "1", "S/m": "S/m", "deg": "°", "ug/m3": "µg/m³", "km/h": "km/h",
}  # fmt: skip
"""Units of SenML (RFC 8428, 12.1; RFC 8798) as profiles write them, where the two differ."""


def property_of(name: str, profile: Profile) -> Property | None:
    """The property that a resolved name means."""
    for about in profile.properties.values():
        if about.path and name == ".".join(about.path):
            return about
    return profile.properties.get(name) or profile.property(name.replace("/", ":").rpartition(":")[2])


def _readings(moments: dict[dt.datetime, dict[str, Value]], payload: bytes, device: Device) -> tuple[Reading, ...]:
    digest = digest_of(payload)
    times: Sequence[dt.datetime] = sorted(moments)
    return tuple(
        Reading(
            stamp=Stamp(centre=device.centre, source=device.code, at=at, digest=digest),
            values=tuple(moments[at].values()),
        )
        for at in times
    )
