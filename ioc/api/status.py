"""Alive, ready, figures, and the description of this surface."""

from aiohttp import web

from ioc.api import gaps, openapi
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.surface import SURFACE
from ioc.api.tally import TALLY


async def alive(request: web.Request) -> web.Response:
    """`GET /healthz`: this process answers."""
    return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})


async def ready(request: web.Request) -> web.Response:
    """`GET /readyz`: 200 when every part works, else 503; the state of each part."""
    works, parts = await request.app[PARTS].ready()
    response = said({"ready": works, "parts": dict(parts)})
    response.set_status(200 if works else 503)
    return response


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`."""
    counters = {**request.app[PARTS].counters(), **await gaps.figures(request)}
    lines = request.app[TALLY].lines(counters)
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", charset="utf-8")


async def definition(request: web.Request) -> web.Response:
    """`GET /api/v1/openapi.json`."""
    surface = request.app[SURFACE]
    return said(openapi.document(surface))


def routes(app: web.Application) -> None:
    """Add them to an application."""
    get = app.router.add_get
    get("/healthz", alive)
    get("/readyz", ready)
    get("/metrics", metrics)
    get("/api/v1/openapi.json", definition)
