"""Where a device, or a technician for it, comes with a one-time code and asks what became of it. Nobody signs in here.

A code that is wrong, used or over is refused in the same words, and who comes with wrong ones waits longer each time.
"""

import datetime as dt
import os
import secrets

from aiohttp import web

from gis.stamp import uuid7
from ioc.access import tokens
from ioc.access.scope import EVERYTHING
from ioc.access.throttle import Visit, network
from ioc.api import deeds
from ioc.api.answer import said
from ioc.api.door import DOOR, address_of, model_of
from ioc.api.models_enrolment import Collect, Collected, Enrol, Ticket
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.surface import Operation, describe
from ioc.registration import one_time
from ioc.registration.enrolment import Enrolment, Said
from ioc.store import enrolments, keys
from ioc.store.database import Transaction

PATH = "/api/v1/enrol"
ASK_AGAIN_S = 30


def _visit(request: web.Request) -> Visit:
    """Whoever comes here is a stranger; all wrong codes of an address count together."""
    return Visit(login="enrolment", address=network(address_of(request)), known="address")


async def enrol(request: web.Request) -> web.Response:
    """`POST /api/v1/enrol`: 202 with a ticket."""
    parts, door, visit = request.app[PARTS], request.app[DOOR], _visit(request)
    asked = await model_of(request, Enrol)
    door.enter(visit)
    ticket, now = secrets.token_urlsafe(tokens.BYTES), parts.now()
    try:
        digest = one_time.digest(one_time.tidy(asked.code))
    except ValueError:
        raise ProblemError("enrol-code") from None
    words = Said(**{name: getattr(asked, name) for name in Said.__struct_fields__})
    async with parts.database.transaction(EVERYTHING) as transaction:
        found = await enrolments.arrive(
            transaction, digest, tokens.digest(ticket), words, address_of(request), uuid7(now, os.urandom(10)), now
        )
        if found is None:
            raise ProblemError("enrol-code")
        await deeds.note(
            request, transaction, "enrolment.arrive", found.subject, str(found.id), centre=found.centre, area="",
            after={"serial": words.serial, "maker": words.maker, "model": words.model},
        )  # fmt: skip
    door.gate.passed(visit)
    return said(Ticket(ticket=ticket, ask_again_s=ASK_AGAIN_S), 202)


async def collect(request: web.Request) -> web.Response:
    """`POST /api/v1/enrol/collect`: what became of it; once approved, the key, this once.

    Within ten minutes it may be asked for again, and is another one then: the answer may have been lost on the way.
    """
    parts, door, visit = request.app[PARTS], request.app[DOOR], _visit(request)
    asked = await model_of(request, Collect)
    door.enter(visit)
    async with parts.database.transaction(EVERYTHING) as transaction:
        found = await enrolments.of_ticket(transaction, tokens.digest(asked.ticket))
        if found is None or (found.state == "collected" and not found.collectable(parts.now())):
            raise ProblemError("enrol-ticket")
        answer = await _answer(request, transaction, found)
    door.gate.passed(visit)
    return said(answer)


async def _answer(request: web.Request, transaction: Transaction, found: Enrolment) -> Collected:
    now = request.app[PARTS].now()
    if found.state == "waiting":
        return Collected(state="waiting", ask_again_s=ASK_AGAIN_S)
    if found.state == "refused":
        return Collected(state="refused", reason=found.reason)
    thing = await keys.thing(transaction, found.subject, found.thing)
    if thing is None or thing.lifecycle == keys.RETIRED or not await _open(transaction, found, thing, now):
        raise ProblemError("enrol-ticket")
    if found.state == "collected":
        await keys.withdraw(transaction, thing, now)  # what was lost on the way opens nothing
    issued = await keys.issue(transaction, thing, "enrolment", now)
    await enrolments.collect(transaction, found.id, now)
    await deeds.note(
        request, transaction, "enrolment.collect", found.subject, found.thing, centre=found.centre, area=""
    )
    return Collected(
        state="collected", centre=thing.centre, thing=thing.code, user=issued.login, key=issued.key,
        broker=request.app[PARTS].broker(),
    )  # fmt: skip


async def _open(transaction: Transaction, found: Enrolment, thing: keys.Thing, now: dt.datetime) -> bool:
    """Whether the ticket still leads to a key: to the first of all, or to another one for that which it led to, as long
    as nobody signed in with it, and nobody withdrew or followed it by another."""
    if found.state == "approved":
        return thing.code not in await keys.known(transaction, [thing.code])
    given = (await keys.states(transaction, [thing.code], now)).get(thing.code)
    return given is not None and given.seen_at is None and given.expiring is None


def routes(app: web.Application) -> None:
    """Add enrolment to an application."""
    app.router.add_post(PATH, enrol)
    app.router.add_post(f"{PATH}/collect", collect)
    describe(
        app,
        Operation(
            method="POST", path=PATH, vi="Thiết bị ghi danh bằng mã dùng một lần",
            en="A device enrols with a one-time code", public=True, body=Enrol, answers={202: Ticket},
            problems=("enrol-code",), secret=True,
        ),
        Operation(
            method="POST", path=f"{PATH}/collect", vi="Kết quả ghi danh; khi được duyệt: khóa của thiết bị",
            en="What became of an enrolment; once approved, the device's key", public=True, body=Collect,
            answers={200: Collected}, problems=("enrol-ticket",), secret=True,
        ),
    )  # fmt: skip
