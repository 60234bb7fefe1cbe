"""What every request passes: who asks, from where, and how errors and headers leave."""

import logging
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from ioc.api.caller import CALLER, CALLERS
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError, answer, code_of_status, language_of
from ioc.api.tally import TALLY
from ioc.store.away import AWAY

LOG = logging.getLogger("ioc.api")

PUBLIC = frozenset({"/healthz", "/signin", "/invite", "/favicon.ico", "/favicon.svg", "/manifest.webmanifest"})
PAGES = frozenset({"/", "/inbox", "/registry", "/account", "/people"})
SESSION = "/api/v1/session"
INVITE = "/api/v1/invite"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_public(method: str, path: str) -> bool:
    """Whether strangers may ask for this."""
    return path in PUBLIC or path.startswith("/assets/") or (path in (SESSION, INVITE) and method == "POST")


def own_origin(request: web.Request) -> bool:
    """Whether the Origin header names this server; other ports of the host are others."""
    origin = request.headers.get("Origin", "")
    public = request.app[PARTS].settings.public_url
    if public:
        return origin.rstrip("/").lower() == public.rstrip("/").lower()
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == request.host.lower() != ""


async def _admit(request: web.Request) -> None:
    """Find out who asks. Problem for a stranger and for a change that another site asks for."""
    if any(ord(letter) < 32 or "\ud800" <= letter <= "\udfff" for letter in request.path):
        raise ProblemError("not-found")
    foreign = "Origin" in request.headers and not own_origin(request)
    if is_public(request.method, request.path):
        if request.path in (SESSION, INVITE) and foreign:
            raise ProblemError("foreign-origin")
        return
    caller = await request.app[CALLERS].identify(request)
    if caller is None:
        raise ProblemError("sign-in-needed", headers={"WWW-Authenticate": 'Bearer realm="ioc"'})
    if request.method not in _SAFE and caller.by_cookie and not own_origin(request):
        raise ProblemError("foreign-origin")
    request[CALLER] = caller


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The handler's answer, or the problem that stopped it."""
    try:
        await _admit(request)
        return await handler(request)
    except ProblemError as error:
        problem = error
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        problem = ProblemError(code_of_status(error.status), headers=kept)
    except AWAY:
        LOG.warning("%s %s: PostgreSQL is away", request.method, request.path, exc_info=True)
        problem = ProblemError("away", headers={"Retry-After": "3"})
    except Exception:
        LOG.exception("%s %s failed", request.method, request.path)
        problem = ProblemError("internal")
    if problem.code == "sign-in-needed" and request.path in PAGES and request.method in ("GET", "HEAD"):
        return web.Response(status=303, headers={"Location": "/signin", "Cache-Control": "no-store"})
    default = request.app[PARTS].settings.language
    return answer(problem, language_of(request.headers.get("Accept-Language", ""), default))


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The one middleware."""
    started = time.perf_counter()
    response = await _answered(request, handler)
    resource = request.match_info.route.resource
    route = "unknown" if resource is None else resource.canonical
    request.app[TALLY].add(request.method, route, response.status, time.perf_counter() - started)
    return response


async def headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal of every answer, streams too: what browsers must know."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers.pop("Server", None)
    if CALLER in request:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers["Vary"] = "Cookie, Authorization"
