"""What a worker saw, dated by the warden and put on the ground: a sighting, as yet without its id."""

import datetime as dt

from cameras.camera import Camera
from cameras.place import place
from cameras.wire import Saw
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
