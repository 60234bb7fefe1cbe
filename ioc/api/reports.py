"""Citizens' reports: entered by the channels that take them, read and withdrawn by who may step on them."""

import asyncio
import datetime as dt
import logging
import os
import uuid
from typing import Any, get_args

import msgspec
from aiohttp import web

from cameras.photo import PhotoError, cleaned
from gis.observation import Report
from gis.position import Position
from gis.stamp import Stamp, believed, digest_of, is_code, uuid7
from ioc import catalogue
from ioc.access.rights import allows
from ioc.access.scope import Thing
from ioc.api import deeds, idempotency, models_reports
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, interval, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.incidents.told import Wording
from ioc.store import media, reports, updates
from ioc.store.database import Transaction
from ioc.store.placing import Placed, place_of
from ioc.store.readings import Owner
from ioc.store.registry import point

log = logging.getLogger(__name__)

BASE = "/api/v1/reports"
LARGEST = 24 * 2**20
"""Bytes of a request with photographs in base64."""

LIMIT_DEFAULT, LIMIT_MOST = 100, 1_000
TURN: web.AppKey[asyncio.Lock] = web.AppKey("photo_turn", asyncio.Lock)
"""One photograph is decoded at a time: its pixels may take 200 MB."""

WORDING: web.AppKey[Wording] = web.AppKey("wording", Wording)


def words(asked: msgspec.Struct, *names: str) -> dict[str, Any]:
    """Texts of a body without the blanks around them. Problem when PostgreSQL could not hold one."""
    return {name: storable(name, getattr(asked, name)).strip() for name in names}


def category_of(request: web.Request, asked: str | None, text: str) -> str:
    """The category that was asked for, else that of the text. Problem for one that is none."""
    wording = request.app[WORDING]
    if asked is not None and asked not in wording.titles:
        raise bad("category", " | ".join(wording.titles))
    return asked if asked is not None else wording.category_of(text)


async def enter(request: web.Request) -> web.Response:
    """`POST /api/v1/reports`: 201 for a new one, 200 for one that is there already."""
    needs(request, "step", "report")
    parts, caller = request.app[PARTS], request[CALLER]
    asked: models_reports.NewReport = request[BODY]
    if not is_code(asked.channel):  # a `$` lets a line's end pass
        raise bad("channel", "a-z 0-9 -")
    at = asked.at.astimezone(dt.UTC) if asked.at is not None else parts.now()
    if not believed(at, parts.now()):
        raise ProblemError("time-not-believed")
    number, at = _number(asked, at), min(at, parts.now())  # a clock that runs ahead stands in nobody's way
    position = Position(lon=asked.position[0], lat=asked.position[1])
    async with parts.database.transaction(caller.scope, read_only=True) as transaction:
        before = await reports.numbered(transaction, asked.channel, number)
        if before is not None:
            return said(await _told(transaction, before))
        placed = await place_of(transaction, point(position), at.astimezone(parts.here().tzinfo).date())
    if placed is None:
        raise ProblemError("place-elsewhere")
    thing = Thing("report", placed.centre, placed.area, None, at)
    if not caller.scope.holds(thing, parts.now()):
        raise ProblemError("place-beyond")
    report = _report(request, asked, number, at, position, placed)
    photos, refused = await _hung(request, asked, report)
    report = msgspec.structs.replace(report, photos=tuple(photo.id for photo in photos))
    return await _kept(request, asked, report, photos, refused)


def _number(asked: models_reports.NewReport, at: dt.datetime) -> str:
    """What the channel calls a report, or what makes it the same when it comes again."""
    if asked.number is not None:
        return storable("number", asked.number)
    if asked.at is None:
        return str(uuid.UUID(bytes=os.urandom(16), version=4))
    same = (asked.channel, at.isoformat(), *asked.position, asked.place, asked.text)
    return digest_of(msgspec.json.encode(same))


def _report(
    request: web.Request,
    asked: models_reports.NewReport,
    number: str,
    at: dt.datetime,
    position: Position,
    placed: Placed,
) -> Report:
    texts = words(asked, "text", "place")
    if not texts["text"]:
        raise bad("text", ">= 1")
    own = (f"{asked.channel}:{number}",) if asked.number is not None else ()
    stamp = Stamp(
        centre=placed.centre, source=asked.channel, at=at, digest=digest_of(number.encode()), position=position
    )
    return Report(
        id=str(uuid7(request.app[PARTS].now(), os.urandom(10))),
        stamp=stamp,
        number=number,
        area=placed.area,
        category=category_of(request, asked.category, f"{texts['text']} {texts['place']}"),
        severity=asked.severity or request.app[WORDING].unsaid.report_severity,
        error_m=asked.error_m,
        numbers=tuple(dict.fromkeys((*own, *asked.numbers))),
        **texts,
    )


