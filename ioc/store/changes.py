"""The change log: an after-image of every change under one rising id, and the one source of the live stream."""

import datetime as dt
from typing import Any

import msgspec
import sqlalchemy as sa

from ioc.store.database import Transaction
from ioc.store.statements import inserting, locking, notifying
from ioc.store.tables import CHANGES

CHANNEL = "ioc_changes"
"""NOTIFY channel that only wakes readers; the log itself tells what changed."""

LOCK = 7_235_004
"""Advisory lock from a writer's first change to its commit, so that ids become visible in their order."""


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
    """Write changes in the transaction that made them, and wake the readers at its commit.

    Other writers wait until the transaction ends: do this last.
    """
    if not changes:
        return
    await transaction.run(locking(LOCK))
    statement = inserting(CHANGES)
    for change in changes:
        await transaction.run(
            statement,
            **{name: value for name, value in msgspec.structs.asdict(change).items() if name != "version"},
        )
    await transaction.run(notifying(CHANNEL))


async def after(transaction: Transaction, version: int, limit: int) -> list[Change]:
    """The changes after a version that the transaction's scope allows, oldest first."""
    rows = await transaction.rows(
        sa.select(CHANGES).where(CHANGES.c.id > version).order_by(CHANGES.c.id).limit(limit)
    )
    return [
        Change(version=row["id"], **{name: row[name] for name in Change.__struct_fields__ if name != "version"})
        for row in rows
    ]


async def newest(transaction: Transaction) -> int:
    """The version of the newest change that the transaction's scope allows; 0 when there is none."""
    version: int = await transaction.value(sa.select(sa.func.coalesce(sa.func.max(CHANGES.c.id), 0)))
    return version


async def oldest_since(transaction: Transaction, at: dt.datetime) -> int:
    """The first version made at or after a moment; a reader behind it must take a snapshot. 0 when none."""
    version: int = await transaction.value(
        sa.select(sa.func.coalesce(sa.func.min(CHANGES.c.id), 0)).where(CHANGES.c.at >= at)
    )
    return version
