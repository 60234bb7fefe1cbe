"""A centre goes into another one, on a real PostgreSQL: Tam Kỳ's goes into Núi Thành's."""

import datetime as dt
import uuid

import asyncpg
import pytest

from gis.position import Position
from ioc import catalogue, ticket_work
from ioc.access.policy import Person, scope_of
from ioc.access.scope import EVERYTHING, Scope
from ioc.centre_merging import Merged, MergeError, merge
from ioc.incidents.incident import Place
from ioc.incidents.silence import Matcher, Silence
from ioc.register import Register
from ioc.store import former_topics, incidents, people, registry, silences, ticket_policies
from ioc.store import tickets as kept
from ioc.store.database import Database, Transaction
from ioc.tickets.routing import Routed, route
from sensors.topics import ForeignTopicError, address_of, registered
from tests.fakes import things, tickets

NOW = dt.datetime(2026, 3, 1, 3, tzinfo=dt.UTC)
AREA = "20341@2025-07-01"
PLACE = Position(lon=108.48, lat=15.57)
GONE, INTO = "tam-ky", "nui-thanh"


async def account(transaction: Transaction, login: str, centre: str) -> None:
    person = Person(login=login, name=login, role="operator", centre=centre, language="vi")
    await people.create_account(transaction, uuid.uuid4(), person, "-", NOW)


async def person(database: Database, login: str) -> Person:
    async with database.transaction(EVERYTHING) as transaction:
        found = await people.by_login(transaction, login)
        assert found is not None
        return found.person


@pytest.fixture(autouse=True)
async def town(database: Database, admin: asyncpg.Connection) -> None:
    """Tam Kỳ with a gauge, a camera, two silences, two people, an open and a closed incident and a ticket."""
    async with database.transaction(EVERYTHING) as transaction:
        one = things.device("gauge-one", centre=GONE, area=AREA, position=PLACE)
        await registry.put_device(transaction, one, kind="river-gauge", approximate=False, note="", now=NOW)
        camera = registry.CameraRow(
            code="cam-one", centre=GONE, area=AREA, name="Một", kind="traffic", position=PLACE, bearing=None, fov=None,
            settings={"scene": "traffic", "codec": "onvif-ej"},
        )  # fmt: skip
        await registry.put_camera(transaction, camera, "", NOW)
        for login, centre in (("an", GONE), ("binh", INTO), ("chi", "hoi-an")):
            await account(transaction, login, centre)
        place = Place(centre=GONE, area=AREA, area_code="20341", area_name="Tam Kỳ", position=PLACE)
        going, over = tickets.incident(1, place=place), tickets.incident(2, place=place, status="closed")
        await incidents.save_incidents(transaction, [(going, None), (over, None)])
        policy = await ticket_policies.current(transaction)
        routed = Routed(unit=GONE, why="gần")
        await ticket_work.opened(transaction, going, routed, policy, NOW, "system", lambda size: b"\1" * size)
        for number, centres in enumerate(((GONE,), (GONE, "hoi-an"))):
            matcher = Matcher(centres=centres)
            until = NOW + dt.timedelta(days=1)
            silence = Silence(
                id=str(uuid.UUID(int=number)), author="an", reason="x", matcher=matcher, starts=NOW, until=until,
                created_at=NOW,
            )  # fmt: skip
            await silences.create(transaction, silence)
    await admin.execute("insert into streams (centre, device, property, unit) values ('tam-ky', 'gauge-one', 'l', 'm')")
    await admin.execute("insert into teams values ('tam-ky', 'truc', 'tam-ky', '', 'Trực', '{an}', 1, now())")


async def merged(database: Database, gone: str = GONE, into: str = INTO) -> Merged | None:
    async with database.transaction(EVERYTHING) as transaction:
        return await merge(transaction, gone, into, NOW, "cli:thu")


async def test_what_works_for_the_centre_works_for_the_other_and_codes_stay(
    database: Database, admin: asyncpg.Connection
) -> None:
    done = await merged(database)
    assert done is not None
    await _rows_moved(admin, done)
    await _new_work_goes_to_the_new_centre(database)
    await _silences_mute_what_the_centre_had(database, done)
    versions = "select array_agg(version order by code) from devices"
    before = await admin.fetchval(versions)
    assert await merged(database) is None
    assert await admin.fetchval(versions) == before
    await _former_topics_are_accepted(database)


async def _rows_moved(admin: asyncpg.Connection, done: Merged) -> None:
    assert dict(done.rows) == {
        "accounts": 1, "teams": 1, "duties": 0, "endpoints": 0, "rule_overrides": 0, "codes": 0,
        "enrolments": 0, "areas": 5,
    }  # fmt: skip
    assert done.report.counts() == {"device": 1, "camera": 1, "ticket": 1, "silence": 1, "undecided": 1}
    for table in ("devices", "cameras", "streams", "teams", "accounts", "tickets", "centre_areas"):
        assert await admin.fetchval(f"select count(*) from {table} where centre = 'tam-ky'") == 0, table
    assert await admin.fetchval(
        "select array_agg(centre order by valid_from) from positions where code = 'gauge-one'"
    ) == [INTO]
    history = await admin.fetchrow("select act, who, reason from register_log where code = 'gauge-one'")
    assert tuple(history) == ("move", "cli:thu", "centre merge tam-ky nui-thanh")
    deed = await admin.fetchrow("select act, who, thing from audit where kind = 'centre'")
    assert tuple(deed) == ("centre.merge", "cli:thu", GONE)
    seen = await admin.fetch("select subject, centre, centre_before from changes where subject in ('device', 'ticket')")
    assert {(row["subject"], row["centre"], row["centre_before"]) for row in seen if row["centre_before"]} == {
        ("device", INTO, GONE), ("ticket", INTO, GONE),
    }  # fmt: skip


