"""What people do with tickets over HTTP: one deed in one transaction, with its log line, its row of the audit trail,
its change and its answer. Of two at once one wins, and the other is told what has happened since; so is a draft that
was made offline and is sent late: nothing is overwritten."""

import datetime as dt
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from aiohttp import web

from ioc.access.policy import Thing, may
from ioc.access.scope import EVERYTHING
from ioc.api import idempotency
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.comments import clean_photos, hang_photos
from ioc.api.incidents import id_of
from ioc.api.models_tickets import (
    AssignStep,
    CommentStep,
    ForwardStep,
    ResolveStep,
    SubStep,
    TicketRecord,
    TicketStep,
)
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import storable
from ioc.api.reports import LARGEST
from ioc.api.surface import BODY, May, Operation, describe
from ioc.api.tickets import BASE, commands, current_of, look, note, refused
from ioc.store import people, teams
from ioc.store import tickets as kept
from ioc.store.tickets import LostError
from ioc.store.uploads import UntakenError
from ioc.ticketing import Done, Hands, MissingError, RefusedError, Sent, StaleError, Wanted
from ioc.tickets.steps import Ask

PROBLEMS = ("not-allowed", "bad-value", "stale-ticket", "ticket-state", "why-needed", "no-upload")

Words = Callable[[Any], dict[str, str | None]]


def _nothing(body: Any) -> dict[str, str | None]:
    return {}


def _unit(body: ForwardStep) -> dict[str, str | None]:
    return {"unit": body.unit}


def _assigned(body: AssignStep) -> dict[str, str | None]:
    return {"owner": body.owner, "team": body.team}


def _result(body: ResolveStep) -> dict[str, str | None]:
    return {"text": body.result}


def _text(body: CommentStep) -> dict[str, str | None]:
    return {"text": body.text}


def _part(body: SubStep) -> dict[str, str | None]:
    return {"unit": body.unit, "text": body.task}


STEPS: Sequence[tuple[str, Any, Words, tuple[str, ...], str, str]] = (
    ("accept", TicketStep, _nothing, (), "Nhận phiếu", "Accept a ticket"),
    ("refuse", TicketStep, _nothing, (), "Từ chối phiếu, kèm lý do", "Refuse a ticket, with the reason"),
    (
        "forward", ForwardStep, _unit, ("no-unit", "unit-has-ticket", "no-change"),
        "Chuyển phiếu cho đơn vị khác, kèm lý do", "Send a ticket on to another unit, with the reason",
    ),
    (
        "assign", AssignStep, _assigned, ("no-ticket-owner", "no-team", "no-change"),
        "Giao phiếu cho người hoặc tổ", "Assign a ticket to a person or a team",
    ),
    ("start", TicketStep, _nothing, (), "Bắt đầu làm", "Begin to work"),
    ("wait", TicketStep, _nothing, (), "Tạm dừng, kèm lý do", "Put a ticket on hold, with the reason"),
    ("resume", TicketStep, _nothing, (), "Làm tiếp", "Go on with the work"),
    (
        "resolve", ResolveStep, _result, ("photo-refused", "photos-not-kept"),
        "Báo làm xong, kèm kết quả", "Say that it is done, with the result",
    ),
    ("verify", TicketStep, _nothing, ("same-hands",), "Xác nhận kết quả", "Verify the result"),
    ("close", TicketStep, _nothing, (), "Đóng phiếu", "Close a ticket"),
    ("reopen", TicketStep, _nothing, ("unit-has-ticket",), "Mở lại phiếu, kèm lý do", "Reopen it, with the reason"),
    ("cancel", TicketStep, _nothing, (), "Hủy phiếu, kèm lý do", "Cancel a ticket, with the reason"),
    (
        "comment", CommentStep, _text, ("photo-refused", "photos-not-kept"),
        "Ghi ý kiến, kèm ảnh", "Comment on a ticket, with photographs",
    ),
    (
        "sub", SubStep, _part, ("no-unit", "no-change"),
        "Tách một phần việc cho đơn vị khác", "Give a part of the work to another unit",
    ),
)  # fmt: skip
"""Step, body, words of the ask, its own problems, what it is in Vietnamese and in English."""


def _ask(request: web.Request, step: str, body: Any, words: dict[str, str | None]) -> Ask:
    """What the person asks, now. A device's clock that is ahead counts as now."""
    now = request.app[PARTS].now()
    kept_words: dict[str, Any] = {
        name: None if text is None else storable(name, text).strip() for name, text in words.items()
    }
    return Ask(
        step=step,
        who=request[CALLER].person.login,
        at=now,
        why=storable("why", body.why).strip(),
        photos=bool(body.photos or getattr(body, "pictures", ())),
        made_at=None if body.made_at is None else min(body.made_at.astimezone(dt.UTC), now),
        **kept_words,
    )


