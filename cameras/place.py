"""Where on the ground a camera's box stands, and what ground the camera sees."""

import functools
import logging
from typing import Protocol

from cameras.camera import Box, SceneKind
from cameras.scene import MANNERS
from gis.footprint import REACH_M, Ground, GroundPoint, Ring, Spot, sector
from gis.pose import Pose
from gis.position import Position

log = logging.getLogger(__name__)


class Placed(Protocol):
    """What is known of where a camera stands and looks."""

    @property
    def code(self) -> str: ...
    @property
    def scene(self) -> SceneKind: ...
    @property
    def position(self) -> Position | None: ...
    @property
    def bearing_deg(self) -> float | None: ...
    @property
    def fov_deg(self) -> float | None: ...
    @property
    def height_m(self) -> float | None: ...
    @property
    def tilt_deg(self) -> float | None: ...
    @property
    def calibration(self) -> tuple[GroundPoint, ...]: ...


def ground_of(camera: Placed) -> Ground | None:
    """The camera's calibration by its marks, else by its height, bearing and field of view.

    None when there is neither, or when it cannot be used (said once, in the log).
    """
    if camera.calibration:
        return _ground(camera.code, camera.calibration)
    known = camera.position, camera.height_m, camera.bearing_deg, camera.fov_deg
    if camera.position is None or None in known:
        return None
    return _posed(camera.code, camera.position, camera.height_m, camera.bearing_deg, camera.fov_deg, camera.tilt_deg)


@functools.lru_cache(maxsize=1024)
def _ground(code: str, calibration: tuple[GroundPoint, ...]) -> Ground | None:
    try:
        return Ground(calibration)
    except ValueError as error:
        log.warning("camera %s is used without its ground calibration: %s", code, error)
        return None


@functools.lru_cache(maxsize=1024)
def _posed(
    code: str, position: Position, height_m: float, bearing_deg: float, fov_deg: float, tilt_deg: float | None
) -> Ground | None:
    try:
        return Pose(position, height_m=height_m, bearing_deg=bearing_deg, fov_deg=fov_deg, tilt_deg=tilt_deg)
    except ValueError as error:
        log.warning("camera %s is used without its height and bearing: %s", code, error)
        return None


def place(camera: Placed, box: Box) -> tuple[Position | None, float | None]:
    """The ground under a box and its error in metres.

    Without calibration, or above the horizon, it is the camera's own place, and no error is claimed.
    """
    ground = ground_of(camera)
    if ground is None:
        return camera.position, None
    from cameras.motion import foot  # OpenCV, which listeners without calibrated cameras need not load

    spot: Spot | None = ground.spot(*foot(box, MANNERS[camera.scene]))
    if spot is None:
        return camera.position, None
    return spot.position, round(spot.error_m, 1)


def field_of_view(camera: Placed, *, reach_m: float = REACH_M) -> Ring | None:
    """The ground that the camera sees, by calibration, else by bearing and angle; else None."""
    ground = ground_of(camera)
    ring = ground.seen(reach_m=reach_m) if ground else None
    if ring is None and camera.position and camera.bearing_deg is not None and camera.fov_deg:
        ring = sector(camera.position, bearing_deg=camera.bearing_deg, fov_deg=camera.fov_deg, reach_m=reach_m)
    return ring
