"""People sign in, see who they are, and sign out."""

import asyncio
import datetime as dt
import math
import secrets
import time
from typing import Any

import orjson
from aiohttp import web

from ioc.access.passwords import LONGEST, verify
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.throttle import Throttle
from ioc.access.tokens import BYTES, digest, secret
from ioc.api.caller import CALLER, CALLERS, COOKIE
from ioc.api.names import NAMES, Names
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import storable
from ioc.store import people

LASTS = dt.timedelta(hours=12)
"""How long a session holds."""

_HASHES_AT_ONCE = 2


class Door:
    """Checks passwords, a few at a time because each takes 64 MiB, and slows down guessing."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_HASHES_AT_ONCE)
        self._by_pair = Throttle(burst=10)
        self._by_address = Throttle(burst=60)

    async def passes(self, kept: str | None, password: str) -> bool:
        """Whether the password is right; takes as long for a name that nobody has."""
        async with self._room:
            return await asyncio.to_thread(verify, kept, password)

    def check(self, login: str, address: str) -> None:
        """Problem when this address must wait before it tries again."""
        at = time.monotonic()
        wait = max(self._by_pair.wait(f"{address} {login}", at), self._by_address.wait(address, at))
        if wait > 0:
            seconds = math.ceil(wait)
            raise ProblemError("too-many-tries", headers={"Retry-After": str(seconds)}, seconds=seconds)

    def tried(self, login: str, address: str, passed: bool) -> None:
        """Note how a try ended."""
        at = time.monotonic()
        if passed:
            self._by_pair.passed(f"{address} {login}")
        else:
            self._by_pair.failed(f"{address} {login}", at)
            self._by_address.failed(address, at)


DOOR: web.AppKey[Door] = web.AppKey("door", Door)


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Problem when it is none."""
    if request.content_type != "application/json":
        raise ProblemError("unsupported-media")
    try:
        body = orjson.loads(await request.read())
    except ValueError as error:
        raise ProblemError("bad-json") from error
    if not isinstance(body, dict):
        raise ProblemError("bad-json")
    return body


def _word(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value or len(value) > longest:
        raise ProblemError("bad-value", name=name, why=f"1–{longest}")
    return value


async def _description(app: web.Application, person: Person) -> dict[str, Any]:
    parts, centres = app[PARTS], await app[NAMES].of(app)
    seen = [centre for centre in centres if person.centre in (None, centre["code"])]
    speed = parts.settings.replay_speed
    return {
        "user": person.login,
        "name": person.name,
        "role": person.role,
        "centre": person.centre,
        "language": person.language,
        "timezone": parts.settings.timezone,
        "centres": seen,
        "replay": None if speed is None else {"speed": speed},
    }


def _said(value: dict[str, Any]) -> web.Response:
    return web.Response(
        body=orjson.dumps(value), content_type="application/json", headers={"Cache-Control": "no-store"}
    )


async def sign_in(request: web.Request) -> web.Response:
    """`POST /api/v1/session`."""
    parts, door = request.app[PARTS], request.app[DOOR]
    body = await body_of(request)
    login = storable("user", _word(body, "user", 200))
    password = _word(body, "password", LONGEST)
    address = request.remote or ""
    door.check(login, address)
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        account = await people.by_login(transaction, login)
    passed = await door.passes(account.password_hash if account else None, password)
    door.tried(login, address, passed)
    if account is None or not passed:
        raise ProblemError("sign-in-failed")
    text, now = secret(secrets.token_bytes(BYTES)), parts.now()
    async with parts.database.transaction(EVERYTHING) as transaction:
        await people.open_session(transaction, account.id, digest(text), now, now + LASTS)
    response = _said(await _description(request.app, account.person))
    response.set_cookie(
        COOKIE,
        text,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=parts.settings.secure_cookies,
        path="/",
    )
    return response


async def who(request: web.Request) -> web.Response:
    """`GET /api/v1/session`."""
    return _said(await _description(request.app, request[CALLER].person))


async def sign_out(request: web.Request) -> web.Response:
    """`DELETE /api/v1/session`: ends the session and every stream that it keeps open."""
    caller = request[CALLER]
    if caller.by_cookie:
        async with request.app[PARTS].database.transaction(EVERYTHING) as transaction:
            await people.close_session(transaction, caller.digest)
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
