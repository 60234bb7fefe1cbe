"""What people say of an incident, with photographs: encoded anew, so that nothing but their pixels is kept."""

import asyncio
import logging
import secrets
from collections.abc import Sequence

import msgspec
from aiohttp import web

from cameras.photo import PhotoError, cleaned
from gis.stamp import uuid7
from ioc.api import models_steps
from ioc.api.models import Incident
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad
from ioc.api.reports import LARGEST, TURN
from ioc.api.steps import BASE, PROBLEMS, ask_of, carried, needs_step, wanted_of
from ioc.api.surface import BODY, May, Operation, describe
from ioc.store.media import StoredPicture

log = logging.getLogger(__name__)


async def comment(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/comment` with `{"text": …, "photos": […]}`."""
    needs_step(request)
    body: models_steps.Comment = request[BODY]
    wanted, ask = wanted_of(request, body.expected_version), ask_of(request, "comment", to=body.text)
    if not ask.to and not body.photos:
        raise bad("text", ">= 1")
    clean = await clean_photos(request, body.photos)
    photos = await hang_photos(request, clean, f"incident-{wanted.id}")
    return await carried(request, ask, lambda work: work.step(wanted, photos), wanted.id)


async def clean_photos(request: web.Request, photos: Sequence[bytes]) -> list[bytes]:
    """The photographs as their pixels alone. Problem for one that is none."""
    clean = []
    for number, photo in enumerate(photos, 1):
        try:
            async with request.app[TURN]:
                clean.append(await asyncio.to_thread(cleaned, photo))
        except PhotoError as error:
            raise ProblemError("photo-refused", number=number, why=f"{error.code}: {error}") from error
    return clean


async def hang_photos(request: web.Request, clean: Sequence[bytes], source: str) -> list[StoredPicture]:
    """The photographs on disk; those of a comment that is refused then are swept by the curator."""
    parts, hung = request.app[PARTS], list[StoredPicture]()
    if clean and parts.gallery is None:
        raise ProblemError("photos-not-kept", headers={"Retry-After": "60"})
    for jpeg in clean:
        now = parts.now()
        try:
            stored = await parts.gallery.hang(  # type: ignore[union-attr]
                uuid7(now, secrets.token_bytes(10)), source, jpeg, now, "comment"
            )
        except OSError as error:
            log.error("a photograph of a comment is not kept: %s", error.strerror or type(error).__name__)
            raise ProblemError("photos-not-kept", headers={"Retry-After": "60"}) from error
        hung.append(msgspec.structs.replace(stored, kind="comment"))
    return hung


def routes(app: web.Application) -> None:
    """Add comments to an application; needs the turn of photographs (`reports`)."""
    app.router.add_post(f"{BASE}/comment", comment)
    describe(
        app,
        Operation(
            method="POST", path=f"{BASE}/comment", vi="Ghi ý kiến, kèm ảnh", en="Comment on an incident, with photos",
            may=May("step", "incident"), body=models_steps.Comment, largest=LARGEST, answers={200: Incident},
            problems=(*PROBLEMS, "photo-refused", "photos-not-kept"),
        ),
    )  # fmt: skip
