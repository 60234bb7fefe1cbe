"""What a kind of device measures: properties with unit and physical limits, the codec, the expected interval."""

from collections.abc import Mapping

import msgspec

from gis.position import Position


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One measured quantity. Values outside `minimum`..`maximum` (in `unit`) are kept as implausible."""

    name: str
    unit: str
    title: str
    title_en: str
    minimum: float
    maximum: float


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of device. `interval_s` is how often, in seconds, a reading is expected.

    `retention` names the class that says how long its readings are kept.
    """

    code: str
    kind: str
    codec: str
    interval_s: float
    properties: Mapping[str, Property]
    retention: str = "standard"


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A registered device: who it is, whose it is, where it stands today, and what it measures."""

    code: str
    centre: str
    area: str
    name: str
    position: Position
    profile: Profile
    gateway: str | None = None
