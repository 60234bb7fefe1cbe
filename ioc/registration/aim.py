"""What becomes of a camera's marks when it moves or turns."""

import msgspec

from gis.footprint import Plane
from ioc.registration.record import CameraRecord

MOVED_M = 1.0
"""A camera that stands farther from where it stood has moved."""


def aimed(before: CameraRecord, after: CameraRecord) -> CameraRecord:
    """The camera after a change, without marks of a picture that it shows no more.

    Four marks were taken of the picture that it had: they go when it moves or turns, unless they are new, too.
    """
    marks = after.settings.get("calibration")
    if not marks or marks != before.settings.get("calibration"):
        return after
    moved = max(map(abs, Plane(before.position).metres(after.position))) > MOVED_M
    if not moved and before.bearing == after.bearing:
        return after
    kept = {name: value for name, value in after.settings.items() if name != "calibration"}
    return msgspec.structs.replace(after, settings=kept)
