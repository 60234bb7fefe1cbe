"""Second factors: the secret of an authenticator app, and recovery codes. Each code is used up in one statement."""

import datetime as dt
import uuid
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert

from ioc.access import recovery, totp
from ioc.store.database import Transaction
from ioc.store.statements import inserting
from ioc.store.tables_people import FACTORS, RECOVERY_CODES


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """An account's authenticator; `confirmed_at` None: nobody has shown a code of it yet."""

    secret: bytes
    confirmed_at: dt.datetime | None
    last_step: int

    def __repr__(self) -> str:
        return "Factor(…)"


async def begin(transaction: Transaction, account: uuid.UUID, secret: bytes, now: dt.datetime) -> bool:
    """Keep the secret of an authenticator that is still to be confirmed; False when there is a confirmed one."""
    statement = upsert(FACTORS).values(account=account, secret=secret, created_at=now)
    renewed = statement.on_conflict_do_update(
        index_elements=["account"],
        set_={"secret": secret, "created_at": now, "last_step": 0},
        where=FACTORS.c.confirmed_at.is_(None),
    )
    return await transaction.run(renewed) != "INSERT 0 0"


async def factor_of(transaction: Transaction, account: uuid.UUID) -> Factor | None:
    """The authenticator of an account, confirmed or not; None when there is none."""
    row = await transaction.row(
        sa.select(FACTORS.c.secret, FACTORS.c.confirmed_at, FACTORS.c.last_step).where(FACTORS.c.account == account)
    )
    return None if row is None else Factor(**dict(row))


async def use_step(transaction: Transaction, account: uuid.UUID, step: int) -> bool:
    """Use up the code of a time step; False when it or a later one was used, also by a request at the same time."""
    used = sa.update(FACTORS).where(FACTORS.c.account == account, FACTORS.c.last_step < step).values(last_step=step)
    return await transaction.run(used) != "UPDATE 0"


async def confirm(transaction: Transaction, account: uuid.UUID, now: dt.datetime) -> None:
    """From now on a code of this authenticator is asked at sign-in."""
    await transaction.run(sa.update(FACTORS).where(FACTORS.c.account == account).values(confirmed_at=now))


async def remove(transaction: Transaction, account: uuid.UUID) -> bool:
    """Take the authenticator and the recovery codes away; whether there was one."""
    await transaction.run(sa.delete(RECOVERY_CODES).where(RECOVERY_CODES.c.account == account))
    return await transaction.run(sa.delete(FACTORS).where(FACTORS.c.account == account)) != "DELETE 0"


async def put_codes(transaction: Transaction, account: uuid.UUID, digests: Iterable[bytes]) -> None:
    """Keep new recovery codes instead of all older ones."""
    await transaction.run(sa.delete(RECOVERY_CODES).where(RECOVERY_CODES.c.account == account))
    for digest in digests:
        await transaction.run(inserting(RECOVERY_CODES), account=account, digest=digest)


async def use_code(transaction: Transaction, account: uuid.UUID, digest: bytes) -> bool:
    """Use up a recovery code; False when it is none of those that are left."""
    gone = sa.delete(RECOVERY_CODES).where(RECOVERY_CODES.c.account == account, RECOVERY_CODES.c.digest == digest)
    return await transaction.run(gone) != "DELETE 0"


async def codes_left(transaction: Transaction, account: uuid.UUID) -> int:
    """How many recovery codes are left."""
    count = sa.select(sa.func.count()).select_from(RECOVERY_CODES).where(RECOVERY_CODES.c.account == account)
    return int(await transaction.value(count))


async def prove(transaction: Transaction, account: uuid.UUID, code: str, now: dt.datetime) -> str:
    """How a code proves the second factor: `app`, `recovery`, or empty when it does not. It is used up by that.

    Raises nothing for nonsense; an account without a confirmed authenticator proves nothing.
    """
    factor = await factor_of(transaction, account)
    if factor is None or factor.confirmed_at is None:
        return ""
    if recovery.looks_like_one(code):
        return "recovery" if await use_code(transaction, account, recovery.digest_of(code)) else ""
    step = totp.matching_step(factor.secret, code.replace(" ", ""), now.timestamp(), after=factor.last_step)
    return "app" if step is not None and await use_step(transaction, account, step) else ""
