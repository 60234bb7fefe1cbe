"""What each process says of itself, so that any of them can tell whether all parts work."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ioc.store.database import Transaction
from ioc.store.tables import PARTS


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The newest word of a process; `seen_at` in UTC."""

    name: str
    ready: bool
    state: Mapping[str, Any]
    seen_at: dt.datetime


async def enter(transaction: Transaction, part: Part) -> None:
    """Enter what a process says of itself."""
    statement = insert(PARTS).values(**msgspec.structs.asdict(part))
    changed = {name: statement.excluded[name] for name in ("ready", "state", "seen_at")}
    await transaction.run(statement.on_conflict_do_update(index_elements=[PARTS.c.name], set_=changed))


async def all_parts(transaction: Transaction) -> dict[str, Part]:
    """The newest word of every process by its name."""
    rows = await transaction.rows(sa.select(PARTS))
    return {row["name"]: Part(**{name: row[name] for name in Part.__struct_fields__}) for row in rows}