async def _hung(
    request: web.Request, asked: models_reports.NewReport, report: Report
) -> tuple[list[media.StoredPicture], int]:
    """The photographs, clean and on disk; and how many there was no room for. Problem for one that is none."""
    parts = request.app[PARTS]
    gallery, clean = parts.gallery, []
    for number, photo in enumerate(asked.photos, 1):
        try:
            async with request.app[TURN]:
                clean.append(await asyncio.to_thread(cleaned, photo))
        except PhotoError as error:
            raise ProblemError("photo-refused", number=number, why=f"{error.code}: {error}") from error
    hung: list[media.StoredPicture] = []
    try:
        if clean and gallery is not None:
            await asyncio.to_thread(gallery.measure)  # the cameras' process writes there, too
        for jpeg in clean:
            if gallery is None:
                raise OSError("there is no folder for evidence here")
            id = uuid7(parts.now(), os.urandom(10))  # noqa: A001
            stored = await gallery.hang(id, report.stamp.source, jpeg, report.stamp.at, "report")
            hung.append(msgspec.structs.replace(stored, kind="report"))
    except OSError as error:
        log.error("photographs of a report are not kept (%s); the report is", error.strerror or type(error).__name__)
    return hung, len(clean) - len(hung)


async def _kept(
    request: web.Request,
    asked: models_reports.NewReport,
    report: Report,
    photos: list[media.StoredPicture],
    refused: int,
) -> web.Response:
    """Report, photographs, who told it, the deed and the answer, in one transaction."""
    parts, caller = request.app[PARTS], request[CALLER]
    owner = {report.stamp.source: Owner(report.stamp.centre, report.area)}
    place = {"centre": report.stamp.centre, "area": report.area}
    who = asked.reporter or models_reports.Reporter()
    reporter = reports.Reporter(**words(who, "name", "phone"))
    async with parts.database.transaction(caller.scope) as transaction:
        new = await reports.enter(transaction, report, parts.now(), caller.person.login, reporter)
        if new:
            await media.insert_pictures(transaction, photos, owner)
            about = {"channel": report.stamp.source, "number": report.number, "photos": len(photos)}
            await deeds.note(request, transaction, "report.enter", "report", report.id, after=about, **place)
        kept = await reports.numbered(transaction, report.stamp.source, report.number)
        if kept is None:
            raise ProblemError("number-taken")
        answer = said(await _told(transaction, kept, refused if new else 0), 201 if new else 200)
        await idempotency.keep(request, transaction, answer)
    return answer


async def _told(
    transaction: Transaction, kept: reports.Kept, refused: int = 0, reporter: reports.Reporter | None = None
) -> models_reports.Report:
    return (await _all_told(transaction, [kept], refused, reporter))[0]


