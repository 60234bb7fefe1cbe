"""Messages on their way: made, claimed for sending, and written down with what became of them."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any, LiteralString

import msgspec

from ioc.store import contacts
from ioc.store.database import Row, Transaction
from ioc.tell.order import Hop, Standing
from ioc.tell.quiet import held
from ioc.tell.wording import Envelope, Spoken

STOPPED = "the centre was stopped meanwhile, so nobody knows whether it arrived: it is sent again under the same id"

_ADD: LiteralString = """
insert into messages (id, recipient, language, severity, state, route, channel, due_at, told_by, reason, repeats,
  created_at, ended_at)
select n.id, recipient, language, severity, state, route::jsonb, channel, due_at, told_by, reason, repeats,
  created_at, ended_at
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::timestamptz[], $9::text[], $10::text[], $11::bool[], $12::timestamptz[], $13::timestamptz[])
  as n (id, recipient, language, severity, state, route, channel, due_at, told_by, reason, repeats,
    created_at, ended_at)
"""
"""The routes come as texts: an array of lists would be one of more dimensions."""

_ADD_ITEMS: LiteralString = """
insert into message_items (message, notification) select * from unnest($1::uuid[], $2::bigint[])
"""

_CLAIM: LiteralString = """
update messages set begun_at = $2 where id in (
  select id from messages where channel = $1 and state = 'due' and due_at <= $2 and begun_at is null
  order by severity = 'extreme' desc, due_at limit $3 for update skip locked)
returning *
"""

_BEGIN: LiteralString = """
insert into deliveries (message, round, channel, address, begun_at, token)
select m, r, c, a, $6, t from unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::bytea[]) n (m, r, c, a, t)
returning id, message
"""

_SPOKEN: LiteralString = """
select message, thread, topic, severity, title, title_en, body, body_en, link, ticket::text, incident::text, at, count
from (
  select i.message, n.*, count(*) over w as count, row_number() over (w order by
    array_position(array['extreme', 'severe', 'moderate', 'minor'], n.severity), n.id desc) as place
  from message_items i join notifications n on n.id = i.notification
  where i.message = any ($1::uuid[]) window w as (partition by i.message)
) s where place <= $2 order by message, place
"""

_LOCKED: LiteralString = "select * from messages where id = any ($1::uuid[]) order by id for update"

_LATE: LiteralString = """
select * from messages where due_at <= $1 and (state = 'waiting' or (state = 'due' and begun_at is null
  and channel <> all ($2::text[]))) order by due_at limit $3 for update skip locked
"""

_BUSY: LiteralString = """
select c from unnest($1::text[]) c where exists (
  select from messages where channel = c and state = 'due' and due_at <= $2 and begun_at is null)
"""

_SAVE: LiteralString = """
update messages set state = $2, route = $3, place = $4, tries = $5, taken_by = $6, channel = $7, due_at = $8,
  told_by = $9, reason = $10, ended_at = $11, begun_at = case when $12 then null else begun_at end, round = $13
where id = $1
"""

_END: LiteralString = """
update deliveries set outcome = $2, reason = $3, reference = $4, ended_at = $5 where id = $1 and outcome = ''
"""

_RELEASE: LiteralString = """
update messages set begun_at = null, due_at = case when state = 'due' then $1 else due_at end,
  tries = least(tries + 1, 1000) where begun_at is not null and id <> all ($2::uuid[])
"""

_UNKNOWN: LiteralString = """
update deliveries set outcome = 'unknown', reason = $3, ended_at = $1
where outcome = '' and message <> all ($2::uuid[])
"""

_PUT_OFF: LiteralString = "update messages set due_at = $2 where id = $1 and due_at is not null"

_SET_BACK: LiteralString = "update messages set due_at = due_at - $1::interval where due_at > $2"


class New(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is to be: what it tells, to whom, and how it stands."""

    id: uuid.UUID
    recipient: str
    language: str
    standing: Standing
    items: tuple[int, ...]
    repeats: bool
    created: dt.datetime


