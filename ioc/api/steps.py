"""What people do with incidents over HTTP: one deed in one transaction, with its log line, its row of the audit trail,
its change and its answer. Of two at once one wins, and the other is told who did what when."""

import datetime as dt
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from aiohttp import web

from gis.layers import moment
from gis.stamp import uuid7
from ioc.access.rights import allows
from ioc.access.scope import EVERYTHING
from ioc.api import deeds, idempotency, models_steps
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of, may_work, told
from ioc.api.models import Incident
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.casework import Casework, Done, MissingError, RefusedError, StaleError, Wanted
from ioc.incidents import incident as life
from ioc.incidents.checklist import Change
from ioc.incidents.steps import Ask
from ioc.store import casefile, steps
from ioc.store.database import Transaction

BASE = "/api/v1/incidents/{id}"
PROBLEMS = ("not-allowed", "bad-value", "stale-version", "wrong-state", "why-needed", "no-change")

Work = Callable[[Casework], Awaitable[Done]]
Carry = Callable[[Transaction, Casework], Awaitable[web.Response]]


def needs_step(request: web.Request) -> None:
    """Problem 403 for a role that takes no steps."""
    if not allows(request[CALLER].person.role, "step", "incident"):
        raise ProblemError("not-allowed")


def ask_of(request: web.Request, step: str, **words: str) -> Ask:
    """What the person of a request asks, now. Problem for words that cannot be kept."""
    kept = {name: storable(name, text).strip() for name, text in words.items()}
    return Ask(step=step, who=request[CALLER].person.login, at=request.app[PARTS].now(), **kept)


async def carried(request: web.Request, ask: Ask, work: Work, about: str | None, status: int = 200) -> web.Response:
    """Carry out a deed and answer with the incident that it is about then. `about` is shown when it is refused."""

    async def carry(transaction: Transaction, case: Casework) -> web.Response:
        done = await work(case)
        await noted(request, transaction, ask, done)
        answer = said(await seen_by(request, transaction, done.after.id))
        answer.set_status(status)
        return answer

    return await decided(request, ask, carry, about)


async def decided(request: web.Request, ask: Ask, carry: Carry, about: str | None) -> web.Response:
    """Carry out a deed in one transaction, and answer as it does; problems as of `carried`."""
    parts, scope = request.app[PARTS], request[CALLER].scope

    def new_id() -> str:
        return str(uuid7(ask.at, secrets.token_bytes(10)))

    try:
        async with parts.database.transaction(scope) as transaction:
            answer = await carry(transaction, Casework(transaction, ask, new_id, parts.here().date()))
            await idempotency.keep(request, transaction, answer)
            return answer
    except MissingError:
        raise ProblemError("not-found") from None
    except StaleError:
        problem = ProblemError("stale-version")
    except RefusedError as error:
        problem = ProblemError(error.refused.code).because(error.refused.vi, error.refused.en)
    raise await _told(request, problem, about)


async def seen_by(request: web.Request, transaction: Transaction, about: str) -> dict[str, Any]:
    """The incident as the person may see it, also one that the step has just ended. Raises MissingError."""
    await transaction.bind(msgspec.structs.replace(request[CALLER].scope, past=None))
    found = await told(request, transaction, id_of(about))
    if found is None:
        raise MissingError(about)
    return found


async def noted(request: web.Request, transaction: Transaction, ask: Ask, done: Done, **more: Any) -> None:
    """A row of the trail for each incident that a deed changed; `more` stands in what the first of them is now."""
    before, after = (None if one is None else _state(one) for one in (done.before, done.after))
    after = None if after is None else after | more
    place = {"centre": done.after.place.centre, "area": done.after.place.area}
    act, text = f"incident.{ask.step}", ask.why or ask.to
    await deeds.note(
        request, transaction, act, "incident", done.after.id, before=before, after=after, text=text, **place
    )
    if done.other is not None:
        await noted(request, transaction, ask, done.other)


def _state(incident: life.Incident) -> dict[str, Any]:
    names = ("version", "status", "owner", "severity", "title", "duplicate_of")
    return {name: getattr(incident, name) for name in names}


