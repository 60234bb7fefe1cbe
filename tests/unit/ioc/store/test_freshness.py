"""Freshness judged by PostgreSQL: only what changed comes back."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from gis.observation import Value
from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.incidents.outage import Condition
from ioc.store import freshness, registry
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.store import batch, store
from tests.fakes.things import NOW, device, reading
from tests.fakes.waiting import somebody_waits

INTERVALS = {"river-gauge": 60.0}


def at(second: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=second)


@pytest.fixture
async def heard(database: Database) -> Database:
    """One gauge with two streams, heard at NOW, and one that was never heard."""
    async with database.transaction(EVERYTHING) as transaction:
        for code in ("gauge-ai-nghia", "gauge-b"):
            await registry.put_device(transaction, device(code), kind="k", approximate=False, note="", now=NOW)
    await store(database).keep(batch(reading(more=(Value("battery", 3.7),))))
    async with database.transaction(EVERYTHING) as transaction:
        assert await freshness.unknown(transaction)
        assert await freshness.judge_streams(transaction, at(9999)) == set()
        await freshness.expect(transaction, INTERVALS)
        assert not await freshness.unknown(transaction)
    return database


async def test_devices_are_held_in_the_order_in_which_the_register_holds_them(
    heard: Database, admin: asyncpg.Connection, fresh: Fresh
) -> None:
    """Whatever the order of their rows on the disk: who waits for one holds none that comes after it."""
    codes = ("gauge-z", "gauge-y", "gauge-a")
    async with heard.transaction(EVERYTHING) as transaction:
        for code in codes:
            await registry.put_device(transaction, device(code), kind="k", approximate=False, note="", now=NOW)
    for code in codes:
        await admin.execute(
            "with s as (insert into streams (centre, device, property, unit) values ('quang-nam', $1, 'l', 'm') "
            "returning id) insert into latest (stream, centre, area, at, arrived_at, value, quality, derived) "
            "select id, 'quang-nam', '', $2, $2, 1, 0, false from s",
            code, NOW,
        )  # fmt: skip
    await admin.execute("update streams set state = 'fresh'")

    async def judged() -> list[str]:
        async with heard.transaction(EVERYTHING) as transaction:
            return await freshness.judge_devices(transaction, codes, NOW)

    async with asyncio.TaskGroup() as tasks, admin.transaction():
        await admin.execute("select from devices where code = 'gauge-a' for update")
        judging = tasks.create_task(judged(), name="judging")
        await somebody_waits(fresh)
        found = await admin.fetch("select code from devices where code = any ($1) for update nowait", list(codes))
    assert {row["code"] for row in found} == set(codes)
    assert set(judging.result()) == set(codes)


async def test_only_streams_whose_state_changed_come_back(heard: Database, admin: asyncpg.Connection) -> None:
    for second, changed, state in (
        (0, True, "fresh"),
        (120, False, "fresh"),
        (121, True, "stale"),
        (301, True, "lost"),
    ):
        async with heard.transaction(EVERYTHING) as transaction:
            told = await freshness.judge_streams(transaction, at(second))
            assert told == ({"gauge-ai-nghia"} if changed else set())
            assert await freshness.judge_streams(transaction, at(second)) == set()
        assert {row["state"] for row in await admin.fetch("select state from streams")} == {state}


async def test_a_device_is_as_fresh_as_its_freshest_stream(heard: Database, admin: asyncpg.Connection) -> None:
    async with heard.transaction(EVERYTHING) as transaction:
        await freshness.judge_streams(transaction, NOW)
        assert await freshness.judge_devices(transaction, None, NOW) == ["gauge-ai-nghia"]
    await store(heard).keep(batch(reading(seq=2, at=at(1))))
    await admin.execute(
        "update latest set arrived_at = $1 where stream in (select id from streams where property = 'water_level')",
        at(300),
    )
    async with heard.transaction(EVERYTHING) as transaction:
        assert await freshness.judge_streams(transaction, at(301)) == {"gauge-ai-nghia"}
        assert await freshness.judge_devices(transaction, ["gauge-ai-nghia"], at(301)) == []
    states = await admin.fetch("select property, state from streams order by property")
    assert [tuple(row) for row in states] == [("battery", "lost"), ("water_level", "fresh")]


async def test_who_is_silent_and_who_is_heard(heard: Database) -> None:
    async with heard.transaction(EVERYTHING) as transaction:
        assert [one.code for one in await freshness.silent(transaction)] == ["gauge-ai-nghia"]
        await freshness.judge_streams(transaction, NOW)
        await freshness.judge_devices(transaction, ["gauge-ai-nghia"], NOW)
        assert await freshness.silent(transaction) == []
        assert await freshness.fresh(transaction) == {Condition("centre", "quang-nam"): 1}
        await freshness.judge_streams(transaction, at(200))
        await freshness.judge_devices(transaction, ["gauge-ai-nghia"], at(200))
        silent = await freshness.silent(transaction)
    assert [(one.state, one.heard_at, one.profile, one.gateway) for one in silent] == [
        ("stale", NOW, profiles()["river-gauge"].code, None)
    ]


async def test_a_centre_stands_at_a_point_of_its_own_area_of_the_day(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        found = await freshness.centres(transaction, NOW.date())
    assert found["quang-nam"].area == "48@2025-07-01"
    assert found["nam-tra-my"].area == "20938@2025-07-01"
    assert len(found) == 12


async def test_when_the_intake_listened_is_kept_and_forgotten_in_time(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await freshness.listen(transaction, at(0), at(5))
        await freshness.listen(transaction, at(0), at(10))
        await freshness.listen(transaction, at(60), at(60))
        assert await freshness.spans(transaction, at(10)) == [(at(0), at(10)), (at(60), at(60))]
        assert await freshness.spans(transaction, at(11)) == [(at(60), at(60))]
