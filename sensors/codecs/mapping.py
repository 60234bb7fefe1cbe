"""JSON of any shape by a mapping: the profile says under which path each property, the time and the number stand.

`path`, `scale`, `offset` and `text` of a property say how its value is read; `at`, `seq` and `run` of the profile where
the time and the number are. A time is RFC 3339 with a zone, or seconds or milliseconds since 1970. A profile without
`at` dates a message by its arrival, so that one that is delivered twice is then read twice.
"""

import datetime as dt
from typing import Any

import msgspec

from gis.observation import Mark, Reading
from gis.stamp import Stamp, believed, digest_of
from sensors.codecs.codec import (
    LARGEST_PAYLOAD,
    LARGEST_SEQUENCE,
    LONGEST_RUN,
    Believes,
    Decoded,
    date_trouble,
    refused,
)
from sensors.codecs.values import measured, under
from sensors.profile import Device, Profile

MILLISECONDS = 1e11
"""Numbers from here on are milliseconds since 1970 (as seconds they would lie after the year 5000)."""

_ANY = msgspec.json.Decoder(Any)


class MappingError(Exception):
    """The message cannot be placed; `code` is for counters."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def read_json(payload: bytes) -> Any:
    """Parsed JSON. Raises MappingError when there is none, or too much of it."""
    if len(payload) > LARGEST_PAYLOAD:
        raise MappingError("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
    try:
        return _ANY.decode(payload)
    except RecursionError as error:
        raise MappingError("too_deep", "the JSON is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MappingError("not_json", f"the payload is not JSON: {error}") from error


def decode(payload: bytes, device: Device, arrived_at: dt.datetime, believes: Believes = believed) -> Decoded:
    """Read one JSON object by the device's profile; never raises, whatever the bytes are."""
    profile = device.profile
    try:
        data = read_json(payload)
        run, sequence = _run(data, profile), _sequence(data, profile)
        at = moment_of(under(data, profile.at), profile.at) if profile.at else arrived_at
    except MappingError as error:
        return refused(error.code, str(error))
    marks = () if sequence is None else (Mark(source=device.code, run=run, sequence=sequence, at=at),)
    wrong = date_trouble(at, arrived_at, believes)
    if wrong is not None:
        return Decoded((), wrong, marks)
    values, trouble = measured(profile, data)
    if not values:
        return Decoded((), trouble, marks)
    stamp = Stamp(
        centre=device.centre,
        source=device.code,
        at=at,
        run=run,
        sequence=sequence,
        digest=digest_of(payload) if sequence is None else "",
    )
    return Decoded((Reading(stamp=stamp, values=values),), trouble)


def moment_of(raw: Any, path: tuple[str, ...]) -> dt.datetime:
    """A time of the payload in UTC. Raises MappingError saying what is wrong with it."""
    name = ".".join(path)
    try:
        if isinstance(raw, str):
            at = msgspec.convert(raw, dt.datetime)
            if at.tzinfo is None:
                raise MappingError("schema", f"the time under {name} has no zone; send RFC 3339 with an offset")
            return at.astimezone(dt.UTC)
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            return dt.datetime.fromtimestamp(raw / 1000 if abs(raw) >= MILLISECONDS else raw, dt.UTC)
    except (msgspec.ValidationError, ValueError, OverflowError, OSError) as error:
        raise MappingError("schema", f"the time under {name} cannot be read: {str(raw)[:40]!r}") from error
    raise MappingError("schema", f"there is no time under {name}")


def _sequence(data: Any, profile: Profile) -> int | None:
    raw = under(data, profile.seq) if profile.seq else None
    if raw is None:
        return None
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= LARGEST_SEQUENCE:
        raise MappingError("schema", f"the number under {'.'.join(profile.seq)} is {str(raw)[:40]!r}")
    return raw


def _run(data: Any, profile: Profile) -> str:
    raw = under(data, profile.run) if profile.run else None
    if raw is None:
        return ""
    text = str(raw) if isinstance(raw, str | int) else ""
    if not text or len(text) > LONGEST_RUN or "\0" in text:
        raise MappingError("schema", f"the run under {'.'.join(profile.run)} is {str(raw)[:40]!r}")
    return text
