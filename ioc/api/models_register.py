"""What the routes about the register of devices and cameras take and answer."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cameras.camera import Line as CrossedLine
from cameras.camera import Point, SceneKind, Zone
from gis.footprint import GroundPoint
from ioc.registration.lifecycle import Step
from ioc.registration.record import Code, Degrees, Lifecycle, Line, Note, Opening, Tags, Title, Word

Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Reason = Annotated[str, Meta(max_length=500)]
Why = Annotated[str, Meta(min_length=3, max_length=500)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
Metres = Annotated[float, Meta(gt=0, le=500)]
Names = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(max_length=20)]
Marks = Annotated[tuple[GroundPoint, ...], Meta(max_length=20)]
Lines = Annotated[tuple[CrossedLine, ...], Meta(max_length=50)]
Zones = Annotated[tuple[Zone, ...], Meta(max_length=50)]
Mask = Annotated[tuple[Point, ...], Meta(min_length=3, max_length=100)]
Masks = Annotated[tuple[Mask, ...], Meta(max_length=50)]
Pixels = Annotated[float, Meta(ge=1, le=100_000)]

MOST_AT_ONCE = 500
"""Records of one bulk change."""


System = Literal[
    "vn2000", "EPSG:4326", "EPSG:5899", "EPSG:5898", "EPSG:5897", "EPSG:9205", "EPSG:9206", "EPSG:9207", "EPSG:9208",
    "EPSG:9209", "EPSG:9210", "EPSG:9211", "EPSG:9212", "EPSG:9213", "EPSG:9214", "EPSG:9215", "EPSG:9216", "EPSG:9217",
    "EPSG:9218", "EPSG:3405", "EPSG:3406", "EPSG:32648", "EPSG:32649",
]  # fmt: skip
"""vn2000, WGS 84, and the zones of `gis/vn2000.py`."""


class Planar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in a system of coordinates: vn2000 (EPSG:5899, TM-3 107°45'), another zone of VN-2000 or UTM by its EPSG
    code, with x east and y north in metres, or EPSG:4326 with x the longitude and y the latitude."""

    crs: System
    x: float
    y: float


Place = tuple[Lon, Lat] | Planar
"""[longitude, latitude] in WGS 84, or a place in another system."""


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code
    name: Title
    position: Place
    centre: Annotated[str, Meta(max_length=63)] = ""
    note: Note = ""
    maker: Line = ""
    model: Line = ""
    serial: Line = ""
    firmware: Line = ""
    contract: Line = ""
    warranty_until: dt.date | None = None
    installed_on: dt.date | None = None
    tags: Tags = ()
    conformity: Line = ""
    password_changed_on: dt.date | None = None
    notice_posted_on: dt.date | None = None
    purpose: Line = ""
    retention: Line = ""
    reason: Reason = ""


