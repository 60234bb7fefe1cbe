"""Audit rows, written in the transaction of the deed that they record."""

import datetime as dt
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from ioc.store.database import Transaction
from ioc.store.statements import inserting

_NAMES = ("who", "act", "kind", "thing", "centre", "area", "address", "outcome", "text")
_AUDIT = sa.Table(
    "audit",
    sa.MetaData(),
    sa.Column("at", TIMESTAMP(timezone=True)),
    *(sa.Column(name, sa.Text) for name in _NAMES),
    sa.Column("before", JSONB),
    sa.Column("after", JSONB),
)


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody did or was refused. `act` is a dotted word, `before` and `after` JSON objects."""

    act: str
    who: str
    kind: str
    thing: str = ""
    centre: str | None = None
    area: str | None = None
    address: str = ""
    outcome: Literal["done", "refused", "failed"] = "done"
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    text: str = ""


async def record(transaction: Transaction, deed: Deed, now: dt.datetime) -> None:
    """Write a row in the transaction of the deed."""
    await transaction.run(inserting(_AUDIT), at=now, **msgspec.structs.asdict(deed))
