"""The end of the change log as one reader follows it: every visible row, and what is still undecided.

Identities are given before the commit, so a row may appear below one that was read already. A missing
number is therefore either still being written or lost for good; the snapshot's bounds tell which.
"""

import datetime as dt

import msgspec
import sqlalchemy as sa

from ioc.store.changes import Change
from ioc.store.database import Row, Transaction
from ioc.store.tables import CHANGES


class Glimpse(msgspec.Struct, frozen=True, kw_only=True):
    """Changes after a version as one snapshot sees them, oldest first.

    Every transaction below `oldest_running` has ended; every one from `next_one` on had not begun.
    """

    changes: list[Change]
    oldest_running: int
    next_one: int


def _change(row: Row) -> Change:
    names = [name for name in Change.__struct_fields__ if name != "version"]
    return Change(version=row["id"], **{name: row[name] for name in names})


async def look(transaction: Transaction, version: int, limit: int) -> Glimpse:
    """At most `limit` visible changes after a version; needs a transaction with one snapshot."""
    bounds = await transaction.row(
        sa.select(
            sa.literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", sa.BigInteger).label(
                "low"
            ),
            sa.literal_column("pg_snapshot_xmax(pg_current_snapshot())::text::bigint", sa.BigInteger).label(
                "high"
            ),
        )
    )
    found = await transaction.rows(
        sa.select(CHANGES).where(CHANGES.c.id > version).order_by(CHANGES.c.id).limit(limit)
    )
    low, high = (bounds["low"], bounds["high"]) if bounds else (0, 0)
    return Glimpse(changes=[_change(row) for row in found], oldest_running=low, next_one=high)


async def between(transaction: Transaction, after: int, through: int, limit: int) -> list[Change]:
    """Changes with after < version <= through that the transaction's scope allows, oldest first."""
    found = await transaction.rows(
        sa.select(CHANGES)
        .where(CHANGES.c.id > after, CHANGES.c.id <= through)
        .order_by(CHANGES.c.id)
        .limit(limit)
    )
    return [_change(row) for row in found]


async def newest_visible(transaction: Transaction) -> int:
    """The highest version that is visible, settled or not; 0 for an empty log."""
    version: int = await transaction.value(sa.select(sa.func.coalesce(sa.func.max(CHANGES.c.id), 0)))
    return version


async def resumes(transaction: Transaction, version: int, since: dt.datetime) -> bool:
    """Whether a reader may go on after a version: the log still has what followed, and it is not too old.

    Needs the scope of the whole installation, else missing rows could be merely hidden. When in doubt (the
    first version that is there does not follow directly) the answer is no: a snapshot is never wrong.
    """
    first = await transaction.value(sa.select(sa.func.min(CHANGES.c.id)))
    if first is None or first > version + 1:
        return version == 0 and first is None
    at = await transaction.value(
        sa.select(CHANGES.c.at).where(CHANGES.c.id >= version).order_by(CHANGES.c.id).limit(1)
    )
    return at is None or at >= since
