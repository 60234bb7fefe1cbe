"""Notifications: entered in the transaction of the deed that they tell of, and found again by the teller."""

import datetime as dt
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import LiteralString

import msgspec

from gis.layers import OPEN_STATUSES
from ioc.store.database import Transaction
from ioc.tell.grouping import Repeat, Waiting
from ioc.tell.notification import Notification
from ioc.tickets.ticket import OPEN

_FIELDS = tuple(name for name in Notification.__struct_fields__ if name != "to")

_ENQUEUE: LiteralString = """
with things as materialized (
  select * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::uuid[], $13::uuid[], $14::text[], $15::text[], $16::timestamptz[]) with ordinality
    as t (key, topic, thread, severity, title, title_en, body, body_en, link, ticket, incident, centre, area, at, place)
)
insert into notifications (key, recipient, topic, thread, severity, title, title_en, body, body_en, link,
  ticket, incident, centre, area, at, due_at)
select t.key, n.recipient, t.topic, t.thread, t.severity, t.title, t.title_en, t.body, t.body_en, t.link,
  t.ticket, t.incident, t.centre, t.area, t.at, t.at
from unnest($1::int[], $2::text[]) with ordinality as n (thing, recipient, place)
join things t on t.place = n.thing
order by n.place
on conflict (key, recipient) do nothing
"""
"""What several people are told alike goes over the line once."""

_DUE: LiteralString = """
(select recipient from notifications where due_at <= $1 group by recipient order by min(due_at) limit $2)
union
(select distinct recipient from told_threads where repeat_at <= $1 limit $2)
"""

_WAITING: LiteralString = """
select id, recipient, thread, topic, severity, at, read_at is not null as read
from notifications where recipient = any ($1::text[]) and due_at is not null order by id for update
"""

_TOLD: LiteralString = """
select recipient, thread, told_at from told_threads where recipient = any ($1::text[]) and thread = any ($2::text[])
"""

_REPEATS: LiteralString = """
select t.recipient, t.thread, t.notification as id, n.severity, t.repeat_at as at,
  case when n.ticket is null then exists (select from incidents i where i.id = n.incident and i.status = any ($3))
  else exists (select from tickets k where k.id = n.ticket and k.state = any ($4) and k.received_at <= n.at) end as open
from told_threads t left join notifications n on n.id = t.notification
where t.recipient = any ($1::text[]) and t.repeat_at <= $2
"""

_OVER: LiteralString = """
update told_threads set repeat_at = null where (recipient, thread) in (select * from unnest($1::text[], $2::text[]))
"""

_LATER_AGAIN: LiteralString = """
update told_threads t set repeat_at = l.at
from unnest($1::text[], $2::text[], $3::timestamptz[]) l (recipient, thread, at)
where t.recipient = l.recipient and t.thread = l.thread
"""

_LATER: LiteralString = """
update notifications n set due_at = l.at from unnest($1::bigint[], $2::timestamptz[]) l (id, at) where n.id = l.id
"""

_CARRIED: LiteralString = "update notifications set due_at = null where id = any ($1::bigint[])"

_SPOKEN: LiteralString = """
insert into told_threads (recipient, thread, told_at, repeat_at, notification)
select recipient, thread, $2::timestamptz,
  case when bool_or(ticket is not null or incident is not null) then $3::timestamptz end, max(id)
from notifications where id = any ($1::bigint[]) group by recipient, thread
on conflict (recipient, thread) do update
  set told_at = excluded.told_at, repeat_at = excluded.repeat_at,
      notification = greatest(told_threads.notification, excluded.notification)
"""

_PUT_OFF: LiteralString = "update notifications set due_at = $3 where recipient = $1 and due_at <= $2"
_PUT_OFF_THREADS: LiteralString = "update told_threads set repeat_at = $3 where recipient = $1 and repeat_at <= $2"

