"""How good the alarms are: the kept figures of a span by day, the worst sources, and the same as CSV."""

import csv
import datetime as dt
import io
import zoneinfo
from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import msgspec
from aiohttp import web

from ioc.api import deeds
from ioc.api.answer import needs
from ioc.api.caller import CALLER
from ioc.api.models_quality import DayOf, FiguresOf, QualityOf, TargetsOf, WorstOf
from ioc.api.parts import PARTS
from ioc.api.query import Query, bad, interval
from ioc.api.surface import Answer, May, Operation, describe
from ioc.incidents.quality import HOUR, Figures, Hour, Targets, by_day, figures, slots
from ioc.store import alarm_quality
from ioc.store.alarm_quality import Span, Worst, hour_of

BASE = "/api/v1/alarm-quality"
DAYS_DEFAULT = 7
DAYS_MOST = 366

Table = Literal["days", "hours", "sources"]
_MOST_SOURCES = 1_000
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet may carry out (OWASP, CSV injection)."""


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    span: Span
    area: str
    hours: list[Hour]
    worst: list[Worst]


def _zone(request: web.Request) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(request.app[PARTS].settings.timezone)


def _span(request: web.Request, query: Query) -> Span:
    """The hours that are asked for, whole; by default the last seven days of the centre, today included."""
    here = request.app[PARTS].here()
    today = here.replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = query.text("from"), query.text("to")
    since, until = interval(f"{first or '..'}/{last or '..'}", _zone(request)) if first or last else (None, None)
    until = until or here.astimezone(dt.UTC)
    since = since or (today if last is None else until) - dt.timedelta(days=DAYS_DEFAULT - 1)
    if since > until:
        raise bad("from", "from ≤ to")
    if until - since > dt.timedelta(days=DAYS_MOST):
        raise bad("from", f"to - from ≤ {DAYS_MOST} d")
    return hour_of(since), hour_of(until) + HOUR


async def _found(request: web.Request, query: Query, most: int) -> _Found:
    span, area, caller = _span(request, query), query.text("area") or "", request[CALLER]
    async with request.app[PARTS].database.transaction(caller.scope, read_only=True) as transaction:
        if area and not await alarm_quality.knows(transaction, area):
            raise bad("area", "<code>@<valid_from>")
        hours = await alarm_quality.hours(transaction, span, area, caller.person.centre)
        worst = await alarm_quality.worst(transaction, span, area, most)
    return _Found(span=span, area=area, hours=hours, worst=worst)


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/alarm-quality?from=&to=&area=`: `from` and `to` are moments or days of the centre's zone."""
    needs(request, "see", "alarm")
    found = await _found(request, Query(request.rel_url.query, {"from", "to", "area"}), 10)
    hours, zone = found.hours, _zone(request)
    total = figures(hours, slots(hours))
    over = min(found.span[1], hour_of(request.app[PARTS].now()))
    body = QualityOf(
        first=hours[0].at if hours else None,
        last=hours[-1].at + HOUR if hours else None,
        area=found.area,
        zone=zone.key,
        missing=max(0, (over - found.span[0]) // HOUR - len(hours)),
        total=FiguresOf(**_plain(total)),
        days=[DayOf(day=day, **_plain(one)) for day, one in by_day(hours, zone)],
        worst=[_worst(one, total.alarms) for one in found.worst],
        worst_ten=sum(one.alarms for one in found.worst) / total.alarms if total.alarms else None,
        targets=msgspec.convert(Targets(), TargetsOf, from_attributes=True),
    )
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


def _plain(found: Figures) -> dict[str, Any]:
    severities = None if found.severities is None else list(found.severities)
    return msgspec.structs.asdict(found) | {"severities": severities}


def _worst(one: Worst, alarms: int) -> WorstOf:
    return WorstOf(**msgspec.structs.asdict(one), share=one.alarms / alarms if alarms else 0.0)


async def export(request: web.Request) -> web.Response:
    """`GET /api/v1/alarm-quality/export?table=days|hours|sources` with the same filters: CSV (RFC 4180) in UTF-8."""
    needs(request, "export", "alarm")
    query = Query(request.rel_url.query, {"from", "to", "area", "table"})
    table = query.text("table") or "days"
    if table not in get_args(Table):
        raise bad("table", " | ".join(get_args(Table)))
    found = await _found(request, query, _MOST_SOURCES)
    first, last = (at.astimezone(_zone(request)).date() for at in (found.span[0], found.span[1] - HOUR))
    asked = {"table": table, "from": first.isoformat(), "to": last.isoformat(), "area": found.area}
    await deeds.noted(request, "alarm_quality.export", "alarm", after=asked)
    name = f"alarm-quality-{table}-{first}-{last}.csv"
    return web.Response(
        body=written(_rows(table, found, _zone(request))),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _rows(table: str, found: _Found, zone: zoneinfo.ZoneInfo) -> list[Sequence[Any]]:
    if table == "sources":
        total = sum(sum(hour.alarms) for hour in found.hours)
        return [WorstOf.__struct_fields__, *(msgspec.structs.astuple(_worst(one, total)) for one in found.worst)]
    if table == "hours":
        parts = [("hour", hour.at, figures([hour], ten)) for hour, ten in _tens(found.hours)]
    else:
        parts = [("day", day, one) for day, one in by_day(found.hours, zone)]  # type: ignore[misc]
    names = [name for name in Figures.__struct_fields__ if name != "severities"]
    kinds = ("minor", "moderate", "severe", "extreme")
    lines = [
        (at.isoformat(), *(getattr(one, name) for name in names), *(one.severities or ("",) * len(kinds)))
        for _, at, one in parts
    ]
    return [("day" if table == "days" else "hour", *names, *kinds), *lines]


def _tens(hours: Sequence[Hour]) -> Iterable[tuple[Hour, Any]]:
    found = slots(hours)
    size = len(found) // len(hours) if hours else 0
    return ((hour, found[number * size : (number + 1) * size]) for number, hour in enumerate(hours))


def written(rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV that a spreadsheet shows and does not carry out: a text that begins like a formula gets an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float):
        return round(value, 6)
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_ACTIVE) else value


def routes(app: web.Application) -> None:
    """Add the quality of alarms to an application."""
    app.router.add_get(BASE, read)
    app.router.add_get(f"{BASE}/export", export)
    span = {"from": str, "to": str, "area": str}
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Chất lượng cảnh báo", en="How good the alarms are", may=May("see", "alarm"),
            query=span, answers={200: QualityOf}, problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{BASE}/export", vi="Chất lượng cảnh báo, tệp CSV", en="The same as CSV",
            may=May("export", "alarm"), query=span | {"table": Table}, answers={200: Answer("text/csv")},
            problems=("not-allowed",),
        ),
    )  # fmt: skip
