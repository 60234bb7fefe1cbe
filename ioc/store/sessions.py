"""Sessions of people, and the browsers and addresses from which they have signed in."""

import datetime as dt
import functools
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, TIMESTAMP
from sqlalchemy.dialects.postgresql import insert as upsert

from ioc.access.policy import Person
from ioc.store.database import Transaction
from ioc.store.people import PERSON, Pass, person_of
from ioc.store.statements import inserting
from ioc.store.tables import ACCOUNTS
from ioc.store.tables_people import KNOWN_BROWSERS, SESSIONS, TOKENS

IDLE = dt.timedelta(hours=2)
"""A session that nobody used for so long is over. An open stream is a use: the wall is there to be looked at."""

KNOWN_FOR = dt.timedelta(days=90)
"""For so long a browser and an address are known after a sign-in."""

_MOST_BROWSERS = 20


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its owner sees it; times in UTC."""

    id: uuid.UUID
    digest: bytes
    address: str
    agent: str
    created_at: dt.datetime
    seen_at: dt.datetime
    expires_at: dt.datetime


async def open_session(
    transaction: Transaction,
    account: uuid.UUID,
    digest: bytes,
    now: dt.datetime,
    until: dt.datetime,
    *,
    id: uuid.UUID | None = None,  # noqa: A002
    address: str = "",
    agent: str = "",
) -> None:
    """Keep a session until a moment, and clear away those that are over."""
    over = sa.or_(SESSIONS.c.expires_at <= now, SESSIONS.c.seen_at <= now - IDLE)
    await transaction.run(sa.delete(SESSIONS).where(over))
    await transaction.run(
        inserting(SESSIONS),
        digest=digest,
        id=id or uuid.uuid4(),
        account=account,
        address=address,
        agent=agent[:200],
        created_at=now,
        seen_at=now,
        expires_at=until,
    )


async def close_session(transaction: Transaction, digest: bytes) -> bool:
    """End a session; whether there was one."""
    return await transaction.run(sa.delete(SESSIONS).where(SESSIONS.c.digest == digest)) != "DELETE 0"


async def renew_session(transaction: Transaction, old: bytes, new: bytes) -> bool:
    """Give a session another secret: whoever knows the old one is out. False when it is over."""
    tag = await transaction.run(sa.update(SESSIONS).where(SESSIONS.c.digest == old).values(digest=new))
    return tag != "UPDATE 0"


async def end_sessions(
    transaction: Transaction,
    account: uuid.UUID,
    *,
    id: uuid.UUID | None = None,  # noqa: A002
    but: bytes | None = None,
) -> list[bytes]:
    """End an account's sessions: one by its id, or all but one; the digests of those that ended."""
    wanted = [SESSIONS.c.account == account]
    if id is not None:
        wanted.append(SESSIONS.c.id == id)
    if but is not None:
        wanted.append(SESSIONS.c.digest != but)
    rows = await transaction.rows(sa.delete(SESSIONS).where(*wanted).returning(SESSIONS.c.digest))
    return [row["digest"] for row in rows]


async def sessions_of(transaction: Transaction, account: uuid.UUID, now: dt.datetime) -> list[Session]:
    """An account's sessions that hold, the newest first."""
    columns = [SESSIONS.c[name] for name in Session.__struct_fields__]
    rows = await transaction.rows(
        sa.select(*columns)
        .where(SESSIONS.c.account == account, SESSIONS.c.expires_at > now, SESSIONS.c.seen_at > now - IDLE)
        .order_by(SESSIONS.c.created_at.desc())
    )
    return [Session(**dict(row)) for row in rows]


@functools.cache
def _found() -> sa.Select[Any]:
    at = sa.bindparam("now", type_=TIMESTAMP(timezone=True))
    used = sa.bindparam("used", type_=TIMESTAMP(timezone=True))
    return (
        sa.select(SESSIONS.c.id, SESSIONS.c.account, SESSIONS.c.expires_at, SESSIONS.c.seen_at, *PERSON)
        .select_from(SESSIONS.join(ACCOUNTS, ACCOUNTS.c.id == SESSIONS.c.account))
        .where(
            SESSIONS.c.digest == sa.bindparam("wanted", type_=BYTEA),
            SESSIONS.c.expires_at > at,
            SESSIONS.c.seen_at > used,
            ACCOUNTS.c.disabled_at.is_(None),
        )
    )


async def by_session(transaction: Transaction, digest: bytes, now: dt.datetime) -> Pass | None:
    """Whom a session's digest stands for, None when it is over."""
    row = await transaction.row(_found(), wanted=digest, now=now, used=now - IDLE)
    if row is None:
        return None
    known = {name: row[name] for name in ("id", "account", "expires_at", "seen_at")}
    return Pass(person=person_of(row), **known)


