"""What a worker saw, dated by the warden and put on the ground: a sighting, as yet without its id."""

import datetime as dt

import msgspec

from cameras.camera import Camera
from cameras.place import place
from cameras.wire import Became, Clipped, Graded, Saw, Shown, Step
from gis.observation import Sighting
from gis.stamp import Stamp


def dated(camera: Camera, saw: Saw, at: dt.datetime, run: str, clip: str | None) -> Sighting:
    """The sighting of a report about a time (UTC), by the worker that began as `run`; `clip` shows it."""
    position, error_m = place(camera, saw.box)
    stamp = Stamp(centre=camera.centre, source=camera.code, at=at, run=run, sequence=saw.sequence, position=position)
    return Sighting(
        id="",
        stamp=stamp,
        kind=saw.kind,
        subject=saw.subject,
        track=saw.track,
        direction=saw.direction,
        object_class=saw.object_class,
        box=saw.box,
        error_m=error_m,
        clip=clip,
        phase=saw.phase,
        since=None if saw.lasted_s is None else at - dt.timedelta(seconds=saw.lasted_s),
        count=saw.count,
        share=saw.share,
        speed_kmh=saw.speed_kmh,
        score=saw.score,
    )


Said = Saw | Became | Shown | Step | Graded | Clipped
"""What a worker says of one camera."""


def fit_to_show(report: Said, camera: Camera) -> Said | None:
    """A report without the pictures that have other masks than the camera has now; None when nothing is left of it.

    What a worker said before it heard of new masks shows what nobody may see any more.
    """
    if not isinstance(report, Saw | Became | Shown) or report.seal == camera.seal:
        return report
    if isinstance(report, Shown):
        return None
    return msgspec.structs.replace(report, **dict.fromkeys({"jpeg", "before", "after"} & set(report.__struct_fields__)))
