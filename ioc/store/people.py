"""Accounts: who there is, and what each may be told about. Secrets are kept as digests and slow hashes alone."""

import datetime as dt
import functools
import uuid
from typing import Any

import msgspec
import sqlalchemy as sa

from ioc.access.policy import Person
from ioc.store.database import Row, Transaction
from ioc.store.tables import ACCOUNTS, CENTRES
from ioc.store.tables_people import FACTORS, INVITES, KNOWN_BROWSERS, RECOVERY_CODES, SESSIONS, TOKENS
from ioc.store.tables_releases import CENTRE_MERGES


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account that may sign in. `password_hash` None: no password has been set; `factor`: a code is asked too."""

    id: uuid.UUID
    person: Person
    password_hash: str | None
    factor: bool = False


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An account as an administrator sees it."""

    id: uuid.UUID
    person: Person
    created_at: dt.datetime
    disabled_at: dt.datetime | None
    has_password: bool
    factor: bool
    invited_until: dt.datetime | None
    seen_at: dt.datetime | None


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """What a session's or token's digest stands for; `expires_at` None means until it is taken back.

    `scopes` None: whatever the person may; `seen_at`: when it was last noted to be in use.
    """

    id: uuid.UUID
    account: uuid.UUID
    person: Person
    expires_at: dt.datetime | None
    seen_at: dt.datetime | None
    scopes: tuple[str, ...] | None = None


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """A centre's names."""

    code: str
    name: str
    name_en: str


PERSON = tuple(ACCOUNTS.c[name] for name in Person.__struct_fields__)
"""The columns of a Person: each field has the column of its name."""

NO_PASSWORD = ""
"""Kept instead of a hash until somebody sets a password."""


def person_of(row: Row) -> Person:
    """The person in a row that has the columns of PERSON."""
    return msgspec.convert({name: row[name] for name in Person.__struct_fields__}, Person)


def _values(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in person.__struct_fields__}


async def create_account(
    transaction: Transaction, account: uuid.UUID, person: Person, password_hash: str, now: dt.datetime
) -> uuid.UUID:
    """Make an account, or renew the one with this login; its id is returned and its sessions end."""
    kept: uuid.UUID | None = await transaction.value(sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.login == person.login))
    values = {**_values(person), "password_hash": password_hash, "disabled_at": None}
    if kept is None:
        await transaction.run(sa.insert(ACCOUNTS).values(id=account, created_at=now, **values))
        return account
    await transaction.run(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == kept).values(**values))
    await transaction.run(sa.delete(SESSIONS).where(SESSIONS.c.account == kept))
    return kept


async def add_account(transaction: Transaction, account: uuid.UUID, person: Person, now: dt.datetime) -> bool:
    """Make an account that has no password yet; False when the login is taken."""
    taken = await transaction.value(sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.login == person.login))
    if taken is None:
        values = {**_values(person), "password_hash": NO_PASSWORD}
        await transaction.run(sa.insert(ACCOUNTS).values(id=account, created_at=now, **values))
    return taken is None


async def change_person(transaction: Transaction, account: uuid.UUID, person: Person) -> None:
    """Change everything but the login."""
    values = {name: value for name, value in _values(person).items() if name != "login"}
    await transaction.run(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(**values))


async def set_password(transaction: Transaction, account: uuid.UUID, password_hash: str) -> None:
    """Keep a new password's hash; invitations to set one are over."""
    await transaction.run(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(password_hash=password_hash))
    await transaction.run(sa.delete(INVITES).where(INVITES.c.account == account))


async def set_disabled(transaction: Transaction, account: uuid.UUID, at: dt.datetime | None) -> None:
    """Close an account for sign-in and tokens from a moment on, or open it again (None)."""
    await transaction.run(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(disabled_at=at))


async def remove_account(transaction: Transaction, account: uuid.UUID) -> None:
    """Remove an account with all that hangs on it. For tests and mistakes; disabling keeps the history."""
    for table in (SESSIONS, TOKENS, FACTORS, RECOVERY_CODES, INVITES, KNOWN_BROWSERS):
        await transaction.run(sa.delete(table).where(table.c.account == account))
    await transaction.run(sa.delete(ACCOUNTS).where(ACCOUNTS.c.id == account))


_HAS_FACTOR = sa.exists().where(FACTORS.c.account == ACCOUNTS.c.id, FACTORS.c.confirmed_at.is_not(None))


@functools.cache
def _by_login() -> sa.Select[Any]:
    return sa.select(ACCOUNTS.c.id, ACCOUNTS.c.password_hash, _HAS_FACTOR.label("factor"), *PERSON).where(
        ACCOUNTS.c.login == sa.bindparam("wanted", type_=sa.Text), ACCOUNTS.c.disabled_at.is_(None)
    )


async def by_login(transaction: Transaction, login: str) -> Account | None:
    """The account of a login that is not disabled."""
    row = await transaction.row(_by_login(), wanted=login)
    if row is None:
        return None
    return Account(
        id=row["id"], person=person_of(row), password_hash=row["password_hash"] or None, factor=row["factor"]
    )


@functools.cache
def _listed() -> sa.Select[Any]:
    seen = sa.select(sa.func.max(SESSIONS.c.seen_at)).where(SESSIONS.c.account == ACCOUNTS.c.id)
    return sa.select(
        ACCOUNTS.c.id,
        ACCOUNTS.c.created_at,
        ACCOUNTS.c.disabled_at,
        (ACCOUNTS.c.password_hash != NO_PASSWORD).label("has_password"),
        _HAS_FACTOR.label("factor"),
        INVITES.c.expires_at.label("invited_until"),
        seen.scalar_subquery().label("seen_at"),
        *PERSON,
    ).select_from(ACCOUNTS.outerjoin(INVITES, INVITES.c.account == ACCOUNTS.c.id))


def _entry(row: Row) -> Listed:
    names = [name for name in Listed.__struct_fields__ if name != "person"]
    return Listed(person=person_of(row), **{name: row[name] for name in names})


async def listed(transaction: Transaction) -> list[Listed]:
    """Every account by its login."""
    return [_entry(row) for row in await transaction.rows(_listed().order_by(ACCOUNTS.c.login))]


async def one(transaction: Transaction, login: str, *, lock: bool = False) -> Listed | None:
    """The account of a login, also one that is disabled; None when there is none.

    `lock`: other changes of it wait until this transaction ends.
    """
    statement = _listed().where(ACCOUNTS.c.login == login)
    row = await transaction.row(statement.with_for_update(of=ACCOUNTS) if lock else statement)
    return None if row is None else _entry(row)


async def centres(transaction: Transaction, *, working: bool = False) -> list[Centre]:
    """All centres by their codes; `working`: without those that went into others."""
    wanted = sa.select(CENTRES.c.code, CENTRES.c.name, CENTRES.c.name_en).order_by(CENTRES.c.code)
    if working:
        wanted = wanted.where(CENTRES.c.code.not_in(sa.select(CENTRE_MERGES.c.gone)))
    found = await transaction.rows(wanted)
    return [Centre(code=row["code"], name=row["name"], name_en=row["name_en"]) for row in found]
