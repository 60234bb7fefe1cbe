"""Readings for charts, pictures and clips of evidence, the newest picture of a camera, and the base map."""

import asyncio
import base64
import collections
import datetime as dt
import uuid
from pathlib import Path
from typing import Any

from aiohttp import web

from gis.layers import moment
from gis.stamp import is_code
from ioc.access.scope import EVERYTHING
from ioc.api import deeds
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad
from ioc.gallery import compare
from ioc.store import evidence, media

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
    return said({**about, **found, "interval_s": interval_s, "levels": dict(parts.levels(code, wanted))})


async def file(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/media/{uuid}`: the file's name is made from the id alone. Who cannot be noted sees nothing.

    The file is compared with its digest before any of it is sent, again after each change of the file itself.
    """
    parts, wanted = request.app[PARTS], id_of(request.match_info["id"])
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        found = await media.one(transaction, wanted, parts.now())
        if found is not None:
            await deeds.note(
                request, transaction, "media.read", "media", str(wanted), centre=found.centre, area=found.area
            )
    if found is None:
        raise ProblemError("not-found")
    await _compared(request, found)
    digest = base64.b64encode(found.sha256).decode()
    headers = {
        "Content-Type": found.content_type,
        "X-Taken-At": moment(found.taken_at),
        "Cache-Control": "private, no-cache",
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return web.FileResponse(parts.media / found.file, headers=headers)


COMPARED: web.AppKey["collections.OrderedDict[uuid.UUID, tuple[int, ...]]"] = web.AppKey("compared")
"""Which state of each file was compared with its digest; a file cannot be changed without another state."""
_COMPARED_MOST = 4096


async def _compared(request: web.Request, found: media.Media) -> None:
    """Problem when the file is missing or is not as it was written; that is told (log, audit, the file's record)."""
    parts, known = request.app[PARTS], request.app[COMPARED]
    path = parts.media / found.file
    state = await asyncio.to_thread(_state, path)
    if state is not None and known.get(found.id) == state and found.fault is None:
        return
    fault = await asyncio.to_thread(compare, path, found.sha256)
    if fault is not None or found.fault is not None:
        async with parts.database.transaction(EVERYTHING) as transaction:
            await media.compared(transaction, found, fault, parts.now())
    if fault is not None:
        raise ProblemError("not-found" if fault == "missing" else "media-changed")
    if state is not None:
        known[found.id] = state
        if len(known) > _COMPARED_MOST:
            known.popitem(last=False)


def _state(path: Path) -> tuple[int, ...] | None:
    """What changes with any change of a file; nobody but the kernel sets the time of a change."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


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
    app[COMPARED] = collections.OrderedDict()
    get = app.router.add_get
    get("/api/v1/devices/{code}/readings", readings)
    get("/api/v1/media/{id}", file)
    get("/api/v1/cameras/{code}/picture", newest)
    get("/api/v1/basemap/{name}", basemap)