@functools.cache
def _touch(table: sa.Table, column: str) -> sa.Update:
    digests = sa.bindparam("digests", type_=ARRAY(BYTEA))
    at = sa.bindparam("at", type_=TIMESTAMP(timezone=True))
    return sa.update(table).where(table.c.digest == sa.any_(digests)).values({column: at})


async def touch(transaction: Transaction, digests: Iterable[bytes], now: dt.datetime) -> None:
    """Note that sessions or tokens are in use."""
    listed = list(digests)
    await transaction.run(_touch(SESSIONS, "seen_at"), digests=listed, at=now)
    await transaction.run(_touch(TOKENS, "used_at"), digests=listed, at=now)


@functools.cache
def _valid() -> sa.CompoundSelect[Any]:
    wanted = sa.bindparam("digests", type_=ARRAY(BYTEA))
    at = sa.bindparam("now", type_=TIMESTAMP(timezone=True))
    used = sa.bindparam("used", type_=TIMESTAMP(timezone=True))
    parts = [
        sa.select(kept.c.digest, *PERSON)
        .select_from(kept.join(ACCOUNTS, ACCOUNTS.c.id == kept.c.account))
        .where(kept.c.digest == sa.any_(wanted), holds, ACCOUNTS.c.disabled_at.is_(None))
        for kept, holds in (
            (SESSIONS, sa.and_(SESSIONS.c.expires_at > at, SESSIONS.c.seen_at > used)),
            (TOKENS, sa.or_(TOKENS.c.expires_at.is_(None), TOKENS.c.expires_at > at)),
        )
    ]
    return sa.union_all(*parts)


async def still_valid(transaction: Transaction, digests: Iterable[bytes], now: dt.datetime) -> dict[bytes, Person]:
    """Those of the sessions and tokens that still hold, and for whom."""
    found = await transaction.rows(_valid(), digests=list(digests), now=now, used=now - IDLE)
    return {row["digest"]: person_of(row) for row in found}


class Acquaintance(msgspec.Struct, frozen=True):
    """How an account knows a browser (by its mark) and an address."""

    browser: bool
    address: bool


@functools.cache
def _known() -> sa.Select[bool, bool]:
    since = sa.bindparam("since", type_=TIMESTAMP(timezone=True))
    mine = sa.select(KNOWN_BROWSERS.c.digest).join(ACCOUNTS, ACCOUNTS.c.id == KNOWN_BROWSERS.c.account)
    theirs = mine.where(ACCOUNTS.c.login == sa.bindparam("login", type_=sa.Text), KNOWN_BROWSERS.c.seen_at > since)
    mark = theirs.where(KNOWN_BROWSERS.c.digest == sa.bindparam("mark", type_=BYTEA))
    place = theirs.where(KNOWN_BROWSERS.c.address == sa.bindparam("address", type_=sa.Text))
    return sa.select(mark.exists().label("browser"), place.exists().label("address"))


async def acquaintance(
    transaction: Transaction, login: str, mark: bytes, address: str, now: dt.datetime
) -> Acquaintance:
    """Whether somebody signed in to this account lately with this browser, and from this address."""
    values = {"login": login, "mark": mark, "address": address, "since": now - KNOWN_FOR}
    row = await transaction.row(_known(), **values)
    return Acquaintance(False, False) if row is None else Acquaintance(row["browser"], row["address"])


async def remember(
    transaction: Transaction, account: uuid.UUID, mark: bytes, address: str, now: dt.datetime, *, old: bytes = b""
) -> None:
    """Know a browser by a new mark (instead of its old one), and its address; the oldest of many are forgotten."""
    await transaction.run(
        sa.delete(KNOWN_BROWSERS).where(KNOWN_BROWSERS.c.digest == old, KNOWN_BROWSERS.c.account == account)
    )
    await transaction.run(upsert(KNOWN_BROWSERS).values(digest=mark, account=account, address=address, seen_at=now))
    newest: Sequence[Any] = [KNOWN_BROWSERS.c.seen_at.desc(), KNOWN_BROWSERS.c.digest]
    beyond = (
        sa.select(KNOWN_BROWSERS.c.digest)
        .where(KNOWN_BROWSERS.c.account == account)
        .order_by(*newest)
        .offset(_MOST_BROWSERS)
    )
    await transaction.run(sa.delete(KNOWN_BROWSERS).where(KNOWN_BROWSERS.c.digest.in_(beyond)))
