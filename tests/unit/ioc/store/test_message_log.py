"""The log of messages, in PostgreSQL; what is seen of it is tried in tests/unit/ioc/api/test_messages.py."""

import datetime as dt

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.store import message_log, messages
from ioc.store.database import Database
from ioc.store.message_log import Wanted
from ioc.tell import order
from ioc.tell.channel import Accepted
from ioc.tell.order import Patience
from tests.fakes.telling import AT
from tests.unit.ioc.store.test_messages import MAIL, made


async def test_a_receipt_of_an_earlier_round_is_noted_and_changes_nothing(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        [new] = await made(transaction, "minor")
        [one] = await messages.claim(transaction, "mail", AT, 1)
        await messages.begin(transaction, [(one, MAIL, digest("word"))], AT)
        dead = order.refused("minor", "nobody")
        one = msgspec.structs.replace(one, standing=dead)
        await message_log.again(transaction, one, order.anew("minor", AT), dt.UTC, AT)
        assert await message_log.receive(transaction, digest("word"), "delivered", dt.UTC, AT)
        [kept] = await messages.locked(transaction, [new.id])
        [sent] = await message_log.deliveries(transaction, new.id)
    assert (kept.round, kept.standing.state, sent.receipt) == (2, "due", "delivered")


async def test_a_receipt_may_come_before_the_answer(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        [new] = await made(transaction, "severe")
        [one] = await messages.claim(transaction, "mail", AT, 1)
        await messages.begin(transaction, [(one, MAIL, digest("word"))], AT)
        await message_log.receive(transaction, digest("word"), "delivered", dt.UTC, AT)
        [kept] = await messages.locked(transaction, [new.id])
    assert (kept.standing.state, kept.standing.told_by) == ("told", "mail")
    assert order.after(kept.standing, Accepted(), AT, 0.0, Patience()) == kept.standing


async def test_dead_letters_are_counted_and_the_newest_is_named(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await message_log.dead(transaction) is None
        for new in await made(transaction, "minor", "minor"):
            [kept] = await messages.locked(transaction, [new.id])
            gone = msgspec.structs.replace(order.refused("minor", "no mailbox"), route=kept.standing.route)
            await messages.save(transaction, msgspec.structs.replace(kept, standing=gone), AT)
        found = await message_log.dead(transaction)
        assert found is not None
        assert (found.number, found.recipient, found.reason) == (2, "lan", "no mailbox")
        assert await message_log.figures(transaction) == {"waiting": 2, "dead": 2}
        assert [one.state for one in await message_log.listed(transaction, Wanted(states=("dead",)), 9)] == ["dead"] * 2
