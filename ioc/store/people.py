"""Accounts, their sessions and tokens. Secrets are never kept, only their digests and password hashes."""

import datetime as dt
import uuid
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, TIMESTAMP
from sqlalchemy.dialects.postgresql import insert as upsert

from ioc.access.policy import Person
from ioc.store.database import Row, Transaction
from ioc.store.statements import inserting
from ioc.store.tables import ACCOUNTS, CENTRES, SESSIONS, TOKENS


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account that may sign in, with the hash of its password."""

    id: uuid.UUID
    person: Person
    password_hash: str


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """What a session's or token's digest stands for; `expires_at` None means until it is taken back."""

    person: Person
    expires_at: dt.datetime | None


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """A centre's names."""

    code: str
    name: str
    name_en: str


_PERSON = tuple(ACCOUNTS.c[name] for name in Person.__struct_fields__)


def _person(row: Row) -> Person:
    return msgspec.convert({name: row[name] for name in Person.__struct_fields__}, Person)


async def create_account(
    transaction: Transaction, account: uuid.UUID, person: Person, password_hash: str, now: dt.datetime
) -> uuid.UUID:
    """Make an account, or renew the one with this login; its id is returned and its sessions end."""
    values = {
        **{name: getattr(person, name) for name in person.__struct_fields__},
        "password_hash": password_hash,
        "disabled_at": None,
    }
    statement = upsert(ACCOUNTS).values(id=account, created_at=now, **values)
    kept: uuid.UUID = await transaction.value(
        statement.on_conflict_do_update(index_elements=["login"], set_=values).returning(ACCOUNTS.c.id)
    )
    await transaction.run(sa.delete(SESSIONS).where(SESSIONS.c.account == kept))
    return kept


async def by_login(transaction: Transaction, login: str) -> Account | None:
    """The account of a login that is not disabled."""
    row = await transaction.row(
        sa.select(ACCOUNTS.c.id, ACCOUNTS.c.password_hash, *_PERSON).where(
            ACCOUNTS.c.login == login, ACCOUNTS.c.disabled_at.is_(None)
        )
    )
    if row is None:
        return None
    return Account(id=row["id"], person=_person(row), password_hash=row["password_hash"])


async def open_session(
    transaction: Transaction, account: uuid.UUID, digest: bytes, now: dt.datetime, until: dt.datetime
) -> None:
    """Keep a session, and clear away those that are over."""
    await transaction.run(sa.delete(SESSIONS).where(SESSIONS.c.expires_at <= now))
    await transaction.run(inserting(SESSIONS), digest=digest, account=account, created_at=now, expires_at=until)


async def close_session(transaction: Transaction, digest: bytes) -> None:
    """End a session; one that is over already is no error."""
    await transaction.run(sa.delete(SESSIONS).where(SESSIONS.c.digest == digest))


async def create_token(
    transaction: Transaction,
    account: uuid.UUID,
    digest: bytes,
    label: str,
    now: dt.datetime,
    until: dt.datetime | None = None,
) -> None:
    """Keep a program's token."""
    await transaction.run(
        inserting(TOKENS), digest=digest, account=account, label=label, created_at=now, expires_at=until
    )


async def _pass(transaction: Transaction, kept: sa.Table, digest: bytes, now: dt.datetime) -> Pass | None:
    row = await transaction.row(
        sa.select(kept.c.expires_at, *_PERSON)
        .select_from(kept.join(ACCOUNTS, ACCOUNTS.c.id == kept.c.account))
        .where(
            kept.c.digest == digest,
            sa.or_(kept.c.expires_at.is_(None), kept.c.expires_at > now),
            ACCOUNTS.c.disabled_at.is_(None),
        )
    )
    return None if row is None else Pass(person=_person(row), expires_at=row["expires_at"])


async def by_session(transaction: Transaction, digest: bytes, now: dt.datetime) -> Pass | None:
    """Whom a session's digest stands for, None when it is over."""
    return await _pass(transaction, SESSIONS, digest, now)


async def by_token(transaction: Transaction, digest: bytes, now: dt.datetime) -> Pass | None:
    """Whom a token's digest stands for, None when it is over."""
    return await _pass(transaction, TOKENS, digest, now)


async def still_valid(transaction: Transaction, digests: Iterable[bytes], now: dt.datetime) -> dict[bytes, Person]:
    """Those of the sessions and tokens that still hold, and for whom."""
    wanted = sa.bindparam("digests", type_=ARRAY(BYTEA))
    at = sa.bindparam("now", type_=TIMESTAMP(timezone=True))
    parts = [
        sa.select(kept.c.digest, *_PERSON)
        .select_from(kept.join(ACCOUNTS, ACCOUNTS.c.id == kept.c.account))
        .where(
            kept.c.digest == sa.any_(wanted),
            sa.or_(kept.c.expires_at.is_(None), kept.c.expires_at > at),
            ACCOUNTS.c.disabled_at.is_(None),
        )
        for kept in (SESSIONS, TOKENS)
    ]
    found = await transaction.rows(sa.union_all(*parts), digests=list(digests), now=now)
    return {row["digest"]: _person(row) for row in found}


async def centres(transaction: Transaction) -> list[Centre]:
    """All centres by their codes."""
    found = await transaction.rows(
        sa.select(CENTRES.c.code, CENTRES.c.name, CENTRES.c.name_en).order_by(CENTRES.c.code)
    )
    return [Centre(code=row["code"], name=row["name"], name_en=row["name_en"]) for row in found]
