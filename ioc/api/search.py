"""The search: places, administrative units of now and of before, devices, cameras, incidents, tickets, coordinates.

Everything is read under the reader's scope: what he may not see is not there, in no count and no order.
"""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import msgspec
import orjson
from aiohttp import web

from gis.position import Position
from ioc import finding
from ioc.api.answer import said
from ioc.api.caller import CALLER
from ioc.api.models_search import FoundOf, SearchOf
from ioc.api.parts import PARTS
from ioc.api.query import Query, bad
from ioc.api.surface import Operation, describe
from ioc.data import places
from ioc.finding import Found
from ioc.store import finding as stored
from ioc.store.database import Transaction

LIMIT, MOST = 20, 50


@cache
def populated() -> tuple[Found, ...]:
    """The populated places of the base map."""
    features = orjson.loads(places.basemap("places"))["features"]
    return tuple(_populated(one["properties"], one["geometry"]["coordinates"]) for one in features)


def _populated(about: dict[str, Any], at: list[float]) -> Found:
    names = tuple(name for name in (about["name"], about.get("name_en")) if name)
    return Found(kind="place", id=about["name"], names=names, state=about.get("kind"), position=(at[0], at[1]))


def of_places(sought: Sequence[str], known: Sequence[Found]) -> list[Found]:
    """Those of which one name has all words."""
    return [one for one in known if any(finding.rank(finding.fold(name), sought) is not None for name in one.names)]


def pair(at: Position, within: str) -> Found:
    """A place that was written as coordinates."""
    return Found(
        kind="place",
        id=f"{at.lat:g},{at.lon:g}",
        names=(f"{at.lat:g}, {at.lon:g}",),
        detail=within,
        position=(at.lon, at.lat),
        state="coordinates",
    )


def model(one: Found) -> FoundOf:
    """As the answer tells it."""
    bilingual = one.kind in ("incident", "place") and len(one.names) > 1
    return FoundOf(
        kind=one.kind,  # type: ignore[arg-type]
        id=one.id,
        name=one.names[0],
        name_en=one.names[1] if bilingual else None,
        detail=one.detail,
        position=one.position,
        state=one.state,
        severity=one.severity,  # type: ignore[arg-type]
        until=one.until,
        successors=list(one.successors),
    )


async def found(transaction: Transaction, text: str, day: dt.date, limit: int) -> list[Found]:
    """What fits a text, the best first."""
    at = finding.position_of(text)
    if at is not None:
        return [pair(at, await stored.around(transaction, at, day))]
    number, sought = finding.number_of(text), finding.words(text)
    everything = [] if number is None else await stored.tickets(transaction, number)
    if sought:
        everything += of_places(sought, populated())
        everything += await stored.areas(transaction, sought, day, limit)
        everything += await stored.devices(transaction, sought, limit)
        everything += await stored.cameras(transaction, sought, limit)
        everything += await stored.incidents(transaction, sought, limit)
    return finding.ordered(everything, sought, limit)


async def search(request: web.Request) -> web.Response:
    """`GET /api/v1/search?q=&limit=`."""
    parts = request.app[PARTS]
    query = Query(request.rel_url.query, {"q", "limit"})
    text, limit = query.text("q") or "", query.whole("limit", LIMIT, 1, MOST)
    if len(text) > finding.LONGEST:
        raise bad("q", f"≤ {finding.LONGEST}")
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        answer = await found(transaction, text, parts.here().date(), limit)
    return said(SearchOf(found=[model(one) for one in answer]))


def routes(app: web.Application) -> None:
    """Add the search to an application."""
    app.router.add_get("/api/v1/search", search)
    describe(
        app,
        Operation(
            method="GET",
            path="/api/v1/search",
            vi="Tìm nơi, đơn vị hành chính, trạm, camera, sự cố, phiếu",
            en="Find a place, an administrative unit, a device, a camera, an incident, a ticket",
            query={
                "q": Annotated[str, msgspec.Meta(max_length=finding.LONGEST)],
                "limit": Annotated[int, msgspec.Meta(ge=1)],
            },
            needs=("q",),
            answers={200: SearchOf},
        ),
    )