class OnItsWay(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is kept."""

    id: uuid.UUID
    recipient: str
    language: str
    repeats: bool
    round: int
    created: dt.datetime
    standing: Standing

    @property
    def envelope(self) -> Envelope:
        """What the words are made for."""
        same = {name: getattr(self, name) for name in ("recipient", "language", "repeats", "created")}
        return Envelope(id=str(self.id), severity=self.standing.severity, **same)


def _route(standing: Standing) -> list[list[str]]:
    return [[hop.channel, hop.address] for hop in standing.route]


def _channel(standing: Standing) -> str:
    return "" if standing.hop is None else standing.hop.channel


def _on_its_way(row: Row) -> OnItsWay:
    plain = {name: row[name] for name in ("severity", "place", "tries", "taken_by", "state", "due_at")}
    standing = Standing(
        route=tuple(Hop(*one) for one in row["route"]), told_by=row["told_by"], reason=row["reason"], **plain
    )
    same = {name: row[name] for name in ("id", "recipient", "language", "repeats", "round")}
    return OnItsWay(created=row["created_at"], standing=standing, **same)


async def add(transaction: Transaction, messages: Sequence[New], now: dt.datetime) -> None:
    """Keep new messages and what each tells, in two statements."""
    if not messages:
        return
    rows: list[tuple[Any, ...]] = [
        (
            one.id, one.recipient, one.language, one.standing.severity, one.standing.state,
            msgspec.json.encode(_route(one.standing)).decode(), _channel(one.standing), one.standing.due_at,
            one.standing.told_by, one.standing.reason, one.repeats, one.created, now if one.standing.ended else None,
        )
        for one in messages
    ]  # fmt: skip
    await transaction.connection.execute(_ADD, *map(list, zip(*rows, strict=True)))
    items = [(one.id, item) for one in messages for item in one.items]
    await transaction.plan_once()  # a message may tell of thousands, each checked against its keys
    await transaction.connection.execute(_ADD_ITEMS, *map(list, zip(*items, strict=True)))


async def claim(transaction: Transaction, channel: str, now: dt.datetime, most: int) -> list[OnItsWay]:
    """Messages that are due by a channel, now marked as being sent: the extreme first, then who waited longest."""
    return [_on_its_way(row) for row in await transaction.connection.fetch(_CLAIM, channel, now, most)]


async def begin(
    transaction: Transaction, sendings: Sequence[tuple[OnItsWay, Hop, bytes]], now: dt.datetime
) -> dict[uuid.UUID, int]:
    """Enter sendings before they are made, each with the digest of its receipt's word; the delivery of each message."""
    rows = [(one.id, one.round, hop.channel, hop.address, token) for one, hop, token in sendings]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return {row["message"]: row["id"] for row in await transaction.connection.fetch(_BEGIN, *columns, now)}


async def spoken(
    transaction: Transaction, ids: Collection[uuid.UUID], most: int
) -> dict[uuid.UUID, tuple[list[Spoken], int]]:
    """What messages tell, the worst and newest `most` things of each, and how many there are."""
    found: dict[uuid.UUID, tuple[list[Spoken], int]] = {}
    for row in await transaction.connection.fetch(_SPOKEN, list(ids), most):
        some, _ = found.setdefault(row["message"], ([], row["count"]))
        some.append(Spoken(**{name: row[name] for name in Spoken.__struct_fields__}))
    return found


async def locked(transaction: Transaction, ids: Collection[uuid.UUID]) -> list[OnItsWay]:
    """Messages, held against others until the transaction ends."""
    return [_on_its_way(row) for row in await transaction.connection.fetch(_LOCKED, list(ids))]


async def late(transaction: Transaction, known: Collection[str], now: dt.datetime, most: int) -> list[OnItsWay]:
    """Messages whose receipt did not come in time, and those whose channel is none of the known; held."""
    return [_on_its_way(row) for row in await transaction.connection.fetch(_LATE, now, list(known), most)]


async def busy(transaction: Transaction, channels: Collection[str], now: dt.datetime) -> list[str]:
    """The channels by which something is due."""
    return [row["c"] for row in await transaction.connection.fetch(_BUSY, list(channels), now)]


async def save(
    transaction: Transaction, message: OnItsWay, now: dt.datetime, *, zone: dt.tzinfo = dt.UTC, sent: bool = False
) -> None:
    """Write how a message stands; `sent`: the sending that was under way has ended.

    What would be sent in its recipient's quiet hours, by the clock of `zone`, waits for their end.
    """
    one, due_at = message.standing, message.standing.due_at
    if one.state == "due" and due_at is not None:
        contact = (await contacts.of(transaction, [message.recipient]))[message.recipient]
        due_at = held(contact.quiet, zone, one.severity, due_at)
    await transaction.connection.execute(
        _SAVE, message.id, one.state, _route(one), one.place, one.tries, one.taken_by, _channel(one), due_at,
        one.told_by, one.reason, now if one.ended else None, sent, message.round,
    )  # fmt: skip


async def end(
    transaction: Transaction, delivery: int, outcome: str, reason: str, reference: str, now: dt.datetime
) -> None:
    """Write what became of a sending."""
    await transaction.connection.execute(_END, delivery, outcome, reason[:1_000], reference[:200], now)


async def release(transaction: Transaction, under_way: Collection[uuid.UUID], now: dt.datetime) -> int:
    """What is marked as being sent and is not under way is due again: nobody knows what became of it. How many."""
    tag: str = await transaction.connection.execute(_RELEASE, now, list(under_way))
    await transaction.connection.execute(_UNKNOWN, now, list(under_way), STOPPED)
    return int(tag.rpartition(" ")[2])


async def put_off(transaction: Transaction, message: uuid.UUID, until: dt.datetime) -> None:
    """A message that waits is looked at again later."""
    await transaction.connection.execute(_PUT_OFF, message, until)


async def set_back(transaction: Transaction, step: dt.timedelta, now: dt.datetime) -> None:
    """The clock was set back: what lies ahead of it comes as much earlier."""
    await transaction.connection.execute(_SET_BACK, step, now)
