"""What a kind of device measures: properties with unit and physical limits, the codec, the expected interval."""

import math
from collections.abc import Mapping

import msgspec

from gis.position import Position

Path = tuple[str, ...]
"""Where a value stands in decoded JSON: names of members, and numbers of items of a list."""


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One measured quantity. Values outside `minimum`..`maximum` (in `unit`) are kept as implausible.

    Formats that are not ours say it elsewhere and otherwise: `path` is where it stands (empty: under its name),
    and the value in `unit` is what stands there times `scale` plus `offset`. `text` takes the number that begins a
    text such as "25 ℃".
    """

    name: str
    unit: str
    title: str
    title_en: str
    minimum: float
    maximum: float
    path: Path = ()
    scale: float = 1.0
    offset: float = 0.0
    text: bool = False


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of device. `interval_s` is how often, in seconds, a reading is expected.

    `retention` names the class that says how long its readings are kept. `script` names the payload script of a
    LoRaWAN device, `variables` is what it is given. `at`, `seq` and `run` say where the codec `mapping` finds them.
    `everything` takes every number under its own path, for trying payloads and never for a registered device.
    """

    code: str
    kind: str
    codec: str
    interval_s: float
    properties: Mapping[str, Property]
    retention: str = "standard"
    script: str = ""
    variables: Mapping[str, str] = {}
    at: Path = ()
    seq: Path = ()
    run: Path = ()
    everything: bool = False

    def property(self, name: str) -> Property | None:
        """The property of a name, if the device measures it."""
        found = self.properties.get(name)
        return unlimited(name) if found is None and self.everything and "\0" not in name else found


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A registered device: who it is, whose it is, where it stands today, and what it measures.

    `gateway` is the code of the gateway that speaks for it, None when it speaks for itself. `former` are centres that
    it belonged to, under whose topics it may still speak until somebody has changed it.
    """

    code: str
    centre: str
    area: str
    name: str
    position: Position
    profile: Profile
    gateway: str | None = None
    former: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        """The centres under whose topics it may speak, its own first."""
        return (self.centre, *self.former)


def unlimited(name: str) -> Property:
    """A property of which nothing but its name is known."""
    return Property(name=name, unit="", title=name, title_en=name, minimum=-math.inf, maximum=math.inf)
