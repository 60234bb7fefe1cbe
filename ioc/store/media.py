"""The register of evidence: pictures and clips whose files lie in the media folder, their holds, what goes first."""

import datetime as dt
import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from ioc.store import audit
from ioc.store.database import Row, Transaction
from ioc.store.readings import Owner
from ioc.store.statements import adding
from ioc.store.tables import MEDIA

log = logging.getLogger(__name__)

SUFFIXES = {"image/jpeg": ".jpg", "video/mp4": ".mp4"}
"""Content type -> how the file's name ends after its id."""

Fault = Literal["missing", "changed"]

MOST = 200
"""Rows of one step: a deletion never holds anything for long."""


class StoredPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A file that already lies in the media folder under its id; times in UTC. `seconds`: how long a clip is."""

    id: str
    source: str
    sha256: bytes
    bytes: int
    taken_at: dt.datetime
    expires_at: dt.datetime
    kind: str = "sighting"
    content_type: str = "image/jpeg"
    retention: str = "sighting"
    made: str = ""
    seconds: float | None = None


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered of a file."""

    id: uuid.UUID
    centre: str
    area: str
    source: str
    kind: str
    content_type: str
    retention: str
    made: str
    seconds: float | None
    sha256: bytes
    bytes: int
    taken_at: dt.datetime
    expires_at: dt.datetime
    held_by: str | None
    held_why: str | None
    held_since: dt.datetime | None
    held_until: dt.datetime | None
    checked_at: dt.datetime | None
    fault: Fault | None

    @property
    def file(self) -> str:
        """Its name in the media folder, made of the id alone."""
        return f"{self.id}{SUFFIXES.get(self.content_type, '')}"

    def held(self, now: dt.datetime) -> bool:
        """Whether a legal hold keeps it at a moment."""
        return self.held_by is not None and (self.held_until is None or self.held_until > now)


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds something, why, since when, and until when; None: until it is released."""

    by: str
    why: str
    since: dt.datetime
    until: dt.datetime | None = None


class Totals(msgspec.Struct, frozen=True):
    """How much is registered: files, bytes, bytes on hold, files that are not as they were."""

    files: int
    bytes: int
    held: int
    faults: int


def _kept(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a legal hold keeps a row."""
    until = sa.or_(MEDIA.c.held_until.is_(None), MEDIA.c.held_until > now)
    return sa.and_(MEDIA.c.held_by.is_not(None), until)


def _of(row: Row) -> Media:
    return Media(**{name: row[name] for name in Media.__struct_fields__})


def _rows() -> sa.Select[Any]:
    return sa.select(*(MEDIA.c[name] for name in Media.__struct_fields__))


async def insert_pictures(
    transaction: Transaction, pictures: Sequence[StoredPicture], owners: Mapping[str, Owner]
) -> None:
    """Enter files in the register; one that is there already stays as it is."""
    for picture in pictures:
        owner = owners[picture.source]
        row = {
            **msgspec.structs.asdict(picture),
            "id": uuid.UUID(picture.id),
            "centre": owner.centre,
            "area": owner.area,
        }
        await transaction.run(adding(MEDIA, *row), **row)


async def move_pictures(transaction: Transaction, ids: Sequence[str], owner: Owner) -> None:
    """Give files to another centre and area; those that are not registered any more are passed over."""
    if ids:
        wanted = MEDIA.c.id.in_([uuid.UUID(one) for one in ids])
        await transaction.run(sa.update(MEDIA).where(wanted).values(centre=owner.centre, area=owner.area))


async def one(transaction: Transaction, id: uuid.UUID, now: dt.datetime) -> Media | None:  # noqa: A002
    """A file that has not expired or is held; None when it is not visible."""
    row = await transaction.row(_rows().where(MEDIA.c.id == id, sa.or_(MEDIA.c.expires_at > now, _kept(now))))
    return None if row is None else _of(row)


async def any_of(transaction: Transaction, id: uuid.UUID) -> Media | None:  # noqa: A002
    """A file, expired or not; None when it is not visible."""
    row = await transaction.row(_rows().where(MEDIA.c.id == id))
    return None if row is None else _of(row)


