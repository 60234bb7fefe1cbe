"""Administration of people: accounts, their rights, links, second factors, sessions and tokens."""

import os
import secrets
from typing import Any

import msgspec
from aiohttp import web

from gis.stamp import uuid7
from ioc.access.administration import administers, may_change
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import BYTES, digest, secret
from ioc.api.account import deed_of, id_of, made_token, revoke, session_of, token_of
from ioc.api.caller import CALLER, CALLERS
from ioc.api.door import model_of
from ioc.api.models_people import ChangePerson, Ended, Invite, MakePerson, MakeToken, NewPerson, PersonOf
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad
from ioc.api.session import told
from ioc.store import audit, factors, invites, people, sessions, tokens
from ioc.store.database import Transaction
from ioc.store.people import Listed

_FIELDS = frozenset(Person.__struct_fields__)


def person_of(listed: Listed) -> PersonOf:
    """An account as its administrators see it."""
    person = {name: getattr(listed.person, name) for name in PersonOf.__struct_fields__ if name in _FIELDS}
    return PersonOf(
        created_at=listed.created_at,
        disabled_at=listed.disabled_at,
        has_password=listed.has_password,
        second_factor=listed.factor,
        invited_until=listed.invited_until,
        seen_at=listed.seen_at,
        **person,
    )


def _administrator(request: web.Request) -> Person:
    """Who asks. Problem for everybody who administers nobody."""
    person = request[CALLER].person
    if person.role != "admin":
        raise ProblemError("not-allowed")
    return person


async def _theirs(request: web.Request, transaction: Transaction, *, lock: bool = False) -> Listed:
    """The account in the address. Problem 404 for one that the asker does not administer."""
    actor = _administrator(request)
    found = await people.one(transaction, request.match_info["login"], lock=lock)
    if found is None or not administers(actor, found.person):
        raise ProblemError("not-found")
    return found


