"""Enrolment as registrars see it: one-time codes with their labels, who waits to be let in, and labels of what is
registered."""

import asyncio
import datetime as dt
import os
from typing import Annotated, Any, get_args

import msgspec
from aiohttp import web

from gis.stamp import is_code, uuid7
from ioc.access.scope import Thing
from ioc.api import deeds, register_forms
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.models_enrolment import (
    Approve,
    Approved,
    CodeOf,
    Codes,
    EnrolmentOf,
    MadeCode,
    MadeCodes,
    NewCodes,
    Queue,
    Refuse,
    SpokeOf,
    Which,
)
from ioc.api.models_register import NewCamera, NewDevice
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, storable
from ioc.api.register import author
from ioc.api.surface import BODY, Answer, May, Operation, describe
from ioc.registration import one_time
from ioc.registration.enrolment import Code, Enrolment, State
from ioc.registration.label import label
from ioc.registration.record import Subject
from ioc.store import availability, centre_merges, enrolments, register_changes, register_rows
from ioc.store.database import Transaction
from ioc.store.register_changes import TakenError

BASE = "/api/v1/enrolments"
SVG = "image/svg+xml"
_LIMIT_DEFAULT, _LIMIT_MOST = 200, 1_000
_SPOKE_WITHIN = dt.timedelta(days=7)
_SPOKE_MOST = 200
_Counting = Annotated[int, msgspec.Meta(ge=1)]
_LONGEST = 1_000
"""Letters of what an unknown device sent that are shown."""


def _link(request: web.Request, what: str) -> str:
    """What a QR code says: the page of registration here, with the rest behind the #, which no log sees."""
    return f"{request.app[PARTS].settings.public_url.rstrip('/')}/registry#{what}"


def _model(one: Enrolment) -> EnrolmentOf:
    return EnrolmentOf(**{name: getattr(one, name) for name in EnrolmentOf.__struct_fields__})


def _of(one: Code) -> dict[str, Any]:
    return {name: getattr(one, name) for name in CodeOf.__struct_fields__}


async def make(request: web.Request) -> web.Response:
    """`POST /api/v1/enrolments/codes`: new one-time codes, shown this once."""
    asked: NewCodes = request[BODY]
    needs(request, "register", asked.subject)
    parts, caller, now = request.app[PARTS], request[CALLER], request.app[PARTS].now()
    centre = asked.centre or caller.person.centre or parts.settings.centre
    if not caller.scope.reaches(Thing(asked.subject, centre, "")):
        raise ProblemError("place-beyond")
    if asked.subject == "device" and asked.profile not in parts.profiles:
        raise ProblemError("enrol-profile", profile=asked.profile)
    made = [(one_time.make(os.urandom(one_time.BYTES)), uuid7(now, os.urandom(10))) for _ in range(asked.count)]
    about: dict[str, Any] = {"subject": asked.subject, "centre": centre, "profile": asked.profile, "note": asked.note}
    about |= {"kind": asked.kind or asked.profile or "street", "made_by": caller.person.login, "made_at": now}
    expires = now + dt.timedelta(hours=asked.expires_h)
    codes = [(text, Code(id=id, expires_at=expires, **about)) for text, id in made]  # noqa: A001
    async with parts.database.transaction(caller.scope) as transaction:
        if centre not in await availability.centres(transaction):
            raise ProblemError("unknown-centre", centre=centre)
        if heir := (await centre_merges.heirs(transaction)).get(centre):
            raise ProblemError("centre-gone", centre=centre, heir=heir)
        await enrolments.add_codes(transaction, [(one_time.digest(text), code) for text, code in codes])
        shown = {"count": asked.count, "profile": asked.profile, "until": expires.isoformat()}
        await deeds.note(request, transaction, "enrolment.codes", asked.subject, centre=centre, area="", after=shown)
    shown_once = await asyncio.to_thread(_printed, request, codes)
    return said(MadeCodes(codes=shown_once), 201)


def _printed(request: web.Request, codes: list[tuple[str, Code]]) -> list[MadeCode]:
    found = []
    for text, code in codes:
        link = _link(request, f"enrol={text}")
        until = code.expires_at.astimezone(request.app[PARTS].here().tzinfo).strftime("%d/%m/%Y %H:%M")
        drawn = label(link, text, (code.profile or code.kind, code.note, f"≤ {until}"))
        found.append(MadeCode(**_of(code), code=text, link=link, label=drawn))
    return found


