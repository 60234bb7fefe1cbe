"""The change log: an after-image of every change under one rising id, and the one source of the live stream."""

import datetime as dt
from typing import Any

import msgspec
import sqlalchemy as sa

from ioc.store.database import Transaction
from ioc.store.statements import inserting, notifying
from ioc.store.tables import CHANGES

CHANNEL = "ioc_changes"
"""NOTIFY channel that only wakes readers; the log itself tells what changed."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `value` is the whole GeoJSON feature after it; `version` is its place in the log.

    `centre_before` is set when the thing moved between centres, so that those who saw it learn that it left.
    """

    subject: str
    subject_id: str
    op: str
    centre: str
    area: str
    at: dt.datetime
    value: dict[str, Any]
    centre_before: str | None = None
    version: int = 0


async def record(transaction: Transaction, changes: list[Change]) -> None:
    """Write changes in the transaction that made them, and wake the readers at its commit."""
    if not changes:
        return
    statement = inserting(CHANGES)
    for change in changes:
        await transaction.run(
            statement,
            **{name: value for name, value in msgspec.structs.asdict(change).items() if name != "version"},
        )
    await transaction.run(notifying(CHANNEL))


def _settled() -> sa.ColumnElement[bool]:
    """Rows below the oldest running transaction: ids commit out of order, so newer ones may hide a gap."""
    return sa.literal_column("xid < pg_snapshot_xmin(pg_current_snapshot())", sa.Boolean)


async def after(transaction: Transaction, version: int, limit: int) -> list[Change]:
    """The changes after a version that the transaction's scope allows, oldest first."""
    rows = await transaction.rows(
        sa.select(CHANGES).where(CHANGES.c.id > version, _settled()).order_by(CHANGES.c.id).limit(limit)
    )
    return [
        Change(version=row["id"], **{name: row[name] for name in Change.__struct_fields__ if name != "version"})
        for row in rows
    ]


async def newest(transaction: Transaction) -> int:
    """The version up to which the log is settled; 0 for an empty log."""
    version: int = await transaction.value(sa.select(sa.func.coalesce(sa.func.max(CHANGES.c.id), 0)).where(_settled()))
    return version


async def oldest_since(transaction: Transaction, at: dt.datetime) -> int:
    """The first version made at or after a moment; a reader behind it must take a snapshot. 0 when none."""
    version: int = await transaction.value(
        sa.select(sa.func.coalesce(sa.func.min(CHANGES.c.id), 0)).where(CHANGES.c.at >= at)
    )
    return version
