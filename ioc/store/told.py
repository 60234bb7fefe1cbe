"""What one person was told: the notifications of the page, and which of them are read."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import LiteralString

import msgspec

from ioc.store import messages
from ioc.store.database import Transaction
from ioc.tell import order

_PAGE: LiteralString = """
select * from notifications
where recipient = $1 and id < $2 and (not $3::bool or read_at is null) order by id desc limit $4
"""

_UNREAD: LiteralString = """
select recipient, count(*) as unread, max(id) as newest from notifications
where recipient = any ($1::text[]) and read_at is null group by recipient
"""

_READ: LiteralString = """
update notifications set read_at = $2
where recipient = $1 and read_at is null and (id <= $3 or id = any ($4::bigint[])) returning id
"""

_WHOLE: LiteralString = """
select distinct i.message from message_items i join messages m on m.id = i.message
where i.notification = any ($1::bigint[]) and m.state <> 'told' and not exists (
  select from message_items j join notifications n on n.id = j.notification
  where j.message = i.message and n.read_at is null)
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A notification as its recipient has it. `read_at` None: it is not read."""

    id: int
    topic: str
    thread: str
    severity: str
    title: str
    title_en: str
    body: str
    body_en: str
    link: str
    ticket: uuid.UUID | None
    incident: uuid.UUID | None
    centre: str
    area: str
    at: dt.datetime
    read_at: dt.datetime | None


class Unread(msgspec.Struct, frozen=True):
    """How many a person has not read, and the newest of them (0: none)."""

    number: int = 0
    newest: int = 0

    @property
    def mark(self) -> str:
        """A word that changes whenever either does."""
        return f"{self.newest}-{self.number}"


NONE = Unread()


async def page(transaction: Transaction, login: str, before: int, limit: int, *, unread: bool = False) -> list[Line]:
    """A person's own, newest first, those before a number only."""
    rows = await transaction.connection.fetch(_PAGE, login, before, unread, limit)
    return [Line(**{name: row[name] for name in Line.__struct_fields__}) for row in rows]


async def unread(transaction: Transaction, logins: Collection[str]) -> Mapping[str, Unread]:
    """What people have not read; who has read everything is not in it."""
    rows = await transaction.connection.fetch(_UNREAD, sorted(logins))
    return {row["recipient"]: Unread(row["unread"], row["newest"]) for row in rows}


async def read(
    transaction: Transaction, login: str, now: dt.datetime, *, through: int = 0, ids: Collection[int] = ()
) -> int:
    """A person has read some in the page; how many are new to it. A message whose every part is read is told."""
    found = [row["id"] for row in await transaction.connection.fetch(_READ, login, now, through, list(ids))]
    if found:
        whole = [row["message"] for row in await transaction.connection.fetch(_WHOLE, found)]
        for one in await messages.locked(transaction, whole):
            await messages.save(transaction, msgspec.structs.replace(one, standing=order.read(one.standing)), now)
    return len(found)
