"""An export of the audit trail: one JSON object a line, each a sealed row, and a last line that ends it."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ioc.audit.chain import Entry, Head, Inspection, Sealed, written

_TIMES = ("at", "sealed_at")


class ExportError(Exception):
    """A file that is no export of the audit trail; the text says where and why."""


def line(row: Sealed) -> bytes:
    """A sealed row with its line break."""
    entry = {name: getattr(row.entry, name) for name in Entry.__struct_fields__} | {"at": written(row.entry.at)}
    seal = {
        "seq": row.seq,
        "previous": row.previous.hex(),
        "hash": row.hash.hex(),
        "sealed_at": written(row.sealed_at),
    }
    return orjson.dumps({**seal, **entry}, option=orjson.OPT_APPEND_NEWLINE)


def ending(rows: int, last: Head) -> bytes:
    """The last line: how many rows came before it and the newest of them."""
    return orjson.dumps({"end": {"rows": rows, "last": str(last)}}, option=orjson.OPT_APPEND_NEWLINE)


def _sealed(value: dict[str, Any]) -> Sealed:
    times = {name: dt.datetime.fromisoformat(value[name]) for name in _TIMES}
    if any(at.tzinfo is None or written(at) != value[name] for name, at in times.items()):
        raise ValueError("a time is not in UTC with six decimals")
    if any(type(value[name]) is not int for name in ("seq", "id")):
        raise ValueError("seq and id are whole numbers")
    fields = value | times
    entry = Entry(**{name: fields.pop(name) for name in Entry.__struct_fields__})
    fields |= {name: bytes.fromhex(fields[name]) for name in ("previous", "hash")}
    return Sealed(entry=entry, **fields)


def read(lines: Iterable[bytes]) -> Iterator[Sealed | dict[str, Any]]:
    """The rows of an export, then the content of its last line. ExportError names the first line that is neither."""
    for number, text in enumerate(lines, 1):
        try:
            value = orjson.loads(text)
            yield value["end"] if "end" in value else _sealed(value)
        except (ValueError, KeyError, TypeError) as error:
            raise ExportError(f"line {number} is no row of an audit export ({error})") from error


def inspect(lines: Iterable[bytes], anchors: Iterable[Head] = ()) -> Inspection:
    """Verify an export: a contiguous part of the chain, with its last line. ExportError where it is cut or strange."""
    inspection = Inspection(tuple(anchors), part=True)
    end: dict[str, Any] | None = None
    for found in read(lines):
        if end is not None:
            raise ExportError("there are lines after the last one: something was added")
        if isinstance(found, dict):
            end = found
        elif not inspection.take(found):
            return inspection
    if end is None:
        raise ExportError("the last line is missing: the export was cut off")
    if end.get("rows") != inspection.rows or (inspection.rows and end.get("last") != str(inspection.last)):
        raise ExportError(
            f"the last line tells of {end.get('rows')} rows up to {str(end.get('last'))[:20]}…, "
            f"but there are {inspection.rows}: rows were removed from the end"
        )
    return inspection
