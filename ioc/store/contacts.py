"""Contacts: where people can be reached, in which order, and when they want to be left alone."""

import datetime as dt
from collections.abc import Collection
from typing import LiteralString

import msgspec

from ioc.store.database import Row, Transaction
from ioc.tell.contact import Contact, Way
from ioc.tell.quiet import Quiet

_OF: LiteralString = """
select r.recipient, a.language, c.channels, c.quiet_from, c.quiet_until,
  a.id is not null and a.disabled_at is null as reachable
from unnest($1::text[]) r (recipient)
left join accounts a on a.login = r.recipient left join contacts c on c.login = r.recipient
"""

_ONE: LiteralString = "select * from contacts where login = $1"

_SAVE: LiteralString = """
insert into contacts (login, channels, quiet_from, quiet_until, version, changed_by, changed_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (login) do update set channels = excluded.channels, quiet_from = excluded.quiet_from,
  quiet_until = excluded.quiet_until, version = excluded.version, changed_by = excluded.changed_by,
  changed_at = excluded.changed_at
"""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A person's contacts as they are kept; version 0: nothing was ever entered."""

    login: str
    ways: tuple[Way, ...] = ()
    quiet: Quiet | None = None
    version: int = 0
    changed_by: str = ""
    changed_at: dt.datetime | None = None


def _ways(row: Row) -> tuple[Way, ...]:
    return msgspec.convert(row["channels"] or [], tuple[Way, ...])


def _quiet(row: Row) -> Quiet | None:
    return None if row["quiet_from"] is None else Quiet(since=row["quiet_from"], until=row["quiet_until"])


async def of(transaction: Transaction, recipients: Collection[str]) -> dict[str, Contact]:
    """How each recipient is told. An endpoint (`@CODE`) is always there to be tried."""
    found = {}
    for row in await transaction.connection.fetch(_OF, sorted(recipients)):
        name = row["recipient"]
        endpoint = name.startswith("@")
        found[name] = Contact(
            recipient=name,
            language=row["language"] or "vi",
            ways=_ways(row),
            quiet=_quiet(row),
            reachable=endpoint or row["reachable"],
        )
    return found


async def one(transaction: Transaction, login: str, *, lock: bool = False) -> Kept:
    """A person's contacts; empty ones for who entered none. `lock`: other changes wait until the transaction ends."""
    if lock:
        await transaction.connection.fetchval("select 1 from accounts where login = $1 for update", login)
    row = await transaction.connection.fetchrow(_ONE, login)
    if row is None:
        return Kept(login=login)
    same = {name: row[name] for name in ("login", "version", "changed_by", "changed_at")}
    return Kept(ways=_ways(row), quiet=_quiet(row), **same)


async def save(transaction: Transaction, kept: Kept) -> None:
    """Keep contacts in place of what there was."""
    quiet = (None, None) if kept.quiet is None else (kept.quiet.since, kept.quiet.until)
    ways = msgspec.to_builtins(kept.ways)
    await transaction.connection.execute(
        _SAVE, kept.login, ways, *quiet, kept.version, kept.changed_by, kept.changed_at
    )
