"""What every request passes: who asks, from where, how often and for what; and how errors and headers leave."""

import asyncio
import inspect
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import web
from multidict import CIMultiDict

from ioc.api import checks, idempotency
from ioc.api.caller import CALLER, CALLERS, Caller
from ioc.api.inlined import POLICY
from ioc.api.limits import DEADLINE, DEADLINE_S, LARGEST_BODY, Buckets
from ioc.api.parts import PARTS, REFUSED, Parts
from ioc.api.problems import TABLE, ProblemError, answer, code_of_status, language_of
from ioc.api.surface import SURFACE, Operation
from ioc.api.tally import TALLY
from ioc.store.away import AWAY

LOG = logging.getLogger("ioc.api")

WORKER = "/inbox-worker.js"
"""The script that keeps the inbox readable offline: it fetches, so it needs the policy of pages."""

PUBLIC = frozenset(
    {
        "/healthz",
        "/signin",
        "/invite",
        "/favicon.ico",
        "/favicon.svg",
        "/manifest.webmanifest",
        WORKER,
        "/api/docs.css",
    }
)
BUILT = frozenset(
    {
        "/inbox", "/registry", "/account", "/people", "/audit", "/cameras", "/quality", "/rules", "/policy", "/duty",
        "/messages", "/figures", "/charts",
    }
)  # fmt: skip
"""Pages of the build beside the wall, for who has signed in (`ioc/api/wall.py`)."""

PAGES = BUILT | {"/", "/api/docs"}
"""Pages of who is signed in: a stranger is led to the door, and what is loaded again keeps the policy of pages."""
DOORS = frozenset({"/signin", "/invite"})
"""Pages for strangers."""

WHILE_AWAY = frozenset({"/readyz", "/metrics"})
"""Told to those who were signed in before PostgreSQL went away: that it is away, and what waits for it."""

SESSION = "/api/v1/session"
INVITE = "/api/v1/invite"
ENROL = ("/api/v1/enrol", "/api/v1/enrol/collect")
"""A device says its one-time code here, and later the secret of its ticket."""
RECEIPTS = "/api/v1/receipts/"
"""Gateways say here what became of a sending: the word behind it is all that they know."""

BUCKETS: web.AppKey[Buckets] = web.AppKey("buckets", Buckets)
HEAVY: web.AppKey[asyncio.Semaphore] = web.AppKey("heavy", asyncio.Semaphore)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSALS = frozenset({401, 403, 429})

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(self), usb=()"
    ),
}
"""Of every answer. What is no page gets `DATA_POLICY` instead of the policy of pages."""

PLACED = SECURITY["Permissions-Policy"].replace("geolocation=()", "geolocation=(self)")
"""Of pages that ask a phone where it is, which asks its person: how far it is to a place, where a device hangs."""

PLACING = frozenset({"/inbox", "/registry", "/signin"})
"""Those pages."""

DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
_OF_PAGES = CIMultiDict(SECURITY)
_OF_DATA = CIMultiDict(SECURITY | {"Content-Security-Policy": DATA_POLICY})
TLS_ONLY = "max-age=31536000; includeSubDomains"

AWAY_EVERY_S = 60.0
"""Seconds between two lines that say that PostgreSQL is away, however many requests are refused for it."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AwayLog:
    """Says at most once a minute that PostgreSQL is away: a line and a trace for every request would bury the rest."""

    def __init__(self) -> None:
        self._next = -math.inf
        self._unsaid = 0

    def note(self, what: str, error: BaseException, at: float) -> None:
        """A request was answered 503 at `at` (monotonic, seconds)."""
        self._unsaid += 1
        if at < self._next:
            return
        why = type(error).__name__
        LOG.warning("PostgreSQL is away (%s): %d requests got 503, the last was %s", why, self._unsaid, what)
        self._next, self._unsaid = at + AWAY_EVERY_S, 0


AWAY_LOG: web.AppKey[AwayLog] = web.AppKey("away_log", AwayLog)


def is_public(method: str, path: str) -> bool:
    """Whether strangers may ask for this."""
    posted = path in (SESSION, INVITE, *ENROL) or path.startswith(RECEIPTS)
    return path in PUBLIC or path.startswith("/assets/") or (posted and method == "POST")


def own_origin(request: web.Request) -> bool:
    """Whether the Origin header names this server; other ports of the host are others."""
    origin = request.headers.get("Origin", "")
    public = request.app[PARTS].settings.public_url
    if public:
        return origin.rstrip("/").lower() == public.rstrip("/").lower()
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == request.host.lower() != ""


def over_tls(request: web.Request, parts: Parts) -> bool:
    """Whether the reader's connection is encrypted, here or by the proxy in front."""
    return request.secure or parts.settings.secure_cookies or parts.settings.public_url.startswith("https:")


def _spend(request: web.Request, operation: Operation | None, caller: Caller | None) -> None:
    """Take the request from a budget. Problem 429 with the time to wait when it is used up."""
    limits, buckets, at = request.app[PARTS].limits, request.app[BUCKETS], time.monotonic()
    if caller is None:
        wait = buckets.take("address", request.remote or "", limits.address, at)
    else:
        kind = "read" if operation is None else operation.budget
        wait = buckets.take(kind, caller.person.login, limits.of(kind), at)
    if wait > 0:
        seconds = math.ceil(wait)
        raise ProblemError("too-many-requests", headers={"Retry-After": str(seconds)}, seconds=seconds)


