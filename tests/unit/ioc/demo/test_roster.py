"""The demo's officer and operator are on duty from the first minute, and every start adds only what is missing."""

import datetime as dt

import asyncpg

from ioc import duty
from ioc.access.scope import EVERYTHING
from ioc.demo.roster import DAYS, ON_DUTY, seed_roster
from ioc.demo.seed import PEOPLE, seed_people
from ioc.store.database import Database
from ioc.store.ticket_policies import shipped
from tests.fakes.store import counted

MORNING = dt.datetime(2026, 3, 4, 1, 0, tzinfo=dt.UTC)
"""Eight o'clock, an hour into a shift."""

BEFORE_SEVEN = MORNING - dt.timedelta(hours=2)


async def test_the_accounts_of_the_demo_get_tickets(database: Database) -> None:
    await seed_people(database, dict.fromkeys(PEOPLE, "x"), {role: f"t-{role}" for role in PEOPLE}, MORNING)
    for now in (MORNING, BEFORE_SEVEN):
        await seed_roster(database, now)
        async with database.transaction(EVERYTHING) as transaction:
            for unit, role in ON_DUTY.items():
                assert await duty.on_duty(transaction, unit, now) == [role]
            last = now + dt.timedelta(days=DAYS - 1)
            assert await duty.on_duty(transaction, "dai-loc", last) == ["district"]


async def test_the_next_start_adds_a_day_and_doubles_none(database: Database, admin: asyncpg.Connection) -> None:
    for day in (0, 0, 1):
        await seed_roster(database, MORNING + dt.timedelta(days=day))
    assert await counted(admin, "duties") == len(ON_DUTY) * (DAYS + 1)
    assert await counted(admin, "teams") == len(ON_DUTY)
    assert await admin.fetchval("select count(distinct (unit, starts)) from duties") == len(ON_DUTY) * (DAYS + 1)


def test_every_unit_of_the_demo_is_one_of_the_policy() -> None:
    assert all(shipped().unit(code) for code in ON_DUTY)
