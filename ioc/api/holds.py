"""What is registered of evidence, and legal holds: who holds it, why, until when. What is held stays."""

import datetime as dt
from typing import Any

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.api import deeds, idempotency
from ioc.api.answer import needs
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.models_media import Hold, MediaRecord, NewHold, Release
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.store import media
from ioc.store.away import AWAY
from ioc.store.database import Transaction

BASE = "/api/v1/media/{id}"


def _hold(one: media.Media) -> dict[str, Any] | None:
    """A hold as the audit trail has it."""
    if one.held_by is None or one.held_since is None:
        return None
    until = one.held_until.isoformat() if one.held_until else None
    return {"by": one.held_by, "why": one.held_why, "since": one.held_since.isoformat(), "until": until}


def _told(one: media.Media, request: web.Request) -> web.Response:
    held = one.held(request.app[PARTS].now())
    plain = {name: getattr(one, name) for name in MediaRecord.__struct_fields__ if hasattr(one, name)}
    hold = Hold(by=one.held_by or "", why=one.held_why or "", since=one.held_since, until=one.held_until) \
        if held and one.held_since else None  # fmt: skip
    record = MediaRecord(**plain | {"size": one.bytes, "sha256": one.sha256.hex(), "hold": hold})
    return web.Response(body=msgspec.json.encode(record), content_type="application/json")


async def _one(request: web.Request, transaction: Transaction) -> media.Media:
    """What the path names. Problem 404 when it is not there to be seen."""
    found = await media.one(transaction, id_of(request.match_info["id"]), request.app[PARTS].now())
    if found is None:
        raise ProblemError("not-found")
    return found


async def record(request: web.Request) -> web.Response:
    """`GET /api/v1/media/{id}/record`."""
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        return _told(await _one(request, transaction), request)


async def hold(request: web.Request) -> web.Response:
    """`POST /api/v1/media/{id}/hold` with `{"why": …, "until": …}`: again renews it.

    Only who may release may let it end sooner.
    """
    needs(request, "step", "media")
    parts, caller = request.app[PARTS], request[CALLER]
    asked: NewHold = request[BODY]
    now = parts.now()
    if asked.until is not None and asked.until <= now:
        raise bad("until", "> now")
    new = media.Hold(by=caller.person.login, why=storable("why", asked.why), since=now, until=asked.until)
    async with parts.database.transaction(caller.scope) as transaction:
        before = await _one(request, transaction)
        if before.held(now) and _sooner(asked.until, before.held_until):
            needs(request, "manage", "media")  # it would be a release
        await media.hold(transaction, before.id, new)
        return await _changed(request, transaction, before, "media.hold")


def _sooner(one: dt.datetime | None, other: dt.datetime | None) -> bool:
    """Whether a hold ends before another; None: it never ends by itself."""
    return one is not None and (other is None or one < other)


async def release(request: web.Request) -> web.Response:
    """`POST /api/v1/media/{id}/release` with `{"why": …}`: from then on it goes when its class says."""
    needs(request, "manage", "media")
    parts, caller = request.app[PARTS], request[CALLER]
    asked: Release = request[BODY]
    async with parts.database.transaction(caller.scope) as transaction:
        before = await _one(request, transaction)
        if not before.held(parts.now()):
            raise ProblemError("not-held")
        await media.release(transaction, before.id)
        return await _changed(request, transaction, before, "media.release", text=storable("why", asked.why))


async def _changed(
    request: web.Request, transaction: Transaction, before: media.Media, act: str, text: str = ""
) -> web.Response:
    """Note a change with what was before and after it, and answer with what is there now.

    What is released after its time is not to be seen any more; the answer tells it once.
    """
    after = await media.any_of(transaction, before.id)
    if after is None:
        raise ProblemError("not-found")
    place = {"centre": before.centre, "area": before.area}
    changes = {"before": {"hold": _hold(before)}, "after": {"hold": _hold(after)}}
    await deeds.note(request, transaction, act, "media", str(before.id), text=text, **place, **changes)
    answer = _told(after, request)
    await idempotency.keep(request, transaction, answer)
    return answer


async def figures(request: web.Request) -> dict[str, float]:
    """For `/metrics`: how much evidence there is, of the places that the reader may see.

    None for a role that may not see it, and while the database is away.
    """
    if not allows(request[CALLER].person.role, "see", "media"):
        return {}
    parts = request.app[PARTS]
    try:
        async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
            found = await media.totals(transaction, parts.now())
    except AWAY:
        return {}
    return {f"ioc_media_{name}": value for name, value in msgspec.structs.asdict(found).items()}


def routes(app: web.Application) -> None:
    """Add them to an application."""
    app.router.add_get(f"{BASE}/record", record)
    app.router.add_post(f"{BASE}/hold", hold)
    app.router.add_post(f"{BASE}/release", release)
    describe(
        app,
        Operation(
            method="GET", path=f"{BASE}/record", vi="Thông tin của một tệp bằng chứng",
            en="What is registered of a file of evidence", may=May("see", "media"), answers={200: MediaRecord},
        ),
        Operation(
            method="POST", path=f"{BASE}/hold", vi="Lưu giữ bằng chứng theo yêu cầu pháp lý",
            en="Put evidence on legal hold", may=May("step", "media"), body=NewHold, answers={200: MediaRecord},
            problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=f"{BASE}/release", vi="Chấm dứt lưu giữ bằng chứng", en="End a legal hold",
            may=May("manage", "media"), body=Release, answers={200: MediaRecord},
            problems=("not-allowed", "not-held"),
        ),
    )  # fmt: skip
