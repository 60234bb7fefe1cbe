"""Agencies' notices: entered as JSON or as CAP, and read with what became of them."""

import os
import uuid
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from feeds import cap
from gis.observation import Notice, Reference
from gis.outline import outline
from gis.position import Position
from ioc.access.scope import Thing
from ioc.api import deeds, idempotency, models_reports
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad
from ioc.api.reports import (
    LIMIT_DEFAULT,
    LIMIT_MOST,
    WORDING,
    category_of,
    since_in,
    uuid_in,
    words,
)
from ioc.api.surface import BODY, May, Operation, describe
from ioc.incidents.told import Thread, ends
from ioc.noticing import Draft, Intake, draft_of
from ioc.store import notices
from ioc.store.database import Transaction

BASE = "/api/v1/notices"
CAP_MEDIA = ("application/cap+xml", "application/xml", "text/xml")
LARGEST = cap.LARGEST
_TEXTS = ("headline", "headline_en", "event", "description", "instruction", "place")


async def enter(request: web.Request) -> web.Response:
    """`POST /api/v1/notices`: 201 for a new one, 200 for one that is there already."""
    needs(request, "step", "report")
    parts, caller = request.app[PARTS], request[CALLER]
    sent = request[BODY]
    draft = _of_cap(request, sent) if isinstance(sent, bytes) else _of_json(request, sent)
    home = caller.person.centre or parts.settings.centre
    intake = Intake(home, parts.here().tzinfo, parts.now, os.urandom)  # type: ignore[arg-type]
    async with parts.database.transaction(caller.scope) as transaction:
        notice, shape = await intake.made(transaction, draft)
        thing = Thing("report", notice.stamp.centre, notice.area or None, None, notice.expires)
        if not caller.scope.reaches(thing):
            raise ProblemError("place-beyond")
        place = {"centre": notice.stamp.centre, "area": notice.area}
        new = await notices.enter(transaction, notice, parts.now(), caller.person.login, shape)
        kept = await notices.named(transaction, notice.reference)
        if kept is None:
            raise ProblemError("number-taken")
        if new:
            about = {"sender": notice.sender, "identifier": notice.identifier, "kind": notice.kind}
            await deeds.note(request, transaction, "notice.enter", "report", notice.id, after=about, **place)
        answer = said((await _told(request, transaction, [kept]))[0], 201 if new else 200)
        await idempotency.keep(request, transaction, answer)
    return answer


def _of_cap(request: web.Request, sent: bytes) -> Draft:
    try:
        return draft_of(cap.read(sent), request.app[WORDING])
    except cap.CapError as error:
        raise ProblemError(f"cap-{error.code}", name=error.name, why=error.why).carrying(detail=str(error)) from error


def _of_json(request: web.Request, asked: models_reports.NewNotice) -> Draft:
    texts = words(asked, *_TEXTS)
    ring = [Position(lon=lon, lat=lat) for lon, lat in asked.polygon]
    if ring and (len(ring) < 4 or ring[0] != ring[-1]):
        raise bad("polygon", cap.WANTED["polygon"])
    circles = []
    if asked.position is not None:
        circles.append((Position(lon=asked.position[0], lat=asked.position[1]), asked.radius_m / 1_000))
    names = ("status", "kind", "severity", "urgency", "certainty", "onset", "expires", "over", "numbers")
    return Draft(
        name=Reference(asked.sent, asked.sender, asked.identifier),
        references=tuple(Reference(one.sent, one.sender, one.identifier) for one in asked.references),
        category=category_of(request, asked.category, f"{texts['event']} {texts['headline']} {texts['headline_en']}"),
        shape=outline([ring] if ring else [], circles),
        codes=asked.area_codes,
        **texts,
        **{name: getattr(asked, name) for name in names},
    )


