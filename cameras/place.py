"""Where on the ground a camera's box stands, and what ground the camera sees."""

import functools
import logging

from cameras.camera import Camera
from cameras.motion import Box, foot
from cameras.scene import MANNERS
from gis.footprint import REACH_M, Ground, GroundPoint, Ring, Spot, sector
from gis.position import Position

log = logging.getLogger(__name__)


def ground_of(camera: Camera) -> Ground | None:
    """The camera's calibration, or None when there is none or it cannot be used (said once, in the log)."""
    return _ground(camera.code, camera.calibration) if camera.calibration else None


@functools.lru_cache(maxsize=1024)
def _ground(code: str, calibration: tuple[GroundPoint, ...]) -> Ground | None:
    try:
        return Ground(calibration)
    except ValueError as error:
        log.warning("camera %s is used without its ground calibration: %s", code, error)
        return None


def place(camera: Camera, box: Box) -> tuple[Position | None, float | None]:
    """The ground under a box and its error in metres.

    Without calibration, or above the horizon, it is the camera's own place, and no error is claimed.
    """
    ground = ground_of(camera)
    spot: Spot | None = ground.spot(*foot(box, MANNERS[camera.scene])) if ground else None
    if spot is None:
        return camera.position, None
    return spot.position, round(spot.error_m, 1)


def field_of_view(camera: Camera, *, reach_m: float = REACH_M) -> Ring | None:
    """The ground that the camera sees, by calibration, else by bearing and angle; else None."""
    ground = ground_of(camera)
    ring = ground.seen(reach_m=reach_m) if ground else None
    if ring is None and camera.position and camera.bearing_deg is not None and camera.fov_deg:
        ring = sector(camera.position, bearing_deg=camera.bearing_deg, fov_deg=camera.fov_deg, reach_m=reach_m)
    return ring
