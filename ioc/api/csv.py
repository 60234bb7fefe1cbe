"""Features as CSV (RFC 4180) in UTF-8, written page by page, which a spreadsheet shows and does not carry out.

What a spreadsheet would take for a formula is made `harmless`.
"""

import asyncio
import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import orjson
from aiohttp import web

from gis.crs import Crs
from gis.layer import Layer
from gis.layers import moment
from ioc.api.caller import CALLER, CALLERS
from ioc.api.filtered import in_turn, patient
from ioc.api.limits import DEADLINE
from ioc.api.parts import PARTS
from ioc.registration.inert import harmless
from ioc.store import layers
from ioc.store.database import Row

MEDIA = "text/csv"
MOST = (1 << 31) - 1
"""The greatest `limit`; without one all features are written."""

_PAGE = 1_000
_STALLED_S = 60.0
"""Seconds that a reader may take for one page; then the connection is cut."""

_BOM = b"\xef\xbb\xbf"
"""Without it, spreadsheets take UTF-8 for the system's own code page."""


def cell(value: Any) -> str:
    """A value as it stands in a cell: RFC 3339 for times, JSON for lists and objects, nothing for null."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)
        case int():
            return str(value)
        case dt.datetime():
            return moment(value)
        case list() | dict():
            return harmless(orjson.dumps(value).decode())
    return harmless(str(value))


def names(layer: Layer, crs: Crs) -> list[str]:
    """The head of the table: the id, every property, the axes of the place or its shape."""
    fields = [field.name for field in layer.fields if field.name != "id"]
    return ["id", *fields, *(crs.axes if layer.shape == "point" else ("geometry",))]


def _place(row: Row, layer: Layer, crs: Crs) -> list[Any]:
    if layer.shape != "point":
        return [row["geometry"]]
    return [None if row[axis] is None else round(row[axis], crs.digits) for axis in crs.axes]


def written(lines: Iterable[Iterable[str]]) -> bytes:
    """Lines of cells as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def table(layer: Layer, rows: Iterable[Row], crs: Crs) -> bytes:
    """Rows of `layers.rows` as CSV, under `names`."""
    fields = [field.name for field in layer.fields if field.name != "id"]
    return written(
        [layer.fid(row) if layer.key_kind == "uuid" else harmless(layer.fid(row))]
        + [cell(row[name]) for name in fields]
        + [cell(value) for value in _place(row, layer, crs)]
        for row in rows
    )


class _Pages:
    """The rows of a request, page by page, each read under the scope when its turn comes."""

    def __init__(self, request: web.Request, layer: Layer, wanted: layers.Wanted, crs: Crs, most: int | None) -> None:
        self._request, self._layer, self._wanted, self._crs = request, layer, wanted, crs
        self._left = MOST if most is None else most
        self.here = request.app[PARTS].here()

    async def next(self) -> list[Row]:
        """The next rows, none after the last."""
        size = min(_PAGE, self._left)
        if not size:
            return []
        wanted = self._wanted
        async with (
            in_turn(self._request.app, wanted.where),
            self._request.app[PARTS].database.transaction(self._request[CALLER].scope, read_only=True) as transaction,
            patient(transaction, wanted.where),
        ):
            rows = await layers.rows(
                transaction,
                self._layer,
                wanted,
                now=self.here,
                limit=size,
                crs=self._crs,
                wkt=self._layer.shape != "point",
            )
        self._left = self._left - len(rows) if len(rows) == size else 0
        if rows:
            after = layers.place_of(self._layer, rows[-1], wanted)
            self._wanted = msgspec.structs.replace(wanted, after=after)
        return rows


async def stream(
    request: web.Request, layer: Layer, wanted: layers.Wanted, crs: Crs, most: int | None, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Answer with at most `most` features, None: with all.

    What fails after the first page cuts the connection, so that no reader takes a part for the whole; so does the end
    of the reader's session, or a change of what the reader may.
    """
    pages = _Pages(request, layer, wanted, crs, most)
    rows = await pages.next()
    response = web.StreamResponse(headers=headers)
    response.content_type, response.charset = MEDIA, "utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{layer.id}-{pages.here.date()}.csv"'
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    request[DEADLINE].reschedule(None)
    async with request.app[CALLERS].while_signed_in(request[CALLER]):
        try:
            await response.write(_BOM + written([names(layer, crs)]))
            while rows:
                async with asyncio.timeout(_STALLED_S):
                    await response.write(table(layer, rows, crs))
                rows = await pages.next()
            await response.write_eof()
        except BaseException:
            if request.transport is not None:
                request.transport.abort()
            raise
    return response
