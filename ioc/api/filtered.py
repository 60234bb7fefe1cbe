"""Filters of requests (OGC API - Features, Part 3, 19-079r2): `filter`, `filter-lang` and `filter-crs`."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

from aiohttp import web

from gis import cql2, filters
from gis.filter_shapes import Axes
from gis.filter_tree import Expression, FilterError
from gis.layer import Layer
from ioc.api.query import Query, bad, system
from ioc.store.database import Transaction
from ioc.store.filtering import CostlyFilterError, bounded

PARAMETERS = ("filter", "filter-lang", "filter-crs")

AT_ONCE = 4
"""Requests with a filter that PostgreSQL works on at once; others wait within their deadline. Each may take seconds,
and must leave connections to those who sign in and look at the wall."""

TURN: web.AppKey[asyncio.Semaphore] = web.AppKey("filtered", asyncio.Semaphore)


def where_of(layer: Layer, query: Query, zone: dt.tzinfo) -> Expression | None:
    """What a filter asks for, None without one. Problem with the filter's own sentence."""
    text, language = query.text("filter"), query.text("filter-lang") or cql2.LANGUAGES[0]
    crs = system("filter-crs", query.text("filter-crs"))
    if language not in cql2.LANGUAGES:
        raise bad("filter-lang", " | ".join(cql2.LANGUAGES))
    if text is None:
        return None
    axes = Axes(proj=crs.proj, north_first=crs.swapped)
    try:
        return filters.check(layer, cql2.parse(text, language), zone=zone, axes=axes)
    except FilterError as error:
        raise bad("filter", str(error)) from error


@contextmanager
def understood() -> Iterator[None]:
    """Problem when finding what a filter asks for takes too long, or cannot be worked out."""
    try:
        yield
    except (FilterError, CostlyFilterError) as error:
        raise bad("filter", str(error)) from error


@asynccontextmanager
async def patient(transaction: Transaction, where: Expression | None) -> AsyncIterator[None]:
    """Read under a filter within its time. Problem when it takes longer, or cannot be worked out."""
    with understood():
        async with bounded(transaction) if where is not None else nullcontext():
            yield


@asynccontextmanager
async def in_turn(app: web.Application, where: Expression | None) -> AsyncIterator[None]:
    """Wait, before a connection is taken, until fewer than AT_ONCE read under a filter; without one, not at all."""
    async with app[TURN] if where is not None else nullcontext():
        yield
