"""Cameras: who they are, where they look, what is watched in their picture. Secrets are never printed."""

from typing import Literal
from urllib.parse import unquote, urlsplit

import msgspec

from gis.footprint import GroundPoint
from gis.position import Position
from gis.stamp import is_code

SceneKind = Literal["street", "indoor", "overhead", "square"]

Transport = Literal["tcp", "udp"]

Point = tuple[float, float]
"""x, y in 0..1 of the picture, from its top left."""

Box = tuple[float, float, float, float]
"""x, y, width, height in 0..1 of the picture, from its top left; the same as `cameras.motion.Box`, without OpenCV."""

__all__ = ["Address", "Box", "Camera", "GroundPoint", "Line", "Point", "SceneKind", "Transport", "Zone"]


class Address(msgspec.Struct, frozen=True, repr_omit_defaults=False):
    """Where a camera's stream is: `rtsp://user:password@host:port/path`.

    `url` holds the secret; `repr` and `str` leave user, password and query out.
    Raises ValueError (without the text of the address) when it is not an RTSP address.
    """

    url: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in {"rtsp", "rtsps"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("a camera's address is rtsp://[user:password@]host[:port]/path")

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{self.host}:{self.port}{parts.path}"

    @property
    def host(self) -> str:
        """The host's name or address; IPv6 in brackets."""
        host = urlsplit(self.url).hostname or ""
        return f"[{host}]" if ":" in host else host

    @property
    def port(self) -> int:
        """The port, 554 (322 with TLS) when none is given."""
        parts = urlsplit(self.url)
        return parts.port or (322 if parts.scheme == "rtsps" else 554)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text of the address that must not appear anywhere, longest first."""
        parts = urlsplit(self.url)
        written = [parts.username, parts.password, parts.query]
        found = {text for text in written if text} | {unquote(text) for text in written if text}
        return tuple(sorted(found, key=len, reverse=True))


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line in the picture. `directions` names ways of travel: name -> (dx, dy) in the picture."""

    id: str
    p1: Point
    p2: Point
    directions: dict[str, Point] = {}

    def __post_init__(self) -> None:
        if self.p1 == self.p2:
            raise ValueError(f"line {self.id} has no length: give two different points")


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """An area in the picture: a polygon of at least three points, not closed."""

    id: str
    polygon: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.polygon) < 3:
            raise ValueError(f"zone {self.id} needs three points or more")


class Camera(msgspec.Struct, frozen=True, kw_only=True):
    """A registered camera, as it travels to the worker (never in process arguments).

    `position` is where it stands; `bearing_deg` clockwise from north and `fov_deg` say where it looks when
    there is no `calibration`; with `height_m` (of the lens above the ground) and,
    where known, `tilt_deg` (of the picture's middle below the horizon) they stand in for one. `scene`
    chooses the defaults of the analysis. `address` is the stream that is analysed (the sub-stream of a camera
    that has two), `main` the one for evidence and live view, if it is another. `masks` are polygons that
    nobody may see: black before a pixel is stored or shown. `link` names the line that the camera hangs on,
    so that a dead line is told once.
    """

    code: str
    centre: str
    address: Address
    main: Address | None = None
    transport: Transport = "tcp"
    link: str = ""
    scene: SceneKind
    position: Position | None = None
    bearing_deg: float | None = None
    fov_deg: float | None = None
    height_m: float | None = None
    tilt_deg: float | None = None
    calibration: tuple[GroundPoint, ...] = ()
    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()
    masks: tuple[tuple[Point, ...], ...] = ()

    def __post_init__(self) -> None:
        if any(len(mask) < 3 for mask in self.masks):
            raise ValueError(f"a privacy mask of camera {self.code} needs three points or more")
        if not is_code(self.code) or not is_code(self.centre):
            raise ValueError("a camera's or centre's code is lower case letters, digits and hyphens, 2 to 63 long")
        if self.calibration and len(self.calibration) < 4:
            raise ValueError(f"camera {self.code} needs 4 calibration marks or none")