class NewDevice(_New, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device that is drafted. `centre` empty: the one that serves the place. `kind` empty: its profile's code.
    `gateway`: the device that speaks for it; null: it speaks for itself. `conformity` names the declaration or
    certificate by QCVN 135:2024/BTTTT, `notice_posted_on` the day of the notice of filming (law 91/2025/QH15,
    article 32), `retention` a class of README's How long things are kept."""

    profile: Word
    kind: Annotated[str, Meta(max_length=64)] = ""
    gateway: Code | None = None
    approximate: bool = False


class NewCamera(_New, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A camera that is drafted; its address is put apart. `kind` empty: its scene. `bearing` is clockwise from north
    and `fov` horizontal, degrees; `height_m` of the lens above the ground. Points are 0..1 of the picture from its top
    left. `gateway`, `known_as`, `codec`, `onvif` and `frame` are of one that a recorder or its maker's events tell of.
    """

    scene: SceneKind = "street"
    kind: Annotated[str, Meta(max_length=64)] = ""
    bearing: Degrees | None = None
    fov: Opening | None = None
    height_m: Metres | None = None
    tilt_deg: Annotated[float, Meta(ge=-90, le=90)] | None = None
    calibration: Marks = ()
    lines: Lines = ()
    zones: Zones = ()
    masks: Masks = ()
    gateway: Code | None = None
    link: Line = ""
    known_as: Names = ()
    codec: Literal["", "onvif-ej", "frigate"] = ""
    onvif: Line = ""
    frame: tuple[Pixels, Pixels] | None = None
    main: Line = ""
    transport: Literal["tcp", "udp"] = "tcp"


class _Changed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Title | UnsetType = UNSET
    position: Place | UnsetType = UNSET
    centre: Code | UnsetType = UNSET
    kind: Word | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    maker: Line | UnsetType = UNSET
    model: Line | UnsetType = UNSET
    serial: Line | UnsetType = UNSET
    firmware: Line | UnsetType = UNSET
    contract: Line | UnsetType = UNSET
    warranty_until: dt.date | UnsetType | None = UNSET
    installed_on: dt.date | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    conformity: Line | UnsetType = UNSET
    password_changed_on: dt.date | UnsetType | None = UNSET
    notice_posted_on: dt.date | UnsetType | None = UNSET
    purpose: Line | UnsetType = UNSET
    retention: Line | UnsetType = UNSET


class DeviceFields(_Changed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a device; a member that is absent stays."""

    profile: Word | UnsetType = UNSET
    gateway: Code | UnsetType | None = UNSET
    approximate: bool | UnsetType = UNSET


class CameraFields(_Changed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a camera; a member that is absent stays. Four marks are of one picture: they go when the
    camera moves or turns, unless new ones come with it."""

    bearing: Degrees | UnsetType | None = UNSET
    fov: Opening | UnsetType | None = UNSET
    scene: SceneKind | UnsetType = UNSET
    height_m: Metres | UnsetType | None = UNSET
    tilt_deg: Annotated[float, Meta(ge=-90, le=90)] | UnsetType | None = UNSET
    calibration: Marks | UnsetType = UNSET
    lines: Lines | UnsetType = UNSET
    zones: Zones | UnsetType = UNSET
    masks: Masks | UnsetType = UNSET
    gateway: Code | UnsetType | None = UNSET
    link: Line | UnsetType = UNSET
    known_as: Names | UnsetType = UNSET
    codec: Literal["", "onvif-ej", "frigate"] | UnsetType = UNSET
    onvif: Line | UnsetType = UNSET
    frame: tuple[Pixels, Pixels] | UnsetType | None = UNSET
    main: Line | UnsetType = UNSET
    transport: Literal["tcp", "udp"] | UnsetType = UNSET


class ChangedDevice(DeviceFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a device that was read in this version; a member that is absent stays."""

    expected_version: Version
    reason: Reason = ""


class ChangedCamera(CameraFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a camera that was read in this version; a member that is absent stays. Four marks are of one
    picture: they go when the camera moves or turns, unless new ones come with it."""

    expected_version: Version
    reason: Reason = ""


class OneOfMany(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record of a bulk change, in the version in which it was read."""

    code: Code
    expected_version: Version


Many = Annotated[tuple[OneOfMany, ...], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class ChangedDevices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same change of many devices, then the same step of the life cycle; each is done or refused by itself."""

    codes: Many
    set: DeviceFields = DeviceFields()
    step: Step | None = None
    reason: Reason = ""


class ChangedCameras(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same change of many cameras, then the same step of the life cycle; each is done or refused by itself."""

    codes: Many
    set: CameraFields = CameraFields()
    step: Step | None = None
    reason: Reason = ""


class AnswerOf(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of many: its status as if it had been asked for alone, and its version; or the code of the
    problem and what it says."""

    code: str
    status: int
    version: int | None = None
    lifecycle: Lifecycle | None = None
    problem: str = ""
    title: str = ""


class AnswersOf(msgspec.Struct, frozen=True, kw_only=True):
    """One answer a code, in the order in which they were asked for."""

    answers: list[AnswerOf]


class TakenStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of the life cycle of a record that was read in this version, and why it is taken."""

    expected_version: Version
    reason: Why


class ExpiringKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key before, which still opens the broker until the new one is used, and at the latest until a moment."""

    user: str
    until: dt.datetime


class KeyOf(msgspec.Struct, frozen=True, kw_only=True):
    """The key of a device at the broker: never itself. `seen_at`: when it signed in last."""

    user: str
    made_at: dt.datetime
    seen_at: dt.datetime | None
    expiring: ExpiringKey | None


class _RecordOf(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    centre: str
    area: str
    area_name: str
    kind: str
    position: tuple[float, float]
    note: str
    lifecycle: Lifecycle
    steps: list[Step]
    version: int
    state: str
    state_since: dt.datetime | None
    maker: str
    model: str
    serial: str
    firmware: str
    contract: str
    warranty_until: dt.date | None
    installed_on: dt.date | None
    photo: uuid.UUID | None
    tags: list[str]
    conformity: str
    password_changed_on: dt.date | None
    notice_posted_on: dt.date | None
    purpose: str
    retention: str
    updated_at: dt.datetime | None
    updated_by: str
    unlawful: list[str]
    blocking: list[str]
    key: KeyOf | None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A value that a device sends. Beyond its limits (in `unit`; null: none) it is kept as implausible."""

    name: str
    unit: str
    title: str
    title_en: str
    minimum: float | None
    maximum: float | None


class DeviceOf(_RecordOf, frozen=True, kw_only=True):
    """A device. `steps` lead on; `unlawful` are the fields that the law misses, `blocking` those without which it does
    not become active. `photo`: `…/photo` shows it. `payload` is its profile's codec, `measures` the values it takes."""

    profile: str
    payload: str
    measures: list[Measure]
    gateway: str | None
    approximate: bool


class AddressOf(msgspec.Struct, frozen=True, kw_only=True):
    """Where a camera's stream is, without user, password and query. `kind` is the scheme."""

    host: str
    port: int
    path: str
    kind: str


class CameraOf(_RecordOf, frozen=True, kw_only=True):
    """The record of a camera, as of a device. `view` is the ring of the ground that it sees, empty when that is not
    known; `address` null: we do not watch it."""

    bearing: float | None
    fov: float | None
    scene: str
    height_m: float | None
    tilt_deg: float | None
    calibration: list[GroundPoint]
    lines: list[CrossedLine]
    zones: list[Zone]
    masks: list[list[Point]]
    gateway: str | None
    link: str
    known_as: list[str]
    codec: str
    onvif: str
    frame: tuple[float, float] | None
    main: str
    transport: str
    address: AddressOf | None
    view: list[tuple[float, float]]


class DevicesOf(msgspec.Struct, frozen=True, kw_only=True):
    """A page of devices by code; `count` is how many match in all, `next` the `after` of the next page."""

    devices: list[DeviceOf]
    count: int
    next: str | None


class CamerasOf(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cameras by code; `count` is how many match in all, `next` the `after` of the next page."""

    cameras: list[CameraOf]
    count: int
    next: str | None


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a field was and became; null where there was or is nothing."""

    field: str
    before: Any
    after: Any


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a record: who made it, when, by which act, and why."""

    at: dt.datetime
    version: int
    by: str
    act: str
    reason: str
    changes: list[FieldChange]


class HistoryOf(msgspec.Struct, frozen=True, kw_only=True):
    """The history of a record, newest first; `next` is the `before` of what is older."""

    entries: list[HistoryEntry]
    next: int | None


class NewCalibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Marks that were found both in the picture and on the ground, four or more (none: they are dropped), and where the
    camera looks."""

    expected_version: Version
    calibration: Marks
    bearing: Degrees | UnsetType | None = UNSET
    fov: Opening | UnsetType | None = UNSET
    reason: Reason = ""


class Calibrated(CameraOf, frozen=True, kw_only=True):
    """The record with its new view. `error_m`: how far off a place in the middle of the marks may be, in metres; null
    without marks."""

    error_m: float | None
