"""Photographs over links that break: uploads that resume where they stopped.

The protocol is tus 1.0.0 (https://tus.io/protocols/resumable-upload) with its extensions creation, expiration,
termination and checksum. A step of a ticket names the ids of uploads that are whole (`photos`).
"""

import asyncio
import base64
import binascii
import datetime as dt
import hashlib
import logging
import secrets
import uuid
from collections.abc import Callable
from email.utils import format_datetime

import msgspec
from aiohttp import ClientPayloadError, web

from cameras.photo import LARGEST, PhotoError, cleaned
from gis.stamp import uuid7
from ioc.access.rights import allows
from ioc.access.scope import EVERYTHING
from ioc.api.caller import CALLER
from ioc.api.models_uploads import Upload
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.reports import TURN
from ioc.api.surface import May, Operation, describe
from ioc.partial import Partials
from ioc.store import uploads

log = logging.getLogger(__name__)

BASE = "/api/v1/uploads"
VERSION = "1.0.0"
OCTETS = "application/offset+octet-stream"
FLUSH = 16 * 1024
"""Bytes after which what came of a piece is made durable: no more of it is sent again after a cut."""

DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
"""Algorithms of `Upload-Checksum`; the protocol asks for SHA-1, which is enough against a bad line."""

PARTIALS: web.AppKey[Partials] = web.AppKey("partials", Partials)
TURNS: web.AppKey[dict[uuid.UUID, asyncio.Lock]] = web.AppKey("upload_turns", dict)


def _about() -> dict[str, str]:
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,expiration,termination,checksum",
        "Tus-Checksum-Algorithm": ",".join(DIGESTS),
        "Tus-Max-Size": str(LARGEST),
        "Cache-Control": "no-store",
    }


def _checked(request: web.Request) -> None:
    """Problem 403 for a role that does no tickets, 412 for another version of the protocol."""
    if not allows(request[CALLER].person.role, "step", "ticket"):
        raise ProblemError("not-allowed")
    if request.method not in ("GET", "HEAD") and request.headers.get("Tus-Resumable") != VERSION:
        raise ProblemError("tus-version", headers={"Tus-Version": VERSION})


def _whole(request: web.Request, name: str) -> int:
    """A whole number in a header. Problem when it is none."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise ProblemError("bad-value", name=name, why=">= 0")
    return int(text)


def _told(found: uploads.Upload, status: int) -> web.Response:
    """Where an upload stands, in headers and, unless the protocol wants none, in a body."""
    headers = _about() | {
        "Upload-Offset": str(found.received),
        "Upload-Length": str(found.size),
        "Upload-Expires": format_datetime(found.expires_at.astimezone(dt.UTC), usegmt=True),
        "Location": f"{BASE}/{found.id}",
    }
    if status == 204:
        return web.Response(status=204, headers=headers)
    body = Upload(
        id=str(found.id), size=found.size, offset=found.received, whole=found.picture is not None,
        refused=found.refused, taken=found.taken_at is not None, expires_at=found.expires_at,
    )  # fmt: skip
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json", headers=headers)


async def _mine(request: web.Request) -> uploads.Upload:
    """The upload of the path, if it is the caller's. Problem 404 else."""
    parts = request.app[PARTS]
    try:
        wanted = uuid.UUID(request.match_info["id"])
    except ValueError:
        raise ProblemError("not-found") from None
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await uploads.one(transaction, wanted, request[CALLER].person.login, parts.now())
    if found is None:
        raise ProblemError("not-found")
    return found


async def create(request: web.Request) -> web.Response:
    """`POST /api/v1/uploads` with `Upload-Length`: announces a photograph."""
    _checked(request)
    parts, size = request.app[PARTS], _whole(request, "Upload-Length")
    if not 0 < size <= LARGEST:
        raise ProblemError("too-large")
    if parts.gallery is None or parts.gallery.full:
        raise ProblemError("photos-not-kept", headers={"Retry-After": "60"})
    # By chance alone: an id that tells the time can be guessed.
    wanted, login = uuid.UUID(bytes=secrets.token_bytes(16), version=4), request[CALLER].person.login
    try:
        async with parts.database.transaction(EVERYTHING) as transaction:
            made = await uploads.create(transaction, wanted, login, size, parts.now())
    except uploads.QuotaError:
        raise ProblemError("too-many-uploads", most=uploads.MOST) from None
    return _told(made, 201)


