"""Alive, ready, figures, and the description of this surface."""

import logging
from collections.abc import Mapping

from aiohttp import web

from ioc.api import gaps, holds, letters, matches, messages, openapi, silences
from ioc.api.caller import CALLER
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.surface import SURFACE
from ioc.api.tally import TALLY
from ioc.store import registry

log = logging.getLogger(__name__)

CAMERAS = "cameras"
"""The part that tells of each camera, and its figure that does."""

FEEDS = "feeds"
"""The part that tells of each feed, and its figure that does."""


async def alive(request: web.Request) -> web.Response:
    """`GET /healthz`: this process answers."""
    return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})


async def ready(request: web.Request) -> web.Response:
    """`GET /readyz`: 200 when every part works, else 503; the state of each part."""
    works, parts = await request.app[PARTS].ready()
    told = {name: {key: one for key, one in state.items() if key != CAMERAS} for name, state in parts.items()}
    response = said({"ready": works, "parts": told})
    response.set_status(200 if works else 503)
    return response


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: this process's own figures, what is missing, refused or muted, and what each part told last."""
    parts = request.app[PARTS]
    counters = {
        **parts.counters(),
        **await gaps.figures(request),
        **await letters.figures(request),
        **await holds.figures(request),
        **await silences.figures(request),
        **await matches.figures(request),
        **await messages.figures(request),
    }
    lines = [*request.app[TALLY].lines(counters), *await _told(request)]
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", charset="utf-8")


async def _told(request: web.Request) -> list[str]:
    """The whole numbers of all parts; none while the database, where they stand, is away."""
    try:
        _, states = await request.app[PARTS].ready()
        cameras = await _of_cameras(request, states.get(CAMERAS, {}).get(CAMERAS, {}))
    except Exception as error:
        log.warning("the figures of the parts cannot be read (%s)", type(error).__name__)
        return []
    return (
        ["# TYPE ioc_part gauge"]
        + [
            f'ioc_part{{part="{part}",figure="{figure}"}} {int(value)}'
            for part, state in sorted(states.items())
            for figure, value in sorted(state.items())
            if isinstance(value, int)
        ]
        + cameras
        + _of_feeds(states.get(FEEDS, {}).get(FEEDS, {}))
    )


def _of_feeds(figures: Mapping[str, Mapping[str, int]]) -> list[str]:
    """How each feed of agencies stands, and what it brought."""
    if not figures:
        return []
    return ["# TYPE ioc_feed gauge"] + [
        f'ioc_feed{{feed="{code}",figure="{figure}"}} {value}'
        for code in sorted(figures)
        for figure, value in sorted(figures[code].items())
    ]


async def _of_cameras(request: web.Request, figures: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What was done for each camera that the reader may see."""
    if not figures:
        return []
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        seen = await registry.load_cameras(transaction)
    return ["# TYPE ioc_camera gauge"] + [
        f'ioc_camera{{camera="{code}",figure="{figure}"}} {value}'
        for code in sorted(seen.keys() & figures.keys())
        for figure, value in sorted(figures[code].items())
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
