"""Alive, ready, figures, and the description of this surface."""

import logging

from aiohttp import web

from ioc.api import gaps, holds, letters, openapi
from ioc.api.ogc import said
from ioc.api.parts import PARTS, Parts
from ioc.api.surface import SURFACE
from ioc.api.tally import TALLY

log = logging.getLogger(__name__)


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
    """`GET /metrics`: this process's own figures, what is missing or refused, and what each part told last."""
    parts = request.app[PARTS]
    counters = {
        **parts.counters(),
        **await gaps.figures(request),
        **await letters.figures(request),
        **await holds.figures(request),
    }
    lines = [*request.app[TALLY].lines(counters), *await _told(parts)]
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", charset="utf-8")


async def _told(parts: Parts) -> list[str]:
    """The whole numbers of all parts; none while the database, where they stand, is away."""
    try:
        _, states = await parts.ready()
    except Exception as error:
        log.warning("the figures of the parts cannot be read (%s)", type(error).__name__)
        return []
    return ["# TYPE ioc_part gauge"] + [
        f'ioc_part{{part="{part}",figure="{figure}"}} {int(value)}'
        for part, state in sorted(states.items())
        for figure, value in sorted(state.items())
        if isinstance(value, int)
    ]


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
