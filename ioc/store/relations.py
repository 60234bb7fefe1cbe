"""What incidents are to each other, beside being one."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import LiteralString

import msgspec

from ioc.store.database import Transaction

KINDS = ("downstream", "duplicate", "previous", "split")


class Relation(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """The incident is `kind` to the other: downstream of it, a duplicate of it, previous to it, split off it."""

    incident: str
    other: str
    kind: str


_RELATE: LiteralString = """
insert into incident_relations (incident, other, kind, at, who)
select i, o, k, $4, $5 from unnest($1::uuid[], $2::uuid[], $3::text[]) as n (i, o, k) on conflict do nothing
"""

_OF: LiteralString = """
select incident, other, kind from incident_relations where incident = any ($1::uuid[]) or other = any ($1::uuid[])
order by at, kind, incident, other
"""


async def relate(transaction: Transaction, found: Sequence[Relation], at: dt.datetime, who: str) -> None:
    """Enter relations; those that are there stay as they are."""
    if found:
        columns = [uuid.UUID(one.incident) for one in found], [uuid.UUID(one.other) for one in found]
        await transaction.connection.execute(_RELATE, *columns, [one.kind for one in found], at, who)


async def unrelate(transaction: Transaction, found: Sequence[Relation]) -> None:
    """Take relations back."""
    for one in found:
        await transaction.connection.execute(
            "delete from incident_relations where incident = $1 and other = $2 and kind = $3",
            uuid.UUID(one.incident),
            uuid.UUID(one.other),
            one.kind,
        )


async def of(transaction: Transaction, ids: Iterable[str]) -> list[Relation]:
    """All relations of some incidents, in either place, that the transaction may see."""
    rows = await transaction.connection.fetch(_OF, [uuid.UUID(one) for one in ids])
    return [Relation(incident=str(row["incident"]), other=str(row["other"]), kind=row["kind"]) for row in rows]
