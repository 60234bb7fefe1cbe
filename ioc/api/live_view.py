"""What cameras show as it comes: MP4 of one camera, still pictures of one, and both of several in one answer.

A browser opens few connections to a server (six over HTTP/1.1), so the wall takes all its cameras in one.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from aiohttp import web

from gis.layers import moment
from gis.stamp import is_code
from ioc.api import deeds
from ioc.api.caller import CALLER, CALLERS
from ioc.api.media import code_of, shown_as
from ioc.api.parts import PARTS, Parts, Watched
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad
from ioc.pictures import Picture
from ioc.store import evidence
from ioc.store.away import AWAY

log = logging.getLogger(__name__)

STALLED_S = 10.0
"""Seconds after which a reader that takes nothing is cut; it may come back."""
MOST = 16
"""So many cameras in one answer."""
STILL_S = 1.0
"""How often a new still picture is looked for."""
AGAIN_S = 3.0
"""A still picture that did not change is sent again so often, with the camera's present state."""
RETRY_S = 5.0
"""How long still pictures stand in before the live view is tried again."""
BOUNDARY = "ioc-part"

Send = Callable[[bytes], Awaitable[None]]


def part(media: str, body: bytes, **fields: str) -> bytes:
    """A part of a multipart answer (RFC 2046), the delimiter of the next one included, so that it is shown at once."""
    told = {"Content-Type": media, "Content-Length": str(len(body))}
    told |= {f"X-{name.replace('_', '-').title()}": value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return b"".join((head.encode("latin-1", "replace"), b"\r\n", body, f"\r\n--{BOUNDARY}\r\n".encode()))


async def _may_see(request: web.Request, codes: Sequence[str]) -> None:
    """Note who looks at which cameras. Problem 404 for one that the reader may not see, and then none is noted."""
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        for code in codes:
            place = await evidence.camera_place(transaction, code)
            if place is None:
                raise ProblemError("not-found")
            await deeds.note(request, transaction, "camera.view", "camera", code, centre=place[0], area=place[1])


async def _streamed(request: web.Request, media: str, work: Callable[[Send], Awaitable[None]]) -> web.StreamResponse:
    """Let `work` send for as long as the reader is there, takes what comes and is signed in."""
    response = web.StreamResponse(
        headers={"Content-Type": media, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)

    async def send(body: bytes) -> None:
        async with asyncio.timeout(STALLED_S):
            await response.write(body)

    try:
        async with request.app[CALLERS].while_signed_in(request[CALLER]):
            await work(send)
    except* AWAY:
        log.info("a live view ended: its reader or the cameras' process is away")
    except* Exception:
        log.exception("a live view failed; it has begun, so that it can only end")
    if request.transport is not None and request.transport.get_write_buffer_size() > 0:
        request.transport.abort()
    return response


async def film(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/cameras/{code}/live`: fragmented MP4, from the running group of pictures on."""
    code = code_of(request)
    await _may_see(request, [code])
    async with contextlib.AsyncExitStack() as stack:
        try:
            watched = await stack.enter_async_context(request.app[PARTS].live_views.watching(code))
        except OSError as error:
            raise ProblemError("cameras-away", headers={"Retry-After": "3"}) from error
        if watched.why in ("codec", "masked"):
            raise ProblemError("stills-only")
        if watched.why:
            raise ProblemError("not-live", headers={"Retry-After": "5"})

        async def work(send: Send) -> None:
            async for body in watched:
                await send(body)

        return await _streamed(request, f'video/mp4; codecs="{watched.codec}"', work)


async def stills(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/cameras/{code}/stills`: JPEG pictures that replace each other, for an `<img>`."""
    parts, code = request.app[PARTS], code_of(request)
    await _may_see(request, [code])
    try:
        if await parts.pictures.newest(code) is None:
            raise ProblemError("no-picture")
    except OSError as error:
        raise ProblemError("cameras-away", headers={"Retry-After": "3"}) from error

    async def work(send: Send) -> None:
        await send(f"--{BOUNDARY}\r\n".encode())
        async for picture in _pictures(parts, code):
            if picture is not None:
                await send(_still(code, picture, parts.now()))

    return await _streamed(request, f"multipart/x-mixed-replace; boundary={BOUNDARY}", work)


async def several(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/cameras/live?codes=a,b&stills=c`: for each camera parts with its code, video or still pictures."""
    query = Query(request.rel_url.query, {"codes", "stills"})
    films, pictures = _codes(query, "codes"), _codes(query, "stills")
    if not 0 < len(films) + len(pictures) <= MOST or set(films) & set(pictures):
        raise bad("codes", f"1–{MOST}")
    await _may_see(request, [*films, *pictures])
    parts = request.app[PARTS]

    async def work(send: Send) -> None:
        await send(f"--{BOUNDARY}\r\n".encode())
        async with asyncio.TaskGroup() as tasks:
            for code in films:
                tasks.create_task(_show(parts, code, send), name="live-view")
            for code in pictures:
                tasks.create_task(_show_stills(parts, code, send, for_ever=True), name="live-stills")

    return await _streamed(request, f"multipart/mixed; boundary={BOUNDARY}", work)


def _codes(query: Query, name: str) -> list[str]:
    text = query.text(name)
    codes = text.split(",") if text else []
    if len(set(codes)) != len(codes) or not all(is_code(code) for code in codes):
        raise bad(name, "code,code")
    return codes


async def _show(parts: Parts, code: str, send: Send) -> None:
    """Video of one camera, and still pictures for as long as there is none."""
    while True:
        why = await _film(parts, code, send)
        await send(part("video/mp4", b"", camera=code, live="none", why=why))
        await _show_stills(parts, code, send, for_ever=False)


async def _film(parts: Parts, code: str, send: Send) -> str:
    """Send video until there is no more; in a word why."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            watched: Watched = await stack.enter_async_context(parts.live_views.watching(code))
        except OSError:
            return "away"
        if watched.why:
            return watched.why
        await send(part("video/mp4", b"", camera=code, live="begin", codec=watched.codec))
        async for body in _until_away(watched):
            await send(part("video/mp4", body, camera=code))
    return "ended"


async def _until_away(watched: Watched) -> AsyncIterator[bytes]:
    """What is watched; the end of the cameras' process is its end."""
    source = aiter(watched)
    while True:
        try:
            body = await anext(source)
        except (OSError, StopAsyncIteration):
            return
        yield body


async def _show_stills(parts: Parts, code: str, send: Send, *, for_ever: bool) -> None:
    """Still pictures, for ever or until video is worth another try."""
    loop = asyncio.get_running_loop()
    until = loop.time() + RETRY_S
    async for picture in _pictures(parts, code):
        if picture is None:
            await send(part("image/jpeg", b"", camera=code))
        else:
            await send(_still(code, picture, parts.now()))
        if not for_ever and loop.time() >= until:
            return


async def _pictures(parts: Parts, code: str) -> AsyncIterator[Picture | None]:
    """The newest picture when it is new, and now and then the same again; None when there is none."""
    loop = asyncio.get_running_loop()
    shown, due = None, 0.0
    while True:
        try:
            picture = await parts.pictures.newest(code)
        except OSError:
            picture = None
        taken = None if picture is None else (picture.taken_at, picture.state)
        if taken != shown or loop.time() >= due:
            shown, due = taken, loop.time() + AGAIN_S
            yield picture
        await asyncio.sleep(STILL_S)


def _still(code: str, picture: Picture, now: dt.datetime) -> bytes:
    """A still picture with the camera's state, which is not live when the picture is old."""
    state = shown_as(picture.state, now - picture.taken_at)
    return part("image/jpeg", picture.jpeg, camera=code, taken_at=moment(picture.taken_at), camera_state=state)


def routes(app: web.Application) -> None:
    """Add the live views to an application."""
    get = app.router.add_get
    get("/api/v1/cameras/live", several, allow_head=False)
    get("/api/v1/cameras/{code}/live", film, allow_head=False)
    get("/api/v1/cameras/{code}/stills", stills, allow_head=False)
