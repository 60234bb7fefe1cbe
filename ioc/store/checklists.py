"""Procedures of categories, shipped or changed by people, and the copies that incidents work on."""

import datetime as dt
import functools
import uuid
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ioc import data
from ioc.incidents.checklist import Item, Ticked, copied
from ioc.store.database import Row, Transaction
from ioc.store.tables_steps import CHECKLISTS, INCIDENT_CHECKLIST

Items = tuple[Item, ...]
Copy = tuple[Ticked, ...]


class Procedure(msgspec.Struct, frozen=True, kw_only=True):
    """The procedure of a category. Version 0 is the shipped one, which nobody has changed."""

    category: str
    version: int
    items: Items
    changed_by: str = ""
    changed_at: dt.datetime | None = None


@functools.cache
def shipped() -> Mapping[str, Procedure]:
    """The shipped procedures by category. Raises msgspec.ValidationError naming what is not as agreed."""
    return {
        category: Procedure(category=category, version=0, items=msgspec.convert(items, Items))
        for category, items in data.checklists().items()
    }


def _procedure(row: Row) -> Procedure:
    same = {name: row[name] for name in ("category", "version", "changed_by", "changed_at")}
    return Procedure(items=msgspec.convert(row["items"], Items), **same)


async def procedures(transaction: Transaction) -> list[Procedure]:
    """The procedures of all categories, by category."""
    rows = await transaction.rows(sa.select(CHECKLISTS))
    found = {**shipped(), **{row["category"]: _procedure(row) for row in rows}}
    return [found[category] for category in sorted(found)]


async def procedure(transaction: Transaction, category: str, *, lock: bool = False) -> Procedure | None:
    """The procedure of a category; None when there is no such category. `lock`: other changes of it wait."""
    statement = sa.select(CHECKLISTS).where(CHECKLISTS.c.category == category)
    row = await transaction.row(statement.with_for_update() if lock else statement)
    return _procedure(row) if row is not None else shipped().get(category)


async def change(transaction: Transaction, after: Procedure) -> bool:
    """Put a procedure in the place of the version before it; False when somebody else has just done so."""
    values = msgspec.structs.asdict(after) | {"items": msgspec.to_builtins(after.items)}
    statement = insert(CHECKLISTS).values(**values)
    put = statement.on_conflict_do_update(
        index_elements=[CHECKLISTS.c.category],
        set_={name: statement.excluded[name] for name in values if name != "category"},
        where=CHECKLISTS.c.version == after.version - 1,
    )
    return bool(await transaction.value(put.returning(CHECKLISTS.c.version)))


async def copy_of(transaction: Transaction, incident: uuid.UUID) -> Copy | None:
    """The copy that an incident works on; None before anything was done with it."""
    items = await transaction.value(
        sa.select(INCIDENT_CHECKLIST.c["items"]).where(INCIDENT_CHECKLIST.c.incident == incident)
    )
    return None if items is None else msgspec.convert(items, Copy)


async def worked_on(transaction: Transaction, incident: uuid.UUID, category: str) -> Copy:
    """The copy of an incident, or what it would begin with."""
    copy = await copy_of(transaction, incident)
    if copy is not None:
        return copy
    found = await procedure(transaction, category)
    return copied(found.items) if found is not None else ()


async def keep(transaction: Transaction, incident: uuid.UUID, items: Sequence[Ticked]) -> None:
    """Write an incident's copy."""
    statement = insert(INCIDENT_CHECKLIST).values(incident=incident, items=msgspec.to_builtins(items))
    again = statement.on_conflict_do_update(
        index_elements=[INCIDENT_CHECKLIST.c.incident], set_={"items": statement.excluded["items"]}
    )
    await transaction.run(again)
