"""Records as rows of texts, which read again are the same; and the template of a file.

What is exported is inert (`ioc.registration.inert`). Addresses, keys and passwords of things are in no record.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from ioc.registration.coordinates import DIGITS
from ioc.registration.headings import Column, columns
from ioc.registration.inert import harmless
from ioc.registration.judging import IN_SETTINGS
from ioc.registration.record import AnyRecord, Subject
from ioc.registration.rows import Known
from ioc.registration.values import STATES

_LEFT_OUT = frozenset({"position", "x", "y", "meridian"})
"""Columns of places that are read, where longitude and latitude are written."""

_YES = {True: ("có", "yes"), False: ("không", "no")}

_EXAMPLE: Mapping[str, str] = {
    "name": "Trạm đo mưa mẫu (xoá dòng này)", "lon": "108,3279", "lat": "15,8801", "approximate": "không",
    "bearing": "120", "fov": "70", "height_m": "6", "tilt_deg": "15", "lifecycle": "Nháp", "maker": "Hãng A",
    "model": "RG-200", "serial": "000123", "warranty_until": "31/12/2028", "installed_on": "15/03/2026",
    "tags": "mưa, hạ du", "purpose": "Cảnh báo lũ",
}  # fmt: skip


def written(subject: Subject) -> tuple[Column, ...]:
    """The columns of exports and templates, in their order."""
    return tuple(column for column in columns(subject) if column.field not in _LEFT_OUT)


def headings(subject: Subject, language: str) -> list[str]:
    """What they are called in a reader's language."""
    return [column.words.told(language) for column in written(subject)]


def cells(record: AnyRecord, areas: Mapping[str, str], language: str) -> list[str]:
    """A record as texts under `headings`; `areas` are the codes of today's units by their feature ids."""
    return [harmless(_text(record, column.field, areas, language)) for column in written(record.subject)]


def _text(record: AnyRecord, field: str, areas: Mapping[str, str], language: str) -> str:
    english = language == "en"
    match field:
        case "lon":
            return _degrees(record.position.lon)
        case "lat":
            return _degrees(record.position.lat)
        case "area":
            return areas.get(record.area, record.area)
        case "lifecycle":
            return _state(record.lifecycle, english)
        case "tags":
            return ", ".join(record.tags)
    if record.subject == "camera" and field in IN_SETTINGS:
        return _plain(record.settings.get(field), english)
    return _plain(getattr(record, field), english)


def _state(state: str, english: bool) -> str:
    vi, en, _ = STATES[state]
    return en if english else vi


def _plain(value: Any, english: bool) -> str:
    match value:
        case None:
            return ""
        case bool():
            return _YES[value][english]
        case float():
            return repr(value).removesuffix(".0")
        case dt.date():
            return value.isoformat()
    return str(value)


def _degrees(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").removesuffix(".")


def example(subject: Subject, known: Known) -> list[str]:
    """A row that shows how cells are filled."""
    first = {name: next(iter(getattr(known, name)), "") for name in ("profiles", "scenes")}
    own = {"code": f"{subject}-001", "profile": first["profiles"], "scene": first["scenes"]}
    return [_EXAMPLE.get(column.field, own.get(column.field, "")) for column in written(subject)]


def choices(subject: Subject, known: Known, language: str) -> dict[int, Sequence[str]]:
    """The values that a column may have, by its place."""
    english = language == "en"
    possible: dict[str, Sequence[str]] = {
        "centre": list(known.centres),
        "area": [names[0] for names in known.areas.values()],
        "profile": list(known.profiles),
        "scene": list(known.scenes),
        "retention": list(known.retention),
        "lifecycle": [_state(state, english) for state in STATES],
        "approximate": [_YES[True][english], _YES[False][english]],
    }
    fields = [column.field for column in written(subject)]
    return {fields.index(field): values for field, values in possible.items() if field in fields and values}