async def _told(request: web.Request, problem: ProblemError, about: str | None) -> ProblemError:
    """The problem with the incident as it is now, and the last thing that a person did to it."""
    if about is None:
        return problem
    scope = msgspec.structs.replace(request[CALLER].scope, past=None)
    async with request.app[PARTS].database.transaction(scope, read_only=True) as transaction:
        current = await told(request, transaction, id_of(about))
        last = await steps.latest(transaction, [about])
    if current is None:
        return ProblemError("not-found")
    if problem.code == "stale-version":
        problem.because(*_who_was_first(last))
    latest = None if last is None else {"who": last.who, "what": last.what, "text": last.text, "at": moment(last.at)}
    return problem.carrying(current=current, latest=latest)


def _who_was_first(last: life.Entry | None) -> tuple[str, str]:
    if last is None:
        return ("Hệ thống vừa cập nhật sự cố này.", "The centre has just updated this incident.")
    at = last.at.astimezone(dt.UTC).strftime("%H:%M:%S UTC")
    return (
        f"Người thao tác gần nhất: {last.who}, “{last.what}”, lúc {at}.",
        f"The last to do something was {last.who}: “{last.what}”, at {at}.",
    )


def wanted_of(request: web.Request, version: int | None) -> Wanted:
    """The incident that the path names, in the version that the person saw."""
    return Wanted(str(id_of(request.match_info["id"])), version)


Words = Callable[[Any], dict[str, str]]


def _single(step: str, words: Words) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of a step of one incident."""

    async def handler(request: web.Request) -> web.Response:
        needs_step(request)
        body = request[BODY]
        wanted = wanted_of(request, body.expected_version)
        return await carried(request, ask_of(request, step, **words(body)), lambda work: work.step(wanted), wanted.id)

    handler.__doc__ = f"`POST {BASE}/{step}`."
    return handler


def _why(body: models_steps.Reasoned) -> dict[str, str]:
    return {"why": body.why}


def _severity(body: models_steps.SeverityStep) -> dict[str, str]:
    return {"why": body.why, "to": body.severity}


def _title(body: models_steps.TitleStep) -> dict[str, str]:
    if not body.title.strip():
        raise bad("title", ">= 1")
    return {"why": body.why, "to": body.title, "to_en": body.title_en}


SINGLE: Sequence[tuple[str, Any, Words, str, str]] = (
    ("acknowledge", models_steps.Reasoned, _why, "Nhận xử lý một sự cố", "Take an incident over"),
    ("start", models_steps.Reasoned, _why, "Bắt đầu xử lý một sự cố", "Begin to work on an incident"),
    ("resolve", models_steps.Reasoned, _why, "Báo đã xử lý xong", "Say that an incident is dealt with"),
    ("close", models_steps.Reasoned, _why, "Đóng một sự cố", "Close an incident"),
    ("reopen", models_steps.Reasoned, _why, "Mở lại một sự cố", "Reopen an incident"),
    ("false-alarm", models_steps.Reasoned, _why, "Kết luận báo động giả", "Call an incident a false alarm"),
    ("severity", models_steps.SeverityStep, _severity, "Đổi mức độ một sự cố", "Give an incident a severity"),
    ("title", models_steps.TitleStep, _title, "Đổi tiêu đề một sự cố", "Give an incident a title"),
)
"""Step, body, words of the ask, what it is in Vietnamese and in English."""


async def assign(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/assign`: to somebody who may work on it."""
    needs_step(request)
    body: models_steps.Assignment = request[BODY]
    wanted, login = wanted_of(request, body.expected_version), storable("to", body.to)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        thing = await casefile.thing(transaction, id_of(wanted.id))
        if thing is None:
            raise ProblemError("not-found")
        await transaction.bind(EVERYTHING)
        if login not in {one.login for one in await may_work(transaction, request, thing)}:
            raise ProblemError("no-assignee", login=login[:100])
    ask = ask_of(request, "assign", why=body.why, to=login)
    return await carried(request, ask, lambda work: work.step(wanted), wanted.id)


