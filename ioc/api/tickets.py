"""Tickets over HTTP: lists, one with all that hangs on it, and opening one by hand."""

import secrets
import uuid
from typing import Any

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.access.scope import EVERYTHING
from ioc.api import deeds, idempotency, ticket_records
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.models_tickets import NewTicket, TicketRecord, TicketsOf
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.store import teams, ticket_lists, ticket_policies
from ioc.store import tickets as kept
from ioc.store.database import Transaction
from ioc.store.ticket_lists import Place, Wanted
from ioc.ticketing import Done, Hands, MissingError, RefusedError
from ioc.tickets.ticket import STATES, Ticket

BASE = "/api/v1/tickets"
_LIMIT_DEFAULT, _LIMIT_MOST = 100, 500
_TEXTS = ("unit", "centre", "owner", "team")
_FLAGS = ("late", "open", "mine")
_QUERY = ("state", *_TEXTS, "incident", *_FLAGS, "limit", "after")
COMMAND = ("admin", "operator")
"""Roles that may cancel a ticket."""


def commands(request: web.Request) -> bool:
    """Whether the person may cancel tickets."""
    return request[CALLER].person.role in COMMAND


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/tickets`."""
    needs(request, "see", "ticket")
    query = Query(request.rel_url.query, set(_QUERY))
    limit, after, now = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST), _after(query), request.app[PARTS].now()
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        wanted = await _wanted(request, transaction, query)
        page, end = await ticket_lists.listed(transaction, wanted, now, limit, after)
        policy = await ticket_policies.current(transaction)
    told = [ticket_records.shown(one, policy, now) for one in page]
    return said(TicketsOf(tickets=told, next=None if end is None else _written(end)))


async def _wanted(request: web.Request, transaction: Transaction, query: Query) -> Wanted:
    states = tuple(one for one in (query.text("state") or "").split(",") if one)
    if not set(states) <= set(STATES):
        raise bad("state", " | ".join(STATES))
    incident = query.text("incident")
    try:
        about = None if incident is None else uuid.UUID(incident)
    except ValueError:
        raise bad("incident", "uuid") from None
    mine = await _mine(request, transaction) if query.flag("mine") else None
    return Wanted(
        states=states,
        incident=about,
        mine=mine,
        late=query.flag("late"),
        open=query.flag("open"),
        **{name: query.text(name) for name in _TEXTS},
    )


async def _mine(request: web.Request, transaction: Transaction) -> tuple[str, list[tuple[str, str]]]:
    """The person, and the teams of which they are a member."""
    login, scope = request[CALLER].person.login, request[CALLER].scope
    await transaction.bind(EVERYTHING)
    own = [(one.unit, one.code) for one in await teams.listed(transaction) if login in one.members]
    await transaction.bind(scope)
    return login, own


def _after(query: Query) -> Place | None:
    text = query.text("after")
    if text is None:
        return None
    try:
        return msgspec.convert(text.split("_"), Place, strict=False)
    except msgspec.ValidationError:
        raise bad("after", "next") from None


def _written(place: Place) -> str:
    at, id = msgspec.to_builtins(place)  # noqa: A001
    return f"{at}_{id}"


async def look(request: web.Request, transaction: Transaction, ticket: Ticket) -> TicketRecord:
    """A ticket as the person is told it, who sees it."""
    now, login = request.app[PARTS].now(), request[CALLER].person.login
    steps = allows(request[CALLER].person.role, "step", "ticket")
    return await ticket_records.record(transaction, ticket, login, now, steps=steps, commands=commands(request))


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/tickets/{id}`."""
    needs(request, "see", "ticket")
    wanted = id_of(request.match_info["id"])
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await kept.one(transaction, wanted)
        if found is None:
            raise ProblemError("not-found")
        return said(await look(request, transaction, found))


def noted(ticket: Ticket) -> dict[str, Any]:
    """What the audit trail keeps of a ticket."""
    names = ("number", "version", "state", "unit", "owner", "team", "incident", "severity")
    return {name: getattr(ticket, name) for name in names}


async def note(request: web.Request, transaction: Transaction, act: str, done: Done, text: str) -> None:
    """A row of the trail for each ticket that a deed changed or made."""
    for before, after in ((done.before, done.after), *((None, part) for part in done.parts)):
        await deeds.note(
            request,
            transaction,
            f"ticket.{act}" if before is not None else "ticket.open",
            "ticket",
            after.id,
            before=None if before is None else noted(before),
            after=noted(after),
            text=text,
            centre=after.centre,
            area=after.area,
        )


async def create(request: web.Request) -> web.Response:
    """`POST /api/v1/tickets`: answers with the lead ticket; where the unit has one already, the problem carries it."""
    needs(request, "step", "ticket")
    parts, caller, asked = request.app[PARTS], request[CALLER], request[BODY]
    unit, task = storable("unit", asked.unit).strip(), storable("task", asked.task).strip()
    now, login = parts.now(), caller.person.login
    try:
        async with parts.database.transaction(caller.scope) as transaction:
            hands = Hands(transaction, caller.scope, secrets.token_bytes, commands=commands(request))
            done = await hands.open(asked.incident, unit, task, login, now)
            await note(request, transaction, "open", done, task)
            answer = said(await look(request, transaction, done.after), 201)
            await idempotency.keep(request, transaction, answer)
            return answer
    except MissingError:
        raise ProblemError("not-found") from None
    except RefusedError as error:
        raise await refused(request, error) from None


async def refused(request: web.Request, error: RefusedError) -> ProblemError:
    """The problem of a step that is not taken, with the ticket that bars it as it is now, if the person sees it."""
    problem = ProblemError(error.refused.code).because(error.refused.vi, error.refused.en)
    if error.current is None:
        return problem
    current = await current_of(request, uuid.UUID(error.current.id))
    return problem if current is None else problem.carrying(current=msgspec.to_builtins(current))


async def current_of(request: web.Request, ticket: uuid.UUID) -> TicketRecord | None:
    """A ticket as it is now; None when the person does not see it."""
    scope = msgspec.structs.replace(request[CALLER].scope, past=None)
    async with request.app[PARTS].database.transaction(scope, read_only=True) as transaction:
        found = await kept.one(transaction, ticket)
        return None if found is None else await look(request, transaction, found)


def routes(app: web.Application) -> None:
    """Add tickets to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_post(BASE, create)
    app.router.add_get(f"{BASE}/{{id}}", read)
    see, step = May("see", "ticket"), May("step", "ticket")
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Các phiếu công việc", en="Tickets", may=see,
            query=dict.fromkeys(_QUERY, str), answers={200: TicketsOf}, problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=BASE, vi="Mở phiếu công việc cho một sự cố", en="Open a ticket of an incident",
            may=step, body=NewTicket, answers={201: TicketRecord},
            problems=("not-allowed", "not-found", "no-unit", "unit-has-ticket", "incident-ended"),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{id}}", vi="Một phiếu công việc, kèm nhật ký", en="A ticket with its log",
            may=see, answers={200: TicketRecord}, problems=("not-allowed",),
        ),
    )  # fmt: skip
