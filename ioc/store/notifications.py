"""Notifications: what each person is told, entered in the transaction of the deed that it tells of."""

from collections.abc import Sequence
from typing import LiteralString

from ioc.store.database import Transaction
from ioc.tell.notification import Notification

CHANNEL = "ioc_notifications"
"""NOTIFY channel that wakes the teller, and pages that wait for news."""

_FIELDS = tuple(name for name in Notification.__struct_fields__ if name != "at")

_ENQUEUE: LiteralString = """
with new as (
  insert into notifications (key, recipient, topic, thread, severity, title, title_en, body, body_en, link,
    ticket, incident, centre, area, at, due_at)
  select n.*, n.at from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::uuid[], $12::uuid[], $13::text[], $14::text[], $15::timestamptz[])
    as n (key, recipient, topic, thread, severity, title, title_en, body, body_en, link,
      ticket, incident, centre, area, at)
  on conflict (key, recipient) do nothing
  returning id
)
select count(*), (select pg_notify($16, '') from new limit 1) from new
"""


async def enqueue(transaction: Transaction, notifications: Sequence[Notification]) -> int:
    """Enter what people are to be told; how many of it is new. The page shows it after the commit, the teller sends it.

    One statement, whatever their number. What is there under the same key and recipient stays as it is. The
    transaction must see the whole installation (`EVERYTHING`): a deed has consequences for people elsewhere.
    """
    if not notifications:
        return 0
    ordered = sorted(notifications, key=lambda one: (one.key, one.to))  # two at once wait for each other in one order
    columns = [[getattr(one, name) for one in ordered] for name in (*_FIELDS, "at")]
    new: int = await transaction.connection.fetchval(_ENQUEUE, *columns, CHANNEL)
    return new
