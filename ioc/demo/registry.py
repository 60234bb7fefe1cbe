"""What the demo registers: devices and cameras of `registry.toml`, checked when read."""

import tomllib
from importlib import resources

import msgspec

from gis.position import Position
from gis.stamp import is_code

Point = tuple[float, float]


class DemoDevice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device to register. `position` is lon, lat in WGS 84 degrees; `area` a feature id.

    `approximate`: the position is only the inner point of the area. `precision_km`: how far the true place
    may be off, 0 for a place that the demo chose itself.
    """

    code: str
    name: str
    name_en: str
    profile: str
    centre: str
    area: str
    position: Point
    approximate: bool
    precision_km: float
    note: str

    def __post_init__(self) -> None:
        _check(self.code, self.position)


class DemoEye(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A camera of another maker, of which nothing plays: it reports itself by its `codec`, or its gateway for it.

    `known_as` are the gateway's names for it, `frame` the size in pixels of the picture in which boxes come.
    """

    code: str
    name: str
    name_en: str
    scene: str
    centre: str
    area: str
    position: Point
    bearing_deg: float
    fov_deg: float
    height_m: float
    tilt_deg: float
    note: str
    codec: str = ""
    gateway: str = ""
    known_as: tuple[str, ...] = ()
    frame: Point | None = None

    def __post_init__(self) -> None:
        _check(self.code, self.position)


class DemoGateway(DemoDevice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network server or recorder that speaks for devices or cameras: they have no key of their own, and stand in its
    centre.
    """

    devices: tuple[DemoDevice, ...] = msgspec.field(name="device", default=())

    def __post_init__(self) -> None:
        super().__post_init__()
        strangers = [device.code for device in self.devices if device.centre != self.centre]
        if strangers:
            raise ValueError(f"{', '.join(strangers)} must stand in the centre of {self.code}, {self.centre}")


class DemoMark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point of the picture (x, y in 0..1 from the top left) and its place on the ground (degrees)."""

    x: float
    y: float
    lon: float
    lat: float


class DemoLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line in the picture; `directions` name -> (dx, dy), the way of travel in the picture."""

    id: str
    p1: Point
    p2: Point
    directions: dict[str, Point]


class DemoZone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A polygon in the picture, not closed."""

    id: str
    polygon: tuple[Point, ...]


class DemoCamera(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A camera to register: its clip stands in for the street, its place is the demo's own."""

    code: str
    name: str
    name_en: str
    clip: str
    scene: str
    centre: str
    area: str
    position: Point
    bearing_deg: float
    fov_deg: float
    calibration: tuple[DemoMark, ...]
    note: str
    lines: tuple[DemoLine, ...] = ()
    zones: tuple[DemoZone, ...] = ()

    def __post_init__(self) -> None:
        _check(self.code, self.position)


class Registry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All devices, cameras and gateways of the demo. Raises ValueError when two have one code.

    `devices` are those that sign in themselves.
    """

    devices: tuple[DemoDevice, ...] = msgspec.field(name="device")
    cameras: tuple[DemoCamera, ...] = msgspec.field(name="camera")
    gateways: tuple[DemoGateway, ...] = msgspec.field(name="gateway", default=())
    eyes: tuple[DemoEye, ...] = msgspec.field(name="eye", default=())

    def __post_init__(self) -> None:
        codes = [device.code for device, _ in self.everything()]
        codes += [*(camera.code for camera in self.cameras), *(eye.code for eye in self.eyes)]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"these codes are registered twice: {', '.join(twice)}")

    def everything(self) -> list[tuple[DemoDevice, str | None]]:
        """Every device, gateways among them, with the code of the gateway that speaks for it."""
        behind: list[tuple[DemoDevice, str | None]] = [
            (device, gateway.code) for gateway in self.gateways for device in gateway.devices
        ]
        return [*((device, None) for device in (*self.devices, *self.gateways)), *behind]

    def signing_in(self) -> list[str]:
        """Codes of those that have a key at the broker."""
        speaking = [eye.code for eye in self.eyes if eye.codec]
        return [*(device.code for device in (*self.devices, *self.gateways)), *speaking]

    def centres(self) -> dict[str, str]:
        """Code of a device -> code of its centre."""
        return {device.code: device.centre for device in self.devices}


def registry() -> Registry:
    """The registry that the demo ships."""
    return parse(resources.files("ioc.demo").joinpath("registry.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Registry:
    """A registry from TOML.

    Raises msgspec.ValidationError for an unknown or missing key, a bad code or position, a code used twice.
    """
    return msgspec.convert(tomllib.loads(text), Registry)


def _check(code: str, position: Point) -> None:
    if not is_code(code):
        raise ValueError(f"code {code!r} is not lower case letters, digits and hyphens, 2 to 63 long")
    Position(lon=position[0], lat=position[1])
