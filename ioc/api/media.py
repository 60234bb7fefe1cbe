"""Readings for charts, pictures of evidence, the newest picture of a camera, and the base map."""

import datetime as dt
from typing import Any

from aiohttp import web

from gis.layers import moment
from gis.stamp import is_code
from ioc.api import deeds
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad
from ioc.store import evidence

BASEMAP = frozenset({"land", "coastline", "rivers", "roads", "places"})
BY = ("reading", "hour", "day")
READINGS_MOST, HOURS_MOST = 48, 24 * 60
"""Hours of a chart up to which it shows each reading, and up to which it shows hours; of a longer one, days."""
LIVE, SILENT = "live", "silent"
LIVE_FOR = dt.timedelta(seconds=10)
"""An older picture is not what can be seen now; a new one comes each 1.5 s."""
_LONGEST = 24 * 366 * 2


def code_of(request: web.Request) -> str:
    """The device's or camera's code of the path. Problem 404 for what can be none."""
    code = request.match_info["code"]
    if not is_code(code):
        raise ProblemError("not-found")
    return code


def steps(wanted: str | None, hours: int) -> str:
    """What a chart of so many hours is made of: readings, hours or days. Problem for another word than those."""
    if wanted is None:
        return "reading" if hours <= READINGS_MOST else "hour" if hours <= HOURS_MOST else "day"
    if wanted not in BY:
        raise bad("by", " | ".join(BY))
    return wanted


async def readings(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{code}/readings?property=P&hours=H&by=reading|hour|day`."""
    parts, code = request.app[PARTS], code_of(request)
    query = Query(request.rel_url.query, {"property", "hours", "by"})
    wanted = query.text("property")
    if not wanted:
        raise bad("property", "?")
    hours = query.whole("hours", 24, 1, _LONGEST)
    by, since, interval_s = (
        steps(query.text("by"), hours),
        parts.now() - dt.timedelta(hours=hours),
        parts.interval(code),
    )
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        stream = await evidence.stream(transaction, code, wanted)
        if stream is None:
            raise ProblemError("not-found")
        found: dict[str, Any] = {"readings": [], "rollups": []}
        if by == "reading":
            found["readings"] = await evidence.readings(transaction, stream, since)
        elif by == "hour":
            found["rollups"] = await evidence.hourly(transaction, stream, since, interval_s)
        else:
            found["rollups"] = await evidence.daily(
                transaction, stream, since, interval_s, parts.here().tzinfo or dt.UTC
            )
    about = {"device": code, "name": stream["name"], "property": wanted, "unit": stream["unit"], "by": by}
    return said({**about, **found, "levels": dict(parts.levels(code, wanted))})


async def picture(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/media/{uuid}`: the file's name is made from the id alone. Who cannot be noted sees nothing."""
    parts, wanted = request.app[PARTS], id_of(request.match_info["id"])
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        found = await evidence.media(transaction, wanted, parts.now())
        if found is not None:
            await deeds.note(
                request, transaction, "media.read", "media", str(wanted), centre=found.centre, area=found.area
            )
    path = parts.media / f"{wanted}.jpg"
    if found is None or not path.is_file():
        raise ProblemError("not-found")
    headers = {"Content-Type": "image/jpeg", "X-Taken-At": moment(found.taken_at)}
    return web.FileResponse(path, headers=headers)


def shown_as(state: str, age: dt.timedelta) -> str:
    """The state that goes with a picture of an age: never live of one that is old, whoever says so."""
    return SILENT if state == LIVE and age > LIVE_FOR else state


async def newest(request: web.Request) -> web.Response:
    """`GET /api/v1/cameras/{code}/picture`."""
    parts, code = request.app[PARTS], code_of(request)
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        place = await evidence.camera_place(transaction, code)
        if place is not None:
            centre, area = place
            await deeds.note(request, transaction, "camera.view", "camera", code, centre=centre, area=area)
    if place is None:
        raise ProblemError("not-found")
    try:
        found = await parts.pictures.newest(code)
    except OSError as error:
        raise ProblemError("cameras-away", headers={"Retry-After": "3"}) from error
    if found is None:
        raise ProblemError("no-picture")
    state = shown_as(found.state, parts.now() - found.taken_at)
    headers = {"X-Taken-At": moment(found.taken_at), "X-Camera-State": state}
    return web.Response(body=found.jpeg, content_type="image/jpeg", headers=headers)


async def basemap(request: web.Request) -> web.Response:
    """`GET /api/v1/basemap/{name}`."""
    name = request.match_info["name"]
    body = request.app[PARTS].basemap(name) if name in BASEMAP else None
    if body is None:
        raise ProblemError("not-found")
    headers = {"Cache-Control": "private, max-age=3600"}
    return web.Response(body=body, content_type="application/geo+json", headers=headers)


def routes(app: web.Application) -> None:
    """Add readings, pictures and the base map to an application."""
    get = app.router.add_get
    get("/api/v1/devices/{code}/readings", readings)
    get("/api/v1/media/{id}", picture)
    get("/api/v1/cameras/{code}/picture", newest)
    get("/api/v1/basemap/{name}", basemap)
