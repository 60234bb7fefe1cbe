"""Photographs on their way in: how much of each has come, what became of it, and whether a step has taken it.

The table has no centre and no area: an upload is its login's alone, so every statement names the login. Run these in
EVERYTHING.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from ioc.store.database import Row, Transaction
from ioc.store.media import StoredPicture
from ioc.store.statements import adding
from ioc.store.tables_uploads import UPLOADS

LASTS = dt.timedelta(days=7)
"""How long an upload that nobody takes is kept: an officer may be without a network for days."""

MOST = 60
"""Uploads of one login that no step has taken."""

MOST_BYTES = 96 * 2**20
"""Bytes that those of one login may have together, as announced."""


class QuotaError(ValueError):
    """The login has as many uploads waiting as it may have."""


class UntakenError(LookupError):
    """An upload that a step names is not there to be taken: unknown, another's, not whole, refused or taken."""

    def __init__(self, id: uuid.UUID) -> None:  # noqa: A002
        super().__init__(f"there is no upload {id} to be taken")
        self.id = id


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload; `received` bytes of `size` are durable. `picture` is set once it is whole and was found good."""

    id: uuid.UUID
    login: str
    size: int
    received: int
    created_at: dt.datetime
    expires_at: dt.datetime
    refused: str = ""
    picture: uuid.UUID | None = None
    sha256: bytes | None = None
    bytes: int | None = None
    judged_at: dt.datetime | None = None
    taken_at: dt.datetime | None = None


def _of(row: Row) -> Upload:
    return Upload(**{name: row[name] for name in Upload.__struct_fields__})


async def create(transaction: Transaction, id: uuid.UUID, login: str, size: int, now: dt.datetime) -> Upload:  # noqa: A002
    """Announce an upload of so many bytes. Raises QuotaError. One login's are counted one after the other."""
    await transaction.run(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("uploads:" + login, 0))))
    waiting = sa.and_(UPLOADS.c.login == login, UPLOADS.c.taken_at.is_(None), UPLOADS.c.expires_at > now)
    held = await transaction.row(
        sa.select(sa.func.count().label("number"), sa.func.coalesce(sa.func.sum(UPLOADS.c.size), 0).label("bytes"))
        .select_from(UPLOADS)
        .where(waiting)
    )
    if held is not None and (held["number"] >= MOST or held["bytes"] + size > MOST_BYTES):
        raise QuotaError(login)
    made = Upload(id=id, login=login, size=size, received=0, created_at=now, expires_at=now + LASTS)
    row = {name: getattr(made, name) for name in ("id", "login", "size", "received", "created_at", "expires_at")}
    await transaction.run(adding(UPLOADS, *row), **row)
    return made


async def one(transaction: Transaction, id: uuid.UUID, login: str, now: dt.datetime) -> Upload | None:  # noqa: A002
    """An upload of this login that has not expired."""
    mine = sa.and_(UPLOADS.c.id == id, UPLOADS.c.login == login, UPLOADS.c.expires_at > now)
    row = await transaction.row(sa.select(*UPLOADS.c).where(mine))
    return None if row is None else _of(row)


async def received(transaction: Transaction, upload: Upload, offset: int) -> bool:
    """Enter that bytes up to `offset` are durable; False when the upload is not any more where it was."""
    same = sa.and_(UPLOADS.c.id == upload.id, UPLOADS.c.received == upload.received)
    changed = sa.update(UPLOADS).where(same).values(received=offset).returning(UPLOADS.c.id)
    return await transaction.row(changed) is not None


async def judged(transaction: Transaction, upload: Upload, made: StoredPicture) -> None:
    """Enter the picture that was made of a whole upload."""
    found = {"picture": uuid.UUID(made.id), "sha256": made.sha256, "bytes": made.bytes, "judged_at": made.taken_at}
    await transaction.run(sa.update(UPLOADS).where(UPLOADS.c.id == upload.id).values(**found))


async def refuse(transaction: Transaction, upload: Upload, why: str) -> None:
    """Enter why the content of a whole upload is not taken."""
    await transaction.run(sa.update(UPLOADS).where(UPLOADS.c.id == upload.id).values(refused=why))


async def remove(transaction: Transaction, upload: Upload) -> bool:
    """Forget an upload that no step has taken; False when one has."""
    free = sa.and_(UPLOADS.c.id == upload.id, UPLOADS.c.taken_at.is_(None))
    return await transaction.row(sa.delete(UPLOADS).where(free).returning(UPLOADS.c.id)) is not None


async def take(
    transaction: Transaction, login: str, ids: Sequence[uuid.UUID], source: str, now: dt.datetime
) -> list[StoredPicture]:
    """The pictures of whole uploads of this login, in the order asked, to be registered for `source` in this very
    transaction: when it does not hold, they are there to be taken as before. Raises UntakenError, nothing taken.

    They are kept as what people add to their work is (class `comment`); the time to keep them is the caller's to set.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    free = sa.and_(
        UPLOADS.c.id.in_(wanted), UPLOADS.c.login == login, UPLOADS.c.picture.is_not(None), UPLOADS.c.taken_at.is_(None)
    )
    statement = sa.update(UPLOADS).where(free).values(taken_at=now).returning(*UPLOADS.c)
    found = {row["id"]: _of(row) for row in await transaction.rows(statement)}
    for id in wanted:  # noqa: A001
        if id not in found:
            raise UntakenError(id)
    return [_picture(found[id], source) for id in wanted]  # noqa: A001


def _picture(upload: Upload, source: str) -> StoredPicture:
    at = upload.judged_at or upload.created_at
    return StoredPicture(
        id=str(upload.picture), source=source, sha256=upload.sha256 or b"", bytes=upload.bytes or 0, taken_at=at,
        expires_at=at + LASTS, kind="comment", retention="comment",
    )  # fmt: skip


async def waiting(transaction: Transaction, pictures: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these pictures belong to uploads, taken or to be taken: files of theirs are nobody's strays."""
    if not pictures:
        return set()
    statement = sa.select(UPLOADS.c.picture).where(UPLOADS.c.picture.in_(list(pictures)))
    return {row["picture"] for row in await transaction.rows(statement)}


async def expired(transaction: Transaction, now: dt.datetime, most: int = 200) -> list[uuid.UUID]:
    """Forget uploads whose time is over, the oldest first; their ids. Pictures that a step took are registered."""
    old = sa.select(UPLOADS.c.id).where(UPLOADS.c.expires_at <= now).order_by(UPLOADS.c.expires_at).limit(most)
    statement = sa.delete(UPLOADS).where(UPLOADS.c.id.in_(old.with_for_update(skip_locked=True)))
    return [row["id"] for row in await transaction.rows(statement.returning(UPLOADS.c.id))]
