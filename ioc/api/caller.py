"""Who is asking: from a session cookie or a bearer token to a person and what the person may see."""

import asyncio
import base64
import datetime as dt
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

import msgspec
from aiohttp import web

from ioc.access.policy import Person, scope_of
from ioc.access.scope import EVERYTHING, Scope
from ioc.access.tokens import allows, digest, wish_of
from ioc.api.problems import ProblemError
from ioc.store import sessions, tokens
from ioc.store.away import AWAY
from ioc.store.database import Database
from ioc.store.people import Pass

COOKIE = "ioc_session"
MAP = "/ogc"
BELIEVED_S = 2.0
"""Seconds for which an answer about a session is believed; ends elsewhere take effect within them."""

ASK_S = 4.0
"""Seconds that PostgreSQL may take to tell who asks; then it counts as away, for everybody, for BELIEVED_S."""

_REMEMBERED = 10_000
_NOTED_EVERY = dt.timedelta(minutes=1)
"""That a session or token is in use is noted so often."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A person who has shown a session or a token (`id`, of `account`); `scopes` None: whatever the person may."""

    person: Person
    scope: Scope
    digest: bytes
    by_cookie: bool
    expires_at: dt.datetime | None
    id: uuid.UUID | None = None
    account: uuid.UUID | None = None
    scopes: tuple[str, ...] | None = None


def shown(request: web.Request) -> str | None:
    """The token that a request shows, None where it shows none.

    GIS programs that send no header of one's choice (QGIS 3.22) show it as the password of HTTP Basic (RFC 7617)
    when they read the map; what name stands before it does not matter. A browser is never asked for that, and a cookie
    beside it counts: then the header is for a proxy before us.
    """
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic" if _reads_the_map(request) and COOKIE not in request.cookies:
            return _password(rest)
    return None


def _reads_the_map(request: web.Request) -> bool:
    return request.method in ("GET", "HEAD") and (request.path == MAP or request.path.startswith(f"{MAP}/"))


def _password(encoded: str) -> str | None:
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2] or None
    except ValueError:
        return None


