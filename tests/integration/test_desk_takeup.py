"""A rule that changes under a running desk, on a real PostgreSQL: what is open is judged by it at once, and once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc import app, catalogue
from ioc.access.scope import EVERYTHING
from ioc.incidents.rules import Rule
from ioc.leader import Lead
from ioc.register import Register
from ioc.rulebook import Rulebook
from ioc.settings import Settings
from ioc.store import registry
from ioc.store import rules as kept
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.rules import Kept, Override, Step
from sensors.intake import Batch
from tests.conftest import Fresh
from tests.fakes.things import NOW, device, going_on, reading, rule
from tests.integration.test_desk import Office, only


def body_of(one: Rule) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(one)
    plain = {name: value for name, value in body.items() if name not in ("pack", "code", "version", *kept.KINDS)}
    if plain["when"] is None:
        del plain["when"]
    return plain


class Manager:
    """Who changes the one rule of an office, as the API does; the desk is told as NOTIFY would."""

    def __init__(self, office: Office, first: Rule) -> None:
        self.office = office
        self.first = first
        self.rulebook = Rulebook(office.database, catalogue.profiles(), demo=False)

    async def begin(self) -> None:
        """Enter the rule, and let the desk take it up."""
        new = Kept(
            pack="test", code="level", version=1, enabled=True, body=body_of(self.first), what="made", at=NOW, who="a",
            reason="r",
        )  # fmt: skip
        async with self.office.database.transaction(EVERYTHING) as transaction:
            assert await kept.add(transaction, new)
        await self.tell()

    async def change(self, **changes: Any) -> None:
        """Make the next version: members of the body, `enabled`, or `devices`."""
        about: dict[str, Any] = {}
        if "enabled" in changes:
            about["enabled"] = changes.pop("enabled")
        levels = changes.pop("devices", {})
        about["overrides"] = [Override(kind="device", subject=code, body=body) for code, body in levels.items()]
        async with self.office.database.transaction(EVERYTHING) as transaction:
            before = await kept.locked(transaction, "test", "level")
            assert before is not None
            if changes:
                about["body"] = before.body | changes
            await kept.renew(transaction, before, Step(what="changed", at=NOW, who="a", reason="r"), **about)
        await self.tell()

    async def tell(self) -> None:
        """The desk hears of it, and works."""
        await self.rulebook.read()
        self.office.desk.adopt(self.rulebook.book)
        await self.office.work()


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's look at everything."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    yield connection
    await connection.close()


async def hired(database: Database, area_index: AreaIndex, admin: asyncpg.Connection, first: Rule) -> Manager:
    """An office with one rule, and a gauge that is fresh."""
    await admin.execute(
        """insert into devices (code, centre, area, name, kind, profile, state, state_since, geom)
           values ('gauge-ai-nghia', 'dai-loc', '20506@2025-07-01', '', '', 'river-gauge', 'fresh', now(),
                   'SRID=4326;POINT(108 15)')"""
    )
    manager = Manager(Office(database, area_index, rules=()), first)
    await manager.begin()
    return manager


@pytest.fixture
async def manager(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Manager:
    """2, 4 and 6 m are the levels."""
    return await hired(database, area_index, admin, rule())


async def judged_version(admin: asyncpg.Connection) -> int:
    return int(await admin.fetchval("select judged_version from rules"))


async def test_what_a_disabled_rule_held_open_is_cleared_and_nothing_more_is_raised(
    manager: Manager, admin: asyncpg.Connection
) -> None:
    await manager.office.level(4.5)
    assert (await only(admin, "alarms"))["rule"] == "test/level@1"
    await manager.change(enabled=False)
    alarm, incident = await only(admin, "alarms"), await only(admin, "incidents")
    assert (alarm["cleared_at"], alarm["evidence"]["rule_ended"]) == (manager.office.at, True)
    assert (incident["status"], incident["cleared"]) == ("resolved", True)
    assert await admin.fetchval("select count(*) from rule_states") == 0
    assert await judged_version(admin) == 2
    await manager.office.level(7.0)
    assert (await only(admin, "alarms"))["severity"] == "severe"
    await manager.change(enabled=True)
    rows = await admin.fetch("select severity, rule, cleared_at from alarms order by raised_at")
    assert [tuple(row) for row in rows][1] == ("extreme", "test/level@3", None)


@pytest.mark.parametrize(
    ("levels", "severity", "open_"),
    [
        ({"moderate": 4.5}, "moderate", True),
        ({"moderate": 3.0, "severe": 4.0, "extreme": 4.4}, "extreme", True),
        ({"moderate": 5.1}, "severe", False),
        ({}, "severe", False),
    ],
)
async def test_limits_that_moved_count_at_the_value_that_was_heard_last(
    manager: Manager, admin: asyncpg.Connection, levels: dict[str, float], severity: str, open_: bool
) -> None:
    await manager.office.level(2.5)
    await manager.office.level(4.5)
    await manager.change(levels=levels)
    alarm = await only(admin, "alarms")
    assert (alarm["severity"], alarm["cleared_at"] is None, alarm["count"]) == (severity, open_, 2)
    if levels and open_:
        assert (alarm["rule"], alarm["evidence"]["rule_before"]) == ("test/level@2", "test/level@1")
        assert alarm["evidence"]["levels"] == levels
        await manager.office.level(4.5)
        assert (await only(admin, "alarms"))["count"] == 3
    elif levels:
        assert alarm["cleared_at"] == manager.office.at


async def test_limits_that_fell_raise_at_once_where_the_device_is_fresh(
    manager: Manager, admin: asyncpg.Connection
) -> None:
    await manager.office.level(1.5)
    await manager.change(devices={"gauge-ai-nghia": {"severe": 1.0}})
    alarm = await only(admin, "alarms")
    assert (alarm["severity"], alarm["raised_at"], alarm["rule"]) == ("severe", manager.office.at, "test/level@2")
    await manager.change(devices={"gauge-ai-nghia": {}})
    assert (await only(admin, "alarms"))["cleared_at"] is not None
    await admin.execute("update devices set state = 'lost'")
    await manager.change(devices={"gauge-ai-nghia": {"severe": 1.0}})
    assert (await only(admin, "alarms"))["cleared_at"] is not None
    await manager.office.level(1.5)
    assert await admin.fetchval("select count(*) from alarms where cleared_at is null") == 1


async def test_a_desk_that_is_killed_while_it_takes_a_rule_up_takes_it_up_once(
    manager: Manager, admin: asyncpg.Connection
) -> None:
    await manager.office.level(4.5)
    for point in ("desk-rule-judged", "desk-rule-saved"):

        def kill(name: str, at: str = point) -> None:
            if name == at:
                raise asyncio.CancelledError

        manager.office.desk._passing = kill
        with pytest.raises(asyncio.CancelledError):
            await manager.change(levels={"moderate": 4.0 if point == "desk-rule-judged" else 4.2})
        assert (await only(admin, "alarms"))["rule"] == "test/level@1"
        manager.office.desk = manager.office.hire()
    await manager.tell()
    alarm = await only(admin, "alarms")
    assert (alarm["rule"], alarm["severity"], alarm["count"]) == ("test/level@3", "moderate", 1)
    before = await admin.fetchval("select count(*) from changes")
    await manager.tell()
    manager.office.desk = manager.office.hire()
    await manager.tell()
    assert await admin.fetchval("select count(*) from changes") == before


async def test_a_window_is_judged_by_its_new_limits(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    window = {"kind": "sum", "hours": 1.0}
    first = rule(levels={"moderate": 10.0}, window=msgspec.convert(window, Rule.__annotations__["window"]))
    manager = await hired(database, area_index, admin, first)
    for value in (3.0, 3.0, 3.0):
        await manager.office.level(value)
    assert await admin.fetchval("select count(*) from alarms") == 0
    await manager.change(levels={"severe": 9.0})
    alarm = await only(admin, "alarms")
    assert (alarm["severity"], alarm["evidence"]["value"]) == ("severe", 9.0)
    await manager.change(levels={"severe": 9.5}, clear_margin=0.0)
    assert (await only(admin, "alarms"))["cleared_at"] is not None


async def test_what_a_camera_sees_follows_its_rule(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    manager = await hired(database, area_index, admin, rule(sighting="loitering", severity="minor"))
    await manager.office.keep(going_on("start", 0, seq=1))
    await manager.office.work()
    await manager.change(severity="severe")
    alarm = await only(admin, "alarms")
    assert (alarm["severity"], alarm["rule"], alarm["cleared_at"]) == ("severe", "test/level@2", None)
    await manager.change(enabled=False)
    assert (await only(admin, "alarms"))["cleared_at"] is not None


async def eventually(admin: asyncpg.Connection, question: str, wanted: object, within_s: float = 20.0) -> None:
    """Until a question has an answer."""
    async with asyncio.timeout(within_s):
        while await admin.fetchval(question) != wanted:
            await asyncio.sleep(0.05)


async def test_what_leads_takes_up_what_another_process_changes(
    fresh: Fresh, database: Database, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    """The work of the process that leads, and a change made as the API makes it, through another connection."""
    profiles = catalogue.profiles()
    gauge = device("gauge-ai-nghia", centre="dai-loc", area="20506@2025-07-01")
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_device(transaction, gauge, kind="x", approximate=False, note="", now=app.now())
    async with contextlib.AsyncExitStack() as stack:
        register = await stack.enter_async_context(Register.open(database, profiles))
        book = await stack.enter_async_context(Rulebook.open(database, profiles, demo=False, now=app.now))
        settings = Settings(state_dir=str(tmp_path))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        work = tasks.create_task(app.desk(settings, database, register, Lead(), book, {}), name="lead")
        await eventually(admin, "select count(*) from rules where judged_version <> version", 0)
        store = ObservationStore(database, register.owners, register.unit_of)
        seen = reading(9.5, at=app.now(), source=gauge.code, centre=gauge.centre)
        await store.keep(Batch(arrived_at=app.now(), observations=[seen]))
        holding = "select severity from alarms where key like 'river-levels/%' and cleared_at is null"
        await eventually(admin, holding, "extreme")
        other = await stack.enter_async_context(Database.open(fresh.url()))
        for changes, severity in (
            ({"overrides": [Override(kind="device", subject=gauge.code, body={"moderate": 9.0})]}, "moderate"),
            ({"enabled": False}, None),
        ):
            async with other.transaction(EVERYTHING) as transaction:
                before = await kept.locked(transaction, "river-levels", "river-level")
                assert before is not None
                step = Step(what="changed", at=app.now(), who="a", reason="r")
                await kept.renew(transaction, before, step, **changes)  # type: ignore[arg-type]
            await eventually(admin, holding, severity)
        work.cancel()


async def test_what_a_rule_of_an_older_program_holds_is_cleared_when_nothing_is_kept_of_it(
    manager: Manager, admin: asyncpg.Connection
) -> None:
    await manager.office.level(4.5)
    await admin.execute("update alarms set key = 'air/pm2-5:gauge-ai-nghia:pm2_5', rule = 'air/pm2-5@1'")
    office = Office(manager.office.database, manager.office.index, rules=())
    office.desk.adopt(manager.rulebook.book)
    await office.work()
    alarm = await only(admin, "alarms")
    assert alarm["cleared_at"] is not None
    assert alarm["evidence"]["rule_ended"] is True
    assert (await only(admin, "incidents"))["status"] == "resolved"