async def item(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/checklist`: tick, reword, add or drop one step of the incident's procedure."""
    needs_step(request)
    body: models_steps.ItemStep = request[BODY]
    wanted, ask = wanted_of(request, body.expected_version), ask_of(request, "checklist")
    words = {name: storable(name, getattr(body, name)).strip() for name in ("text", "note")}
    change = Change(item=body.item, who=ask.who, at=ask.at, done=body.done, drop=body.drop, **words)
    return await carried(request, ask, lambda work: work.item(wanted, change), wanted.id)


async def merge(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/merge`: answers with the older of the two, which has all alarms then."""
    needs_step(request)
    body: models_steps.Merge = request[BODY]
    wanted, other = wanted_of(request, body.expected_version), Wanted(str(body.other), body.other_version)
    ask = ask_of(request, "merge", why=body.why)
    return await carried(request, ask, lambda work: work.join(wanted, other, "merge"), wanted.id)


async def duplicate(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/duplicate`: answers with the incident that stands for it."""
    needs_step(request)
    body: models_steps.Duplicate = request[BODY]
    wanted, other = wanted_of(request, body.expected_version), Wanted(str(body.of), body.of_version)
    ask = ask_of(request, "duplicate", why=body.why)
    return await carried(request, ask, lambda work: work.join(wanted, other, "duplicate"), wanted.id)


async def split(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/split`: answers with the new incident."""
    needs_step(request)
    body: models_steps.Split = request[BODY]
    wanted, alarms = wanted_of(request, body.expected_version), [str(one) for one in body.alarms]
    ask = ask_of(request, "split", why=body.why)
    return await carried(request, ask, lambda work: work.split(wanted, alarms), wanted.id, 201)


async def undo(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/undo`: the last merge, duplicate or split, while nobody did anything since."""
    needs_step(request)
    body: models_steps.Reasoned = request[BODY]
    wanted, ask = wanted_of(request, body.expected_version), ask_of(request, "undo", why=body.why)
    return await carried(request, ask, lambda work: work.undo(wanted), wanted.id)


def _operations() -> list[Operation]:
    may = May("step", "incident")
    found = [
        Operation(
            method="POST", path=f"{BASE}/{step}", vi=vi, en=en, may=may, body=body, answers={200: Incident},
            problems=PROBLEMS,
        )
        for step, body, _, vi, en in SINGLE
    ]  # fmt: skip
    for name, body, status, vi, en in (
        ("assign", models_steps.Assignment, 200, "Giao sự cố cho một người", "Give an incident to somebody"),
        ("checklist", models_steps.ItemStep, 200, "Đánh dấu, sửa quy trình xử lý", "Work through the procedure"),
        ("merge", models_steps.Merge, 200, "Gộp hai sự cố vào sự cố cũ hơn", "Merge two incidents into the older"),
        (
            "duplicate",
            models_steps.Duplicate,
            200,
            "Báo trùng với sự cố khác",
            "Say of which incident it is a duplicate",
        ),
        ("split", models_steps.Split, 201, "Tách một số cảnh báo thành sự cố mới", "Split alarms off into a new one"),
        ("undo", models_steps.Reasoned, 200, "Hoàn tác lần gộp, báo trùng, tách gần nhất", "Undo the last of these"),
    ):
        found.append(
            Operation(
                method="POST", path=f"{BASE}/{name}", vi=vi, en=en, may=may, body=body, answers={status: Incident},
                problems=(*PROBLEMS, *({"undo": ["not-undoable"], "assign": ["no-assignee"]}.get(name, []))),
            )
        )  # fmt: skip
    return found


def routes(app: web.Application) -> None:
    """Add steps to an application."""
    for step, _, words, _, _ in SINGLE:
        app.router.add_post(f"{BASE}/{step}", _single(step, words))
    app.router.add_post(f"{BASE}/checklist", item)
    for handler in (assign, merge, duplicate, split, undo):
        app.router.add_post(f"{BASE}/{handler.__name__}", handler)
    describe(app, *_operations())
