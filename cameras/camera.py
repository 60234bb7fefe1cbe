"""Cameras: who they are, where they look, what is watched in their picture. Secrets are never printed."""

import hashlib
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from gis.footprint import GroundPoint
from gis.position import Position
from gis.stamp import is_code

SceneKind = Literal["street", "indoor", "overhead", "square"]

Transport = Literal["tcp", "udp"]

DAY_S = 86_400.0

PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
"""The schemes of cameras on a network, with their own port."""

FARTHEST = 10.0
"""No point of a mask lies farther outside, in parts of the picture; NaN is no point either."""

Point = tuple[float, float]
"""x, y in 0..1 of the picture, from its top left."""

Box = tuple[float, float, float, float]
"""x, y, width, height in 0..1 of the picture, from its top left; the same as `cameras.motion.Box`, without OpenCV."""

__all__ = ["Address", "Box", "Camera", "GroundPoint", "Line", "Point", "SceneKind", "Transport", "Zone"]


class Address(msgspec.Struct, frozen=True, repr_omit_defaults=False):
    """Where a camera's stream is: RTSP, MJPEG over HTTP (`multipart/x-mixed-replace`), or a file of this machine.

    `rtsp://user:password@host:port/path`, `rtsps`, `http`, `https`, or `file:///path`; whoever takes addresses
    from outside refuses those of files. `url` holds the secret; `repr` and `str` leave user, password, query, and a
    path that has words with `=` in it, out. Raises ValueError (without the text of the address) for anything else.
    """

    url: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            clean = self.url.isprintable() and not set(self.url) & {" ", "\\"}
            usable = clean and (_on_net(parts) if parts.scheme in PORTS else _on_disk(parts))
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("a camera's address is rtsp:// or http://[user:password@]host[:port]/path")

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        path = "/…" if "=" in parts.path else parts.path
        return f"{parts.scheme}://{self.place}{path}" if self.scheme != "file" else f"file://{path}"

    @property
    def scheme(self) -> str:
        """rtsp, rtsps, http, https or file."""
        return urlsplit(self.url).scheme

    @property
    def location(self) -> str:
        """What is opened: the address with its secret, or a file's path."""
        return unquote(urlsplit(self.url).path) if self.scheme == "file" else self.url

    @property
    def place(self) -> str:
        """Host and port, or the file's name: what may be said of it."""
        return f"{self.host}:{self.port}" if self.scheme != "file" else self.location.rpartition("/")[2]

    @property
    def host(self) -> str:
        """The host's name or address; IPv6 in brackets. Empty for a file."""
        host = urlsplit(self.url).hostname or ""
        return f"[{host}]" if ":" in host else host

    @property
    def port(self) -> int:
        """The port, or the scheme's own when none is given. 0 for a file."""
        parts = urlsplit(self.url)
        return parts.port or PORTS.get(parts.scheme, 0)

    @property
    def account(self) -> str:
        """User and password as they are written; empty when there are none."""
        return urlsplit(self.url).netloc.rpartition("@")[0]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text of the address that must not appear anywhere, longest first."""
        parts = urlsplit(self.url)
        written = [parts.username, parts.password, parts.query, parts.path if "=" in parts.path else None]
        found = {text for text in written if text} | {unquote(text) for text in written if text}
        return tuple(sorted(found, key=len, reverse=True))


def _on_net(parts: SplitResult) -> bool:
    return bool(parts.hostname) and parts.port != 0


def _on_disk(parts: SplitResult) -> bool:
    return parts.scheme == "file" and not parts.netloc and parts.path.startswith("/") and not parts.query


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line in the picture. `directions` names ways of travel: name -> (dx, dy) in the picture.

    `allowed` are the names of those that are right; a crossing in any other direction is the wrong way. Empty: all are.
    """

    id: str
    p1: Point
    p2: Point
    directions: dict[str, Point] = {}
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.p1 == self.p2:
            raise ValueError(f"line {self.id} has no length: give two different points")
        unknown = sorted(set(self.allowed) - set(self.directions))
        if unknown:
            raise ValueError(f"line {self.id} allows {unknown[0]!r}, which is none of its directions: name it there")


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """An area in the picture: a polygon of at least three points, not closed.

    What else is told of it: that somebody stays for `loiter_s` seconds, moves against `allowed` (dx, dy in the
    picture), that things cover the part `crowd_share` of it (0..1), or that something stands for `left_s` seconds
    after its bringer went. None: that is not watched for.
    """

    id: str
    polygon: tuple[Point, ...]
    loiter_s: float | None = None
    allowed: Point | None = None
    crowd_share: float | None = None
    left_s: float | None = None

    def __post_init__(self) -> None:
        if len(self.polygon) < 3:
            raise ValueError(f"zone {self.id} needs three points or more")
        for name in ("loiter_s", "left_s"):
            seconds = getattr(self, name)
            if seconds is not None and not 1.0 <= seconds <= DAY_S:
                raise ValueError(f"{name} of zone {self.id} cannot be {seconds}: give 1 to {DAY_S:.0f} seconds")
        if self.crowd_share is not None and not 0.0 < self.crowd_share <= 1.0:
            raise ValueError(
                f"crowd_share of zone {self.id} cannot be {self.crowd_share}: give a part above 0, up to 1"
            )
        if self.allowed is not None and not any(self.allowed):
            raise ValueError(f"allowed of zone {self.id} has no length: give the way of travel as (dx, dy)")


class Camera(msgspec.Struct, frozen=True, kw_only=True):
    """A registered camera, as it travels to the worker (never in process arguments).

    `position` is where it stands; `bearing_deg` clockwise from north and `fov_deg` say where it looks when
    there is no `calibration`; with `height_m` (of the lens above the ground) and,
    where known, `tilt_deg` (of the picture's middle below the horizon) they stand in for one. `scene`
    chooses the defaults of the analysis. `address` is the stream that is analysed (the sub-stream of a camera
    that has two), `main` the one for evidence and live view, if it is another. `masks` are polygons that
    nobody may see: black before a pixel is stored or shown. `link` names the line that the camera hangs on,
    so that a dead line is told once. `detector` is the file of a learned detector (cameras/detector.py); empty: none.
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
    detector: str = ""

    @property
    def seal(self) -> str:
        """Stands for its masks, so that a picture can say which it has; empty without any."""
        points = [[(float(x), float(y)) for x, y in mask] for mask in self.masks]
        return hashlib.blake2b(repr(points).encode(), digest_size=8).hexdigest() if points else ""

    def __post_init__(self) -> None:
        if any(len(mask) < 3 for mask in self.masks):
            raise ValueError(f"a privacy mask of camera {self.code} needs three points or more")
        if not all(abs(part) <= FARTHEST for mask in self.masks for point in mask for part in point):
            raise ValueError(f"a privacy mask of camera {self.code} lies outside the picture: give points in 0..1")
        if not is_code(self.code) or not is_code(self.centre):
            raise ValueError("a camera's or centre's code is lower case letters, digits and hyphens, 2 to 63 long")
        if self.calibration and len(self.calibration) < 4:
            raise ValueError(f"camera {self.code} needs 4 calibration marks or none")
