"""Files that came to be imported: kept for a day, each for the person who sent it alone."""

import datetime as dt
import uuid
import zlib
from typing import LiteralString

import msgspec
import sqlalchemy as sa

from ioc.registration.headings import Heading, field_of
from ioc.registration.record import Subject
from ioc.registration.rows import Row
from ioc.store.database import Transaction
from ioc.store.statements import inserting
from ioc.store.tables_imports import IMPORTS

LASTS = dt.timedelta(days=1)
MOST = 10
"""Dry runs of one person; one more takes the place of the oldest."""

SERVICE = "*"
"""Who clears away what is of nobody any more."""

_ROWS = msgspec.json.Decoder(list[Row])
_LARGEST = 256 * 2**20
"""Bytes of unpacked rows: a hundred times what 10,000 rows have."""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was read and judged. `headings` are those of the file, `unknown` the ones that mean nothing."""

    id: uuid.UUID
    login: str
    subject: Subject
    made_at: dt.datetime
    expires_at: dt.datetime
    applied_at: dt.datetime | None = None
    headings: tuple[str, ...]
    unknown: tuple[Heading, ...]
    rows: list[Row]

    def heading(self, field: str) -> str:
        """What the column of a field is called in the file; empty when there is none."""
        return next((text for text in self.headings if text and field_of(text, self.subject) == field), "")


def packed(rows: list[Row]) -> bytes:
    """Rows as they are kept; takes long for many."""
    return zlib.compress(msgspec.json.encode(rows), 1)


def unpacked(data: bytes) -> list[Row]:
    """The rows of what is kept; takes long for many."""
    return _ROWS.decode(zlib.decompressobj().decompress(data, _LARGEST))


async def act_for(transaction: Transaction, login: str) -> None:
    """From here on the imports of this person exist, and no others."""
    await transaction.connection.execute("select set_config('ioc.person', $1, true)", login)


async def keep(transaction: Transaction, one: Import, rows: bytes) -> None:
    """Enter a dry run, its rows `packed`; what is over, and the person's oldest beyond MOST, goes."""
    await prune(transaction, one.made_at)
    await act_for(transaction, one.login)
    await transaction.connection.execute(_OLDEST, one.login, MOST - 1)
    same = {name: getattr(one, name) for name in one.__struct_fields__ if name not in ("headings", "unknown", "rows")}
    unknown = [msgspec.to_builtins(heading) for heading in one.unknown]
    await transaction.run(inserting(IMPORTS), **same, headings=list(one.headings), unknown=unknown, rows=rows)


_OLDEST: LiteralString = """
delete from imports where id in (select id from imports where login = $1 order by made_at desc offset $2)
"""


class Kept(msgspec.Struct, frozen=True):
    """A dry run whose rows are still packed."""

    about: Import
    rows: bytes


async def one(
    transaction: Transaction, wanted: uuid.UUID, login: str, now: dt.datetime, *, lock: bool = False
) -> Kept | None:
    """A person's dry run that is not over; `lock` lets one at a time apply it."""
    await act_for(transaction, login)
    statement = sa.select(IMPORTS).where(IMPORTS.c.id == wanted, IMPORTS.c.login == login, IMPORTS.c.expires_at > now)
    row = await transaction.row(statement.with_for_update() if lock else statement)
    if row is None:
        return None
    plain = ("id", "login", "subject", "made_at", "expires_at", "applied_at")
    about = Import(
        **{name: row[name] for name in plain},
        headings=tuple(row["headings"]),
        unknown=tuple(Heading(**heading) for heading in row["unknown"]),
        rows=[],
    )
    return Kept(about, row["rows"])


async def applied(transaction: Transaction, wanted: uuid.UUID, rows: bytes, now: dt.datetime) -> None:
    """Keep what became of the rows of a dry run, `packed`."""
    statement = sa.update(IMPORTS).where(IMPORTS.c.id == wanted).values(rows=rows, applied_at=now)
    await transaction.run(statement)


async def prune(transaction: Transaction, now: dt.datetime) -> int:
    """Drop what is over, whoever sent it; how many the transaction's scope may write."""
    await act_for(transaction, SERVICE)
    tag = await transaction.run(sa.delete(IMPORTS).where(IMPORTS.c.expires_at <= now))
    return int(tag.rpartition(" ")[2])