async def _told(
    request: web.Request, transaction: Transaction, found: Sequence[notices.Kept]
) -> list[models_reports.Notice]:
    threads = await notices.threads_of(transaction, {one.thread for one in found}) if found else {}
    alarms = await notices.incidents_of(transaction, [uuid.UUID(one.notice.id) for one in found]) if found else {}
    replaced = {name: Thread(thread) for name, thread in threads.items()}
    told = []
    for one in found:
        notice = one.notice
        plain = {name: getattr(notice, name) for name in _SAME}
        place = notice.stamp.position
        alarm, incident = alarms.get(notice.id, (None, None))
        told.append(
            models_reports.Notice(
                id=uuid.UUID(notice.id),
                thread=one.thread,
                sent=notice.stamp.at,
                arrived_at=one.arrived_at,
                entered_by=one.entered_by,
                state=_state(request, notice, replaced[one.thread]),  # type: ignore[arg-type]
                references=[
                    models_reports.Reference(sender=name.sender, identifier=name.identifier, sent=name.sent)
                    for name in notice.references
                ],
                position=None if place is None else (round(place.lon, 7), round(place.lat, 7)),
                centre=notice.stamp.centre,
                alarm=uuid.UUID(alarm) if alarm else None,
                incident=uuid.UUID(incident) if incident else None,
                **plain,
            )
        )
    return told


_SAME = (
    *("sender", "identifier", "feed", "status", "kind", "category", "event", "severity", "urgency", "certainty"),
    *("headline", "headline_en", "description", "instruction", "place", "onset", "expires", "over", "error_m"),
    *("numbers", "area"),
)


def _state(request: web.Request, notice: Notice, thread: Thread) -> str:
    """What became of a notice; the words are explained in its model."""
    if notice.status != "actual" or notice.kind not in ("alert", "update") or notice.stamp.position is None:
        return "kept"
    later = thread.replaced_by(notice)
    if later is not None:
        return "cancelled" if later.kind == "cancel" else "replaced"
    if notice.over:
        return "over"
    if ends(notice, request.app[WORDING]) <= request.app[PARTS].now():
        return "expired"
    speaks = thread.speaking()
    return "holds" if speaks is None or speaks.id == notice.id else "replaced"


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/notices/{id}`."""
    needs(request, "see", "report")
    wanted = id_of(request.match_info["id"])
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await notices.one(transaction, wanted)
        if found is None:
            raise ProblemError("not-found")
        return said((await _told(request, transaction, [found]))[0])


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/notices`: the last that arrived first."""
    needs(request, "see", "report")
    query = Query(request.rel_url.query, set(_FILTERS))
    limit, before = query.whole("limit", LIMIT_DEFAULT, 1, LIMIT_MOST), uuid_in(query, "before")
    texts = {name: query.text(name) or "" for name in ("feed", "sender", "category", "status")}
    wanted = notices.Wanted(**texts, since=since_in(request, query), thread=uuid_in(query, "thread"))
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await notices.newest(transaction, wanted, limit + 1, before)
        page = await _told(request, transaction, found[:limit])
    return said(models_reports.Notices(notices=page, next=page[-1].id if len(found) > limit else None))


_FILTERS: dict[str, Any] = dict.fromkeys(
    ("feed", "sender", "category", "status", "since", "thread", "before", "limit"), str
)


def routes(app: web.Application) -> None:
    """Add agencies' notices to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_post(BASE, enter)
    app.router.add_get(f"{BASE}/{{id}}", read)
    see, model = May("see", "report"), models_reports
    refusals = tuple(f"cap-{code}" for code in cap.REFUSALS)
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Thông báo của các cơ quan", en="Agencies' notices", may=see, query=_FILTERS,
            answers={200: model.Notices}, problems=("bad-value",),
        ),
        Operation(
            method="POST", path=BASE, vi="Ghi nhận thông báo của một cơ quan (JSON hoặc CAP)",
            en="Enter an agency's notice (JSON or CAP)", may=May("step", "report"), body=model.NewNotice,
            raw=CAP_MEDIA, largest=LARGEST, answers={200: model.Notice, 201: model.Notice},
            problems=("place-beyond", "number-taken", *refusals),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{id}}", vi="Một thông báo", en="A notice", may=see,
            answers={200: model.Notice},
        ),
    )  # fmt: skip
