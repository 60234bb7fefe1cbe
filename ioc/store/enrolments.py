"""One-time codes and those that came with one; of codes and tickets only the digests are kept."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa

from ioc.registration.enrolment import Code, Enrolment, Said, State
from ioc.store.database import Row, Transaction
from ioc.store.tables_enrolment import CODES, ENROLMENTS

KEPT = dt.timedelta(days=400)
"""How long it is known who came with which code, as long as the audit trail of a year is asked for."""

_CODE = tuple(CODES.c[name] for name in Code.__struct_fields__)
_OURS = tuple(ENROLMENTS.c[name] for name in Enrolment.__struct_fields__ if name not in ("kind", "profile"))
_JOINED = ENROLMENTS.join(CODES, CODES.c.digest == ENROLMENTS.c.code_digest)


class Spoke(msgspec.Struct, frozen=True, kw_only=True):
    """An unknown device that spoke, by the dead letters it left: how many, when last, and what it sent last."""

    topic: str
    count: int
    last_at: dt.datetime
    head: bytes
    letter: int


async def add_codes(transaction: Transaction, codes: Sequence[tuple[bytes, Code]]) -> None:
    """Keep new codes under their digests."""
    rows = [{"digest": digest, "area": "", **msgspec.structs.asdict(code)} for digest, code in codes]
    names = ("digest", "area", *Code.__struct_fields__)
    await transaction.run_many(sa.insert(CODES).values({name: sa.bindparam(name) for name in names}), rows)


async def open_codes(transaction: Transaction, now: dt.datetime) -> list[Code]:
    """Codes with which nobody came yet, and that are still good."""
    used = sa.select(ENROLMENTS.c.code_digest)
    wanted = CODES.c.expires_at > now, CODES.c.revoked_at.is_(None), CODES.c.digest.not_in(used)
    rows = await transaction.rows(sa.select(*_CODE).where(*wanted).order_by(CODES.c.made_at.desc(), CODES.c.id))
    return [Code(**{name: row[name] for name in Code.__struct_fields__}) for row in rows]


async def revoke(transaction: Transaction, id: uuid.UUID, now: dt.datetime) -> bool:  # noqa: A002
    """Take a code back; False when there is none that is good."""
    statement = sa.update(CODES).where(CODES.c.id == id, CODES.c.revoked_at.is_(None), CODES.c.expires_at > now)
    return await transaction.row(statement.values(revoked_at=now).returning(CODES.c.id)) is not None


async def arrive(
    transaction: Transaction, digest: bytes, ticket: bytes, said: Said, address: str, new: uuid.UUID, now: dt.datetime
) -> Enrolment | None:
    """Somebody comes with a code; None when it is not good. Who comes again with the same serial number before a
    person decided has lost the ticket on the way, and gets the new one."""
    code = await transaction.row(
        sa.select(CODES).where(CODES.c.digest == digest, CODES.c.revoked_at.is_(None)).with_for_update()
    )
    if code is None:
        return None
    known = await transaction.row(sa.select(ENROLMENTS).where(ENROLMENTS.c.code_digest == digest))
    if known is not None:
        same = known["state"] == "waiting" and msgspec.convert(known["said"], Said).serial == said.serial
        if not same:
            return None
        await transaction.run(
            sa.update(ENROLMENTS)
            .where(ENROLMENTS.c.id == known["id"])
            .values(ticket=ticket, said=msgspec.to_builtins(said), address=address)
        )
        return await one(transaction, known["id"])
    if code["expires_at"] <= now:
        return None
    place = {name: code[name] for name in ("subject", "centre", "area")}
    row = place | {"id": new, "code_digest": digest, "ticket": ticket, "said": msgspec.to_builtins(said)}
    row |= {"state": "waiting", "address": address, "arrived_at": now}
    await transaction.run(sa.insert(ENROLMENTS).values(**row))
    return await one(transaction, new)


async def one(transaction: Transaction, id: uuid.UUID, *, lock: bool = False) -> Enrolment | None:  # noqa: A002
    """An enrolment by its id."""
    return await _one(transaction, ENROLMENTS.c.id == id, lock=lock)


async def of_ticket(transaction: Transaction, ticket: bytes) -> Enrolment | None:
    """The enrolment of a ticket's digest, held against others."""
    return await _one(transaction, ENROLMENTS.c.ticket == ticket, lock=True)


async def _one(transaction: Transaction, which: Any, *, lock: bool) -> Enrolment | None:
    statement = sa.select(*_OURS, CODES.c.kind, CODES.c.profile).select_from(_JOINED).where(which)
    row = await transaction.row(statement.with_for_update(of=ENROLMENTS) if lock else statement)
    return None if row is None else _read(row)


async def listed(transaction: Transaction, states: Sequence[State], limit: int) -> list[Enrolment]:
    """Enrolments in these states, the longest waiting first."""
    statement = sa.select(*_OURS, CODES.c.kind, CODES.c.profile).select_from(_JOINED)
    statement = statement.where(ENROLMENTS.c.state.in_(list(states)))
    rows = await transaction.rows(statement.order_by(ENROLMENTS.c.arrived_at, ENROLMENTS.c.id).limit(limit))
    return [_read(row) for row in rows]


def _read(row: Row) -> Enrolment:
    plain = {name: row[name] for name in Enrolment.__struct_fields__}
    return Enrolment(**plain | {"said": msgspec.convert(plain["said"], Said)})


async def decide(
    transaction: Transaction,
    id: uuid.UUID,  # noqa: A002
    state: State,
    by: str,
    now: dt.datetime,
    *,
    reason: str = "",
    thing: str = "",
) -> None:
    """Approve or refuse one that waits."""
    values = {"state": state, "decided_by": by, "decided_at": now, "reason": reason, "thing": thing}
    await transaction.run(sa.update(ENROLMENTS).where(ENROLMENTS.c.id == id).values(**values))


async def collect(transaction: Transaction, id: uuid.UUID, now: dt.datetime) -> None:  # noqa: A002
    """The device has its key; a second time does not put off until when it may come again."""
    first = sa.func.coalesce(ENROLMENTS.c.collected_at, now)
    await transaction.run(
        sa.update(ENROLMENTS).where(ENROLMENTS.c.id == id).values(state="collected", collected_at=first)
    )


async def prune(transaction: Transaction, before: dt.datetime) -> None:
    """Forget codes that were over before a moment, and who came with them."""
    over = sa.select(CODES.c.digest).where(CODES.c.expires_at < before)
    await transaction.run(sa.delete(ENROLMENTS).where(ENROLMENTS.c.code_digest.in_(over)))
    await transaction.run(sa.delete(CODES).where(CODES.c.expires_at < before))


_SPOKE: LiteralString = """
with letters as (
  select id, topic, head, arrived_at from dead_letters
  where code = 'unknown_device' and mended_at is null and arrived_at >= $1
  order by arrived_at desc limit 20000)
select topic, count(*) as count, max(arrived_at) as last_at, max(id) as letter,
  (array_agg(head order by arrived_at desc, id desc))[1] as head
from letters group by topic order by last_at desc limit $2
"""


async def spoke(transaction: Transaction, since: dt.datetime, limit: int) -> list[Spoke]:
    """Unknown devices that spoke since a moment, of the newest 20,000 letters they left; the newest first."""
    rows = await transaction.connection.fetch(_SPOKE, since, limit)
    return [Spoke(**{name: row[name] for name in Spoke.__struct_fields__}) for row in rows]
