"""People's arrangements of the wall: one document a person, each change of it counted."""

import datetime as dt
import uuid
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ioc.store.database import Transaction
from ioc.store.tables_layouts import LAYOUTS


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a person; version 0 and nothing before the first change."""

    version: int
    layout: dict[str, Any]


async def read(transaction: Transaction, account: uuid.UUID) -> Kept:
    """What a person has kept."""
    row = await transaction.row(
        sa.select(LAYOUTS.c.version, LAYOUTS.c.layout).where(LAYOUTS.c.account == sa.bindparam("who")), who=account
    )
    return Kept(row["version"], row["layout"]) if row is not None else Kept(0, {})


async def put(
    transaction: Transaction, account: uuid.UUID, expected: int, layout: dict[str, Any], now: dt.datetime
) -> bool:
    """Keep a document in place of the expected version; False when that is not the present one any more."""
    values = {"account": account, "layout": layout, "changed_at": now}
    if expected == 0:
        first = insert(LAYOUTS).values(version=1, **values).on_conflict_do_nothing().returning(LAYOUTS.c.version)
        return await transaction.row(first) is not None
    changed = (
        sa.update(LAYOUTS)
        .where(LAYOUTS.c.account == account, LAYOUTS.c.version == expected)
        .values(version=expected + 1, layout=layout, changed_at=now)
        .returning(LAYOUTS.c.version)
    )
    return await transaction.row(changed) is not None
