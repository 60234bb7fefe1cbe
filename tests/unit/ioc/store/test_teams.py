"""Teams and times on duty come back as they were entered."""

import datetime as dt
import uuid
from typing import Any

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import people, teams
from ioc.store.database import Database
from ioc.store.teams import Duty, Roster, Team, Worker

NOW = dt.datetime(2026, 3, 4, 5, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TEAM = Team(unit="hoi-an", code="ca-1", centre="hoi-an", name="Ca", members=("an",), version=1, updated_at=NOW)


def duty(number: int, start: int, **more: Any) -> Duty:
    plain: dict[str, Any] = {
        "id": uuid.UUID(int=number), "series": uuid.UUID(int=100), "unit": "hoi-an", "team": "", "login": "an",
        "centre": "hoi-an", "starts": NOW + start * HOUR, "until": NOW + (start + 2) * HOUR, "note": "",
        "created_by": "binh", "created_at": NOW,
    }  # fmt: skip
    return Duty(**plain | more)


async def test_a_team_comes_back_and_its_code_is_taken_once(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await teams.create(transaction, TEAM)
        assert not await teams.create(transaction, TEAM)
        assert await teams.one(transaction, "hoi-an", "ca-1", lock=True) == TEAM
        assert await teams.one(transaction, "hoi-an", "ca-2") is None
        assert await teams.listed(transaction, "dai-loc") == []
        await teams.move(transaction, "hoi-an", "quang-nam")
        assert [one.centre for one in await teams.listed(transaction)] == ["quang-nam"]


async def test_a_span_has_what_touches_it(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        laid = [duty(1, -2), duty(2, 0), duty(3, 2), duty(4, 0, unit="pc07", centre="quang-nam", login="chi")]
        await teams.lay_out(transaction, laid)
        found = await teams.duties(transaction, NOW, NOW + 2 * HOUR, 10)
        assert found == [laid[1], laid[3]], "one that ends as the span begins, or begins as it ends, is no part of it"
        assert await teams.duties(transaction, NOW, NOW + 2 * HOUR, 10, unit="pc07") == [laid[3]]
        assert await teams.duties(transaction, NOW - 9 * HOUR, NOW + 9 * HOUR, 10, login="an") == laid[:3]
        assert len(await teams.duties(transaction, NOW - 9 * HOUR, NOW + 9 * HOUR, 2)) == 2


async def test_the_rest_of_a_series_is_what_begins_later(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        laid = [duty(1, 0), duty(2, 5), duty(3, 9), duty(4, 9, series=uuid.UUID(int=200))]
        await teams.lay_out(transaction, laid)
        assert await teams.take_off(transaction, laid[1], later=True) == 2
        assert await teams.take_off(transaction, laid[0]) == 1
        assert await teams.duty(transaction, laid[3].id) == laid[3]
        assert await teams.duty(transaction, laid[0].id) is None


async def test_a_roster_holds_only_accounts_that_work(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        person = Person(login="an", name="An", role="district", centre="hoi-an", language="vi")
        await people.create_account(transaction, uuid.uuid4(), person, "-", NOW)
        await teams.create(transaction, TEAM)
        await teams.lay_out(transaction, [duty(1, 0), duty(2, 0, login="gone")])
        assert await teams.roster(transaction, "hoi-an", NOW) == Roster(on_duty=("an",), members=("an",))
        assert await teams.roster(transaction, "hoi-an") == Roster(on_duty=(), members=("an",))
        assert await teams.workers(transaction) == [Worker(login="an", name="An", role="district", centre="hoi-an")]


async def test_the_roster_is_not_read_from_a_table_that_its_caller_made(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        person = Person(login="an", name="An", role="district", centre="hoi-an", language="vi")
        await people.create_account(transaction, uuid.uuid4(), person, "-", NOW)
        await teams.create(transaction, TEAM)
        await transaction.connection.execute("create temp table teams (like public.teams)")
        await transaction.connection.execute("grant select on pg_temp.teams to public")
        assert await teams.roster(transaction, "hoi-an") == Roster(on_duty=(), members=("an",))
