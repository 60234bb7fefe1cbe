"""Files of devices and cameras: a dry run with an answer for each row and cell, what is applied of it, and what is not.

Files come as they are (CSV or XLSX) in the body. A file that is packed once more on its way is not taken.
"""

import asyncio
import logging
import uuid
from collections.abc import Mapping, Sequence

from aiohttp import web

from ioc.api import deeds
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.limits import DEADLINE
from ioc.api.models_imports import (
    AppliedImport,
    ImportCell,
    ImportCounts,
    ImportHeading,
    ImportOf,
    ImportOffer,
    ImportRow,
    Things,
)
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError, language_of
from ioc.api.query import Query, bad
from ioc.api.surface import BODY
from ioc.importing import Importing, Sender, count
from ioc.registration import sheet_csv, sheet_xlsx
from ioc.registration.headings import COLUMNS, FAULT
from ioc.registration.inert import harmless, restored
from ioc.registration.record import Subject
from ioc.registration.rows import Cell, Row
from ioc.registration.sheet import SheetError, Words
from ioc.registration.values import CLEAR
from ioc.store.database import Transaction
from ioc.store.imports import Import

LOG = logging.getLogger("ioc.api")

BASE = "/api/v1/register/imports"
OCTETS = "application/octet-stream"
MEDIA = {"csv": sheet_csv.MEDIA, "xlsx": sheet_xlsx.MEDIA}
TAKEN = (*MEDIA.values(), OCTETS)
SUBJECTS: Mapping[str, Subject] = {"devices": "device", "cameras": "camera"}
THINGS: Mapping[Subject, Things] = {"device": "devices", "camera": "cameras"}
APPLY_S = 120.0
"""Seconds for applying a file: of the largest a fraction, where the machine is not very busy."""

IMPORTING: web.AppKey[Importing] = web.AppKey("importing", Importing)
_WORDS = {column.field: column.words for column in COLUMNS}


def subject_of(query: Query) -> Subject:
    """The things that a route is asked for. Problem for others."""
    found = SUBJECTS.get(query.text("kind") or "")
    if found is None:
        raise bad("kind", " | ".join(SUBJECTS))
    return found


def form_of(query: Query) -> str:
    """In which form a file is asked for, CSV where none is said."""
    form = query.text("f") or "csv"
    if form not in MEDIA:
        raise bad("f", " | ".join(MEDIA))
    return form


def language(request: web.Request) -> str:
    """The reader's language."""
    return language_of(request.headers.get("Accept-Language", ""), request[CALLER].person.language)


def sender(request: web.Request) -> Sender:
    """Who sends a file."""
    return Sender(request[CALLER].person.login, request.remote or "", request[CALLER].scope)


