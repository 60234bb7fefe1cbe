"""Many records at once, with all that `register_changes` writes for one, in few statements.

A thing costs a millisecond and a half one by one, and a tenth of that here. What of it is the same as there is made
by the same functions; a test holds the outcomes against each other.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ioc.access.scope import EVERYTHING, Scope
from ioc.registration.record import AnyRecord, Author, Subject, changes
from ioc.store import audit, freshness, register_rows
from ioc.store.database import Transaction
from ioc.store.register_changes import Kept, begins, deed_of, line_of, row_of, standing, view_of
from ioc.store.register_rows import TABLES
from ioc.store.registry import CHANNEL, point
from ioc.store.statements import notifying

_BATCH = 2_000
"""Records of one statement, so that its JSON stays at a few megabytes."""


async def held(transaction: Transaction, subject: Subject, codes: Collection[str]) -> dict[str, AnyRecord]:
    """Records by their codes, held against other writers until the end of the transaction."""
    table = TABLES[subject]
    wanted = (
        sa.select(table.c.code)
        .where(table.c.code == sa.any_(sa.bindparam("codes", type_=ARRAY(sa.Text))))
        .order_by(table.c.code)
    )
    await transaction.rows(wanted.with_for_update(), codes=list(codes))
    return await known(transaction, subject, codes)


async def known(transaction: Transaction, subject: Subject, codes: Collection[str]) -> dict[str, AnyRecord]:
    """Records by their codes; what is not there to be seen is left out."""
    return await register_rows.some(transaction, subject, codes) if codes else {}


_TAKEN: LiteralString = """
select code, 'device' as subject from devices where code = any ($1::text[])
union all select code, 'camera' from cameras where code = any ($1::text[])
"""


async def taken(transaction: Transaction, scope: Scope, codes: Collection[str]) -> dict[str, set[str]]:
    """Which codes are in use, wherever, and of what; the transaction has its scope again afterwards."""
    found: dict[str, set[str]] = {}
    await transaction.bind(EVERYTHING)
    for row in await transaction.connection.fetch(_TAKEN, list(codes)):
        found.setdefault(row["code"], set()).add(row["subject"])
    await transaction.bind(scope)
    return found


async def register_things(
    transaction: Transaction, made: Sequence[AnyRecord], *, by: Author, now: dt.datetime, act: str, reason: str
) -> list[Kept]:
    """Enter new records of one subject, as `register_thing` does; those whose code is taken are left out."""

    def new() -> list[Kept]:
        about: dict[str, Any] = {"version": 1, "updated_at": now, "updated_by": by.login}
        return [Kept(None, standing(None, msgspec.structs.replace(one, **about), now)) for one in made]

    if not made:
        return []
    kept = await asyncio.to_thread(new)
    then = "on conflict do nothing returning code"
    table = TABLES[made[0].subject].name
    entered = set(
        await _put(transaction, table, lambda: [row_of(one.after) | view_of(None, one.after) for one in kept], then)
    )
    kept = [one for one in kept if one.after.code in entered]
    await _stand(transaction, [one.after for one in kept], now)
    await _note(transaction, kept, by, now, act, reason)
    return kept


async def change_things(
    transaction: Transaction,
    wanted: Sequence[tuple[AnyRecord, AnyRecord]],
    *,
    by: Author,
    now: dt.datetime,
    act: str,
    reason: str,
) -> list[Kept]:
    """Make records of one subject what is wanted, as `change_thing` does: pairs of a record that is `held` and what it
    is to be. What changes nothing is left out."""

    def different() -> list[Kept]:
        found = []
        for before, after in wanted:
            if changes(before, after):
                about: dict[str, Any] = {"version": before.version + 1, "updated_at": now, "updated_by": by.login}
                found.append(Kept(before, standing(before, msgspec.structs.replace(after, **about), now)))
        return found

    kept = await asyncio.to_thread(different)
    await _renewed(transaction, kept)
    await _stand(transaction, [one.after for one in kept if _moved(one)], now)
    kept = await _judged(transaction, kept, now)
    await _note(transaction, kept, by, now, act, reason)
    return kept


def _moved(kept: Kept) -> bool:
    before, after = kept.before, kept.after
    places = [(one.position, one.centre, one.area) for one in (before, after) if one is not None]
    return len(set(places)) == 2


async def _judged(transaction: Transaction, kept: Sequence[Kept], now: dt.datetime) -> list[Kept]:
    """With the states that devices have, of which work only begins."""
    codes = [one.after.code for one in kept if one.after.subject == "device" and begins(one.before, one.after)]
    if not codes:
        return list(kept)
    await freshness.judge_devices(transaction, codes, now)
    found = await register_rows.some(transaction, "device", codes)
    return [Kept(one.before, found.get(one.after.code, one.after)) for one in kept]


def _batches(rows: Sequence[Mapping[str, Any]]) -> list[tuple[list[str], str]]:
    """Rows of the same columns together, as JSON, with the names of their columns."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    return [
        (list(names), msgspec.json.encode(some[first : first + _BATCH]).decode())
        for names, some in alike.items()
        for first in range(0, len(some), _BATCH)
    ]


Rows = Callable[[], Sequence[Mapping[str, Any]]]
"""Makes rows with values as JSON has them. It takes long, and so runs in a thread."""


async def _put(transaction: Transaction, table: str, rows: Rows, then: str = "") -> list[str]:
    """Insert rows; what `then` returns. Names of tables and columns are ours."""
    found: list[str] = []
    for names, content in await asyncio.to_thread(lambda: _batches(rows())):
        columns = ", ".join(names)
        sql = f"insert into {table} ({columns}) select {columns} from json_populate_recordset(null::{table}, $1::json) "  # noqa: S608
        found += [row[0] for row in await transaction.connection.fetch(sql + then, content)]
    return found


async def _renewed(transaction: Transaction, kept: Sequence[Kept]) -> None:
    def rows() -> list[dict[str, Any]]:
        return [row_of(one.after) | view_of(one.before, one.after) for one in kept]

    for names, content in await asyncio.to_thread(lambda: _batches(rows())):
        table = TABLES[kept[0].after.subject].name
        changed = ", ".join(f"{name} = n.{name}" for name in names if name != "code")
        news = f"json_populate_recordset(null::{table}, $1::json) n"
        sql = f"update {table} t set {changed} from {news} where t.code = n.code"  # noqa: S608
        await transaction.connection.execute(sql, content)


async def _stand(transaction: Transaction, records: Sequence[AnyRecord], now: dt.datetime) -> None:
    def rows() -> list[dict[str, Any]]:
        return [
            {"code": one.code, "subject": one.subject, "valid_from": now, "centre": one.centre, "area": one.area}
            | {"geom": point(one.position)}
            for one in records
        ]

    again = ", ".join(f"{name} = excluded.{name}" for name in ("subject", "centre", "area", "geom"))
    await _put(transaction, "positions", rows, f"on conflict (code, valid_from) do update set {again}")


async def _note(
    transaction: Transaction, kept: Sequence[Kept], by: Author, now: dt.datetime, act: str, reason: str
) -> None:
    """History, audit trail and the word to those who hold the register in memory."""
    if not kept:
        return

    def deeds() -> list[dict[str, Any]]:
        return [{"at": now} | audit.storable(msgspec.to_builtins(deed_of(one, by, act, reason))) for one in kept]

    await _put(transaction, "register_log", lambda: [line_of(one, by, now, act, reason) for one in kept])
    await _put(transaction, "audit", deeds)
    await transaction.run(notifying(CHANNEL))
