"""Where cameras stand: what ground one sees follows from where it stands and looks, and is never entered by hand."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from cameras.place import field_of_view
from gis.footprint import Plane
from gis.layers import CAMERAS as LAYER
from gis.position import Position
from ioc.foreign import eye_of
from ioc.store import changes, registry
from ioc.store.database import Transaction
from ioc.store.readings import Owner
from ioc.store.registry import CameraRow

MOVED_M = 1.0
"""A camera that stands farther from where it stood has moved, and its old marks tell nothing any more."""


def sited(row: CameraRow) -> CameraRow:
    """The camera with the ground that it sees."""
    return msgspec.structs.replace(row, view=tuple(field_of_view(eye_of(row)) or ()))


async def move(
    transaction: Transaction,
    row: CameraRow,
    now: dt.datetime,
    *,
    position: Position | None = None,
    bearing: float | None = None,
    settings: Mapping[str, Any] | None = None,
) -> CameraRow:
    """Move or turn a camera, with what else is new of its settings; the map and its readers learn of it.

    Four marks were taken of the picture that it had. Unless new ones are given they are dropped when it moves or
    turns, and the ground that it sees follows from its height, bearing and field of view.
    """
    new = {**row.settings, **(settings or {})}
    place = position or row.position
    moved = max(map(abs, Plane(row.position).metres(place))) > MOVED_M
    turned = bearing is not None and bearing != row.bearing
    if (moved or turned) and "calibration" not in (settings or {}):
        new.pop("calibration", None)
    changed = sited(
        msgspec.structs.replace(row, position=place, bearing=row.bearing if bearing is None else bearing, settings=new)
    )
    await registry.move_camera(transaction, changed, now)
    owners = {row.code: Owner(changed.centre, changed.area)}
    await changes.record_features(transaction, LAYER, [row.code], owners, now)
    return changed
