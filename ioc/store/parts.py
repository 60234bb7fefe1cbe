"""What each process says of itself, so that any of them can tell whether all parts work."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from ioc.store.database import Transaction
from ioc.store.statements import upserting
from ioc.store.tables import PARTS


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The newest word of a process; `seen_at` in UTC."""

    name: str
    ready: bool
    state: Mapping[str, Any]
    seen_at: dt.datetime


async def enter(transaction: Transaction, part: Part) -> None:
    """Enter what a process says of itself."""
    await transaction.run(upserting(PARTS, "name", *Part.__struct_fields__), **msgspec.structs.asdict(part))


async def all_parts(transaction: Transaction) -> dict[str, Part]:
    """The newest word of every process by its name."""
    rows = await transaction.rows(sa.select(PARTS))
    return {row["name"]: Part(**{name: row[name] for name in Part.__struct_fields__}) for row in rows}