async def hold(transaction: Transaction, id: uuid.UUID, hold: Hold) -> None:  # noqa: A002
    """Put a file on hold, in place of the hold that there may be."""
    await transaction.run(
        sa.update(MEDIA)
        .where(MEDIA.c.id == id)
        .values(held_by=hold.by, held_why=hold.why, held_since=hold.since, held_until=hold.until)
    )


async def release(transaction: Transaction, id: uuid.UUID) -> None:  # noqa: A002
    """End the hold of a file."""
    nothing = dict.fromkeys(("held_by", "held_why", "held_since", "held_until"))
    await transaction.run(sa.update(MEDIA).where(MEDIA.c.id == id).values(**nothing))


async def expire(transaction: Transaction, id: uuid.UUID, now: dt.datetime) -> None:  # noqa: A002
    """Let a file go at the curator's next round, unless it is held."""
    await transaction.run(sa.update(MEDIA).where(MEDIA.c.id == id).values(expires_at=now))


async def expired(transaction: Transaction, now: dt.datetime) -> list[Media]:
    """The oldest files whose time is over and that nobody holds, locked until the transaction ends."""
    statement = _rows().where(MEDIA.c.expires_at <= now, sa.not_(_kept(now))).order_by(MEDIA.c.expires_at)
    return await _locked(transaction, statement)


async def oldest(transaction: Transaction, now: dt.datetime) -> list[Media]:
    """The oldest files that nobody holds, locked until the transaction ends."""
    return await _locked(transaction, _rows().where(sa.not_(_kept(now))).order_by(MEDIA.c.taken_at, MEDIA.c.id))


async def _locked(transaction: Transaction, statement: sa.Select[Any]) -> list[Media]:
    rows = await transaction.rows(statement.limit(MOST).with_for_update(skip_locked=True))
    return [_of(row) for row in rows]


async def remove(transaction: Transaction, ids: Sequence[uuid.UUID]) -> None:
    """Take files out of the register."""
    if ids:
        await transaction.run(sa.delete(MEDIA).where(MEDIA.c.id.in_(ids)))


async def unchecked(transaction: Transaction, before: dt.datetime, most: int) -> list[Media]:
    """Files that were not compared with their digest since a moment, those longest ago first."""
    stale = sa.or_(MEDIA.c.checked_at.is_(None), MEDIA.c.checked_at < before)
    rows = await transaction.rows(_rows().where(stale).order_by(MEDIA.c.checked_at.nulls_first()).limit(most))
    return [_of(row) for row in rows]


async def checked(transaction: Transaction, id: uuid.UUID, at: dt.datetime, fault: Fault | None) -> None:  # noqa: A002
    """Say what a comparison found."""
    await transaction.run(sa.update(MEDIA).where(MEDIA.c.id == id).values(checked_at=at, fault=fault))


async def compared(transaction: Transaction, one: Media, fault: Fault | None, now: dt.datetime) -> None:
    """Enter what a comparison of a file with its digest found; what is wrong now and was not before is in the log and
    the audit trail."""
    await checked(transaction, one.id, now, fault)
    if fault is None or fault == one.fault:
        return
    log.error("evidence %s of %s is %s: its file is not what was written", one.id, one.source, fault)
    deed = audit.Deed(
        act="media.fault",
        who="",
        kind="media",
        thing=str(one.id),
        centre=one.centre,
        area=one.area,
        after={"fault": fault},
    )
    await audit.record(transaction, deed, now)


async def known(transaction: Transaction, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these are registered."""
    if not ids:
        return set()
    return {row["id"] for row in await transaction.rows(sa.select(MEDIA.c.id).where(MEDIA.c.id.in_(ids)))}


async def totals(transaction: Transaction, now: dt.datetime) -> Totals:
    """How much is registered, as far as the reader sees it."""
    size, count = MEDIA.c.bytes, sa.func.count()
    row = await transaction.row(
        sa.select(
            count.label("files"),
            sa.func.coalesce(sa.func.sum(size), 0).label("bytes"),
            sa.func.coalesce(sa.func.sum(size).filter(_kept(now)), 0).label("held"),
            count.filter(MEDIA.c.fault.is_not(None)).label("faults"),
        )
    )
    return Totals(*(int(row[name]) for name in Totals.__struct_fields__)) if row else Totals(0, 0, 0, 0)