async def _all_told(
    transaction: Transaction, found: list[reports.Kept], refused: int = 0, reporter: reports.Reporter | None = None
) -> list[models_reports.Report]:
    names = await reports.area_names(transaction, {one.area for one in found}) if found else {}
    who = models_reports.Reporter(name=reporter.name, phone=reporter.phone) if reporter else None
    own = ("position", "photos", "area_name", "state", "photos_refused", "reporter", "tickets", "told")
    plain = [name for name in models_reports.Report.__struct_fields__ if name not in own]
    return [
        models_reports.Report(
            **{name: getattr(one, name) for name in plain},
            position=(round(one.position.lon, 7), round(one.position.lat, 7)),
            photos=[f"/api/v1/media/{photo}" for photo in one.photos],
            photos_refused=refused,
            area_name=names.get(one.area, ""),
            state="open" if one.withdrawn_at is None else "withdrawn",
            reporter=who,
        )
        for one in found
    ]


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/reports/{id}`; who told it is shown to those who may step on reports, and that is noted."""
    needs(request, "see", "report")
    parts, caller = request.app[PARTS], request[CALLER]
    wanted = id_of(request.match_info["id"])
    async with parts.database.transaction(caller.scope) as transaction:
        kept = await reports.one(transaction, wanted)
        if kept is None:
            raise ProblemError("not-found")
        who = None
        if allows(caller.person.role, "step", "report"):
            who = await reports.reporter_of(transaction, wanted)
            if who:
                place = {"centre": kept.centre, "area": kept.area}
                await deeds.note(request, transaction, "report.reporter", "report", str(wanted), **place)
        answer = await _told(transaction, kept, reporter=who)
        return said(msgspec.structs.replace(answer, **await _worked_on(transaction, kept)))


async def _worked_on(transaction: Transaction, kept: reports.Kept) -> dict[str, Any]:
    """The tickets of a report's incident, and the public step of which its channel was told last."""
    found = [] if kept.incident is None else await updates.tickets_of(transaction, kept.incident)
    last = await updates.last(transaction, kept.id)
    return {
        "tickets": [models_reports.ReportTicket(**{n: getattr(one, n) for n in _TICKET}) for one in found],
        "told": "" if last is None else last.step,
    }


_TICKET = models_reports.ReportTicket.__struct_fields__


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/reports`: the last that arrived first."""
    needs(request, "see", "report")
    query = Query(request.rel_url.query, set(_FILTERS))
    limit, before = query.whole("limit", LIMIT_DEFAULT, 1, LIMIT_MOST), uuid_in(query, "before")
    state = query.text("state") or "all"
    if state not in get_args(reports.State):
        raise bad("state", " | ".join(get_args(reports.State)))
    wanted = reports.Wanted(
        channel=query.text("channel") or "",
        category=query.text("category") or "",
        state=state,  # type: ignore[arg-type]
        since=since_in(request, query),
        incident=uuid_in(query, "incident"),
    )
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await reports.newest(transaction, wanted, limit + 1, before)
        page = await _all_told(transaction, found[:limit])
    return said(models_reports.Reports(reports=page, next=page[-1].id if len(found) > limit else None))


def uuid_in(query: Query, name: str) -> uuid.UUID | None:
    """A parameter that is an id; None when it was not given. Problem for anything else."""
    text = query.text(name)
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise bad(name, "UUID") from error


def since_in(request: web.Request, query: Query) -> dt.datetime | None:
    """The parameter `since`, a moment or a day in the centre's zone."""
    text = query.text("since")
    return interval(f"{text}/..", request.app[PARTS].here().tzinfo or dt.UTC)[0] if text else None


async def withdraw(request: web.Request) -> web.Response:
    """`POST /api/v1/reports/{id}/withdraw` with `{"why": …}`: its alarm ends; the report stays to be read."""
    needs(request, "step", "report")
    parts, caller = request.app[PARTS], request[CALLER]
    wanted, asked = id_of(request.match_info["id"]), request[BODY]
    async with parts.database.transaction(caller.scope) as transaction:
        kept = await reports.one(transaction, wanted, locked=True)
        if kept is None:
            raise ProblemError("not-found")
        if kept.withdrawn_at is not None:
            raise ProblemError("withdrawn").carrying(current=msgspec.to_builtins(await _told(transaction, kept)))
        why = storable("why", asked.why)
        place = {"centre": kept.centre, "area": kept.area}
        await deeds.note(request, transaction, "report.withdraw", "report", str(wanted), text=why, **place)
        await reports.withdraw(transaction, kept, parts.now(), caller.person.login, why)
        after = await reports.one(transaction, wanted)
        answer = said(await _told(transaction, after or kept))
        await idempotency.keep(request, transaction, answer)
    return answer


_FILTERS: dict[str, Any] = {
    "channel": str,
    "category": str,
    "state": str,
    "since": str,
    "incident": str,
    "before": str,
    "limit": str,
}


def routes(app: web.Application) -> None:
    """Add citizens' reports to an application."""
    app[TURN], app[WORDING] = asyncio.Lock(), app[PARTS].wording or catalogue.wording()
    app.router.add_get(BASE, listed)
    app.router.add_post(BASE, enter)
    app.router.add_get(f"{BASE}/{{id}}", read)
    app.router.add_post(f"{BASE}/{{id}}/withdraw", withdraw)
    see, step, model = May("see", "report"), May("step", "report"), models_reports
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Phản ánh của người dân", en="Citizens' reports", may=see, query=_FILTERS,
            answers={200: model.Reports}, problems=("bad-value",),
        ),
        Operation(
            method="POST", path=BASE, vi="Ghi nhận phản ánh của người dân", en="Enter a citizen's report", may=step,
            body=model.NewReport, largest=LARGEST, answers={200: model.Report, 201: model.Report},
            problems=("place-elsewhere", "place-beyond", "time-not-believed", "photo-refused", "number-taken"),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{id}}", vi="Một phản ánh", en="A report", may=see,
            answers={200: model.Report},
        ),
        Operation(
            method="POST", path=f"{BASE}/{{id}}/withdraw", vi="Rút lại một phản ánh", en="Withdraw a report",
            may=step, body=model.Withdrawal, answers={200: model.Report}, problems=("withdrawn",),
        ),
    )  # fmt: skip
