"""The register of devices and cameras: looked through, entered, changed, one by one or many at once."""

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from ioc.api import idempotency, register_forms
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.models_register import AnswerOf, AnswersOf, CameraFields, CamerasOf, DeviceFields, DevicesOf, HistoryOf
from ioc.api.parts import PARTS
from ioc.api.problems import TABLE, ProblemError, language_of
from ioc.api.problems_register import STEP_NAMES
from ioc.api.query import Query, bad, storable
from ioc.api.register_answers import history_of, model, models
from ioc.api.surface import BODY
from ioc.finding import LONGEST, words
from ioc.registration import lifecycle
from ioc.registration.lifecycle import STATES, Step, WrongStepError
from ioc.registration.record import AnyRecord, Author, Lifecycle, Subject
from ioc.registration.values import STATES as STATE_NAMES
from ioc.store import register_changes, register_rows
from ioc.store.database import Transaction
from ioc.store.register_changes import Kept, TakenError

LOG = logging.getLogger("ioc.api")

FILTERS = ("q", "lifecycle", "centre", "kind", "tag", "fault", "limit", "after")
FAULTS = ("silent", "unhealthy", "unlawful", "warranty_over")
LIMIT_DEFAULT, LIMIT_MOST = 100, 500
HISTORY_MOST = 200


def author(request: web.Request) -> Author:
    """Who asks, and from where."""
    return Author(request[CALLER].person.login, request.remote or "")


def wanted_of(request: web.Request) -> register_rows.Wanted:
    """Which records a query looks for."""
    query = Query(request.rel_url.query, set(FILTERS))
    return chosen(request, {name: query.text(name) or "" for name in FILTERS})


def chosen(request: web.Request, text: Mapping[str, str]) -> register_rows.Wanted:
    """Which records the values of FILTERS look for, empty where one was not given. Problem for what cannot be used."""
    if len(text["q"]) > LONGEST:
        raise bad("q", f"≤ {LONGEST}")
    for name, possible in (("lifecycle", STATES), ("fault", FAULTS)):
        if text[name] and text[name] not in possible:
            raise bad(name, " | ".join(possible))
    plain: dict[str, Any] = {name: text[name] for name in ("lifecycle", "centre", "kind", "tag", "fault", "after")}
    return register_rows.Wanted(words=words(text["q"]), today=request.app[PARTS].here().date(), **plain)


async def listed(subject: Subject, request: web.Request) -> web.Response:
    """`GET /api/v1/devices`, `GET /api/v1/cameras`: those that the reader sees, by code."""
    needs(request, "see", subject)
    wanted, parts = wanted_of(request), request.app[PARTS]
    limit = Query(request.rel_url.query, set(FILTERS)).whole("limit", LIMIT_DEFAULT, 1, LIMIT_MOST)
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await register_rows.listed(transaction, subject, wanted, parts.law, limit)
        records: Any = await models(request, transaction, subject, found.records)
    after = found.records[-1].code if found.more else None
    if subject == "device":
        return said(DevicesOf(devices=records, count=found.count, next=after))
    return said(CamerasOf(cameras=records, count=found.count, next=after))


async def held(request: web.Request, transaction: Transaction, subject: Subject, *, lock: bool = False) -> AnyRecord:
    """The record of the path. Problem 404 when it is not there to be seen."""
    found = await register_rows.one(transaction, subject, storable("code", request.match_info["code"]), lock=lock)
    if found is None:
        raise ProblemError("not-found")
    return found


