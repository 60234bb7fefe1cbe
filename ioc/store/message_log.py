"""The log of who was told what, when and by which channel; and what receivers say later."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, LiteralString

import msgspec

from gis.stamp import uuid7
from ioc.store import messages
from ioc.store.database import Row, Transaction
from ioc.store.messages import OnItsWay
from ioc.store.told import Line
from ioc.tell import order
from ioc.tell.order import Said

MOST_ITEMS = 200
"""Things of a message that its page shows."""

_LISTED: LiteralString = """
select m.*, coalesce(a.name, '') as name, s.title, s.title_en, s.items
from messages m left join accounts a on a.login = m.recipient
cross join lateral (
  select count(*) over () as items, n.title, n.title_en
  from message_items i join notifications n on n.id = i.notification where i.message = m.id
  order by array_position(array['extreme', 'severe', 'moderate', 'minor'], n.severity), n.id limit 1) s
where ($1::uuid is null or m.id = $1) and ($2::uuid is null or m.id < $2)
  and ($3::text is null or m.state = any (string_to_array($3, ' '))) and ($4::text is null or m.recipient = $4)
  and ($5::uuid is null or exists (select from message_items i join notifications n on n.id = i.notification
    where i.message = m.id and n.ticket = $5))
order by m.id desc limit $6
"""

_ITEMS: LiteralString = """
select n.* from message_items i join notifications n on n.id = i.notification
where i.message = $1 order by n.id desc limit $2
"""

_DELIVERIES: LiteralString = "select * from deliveries where message = $1 order by id"

_WHOSE: LiteralString = "select id, message, channel, round, receipt, outcome from deliveries where token = $1"

_RECEIPT: LiteralString = "update deliveries set receipt = $2, receipt_at = $3 where id = $1"

_DEAD: LiteralString = """
select m.id, m.recipient, m.reason, count(*) over () as number from messages m where m.state = 'dead'
order by m.id desc limit 1
"""

_WAITING: LiteralString = """
select (select count(*) from notifications where due_at is not null)
  + (select count(*) from messages where due_at is not null)
"""

_PRUNE_MESSAGES: LiteralString = """
delete from messages where id in (select id from messages where id < $3 and ended_at < $1 order by id limit $2)
"""
"""By the id, which tells when it was made: what ended before a moment was made before it."""

_PRUNE_NOTIFICATIONS: LiteralString = """
delete from notifications where id in (
  select id from notifications n where at < $1 and due_at is null
    and not exists (select from message_items i where i.notification = n.id) order by at limit $2)
"""

_PRUNE_THREADS: LiteralString = "delete from told_threads where told_at < $1"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages; None and empty: all. `states` are words of `order.State`."""

    states: tuple[str, ...] = ()
    recipient: str | None = None
    ticket: uuid.UUID | None = None
    before: uuid.UUID | None = None
    id: uuid.UUID | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the log. `name` is its recipient's, `title` its first thing, `items` how many it tells of those
    that the reader may see."""

    id: uuid.UUID
    recipient: str
    name: str
    language: str
    severity: str
    state: str
    title: str
    title_en: str
    items: int
    channel: str
    tries: int
    round: int
    repeats: bool
    told_by: str
    reason: str
    created_at: dt.datetime
    due_at: dt.datetime | None
    ended_at: dt.datetime | None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A sending; `outcome` empty: it is under way, `receipt` empty: none came."""

    id: int
    round: int
    channel: str
    address: str
    begun_at: dt.datetime
    ended_at: dt.datetime | None
    outcome: str
    reason: str
    reference: str
    receipt: str
    receipt_at: dt.datetime | None


class Dead(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters: how many, and the newest."""

    number: int
    newest: uuid.UUID
    recipient: str
    reason: str


def _of(model: type[Any], row: Row) -> Any:
    return model(**{name: row[name] for name in model.__struct_fields__})


async def listed(transaction: Transaction, wanted: Wanted, limit: int) -> list[Entry]:
    """Messages that tell something which the transaction's scope allows, newest first."""
    states = " ".join(wanted.states) or None
    asked = (wanted.id, wanted.before, states, wanted.recipient, wanted.ticket, limit)
    return [_of(Entry, row) for row in await transaction.connection.fetch(_LISTED, *asked)]


async def items(transaction: Transaction, message: uuid.UUID) -> list[Line]:
    """What a message tells of what the transaction's scope allows, the newest first, at most MOST_ITEMS."""
    return [_of(Line, row) for row in await transaction.connection.fetch(_ITEMS, message, MOST_ITEMS)]


async def deliveries(transaction: Transaction, message: uuid.UUID) -> list[Delivery]:
    """All sendings of a message, the first first."""
    return [_of(Delivery, row) for row in await transaction.connection.fetch(_DELIVERIES, message)]


async def receive(transaction: Transaction, token: bytes, said: Said, zone: dt.tzinfo, now: dt.datetime) -> bool:
    """A receiver tells by a token's digest what became of a sending; False when there is no such sending.

    Again, or after it was said that it arrived, it changes nothing.
    """
    row = await transaction.connection.fetchrow(_WHOSE, token)
    if row is None:
        return False
    found = await messages.locked(transaction, [row["message"]])
    row = await transaction.connection.fetchrow(_WHOSE, token)
    if row is None or not found or row["receipt"] == said or (row["receipt"] and said == "failed"):
        return row is not None
    await transaction.connection.execute(_RECEIPT, row["id"], said, now)
    [one] = found
    if one.round == row["round"]:
        after = order.receipt(one.standing, row["channel"], said, now)
        if after != one.standing:
            await messages.save(transaction, msgspec.structs.replace(one, standing=after), now, zone=zone)
    return True


async def again(
    transaction: Transaction, one: OnItsWay, standing: order.Standing, zone: dt.tzinfo, now: dt.datetime
) -> None:
    """Start a dead letter once more, under its id."""
    anew = msgspec.structs.replace(one, standing=standing, round=one.round + 1)
    await messages.save(transaction, anew, now, zone=zone)


async def figures(transaction: Transaction) -> Mapping[str, int]:
    """What waits to be told, and dead letters: of what the transaction's scope allows."""
    gone = await dead(transaction)
    waiting: int = await transaction.connection.fetchval(_WAITING)
    return {"waiting": waiting, "dead": 0 if gone is None else gone.number}


async def dead(transaction: Transaction) -> Dead | None:
    """The dead letters, None when there is none."""
    row = await transaction.connection.fetchrow(_DEAD)
    if row is None:
        return None
    return Dead(number=row["number"], newest=row["id"], recipient=row["recipient"], reason=row["reason"])


async def prune(transaction: Transaction, before: dt.datetime, most: int) -> int:
    """Drop messages that ended before a moment, and what was told before it and no message carries; how many."""
    tags = [
        await transaction.connection.execute(_PRUNE_MESSAGES, before, most, uuid7(before, bytes(10))),
        await transaction.connection.execute(_PRUNE_NOTIFICATIONS, before, most),
    ]
    await transaction.connection.execute(_PRUNE_THREADS, before)
    return sum(int(tag.rpartition(" ")[2]) for tag in tags)
