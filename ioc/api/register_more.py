"""What belongs to a record beside its fields: its photograph; of a camera its calibration."""

import asyncio
import os
import uuid
from typing import Any

import msgspec
from aiohttp import web

from cameras.photo import PhotoError, cleaned
from gis.layers import moment
from gis.stamp import uuid7
from ioc.access.scope import EVERYTHING
from ioc.api import idempotency, register_forms
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.models_register import Calibrated, CameraFields, NewCalibration
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.register import answered, fresh, held, keep
from ioc.api.register_answers import model
from ioc.api.reports import TURN
from ioc.api.surface import BODY
from ioc.registration.record import AnyRecord, CameraRecord, Subject
from ioc.store import media, register_changes
from ioc.store.database import Transaction
from ioc.store.media import StoredPicture
from ioc.store.readings import Owner

PICTURES = ("image/jpeg", "image/png", "image/webp")
RETENTION = "register"
"""The class of photographs of devices and cameras."""


async def put_photo(subject: Subject, request: web.Request) -> web.Response:
    """`PUT …/{code}/photo`: encoded anew, without place, time and whatever else the file holds."""
    needs(request, "register", subject)
    parts = request.app[PARTS]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        code = (await held(request, transaction, subject)).code
    picture = await _hung(request, code)
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        before = await held(request, transaction, subject, lock=True)
        await _registered(request, transaction, before, picture)
        after = msgspec.structs.replace(before, photo=uuid.UUID(picture.id))
        kept = await keep(request, transaction, after, "photo", "")
        return await answered(request, transaction, [kept])


async def _hung(request: web.Request, code: str) -> StoredPicture:
    """The photograph, clean and on disk. Problem 422 for one that is none, 503 where there is no room."""
    if request.content_type not in PICTURES:
        raise ProblemError("unsupported-media")
    parts, body = request.app[PARTS], await request.read()
    try:
        async with request.app[TURN]:
            jpeg = await asyncio.to_thread(cleaned, body)
    except PhotoError as error:
        raise ProblemError("picture-refused", why=f"{error.code}: {error}") from error
    try:
        if parts.gallery is None:
            raise OSError("there is no folder for evidence here")
        await asyncio.to_thread(parts.gallery.measure)  # the cameras' process writes there, too
        now = parts.now()
        stored = await parts.gallery.hang(uuid.UUID(str(uuid7(now, os.urandom(10)))), code, jpeg, now, RETENTION)
    except OSError as error:
        raise ProblemError("picture-not-kept", headers={"Retry-After": "60"}) from error
    return msgspec.structs.replace(stored, kind=RETENTION)


async def _registered(
    request: web.Request, transaction: Transaction, before: AnyRecord, picture: StoredPicture
) -> None:
    """Enter the photograph beside other media, which registrars do not see; the one before goes at the next round."""
    await transaction.bind(EVERYTHING)
    owners = {before.code: Owner(before.centre, before.area)}
    await media.insert_pictures(transaction, [picture], owners)
    if before.photo is not None:
        await media.expire(transaction, before.photo, request.app[PARTS].now())
    await transaction.bind(request[CALLER].scope)


async def photo(subject: Subject, request: web.Request) -> web.StreamResponse:
    """`GET …/{code}/photo`: for whoever sees the record."""
    needs(request, "see", subject)
    parts = request.app[PARTS]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        record = await held(request, transaction, subject)
        if record.photo is None:
            raise ProblemError("not-found")
        await transaction.bind(EVERYTHING)
        found = await media.one(transaction, record.photo, parts.now())
    path = None if found is None else parts.media / found.file
    if found is None or path is None or not await asyncio.to_thread(path.is_file):
        raise ProblemError("not-found")
    headers = {
        "Content-Type": found.content_type,
        "X-Taken-At": moment(found.taken_at),
        "Cache-Control": "private, no-cache",
    }
    return web.FileResponse(path, headers=headers)


async def calibrate(request: web.Request) -> web.Response:
    """`PUT /api/v1/cameras/{code}/calibration`: where the picture's points lie on the ground."""
    needs(request, "register", "camera")
    asked: NewCalibration = request[BODY]
    ground = register_forms.marked(asked.calibration)
    fields: dict[str, Any] = {"calibration": asked.calibration, "bearing": asked.bearing, "fov": asked.fov}
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        before = await held(request, transaction, "camera", lock=True)
        await fresh(request, transaction, before, asked.expected_version)
        after = await register_forms.changed(request, transaction, before, CameraFields(**fields))
        after = _with_marks(after, asked)
        kept = await keep(request, transaction, after, "calibrate", asked.reason)
        shown = await model(request, transaction, kept.after)
        spot = None
        if ground is not None:
            marks = asked.calibration
            spot = ground.spot(sum(one.x for one in marks) / len(marks), sum(one.y for one in marks) / len(marks))
        plain: dict[str, Any] = {name: getattr(shown, name) for name in shown.__struct_fields__}
        answer = said(Calibrated(**plain, error_m=None if spot is None else round(spot.error_m, 2)))
        await idempotency.keep(request, transaction, answer)
        await register_changes.tell(transaction, [kept], request.app[PARTS].now())
    return answer


def _with_marks(after: AnyRecord, asked: NewCalibration) -> AnyRecord:
    """The same marks may be meant for another bearing: here they are given, so they stay."""
    if not asked.calibration or not isinstance(after, CameraRecord):
        return after
    marks = [msgspec.to_builtins(one) for one in asked.calibration]
    return msgspec.structs.replace(after, settings={**after.settings, "calibration": marks})
