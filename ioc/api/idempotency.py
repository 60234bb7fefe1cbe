"""A change asked for twice under one Idempotency-Key is carried out once, and answered twice."""

import hashlib
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from ioc.access.scope import EVERYTHING
from ioc.api.caller import CALLER
from ioc.api.parts import PARTS
from ioc.api.problems import TABLE, ProblemError
from ioc.api.surface import Operation
from ioc.store import answers
from ioc.store.database import Transaction

FIELD = "Idempotency-Key"
LARGEST_KEPT = 256 * 1024
"""Bytes of an answer that are kept; of a larger one only the status is."""

_KEY = re.compile(r"[!-~]{1,200}\Z")
_TRANSIENT = frozenset({401, 408, 429})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Claim:
    """A key that this request holds."""

    def __init__(self, login: str, key: str, *, secret: bool) -> None:
        self.login = login
        self.key = key
        self.kept = False
        self._secret = secret

    async def keep(self, transaction: Transaction, response: web.Response) -> None:
        """Keep an answer."""
        body = response.body if isinstance(response.body, bytes) else b""
        fits = len(body) <= LARGEST_KEPT and not self._secret
        await answers.keep(
            transaction,
            self.login,
            self.key,
            status=response.status,
            media=response.content_type if body else "",
            body=body if fits else None,
        )


CLAIM: web.RequestKey[Claim] = web.RequestKey("claim", Claim)


async def keep(request: web.Request, transaction: Transaction, response: web.Response) -> None:
    """For handlers: keep the answer in the transaction of the deed, so that neither is there without the other."""
    claim = request.get(CLAIM)
    if claim is not None:
        await claim.keep(transaction, response)
        claim.kept = True


async def digest(request: web.Request) -> bytes:
    """What makes a request the same: method, address, body."""
    made = hashlib.sha256()
    for part in (request.method.encode(), request.raw_path.encode("utf-8", "replace"), await request.read()):
        made.update(len(part).to_bytes(8, "big") + part)
    return made.digest()


def _again(kept: answers.Answer, wanted: bytes) -> web.Response:
    if kept.request != wanted:
        raise ProblemError("other-request")
    if kept.status is None:
        raise ProblemError("in-progress", headers={"Retry-After": "1"})
    if kept.body is None:
        raise ProblemError("answer-not-kept")
    headers = {"Idempotency-Replayed": "true", "Cache-Control": "no-store"}
    if kept.media:
        headers["Content-Type"] = kept.media
    return web.Response(status=kept.status, body=kept.body or None, headers=headers)


async def once(
    request: web.Request, operation: Operation, handler: Handler, problem: Callable[[ProblemError], web.Response]
) -> web.StreamResponse:
    """Run the handler, or answer as before. `problem` makes the answer of an error that is kept too."""
    key = request.headers.get(FIELD)
    if key is None or request.method in ("GET", "HEAD", "OPTIONS") or operation.public:
        return await handler(request)
    if not _KEY.match(key):
        raise ProblemError("bad-key")
    database, login = request.app[PARTS].database, request[CALLER].person.login
    wanted = await digest(request)
    async with database.transaction(EVERYTHING) as transaction:
        kept = await answers.claim(transaction, login, key, wanted, request.app[PARTS].now())
    if kept is not None:
        return _again(kept, wanted)
    claim = request[CLAIM] = Claim(login, key, secret=operation.secret)
    try:
        response = await _carried_out(request, handler, problem)
        if not claim.kept:
            async with database.transaction(EVERYTHING) as transaction:
                await claim.keep(transaction, response)
        claim.kept = True
        return response
    finally:
        if not claim.kept:
            async with database.transaction(EVERYTHING) as transaction:
                await answers.release(transaction, login, key)


async def _carried_out(
    request: web.Request, handler: Handler, problem: Callable[[ProblemError], web.Response]
) -> web.Response:
    """The answer that is to be kept; errors that may pass are raised instead."""
    try:
        response = await handler(request)
    except ProblemError as error:
        status = TABLE[error.code][0]
        if status >= 500 or status in _TRANSIENT:
            raise
        return problem(error)
    if not isinstance(response, web.Response):
        raise TypeError(f"{request.method} {request.path} answers with a stream, which cannot be kept")
    return response