async def _sent(request: web.Request, body: Any, wanted: Wanted) -> Sent:
    """What comes with a step: photographs in the request, cleaned and on disk, and ids of uploads."""
    gallery = request.app[PARTS].gallery
    if body.photos and gallery is None:
        raise ProblemError("photos-not-kept", headers={"Retry-After": "60"})
    clean = await clean_photos(request, getattr(body, "pictures", ()))
    photos = await hang_photos(request, clean, f"ticket-{wanted.id}")

    def expires(taken_at: dt.datetime) -> dt.datetime:
        return taken_at if gallery is None else gallery.expiry("comment", taken_at)

    return Sent(photos=tuple(photos), uploads=body.photos, expires=expires)


def _handler(step: str, words: Words) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of a step."""

    async def handler(request: web.Request) -> web.Response:
        needs(request, "step", "ticket")
        body = request[BODY]
        wanted = Wanted(id_of(request.match_info["id"]), body.expected_version)
        ask = _ask(request, step, body, words(body))
        if step == "assign":
            await _may_have(request, wanted, ask)
        return await _carried(request, wanted, ask, await _sent(request, body, wanted))

    handler.__doc__ = f"`POST {BASE}/{{id}}/{step}`."
    return handler


async def _may_have(request: web.Request, wanted: Wanted, ask: Ask) -> None:
    """Problem for an owner who may not work on the ticket, and for a team that its unit has not."""
    parts = request.app[PARTS]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        ticket = await kept.one(transaction, wanted.id)
        if ticket is None:
            raise ProblemError("not-found")
        await transaction.bind(EVERYTHING)
        if ask.owner:
            found = await people.one(transaction, ask.owner)
            thing = Thing("ticket", ticket.centre, ticket.area)
            if found is None or found.disabled_at is not None or not may(found.person, "step", thing, parts.now()):
                raise ProblemError("no-ticket-owner", login=ask.owner[:100])
        if ask.team and await teams.one(transaction, ticket.unit, ask.team) is None:
            raise ProblemError("no-team", team=ask.team[:100])


async def _carried(request: web.Request, wanted: Wanted, ask: Ask, sent: Sent) -> web.Response:
    """Carry out a step and answer with the ticket as it is then, also when it has just left the person's scope."""
    parts, scope = request.app[PARTS], request[CALLER].scope
    try:
        async with parts.database.transaction(scope) as transaction:
            hands = Hands(transaction, scope, secrets.token_bytes, commands=commands(request))
            done = await hands.step(wanted, ask, sent)
            await note(request, transaction, ask.step, done, ask.why or ask.text)
            answer = said(await _answer(request, transaction, done))
            await idempotency.keep(request, transaction, answer)
            return answer
    except MissingError:
        raise ProblemError("not-found") from None
    except UntakenError:
        raise ProblemError("no-upload") from None
    except (StaleError, LostError):
        raise await _stale(request, wanted) from None
    except RefusedError as error:
        raise await refused(request, error) from None


async def _answer(request: web.Request, transaction: Any, done: Done) -> TicketRecord:
    """Who has just sent a ticket out of their scope takes no more steps with it."""
    after, scope = done.after, msgspec.structs.replace(request[CALLER].scope, past=None)
    found = await look(request, transaction, after)
    if not scope.reaches(Thing("ticket", after.centre, after.area)):
        found.steps = []
    return found


async def _stale(request: web.Request, wanted: Wanted) -> ProblemError:
    """The problem with the ticket as it is now, and the lines of its log since the version that was seen."""
    found = await current_of(request, wanted.id)
    if found is None:
        return ProblemError("not-found")
    since = [line for line in found.log if line.version > (wanted.version or 0)]
    problem = ProblemError("stale-ticket").because(*_last(since))
    return problem.carrying(current=msgspec.to_builtins(found), log=msgspec.to_builtins(since))


def _last(since: Sequence[Any]) -> tuple[str, str]:
    if not since:
        return ("Phiếu đã thay đổi.", "The ticket has changed.")
    last = since[-1]
    at = last.at.astimezone(dt.UTC).strftime("%H:%M:%S UTC")
    return (
        f"Lần thay đổi gần nhất: {last.who}, “{last.what}”, lúc {at}.",
        f"The last change was by {last.who}: “{last.what}”, at {at}.",
    )


def routes(app: web.Application) -> None:
    """Add steps of tickets to an application; needs the turn of photographs (`reports`)."""
    for step, body, words, problems, vi, en in STEPS:
        path = f"{BASE}/{{id}}/{step}"
        app.router.add_post(path, _handler(step, words))
        largest = LARGEST if hasattr(body, "pictures") else 0
        describe(
            app,
            Operation(
                method="POST", path=path, vi=vi, en=en, may=May("step", "ticket"), body=body, largest=largest,
                answers={200: TicketRecord}, problems=(*PROBLEMS, *problems),
            ),
        )  # fmt: skip