async def _new_work_goes_to_the_new_centre(database: Database) -> None:
    """And the tickets of the old centre's unit stay with it."""
    async with database.transaction(EVERYTHING) as transaction:
        policy = await ticket_policies.current(transaction)
        old = policy.unit(GONE)
        assert old is not None
        assert (old.centre, old.up) == (INTO, INTO)
        found = route(policy, "flood", "severe", [AREA], INTO, NOW.date())
        assert found.unit == INTO
        [ticket] = (await kept.of_incident(transaction, str(uuid.UUID(int=1)))).values()
        assert (ticket.unit, ticket.centre, ticket.area) == (GONE, INTO, AREA)
        line = (await kept.log_of(transaction, uuid.UUID(ticket.id)))[-1].line
        assert "tam-ky đã nhập vào nui-thanh" in line.text


async def test_the_past_is_seen_by_the_new_centre_and_by_nobody_else(
    database: Database, admin: asyncpg.Connection
) -> None:
    before = await admin.fetchval("select string_agg(i::text, '|' order by id) from incidents i")
    await merged(database)
    assert await admin.fetchval("select string_agg(i::text, '|' order by id) from incidents i") == before

    async def sees(scope: Scope) -> int:
        async with database.transaction(scope, read_only=True) as transaction:
            return int(await transaction.connection.fetchval("select count(*) from incidents"))

    async with database.transaction(EVERYTHING) as transaction:
        assert GONE in {one.code for one in await people.centres(transaction)}
        assert GONE not in {one.code for one in await people.centres(transaction, working=True)}
    for login, wanted in (("an", 2), ("binh", 2), ("chi", 0)):
        who = await person(database, login)
        assert who.former == ((GONE,) if wanted else ())
        assert await sees(scope_of(who)) == wanted, login
    async with database.transaction(EVERYTHING) as transaction:
        await account(transaction, "dung", INTO)
    assert scope_of(await person(database, "dung")).centres == {INTO, GONE}
    await merged(database, INTO, "hoi-an")
    assert scope_of(await person(database, "chi")).centres == {"hoi-an", INTO, GONE}
    for gone, into, why in (
        ("thang-binh", INTO, "went into hoi-an before; merge thang-binh into that one"),
        (GONE, "hoi-an", "tam-ky went into nui-thanh before"),
    ):
        with pytest.raises(MergeError, match=why):
            await merged(database, gone, into)


async def _former_topics_are_accepted(database: Database) -> None:
    """Until somebody has changed the device."""
    async with Register.open(database, catalogue.profiles()) as register:
        for centre in (INTO, GONE):
            address = address_of(f"ioc/v1/{centre}/gauge-one/readings")
            assert registered(address, register.devices()).centre == INTO
        with pytest.raises(ForeignTopicError, match="belongs to nui-thanh"):
            registered(address_of("ioc/v1/hoi-an/gauge-one/readings"), register.devices())
        assert register.cameras()["cam-one"].former == (GONE,)
        async with database.transaction(EVERYTHING) as transaction:
            assert await former_topics.end(transaction, ["gauge-one", "nobody"], "cli:thu", NOW) == {"gauge-one"}
        await register.read()
        with pytest.raises(ForeignTopicError, match="belongs to nui-thanh"):
            registered(address_of(f"ioc/v1/{GONE}/gauge-one/readings"), register.devices())


async def _silences_mute_what_the_centre_had(database: Database, done: Merged) -> None:
    """And no more of the other centre."""
    async with database.transaction(EVERYTHING) as transaction:
        found = {one.id: one.matcher for one in await silences.judging(transaction, NOW)}
    first, second = (found[str(uuid.UUID(int=number))] for number in (0, 1))
    assert (first.centres, set(first.sources)) == ((INTO,), {"gauge-one", "cam-one"})
    assert second.centres == (GONE, "hoi-an")
    assert [one.code for one in done.report.undecided] == [str(uuid.UUID(int=1))]


async def test_who_waits_to_be_let_in_and_codes_that_are_good_come_along(
    database: Database, admin: asyncpg.Connection
) -> None:
    """Nothing can be registered at a centre that serves no place any more."""
    for what in ("free", "used"):
        await admin.execute(
            "insert into enrolment_codes (digest, id, subject, centre, kind, made_by, made_at, expires_at) "
            "values (sha256($1), gen_random_uuid(), 'device', 'tam-ky', 'river-gauge', 'an', $2, $3)",
            what.encode(), NOW, NOW + dt.timedelta(days=1),
        )  # fmt: skip
    await admin.execute(
        "insert into enrolments (id, code_digest, ticket, subject, centre, state, said, address, arrived_at) "
        "values (gen_random_uuid(), sha256('used'), sha256('ticket'), 'device', 'tam-ky', 'waiting', '{}', '', $1)",
        NOW,
    )
    done = await merged(database)
    assert done is not None
    assert (done.rows["codes"], done.rows["enrolments"]) == (1, 1)
    assert await admin.fetchval("select array_agg(centre) from enrolments") == [INTO]
    assert await admin.fetchval("select centre from enrolment_codes where digest = sha256('free')") == INTO


async def test_centres_that_cannot_be_merged_are_named(database: Database) -> None:
    for gone, into, why in (
        ("atlantis", INTO, "there is no centre 'atlantis'; the centres are bac-tra-my"),
        (GONE, "atlantis", "there is no centre 'atlantis'"),
        (GONE, GONE, "cannot go into itself"),
        ("quang-nam", INTO, "the province's centre"),
    ):
        with pytest.raises(MergeError, match=why):
            await merged(database, gone, into)
