"""Who is told of a unit's work, and by which version of the policy, on a real PostgreSQL."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
import pytest

from ioc import duty, shipping
from ioc.access.policy import Person, scope_of
from ioc.access.rights import ROLES, allows
from ioc.access.scope import EVERYTHING
from ioc.store import people, teams, ticket_policies
from ioc.store.database import Database, Transaction
from ioc.store.teams import Duty, Team

NOW = dt.datetime(2026, 3, 4, 5, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def person(login: str, role: str, centre: str | None = None, areas: tuple[str, ...] = ()) -> Person:
    return Person(login=login, name=login.title(), role=role, centre=centre, language="vi", areas=areas)


def team(code: str, *members: str, unit: str = "dai-loc", centre: str = "dai-loc") -> Team:
    return Team(unit=unit, code=code, centre=centre, name=code, members=members, version=1, updated_at=NOW)


def shift(login: str = "", start: int = -1, end: int = 1, **more: Any) -> Duty:
    """A time on duty, in hours from NOW."""
    about = {"unit": "dai-loc", "team": "", "centre": "dai-loc", "note": "", "created_by": "an", "created_at": NOW}
    series = uuid.UUID(int=1)
    span = {"starts": NOW + start * HOUR, "until": NOW + end * HOUR}
    return Duty(id=uuid.uuid4(), login=login, **{"series": series} | about | span | more)


async def accounts(transaction: Transaction, *persons: Person) -> None:
    for one in persons:
        await people.create_account(transaction, uuid.uuid4(), one, "-", NOW)


async def test_the_roster_comes_first_then_teams_then_the_centres_officers(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await accounts(
            transaction,
            person("root", "admin"), person("op", "operator"), person("viewer", "viewer", "dai-loc"),
            person("an", "district", "dai-loc"), person("binh", "district", "dai-loc"),
            person("chi", "district", "hoi-an"),
        )  # fmt: skip
        assert await duty.on_duty(transaction, "dai-loc", NOW) == ["an", "binh"]
        assert await duty.on_duty(transaction, "quang-nam", NOW) == ["op"]
        assert await duty.on_duty(transaction, "dien-luc", NOW) == ["op"]
        assert await duty.on_duty(transaction, "nong-son", NOW) == ["op"], "nobody there: the operators"
        assert await duty.on_duty(transaction, "no-such-unit", NOW) == ["op"]
        await teams.create(transaction, team("ca-1", "binh", "gone"))
        assert await duty.on_duty(transaction, "dai-loc", NOW) == ["binh"], "who has no account is nobody"
        await teams.lay_out(transaction, [shift("an"), shift("binh", -3, -1), shift("binh", 1, 2)])
        assert await duty.on_duty(transaction, "dai-loc", NOW) == ["an"]
        assert await duty.on_duty(transaction, "dai-loc", NOW - 2 * HOUR) == ["binh"]
        assert await duty.on_duty(transaction, "dai-loc", NOW + HOUR) == ["binh"], "the end belongs to the next"
        assert await duty.staff(transaction, "dai-loc") == ["binh"]
        assert await duty.staff(transaction, "hoi-an") == ["chi"]


async def test_a_team_on_duty_is_each_of_its_members_and_times_may_overlap(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await accounts(
            transaction, person("an", "district", "dai-loc"), person("binh", "district", "dai-loc"),
            person("chi", "district", "dai-loc"),
        )  # fmt: skip
        await teams.create(transaction, team("ca-1", "an", "binh"))
        await teams.lay_out(transaction, [shift(team="ca-1"), shift("chi", -2, 1), shift("an", 0, 3)])
        assert await duty.on_duty(transaction, "dai-loc", NOW) == ["chi", "an", "binh"], "the longest first, each once"


async def test_who_is_disabled_is_told_nothing_and_nobody_is_left_out(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await accounts(transaction, person("an", "district", "dai-loc"), person("root", "admin"))
        await teams.create(transaction, team("ca-1", "an"))
        await teams.lay_out(transaction, [shift("an")])
        found = await people.by_login(transaction, "an")
        assert found is not None
        await people.set_disabled(transaction, found.id, NOW)
        assert await duty.on_duty(transaction, "dai-loc", NOW) == ["root"]
        assert await duty.staff(transaction, "dai-loc") == ["root"]


async def test_whoever_sends_work_there_learns_who_is_told_though_the_roster_is_not_theirs(database: Database) -> None:
    officer = person("chi", "district", "hoi-an")
    async with database.transaction(EVERYTHING) as transaction:
        await accounts(transaction, officer, person("an", "district", "dai-loc"))
        await teams.create(transaction, team("ca-1", "an"))
        await teams.lay_out(transaction, [shift("an")])
    async with database.transaction(scope_of(officer)) as transaction:
        assert await teams.listed(transaction) == []
        assert await teams.duties(transaction, NOW - 9 * HOUR, NOW + 9 * HOUR, 10) == []
        assert await duty.on_duty(transaction, "dai-loc", NOW) == ["an"]


async def test_the_shipped_policy_is_version_one_and_is_entered_once(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert (await ticket_policies.current(transaction)) is ticket_policies.shipped()
        assert await ticket_policies.ship(transaction, NOW)
        assert not await ticket_policies.ship(transaction, NOW + HOUR)
        policy = await ticket_policies.current(transaction)
        assert policy == ticket_policies.shipped()
        assert await ticket_policies.current(transaction) is policy, "kept in memory"
        [first] = await ticket_policies.versions(transaction, 100, 10)
        assert (first.version, first.who, first.shipped) == (1, "", True)
        with pytest.raises(ticket_policies.UnknownVersionError):
            await ticket_policies.of_version(transaction, 2)


async def test_the_first_start_enters_the_policy_with_the_rules(database: Database) -> None:
    for _ in range(2):
        await shipping.seed(database, lambda: NOW)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        [first] = await ticket_policies.versions(transaction, 100, 10)
    assert (first.version, first.at) == (1, NOW)


async def test_a_version_stays_as_it_was_when_the_next_is_made(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await ticket_policies.ship(transaction, NOW)
        policy = msgspec.structs.replace(ticket_policies.shipped(), version=2, bounces_up=5)
        await ticket_policies.add(transaction, policy, NOW, "root", "more patience")
    async with database.transaction(EVERYTHING) as transaction:
        assert (await ticket_policies.current(transaction)).bounces_up == 5
        assert (await ticket_policies.of_version(transaction, 1)).bounces_up == 3
        assert not await ticket_policies.ship(transaction, NOW), "what people made stays"
        for statement in ("update ticket_policies set who = 'x'", "delete from ticket_policies"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with transaction.connection.transaction():
                    await transaction.connection.execute(statement)


async def test_a_program_that_ships_another_policy_adds_a_version_where_nobody_made_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await ticket_policies.ship(transaction, NOW)
        newer = msgspec.structs.replace(ticket_policies.shipped(), bounces_up=4)
        monkeypatch.setattr(ticket_policies, "shipped", lambda: newer)
        assert await ticket_policies.ship(transaction, NOW)
        assert ((await ticket_policies.current(transaction)).version, newer.version) == (2, 1)
        assert not await ticket_policies.ship(transaction, NOW)


async def test_a_version_that_was_never_committed_leaves_nothing_in_memory(database: Database) -> None:
    base = ticket_policies.shipped()

    async def made(bounces: int) -> None:
        async with database.transaction(EVERYTHING) as transaction:
            policy = msgspec.structs.replace(base, version=1, bounces_up=bounces)
            await ticket_policies.add(transaction, policy, NOW, "root", "try")
            assert (await ticket_policies.current(transaction)).bounces_up == bounces
            if bounces == 7:
                raise InterruptedError

    with pytest.raises(InterruptedError):
        await made(7)
    await made(9)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert (await ticket_policies.of_version(transaction, 1)).bounces_up == 9


async def test_a_policy_is_seen_by_who_sees_tickets_wherever_they_are(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await ticket_policies.ship(transaction, NOW)
    for role in ROLES:
        bound = person("p", role, "hoi-an", ("20410@2025-07-01",))
        async with database.transaction(scope_of(bound), read_only=True) as transaction:
            found = await ticket_policies.versions(transaction, 10, 10)
            assert len(found) == allows(role, "see", "ticket"), role
