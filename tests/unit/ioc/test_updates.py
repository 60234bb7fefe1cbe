"""Each public step of a ticket is offered once to the reports of its incident, with the change itself."""

import asyncio
import datetime as dt
import secrets

import pytest

from ioc import updates
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.tickets.public import present
from tests.fakes.answered import join, told_by, updates_of, whole_life
from tests.fakes.ticket_days import Days
from tests.fakes.tickets import incident

INCIDENT = incident(1001).id
OTHER = incident(1002).id


async def steps(database: Database, **wanted: object) -> list[str]:
    return [one.step for one in await updates_of(database, **wanted)]


async def test_a_whole_life_is_told_in_its_order_and_in_our_words_alone(database: Database) -> None:
    await told_by(database, "7", INCIDENT)
    days = Days(database, 1)
    ended = await whole_life(days, await days.open())
    assert ended.state == "closed"
    found = await updates_of(database)
    assert [one.step for one in found] == ["sent", "accepted", "working", "resolved", "done"]
    assert {(one.channel, one.number) for one in found} == {("1022", "7")}
    assert "Bí Mật" not in str(found)
    assert found[0].expected_at is not None
    assert found[-1].expected_at is None


async def test_an_incident_that_no_citizen_told_offers_nothing(database: Database) -> None:
    days = Days(database, 1)
    await whole_life(days, await days.open())
    assert await updates_of(database) == []


async def test_moving_on_is_told_and_parts_are_not(database: Database) -> None:
    await told_by(database, "7", INCIDENT)
    days = Days(database, 1)
    ticket = await days.open()
    other = "roads" if ticket.unit != "roads" else "power"
    ticket = await days.step(ticket, "forward", unit=other)
    assert ticket.unit == other
    assert await steps(database) == ["sent", "moved"]


async def test_a_report_that_comes_late_is_told_where_the_ticket_stands_once(database: Database) -> None:
    days = Days(database, 1)
    ticket = await days.step(await days.open(), "accept")
    await told_by(database, "late", INCIDENT)
    for _ in range(2):
        assert not await updates.catch_up(database, days.at, secrets.token_bytes)
    assert await steps(database) == [present(ticket)]
    await days.step(ticket, "start")
    assert await steps(database) == ["accepted", "working"]


async def test_where_a_ticket_stood_is_never_told_after_where_it_stands(database: Database) -> None:
    days = Days(database, 1)
    ticket = await days.open()
    await told_by(database, "late", INCIDENT)
    async with asyncio.TaskGroup() as tasks, database.transaction(EVERYTHING) as transaction:
        await days.step_in(transaction, ticket, "accept")
        late = tasks.create_task(updates.catch_up(database, days.at, secrets.token_bytes), name="late")
        await asyncio.wait({late}, timeout=0.5)
    assert await steps(database) == ["accepted"]


async def test_a_report_whose_incident_was_merged_is_told_of_the_other_ticket(database: Database) -> None:
    days = Days(database, 1)
    await days.open()
    moved = await told_by(database, "7", INCIDENT)
    await updates.catch_up(database, days.at, secrets.token_bytes)
    await days.open()
    await join(database, moved, OTHER)
    for _ in range(2):
        await updates.catch_up(database, days.at, secrets.token_bytes)
    assert await steps(database) == ["sent", "moved"]


@pytest.mark.parametrize(("lives_on", "told"), [(False, ["sent", "cancelled"]), (True, ["sent"])])
async def test_a_report_of_a_duplicate_hears_the_end_unless_another_ticket_goes_on(
    database: Database, lives_on: bool, told: list[str]
) -> None:
    days = Days(database, 1)
    report = await told_by(database, "7", INCIDENT)
    ticket = await days.open()
    if lives_on:
        await days.open()
    await join(database, report, OTHER)
    async with database.transaction(EVERYTHING) as transaction:
        await transaction.connection.execute(
            "update incidents set status = 'duplicate', duplicate_of = $2 where id = $1", INCIDENT, OTHER
        )
    assert (await days.step(ticket, "cancel")).state == "cancelled"
    assert await steps(database) == told


async def test_it_is_not_over_while_another_ticket_of_the_incident_goes_on(database: Database) -> None:
    await told_by(database, "7", INCIDENT)
    days = Days(database, 1)
    first = await days.open()
    days._number -= 1
    days.chance.choice = lambda some: "roads" if "roads" in some and first.unit != "roads" else some[0]  # type: ignore
    second = await days.open()
    assert first.unit != second.unit
    await days.step(first, "cancel")
    assert "cancelled" not in await steps(database)
    await days.step(second, "cancel")
    assert (await steps(database))[-1] == "cancelled"


@pytest.mark.parametrize("last", ["verify", "cancel"])
async def test_the_end_is_told_when_the_last_ticket_is_verified_though_none_is_closed(
    database: Database, last: str
) -> None:
    await told_by(database, "7", INCIDENT)
    days = Days(database, 1)
    first = await days.open()
    days._number -= 1
    days.chance.choice = lambda some: "roads" if "roads" in some and first.unit != "roads" else some[0]  # type: ignore
    second = await days.open()
    for ticket in (first, second):
        for word in ("accept", "resolve"):
            ticket = await days.step(ticket, word)
    await days.step(first, "verify", who="binh")
    assert (await steps(database))[-1] == "resolved"
    await days.step(second, last, who="binh")
    assert (await steps(database))[-1] == {"verify": "done", "cancel": "cancelled"}[last]


async def test_a_report_that_was_taken_back_is_told_nothing(database: Database) -> None:
    gone = await told_by(database, "7", INCIDENT)
    async with database.transaction(EVERYTHING) as transaction:
        await transaction.connection.execute("update reports set withdrawn_at = now() where id = $1", gone)
    days = Days(database, 1)
    await days.open()
    assert await updates_of(database) == []


async def test_what_is_rolled_back_was_never_offered(database: Database) -> None:
    await told_by(database, "7", INCIDENT)
    days = Days(database, 1)
    with pytest.raises(RuntimeError):
        async with database.transaction(EVERYTHING) as transaction:
            ticket = await days.open_in(transaction)
            assert ticket.state == "new"
            raise RuntimeError
    assert await updates_of(database) == []
    assert days.at - dt.timedelta() == days.at
