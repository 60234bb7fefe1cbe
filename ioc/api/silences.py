"""Silences: made with a reason and an end, ended early, listed with what each hid."""

import datetime as dt
import logging
import os
import uuid
from typing import Any, get_args

import msgspec
from aiohttp import web

from gis.stamp import uuid7
from ioc.access.policy import Person
from ioc.access.rights import allows
from ioc.access.scope import Thing
from ioc.api import deeds, idempotency
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.models_silences import (
    EndSilence,
    HiddenAlarm,
    HiddenAlarms,
    NewSilence,
    RecurrenceOf,
    SilenceOf,
    SilencesOf,
)
from ioc.api.parts import PARTS, Parts
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.incidents.silence import Matcher, Recurrence, Silence
from ioc.store import changes, silences
from ioc.store.away import AWAY
from ioc.store.database import Transaction
from ioc.store.silences import Kept

LOG = logging.getLogger("ioc.api")

BASE = "/api/v1/silences"
_LIMIT_DEFAULT = 100
_LIMIT_MOST = 500
_LARGEST = (1 << 63) - 1
_LISTS = ("sources", "rules", "categories", "areas", "centres")


def _model(kept: Kept, now: dt.datetime) -> SilenceOf:
    silence, recurs = kept.silence, kept.silence.recurs
    span = silence.span(now)
    windows = None if recurs is None else RecurrenceOf(
        start=f"{recurs.start:%H:%M}", end=f"{recurs.end:%H:%M}", zone=recurs.zone, days=list(recurs.days)
    )  # fmt: skip
    same = ("author", "reason", "starts", "until", "ends", "created_at", "ended_at", "ended_by")
    plain: dict[str, Any] = {name: list(getattr(silence.matcher, name)) for name in _LISTS}
    plain |= {name: getattr(silence, name) for name in same}
    plain |= {name: getattr(kept, name) for name in ("version", "centre", "area", "hidden")}
    return SilenceOf(
        id=uuid.UUID(silence.id),
        worst=silence.matcher.worst,  # type: ignore[arg-type]
        recurs=windows,
        state=silence.state(now),
        mutes=span is not None,
        holding=0 if span is None else kept.holding,
        mutes_until=None if span is None else span[1],
        hidden_worst=kept.worst,  # type: ignore[arg-type]
        **plain,
    )


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/silences?state=`: by default those that are not over."""
    needs(request, "see", "silence")
    query = Query(request.rel_url.query, {"state", "before", "limit"})
    state = query.text("state") or "open"
    if state not in get_args(silences.State):
        raise bad("state", " | ".join(get_args(silences.State)))
    limit, before, now = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST), _before(query), request.app[PARTS].now()
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await silences.listed(transaction, state, now, limit + 1, before)  # type: ignore[arg-type]
    page = [_model(one, now) for one in found[:limit]]
    return said(SilencesOf(silences=page, next=page[-1].id if len(found) > limit else None))


def _before(query: Query) -> uuid.UUID | None:
    text = query.text("before")
    try:
        return None if text is None else uuid.UUID(text)
    except ValueError:
        raise bad("before", "uuid") from None


async def _one(request: web.Request, transaction: Transaction, *, lock: bool = False) -> Kept:
    """What the path names. Problem 404 when it is not there to be seen."""
    found = await silences.one(transaction, id_of(request.match_info["id"]), lock=lock)
    if found is None:
        raise ProblemError("not-found")
    return found


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/silences/{id}`."""
    needs(request, "see", "silence")
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        return said(_model(await _one(request, transaction), request.app[PARTS].now()))


async def hidden(request: web.Request) -> web.Response:
    """`GET /api/v1/silences/{id}/hidden`: the alarms that it hid, those only that the reader may see."""
    needs(request, "see", "silence")
    query = Query(request.rel_url.query, {"before", "limit"})
    limit = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    before = query.whole("before", 0, 1, _LARGEST) or None
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        one = await _one(request, transaction)
        found = await silences.hidden(transaction, uuid.UUID(one.silence.id), limit + 1, before)
    page = found[:limit]
    return said(
        HiddenAlarms(
            count=one.hidden,
            holding=one.holding if one.silence.mutes(request.app[PARTS].now()) else 0,
            worst=one.worst,  # type: ignore[arg-type]
            alarms=[_hidden(line) for line in page],
            next=page[-1].number if len(found) > limit else None,
        )
    )


def _hidden(line: silences.Hidden) -> HiddenAlarm:
    plain = {name: getattr(line, name) for name in HiddenAlarm.__struct_fields__ if name != "hidden_at"}
    return HiddenAlarm(hidden_at=line.at, **plain)


async def create(request: web.Request) -> web.Response:
    """`POST /api/v1/silences`. Who is bound to a centre or to areas mutes only there."""
    needs(request, "step", "silence")
    parts, caller = request.app[PARTS], request[CALLER]
    silence = _wanted(request[BODY], parts, caller.person.login, _bounded(request[BODY], caller.person))
    centre, area = silences.place_of(silence.matcher)
    if not caller.scope.reaches(Thing("silence", centre, area)):
        raise ProblemError("silence-place")
    async with parts.database.transaction(caller.scope) as transaction:
        for name, lost in (await silences.unknown(transaction, silence.matcher)).items():
            named = getattr(silence.matcher, name)
            places = ", ".join(str(named.index(one) + 1) for one in lost[:10])
            raise ProblemError("unknown-name", name=name, places=places)
        await silences.create(transaction, silence)
        return await _changed(request, transaction, silence.id, "silence.create", text=silence.reason, status=201)


def _bounded(asked: NewSilence, person: Person) -> dict[str, tuple[str, ...]]:
    """The lists of a silence; who is bound to a centre, or to one area, need not name it."""
    lists = {name: tuple(dict.fromkeys(storable(name, one) for one in getattr(asked, name))) for name in _LISTS}
    named = any(lists.values())
    own = {"centres": () if person.centre is None else (person.centre,), "areas": person.areas}
    return lists | {name: tuple(one) for name, one in own.items() if named and not lists[name] and len(one) == 1}


def _wanted(asked: NewSilence, parts: Parts, author: str, lists: dict[str, tuple[str, ...]]) -> Silence:
    """The silence that is asked for. Problem 400 naming what cannot be agreed to."""
    now = parts.now()
    starts = asked.starts or now
    if asked.until <= now:
        raise bad("until", "> now")
    if starts < now - dt.timedelta(minutes=5):
        raise bad("from", "≥ now")
    try:
        matcher = Matcher(worst=asked.worst, **lists)
    except ValueError:
        raise bad("sources", " | ".join(_LISTS)) from None
    try:
        recurs = _recurrence(asked, parts.settings.timezone)
    except ValueError:
        raise bad("recurs", "start ≠ end, ≤ 12 h, days 1–7") from None
    reason = storable("reason", asked.reason).strip()
    if not reason:
        raise bad("reason", "≥ 1")
    try:
        return Silence(
            id=str(uuid7(now, os.urandom(10))), author=author, reason=reason, matcher=matcher,
            starts=max(starts, now), until=asked.until, recurs=recurs, created_at=now,
        )  # fmt: skip
    except ValueError:
        raise bad("until", "from < until ≤ from + 30 d (recurs: 366 d)") from None


def _recurrence(asked: NewSilence, zone: str) -> Recurrence | None:
    if asked.recurs is None:
        return None
    start, end = dt.time.fromisoformat(asked.recurs.start), dt.time.fromisoformat(asked.recurs.end)
    return Recurrence(start=start, end=end, zone=zone, days=tuple(sorted(asked.recurs.days)))


async def end(request: web.Request) -> web.Response:
    """`POST /api/v1/silences/{id}/end`: what it hides and still holds is told within seconds."""
    needs(request, "step", "silence")
    parts, caller, asked = request.app[PARTS], request[CALLER], request[BODY]
    now = parts.now()
    why = storable("why", asked.why)
    # Who sees only what is current may end a silence, and is told of it once more.
    scope = msgspec.structs.replace(caller.scope, past=None)
    async with parts.database.transaction(scope) as transaction:
        before = await _one(request, transaction, lock=True)
        current = msgspec.to_builtins(_model(before, now), builtin_types=())
        if before.silence.state(now) == "past":
            raise ProblemError("silence-over").carrying(current=current)
        if before.version != asked.expected_version:
            raise ProblemError("stale-version").carrying(current=current)
        await silences.end(transaction, before.silence.id, caller.person.login, now)
        return await _changed(request, transaction, before.silence.id, "silence.end", text=why)


async def _changed(
    request: web.Request, transaction: Transaction, silence_id: str, act: str, *, text: str, status: int = 200
) -> web.Response:
    """Note a change, tell it on the live stream, and answer with what there is now."""
    now = request.app[PARTS].now()
    kept = await silences.one(transaction, uuid.UUID(silence_id))
    if kept is None:
        raise ProblemError("not-found")
    model = _model(kept, now)
    shown: dict[str, Any] = msgspec.to_builtins(model)
    place: dict[str, Any] = {"centre": kept.centre, "area": kept.area}
    await deeds.note(request, transaction, act, "silence", silence_id, text=text, after=shown, **place)
    answer = said(model, status)
    await idempotency.keep(request, transaction, answer)
    told = {"type": "Feature", "id": silence_id, "geometry": None, "properties": shown}
    await changes.record(
        transaction,
        [changes.Change(subject="silence", subject_id=silence_id, op="put", at=now, value=told, **place)],
    )
    LOG.info("%s: silence %s until %s, by %s", act, silence_id, model.ends.isoformat(), request[CALLER].person.login)
    return answer


async def figures(request: web.Request) -> dict[str, float]:
    """For `/metrics`: how many silences mute, and how many alarms they hide, of the places that the reader may see.

    None for a role that may not see them, and while the database is away.
    """
    if not allows(request[CALLER].person.role, "see", "silence"):
        return {}
    parts = request.app[PARTS]
    try:
        async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
            muting, hidden_now = await silences.totals(transaction, parts.now())
    except AWAY:
        return {}
    return {"ioc_silences_muting": muting, "ioc_alarms_silenced": hidden_now}


def routes(app: web.Application) -> None:
    """Add silences to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_post(BASE, create)
    app.router.add_get(f"{BASE}/{{id}}", read)
    app.router.add_get(f"{BASE}/{{id}}/hidden", hidden)
    app.router.add_post(f"{BASE}/{{id}}/end", end)
    describe(app, *_operations())


def _operations() -> tuple[Operation, ...]:
    see, step = May("see", "silence"), May("step", "silence")
    return (
        Operation(
            method="GET", path=BASE, vi="Các lần tạm tắt cảnh báo", en="Silences", may=see,
            query=dict.fromkeys(("state", "before", "limit"), str), answers={200: SilencesOf},
            problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=BASE, vi="Tạm tắt cảnh báo", en="Silence alarms", may=step, body=NewSilence,
            answers={201: SilenceOf}, problems=("not-allowed", "silence-place", "unknown-name"),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{id}}", vi="Một lần tạm tắt cảnh báo", en="A silence", may=see,
            answers={200: SilenceOf}, problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{id}}/hidden", vi="Các cảnh báo đã bị ẩn", en="What a silence hid", may=see,
            query=dict.fromkeys(("before", "limit"), str), answers={200: HiddenAlarms}, problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{id}}/end", vi="Kết thúc sớm việc tạm tắt cảnh báo",
            en="End a silence early", may=step, body=EndSilence, answers={200: SilenceOf},
            problems=("not-allowed", "silence-over", "stale-version"),
        ),
    )  # fmt: skip
