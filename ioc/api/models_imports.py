"""What the routes about files of the register take and give."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec

from ioc.registration.record import Code

Things = Literal["devices", "cameras"]
Form = Literal["csv", "xlsx"]
Outcome = Literal["new", "changed", "same", "refused"]


class ImportOffer(msgspec.Struct, frozen=True):
    """What may be meant in place of a cell: as text, and as [longitude, latitude] where it is a place."""

    text: str
    position: tuple[float, float] | None


class ImportCell(msgspec.Struct, frozen=True):
    """What is said of a cell, in the reader's language; `column` is what its column is called in the file. `stops`: the
    row is not written as it is."""

    column: str
    message: str
    offer: ImportOffer | None
    stops: bool


class ImportRow(msgspec.Struct, frozen=True):
    """What a row of the file would do, or has done (`applied`). `row` is its number in the spreadsheet, `mendable` says
    that it is written where its offers are taken."""

    row: int
    code: str
    outcome: Outcome
    mendable: bool
    applied: bool
    cells: list[ImportCell]


class ImportHeading(msgspec.Struct, frozen=True):
    """A heading that means nothing here, so that its column is not read; `near` is the known one that may be meant."""

    heading: str
    message: str
    near: str


class ImportCounts(msgspec.Struct, frozen=True):
    """How many rows have each outcome, and how many of the refused their offers would mend."""

    new: int
    changed: int
    same: int
    refused: int
    mendable: int


class ImportOf(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was judged; nothing is written before it is applied, which may be done until `expires_at`."""

    id: uuid.UUID
    kind: Things
    made_at: dt.datetime
    expires_at: dt.datetime
    applied_at: dt.datetime | None
    counts: ImportCounts
    headings: list[ImportHeading]
    rows: list[ImportRow]


class ApplyImport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Write the good rows of a file; `accept_offers`: those too that their offers mend."""

    accept_offers: bool = False


class AppliedImport(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, by outcome; `refused` are all rows that are not, told in `rows` and given back as a file."""

    id: uuid.UUID
    counts: ImportCounts
    rows: list[ImportRow]


class NewKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Devices, or cameras that report themselves, that are to have a new key each."""

    codes: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1, max_length=1000)]
    kind: Things = "devices"
