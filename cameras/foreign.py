"""What another maker's camera, recorder or edge box says, in our words: sightings, states, and why not.

Such a source does not count its messages. What tells two of them apart is therefore made of what they say (who, which
thing, which phase, when), so that a message that comes twice, or late, is kept once.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from typing import Any

import msgspec

from cameras.camera import Box, GroundPoint, SceneKind
from cameras.place import place
from gis.observation import CameraState, Phase, Sighting
from gis.position import Position
from gis.stamp import Stamp, believed, uuid7

LARGEST_PAYLOAD = 256 * 1024
"""Bytes of a payload above which it is refused unread (contract, MQTT)."""

LONGEST_WORD = 120
"""Characters of a rule's, zone's or track's name that are kept."""

NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)
"""The box of what has none."""

Believes = Callable[[dt.datetime, dt.datetime], bool]
"""(a source's time, arrival) -> whether that time is believed."""


class Eye(msgspec.Struct, frozen=True, kw_only=True):
    """A registered camera that speaks for itself or through a gateway.

    `names` are those by which the gateway calls it, beside its code. `frame` is the width and height in pixels of the
    picture in which its maker gives boxes, None when nobody said. The rest puts a box on the ground, as for a
    camera that we watch ourselves.
    """

    code: str
    centre: str
    names: tuple[str, ...] = ()
    frame: tuple[float, float] | None = None
    scene: SceneKind = "street"
    position: Position | None = None
    bearing_deg: float | None = None
    fov_deg: float | None = None
    height_m: float | None = None
    tilt_deg: float | None = None
    calibration: tuple[GroundPoint, ...] = ()


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a message: a camera for itself (`own`), or a gateway for the cameras that `find` knows by name."""

    code: str
    own: Eye | None = None
    find: Callable[[str], Eye | None] = lambda name: None


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why a message, or a part of it, was not understood: a word for counters, a sentence for people."""

    code: str
    reason: str
    skew_s: float | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a message came to. `trouble` names the first part that was refused; `counted` is a word for what was
    understood and holds nothing to keep; `decoded` shows a technician what was read.
    """

    sightings: tuple[Sighting, ...] = ()
    states: tuple[CameraState, ...] = ()
    trouble: Trouble | None = None
    counted: str = ""
    decoded: Any = None


def refused(code: str, reason: str, decoded: Any = None) -> Told:
    """Nothing could be used."""
    return Told(trouble=Trouble(code=code, reason=reason), decoded=decoded)


def together(parts: "list[Told]", decoded: Any) -> Told:
    """One answer for the parts of a message."""
    return Told(
        sightings=tuple(one for part in parts for one in part.sightings),
        states=tuple(one for part in parts for one in part.states),
        trouble=next((part.trouble for part in parts if part.trouble is not None), None),
        counted=next((part.counted for part in parts if part.counted), ""),
        decoded=decoded,
    )


def code_form(name: str) -> str:
    """A maker's name for a camera in the form of a code: `Front_Door 2` -> `front-door-2`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63]


def word(text: object, longest: int = LONGEST_WORD) -> str:
    """A text of others as it may be kept: one line, no control characters, not endless."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text)).strip()[:longest]


def number(value: object) -> float | None:
    """A finite number, also when it came as text; None for anything else (a truth value is none)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < 1e15 else None


def part_of_one(value: object) -> float | None:
    """A trust in 0..1; percent are taken as such."""
    found = number(value)
    if found is None or found < 0:
        return None
    return round(found / 100 if 1 < found <= 100 else found, 4) if found <= 100 else None


CLASSES = {
    "person": ("person", "human", "people", "pedestrian", "humanbody", "face", "humanface", "visitor", "man"),
    "two-wheeler": ("bicycle", "bike", "motorcycle", "motorbike", "bicyclist", "cyclist", "rider", "twowheeler",
                    "nonmotor", "nonmotorvehicle", "motorcyclebicycle"),
    "vehicle": ("vehicle", "car", "truck", "bus", "van", "lorry", "motorvehicle", "othervehicle", "pickup"),
    "animal": ("animal", "pet", "dog", "cat", "dogcat", "bird"),
}  # fmt: skip
_CLASS = {name: ours for ours, names in CLASSES.items() for name in names}


def class_of(label: str) -> str:
    """Our word for a maker's class of things; its own word where we have none, `object` for none at all."""
    plain = re.sub(r"[^a-z0-9]", "", label.lower())
    return _CLASS.get(plain) or word(label.lower(), 40) or "object"


def moment_of(value: object) -> dt.datetime | None:
    """A time in UTC: seconds or milliseconds since 1970, or RFC 3339; without a zone it is UTC already.

    None for what is no time, such as the `0000-00-00T00:00:00Z` of some cameras.
    """
    seconds = number(value)
    try:
        if seconds is not None:
            return dt.datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, dt.UTC)
        found = dt.datetime.fromisoformat(_fraction(str(value).strip()))
        found = found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)
        return found.astimezone(dt.UTC) if 1 < found.year < 9999 else None
    except (ValueError, OverflowError, OSError):
        return None


def _fraction(text: str) -> str:
    """At most six digits of a second: some cameras give nine."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def identity(*parts: object) -> bytes:
    """The digest of what tells one thing from another."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "replace")).digest()


def life_id(since: dt.datetime, *parts: object) -> str:
    """The id of a thing that began at a time: the same whenever and wherever it is made again (UUIDv7)."""
    return str(uuid7(since, identity(*parts, since.isoformat())[:10]))


def sighting(
    eye: Eye,
    *,
    at: dt.datetime,
    kind: str,
    life: str,
    subject: str = "",
    phase: Phase = "moment",
    box: Box = NOWHERE,
    exact: bool = True,
    **more: Any,
) -> Sighting:
    """A sighting of a camera, on the ground where its box and its calibration allow it.

    `exact` False: the size of the picture was guessed, so that the box must not be put on the ground.
    """
    position, error_m = place(eye, box) if box != NOWHERE and exact else (eye.position, None)
    digest = identity(life, kind, subject, phase, at.isoformat()).hex()[:16]
    stamp = Stamp(centre=eye.centre, source=eye.code, at=at, run=digest, digest=digest, position=position)
    return Sighting(
        id=life, stamp=stamp, kind=kind, subject=word(subject), phase=phase, box=box, error_m=error_m,
        track=word(more.pop("track", "")), **more,
    )  # fmt: skip


def dated(at: dt.datetime | None, arrived_at: dt.datetime, believes: Believes = believed) -> Trouble | None:
    """Why a time cannot be used, None when it can."""
    if at is None:
        return Trouble(code="date", reason="it carries no time that can be read; set the camera's clock (NTP)")
    if believes(at, arrived_at):
        return None
    skew = (at - arrived_at).total_seconds()
    return Trouble(
        code="date", reason=f"the time {at.isoformat()} is not believed: {skew:+.0f} s from ours", skew_s=skew
    )


def clipped(x: float, y: float, right: float, bottom: float) -> Box:
    """x, y, width, height within the picture of two corners in parts of it; NOWHERE when nothing is left."""
    x, right = sorted((min(max(x, 0.0), 1.0), min(max(right, 0.0), 1.0)))
    y, bottom = sorted((min(max(y, 0.0), 1.0), min(max(bottom, 0.0), 1.0)))
    if right <= x or bottom <= y:
        return NOWHERE
    return round(x, 4), round(y, 4), round(right - x, 4), round(bottom - y, 4)