async def about(request: web.Request) -> web.Response:
    """`HEAD` and `GET /api/v1/uploads/{id}`: how much has come."""
    _checked(request)
    return _told(await _mine(request), 200)


async def options(request: web.Request) -> web.Response:
    """`OPTIONS /api/v1/uploads`: what of the protocol is spoken here."""
    return web.Response(status=204, headers=_about() | {"Allow": "OPTIONS, POST"})


def _checksum(request: web.Request) -> Callable[[bytes], bool] | None:
    """What a piece must pass; None when nothing was said of it. Problem for an algorithm that is not spoken."""
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    name, _, value = text.partition(" ")
    try:
        wanted = base64.b64decode(value, validate=True)
    except binascii.Error:
        wanted = b""
    if name not in DIGESTS or not wanted:
        raise ProblemError("bad-value", name="Upload-Checksum", why=" | ".join(DIGESTS))
    return lambda data: secrets.compare_digest(DIGESTS[name](data).digest(), wanted)


async def add(request: web.Request) -> web.Response:
    """`PATCH /api/v1/uploads/{id}` with `Upload-Offset`: goes on. What came of a piece that was cut short stays."""
    _checked(request)
    if request.content_type != OCTETS:
        raise ProblemError("unsupported-media")
    found, offset = await _mine(request), _whole(request, "Upload-Offset")
    if found.received != offset:
        raise ProblemError("upload-offset", offset=found.received)
    passes = _checksum(request)
    if passes is None:
        found = await _stream(request, found)
    else:
        data = await request.read()
        if not passes(data):
            raise ProblemError("checksum-mismatch")
        found = await _store(request, found, data)
    if found.received == found.size and found.picture is None:
        found = await _judged(request, found)
    return _told(found, 204)


async def _stream(request: web.Request, found: uploads.Upload) -> uploads.Upload:
    """Store the body as it comes."""
    waiting, cut = bytearray(), None
    try:
        async for piece in request.content.iter_any():
            waiting += piece
            if len(waiting) >= FLUSH:
                found = await _store(request, found, bytes(waiting))
                waiting.clear()
    except (ConnectionError, ClientPayloadError) as error:
        cut = error
    if waiting:
        found = await _store(request, found, bytes(waiting))
    if cut is not None:
        raise ProblemError("bad-request")
    return found


async def _store(request: web.Request, found: uploads.Upload, data: bytes) -> uploads.Upload:
    """Add bytes to an upload: durable on disk first, then in the table. Problem when somebody else went on with it."""
    if found.received + len(data) > found.size:
        raise ProblemError("too-large")
    parts, turns = request.app[PARTS], request.app[TURNS]
    async with turns.setdefault(found.id, asyncio.Lock()):
        now = await _mine(request)
        if now.received != found.received:
            raise ProblemError("upload-offset", offset=now.received)
        if not data:
            return now
        await _written(request, found, data)
        offset = found.received + len(data)
        async with parts.database.transaction(EVERYTHING) as transaction:
            if not await uploads.received(transaction, found, offset):
                raise ProblemError("upload-offset", offset=found.received)
    if offset == found.size:
        turns.pop(found.id, None)
    return msgspec.structs.replace(now, received=offset)


async def _written(request: web.Request, found: uploads.Upload, data: bytes) -> None:
    try:
        await asyncio.to_thread(request.app[PARTIALS].write, found.id, found.received, data)
    except OSError as error:
        log.error("a piece of a photograph is not kept: %s", error)
        raise ProblemError("photos-not-kept", headers={"Retry-After": "60"}) from error
    except ValueError as error:
        log.error("what came of upload %s is not on disk any more, so it is forgotten", found.id)
        async with request.app[PARTS].database.transaction(EVERYTHING) as transaction:
            await uploads.remove(transaction, found)
        raise ProblemError("not-found") from error