async def read(subject: Subject, request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{code}`, `GET /api/v1/cameras/{code}`."""
    needs(request, "see", subject)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        return said(await model(request, transaction, await held(request, transaction, subject)))


async def history(subject: Subject, request: web.Request) -> web.Response:
    """`GET …/{code}/history`: newest first."""
    needs(request, "see", subject)
    before = Query(request.rel_url.query, {"before"}).whole("before", 0, 1, 2**31 - 1) or None
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        code = (await held(request, transaction, subject)).code
        found = await register_changes.history(transaction, subject, code, limit=HISTORY_MOST + 1, before=before)
    page = [history_of(one) for one in found[:HISTORY_MOST]]
    return said(HistoryOf(entries=page, next=page[-1].version if len(found) > HISTORY_MOST else None))


async def create(subject: Subject, request: web.Request) -> web.Response:
    """`POST /api/v1/devices`, `POST /api/v1/cameras`: a draft."""
    needs(request, "register", subject)
    asked, now = request[BODY], request.app[PARTS].now()
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        made = await register_forms.drafted(request, transaction, asked)
        try:
            kept = await register_changes.register_thing(
                transaction, made, by=author(request), now=now, reason=asked.reason.strip()
            )
        except TakenError:
            raise ProblemError("code-taken", taken=made.code) from None
        return await answered(request, transaction, [kept], status=201)


async def change(subject: Subject, request: web.Request) -> web.Response:
    """`PATCH …/{code}`."""
    needs(request, "register", subject)
    asked = request[BODY]
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        before = await held(request, transaction, subject, lock=True)
        await fresh(request, transaction, before, asked.expected_version)
        after = await register_forms.changed(request, transaction, before, asked)
        kept = await keep(request, transaction, after, "change", asked.reason)
        return await answered(request, transaction, [kept])


async def fresh(request: web.Request, transaction: Transaction, before: AnyRecord, expected: int) -> None:
    """Problem 409 with the present record when another version was read."""
    if before.version != expected:
        raise await _stale(request, transaction, before)


async def _stale(request: web.Request, transaction: Transaction, current: AnyRecord) -> ProblemError:
    present = msgspec.to_builtins(await model(request, transaction, current))
    return ProblemError("stale-record").carrying(current=present)


async def keep(request: web.Request, transaction: Transaction, after: AnyRecord, act: str, reason: str) -> Kept:
    """Make a change of a record that is held."""
    now = request.app[PARTS].now()
    return await register_changes.change_thing(
        transaction, after, by=author(request), now=now, act=act, reason=reason.strip()
    )


async def answered(request: web.Request, transaction: Transaction, kept: list[Kept], status: int = 200) -> web.Response:
    """The record after a change, kept for a repetition of the request; then the walls are told."""
    after = kept[0].after
    answer = said(await model(request, transaction, after), status)
    await idempotency.keep(request, transaction, answer)
    await register_changes.tell(transaction, kept, request.app[PARTS].now())
    LOG.info("%s %s has version %d, by %s", after.subject, after.code, after.version, request[CALLER].person.login)
    return answer


def wrong_step(state: Lifecycle, step: Step) -> ProblemError:
    """The problem that a step does not lead on from a state, with those that do."""
    steps = lifecycle.steps_from(state)
    vi, en = (", ".join(f"“{STEP_NAMES[one][language]}”" for one in steps) for language in (0, 1))
    problem = ProblemError("wrong-step", state=STATE_NAMES[state][:2], step=STEP_NAMES[step], possible=(vi, en))
    return problem.carrying(steps=list(steps))


def stepped(request: web.Request, before: AnyRecord, step: Step) -> AnyRecord:
    """The record after a step of its life cycle. Problem 409 where it does not lead on, or the policy blocks."""
    try:
        after = msgspec.structs.replace(before, lifecycle=lifecycle.after(before.lifecycle, step))
    except WrongStepError:
        raise wrong_step(before.lifecycle, step) from None
    if lifecycle.works(after.lifecycle):
        register_forms.lawful(request, after)
    return after


async def take_step(subject: Subject, step: Step, request: web.Request) -> web.Response:
    """`POST …/{code}/{step}`."""
    needs(request, "register", subject)
    asked = request[BODY]
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        before = await held(request, transaction, subject, lock=True)
        await fresh(request, transaction, before, asked.expected_version)
        kept = await keep(request, transaction, stepped(request, before, step), step, asked.reason)
        return await answered(request, transaction, [kept])


async def change_many(subject: Subject, request: web.Request) -> web.Response:
    """`PATCH /api/v1/devices`, `PATCH /api/v1/cameras`: each by itself, all answered; what is refused hinders none."""
    needs(request, "register", subject)
    asked = request[BODY]
    answers: list[AnswerOf] = []
    changes: list[Kept] = []
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        for one in sorted(asked.codes, key=lambda each: each.code):  # in one order: two of us never wait for each other
            try:
                async with transaction.connection.transaction():
                    kept = await _one_of(request, transaction, subject, one)
            except ProblemError as problem:
                answers.append(_refused(request, one.code, problem))
                continue
            after = kept[-1].after
            changes.append(Kept(kept[0].before, after))
            answers.append(AnswerOf(code=one.code, status=200, version=after.version, lifecycle=after.lifecycle))
        order = {one.code: place for place, one in reversed(list(enumerate(asked.codes)))}
        answer = said(AnswersOf(answers=sorted(answers, key=lambda each: order[each.code])))
        await idempotency.keep(request, transaction, answer)
        await register_changes.tell(transaction, changes, request.app[PARTS].now())
    LOG.info("%d of %d %ss changed, by %s", len(changes), len(answers), subject, request[CALLER].person.login)
    return answer


async def _one_of(request: web.Request, transaction: Transaction, subject: Subject, one: Any) -> list[Kept]:
    """The changes of one of many."""
    asked = request[BODY]
    before = await register_rows.one(transaction, subject, one.code, lock=True)
    if before is None:
        raise ProblemError("not-found")
    if before.version != one.expected_version:
        raise ProblemError("stale-record")
    fields: DeviceFields | CameraFields = asked.set
    after = await register_forms.changed(request, transaction, before, fields)
    kept = await keep(request, transaction, after, "change", asked.reason)
    if asked.step is None:
        return [kept]
    last = await keep(request, transaction, stepped(request, kept.after, asked.step), asked.step, asked.reason)
    return [kept, last]


def _refused(request: web.Request, code: str, problem: ProblemError) -> AnswerOf:
    language = language_of(request.headers.get("Accept-Language", ""), request[CALLER].person.language)
    status = TABLE[problem.code][0]
    return AnswerOf(code=code, status=status, problem=problem.code, title=problem.title(language))
