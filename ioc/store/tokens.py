"""Tokens of programs: kept as digests, shown once, listed and taken back."""

import datetime as dt
import functools
import uuid
from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, TIMESTAMP

from ioc.access.tokens import ALL
from ioc.store.database import Transaction
from ioc.store.people import PERSON, Pass, person_of
from ioc.store.statements import inserting
from ioc.store.tables import ACCOUNTS
from ioc.store.tables_people import TOKENS


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token as its owner sees it; times in UTC, `expires_at` None: until it is taken back."""

    id: uuid.UUID
    label: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    used_at: dt.datetime | None
    expires_at: dt.datetime | None


async def create_token(
    transaction: Transaction,
    account: uuid.UUID,
    digest: bytes,
    label: str,
    now: dt.datetime,
    until: dt.datetime | None = None,
    *,
    scopes: Iterable[str] = (ALL,),
    id: uuid.UUID | None = None,  # noqa: A002
) -> None:
    """Keep a program's token."""
    await transaction.run(
        inserting(TOKENS),
        digest=digest,
        id=id or uuid.uuid4(),
        account=account,
        label=label,
        scopes=list(scopes),
        created_at=now,
        used_at=None,
        expires_at=until,
    )


async def tokens_of(transaction: Transaction, account: uuid.UUID) -> list[Token]:
    """An account's tokens, also those that are over, the newest first."""
    columns = [TOKENS.c[name] for name in Token.__struct_fields__]
    rows = await transaction.rows(
        sa.select(*columns).where(TOKENS.c.account == account).order_by(TOKENS.c.created_at.desc(), TOKENS.c.id)
    )
    return [msgspec.convert(dict(row), Token) for row in rows]


async def revoke_token(transaction: Transaction, account: uuid.UUID, id: uuid.UUID) -> bytes | None:  # noqa: A002
    """Take a token of an account back; its digest, None when there is none."""
    gone = sa.delete(TOKENS).where(TOKENS.c.account == account, TOKENS.c.id == id).returning(TOKENS.c.digest)
    found: bytes | None = await transaction.value(gone)
    return found


@functools.cache
def _found() -> sa.Select[Any]:
    at = sa.bindparam("now", type_=TIMESTAMP(timezone=True))
    return (
        sa.select(TOKENS.c.id, TOKENS.c.account, TOKENS.c.scopes, TOKENS.c.expires_at, TOKENS.c.used_at, *PERSON)
        .select_from(TOKENS.join(ACCOUNTS, ACCOUNTS.c.id == TOKENS.c.account))
        .where(
            TOKENS.c.digest == sa.bindparam("wanted", type_=BYTEA),
            sa.or_(TOKENS.c.expires_at.is_(None), TOKENS.c.expires_at > at),
            ACCOUNTS.c.disabled_at.is_(None),
        )
    )


async def by_token(transaction: Transaction, digest: bytes, now: dt.datetime) -> Pass | None:
    """Whom a token's digest stands for, None when it is over."""
    row = await transaction.row(_found(), wanted=digest, now=now)
    if row is None:
        return None
    known = {name: row[name] for name in ("id", "account", "expires_at")}
    return Pass(person=person_of(row), seen_at=row["used_at"], scopes=tuple(row["scopes"]), **known)