async def enter(request: web.Request) -> web.Response:
    """`POST /api/v1/register/imports?kind=`: read and judge a file; nothing is written."""
    subject = subject_of(Query(request.rel_url.query, {"kind"}))
    needs(request, "register", subject)
    if request.content_type not in TAKEN or request.headers.get("Content-Encoding", "identity") != "identity":
        raise ProblemError("unsupported-media")
    parts = request.app[PARTS]
    content = await request.read()
    try:
        made = await request.app[IMPORTING].dry_run(sender(request), subject, content, parts.now(), parts.here().date())
    except SheetError as error:
        raise ProblemError("sheet-unreadable").because(*error.words) from None
    LOG.info("a file of %d %s was checked, by %s", len(made.rows), THINGS[subject], made.login)
    return said(await asyncio.to_thread(_model, made, language(request)), 201)


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/register/imports/{id}`: a file as it was judged, to its sender."""
    return said(await asyncio.to_thread(_model, await _mine(request), language(request)))


async def _mine(request: web.Request) -> Import:
    wanted = _id(request)
    found = await request.app[IMPORTING].find(sender(request), wanted, request.app[PARTS].now())
    if found is None:
        raise ProblemError("not-found")
    needs(request, "register", found.subject)
    return found


def _id(request: web.Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.match_info["id"])
    except ValueError:
        raise ProblemError("not-found") from None


async def apply(request: web.Request) -> web.Response:
    """`POST /api/v1/register/imports/{id}/apply`: write the good rows. Again is harmless: what is written stays so."""
    parts, wanted = request.app[PARTS], _id(request)
    if (limit := request.get(DEADLINE)) is not None:
        limit.reschedule(asyncio.get_running_loop().time() + APPLY_S)

    async def note(transaction: Transaction, about: Import, counts: Mapping[str, int]) -> None:
        needs(request, "register", about.subject)
        await deeds.note(
            request, transaction, "register.import", about.subject, str(about.id), after=dict(counts), centre=None,
            area=None,
        )  # fmt: skip

    result = await request.app[IMPORTING].apply(
        sender(request), wanted, parts.now(), parts.here().date(), accept=request[BODY].accept_offers, note=note
    )
    if result is None:
        raise ProblemError("not-found")
    counts = {**count(result.rows), "refused": count(result.about.rows)["refused"]}
    LOG.info("a file of %ss was applied by %s: %s", result.about.subject, result.about.login, counts)
    rows = [row for row in result.about.rows if row.outcome == "refused"]
    counts["mendable"] = sum(row.mendable for row in rows)
    told = [_row(row, result.about, language(request)) for row in rows]
    return said(AppliedImport(id=result.about.id, counts=ImportCounts(**counts), rows=told))


def _model(about: Import, reader: str) -> ImportOf:
    return ImportOf(
        id=about.id,
        kind=THINGS[about.subject],
        made_at=about.made_at,
        expires_at=about.expires_at,
        applied_at=about.applied_at,
        counts=ImportCounts(**count(about.rows)),
        headings=[
            ImportHeading(one.text, _unknown(one.text, one.near).told(reader), one.near) for one in about.unknown
        ],
        rows=[_row(row, about, reader) for row in about.rows],
    )


def _unknown(text: str, near: str) -> Words:
    if near:
        return Words(f"Không hiểu cột “{text}”; có phải là “{near}”?", f"“{text}” is not known; is it “{near}”?")
    return Words(f"Không hiểu cột “{text}”; cột này được bỏ qua.", f"“{text}” is not known; it is passed over.")


def _row(row: Row, about: Import, reader: str) -> ImportRow:
    cells = [
        ImportCell(
            about.heading(cell.field) or _WORDS[cell.field].told(reader),
            _said(cell, reader),
            None if cell.offer is None else ImportOffer(cell.offer.text, cell.offer.position),
            cell.stops,
        )
        for cell in row.cells
    ]
    mendable = row.outcome == "refused" and row.mendable
    return ImportRow(row.number, row.code, row.outcome, mendable, row.applied, cells)


def _said(cell: Cell, reader: str) -> str:
    return Words(cell.vi, cell.en).told(reader)


async def refused(request: web.Request) -> web.Response:
    """`GET /api/v1/register/imports/{id}/refused?f=`: the rows that are not written, as a file to be mended."""
    form = form_of(Query(request.rel_url.query, {"f"}))
    found, reader = await _mine(request), language(request)
    name = f"{THINGS[found.subject]}-refused-{request.app[PARTS].here().date()}.{form}"
    return attached(await asyncio.to_thread(_refused, found, form, reader), form, name)


def _refused(about: Import, form: str, reader: str) -> bytes:
    """The columns of the file as they came, and one that says what is wrong; cells come back inert."""
    width = len(about.headings)
    passed = {FAULT.vi, FAULT.en}
    kept = [place for place, heading in enumerate(about.headings) if heading not in passed]
    lines: list[Sequence[str]] = []
    for row in about.rows:
        if row.outcome != "refused":
            continue
        texts = [*row.texts, *[""] * (width - len(row.texts))]
        why = " ".join(_why(cell, about, reader) for cell in row.cells if cell.stops)
        lines.append([*(_again(texts[place]) for place in kept), harmless(why)])
    headings = [*(harmless(about.headings[place]) for place in kept), FAULT.told(reader)]
    if form == "csv":
        return sheet_csv.written([headings, *lines])
    return sheet_xlsx.written(headings, lines, name=FAULT.told(reader))


def _again(text: str) -> str:
    """A cell as it came, inert: an apostrophe that an export put before it is not doubled, and the dash that empties a
    field becomes one that no spreadsheet takes for a sign."""
    return "–" if text in CLEAR else harmless(restored(text))


def _why(cell: Cell, about: Import, reader: str) -> str:
    offer = f" → {cell.offer.text}" if cell.offer is not None else ""
    return f"{about.heading(cell.field) or _WORDS[cell.field].told(reader)}: {_said(cell, reader)}{offer}"


def attached(content: bytes, form: str, name: str) -> web.Response:
    """A file to be saved."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=MEDIA[form], headers=headers)
