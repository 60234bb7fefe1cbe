"""The built pages: the wall, the inbox, registration and sign-in."""

import re
from pathlib import Path

from aiohttp import web

from ioc.api.guard import BUILT, DOORS, SECURITY, WORKER
from ioc.api.inlined import POLICY, policy_of
from ioc.api.parts import PARTS
from ioc.api.problems import TABLE, ProblemError

_ASSET = re.compile(r"(?:[A-Za-z0-9_@ -][A-Za-z0-9._@ -]*/)*[A-Za-z0-9_@ -][A-Za-z0-9._@ -]*\Z")
_ROOT_FILES = ("favicon.ico", "favicon.svg", "manifest.webmanifest")
_INLINED = "/inbox"
_PAGES = {"/": "index.html"} | {path: f"{path[1:]}.html" for path in sorted(BUILT | DOORS)}


def _not_built() -> web.Response:
    status, vi, en = TABLE["wall-not-built"]
    return web.Response(status=status, text=f"{vi}\n{en}\n", headers={"Cache-Control": "no-store"})


def _file(path: Path, caching: str) -> web.StreamResponse:
    if not path.is_file():
        raise ProblemError("not-found")
    return web.FileResponse(path, headers={"Cache-Control": caching})


async def page(request: web.Request) -> web.StreamResponse:
    """A page; the wall itself stands in for one that is not built on its own."""
    folder, name = request.app[PARTS].wall, _PAGES[request.path]
    path = folder / name
    if not path.is_file() and name != "signin.html":
        path = folder / "index.html"
    if not path.is_file():
        return _not_built()
    if request.path == _INLINED:
        request[POLICY] = policy_of(path, SECURITY["Content-Security-Policy"])
    return _file(path, "private, no-cache")


async def asset(request: web.Request) -> web.StreamResponse:
    """`/assets/*`: names carry a digest of the content, so they never change."""
    name = request.match_info["name"]
    if not _ASSET.match(name):
        raise ProblemError("not-found")
    return _file(request.app[PARTS].wall / "assets" / name, "public, max-age=31536000, immutable")


async def root_file(request: web.Request) -> web.StreamResponse:
    """Icons and the manifest."""
    return _file(request.app[PARTS].wall / request.path[1:], "public, max-age=3600")


async def worker(request: web.Request) -> web.StreamResponse:
    """The script behind the inbox: asked for anew each time, so that a newer page reaches the phone."""
    return _file(request.app[PARTS].wall / request.path[1:], "no-cache")


def routes(app: web.Application) -> None:
    """Add the pages to an application."""
    for path in _PAGES:
        app.router.add_get(path, page)
    for name in _ROOT_FILES:
        app.router.add_get(f"/{name}", root_file)
    app.router.add_get(WORKER, worker)
    app.router.add_get("/assets/{name:.+}", asset)
