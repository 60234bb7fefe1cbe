"""People sign in, see who they are, and sign out."""

import datetime as dt
import os
import secrets

import msgspec
from aiohttp import web

from gis.stamp import uuid7
from ioc.access.policy import Person
from ioc.access.rights import kinds_of
from ioc.access.scope import EVERYTHING
from ioc.access.throttle import Visit, network
from ioc.access.tokens import BYTES, digest, secret
from ioc.api.caller import CALLER, CALLERS, COOKIE
from ioc.api.door import DOOR, Door, address_of, model_of
from ioc.api.models_people import CentreNames, Replay, SignIn, Who
from ioc.api.names import NAMES, Names
from ioc.api.parts import PARTS, Parts
from ioc.api.problems import ProblemError
from ioc.store import audit, factors, people, sessions
from ioc.store.audit import Deed
from ioc.store.people import Account

LASTS = dt.timedelta(hours=12)
"""How long a session holds at most, however busy it is."""

KNOWN_COOKIE = "ioc_known"
"""Marks a browser in which somebody signed in before. It opens nothing; it only spares its owner the line."""


async def _description(app: web.Application, person: Person) -> Who:
    parts, centres = app[PARTS], await app[NAMES].of(app)
    seen = [
        CentreNames(**centre)
        for centre in centres
        if person.centre is None or centre["code"] in (person.centre, *person.former)
    ]
    speed = parts.settings.replay_speed
    return Who(
        user=person.login,
        name=person.name,
        role=person.role,
        sees=sorted(kinds_of(person.role, frozenset({"see"}))),
        centre=person.centre,
        language=person.language,
        timezone=parts.settings.timezone,
        centres=seen,
        replay=None if speed is None else Replay(speed=speed),
    )


