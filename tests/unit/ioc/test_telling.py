"""Facts about who the roles of a ticket are, and what is entered for them, on a real PostgreSQL."""

import datetime as dt
from typing import Any

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.telling import REMEMBERED, Asked, Directory, tell_of
from ioc.tickets.policy import Whom
from ioc.tickets.ticket import line_of
from tests.fakes.escalations import NOON, POLICY, ticket
from tests.fakes.ticket_world import World


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.settle_in()
    return made


ENDPOINT = """
insert into endpoints (code, kind, centre, unit, name, address, changed_at, changed_by)
values ('nha-may', 'webhook', 'hoi-an', 'cap-nuoc', 'Nhà máy nước', 'https://nuoc.example/', now(), 'admin')
"""


@pytest.mark.parametrize(
    ("role", "members", "logins"),
    [
        ("owner", {"owner": "hoi2"}, ["hoi2"]),
        ("owner", {}, ["nuoc"]),
        ("owner", {"owner": "gone"}, ["nuoc"]),
        ("duty", {}, ["nuoc"]),
        ("team", {"team": "truc"}, ["nuoc", "nuoc2"]),
        ("team", {}, ["nuoc"]),
        ("team", {"team": "truc", "owner": "hoi2"}, ["nuoc", "nuoc2"]),
        ("unit", {}, ["nuoc", "nuoc2"]),
        ("sender", {"sender": "hoi-an"}, ["hoi"]),
        ("sender", {}, ["tinh"]),
        ("province", {}, ["tinh"]),
        ("parent", {}, ["nuoc"]),
    ],
)
async def test_a_role_is_people_and_never_nobody(
    world: World, role: Whom, members: dict[str, Any], logins: list[str]
) -> None:
    about = ticket(**members)
    async with world.database.transaction(EVERYTHING) as transaction:
        assert await Directory(transaction, NOON).people(about, (role,), POLICY) == logins


async def test_who_has_the_ticket_that_this_is_a_part_of(world: World) -> None:
    lead = await world.open(unit="hoi-an")
    async with world.database.transaction(EVERYTHING) as transaction:
        directory, part = Directory(transaction, NOON), ticket(parent=lead.id)
        await directory.prepare([part])
        assert await directory.people(part, ("parent",), POLICY) == ["hoi"]
    await world.step(lead, "accept", who="hoi2")
    async with world.database.transaction(EVERYTHING) as transaction:
        directory = Directory(transaction, NOON)
        await directory.prepare([part])
        assert await directory.people(part, ("parent", "sender"), POLICY) == ["hoi2", "tinh"]


async def test_the_endpoints_of_a_unit_are_told_with_its_people(world: World, admin: asyncpg.Connection) -> None:
    await admin.execute(ENDPOINT)
    async with world.database.transaction(EVERYTHING) as transaction:
        directory = Directory(transaction, NOON)
        assert await directory.people(ticket(), ("duty", "unit"), POLICY) == ["nuoc", "@nha-may", "nuoc2"]
        assert await directory.people(ticket(owner="nuoc2"), ("owner",), POLICY) == ["nuoc2"]


async def test_what_one_person_was_given_is_not_told_to_who_is_on_duty_as_theirs(world: World) -> None:
    async with world.database.transaction(EVERYTHING) as transaction:
        directory = Directory(transaction, NOON)
        assert await directory.people(ticket(owner="nuoc2"), ("owner", "team"), POLICY) == ["nuoc2"]
        assert await directory.people(ticket(), ("owner", "team"), POLICY) == ["nuoc"]


async def test_a_deed_is_told_once_and_not_to_who_did_it(world: World) -> None:
    new = ticket()
    line = line_of(new, NOON, "nuoc", "opened")
    for _ in range(2):
        async with world.database.transaction(EVERYTHING) as transaction:
            await tell_of(transaction, None, new, (line,), POLICY, NOON)
    assert await world.told("ticket") == []
    for _ in range(2):
        async with world.database.transaction(EVERYTHING) as transaction:
            by_other = line_of(new, NOON, "tinh", "opened")
            await tell_of(transaction, None, new, (by_other,), POLICY, NOON + dt.timedelta(minutes=1))
    assert await world.told("ticket") == [(1, "nuoc", "Phiếu #7: Phiếu mới cho Cấp nước: Vỡ ống nước")]


async def test_what_was_found_of_a_unit_is_used_again_for_seconds_and_no_longer(
    world: World, admin: asyncpg.Connection
) -> None:
    asked = Asked()

    async def on_duty(at: dt.datetime) -> list[str]:
        async with world.database.transaction(EVERYTHING) as transaction:
            return await Directory(transaction, at, asked).on_duty("cap-nuoc")

    assert await on_duty(NOON) == ["nuoc"]
    await admin.execute("update duties set login = 'nuoc2' where unit = 'cap-nuoc'")
    assert await on_duty(NOON + REMEMBERED) == ["nuoc"]
    assert await on_duty(NOON + 2 * REMEMBERED) == ["nuoc2"]
    await admin.execute("update duties set login = 'nuoc' where unit = 'cap-nuoc'")
    assert await on_duty(NOON) == ["nuoc"], "a clock that was set back asks anew"
