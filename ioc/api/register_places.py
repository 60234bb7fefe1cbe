"""Where a thing of the register is put: its position, the unit that holds it, the centre that serves it."""

from typing import NamedTuple

from aiohttp import web

from gis.crs import CRS84, PLANE, REACH, VN2000
from gis.position import Position
from gis.vn2000 import BY_EPSG, HOME, Zone, wgs84
from ioc.access.scope import Thing
from ioc.api.caller import CALLER
from ioc.api.models_register import Place, Planar
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.registration.record import AnyRecord, Subject
from ioc.store import centre_merges, people, register_changes, register_rows
from ioc.store.crs import position_of
from ioc.store.database import Transaction


class Owned(NamedTuple):
    """Whose a thing is."""

    centre: str
    area: str


async def position(transaction: Transaction, place: Place) -> Position:
    """The position in WGS 84, to a centimetre. Problem 422 for coordinates that mean no place."""
    if isinstance(place, Planar):
        zone = BY_EPSG.get(place.crs, HOME)
        if zone == HOME:
            crs = CRS84 if place.crs == "EPSG:4326" else VN2000
            found = await position_of(transaction, crs, place.x, place.y)
        else:
            found = _elsewhere(place, zone)
        if found is None:
            raise ProblemError("place-unmeasured")
    else:
        found = Position(lon=place[0], lat=place[1])
    return Position(lon=round(found.lon, 7), lat=round(found.lat, 7))


def _elsewhere(place: Planar, zone: Zone) -> Position | None:
    """The position of numbers of a zone that is not ours, None where they mean none."""
    if not (PLANE.west <= place.x <= PLANE.east and PLANE.south <= place.y <= PLANE.north):
        return None
    found = wgs84(place.x, place.y, zone)
    inside = REACH.west <= found.lon <= REACH.east and REACH.south <= found.lat <= REACH.north
    return found if inside else None


async def owner(
    request: web.Request, transaction: Transaction, place: Position, centre: str = "", before: AnyRecord | None = None
) -> Owned:
    """The smallest unit that holds a place today, and the centre: the one that is named, the one that a thing had if it
    serves the unit, else the one that serves it.

    Problem 422 where no unit is near, for an unknown centre, for one that went into another, and for one that does not
    serve the unit, which only who is bound to no centre may ask for.
    """
    found = await register_changes.placed(transaction, place, request.app[PARTS].here().date())
    if found is None:
        raise ProblemError("no-place")
    if centre:
        if centre not in {one.code for one in await people.centres(transaction)}:
            raise ProblemError("unknown-centre", centre=centre)
        if heir := (await centre_merges.heirs(transaction)).get(centre):
            raise ProblemError("centre-gone", centre=centre, heir=heir)
        bound = request[CALLER].scope.centres is not None
        if bound and not await register_changes.serves(transaction, centre, found.area):
            raise ProblemError("centre-elsewhere", centre=centre, area=found.area_name)
        return Owned(centre, found.area)
    if before is not None and await register_changes.serves(transaction, before.centre, found.area):
        return Owned(before.centre, found.area)
    return Owned(found.centre, found.area)


def reachable(request: web.Request, subject: Subject, code: str, owned: Owned) -> None:
    """Problem 403 for a place that is not the caller's."""
    camera = code if subject == "camera" else None
    if not request[CALLER].scope.reaches(Thing(subject, owned.centre, owned.area, camera)):
        raise ProblemError("place-beyond")


async def gateway(transaction: Transaction, code: str | None, centre: str) -> None:
    """Problem 422 unless a gateway is registered in the centre, as the intake asks."""
    if not code:
        return
    found = await register_rows.one(transaction, "device", code)
    if found is None or found.centre != centre:
        raise ProblemError("no-gateway", gateway=code)
