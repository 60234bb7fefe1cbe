"""The register as files: what the reader sees of it as CSV or XLSX, and the template of a file to be imported."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from aiohttp import web

from ioc.api import deeds
from ioc.api.answer import needs
from ioc.api.caller import CALLER, CALLERS
from ioc.api.imports import IMPORTING, MEDIA, THINGS, attached, form_of, language, subject_of
from ioc.api.limits import DEADLINE
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.api.register import chosen
from ioc.registration import exported, sheet_csv, sheet_xlsx
from ioc.registration.record import AnyRecord, Subject
from ioc.store import register_rows
from ioc.store.register_frame import frame
from ioc.store.register_rows import Wanted

FILTERS = ("kind", "f", "q", "lifecycle", "centre", "type", "tag", "fault")
"""Of exports: as of the lists, where `kind` is devices or cameras, and `type` the kind of thing."""

XLSX_MOST = 20_000
"""Things of an XLSX, which is made in memory as a whole."""

_PAGE = 1_000
_STALLED_S = 60.0
"""Seconds that a reader may take for one page; then the connection is cut."""


def _wanted(request: web.Request, query: Query) -> Wanted:
    text = {name: query.text(name) or "" for name in FILTERS}
    return chosen(request, text | {"kind": text["type"], "after": ""})


async def _pages(request: web.Request, subject: Subject, wanted: Wanted) -> AsyncIterator[list[AnyRecord]]:
    """The records, page by page, each read under the scope when its turn comes."""
    parts, more = request.app[PARTS], True
    while more:
        async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
            found = await register_rows.listed(transaction, subject, wanted, parts.law, _PAGE)
        if found.count > XLSX_MOST and form_of(Query(request.rel_url.query, set(FILTERS))) == "xlsx":
            raise ProblemError("too-many-things", most=XLSX_MOST)
        yield found.records
        more = found.more
        if more:
            wanted = msgspec.structs.replace(wanted, after=found.records[-1].code)


async def export(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/register/export?kind=&f=` with the filters of the lists."""
    query = Query(request.rel_url.query, set(FILTERS))
    subject, form, reader, parts = subject_of(query), form_of(query), language(request), request.app[PARTS]
    needs(request, "export", subject)
    wanted, scope, today = _wanted(request, query), request[CALLER].scope, parts.here().date()
    async with parts.database.transaction(scope, read_only=True) as transaction:
        areas = (await frame(transaction, today)).codes
    asked = {name: value for name, value in query.rest(()).items() if value}
    await deeds.noted(request, "register.export", subject, after=asked)
    name = f"{THINGS[subject]}-{today}.{form}"
    headings = exported.headings(subject, reader)
    if form == "csv":
        pages = _pages(request, subject, wanted)
        return await _stream(request, headings, pages, areas, reader, name)
    lines = []
    async for page in _pages(request, subject, wanted):
        lines += await asyncio.to_thread(_lines, page, areas, reader)
    content = await asyncio.to_thread(sheet_xlsx.written, headings, lines, name=THINGS[subject])
    return attached(content, form, name)


def _lines(page: list[AnyRecord], areas: dict[str, str], reader: str) -> list[list[str]]:
    return [exported.cells(record, areas, reader) for record in page]


async def _stream(
    request: web.Request,
    headings: list[str],
    pages: AsyncIterator[list[AnyRecord]],
    areas: dict[str, str],
    reader: str,
    name: str,
) -> web.StreamResponse:
    """What fails after the first page cuts the connection, so that no reader takes a part for the whole; so does the
    end of the reader's session, or a change of what the reader may."""
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{name}"'})
    response.content_type, response.charset = MEDIA["csv"], "utf-8"
    response.headers["Cache-Control"] = "no-store"
    first = await anext(pages)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    request[DEADLINE].reschedule(None)
    async with request.app[CALLERS].while_signed_in(request[CALLER]):
        try:
            await response.write(sheet_csv.written([headings, *_lines(first, areas, reader)]))
            async for page in pages:
                lines = await asyncio.to_thread(_lines, page, areas, reader)
                async with asyncio.timeout(_STALLED_S):
                    await response.write(sheet_csv.written(lines, begins=False))
            await response.write_eof()
        except BaseException:
            if request.transport is not None:
                request.transport.abort()
            raise
    return response


async def template(request: web.Request) -> web.Response:
    """`GET /api/v1/register/template?kind=&f=`: headings in the reader's language, an example, the choices."""
    query = Query(request.rel_url.query, {"kind", "f"})
    subject, form, reader = subject_of(query), form_of(query), language(request)
    needs(request, "register", subject)
    importing = request.app[IMPORTING]
    known = importing.known(await importing.frame(request[CALLER].scope, request.app[PARTS].here().date()), subject)
    headings, rows = exported.headings(subject, reader), [exported.example(subject, known)]
    name = f"{THINGS[subject]}-template.{form}"
    if form == "csv":
        return attached(sheet_csv.written([headings, *rows]), form, name)
    about: dict[str, Any] = {"choices": exported.choices(subject, known, reader)}
    about["choices_name"] = "Values" if reader == "en" else "Giá trị"
    content = await asyncio.to_thread(sheet_xlsx.written, headings, rows, name=THINGS[subject], **about)
    return attached(content, form, name)
