"""Browsers that take messages by web push, and whose they are."""

import datetime as dt
import functools
import hashlib
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from ioc.store.database import Transaction
from ioc.store.statements import upserting
from ioc.store.tables import ACCOUNTS
from ioc.store.tables_endpoints import PUSH_SUBSCRIPTIONS as SUBSCRIPTIONS
from ioc.tell.push import Subscription

MOST = 10
"""Browsers of one account; one more replaces the oldest."""


def digest_of(endpoint: str) -> bytes:
    """The key of a subscription."""
    return hashlib.sha256(endpoint.encode()).digest()


async def subscribe(
    transaction: Transaction, account: uuid.UUID, subscription: Subscription, agent: str, now: dt.datetime
) -> None:
    """Keep a browser's subscription; if it was another account's, it is so no longer."""
    names = ("digest", "account", "endpoint", "p256dh", "auth", "agent", "created_at")
    await transaction.run(
        upserting(SUBSCRIPTIONS, "digest", *names),
        digest=digest_of(subscription.endpoint), account=account, endpoint=subscription.endpoint,
        p256dh=subscription.p256dh, auth=subscription.auth, agent=agent, created_at=now,
    )  # fmt: skip
    kept = sa.select(SUBSCRIPTIONS.c.digest).where(SUBSCRIPTIONS.c.account == account)
    oldest = kept.order_by(SUBSCRIPTIONS.c.created_at.desc(), SUBSCRIPTIONS.c.digest).offset(MOST)
    await transaction.run(sa.delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.digest.in_(oldest)))


async def unsubscribe(transaction: Transaction, account: uuid.UUID, endpoint: str) -> bool:
    """Forget a browser of an account; False when it has none of this address."""
    gone = sa.delete(SUBSCRIPTIONS).where(
        SUBSCRIPTIONS.c.digest == digest_of(endpoint), SUBSCRIPTIONS.c.account == account
    )
    return await transaction.row(gone.returning(SUBSCRIPTIONS.c.digest)) is not None


async def forget(transaction: Transaction, subscription: Subscription) -> None:
    """Forget a browser whose push service says that it is gone, unless it subscribed anew meanwhile."""
    gone = sa.delete(SUBSCRIPTIONS).where(
        SUBSCRIPTIONS.c.digest == digest_of(subscription.endpoint), SUBSCRIPTIONS.c.auth == subscription.auth
    )
    await transaction.run(gone)


async def of_login(transaction: Transaction, login: str) -> list[Subscription]:
    """The browsers of a login, the newest first; none when its account is closed."""
    rows = await transaction.rows(_of_login(), wanted=login)
    return [Subscription(**{name: row[name] for name in Subscription.__struct_fields__}) for row in rows]


@functools.cache
def _of_login() -> sa.Select[Any]:
    columns = [SUBSCRIPTIONS.c[name] for name in Subscription.__struct_fields__]
    return (
        sa.select(*columns)
        .join(ACCOUNTS, ACCOUNTS.c.id == SUBSCRIPTIONS.c.account)
        .where(ACCOUNTS.c.login == sa.bindparam("wanted", type_=sa.Text), ACCOUNTS.c.disabled_at.is_(None))
        .order_by(SUBSCRIPTIONS.c.created_at.desc(), SUBSCRIPTIONS.c.digest)
    )


async def count(transaction: Transaction, account: uuid.UUID) -> int:
    """How many browsers an account has."""
    wanted = SUBSCRIPTIONS.c.account == sa.bindparam("account", account, UUID)
    return int(await transaction.value(sa.select(sa.func.count()).select_from(SUBSCRIPTIONS).where(wanted)))
