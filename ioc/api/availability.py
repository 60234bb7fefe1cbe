"""How much of a month devices and cameras worked: by unit, one by one, and the same as CSV."""

import asyncio
import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from ioc.api import deeds
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.models_availability import AvailabilityOf, ThingOf, UnitOf
from ioc.api.parts import PARTS
from ioc.api.quality import written
from ioc.api.query import Query, bad, storable
from ioc.api.surface import Answer, May, Operation, describe
from ioc.registration.availability import Figures, Month, Working, figures, month_of, silent_since
from ioc.store import availability
from ioc.store.availability import Named

BASE = "/api/v1/availability"
_LIMIT_DEFAULT, _LIMIT_MOST = 200, 5_000
_Counting = Annotated[int, msgspec.Meta(ge=1)]
_Natural = Annotated[int, msgspec.Meta(ge=0)]
_SUBJECTS = ("device", "camera")
_ALL = ("Tất cả", "All")
_GONE = Named(name="", kind="", state="", state_since=dt.datetime.min.replace(tzinfo=dt.UTC))

Key = tuple[str, str]
Spans = Mapping[Key, Sequence[Working]]


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    month: str
    span: Month
    spans: dict[Key, list[Working]]
    names: dict[Key, Named]
    centres: dict[str, tuple[str, str]]


def _month(request: web.Request, query: Query) -> tuple[str, Month]:
    parts = request.app[PARTS]
    zone, now = zoneinfo.ZoneInfo(parts.settings.timezone), parts.now()
    text = query.text("month") or parts.here().strftime("%Y-%m")
    try:
        first, last = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in month_of(text))
    except (ValueError, OverflowError) as error:
        raise bad("month", "YYYY-MM") from error
    return text, Month(first, last, now)


async def _found(request: web.Request, query: Query) -> _Found:
    month, span = _month(request, query)
    subject = query.text("subject") or ""
    if subject not in ("", *_SUBJECTS):
        raise bad("subject", " | ".join(_SUBJECTS))
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        centre, code = query.text("centre") or "", storable("code", query.text("code") or "")
        rows = await availability.spans(transaction, span.since, span.end, centre, subject, code)
        names = await availability.names(transaction)
        centres = await availability.centres(transaction)
    spans: dict[Key, list[Working]] = {}
    for row in rows:
        spans.setdefault((row.subject, row.code), []).append(row)
    return _Found(month=month, span=span, spans=spans, names=names, centres=centres)


def _plain(found: Figures) -> dict[str, Any]:
    plain = msgspec.structs.asdict(found) | {"share": found.share, "repair_s": found.repair_s}
    del plain["repairing_s"]
    return plain


def _things(found: _Found) -> list[ThingOf]:
    """Each thing, worst first; one that was of two centres counts where it was last."""
    made = [_thing(key, spans, found) for key, spans in found.spans.items()]
    return sorted(made, key=lambda one: (1.0 if one.share is None else one.share, -one.failures, one.code))


def _thing(key: Key, spans: Sequence[Working], found: _Found) -> ThingOf:
    named, of, lasts = found.names.get(key, _GONE), figures(spans, found.span), silent_since(spans)
    return ThingOf(
        subject=key[0],  # type: ignore[arg-type]
        code=key[1],
        name=named.name or key[1],
        kind=named.kind,
        centre=spans[-1].centre,
        state=named.state,
        failing_since=lasts.began if lasts else None,
        reason=lasts.reason if lasts else "",
        offends=of.offends,
        **_plain(of),
    )


def _units(found: _Found) -> tuple[list[UnitOf], UnitOf]:
    """Each centre, worst first, and all together; what changed its centre counts at each for its time there."""
    parts: dict[str, list[tuple[Figures, bool]]] = {}
    for spans in found.spans.values():
        for centre in dict.fromkeys(span.centre for span in spans):
            mine = [span for span in spans if span.centre == centre]
            parts.setdefault(centre, []).append((figures(mine, found.span), silent_since(mine) is not None))
    made = [_unit(centre, found.centres.get(centre, (centre, centre)), of) for centre, of in parts.items()]
    whole = [(figures(spans, found.span), silent_since(spans) is not None) for spans in found.spans.values()]
    return sorted(made, key=lambda one: (1.0 if one.share is None else one.share, one.centre)), _unit("", _ALL, whole)


def _unit(centre: str, names: tuple[str, str], of: Sequence[tuple[Figures, bool]]) -> UnitOf:
    return UnitOf(
        centre=centre,
        name=names[0],
        name_en=names[1],
        things=len(of),
        failing_now=sum(failing for _, failing in of),
        offenders=sum(one.offends for one, _ in of),
        **_plain(sum((one for one, _ in of), Figures())),
    )


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/availability?month=YYYY-MM&by=unit|device&centre=&subject=device|camera&code=&limit=&offset=`."""
    needs(request, "see", "device")
    query = Query(request.rel_url.query, {"month", "by", "centre", "subject", "code", "limit", "offset"})
    by = query.text("by") or "unit"
    if by not in ("unit", "device"):
        raise bad("by", "unit | device")
    limit, first = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST), query.whole("offset", 0, 0, 10**6)
    found = await _found(request, query)
    units, total = await asyncio.to_thread(_units, found)
    things = await asyncio.to_thread(_things, found) if by == "device" else []
    body = AvailabilityOf(
        month=found.month,
        first=found.span.since,
        last=found.span.until,
        by=by,  # type: ignore[arg-type]
        zone=request.app[PARTS].settings.timezone,
        total=total,
        units=units if by == "unit" else [],
        things=things[first : first + limit],
        next=first + limit if len(things) > first + limit else None,
    )
    return said(body)


async def export(request: web.Request) -> web.Response:
    """`GET /api/v1/availability/export` with the same filters: CSV (RFC 4180) in UTF-8."""
    needs(request, "export", "device")
    query = Query(request.rel_url.query, {"month", "by", "centre", "subject", "code"})
    by = query.text("by") or "unit"
    if by not in ("unit", "device"):
        raise bad("by", "unit | device")
    found = await _found(request, query)
    units, total = await asyncio.to_thread(_units, found)
    rows: Iterable[UnitOf | ThingOf] = await asyncio.to_thread(_things, found) if by == "device" else [*units, total]
    heads = (ThingOf if by == "device" else UnitOf).__struct_fields__
    await deeds.noted(request, "availability.export", "device", after={"month": found.month, "by": by})
    return web.Response(
        body=written([heads, *([_cell(getattr(row, head)) for head in heads] for row in rows)]),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="availability-{found.month}-{by}.csv"'},
    )


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value


def routes(app: web.Application) -> None:
    """Add availability to an application."""
    app.router.add_get(BASE, read)
    app.router.add_get(f"{BASE}/export", export)
    asked = {"month": str, "by": Literal["unit", "device"], "centre": str, "subject": Literal["device", "camera"]}
    asked |= {"code": str}
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Mức sẵn sàng của thiết bị và camera trong tháng",
            en="How much of a month devices and cameras worked", may=May("see", "device"),
            query=asked | {"limit": _Counting, "offset": _Natural}, answers={200: AvailabilityOf},
            problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{BASE}/export", vi="Mức sẵn sàng, tệp CSV", en="The same as CSV",
            may=May("export", "device"), query=asked, answers={200: Answer("text/csv")}, problems=("not-allowed",),
        ),
    )  # fmt: skip
