"""What people do with tickets, each deed in one transaction, on a real PostgreSQL."""

import asyncio
import datetime as dt
import itertools
import uuid
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.store import incidents, ticket_policies
from ioc.store import tickets as kept
from ioc.store.database import Database
from ioc.ticketing import Done, Hands, MissingError, RefusedError, Sent, StaleError, Wanted
from ioc.tickets.steps import Ask
from ioc.tickets.ticket import Ticket
from tests.fakes.things import NOW
from tests.fakes.tickets import incident

THEIRS, OURS = Scope(frozenset({"hoi-an"})), Scope(frozenset({"quang-nam"}))
LATER = NOW + dt.timedelta(minutes=9)
_bytes = itertools.count(1)


def entropy(size: int) -> bytes:
    return next(_bytes).to_bytes(size, "big")


async def entered(database: Database, **changed: Any) -> uuid.UUID:
    """An incident of Hội An."""
    one = incident(next(_bytes) + 5000, **changed)
    async with database.transaction(EVERYTHING) as transaction:
        await incidents.save_incident(transaction, one, None)
    return uuid.UUID(one.id)


async def opened(database: Database, about: uuid.UUID, unit: str = "hoi-an", scope: Scope = EVERYTHING) -> Done:
    async with database.transaction(scope) as transaction:
        hands = Hands(transaction, scope, entropy, commands=True)
        return await hands.open(about, unit, "bơm nước", "lan", NOW)


async def step(database: Database, one: Ticket, word: str, scope: Scope = THEIRS, **more: Any) -> Done:
    version = more.pop("version", one.version)
    async with database.transaction(scope) as transaction:
        hands = Hands(transaction, scope, entropy, commands=False)
        asked = Ask(step=word, who=more.pop("who", "lan"), at=LATER, **more)
        return await hands.step(Wanted(uuid.UUID(one.id), version), asked, Sent())


async def test_the_routes_say_where_a_ticket_goes_when_nobody_does(database: Database) -> None:
    about = await entered(database, category="other", severity="minor")
    done = await opened(database, about, unit="")
    assert (done.after.centre, done.after.task) == ("hoi-an", "bơm nước")
    async with database.transaction(EVERYTHING) as transaction:
        policy = await ticket_policies.current(transaction)
        [line] = await kept.log_of(transaction, uuid.UUID(done.after.id))
    assert policy.unit(done.after.unit) is not None
    assert line.line.text, "which route it was"


async def test_a_unit_has_one_and_is_told_which(database: Database) -> None:
    about = await entered(database)
    first = await opened(database, about)
    with pytest.raises(RefusedError) as error:
        await opened(database, about)
    assert (error.value.refused.code, error.value.current) == ("unit-has-ticket", first.after)


async def test_only_who_sees_the_incident_opens_one_and_only_while_it_goes_on(database: Database) -> None:
    about = await entered(database)
    with pytest.raises(MissingError):
        await opened(database, about, scope=OURS)
    with pytest.raises(RefusedError, match="no unit"):
        await opened(database, about, unit="nowhere")
    over = await entered(database, status="false_alarm")
    with pytest.raises(RefusedError, match="over"):
        await opened(database, over)


async def test_a_step_is_taken_in_the_version_that_was_seen(database: Database) -> None:
    one = (await opened(database, await entered(database))).after
    after = (await step(database, one, "accept")).after
    with pytest.raises(StaleError) as error:
        await step(database, one, "refuse", why="x")
    assert error.value.current == after
    assert (await step(database, one, "comment", version=None, text="lời")).after.version == 3


async def test_a_ticket_out_of_scope_is_not_there(database: Database) -> None:
    one = (await opened(database, await entered(database))).after
    with pytest.raises(MissingError):
        await step(database, one, "accept", scope=OURS)
    elsewhere = Scope(frozenset({"hoi-an"}), areas=frozenset({"other@2025-07-01"}))
    with pytest.raises(MissingError):
        await step(database, one, "accept", scope=elsewhere)
    gone = (await step(database, one, "forward", unit="quang-nam", why="x")).after
    with pytest.raises(MissingError):
        await step(database, gone, "comment", text="x")


async def test_what_was_closed_long_ago_is_seen_by_who_saw_it(database: Database) -> None:
    one = (await opened(database, await entered(database))).after
    async with database.transaction(EVERYTHING) as transaction:
        hands = Hands(transaction, EVERYTHING, entropy, commands=True)
        asked = Ask(step="cancel", who="lan", at=LATER, why="báo nhầm")
        one = (await hands.step(Wanted(uuid.UUID(one.id), 1), asked, Sent())).after
    with pytest.raises(RefusedError) as error:
        await step(database, one, "accept")
    assert error.value.current == one


async def test_a_part_is_opened_in_the_same_deed(database: Database) -> None:
    one = (await opened(database, await entered(database))).after
    done = await step(database, one, "sub", unit="quang-nam", text=" chặn đường ")
    [part] = done.parts
    assert (part.parent, part.task, part.unit, part.sender) == (one.id, "chặn đường", "quang-nam", "hoi-an")
    assert (part.incident, part.position, part.version) == (one.incident, one.position, 1)


async def test_who_leaves_while_somebody_waits_for_the_ticket_is_not_stepped_on(database: Database) -> None:
    """The wait for the row ends with the ticket in another centre: it is not there to be stepped any more."""
    one = (await opened(database, await entered(database))).after
    async with asyncio.TaskGroup() as tasks, database.transaction(EVERYTHING) as transaction:
        await kept.family(transaction, one.id)

        async def late() -> None:
            with pytest.raises(MissingError):
                await step(database, one, "accept", version=None)

        tasks.create_task(late(), name="late")
        asked = "select exists (select from pg_locks where not granted)"
        async with asyncio.timeout(20):
            while not await transaction.connection.fetchval(asked):
                await asyncio.sleep(0.01)
        await transaction.connection.execute("update tickets set centre = 'quang-nam', unit = 'quang-nam'")
