"""Builds the HTTP application from the parts it is handed, and serves it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from ioc.api import (
    account,
    area_releases,
    areas,
    audit,
    availability,
    basemap,
    camera_addresses,
    checklists,
    comments,
    contacts,
    docs,
    duties,
    endpoints,
    enrol,
    enrolments,
    gaps,
    guard,
    holds,
    inbox,
    incidents,
    invite,
    items,
    keys,
    layouts,
    letters,
    links,
    listing,
    listing_imports,
    listing_people,
    listing_register,
    listing_rules,
    live,
    live_view,
    matches,
    media,
    messages,
    notices,
    notifications,
    ogc,
    past,
    people,
    probe,
    push,
    quality,
    register_keys,
    report_updates,
    reports,
    search,
    session,
    silences,
    status,
    steps,
    teams,
    ticket_figures,
    ticket_policy,
    ticket_steps,
    tickets,
    tiles,
    units,
    uploads,
    verdicts,
    wall,
)
from ioc.api.bell import ringing
from ioc.api.caller import CALLERS, Callers
from ioc.api.limits import HEAVY_AT_ONCE, LARGEST_BODY, LARGEST_FIELD, Buckets
from ioc.api.parts import PARTS, Parts
from ioc.api.surface import SURFACE, Surface
from ioc.api.tally import TALLY, Tally
from ioc.api.wire import Runner

_STOPS_WITHIN_S = 5.0


def build(parts: Parts) -> web.Application:
    """The application. Nothing runs yet; see `running`."""
    app = web.Application(middlewares=[guard.guard], client_max_size=LARGEST_BODY)
    app[PARTS] = parts
    app[TALLY] = Tally()
    app[SURFACE] = Surface()
    app[guard.BUCKETS] = Buckets()
    app[guard.HEAVY] = asyncio.Semaphore(HEAVY_AT_ONCE)
    app[guard.AWAY_LOG] = guard.AwayLog()
    app[CALLERS] = Callers(parts.database, parts.now)
    app.on_response_prepare.append(guard.headers)
    rooms = (wall, session, account, invite, people, areas, live, incidents, media, status, audit, letters)
    features = (tiles, items, ogc)  # of one beginning, so tried in turn: first what a map asks for by the hundred
    told = (reports, notices, silences, quality, listing_rules)
    work = (steps, matches, comments, checklists, verdicts, uploads, inbox, tickets, ticket_steps)
    figures = (ticket_figures, report_updates)
    duty = (units, teams, duties, ticket_policy, endpoints, push)
    telling = (notifications, contacts, messages)
    registration = (area_releases, listing_register, listing_imports, enrolments, enrol, availability)
    trusted = (keys, register_keys)
    watched = (probe, camera_addresses)
    more = (past, search, layouts, live_view, gaps, links, holds, docs, listing, listing_people, basemap)
    for room in (*rooms, *features, *more, *told, *work, *figures, *duty, *telling, *registration, *trusted, *watched):
        room.routes(app)
    return app


@asynccontextmanager
async def running(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve until the body ends; gives the port (a free one for 0). Open streams end first.

    OSError when the port is taken. The board's `run` is the caller's to start.
    """
    runner = Runner(app, access_log=None, shutdown_timeout=_STOPS_WITHIN_S, max_field_size=LARGEST_FIELD)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        async with ringing(app), asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(app[CALLERS].watch(), name="sessions")
            try:
                yield int(runner.addresses[0][1])
            finally:
                watch.cancel()
                app[CALLERS].end_all()
    finally:
        await runner.cleanup()