def told(value: object, status: int = 200) -> web.Response:
    """An answer about people: never kept by a browser or a proxy."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def give_cookie(response: web.Response, text: str, lasts: dt.timedelta, secure: bool) -> None:
    """Hand the secret of a session to the browser."""
    age = max(0, int(lasts.total_seconds()))
    response.set_cookie(COOKIE, text, max_age=age, httponly=True, samesite="Lax", secure=secure, path="/")


async def _visit(parts: Parts, login: str, address: str, mark: str) -> tuple[Visit, Account | None]:
    """Who stands at the door; one reading whatever the name is."""
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        account = await people.by_login(transaction, login)
        known = await sessions.acquaintance(transaction, login, digest(mark), network(address), parts.now())
    visit = Visit(
        login=login,
        address=address,
        known="browser" if known.browser else "address" if known.address else "stranger",
        mark=digest(mark).hex(),
    )
    return visit, account


async def _refuse(parts: Parts, account: Account | None, address: str, code: str) -> ProblemError:
    """Record a refused sign-in. What was typed as a name that nobody has may be a password, so it is not kept."""
    deed = Deed(
        act="session.refused",
        who=account.person.login if account else "",
        kind="session",
        centre=account.person.centre if account else None,
        address=address,
        outcome="refused",
        text=code,
    )
    async with parts.database.transaction(EVERYTHING) as transaction:
        await audit.record(transaction, deed, parts.now())
    return ProblemError(code)


async def _knock(parts: Parts, door: Door, asked: SignIn, address: str, mark: str) -> tuple[Visit, Account]:
    """The account whose password this is. Problem when it is not, or when the visitor must wait."""
    door.glance(asked.user, address, digest(mark).hex())
    visit, account = await _visit(parts, asked.user, address, mark)
    try:
        door.enter(visit)
    except ProblemError as problem:
        if door.worth_telling(asked.user):
            await _refuse(parts, account, address, problem.code)
        raise
    passed = await door.passes(account.password_hash if account else None, asked.password, visit)
    if account is None or not passed:
        raise await _refuse(parts, account, address, "sign-in-failed")
    return visit, account


class _Opened(msgspec.Struct, frozen=True):
    """The secrets that a browser is given."""

    session: str
    known: str


async def _open(parts: Parts, account: Account, asked: SignIn, address: str, old: web.Request) -> _Opened | str:
    """Open a session when the second factor is proved too; otherwise the code of the problem."""
    now, given = parts.now(), _Opened(secret(secrets.token_bytes(BYTES)), secret(secrets.token_bytes(BYTES)))
    async with parts.database.transaction(EVERYTHING) as transaction:
        current = await people.by_login(transaction, account.person.login)
        if current is None or current.password_hash != account.password_hash:
            return "sign-in-failed"
        how = "password"
        if current.factor:
            proved = await factors.prove(transaction, account.id, asked.code, now) if asked.code else ""
            if not proved:
                return "code-wrong" if asked.code else "code-needed"
            how = f"password, {proved}"
        await sessions.close_session(transaction, digest(old.cookies.get(COOKIE, "")))
        identity = uuid7(now, os.urandom(10))
        await sessions.open_session(
            transaction,
            account.id,
            digest(given.session),
            now,
            now + LASTS,
            id=identity,
            address=address,
            agent=_printable(old.headers.get("User-Agent", "")),
        )
        before = digest(old.cookies.get(KNOWN_COOKIE, ""))
        place = network(address)
        await sessions.remember(transaction, account.id, digest(given.known), place, now, old=before)
        await audit.record(transaction, _opened(current.person, str(identity), address, how), now)
    return given


def _opened(person: Person, identity: str, address: str, how: str) -> Deed:
    return Deed(
        act="session.open",
        who=person.login,
        kind="session",
        thing=identity,
        centre=person.centre,
        address=address,
        text=how,
    )


def _printable(text: str) -> str:
    return "".join(letter for letter in text[:200] if letter.isprintable())


async def sign_in(request: web.Request) -> web.Response:
    """`POST /api/v1/session`."""
    parts, door, address = request.app[PARTS], request.app[DOOR], address_of(request)
    asked = await model_of(request, SignIn)
    visit, account = await _knock(parts, door, asked, address, request.cookies.get(KNOWN_COOKIE, ""))
    opened = await _open(parts, account, asked, address, request)
    if isinstance(opened, str):
        if opened == "code-needed":
            door.gate.halfway(visit)
            raise ProblemError(opened)
        raise await _refuse(parts, account, address, opened)
    door.gate.passed(visit)
    if old := request.cookies.get(COOKIE):
        request.app[CALLERS].ended(digest(old))
    response = told(await _description(request.app, account.person))
    secure = parts.settings.secure_cookies
    give_cookie(response, opened.session, LASTS, secure)
    age, path = int(sessions.KNOWN_FOR.total_seconds()), "/api/v1/session"
    response.set_cookie(
        KNOWN_COOKIE, opened.known, max_age=age, httponly=True, samesite="Strict", secure=secure, path=path
    )
    return response


async def who(request: web.Request) -> web.Response:
    """`GET /api/v1/session`."""
    return told(await _description(request.app, request[CALLER].person))


async def sign_out(request: web.Request) -> web.Response:
    """`DELETE /api/v1/session`: ends the session and every stream that it keeps open."""
    caller, parts = request[CALLER], request.app[PARTS]
    if caller.by_cookie:
        person = caller.person
        deed = Deed(
            act="session.close",
            who=person.login,
            kind="session",
            thing=str(caller.id or ""),
            centre=person.centre,
            address=address_of(request),
        )
        async with parts.database.transaction(EVERYTHING) as transaction:
            if await sessions.close_session(transaction, caller.digest):
                await audit.record(transaction, deed, parts.now())
        request.app[CALLERS].ended(caller.digest)
    response = web.Response(status=204, headers={"Cache-Control": "no-store"})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax")
    return response


def routes(app: web.Application) -> None:
    """Add sign-in to an application."""
    app[DOOR] = Door()
    app[NAMES] = Names()
    app.router.add_post("/api/v1/session", sign_in)
    app.router.add_get("/api/v1/session", who)
    app.router.add_delete("/api/v1/session", sign_out)