async def _judged(request: web.Request, found: uploads.Upload) -> uploads.Upload:
    """Make the picture of a whole upload, as its pixels alone. Problem when it is none."""
    parts, partials = request.app[PARTS], request.app[PARTIALS]
    if found.refused:
        raise ProblemError("photo-refused", number=1, why=found.refused)
    if parts.gallery is None:
        raise ProblemError("photos-not-kept", headers={"Retry-After": "60"})
    now = parts.now()
    try:
        async with request.app[TURN]:
            jpeg = await asyncio.to_thread(cleaned, await asyncio.to_thread(partials.read, found.id))
        made = await parts.gallery.hang(uuid7(now, secrets.token_bytes(10)), "upload", jpeg, now, "comment")
        async with parts.database.transaction(EVERYTHING) as transaction:
            await uploads.judged(transaction, found, made)
    except PhotoError as error:
        why = f"{error.code}: {error}"
        async with parts.database.transaction(EVERYTHING) as transaction:
            await uploads.refuse(transaction, found, why)
        raise ProblemError("photo-refused", number=1, why=why) from error
    except OSError as error:
        log.error("a photograph is not kept: %s", error.strerror or type(error).__name__)
        raise ProblemError("photos-not-kept", headers={"Retry-After": "60"}) from error
    finally:
        request.app[TURNS].pop(found.id, None)
    await asyncio.to_thread(partials.drop, [found.id])
    return msgspec.structs.replace(found, picture=uuid.UUID(made.id))


async def end(request: web.Request) -> web.Response:
    """`DELETE /api/v1/uploads/{id}`: gives an upload up that no step has taken."""
    _checked(request)
    found = await _mine(request)
    async with request.app[PARTS].database.transaction(EVERYTHING) as transaction:
        if not await uploads.remove(transaction, found):
            raise ProblemError("upload-taken")
    await asyncio.to_thread(request.app[PARTIALS].drop, [found.id])
    request.app[TURNS].pop(found.id, None)
    return web.Response(status=204, headers=_about())


def _operations(one: str) -> list[Operation]:
    may = May("step", "ticket")
    return [
        Operation(
            method="OPTIONS", path=BASE, vi="Giao thức tải ảnh lên (tus)", en="What of tus 1.0.0 is spoken here",
            answers={204: None}, cost="cheap",
        ),
        Operation(
            method="POST", path=BASE, vi="Bắt đầu tải một ảnh lên (tus)", en="Announce a photograph (tus creation)",
            may=may, answers={201: Upload}, problems=("tus-version", "too-many-uploads", "photos-not-kept"),
        ),
        Operation(
            method="GET", path=one, vi="Ảnh đã tải lên đến đâu (tus)", en="How much of a photograph has come (tus)",
            may=may, answers={200: Upload},
        ),
        Operation(
            method="PATCH", path=one, vi="Tải tiếp một ảnh (tus)", en="Go on with a photograph (tus)", may=may,
            raw=(OCTETS,), answers={204: None},
            problems=(
                "tus-version", "upload-offset", "checksum-mismatch", "photo-refused", "photos-not-kept",
            ),
        ),
        Operation(
            method="DELETE", path=one, vi="Bỏ một ảnh đang tải (tus)", en="Give a photograph up (tus termination)",
            may=may, answers={204: None}, problems=("tus-version", "upload-taken"),
        ),
    ]  # fmt: skip


def routes(app: web.Application) -> None:
    """Add uploads to an application; needs the turn of photographs (`reports`)."""
    app[PARTIALS], app[TURNS] = Partials(app[PARTS].media), {}
    one = f"{BASE}/{{id}}"
    app.router.add_route("OPTIONS", BASE, options)
    app.router.add_post(BASE, create)
    app.router.add_get(one, about)
    app.router.add_patch(one, add)
    app.router.add_delete(one, end)
    describe(app, *_operations(one))