async def _admit(request: web.Request, operation: Operation | None) -> None:
    """Find out who asks. Problem for a stranger and for a change that another site asks for."""
    foreign = "Origin" in request.headers and not own_origin(request)
    if is_public(request.method, request.path):
        if request.path in (SESSION, INVITE) and foreign:
            raise ProblemError("foreign-origin")
        if not request.path.startswith("/assets/"):
            _spend(request, operation, None)
        return
    caller = await _caller(request)
    if caller is None:
        _spend(request, operation, None)
        raise ProblemError("sign-in-needed", headers={"WWW-Authenticate": 'Bearer realm="ioc"'})
    request[CALLER] = caller
    _spend(request, operation, caller)
    if request.method not in _SAFE and caller.by_cookie and not own_origin(request):
        raise ProblemError("foreign-origin")


async def _caller(request: web.Request) -> Caller | None:
    """Who asks. While nobody can be asked, those who were known before still hear how the parts are."""
    callers = request.app[CALLERS]
    try:
        return await callers.identify(request)
    except AWAY:
        caller = callers.remembered(request) if request.path in WHILE_AWAY else None
        if caller is None:
            raise
        return caller


def _said(request: web.Request, problem: ProblemError) -> web.Response:
    """A problem in the reader's language: the request's, else the person's, else the installation's."""
    caller = request.get(CALLER)
    default = request.app[PARTS].settings.language if caller is None else caller.person.language
    return answer(problem, language_of(request.headers.get("Accept-Language", ""), default))


@asynccontextmanager
async def _room(request: web.Request, operation: Operation) -> AsyncIterator[None]:
    """Room in memory for a body; a small one needs none."""
    size = request.content_length
    if not operation.largest or (size is not None and size <= LARGEST_BODY):
        yield
        return
    async with request.app[HEAVY]:
        yield


async def _carried_out(request: web.Request, operation: Operation | None, handler: Handler) -> web.StreamResponse:
    if operation is None:
        return await handler(request)
    if operation.method == "GET" and (operation.endless or operation.cost == "cheap"):
        await checks.operation(request, operation)  # cheap ones wait for the database alone, which has a deadline
        return await handler(request)
    if operation.largest:
        request = request.clone(client_max_size=operation.largest)
    try:
        async with asyncio.timeout(DEADLINE_S) as limit, _room(request, operation):
            request[DEADLINE] = limit
            await checks.operation(request, operation)
            return await idempotency.once(request, operation, handler, lambda problem: _said(request, problem))
    except TimeoutError:
        if not limit.expired():
            raise
        raise ProblemError("too-slow", headers={"Retry-After": "5"}) from None


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The handler's answer, or the problem that stopped it."""
    operation = request.app[SURFACE].of(request)
    try:
        checks.head(request, operation)
        await _admit(request, operation)
        return await _carried_out(request, operation, handler)
    except ProblemError as error:
        problem = error
    except web.HTTPRedirection:
        raise
    except web.HTTPMethodNotAllowed as error:
        allow = ", ".join(sorted({*error.allowed_methods, "OPTIONS"}))
        if request.method == "OPTIONS":
            return web.Response(status=204, headers={"Allow": allow})
        problem = ProblemError("wrong-method", headers={"Allow": allow})
    except web.HTTPException as error:
        problem = ProblemError(code_of_status(error.status))
    except AWAY as error:
        request.app[AWAY_LOG].note(f"{request.method} {_route(request)}", error, time.monotonic())
        problem = ProblemError("away", headers={"Retry-After": "3"})
    except Exception:
        LOG.exception("%s %s failed", request.method, _route(request))
        problem = ProblemError("internal")
    if problem.code == "sign-in-needed" and request.path in PAGES and request.method in ("GET", "HEAD"):
        # One of our own pages by its name; browsers carry the hash over, as this address has none of its own.
        back = "" if request.path == "/" else f"?page={request.path[1:]}"
        return web.Response(status=303, headers={"Location": f"/signin{back}", "Cache-Control": "no-store"})
    await _tell(request, problem.code)
    return _said(request, problem)


def _route(request: web.Request) -> str:
    """The pattern that a request matched; addresses themselves are not written to logs."""
    resource = request.match_info.route.resource
    return "unknown" if resource is None else resource.canonical


async def _tell(request: web.Request, code: str) -> None:
    """Report a refusal; what goes wrong there does not change the answer."""
    status = TABLE[code][0]
    if status not in _REFUSALS:
        return
    request[REFUSED] = code
    caller = request.get(CALLER)
    try:
        told = request.app[PARTS].on_refusal(request, status, None if caller is None else caller.person)
        if inspect.isawaitable(told):
            await told
    except Exception:
        LOG.exception("a refusal could not be reported")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The one middleware."""
    started = time.perf_counter()
    response = await _answered(request, handler)
    request.app[TALLY].add(request.method, _route(request), response.status, time.perf_counter() - started)
    return response


async def headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal of every answer, streams too: what browsers must know."""
    sent = response.headers
    sent.pop("Server", None)
    # A worker's script brings its own policy: without the page's, the map's worker may fetch nothing.
    pages = response.content_type == "text/html" or request.path.startswith("/assets/") or request.path == WORKER
    # A browser puts the headers of "not modified" over those of the page that it kept.
    pages = pages or (response.status == 304 and request.path in PAGES | DOORS)
    sent.update(_OF_PAGES if pages else _OF_DATA)
    if (policy := request.get(POLICY)) is not None and pages:
        sent["Content-Security-Policy"] = policy
    if pages and request.path in PLACING:
        sent["Permissions-Policy"] = PLACED
    if over_tls(request, request.app[PARTS]):
        sent["Strict-Transport-Security"] = TLS_ONLY
    if CALLER in request:
        sent.setdefault("Cache-Control", "private, no-cache")
        more = sent.get("Vary", "")
        sent["Vary"] = "Cookie, Authorization" + (f", {more}" if more else "")
