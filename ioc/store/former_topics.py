"""Centres under whose topics moved devices and cameras may still speak, until somebody has changed them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping

import msgspec
import sqlalchemy as sa

from ioc.store import audit
from ioc.store.database import Transaction
from ioc.store.registry import CHANNEL
from ioc.store.statements import notifying
from ioc.store.tables_releases import FORMER_TOPICS


class FormerTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A device or camera, the centre under whose topic it may still speak, and since when it belongs to another."""

    code: str
    centre: str
    since: dt.datetime


async def listed(transaction: Transaction) -> list[FormerTopic]:
    """All of them, by code."""
    rows = await transaction.rows(sa.select(FORMER_TOPICS).order_by(FORMER_TOPICS.c.code, FORMER_TOPICS.c.centre))
    return [FormerTopic(code=row["code"], centre=row["centre"], since=row["since"]) for row in rows]


async def by_code(transaction: Transaction) -> Mapping[str, tuple[str, ...]]:
    """Code -> the former centres under whose topics it may speak."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in await listed(transaction):
        found[one.code].append(one.centre)
    return {code: tuple(centres) for code, centres in found.items()}


async def end(transaction: Transaction, codes: Collection[str], who: str, now: dt.datetime) -> set[str]:
    """From now on these speak under their own centre's topic alone; those that had a former one."""
    wanted = sa.delete(FORMER_TOPICS).where(FORMER_TOPICS.c.code.in_(list(codes)))
    gone = await transaction.rows(wanted.returning(FORMER_TOPICS.c.code, FORMER_TOPICS.c.centre))
    for row in gone:
        deed = audit.Deed(
            act="topic.end", who=who, kind="device", thing=row["code"], centre=row["centre"], address="local"
        )
        await audit.record(transaction, deed, now)
    await transaction.run(notifying(CHANNEL))
    return {row["code"] for row in gone}
