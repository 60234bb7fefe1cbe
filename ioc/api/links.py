"""`GET /api/v1/centres/state`: how each centre is linked, which the wall shows in a strip.

The stream has a word for it (`link`), but nothing tells of it yet: the state is judged here from what arrived, and
asked for now and then.
"""

import asyncio
import datetime as dt
import time

import msgspec
from aiohttp import web

from ioc.access.scope import Scope
from ioc.api.answer import said
from ioc.api.caller import CALLER
from ioc.api.models import Code
from ioc.api.parts import PARTS
from ioc.api.query import Query
from ioc.api.surface import May, Operation, describe
from ioc.store import links as store
from ioc.store.links import Link, LinkState

PATH = "/api/v1/centres/state"
BELIEVED_S = 5.0
"""Seconds for which an answer is believed for all who have the same scope: every wall asks, and few scopes differ."""


class CentreState(msgspec.Struct, frozen=True):
    """A centre's stations: how many there are, are heard, are overdue, are suspended; when the newest reading came.

    `link`: `live` while one station is heard, `late` while one is overdue and none is heard, `silent` when none is
    heard, `none` where there is nothing to hear.
    """

    code: Code
    link: LinkState
    devices: int
    fresh: int
    stale: int
    suspended: int
    heard_at: dt.datetime | None


class CentreStates(msgspec.Struct, frozen=True):
    """The centres of the reader's scope that have stations; `at` is when this was judged."""

    at: dt.datetime
    centres: list[CentreState]


def shown(link: Link) -> CentreState:
    """A centre as it is told."""
    fields = msgspec.structs.asdict(link)
    return CentreState(code=fields.pop("centre"), link=link.state, **fields)


class Links:
    """The last answers by scope."""

    def __init__(self) -> None:
        self._kept: dict[Scope, tuple[float, CentreStates]] = {}
        self._asking = asyncio.Lock()

    async def of(self, app: web.Application, scope: Scope) -> CentreStates:
        """How the centres of a scope are linked, at most BELIEVED_S old."""
        async with self._asking:
            until, answer = self._kept.get(scope, (0.0, None))
            if answer is not None and time.monotonic() < until:
                return answer
            async with app[PARTS].database.transaction(scope, read_only=True) as transaction:
                found = await store.links(transaction)
            answer = CentreStates(at=app[PARTS].now(), centres=[shown(link) for link in found])
            at = time.monotonic()
            self._kept = {known: kept for known, kept in self._kept.items() if kept[0] > at}
            self._kept[scope] = (at + BELIEVED_S, answer)
            return answer


LINKS: web.AppKey[Links] = web.AppKey("links", Links)


async def states(request: web.Request) -> web.Response:
    """How the centres of the reader's scope are linked."""
    Query(request.rel_url.query, set())
    return said(await request.app[LINKS].of(request.app, request[CALLER].scope))


def routes(app: web.Application) -> None:
    """Add the route and describe it."""
    app[LINKS] = Links()
    app.router.add_get(PATH, states)
    describe(
        app,
        Operation(
            method="GET",
            path=PATH,
            vi="Tình trạng kết nối của từng trung tâm",
            en="How each centre is linked",
            answers={200: CentreStates},
            may=May("see", "device"),
        ),
    )
