"""Client certificates of devices that the centre's own authority signed; which of them open the broker no more."""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from ioc.store.database import Transaction
from ioc.store.keys import RETIRED, THINGS, Thing, may_speak
from ioc.store.registry import CHANNEL
from ioc.store.statements import notifying
from ioc.store.tables_keys import CERTIFICATES


async def signed(
    transaction: Transaction, of: Thing, serial: str, until: dt.datetime, by: str, now: dt.datetime
) -> None:
    """Enter a certificate that was signed."""
    row = {"serial": serial, "code": of.code, "subject": of.subject, "until": until, "made_at": now, "made_by": by}
    await transaction.run(sa.insert(CERTIFICATES).values(**row))
    await transaction.run(notifying(CHANNEL))


async def revoke(transaction: Transaction, code: str, now: dt.datetime) -> bool:
    """Let none of a device's certificates be good any more; False when it had none."""
    good = CERTIFICATES.c.code == code, CERTIFICATES.c.revoked_at.is_(None)
    gone = sa.update(CERTIFICATES).where(*good).values(revoked_at=now).returning(CERTIFICATES.c.serial)
    if not await transaction.rows(gone):
        return False
    await transaction.run(notifying(CHANNEL))
    return True


async def revoke_retired(transaction: Transaction, now: dt.datetime) -> None:
    """Revoke for good the certificates of what is retired."""
    gone = (
        sa.and_(
            CERTIFICATES.c.subject == subject,
            CERTIFICATES.c.code.in_(sa.select(table.c.code).where(table.c.lifecycle == RETIRED)),
        )
        for subject, table in THINGS.items()
    )
    good = sa.update(CERTIFICATES).where(CERTIFICATES.c.revoked_at.is_(None), sa.or_(*gone))
    await transaction.run(good.values(revoked_at=now))


def _shut_out() -> sa.ColumnElement[bool]:
    """Of things that may not speak now."""
    return sa.not_(
        sa.or_(
            *(
                sa.and_(CERTIFICATES.c.subject == subject, CERTIFICATES.c.code.in_(may_speak(subject)))
                for subject in THINGS
            )
        )
    )


async def revoked(transaction: Transaction, now: dt.datetime) -> frozenset[str]:
    """Serial numbers of certificates that are refused, and would else be good."""
    refused = sa.or_(CERTIFICATES.c.revoked_at.is_not(None), _shut_out())
    wanted: sa.Select[Any] = sa.select(CERTIFICATES.c.serial).where(CERTIFICATES.c.until > now, refused)
    return frozenset(row["serial"] for row in await transaction.rows(wanted))


async def barred(transaction: Transaction, now: dt.datetime) -> frozenset[str]:
    """Codes that hold a certificate which is not over, and may not speak: a connection that they have is shut, too."""
    wanted: sa.Select[Any] = sa.select(CERTIFICATES.c.code).where(CERTIFICATES.c.until > now, _shut_out())
    return frozenset(row["code"] for row in await transaction.rows(wanted))
