"""How units stand in a span of days: figures by unit, category or severity, the tickets behind each, and CSV."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec
from aiohttp import web

from ioc import catalogue
from ioc.api import deeds
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.models_figures import AllBehind, BehindOf, Figure, FiguresOf, TimesOf, UnitFigures
from ioc.api.parts import PARTS
from ioc.api.quality import written
from ioc.api.query import Query, bad, interval
from ioc.api.surface import Answer, May, Operation, describe
from ioc.store import ticket_figures, ticket_policies
from ioc.store.database import Transaction
from ioc.store.ticket_figures import BYS, FIRST, By, Found, Wanted
from ioc.tickets.figures import Figures, Times
from ioc.tickets.words import SEVERITY

BASE = "/api/v1/ticket-figures"
DAYS_DEFAULT, DAYS_MOST = 7, 366
_LIMIT_DEFAULT, _LIMIT_MOST = 100, 1_000
_SPAN = {"from": str, "to": str, "unit": str, "category": str, "severity": str}
_SEVERITIES = {code: (vi.capitalize(), en.capitalize()) for code, (vi, en) in SEVERITY.items()}

Names = Mapping[str, tuple[str, str]]


def _zone(request: web.Request) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(request.app[PARTS].settings.timezone)


def _wanted(request: web.Request, query: Query) -> Wanted:
    """The span that is asked for; by default the last seven days of the centre, today included."""
    parts = request.app[PARTS]
    now, today = parts.now(), parts.here().replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = query.text("from"), query.text("to")
    since, until = interval(f"{first or '..'}/{last or '..'}", _zone(request)) if first or last else (None, None)
    until = until or now
    since = since or (today.astimezone(dt.UTC) if last is None else until) - dt.timedelta(days=DAYS_DEFAULT - 1)
    if since > until:
        raise bad("from", "from ≤ to")
    if until - since > dt.timedelta(days=DAYS_MOST):
        raise bad("from", f"to - from ≤ {DAYS_MOST} d")
    chosen = {name: query.text(name) or "" for name in ("unit", "category", "severity")}
    return Wanted(since=since, until=until + dt.timedelta(microseconds=1), as_of=now, **chosen)


def _by(query: Query) -> By:
    by = query.text("by") or "unit"
    if by not in BYS:
        raise bad("by", " | ".join(BYS))
    return by


async def _names(transaction: Transaction, by: By) -> Names:
    """What keys are called, in Vietnamese and in English."""
    if by == "unit":
        policy = await ticket_policies.current(transaction)
        return {one.code: (one.name, one.name_en) for one in policy.units}
    if by == "category":
        return {code: (titles.vi, titles.en) for code, titles in catalogue.wording().titles.items()}
    return _SEVERITIES


def _row(key: str, found: Figures, names: Names) -> UnitFigures:
    name, name_en = names.get(key, (key, key))
    plain: dict[str, Any] = {
        field: TimesOf(**msgspec.structs.asdict(value)) if isinstance(value, Times) else value
        for field, value in msgspec.structs.asdict(found).items()
    }
    return UnitFigures(key=key, name=name, name_en=name_en, **plain)


async def _found(request: web.Request, query: Query) -> FiguresOf:
    wanted, by = _wanted(request, query), _by(query)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        total, found = await ticket_figures.figures(transaction, wanted, by)
        names = await _names(transaction, by)
    return FiguresOf(
        since=wanted.since,
        until=wanted.until,
        as_of=wanted.as_of,
        by=by,
        total=_row("", total, {"": ("Tất cả", "All")}),
        rows=[_row(key, one, names) for key, one in found.items()],
    )


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/ticket-figures?from=&to=&by=unit|category|severity&unit=&category=&severity=`."""
    needs(request, "see", "ticket")
    return said(await _found(request, Query(request.rel_url.query, {*_SPAN, "by"})))


async def tickets(request: web.Request) -> web.Response:
    """`GET /api/v1/ticket-figures/tickets?figure=overdue` with the same filters: the tickets that a figure counts."""
    needs(request, "see", "ticket")
    query = Query(request.rel_url.query, {*_SPAN, "figure", "after", "limit"})
    figure = query.text("figure") or "received"
    if figure not in get_args(Figure):
        raise bad("figure", " | ".join(get_args(Figure)))
    limit, after, wanted = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST), _after(query), _wanted(request, query)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await ticket_figures.behind(transaction, wanted, figure, after, limit + 1)
    page = [_behind(one) for one in found[:limit]]
    last = f"{page[-1].received_at.isoformat()}/{page[-1].id}" if len(found) > limit else None
    return said(AllBehind(tickets=page, next=last))


def _behind(one: Found) -> BehindOf:
    plain = msgspec.structs.asdict(one)
    return BehindOf(id=plain.pop("ticket"), **plain)


def _after(query: Query) -> tuple[dt.datetime, uuid.UUID]:
    text = query.text("after")
    if text is None:
        return FIRST
    try:
        at, _, id = text.replace(" ", "+").partition("/")  # noqa: A001 - an unescaped + arrives as a blank
        moment = dt.datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return moment.astimezone(dt.UTC), uuid.UUID(id)
    except (ValueError, OverflowError) as error:
        raise bad("after", "next") from error


async def export(request: web.Request) -> web.Response:
    """`GET /api/v1/ticket-figures/export`: the figures as CSV (RFC 4180) in UTF-8."""
    needs(request, "export", "ticket")
    found = await _found(request, Query(request.rel_url.query, {*_SPAN, "by"}))
    first, last = (at.astimezone(_zone(request)).date().isoformat() for at in (found.since, found.until))
    await deeds.noted(request, "ticket_figures.export", "ticket", after={"by": found.by, "from": first, "to": last})
    return web.Response(
        body=written([_HEADS, *(_cells(one) for one in (*found.rows, found.total))]),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="ticket-figures-{first}-{last}.csv"'},
    )


_PHASES = tuple(name for name in UnitFigures.__struct_fields__ if name.startswith("to_"))
_PLAIN = tuple(name for name in UnitFigures.__struct_fields__ if not name.startswith("to_"))
_HEADS = (*_PLAIN, *(f"{name}_{part}" for name in _PHASES for part in TimesOf.__struct_fields__))


def _cells(one: UnitFigures) -> Sequence[Any]:
    phases = (value for name in _PHASES for value in msgspec.structs.astuple(getattr(one, name)))
    return (*(getattr(one, name) for name in _PLAIN), *phases)


def routes(app: web.Application) -> None:
    """Add the figures of units to an application."""
    for path, handler in (("", read), ("/tickets", tickets), ("/export", export)):
        app.router.add_get(BASE + path, handler)
    see, by = May("see", "ticket"), {"by": By}
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Số liệu xử lý phiếu theo đơn vị", en="How units stand", may=see,
            query=_SPAN | by, answers={200: FiguresOf}, problems=("bad-value",),
        ),
        Operation(
            method="GET", path=f"{BASE}/tickets", vi="Các phiếu của một số liệu", en="The tickets behind a figure",
            may=see, query=_SPAN | {"figure": Figure, "after": str, "limit": int}, answers={200: AllBehind},
            problems=("bad-value",),
        ),
        Operation(
            method="GET", path=f"{BASE}/export", vi="Số liệu xử lý phiếu, tệp CSV", en="The same as CSV",
            may=May("export", "ticket"), query=_SPAN | by, answers={200: Answer("text/csv")}, problems=("bad-value",),
        ),
    )  # fmt: skip
