"""What stands in units that ceased moves, on a real PostgreSQL and a small country of squares."""

import datetime as dt
import itertools
import uuid
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest

from gis.position import Position
from ioc import ticket_work
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Place
from ioc.incidents.silence import Matcher, Silence
from ioc.registration.resettling import Report
from ioc.store import incidents, people, registry, rules, silences, ticket_policies
from ioc.store import tickets as kept
from ioc.store.database import Database, Transaction
from ioc.tickets.policy import Route, Unit
from ioc.tickets.routing import Routed
from tests.conftest import Fresh
from tests.fakes import squares, things, tickets

A, B = "A@2024-09-01", "B@2024-09-01"
C, D, E = "C@2025-07-01", "D@2025-07-01", "E@2025-07-01"
IN_A, IN_D = Position(lon=100.5, lat=15.5), Position(lon=101.5, lat=15.5)
UNITS = (
    Unit(code="quang-nam", name="Tỉnh", name_en="Province", centre="quang-nam"),
    Unit(code="tam-ky", name="Tam Kỳ", name_en="Tam Ky", centre="tam-ky", up="quang-nam"),
    Unit(code="hoi-an", name="Hội An", name_en="Hoi An", centre="hoi-an", up="quang-nam"),
    Unit(code="roads", name="Đường", name_en="Roads", centre="quang-nam", up="quang-nam"),
)
POLICY = tickets.policy(
    units=UNITS,
    routes=(
        Route(categories=("infrastructure",), areas=(A,), unit="roads", why="đường của A"),
        Route(unit="centre", why="gần"),
    ),
)


@pytest.fixture
async def database(migrated: Fresh) -> AsyncIterator[Database]:
    async with Database.open(migrated.url(), size=2) as opened:
        await squares.settle(opened)
        yield opened


@pytest.fixture
async def admin(migrated: Fresh) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(migrated.url("postgres"))
    yield connection
    await connection.close()


async def device(transaction: Transaction, code: str, area: str, at: Position, centre: str, **more: Any) -> None:
    one = msgspec.structs.replace(things.device(code, centre=centre, area=area, position=at), **more)
    await registry.put_device(transaction, one, kind="x", approximate=False, note="", now=squares.BEFORE)


_seeds = itertools.count(1)


async def work(transaction: Transaction, number: int, category: str, unit: str, at: Position = IN_A) -> str:
    """An incident in A with a ticket at a unit; its id."""
    place = Place(centre="tam-ky", area=A, area_code="A", area_name="Xã A", position=at)
    about = tickets.incident(number, place=place, category=category)
    await incidents.save_incidents(transaction, [(about, None)])
    routed = Routed(unit=unit, why="gần")
    await ticket_work.opened(
        transaction, about, routed, POLICY, squares.BEFORE, "system",
        lambda size: bytes([number, next(_seeds)] * size)[:size],
    )  # fmt: skip
    return about.id


async def tickets_of(database: Database, incident: str) -> list[tuple[str, str, str, str, list[str]]]:
    """Unit, centre, area, state and the words of the log of an incident's tickets."""
    async with database.transaction(EVERYTHING) as transaction:
        found = (await kept.of_incident(transaction, incident)).values()
        return [
            (
                one.unit, one.centre, one.area, one.state,
                [line.line.what for line in await kept.log_of(transaction, uuid.UUID(one.id))],
            )
            for one in found
        ]  # fmt: skip


def moved(report: Report | None) -> dict[str, tuple[str, str]]:
    assert report is not None
    return {
        f"{one.kind} {one.code}": (one.area, one.centre) for one in report.moved if one.kind in ("device", "camera")
    }