class Callers:
    """Finds callers, remembers them for a moment, and ends what a caller keeps open when the session ends."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._now = now
        self._known: dict[bytes, tuple[float, Caller]] = {}
        self._asked: dict[bytes, asyncio.Lock] = {}
        self._open: dict[bytes, set[asyncio.Timeout]] = {}
        self._people: dict[bytes, Person] = {}
        self._noted: dt.datetime | None = None
        self._deaf_until = 0.0

    def remembered(self, request: web.Request) -> Caller | None:
        """Who showed this session or token to this process before, if it has not expired or been ended since.

        For the time in which nobody can be asked, and for nothing but how the parts of the centre are.
        """
        token, cookie = shown(request), request.cookies.get(COOKIE, "")
        by_token = token is not None
        known = self._known.get(digest(cookie if token is None else token))
        if known is None or known[1].by_cookie == by_token:
            return None
        caller = known[1]
        if by_token and not allows(caller.scopes or (), wish_of(request.method, request.rel_url.raw_path)):
            return None
        return caller if caller.expires_at is None or caller.expires_at > self._now() else None

    async def identify(self, request: web.Request) -> Caller | None:
        """The caller of a request, None for a stranger. A bearer token wins over a cookie.

        Problem when a token's scopes do not hold what is asked.
        """
        if (token := shown(request)) is not None:
            caller = await self._find(digest(token), "token")
            if caller and not allows(caller.scopes or (), wish_of(request.method, request.rel_url.raw_path)):
                raise ProblemError("beyond-token")
            return caller
        cookie = request.cookies.get(COOKIE)
        return await self._find(digest(cookie), "session") if cookie else None

    async def _find(self, mark: bytes, kind: Literal["token", "session"]) -> Caller | None:
        if (caller := self._believed(mark, kind)) is not None:
            return caller
        try:
            async with self._asked.setdefault(mark, asyncio.Lock()):  # many requests at once are one question
                return self._believed(mark, kind) or await self._ask(mark, kind)
        finally:
            self._asked.pop(mark, None)

    def _believed(self, mark: bytes, kind: str) -> Caller | None:
        known = self._known.get(mark)
        if known is None or known[0] <= time.monotonic() or known[1].by_cookie != (kind == "session"):
            return None
        caller = known[1]
        return caller if caller.expires_at is None or caller.expires_at > self._now() else None

    async def _ask(self, mark: bytes, kind: Literal["token", "session"]) -> Caller | None:
        if time.monotonic() < self._deaf_until:
            raise TimeoutError("PostgreSQL did not answer a moment ago")
        try:
            found = await self._look(mark, kind)
        except TimeoutError:
            self._deaf_until = time.monotonic() + BELIEVED_S
            raise
        if found is None:
            self._known.pop(mark, None)
            return None
        if found.seen_at is None or self._now() - found.seen_at > _NOTED_EVERY:
            await self._note([mark])
        return self._remember(mark, found, kind)

    async def _look(self, mark: bytes, kind: Literal["token", "session"]) -> Pass | None:
        async with self._database.within(ASK_S).transaction(EVERYTHING, read_only=True) as transaction:
            look = tokens.by_token if kind == "token" else sessions.by_session
            return await look(transaction, mark, self._now())

    async def _note(self, marks: list[bytes]) -> None:
        """Keep from ending for idleness what is in use."""
        async with self._database.transaction(EVERYTHING) as transaction:
            await sessions.touch(transaction, marks, self._now())

    def _remember(self, mark: bytes, found: Pass, kind: str) -> Caller:
        caller = Caller(
            person=found.person,
            scope=scope_of(found.person),
            digest=mark,
            by_cookie=kind == "session",
            expires_at=found.expires_at,
            id=found.id,
            account=found.account,
            scopes=found.scopes,
        )
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[mark] = (time.monotonic() + BELIEVED_S, caller)
        return caller

    def forget(self, mark: bytes) -> None:
        """Look again at the next request: something about the person has changed."""
        self._known.pop(mark, None)

    def ended(self, mark: bytes) -> None:
        """Forget a session that was closed here, and end what it keeps open at once."""
        self._known.pop(mark, None)
        for limit in self._open.get(mark, ()):
            if not limit.expired():
                limit.reschedule(0)

    @asynccontextmanager
    async def while_signed_in(self, caller: Caller) -> AsyncIterator[None]:
        """Runs the body until it ends or the caller's session does; then the body is cancelled, quietly."""
        loop = asyncio.get_running_loop()
        left = None if caller.expires_at is None else (caller.expires_at - self._now()).total_seconds()
        limit = asyncio.timeout_at(None if left is None else loop.time() + left)
        self._people[caller.digest] = caller.person
        self._open.setdefault(caller.digest, set()).add(limit)
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            kept = self._open[caller.digest]
            kept.discard(limit)
            if not kept:
                del self._open[caller.digest], self._people[caller.digest]

    def end_all(self) -> None:
        """End everything that is kept open: the server stops."""
        for mark in list(self._open):
            self.ended(mark)

    async def watch(self) -> None:
        """Ends what is kept open by sessions that ended elsewhere or whose person changed. Runs for ever."""
        while True:
            await asyncio.sleep(BELIEVED_S)
            if not self._open:
                continue
            try:
                if self._noted is None or self._now() - self._noted >= _NOTED_EVERY:
                    # Before they are looked at: while PostgreSQL was away, what is open was used and not noted.
                    await self._note(list(self._open))
                    self._noted = self._now()
                async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
                    valid = await sessions.still_valid(transaction, list(self._open), self._now())
            except AWAY:
                continue  # nobody can sign in or out while PostgreSQL is away
            for mark in list(self._open):
                if valid.get(mark) != self._people[mark]:
                    self.ended(mark)


CALLERS: web.AppKey[Callers] = web.AppKey("callers", Callers)
CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)
