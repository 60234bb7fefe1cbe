"""An acknowledgement: done, missing, stale, or too late."""

import uuid

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.incidents.incident import Place, Titles, opened
from ioc.store import incidents as kept
from ioc.store.database import Database
from ioc.store.steps import Outcome, acknowledge
from tests.fakes.store import counted
from tests.fakes.things import AI_NGHIA, NOW, alarm

ID = uuid.UUID(int=9)
PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)


@pytest.fixture
async def _incident(database: Database) -> None:
    made, _ = opened(alarm(), Titles("t", "t"), PLACE, str(ID), NOW)
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incident(transaction, made, None)


async def step(database: Database, version: int, scope: Scope = EVERYTHING, incident: uuid.UUID = ID) -> Outcome:
    async with database.transaction(scope) as transaction:
        return await acknowledge(transaction, incident, expected_version=version, who="lan", now=NOW)


@pytest.mark.usefixtures("_incident")
async def test_the_first_takes_it_over_and_it_is_logged_and_told(database: Database, admin: asyncpg.Connection) -> None:
    assert await step(database, 1) == "done"
    assert tuple(await admin.fetchrow("select status, owner, version from incidents")) == ("acknowledged", "lan", 2)
    assert tuple(await admin.fetchrow("select who, what, at from incident_log")) == ("lan", "acknowledged", NOW)
    assert await counted(admin, "changes") == 1


@pytest.mark.usefixtures("_incident")
@pytest.mark.parametrize(
    ("status", "version", "scope", "outcome"),
    [
        ("new", 2, EVERYTHING, "stale"),
        ("new", 1, Scope(frozenset({"hoi-an"})), "missing"),
        ("acknowledged", 1, EVERYTHING, "wrong-state"),
        ("closed", 1, EVERYTHING, "wrong-state"),
    ],
)
async def test_what_is_refused_changes_nothing(
    database: Database, admin: asyncpg.Connection, status: str, version: int, scope: Scope, outcome: Outcome
) -> None:
    await admin.execute("update incidents set status = $1", status)
    assert await step(database, version, scope) == outcome
    assert await admin.fetchval("select version from incidents") == 1
    assert await counted(admin, "changes") + await counted(admin, "incident_log") == 0


@pytest.mark.usefixtures("_incident")
async def test_what_was_reopened_can_be_taken_over_again(database: Database, admin: asyncpg.Connection) -> None:
    await admin.execute("update incidents set status = 'reopened'")
    assert await step(database, 1) == "done"
    assert await step(database, 1, incident=uuid.UUID(int=1)) == "missing"