async def test_devices_go_where_they_stand_and_the_centre_with_the_unit_that_it_served(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await device(transaction, "gauge-c", A, IN_A, "tam-ky")
        await device(transaction, "gauge-d", A, IN_D, "quang-nam")
        await device(transaction, "gateway", A, IN_A, "tam-ky")
        await device(transaction, "behind", B, Position(lon=103.0, lat=15.5), "tam-ky", gateway="gateway")
        await device(transaction, "far-off", A, Position(lon=90.0, lat=15.5), "tam-ky")
    done = await squares.load(database, squares.CUT)
    assert moved(done.report) == {
        "device behind": (D, "quang-nam"),
        "device gateway": (C, "quang-nam"),
        "device gauge-c": (C, "quang-nam"),
        "device gauge-d": (D, "quang-nam"),
    }
    assert done.report is not None
    assert [(one.kind, one.code) for one in done.report.undecided] == [("device", "far-off")]


async def test_lists_of_accounts_silences_rules_and_routes(database: Database, admin: asyncpg.Connection) -> None:
    now = squares.AFTER
    async with database.transaction(EVERYTHING) as transaction:
        person = Person(login="lan", name="Lan", role="viewer", centre=None, language="vi", areas=(A,))
        await people.create_account(transaction, uuid.uuid4(), person, "-", now)
        silence = Silence(
            id=str(uuid.UUID(int=1)), author="lan", reason="x", matcher=Matcher(areas=(A,)), starts=now,
            until=now + dt.timedelta(days=1), created_at=now,
        )  # fmt: skip
        await silences.create(transaction, silence)
        step = {"version": 1, "enabled": True, "what": "made", "at": now, "who": "lan", "reason": "x"}
        rule = rules.Kept(
            pack="own", code="deep", body={"areas": [A]},
            overrides=(rules.Override(kind="area", subject=A, body={"severe": 3.0}),), **step,
        )  # fmt: skip
        await rules.add(transaction, rule)
        await ticket_policies.add(transaction, POLICY, now, "lan", "thử")
    done = await squares.load(database, squares.JOINED)
    assert done.report is not None
    assert done.report.undecided == []
    assert done.report.counts() == {"account": 1, "silence": 1, "rule": 2, "route": 1, "undecided": 0}
    assert await admin.fetchval("select areas from accounts") == [E]
    assert set(await admin.fetchval("select subtree from accounts")) == {A, B, E}
    assert await admin.fetchval("select areas from silences") == [E]
    async with database.transaction(EVERYTHING) as transaction:
        [one] = await rules.newest(transaction)
        assert (one.version, one.body, [each.subject for each in one.overrides]) == (2, {"areas": [E]}, [E])
        policy = await ticket_policies.current(transaction)
    assert (policy.version, policy.routes[0].areas, policy.routes[1]) == (2, (E,), POLICY.routes[1])


async def test_tickets_go_to_the_unit_that_is_responsible_now_unless_people_sent_them_elsewhere(
    database: Database, admin: asyncpg.Connection
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await ticket_policies.add(transaction, POLICY, squares.BEFORE, "lan", "thử")
        near = await work(transaction, 1, "flood", "tam-ky")
        road = await work(transaction, 2, "infrastructure", "roads")
        sent = await work(transaction, 3, "flood", "quang-nam")
        both = await work(transaction, 4, "flood", "tam-ky")
        await work(transaction, 4, "flood", "hoi-an")
    await admin.execute(
        "update tickets set state = 'closed', closed_at = now(), resolved_at = now() where unit = 'roads'"
    )
    before = await admin.fetchval("select t::text from tickets t where unit = 'roads'")
    done = await squares.load(database, squares.JOINED)
    assert done.report is not None
    assert done.report.counts()["ticket"] == 4
    assert await tickets_of(database, near) == [("hoi-an", "hoi-an", E, "new", ["opened", "reorganised"])]
    assert await tickets_of(database, sent) == [("quang-nam", "quang-nam", E, "new", ["opened", "comment"])]
    assert sorted(await tickets_of(database, both)) == [
        ("hoi-an", "hoi-an", E, "new", ["opened", "comment"]),
        ("hoi-an", "hoi-an", E, "new", ["opened", "reorganised", "part"]),
    ]
    assert await admin.fetchval("select t::text from tickets t where unit = 'roads'") == before
    assert [row[3] for row in await tickets_of(database, road)] == ["closed"]
    assert await admin.fetchval("select count(*) from incidents where area <> $1", A) == 0


async def test_who_is_on_duty_at_the_new_unit_is_told(database: Database, admin: asyncpg.Connection) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await ticket_policies.add(transaction, POLICY, squares.BEFORE, "lan", "thử")
        person = Person(login="hoi", name="Hội", role="operator", centre="hoi-an", language="vi")
        await people.create_account(transaction, uuid.uuid4(), person, "-", squares.BEFORE)
        await work(transaction, 1, "flood", "tam-ky")
    await admin.execute(
        "insert into duties (id, series, unit, team, login, centre, area, starts, until, note, created_by, created_at) "
        "values ($1, $1, 'hoi-an', '', 'hoi', 'hoi-an', '', $2, $3, '', 'lan', $2)",
        uuid.uuid4(), squares.AFTER - dt.timedelta(days=1), squares.AFTER + dt.timedelta(days=1),
    )  # fmt: skip
    await squares.load(database, squares.JOINED)
    told = await admin.fetchrow("select recipient, title, body from notifications where centre = 'hoi-an'")
    assert told["recipient"] == "hoi"
    assert "Đơn vị hành chính thay đổi, giao Hội An thay Tam Kỳ" in told["title"]
    assert "Xã E, trước là Xã A" in told["body"]


async def test_again_moves_nothing(database: Database, admin: asyncpg.Connection) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await device(transaction, "gauge-c", A, IN_A, "tam-ky")
    await squares.load(database, squares.JOINED)
    version = await admin.fetchval("select version from devices")
    again = await squares.load(database, squares.JOINED)
    assert again.report is None
    assert await admin.fetchval("select version from devices") == version