async def codes(request: web.Request) -> web.Response:
    """`GET /api/v1/enrolments/codes`: those that are good, without themselves."""
    needs(request, "register", "device")
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await enrolments.open_codes(transaction, request.app[PARTS].now())
    return said(Codes(codes=[CodeOf(**_of(one)) for one in found]))


async def revoke(request: web.Request) -> web.Response:
    """`DELETE /api/v1/enrolments/codes/{id}`."""
    needs(request, "register", "device")
    id = id_of(request.match_info["id"])  # noqa: A001
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        if not await enrolments.revoke(transaction, id, request.app[PARTS].now()):
            raise ProblemError("not-found")
        await deeds.note(request, transaction, "enrolment.revoke", "device", str(id))
    return web.Response(status=204)


async def queue(request: web.Request) -> web.Response:
    """`GET /api/v1/enrolments?which=waiting|all&limit=`: who waits, and unknown devices that spoke in the last week."""
    needs(request, "register", "device")
    query = Query(request.rel_url.query, {"which", "limit"})
    which, limit = query.text("which") or "waiting", query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    if which not in get_args(Which):
        raise bad("which", " | ".join(get_args(Which)))
    states: tuple[State, ...] = ("waiting",) if which == "waiting" else get_args(State)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await enrolments.listed(transaction, states, limit)
        since = request.app[PARTS].now() - _SPOKE_WITHIN
        spoke = await enrolments.spoke(transaction, since, _SPOKE_MOST)
    return said(Queue(enrolments=[_model(one) for one in found], spoke=[_spoken(one) for one in spoke]))


def _spoken(one: enrolments.Spoke) -> SpokeOf:
    """The topic says who it wants to be: …/v1/{centre}/{code}/…; of a gateway's the device stands in the message."""
    parts = one.topic.split("/")
    centre, code = (parts[2], parts[3]) if len(parts) > 3 else ("", "")
    return SpokeOf(
        topic=one.topic,
        centre=centre if is_code(centre) else "",
        code=code if is_code(code) and parts[4:5] != ["in"] else "",
        count=one.count,
        last_at=one.last_at,
        text=one.head.decode("utf-8", "replace")[:_LONGEST],
        letter=one.letter,
    )


async def _waiting(transaction: Transaction, request: web.Request) -> Enrolment:
    found = await enrolments.one(transaction, id_of(request.match_info["id"]), lock=True)
    if found is None:
        raise ProblemError("not-found")
    needs(request, "register", found.subject)
    if found.state != "waiting":
        raise ProblemError("enrol-decided").carrying(current=msgspec.to_builtins(_model(found)))
    return found


async def approve(request: web.Request) -> web.Response:
    """`POST /api/v1/enrolments/{id}/approve`: it is registered as approved and may fetch its key."""
    asked, parts, now = request[BODY], request.app[PARTS], request.app[PARTS].now()
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        waiting = await _waiting(transaction, request)
        draft = await register_forms.drafted(request, transaction, _draft(waiting, asked))
        made = msgspec.structs.replace(draft, lifecycle="approved")
        try:
            kept = await register_changes.register_thing(transaction, made, by=author(request), now=now, act="enrol")
        except TakenError:
            raise ProblemError("code-taken", taken=asked.code) from None
        by = request[CALLER].person.login
        await enrolments.decide(transaction, waiting.id, "approved", by, now, thing=asked.code)
        after = await enrolments.one(transaction, waiting.id)
        await register_changes.tell(transaction, [kept], now)
    return said(Approved(enrolment=_model(after or waiting), thing=asked.code, version=kept.after.version))


def _draft(waiting: Enrolment, asked: Approve) -> NewDevice | NewCamera:
    place = asked.position or waiting.said.position
    if place is None:
        raise ProblemError("enrol-place")
    said_of_itself = {name: getattr(waiting.said, name) for name in ("serial", "maker", "model", "firmware")}
    alike: dict[str, Any] = {
        "code": asked.code, "name": asked.name, "position": place, "centre": waiting.centre,
        "note": asked.note or waiting.said.note, **said_of_itself,
    }  # fmt: skip
    if waiting.subject == "device":
        return NewDevice(**alike, profile=asked.profile or waiting.profile, gateway=asked.gateway)
    return NewCamera(**alike, scene=waiting.kind, gateway=asked.gateway)  # type: ignore[arg-type]