def _rights(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(person)
    return found


def _audit(request: web.Request, act: str, found: Listed | Person, **more: Any) -> audit.Deed:
    person = found.person if isinstance(found, Listed) else found
    deed = deed_of(request, act, "account", person.login)
    return msgspec.structs.replace(deed, centre=person.centre, **more)


async def list_people(request: web.Request) -> web.Response:
    """`GET /api/v1/people`."""
    actor, parts = _administrator(request), request.app[PARTS]
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await people.listed(transaction)
    return told([person_of(one) for one in found if administers(actor, one.person)])


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/people/{login}`."""
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        return told(person_of(await _theirs(request, transaction)))


async def _invited(request: web.Request, transaction: Transaction, found: Listed) -> Invite:
    """A link for an account, made in the transaction that records it."""
    parts, text = request.app[PARTS], secret(secrets.token_bytes(BYTES))
    by = request[CALLER].person.login
    until = await invites.invite(transaction, found.id, digest(text), by, parts.now())
    await audit.record(transaction, _audit(request, "invite.create", found), parts.now())
    return Invite(link=f"/invite#{text}", expires_at=until)


async def _centre_is_there(transaction: Transaction, code: str | None) -> None:
    if code is not None and all(code != one.code for one in await people.centres(transaction, working=True)):
        raise bad("centre", "?")


async def make(request: web.Request) -> web.Response:
    """`POST /api/v1/people`: an account without a password, and the link to set it."""
    actor, parts = _administrator(request), request.app[PARTS]
    asked = await model_of(request, MakePerson)
    person = msgspec.convert({k: v for k, v in msgspec.structs.asdict(asked).items() if k in _FIELDS}, Person)
    if not administers(actor, person):
        raise ProblemError("not-allowed")
    now = parts.now()
    async with parts.database.transaction(EVERYTHING) as transaction:
        await _centre_is_there(transaction, person.centre)
        if not await people.add_account(transaction, uuid7(now, os.urandom(10)), person, now):
            raise ProblemError("login-taken")
        await audit.record(transaction, _audit(request, "account.create", person, after=_rights(person)), now)
        made = await people.one(transaction, person.login)
        if made is None:
            raise ProblemError("not-found")
        invite = None if asked.program else await _invited(request, transaction, made)
        made = await people.one(transaction, person.login) or made
    return told(NewPerson(person=person_of(made), invite=invite), 201)


async def change(request: web.Request) -> web.Response:
    """`PATCH /api/v1/people/{login}`. Whoever loses rights loses open sessions with them."""
    actor, parts, now = _administrator(request), request.app[PARTS], request.app[PARTS].now()
    asked = {
        k: v for k, v in msgspec.structs.asdict(await model_of(request, ChangePerson)).items() if v is not msgspec.UNSET
    }
    async with parts.database.transaction(EVERYTHING) as transaction:
        found = await _theirs(request, transaction, lock=True)
        fields = {name: value for name, value in asked.items() if name in _FIELDS}
        after = msgspec.structs.replace(found.person, **fields)
        disabled = asked.get("disabled", found.disabled_at is not None)
        if found.person.login == actor.login and (disabled or not may_change(actor, found.person, after)):
            raise ProblemError("not-yourself")
        if not may_change(actor, found.person, after):
            raise ProblemError("not-allowed")
        await _centre_is_there(transaction, after.centre)
        await people.change_person(transaction, found.id, after)
        ended = await _disabled(request, transaction, found, disabled=disabled)
        if after != found.person:
            deed = _audit(request, "account.change", after, before=_rights(found.person), after=_rights(after))
            await audit.record(transaction, deed, now)
        changed = await people.one(transaction, after.login) or found
    for mark in ended:
        request.app[CALLERS].ended(mark)
    return told(person_of(changed))


async def _disabled(request: web.Request, transaction: Transaction, found: Listed, *, disabled: bool) -> list[bytes]:
    """Disable or enable an account where that changes something; the sessions that ended."""
    if disabled == (found.disabled_at is not None):
        return []
    now = request.app[PARTS].now()
    await people.set_disabled(transaction, found.id, now if disabled else None)
    await invites.withdraw(transaction, found.id)
    await audit.record(transaction, _audit(request, "account.disable" if disabled else "account.enable", found), now)
    return await sessions.end_sessions(transaction, found.id)


async def invite(request: web.Request) -> web.Response:
    """`POST /api/v1/people/{login}/invite`: a link instead of any older one; also when a password is lost."""
    async with request.app[PARTS].database.transaction(EVERYTHING) as transaction:
        found = await _theirs(request, transaction, lock=True)
        return told(await _invited(request, transaction, found), 201)


async def reset_factor(request: web.Request) -> web.Response:
    """`DELETE /api/v1/people/{login}/factor`: phone and recovery codes are lost; sessions end."""
    parts = request.app[PARTS]
    async with parts.database.transaction(EVERYTHING) as transaction:
        found = await _theirs(request, transaction, lock=True)
        if found.person.login == request[CALLER].person.login:
            raise ProblemError("not-yourself")
        if not await factors.remove(transaction, found.id):
            raise ProblemError("factor-missing")
        ended = await sessions.end_sessions(transaction, found.id)
        await audit.record(transaction, _audit(request, "factor.reset", found), parts.now())
    for mark in ended:
        request.app[CALLERS].ended(mark)
    return web.Response(status=204)


async def list_sessions(request: web.Request) -> web.Response:
    """`GET /api/v1/people/{login}/sessions`."""
    parts = request.app[PARTS]
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await _theirs(request, transaction)
        held = await sessions.sessions_of(transaction, found.id, parts.now())
    return told([session_of(one, request[CALLER].digest) for one in held])


async def end_sessions(request: web.Request) -> web.Response:
    """`DELETE /api/v1/people/{login}/sessions[/{id}]`."""
    parts = request.app[PARTS]
    wanted = id_of(request) if "id" in request.match_info else None
    async with parts.database.transaction(EVERYTHING) as transaction:
        found = await _theirs(request, transaction)
        ended = await sessions.end_sessions(transaction, found.id, id=wanted)
        if wanted is not None and not ended:
            raise ProblemError("not-found")
        deed = _audit(request, "session.end", found, kind="session", text=f"{len(ended)} of {found.person.login}")
        await audit.record(transaction, deed, parts.now())
    for mark in ended:
        request.app[CALLERS].ended(mark)
    return web.Response(status=204) if wanted else told(Ended(ended=len(ended)))


async def list_tokens(request: web.Request) -> web.Response:
    """`GET /api/v1/people/{login}/tokens`."""
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await _theirs(request, transaction)
        return told([token_of(one) for one in await tokens.tokens_of(transaction, found.id)])


async def make_token(request: web.Request) -> web.Response:
    """`POST /api/v1/people/{login}/tokens`: for a program alone; nobody makes a token in a person's name."""
    asked = await model_of(request, MakeToken)
    async with request.app[PARTS].database.transaction(EVERYTHING) as transaction:
        found = await _theirs(request, transaction, lock=True)
        if found.has_password or found.invited_until is not None:
            raise ProblemError("not-allowed")
        return told(await made_token(request, transaction, found.id, found.person.login, asked), 201)


async def revoke_token(request: web.Request) -> web.Response:
    """`DELETE /api/v1/people/{login}/tokens/{id}`."""
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await _theirs(request, transaction)
    return await revoke(request, found.id, found.person.login)


def routes(app: web.Application) -> None:
    """Add the administration of people to an application."""
    people_, one = "/api/v1/people", "/api/v1/people/{login}"
    app.router.add_get(people_, list_people)
    app.router.add_post(people_, make)
    app.router.add_get(one, read)
    app.router.add_patch(one, change)
    app.router.add_post(f"{one}/invite", invite)
    app.router.add_delete(f"{one}/factor", reset_factor)
    app.router.add_get(f"{one}/sessions", list_sessions)
    app.router.add_delete(f"{one}/sessions", end_sessions)
    app.router.add_delete(f"{one}/sessions/{{id}}", end_sessions)
    app.router.add_get(f"{one}/tokens", list_tokens)
    app.router.add_post(f"{one}/tokens", make_token)
    app.router.add_delete(f"{one}/tokens/{{id}}", revoke_token)
