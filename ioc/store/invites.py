"""One-time links by which people set their own password; of the link's secret only the digest is kept."""

import datetime as dt
import uuid

import sqlalchemy as sa

from ioc.store.database import Transaction
from ioc.store.people import PERSON, Account, person_of
from ioc.store.statements import inserting
from ioc.store.tables import ACCOUNTS
from ioc.store.tables_people import FACTORS, INVITES

LASTS = dt.timedelta(days=3)
"""How long a link can be used."""


async def invite(transaction: Transaction, account: uuid.UUID, digest: bytes, by: str, now: dt.datetime) -> dt.datetime:
    """Keep a link for an account, instead of any older one; until when it holds."""
    until = now + LASTS
    await transaction.run(sa.delete(INVITES).where(INVITES.c.account == account))
    await transaction.run(
        inserting(INVITES), digest=digest, account=account, created_by=by, created_at=now, expires_at=until
    )
    return until


async def invited(transaction: Transaction, digest: bytes, now: dt.datetime) -> Account | None:
    """For whom a link stands, None when it is over or the account is disabled. Others wait for the row."""
    row = await transaction.row(
        sa.select(ACCOUNTS.c.id, ACCOUNTS.c.password_hash, FACTORS.c.confirmed_at, *PERSON)
        .select_from(
            INVITES.join(ACCOUNTS, ACCOUNTS.c.id == INVITES.c.account).outerjoin(
                FACTORS, FACTORS.c.account == ACCOUNTS.c.id
            )
        )
        .where(INVITES.c.digest == digest, INVITES.c.expires_at > now, ACCOUNTS.c.disabled_at.is_(None))
        .with_for_update(of=INVITES)
    )
    if row is None:
        return None
    return Account(
        id=row["id"],
        person=person_of(row),
        password_hash=row["password_hash"] or None,
        factor=row["confirmed_at"] is not None,
    )


async def withdraw(transaction: Transaction, account: uuid.UUID) -> bool:
    """Take an account's link back; whether there was one."""
    return await transaction.run(sa.delete(INVITES).where(INVITES.c.account == account)) != "DELETE 0"