_SET_BACK: LiteralString = "update notifications set due_at = due_at - $1::interval where due_at > $2"
_SET_BACK_THREADS: LiteralString = "update told_threads set repeat_at = repeat_at - $1::interval where repeat_at > $2"


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for one recipient: news, when its threads were told last, and threads that are to be told again.

    `over` are threads that would be told again but are not open any more, or whose ticket went to another unit since.
    """

    waiting: Sequence[Waiting]
    told: Mapping[str, dt.datetime]
    repeats: Sequence[Repeat]
    over: Sequence[str]


async def enqueue(transaction: Transaction, notifications: Sequence[Notification]) -> int:
    """Enter what people are to be told; how many of it is new. The page shows it after the commit, the teller sends it.

    One statement, whatever their number. What is there under the same key and recipient stays as it is. The
    transaction must see the whole installation (`EVERYTHING`): a deed has consequences for people elsewhere.
    """
    if not notifications:
        return 0
    ordered = sorted(notifications, key=lambda one: (one.key, one.to))  # two at once wait for each other in one order
    things: dict[tuple[object, ...], int] = {}
    places = [things.setdefault(_thing(one), len(things) + 1) for one in ordered]
    columns = [list(column) for column in zip(*things, strict=True)]
    tag: str = await transaction.connection.execute(_ENQUEUE, places, [one.to for one in ordered], *columns)
    return int(tag.rpartition(" ")[2])


_thing: Callable[[Notification], tuple[object, ...]] = operator.attrgetter(*_FIELDS)


async def due(transaction: Transaction, now: dt.datetime, most: int) -> list[str]:
    """Recipients for whom something has to be looked at, who waited longest first."""
    return [row["recipient"] for row in await transaction.connection.fetch(_DUE, now, most)]


async def desks(transaction: Transaction, recipients: Collection[str], now: dt.datetime) -> dict[str, Desk]:
    """All that waits for some recipients, held against others until the transaction ends."""
    names = sorted(recipients)
    waiting: dict[str, list[Waiting]] = {name: [] for name in names}
    told: dict[str, dict[str, dt.datetime]] = {name: {} for name in names}
    repeats: dict[str, list[Repeat]] = {name: [] for name in names}
    over: dict[str, list[str]] = {name: [] for name in names}
    fields = Waiting.__struct_fields__
    for row in await transaction.connection.fetch(_WAITING, names):
        waiting[row["recipient"]].append(Waiting(**{name: row[name] for name in fields}))
    threads = sorted({one.thread for some in waiting.values() for one in some})
    for row in await transaction.connection.fetch(_TOLD, names, threads):
        told[row["recipient"]][row["thread"]] = row["told_at"]
    for row in await transaction.connection.fetch(_REPEATS, names, now, list(OPEN_STATUSES), list(OPEN)):
        if row["open"]:
            repeats[row["recipient"]].append(Repeat(**{name: row[name] for name in Repeat.__struct_fields__}))
        else:
            over[row["recipient"]].append(row["thread"])
    return {
        name: Desk(waiting=waiting[name], told=told[name], repeats=repeats[name], over=over[name]) for name in names
    }


async def carried(transaction: Transaction, ids: Sequence[int], now: dt.datetime, repeat_at: dt.datetime) -> None:
    """Messages carry these: their threads are told, and are told again later where they can be still open then."""
    if ids:
        await transaction.connection.execute(_CARRIED, ids)
        await transaction.connection.execute(_SPOKEN, ids, now, repeat_at)


async def later(transaction: Transaction, at: Mapping[int, dt.datetime]) -> None:
    """When notifications are looked at next."""
    if at:
        await transaction.connection.execute(_LATER, list(at), list(at.values()))


async def later_again(transaction: Transaction, at: Mapping[tuple[str, str], dt.datetime]) -> None:
    """When threads, by recipient and name, are looked at next whether they are still open."""
    if at:
        recipients, threads = zip(*at, strict=True)
        await transaction.connection.execute(_LATER_AGAIN, list(recipients), list(threads), list(at.values()))


async def over(transaction: Transaction, threads: Collection[tuple[str, str]]) -> None:
    """Threads, by recipient and name, that are not open any more: they are not told again by themselves."""
    if threads:
        recipients, names = zip(*threads, strict=True)
        await transaction.connection.execute(_OVER, list(recipients), list(names))


async def put_off(transaction: Transaction, recipient: str, now: dt.datetime, until: dt.datetime) -> None:
    """What is due for somebody now is looked at again later."""
    await transaction.connection.execute(_PUT_OFF, recipient, now, until)
    await transaction.connection.execute(_PUT_OFF_THREADS, recipient, now, until)


async def set_back(transaction: Transaction, step: dt.timedelta, now: dt.datetime) -> None:
    """The clock was set back: what lies ahead of it comes as much earlier."""
    await transaction.connection.execute(_SET_BACK, step, now)
    await transaction.connection.execute(_SET_BACK_THREADS, step, now)
