"""Messages in PostgreSQL."""

import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import messages
from ioc.store.database import Database, Transaction
from ioc.store.messages import New
from ioc.store.notifications import enqueue
from ioc.tell import order
from ioc.tell.order import Hop, Patience
from tests.fakes.telling import AT, notification

MAIL = Hop("mail", "lan@example.vn")
S = dt.timedelta(seconds=1)


async def made(transaction: Transaction, *severities: str, items: int = 1, **about: Any) -> list[New]:
    """Messages of these severities, each a second later than the one before."""
    found = []
    for number, severity in enumerate(severities):
        some = [notification(severity=severity, title=f"{severity} {n}") for n in range(items)]
        await enqueue(transaction, some)
        rows = await transaction.connection.fetch("select id from notifications order by id desc limit $1", items)
        standing = order.begun(severity, (MAIL,), AT + number * S, Patience())
        plain = {"recipient": "lan", "language": "vi", "repeats": False, "created": AT} | about
        found.append(New(id=uuid.uuid4(), standing=standing, items=tuple(row["id"] for row in rows), **plain))
    await messages.add(transaction, found, AT)
    return found


async def test_what_is_claimed_is_due_extreme_first_and_claimed_once(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        minor, severe, extreme, _ = await made(transaction, "minor", "severe", "extreme", "minor")
        claimed = await messages.claim(transaction, "mail", AT + 2 * S, 2)
        assert {one.id for one in claimed} == {extreme.id, minor.id}
        assert [one.id for one in await messages.claim(transaction, "mail", AT + 2 * S, 9)] == [severe.id]
        assert await messages.claim(transaction, "sms", AT + 9 * S, 9) == []


async def test_a_message_tells_the_worst_and_counts_the_rest(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        [new] = await made(transaction, "minor", items=5)
        found = await messages.spoken(transaction, [new.id], 3)
    some, count = found[new.id]
    assert (len(some), count) == (3, 5)


async def test_it_is_written_as_it_stands(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        [new] = await made(transaction, "severe")
        [kept] = await messages.locked(transaction, [new.id])
        assert (kept.standing, kept.recipient, kept.round) == (new.standing, "lan", 1)
        told = order.read(msgspec.structs.replace(kept.standing, tries=4, reason="r", taken_by="mail"))
        await messages.save(transaction, msgspec.structs.replace(kept, standing=told), AT)
        [again] = await messages.locked(transaction, [new.id])
        assert again.standing == told
        assert await messages.late(transaction, ["mail"], AT + S, 9) == []


@pytest.mark.parametrize("under_way", [True, False])
async def test_what_was_being_sent_is_due_again_unless_it_is_under_way(database: Database, under_way: bool) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        [new] = await made(transaction, "minor")
        [one] = await messages.claim(transaction, "mail", AT, 1)
        await messages.begin(transaction, [(one, MAIL, b"digest")], AT)
        assert await messages.release(transaction, [new.id] if under_way else [], AT + S) == int(not under_way)
        claimed = await messages.claim(transaction, "mail", AT + S, 1)
        outcome = await transaction.connection.fetchval("select outcome from deliveries")
    assert (len(claimed), outcome) == ((0, "") if under_way else (1, "unknown"))
    assert under_way or claimed[0].standing.tries == 1


async def test_who_has_no_such_channel_any_more_is_late(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        [new] = await made(transaction, "minor")
        assert await messages.late(transaction, ["mail"], AT, 9) == []
        assert [one.id for one in await messages.late(transaction, ["sms"], AT, 9)] == [new.id]
