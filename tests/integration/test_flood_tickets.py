"""The scripted flood goes on: in the end the tickets, moves, escalations and words to people that were written down by
reading, also with every work stopped wherever it can be."""

import datetime as dt
import random
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING
from ioc.store import ticket_policies
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes import flood, flood_outcome
from tests.fakes import flood_written as written
from tests.fakes.flood import Script
from tests.fakes.flood_hands import POINTS, TicketOffice, settle_in
from tests.fakes.flood_office import late, opened
from tests.fakes.flood_settled import settled


@pytest.fixture(scope="session")
def script(area_index: AreaIndex) -> Script:
    return flood.script(area_index)


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's look at everything."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    yield connection
    await connection.close()


@pytest.fixture
async def office(
    database: Database, area_index: AreaIndex, script: Script, tmp_path: Path
) -> AsyncIterator[TicketOffice]:
    """An office with all its staff."""
    await settle_in(database, script.told[0][0])
    async with opened(TicketOffice, database, area_index, script, tmp_path / "media") as made:
        yield made


async def as_written(office: TicketOffice, admin: asyncpg.Connection) -> None:
    """All that must hold in the end."""
    found = await flood_outcome.tickets(office, admin)
    wrong = [
        *flood_outcome.differences(found),
        *flood_outcome.late(found),
        *await flood_outcome.answered(admin),
        *(await flood_outcome.untold(admin) if office.tells else []),
    ]
    assert not wrong, "\n".join(wrong)
    assert office.refused == [line for one in written.deeds().story for line in one.refused]


async def test_the_policy_is_the_one_by_which_the_tickets_were_read(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        policy = await ticket_policies.current(transaction)
    read = written.tickets().policy
    assert (policy.version, written.digest_of(policy)) == (read.version, read.digest), (
        "the shipped policy of tickets changed: read tests/data/flood/tickets.toml and deeds.toml again where it "
        "concerns them, then enter its new version and digest in tickets.toml"
    )


async def test_the_flood_ends_in_the_tickets_moves_and_escalations_that_were_written_down(
    office: TicketOffice, script: Script, admin: asyncpg.Connection
) -> None:
    await office.play(script.told)
    await settled(office, admin)
    await office.finish()
    await as_written(office, admin)


async def test_with_every_work_stopped_at_every_point_it_is_the_same(
    office: TicketOffice, script: Script, admin: asyncpg.Connection
) -> None:
    office.kills = True
    await office.play(script.told)
    await settled(office, admin)
    await office.finish()
    assert set(POINTS) <= set(office.stops)
    await as_written(office, admin)


async def test_told_twice_it_is_the_same_work(office: TicketOffice, script: Script, admin: asyncpg.Connection) -> None:
    office.tells = False
    again = [(at + dt.timedelta(minutes=5), one) for at, one in script.told]
    await office.play(sorted([*script.told, *again], key=lambda one: one[0]))
    await settled(office, admin)
    await office.finish()
    await as_written(office, admin)


async def test_in_any_order_within_ten_minutes_the_same_units_work_on_the_same_incidents(
    office: TicketOffice, script: Script, admin: asyncpg.Connection
) -> None:
    """When a ticket is opened and who leads may differ: of an incident it is the unit to which the route of what was
    told first leads (the flood of Kiệu Châu before its road, say), and what comes later makes others come along."""
    office.tells, office.late = False, dt.timedelta(minutes=11)
    await office.play(late(script.told, random.Random(1)))
    await settled(office, admin)
    await office.finish()
    wrong = flood_outcome.other_units(await flood_outcome.tickets(office, admin))
    assert not wrong, "\n".join(wrong)
