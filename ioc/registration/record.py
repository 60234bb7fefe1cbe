"""The record of a device or a camera as people keep it, and what one change of it was."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gis.position import Position

Subject = Literal["device", "camera"]
Lifecycle = Literal["draft", "approved", "active", "suspended", "retired"]

Code = Annotated[str, Meta(min_length=2, max_length=63, pattern=r"^[a-z0-9][a-z0-9-]{1,62}(?!\n)$")]
"""Of a thing, and of what it hangs on: part of a topic, so lower case letters, digits and hyphens (`gis.stamp`)."""

Title = Annotated[str, Meta(min_length=1, max_length=200)]
Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*(?!\n)$")]
Line = Annotated[str, Meta(max_length=200)]
Note = Annotated[str, Meta(max_length=2000)]
Tag = Annotated[str, Meta(min_length=1, max_length=64)]
Tags = Annotated[tuple[Tag, ...], Meta(max_length=50)]
Degrees = Annotated[float, Meta(ge=0, lt=360)]
Opening = Annotated[float, Meta(gt=0, le=360)]

SETTINGS = (
    "gateway", "link", "known_as", "codec", "onvif", "frame", "main", "transport", "scene", "height_m", "tilt_deg",
    "calibration", "lines", "zones", "masks",
)  # fmt: skip
"""What is kept of a camera as the camera room reads it (`cameras.camera`, ioc/foreign.py); never its address."""

KEPT_BY_US = frozenset({"version", "updated_at", "updated_by", "state", "state_since", "subject"})
"""What follows from a change and is not told as one."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What devices and cameras have alike. Days are of the centre's zone, moments in UTC.

    `area` is a feature id. `conformity` names the declaration or certificate by QCVN 135:2024/BTTTT,
    `notice_posted_on` the day on which the notice of filming was put up (law 91/2025/QH15, article 32). `photo` is
    the id of a picture. `retention` is a class of ioc/data/retention.toml. None, or an empty text: not known.
    """

    code: str
    name: str
    centre: str
    area: str
    kind: str
    position: Position
    note: str = ""
    lifecycle: Lifecycle = "draft"
    version: int = 1
    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    contract: str = ""
    warranty_until: dt.date | None = None
    installed_on: dt.date | None = None
    photo: uuid.UUID | None = None
    tags: tuple[str, ...] = ()
    conformity: str = ""
    password_changed_on: dt.date | None = None
    notice_posted_on: dt.date | None = None
    purpose: str = ""
    retention: str = ""
    updated_at: dt.datetime | None = None
    updated_by: str = ""
    state: str = ""
    state_since: dt.datetime | None = None


class DeviceRecord(Record, frozen=True, kw_only=True):
    """A device. `profile` says what it measures; `gateway` is the device that speaks for it, None: it does itself.

    `approximate`: its place is only that of its unit.
    """

    profile: str
    gateway: str | None = None
    approximate: bool = False
    subject: Literal["device"] = "device"


class CameraRecord(Record, frozen=True, kw_only=True):
    """A camera. `bearing` is clockwise from north and `fov` horizontal, degrees; `settings` are of SETTINGS."""

    bearing: float | None = None
    fov: float | None = None
    settings: Mapping[str, Any] = {}
    subject: Literal["camera"] = "camera"


AnyRecord = DeviceRecord | CameraRecord


class Author(msgspec.Struct, frozen=True):
    """Who changes a record: a login (or the name of a command), and the address from which."""

    login: str
    address: str = ""


class Change(msgspec.Struct, frozen=True):
    """What one field was and became, as JSON has it; None where there was or is nothing."""

    field: str
    before: Any
    after: Any


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a record's history: the version that a change made, who made it and why."""

    at: dt.datetime
    version: int
    by: str
    act: str
    reason: str
    changes: tuple[Change, ...]


def flat(record: AnyRecord) -> dict[str, Any]:
    """Every field of a record as JSON has it, a camera's settings beside the others, the position as [lon, lat]."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))
    settings = found.pop("settings", {})
    found["position"] = list(record.position.lonlat)
    return {name: settings.get(name) for name in SETTINGS if record.subject == "camera"} | found


def changes(before: AnyRecord | None, after: AnyRecord) -> tuple[Change, ...]:
    """What is not as it was, by the names of the fields; of a new record whatever is known."""
    was, now = {} if before is None else flat(before), flat(after)
    return tuple(
        Change(field, _said(was.get(field)), _said(now[field]))
        for field in sorted(now)
        if field not in KEPT_BY_US and _said(was.get(field)) != _said(now[field])
    )


def _said(value: Any) -> Any:
    """Nothing is nothing, however it is written."""
    return None if value in ("", [], (), {}) else value


def tidy(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without blanks around them, each once, in their order."""
    return tuple(dict.fromkeys(tag for tag in (one.strip() for one in tags) if tag))
