"""What rules remember comes back to the microsecond, and what is over is forgotten."""

import datetime as dt

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.incidents.order import CALM, Episode, Memory, Milestone, State
from ioc.incidents.rules import Pending
from ioc.store import rule_states
from ioc.store.database import Database
from tests.fakes.things import NOW

SINCE = NOW + dt.timedelta(microseconds=1)
HELD = Episode(raised_at=SINCE, seen_at=SINCE, severity="moderate", worst="severe", count=3)
MEMORY = Memory(
    pending=Pending(SINCE, "severe"),
    milestones=[Milestone(NOW, CALM), Milestone(SINCE, State(HELD, Pending(NOW, "minor")))],
    newest=SINCE,
)


async def test_memories_come_back_as_they_were_and_are_forgotten(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await rule_states.save(transaction, {"k": Memory(), "l": MEMORY})
        await rule_states.save(transaction, {"k": MEMORY, "l": None, "never": None})
        assert await rule_states.load(transaction) == {"k": MEMORY}
        await rule_states.save(transaction, {})
        assert await rule_states.load(transaction) == {"k": MEMORY}


async def test_waits_are_read_without_what_they_are_judged_again_from(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await rule_states.save(transaction, {"k": MEMORY, "l": Memory(newest=NOW)})
        assert await rule_states.load_waits(transaction) == {
            "k": Memory(pending=MEMORY.pending, newest=SINCE),
            "l": Memory(newest=NOW),
        }


async def test_a_wait_that_an_earlier_version_saved_goes_on(database: Database, admin: asyncpg.Connection) -> None:
    state = f'{{"since": "{SINCE.isoformat()}", "severity": "severe"}}'
    await admin.execute("insert into rule_states values ('k', $1)", state)
    async with database.transaction(EVERYTHING) as transaction:
        assert await rule_states.load(transaction) == {"k": Memory(pending=Pending(SINCE, "severe"))}