async def refuse(request: web.Request) -> web.Response:
    """`POST /api/v1/enrolments/{id}/refuse`."""
    parts, by = request.app[PARTS], request[CALLER].person.login
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        waiting = await _waiting(transaction, request)
        await enrolments.decide(transaction, waiting.id, "refused", by, parts.now(), reason=request[BODY].reason)
        await deeds.note(
            request, transaction, "enrolment.refuse", waiting.subject, str(waiting.id), centre=waiting.centre, area="",
            text=request[BODY].reason,
        )  # fmt: skip
        after = await enrolments.one(transaction, waiting.id)
    return said(_model(after or waiting))


async def _labelled(subject: Subject, request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{code}/label`, `GET /api/v1/cameras/{code}/label`: an SVG drawing of 62 mm by 29 mm."""
    needs(request, "see", subject)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await register_rows.one(transaction, subject, storable("code", request.match_info["code"]))
    if found is None:
        raise ProblemError("not-found")
    drawn = label(_link(request, f"{subject}={found.code}"), found.code, (found.name, found.kind, found.centre))
    return web.Response(text=drawn, content_type=SVG, charset="utf-8")


async def device_label(request: web.Request) -> web.Response:
    """Of a device."""
    return await _labelled("device", request)


async def camera_label(request: web.Request) -> web.Response:
    """Of a camera."""
    return await _labelled("camera", request)


def _operations() -> tuple[Operation, ...]:
    register, decides = May("register", "device"), ("enrol-decided", "not-allowed")
    return (
        Operation(
            method="POST", path=f"{BASE}/codes", vi="Tạo mã ghi danh dùng một lần", en="Make one-time codes",
            may=register, body=NewCodes, answers={201: MadeCodes}, secret=True,
            problems=("not-allowed", "place-beyond", "enrol-profile", "unknown-centre", "centre-gone"),
        ),
        Operation(
            method="GET", path=f"{BASE}/codes", vi="Các mã ghi danh còn hạn", en="One-time codes that are good",
            may=register, answers={200: Codes}, problems=("not-allowed",),
        ),
        Operation(
            method="DELETE", path=f"{BASE}/codes/{{id}}", vi="Thu hồi mã ghi danh", en="Take a one-time code back",
            may=register, answers={204: None}, problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=BASE, vi="Thiết bị chờ duyệt", en="Who waits to be let in", may=register,
            query={"which": Which, "limit": _Counting}, answers={200: Queue}, problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{id}}/approve", vi="Duyệt ghi danh", en="Let one in", may=register,
            body=Approve, answers={200: Approved},
            problems=(
                *decides, "enrol-place", "code-taken", "place-beyond", "no-place", "centre-elsewhere", "centre-gone",
            ),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{id}}/refuse", vi="Từ chối ghi danh", en="Send one away", may=register,
            body=Refuse, answers={200: EnrolmentOf}, problems=decides,
        ),
        *(
            Operation(
                method="GET", path=f"/api/v1/{many}/{{code}}/label", vi="Nhãn để in", en="A label to print",
                may=May("see", one), answers={200: Answer(SVG)}, problems=("not-allowed",),
            )
            for one, many in (("device", "devices"), ("camera", "cameras"))
        ),
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add enrolment as registrars see it, and labels, to an application."""
    router = app.router
    router.add_post(f"{BASE}/codes", make)
    router.add_get(f"{BASE}/codes", codes)
    router.add_delete(f"{BASE}/codes/{{id}}", revoke)
    router.add_get(BASE, queue)
    router.add_post(f"{BASE}/{{id}}/approve", approve)
    router.add_post(f"{BASE}/{{id}}/refuse", refuse)
    router.add_get("/api/v1/devices/{code}/label", device_label)
    router.add_get("/api/v1/cameras/{code}/label", camera_label)
    describe(app, *_operations())
