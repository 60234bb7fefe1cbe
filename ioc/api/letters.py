"""Messages that were refused: read with their reason, and replayed once their codec, profile or register is mended."""

import base64
import datetime as dt
from typing import Any, get_args

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.api import deeds, idempotency, models_letters
from ioc.api.answer import said
from ioc.api.caller import CALLER
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, interval, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.replay import Count
from ioc.store import letters
from ioc.store.away import AWAY
from ioc.store.database import Transaction

BASE = "/api/v1/dead-letters"
_LIMIT_DEFAULT = 100
_LIMIT_MOST = 1_000
_COUNTED = 10_000
_LARGEST = (1 << 63) - 1
_MENDED_BY_REPLAY = (
    "Bản tin này được khép lại khi xử lý lại thành công; chỉ đóng được bằng tay bản tin có mã “unjudged”.",
    "This message is mended by replaying it; only one of the code “unjudged” is closed by hand.",
)


def _seeing(request: web.Request) -> None:
    if not allows(request[CALLER].person.role, "see", "dead_letter"):
        raise ProblemError("not-allowed")


def _replaying(request: web.Request) -> None:
    if not allows(request[CALLER].person.role, "step", "dead_letter"):
        raise ProblemError("not-allowed")


def _moment(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _told(letter: letters.Letter) -> models_letters.Letter:
    plain = {name: getattr(letter, name) for name in models_letters.Letter.__struct_fields__ if hasattr(letter, name)}
    times = {name: _moment(getattr(letter, name)) for name in ("arrived_at", "replayed_at", "mended_at")}
    return models_letters.Letter(
        **plain
        | times
        | {
            "sha256": letter.sha256.hex(),
            "head": base64.b64encode(letter.head).decode(),
            "text": letter.head.decode("utf-8", "replace"),
        }
    )


def _since(request: web.Request, text: str) -> dt.datetime | None:
    if not text:
        return None
    return interval(f"{storable('since', text)}/..", request.app[PARTS].here().tzinfo or dt.UTC)[0]


def _wanted(request: web.Request, query: Query) -> letters.Wanted:
    state = query.text("state") or "open"
    if state not in get_args(letters.State):
        raise bad("state", " | ".join(get_args(letters.State)))
    return letters.Wanted(
        code=query.text("code") or "",
        source=query.text("source") or "",
        since=_since(request, query.text("since") or ""),
        state=state,  # type: ignore[arg-type]
    )


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/dead-letters`: newest first; by default those that are not mended."""
    _seeing(request)
    query = Query(request.rel_url.query, {"code", "source", "since", "state", "before", "limit"})
    wanted, limit = _wanted(request, query), query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    before = query.whole("before", 0, 1, _LARGEST) or None
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await letters.newest(transaction, wanted, limit + 1, before)
        count = await letters.count(transaction, wanted, _COUNTED)
    page = [_told(letter) for letter in found[:limit]]
    return said(models_letters.Letters(letters=page, next=page[-1].id if len(found) > limit else None, count=count))


async def figures(request: web.Request) -> dict[str, float]:
    """For `/metrics`: how many are not mended, of the places that the reader may see.

    None for a role that may not read them, and while the database is away.
    """
    if not allows(request[CALLER].person.role, "see", "dead_letter"):
        return {}
    scope = msgspec.structs.replace(request[CALLER].scope, kinds=frozenset({"dead_letter"}))
    try:
        async with request.app[PARTS].database.transaction(scope, read_only=True) as transaction:
            return {"ioc_dead_letters_open": await letters.count(transaction, letters.Wanted(), _COUNTED)}
    except AWAY:
        return {}


def _number(request: web.Request) -> int:
    text = request.match_info["number"]
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise ProblemError("not-found")
    return int(text)


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/dead-letters/{number}`."""
    _seeing(request)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await letters.one(transaction, _number(request))
    if found is None:
        raise ProblemError("not-found")
    return said(_told(found))


async def replay(request: web.Request) -> web.Response:
    """`POST /api/v1/dead-letters/{number}/replay`: feeds it to the decoder of now. Again is harmless."""
    parts, scope = request.app[PARTS], request[CALLER].scope
    _replaying(request)
    async with parts.database.transaction(scope, read_only=True) as transaction:
        found = await letters.one(transaction, _number(request))
    if found is None:
        raise ProblemError("not-found")
    if not found.whole:
        raise ProblemError("letter-cut")
    place = {"centre": found.centre, "area": found.area}

    async def note(transaction: Transaction) -> None:
        await deeds.note(request, transaction, "dead_letter.replay", "dead_letter", str(found.id), **place)

    [result] = await parts.replayer.letters([found], scope, note)
    answer = said(msgspec.convert(result, models_letters.Replayed, from_attributes=True))
    async with parts.database.transaction(scope) as transaction:
        await idempotency.keep(request, transaction, answer)
    return answer


async def close(request: web.Request) -> web.Response:
    """`POST /api/v1/dead-letters/{number}/close`: what the desk could not judge, once somebody has looked at it.

    It alone: its values are kept, so that no replay ever mends it; any other letter is mended by its replay.
    """
    parts, scope = request.app[PARTS], request[CALLER].scope
    _replaying(request)
    asked: models_letters.Close = request[BODY]
    why = storable("why", asked.why).strip()
    if not why:
        raise ProblemError("why-needed")
    async with parts.database.transaction(scope) as transaction:
        found = await letters.one(transaction, _number(request))
        if found is None:
            raise ProblemError("not-found")
        if found.code != letters.UNJUDGED:
            raise ProblemError("wrong-state").because(*_MENDED_BY_REPLAY)
        if not await letters.close(transaction, found.id, parts.now()):
            raise ProblemError("no-change")
        place = {"centre": found.centre, "area": found.area}
        await deeds.note(request, transaction, "dead_letter.close", "dead_letter", str(found.id), text=why, **place)
        closed = await letters.one(transaction, found.id)
        answer = said(_told(closed or found))
        await idempotency.keep(request, transaction, answer)
    return answer


async def replay_all(request: web.Request) -> web.Response:
    """`POST /api/v1/dead-letters/replay`: some of those that are not mended, oldest first."""
    parts, scope = request.app[PARTS], request[CALLER].scope
    _replaying(request)
    asked: models_letters.Replay = request[BODY]
    code, source = storable("code", asked.code), storable("source", asked.source)
    wanted = letters.Wanted(code=code, source=source, since=_since(request, asked.since))
    async with parts.database.transaction(scope, read_only=True) as transaction:
        found = await letters.oldest(transaction, wanted, asked.limit + 1, asked.after)
    chosen = found[: asked.limit]
    words: dict[str, Any] = {"code": code, "source": source, "since": asked.since, "letters": len(chosen)}

    async def note(transaction: Transaction) -> None:
        await deeds.note(request, transaction, "dead_letter.replay", "dead_letter", after=words)

    count = Count()
    for result in await parts.replayer.letters(chosen, scope, note):
        count.add(result)
    told = {name: getattr(count, name) for name in models_letters.ReplayedAll.__struct_fields__ if name != "next"}
    return said(models_letters.ReplayedAll(**told, next=chosen[-1].id if len(found) > asked.limit else None))


def _operations() -> tuple[Operation, ...]:
    see, step = May("see", "dead_letter"), May("step", "dead_letter")
    filters = dict.fromkeys(("code", "source", "since", "state", "before", "limit"), str)
    return (
        Operation(
            method="GET", path=BASE, vi="Các bản tin bị từ chối", en="Messages that were refused", may=see,
            query=filters, answers={200: models_letters.Letters}, problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{number}}", vi="Một bản tin bị từ chối", en="A message that was refused",
            may=see, answers={200: models_letters.Letter}, problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{number}}/replay", vi="Xử lý lại một bản tin bị từ chối",
            en="Replay a message that was refused", may=step, answers={200: models_letters.Replayed},
            problems=("not-allowed", "letter-cut"),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{number}}/close", vi="Đóng một bản tin không phán xét được",
            en="Close a message that could not be judged", may=step, body=models_letters.Close,
            answers={200: models_letters.Letter},
            problems=("not-allowed", "bad-value", "why-needed", "wrong-state", "no-change"),
        ),
        Operation(
            method="POST", path=f"{BASE}/replay", vi="Xử lý lại các bản tin bị từ chối",
            en="Replay messages that were refused", may=step, body=models_letters.Replay,
            answers={200: models_letters.ReplayedAll}, problems=("not-allowed",),
        ),
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add refused messages to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_post(f"{BASE}/replay", replay_all)
    app.router.add_get(f"{BASE}/{{number}}", read)
    app.router.add_post(f"{BASE}/{{number}}/replay", replay)
    app.router.add_post(f"{BASE}/{{number}}/close", close)
    describe(app, *_operations())
