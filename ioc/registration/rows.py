"""Rows of a table read into fields: what each cell says, or what is wrong with it and what may be meant.

Nothing here knows what is registered; `ioc.registration.judging` compares a row with that.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from gis.position import Box
from ioc.registration import coordinates, values
from ioc.registration.headings import Table
from ioc.registration.inert import restored
from ioc.registration.record import Subject
from ioc.registration.sheet import Words

Outcome = Literal["new", "changed", "same", "refused"]

PLACE = ("lon", "lat", "x", "y", "position", "meridian")
NEEDED = frozenset({"code", "name", "centre", "area", "kind", "profile", "lifecycle", *PLACE})
"""Fields that no thing is without: a dash does not empty them."""

EMPTY: Mapping[str, Any] = {
    "warranty_until": None, "installed_on": None, "password_changed_on": None, "notice_posted_on": None,
    "tags": (), "gateway": None, "bearing": None, "fov": None, "height_m": None, "tilt_deg": None, "scene": None,
    "approximate": False,
}  # fmt: skip
"""What a field is that holds nothing; a text is empty."""


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may be meant in place of a cell that is wrong: as text, and as a place [lon, lat] where it is one."""

    text: str
    position: tuple[float, float] | None = None


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of a cell. `stops`: its row is not written, unless an offer is taken."""

    field: str
    vi: str
    en: str
    offer: Offer | None = None
    stops: bool = True


class Row(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A row of a file on its way: its cells as they stood, the fields that they give, and what is said of it.

    `fields` and `offered` are as JSON has them; `offered` holds what is written in addition where offers are taken.
    `unread` are the texts of cells that mean nothing in general, which may yet be what a record has already.
    `version` is that of the record with which it was compared, 0 for none. `found` are the centre and the area of its
    place. `applied`: it has been written.
    """

    number: int
    code: str = ""
    texts: tuple[str, ...] = ()
    fields: dict[str, Any] = {}
    offered: dict[str, Any] = {}
    unread: dict[str, str] = {}
    cells: list[Cell] = []
    outcome: Outcome = "refused"
    version: int = 0
    found: dict[str, tuple[str, str]] = {}
    applied: bool = False

    def say(self, field: str, words: Words, *, offer: Offer | None = None, stops: bool = True) -> None:
        """Say something of a cell."""
        self.cells = [*self.cells, Cell(field, words.vi, words.en, offer, stops)]

    @property
    def stopped(self) -> bool:
        """Whether something of it is wrong that no offer mends."""
        return any(cell.stops and cell.offer is None for cell in self.cells)

    @property
    def mendable(self) -> bool:
        """Whether it can be written where its offers are taken."""
        return not self.stopped and any(cell.stops for cell in self.cells)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What cells are read with: the readers by field, and the province's box."""

    subject: Subject
    readers: Mapping[str, values.Reader]
    home: Box


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What may be named: codes with their names; areas by code and feature id, and names that only one of them has."""

    centres: Mapping[str, tuple[str, ...]]
    areas: Mapping[str, tuple[str, ...]]
    profiles: Mapping[str, tuple[str, ...]]
    retention: Mapping[str, tuple[str, ...]]
    scenes: Mapping[str, tuple[str, ...]]


def reading(subject: Subject, known: Known, home: Box) -> Reading:
    """The readers of a file's cells."""
    short, long = values.line(200), values.line(2000)
    readers: dict[str, values.Reader] = {
        "name": short,
        "centre": values.one_of(known.centres, "trung tâm", "centre"),
        "area": values.one_of(known.areas, "xã, phường", "area"),
        "kind": values.kind(known.profiles if subject == "device" else known.scenes),
        "profile": values.one_of(known.profiles, "mẫu cấu hình", "profile"),
        "gateway": values.code,
        "approximate": values.yes,
        "bearing": values.bearing,
        "fov": values.opening,
        "height_m": values.within(0.1, 500),
        "tilt_deg": values.within(-90, 90),
        "scene": values.one_of(known.scenes, "cảnh", "scene"),
        "note": long,
        "lifecycle": values.state,
        "tags": values.tags,
        "retention": values.one_of(known.retention, "nhóm lưu trữ", "retention class"),
    }
    readers |= dict.fromkeys(("maker", "model", "serial", "firmware", "contract", "conformity", "purpose"), short)
    readers |= dict.fromkeys(("warranty_until", "installed_on", "password_changed_on", "notice_posted_on"), values.day)
    return Reading(subject=subject, readers=readers, home=home)


def read(table: Table, how: Reading) -> list[Row]:
    """Every row of a table; rows of which only passed over columns are filled are left out.

    A code that stands twice is refused in both rows, each naming the other.
    """
    found = [row for line in table.lines if (row := _row(line.number, line.cells, table, how)) is not None]
    first: dict[str, Row] = {}
    for row in found:
        if not row.code:
            continue
        if (before := first.setdefault(row.code, row)) is row:
            continue
        row.say("code", _twice(row.code, before.number))
        if all(cell.field != "code" for cell in before.cells):
            before.say("code", _twice(row.code, row.number))
    return found


def _twice(code: str, number: int) -> Words:
    return Words(f"Mã {code} còn ở dòng {number}.", f"The code {code} stands in row {number}, too.")


def _row(number: int, cells: tuple[str, ...], table: Table, how: Reading) -> Row | None:
    texts = {field: cells[place] for place, field in table.places.items() if place < len(cells) and cells[place]}
    if not texts:
        return None
    row = Row(number=number, texts=cells)
    _code(row, texts.pop("code", ""))
    written = coordinates.Written(**{name: texts.pop(name, "") for name in PLACE})
    for field, text in texts.items():
        _field(row, field, text, how)
    if any(value for name, value in written._asdict().items() if name != "meridian"):
        _place(row, written, how)
    return row


def _code(row: Row, text: str) -> None:
    if not text:
        row.say("code", Words("Dòng này thiếu mã.", "This row has no code."))
        return
    try:
        row.code = values.code(text)
    except values.ValueFault as fault:
        row.say("code", fault.words)


def _field(row: Row, field: str, text: str, how: Reading) -> None:
    if text in values.CLEAR:
        if field in NEEDED:
            row.say(field, Words("Ô này không được để trống.", "This cannot be emptied."))
        else:
            row.fields[field] = EMPTY.get(field, "")
        return
    try:
        row.fields[field] = msgspec.to_builtins(how.readers[field](restored(text)))
    except values.ValueFault as fault:
        row.unread[field] = restored(text)
        offer = Offer(fault.offer) if fault.offer else None
        row.say(field, fault.words, offer=offer)
        if offer is not None:
            row.offered[field] = msgspec.to_builtins(how.readers[field](fault.offer))


def _place(row: Row, written: coordinates.Written, how: Reading) -> None:
    """The place, under the name of the cell that people look at."""
    found = coordinates.read(written, how.home)
    field = next(name for name in ("position", "lon", "lat", "x", "y") if getattr(written, name))
    if found.position is not None:
        row.fields["position"] = list(found.position.lonlat)
    if found.fault is None:
        return
    if found.offer is None:
        row.say(field, found.fault)
        return
    lon, lat = found.offer.position
    words = Words(f"{found.fault.vi} {found.offer.vi}", f"{found.fault.en} {found.offer.en}")
    row.say(field, words, offer=Offer(f"{lat}, {lon}", (lon, lat)))
    row.offered["position"] = [lon, lat]
