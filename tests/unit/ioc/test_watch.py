"""Devices that fall silent become stale and lost, and fresh when they speak again; each step is told once."""

import datetime as dt
from collections.abc import AsyncIterator

import asyncpg
import pytest

from gis.layers import DEVICES, OBSERVATIONS_LATEST
from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.register import Register
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.layers import Wanted, features_of, rows
from ioc.watch import FreshnessWatch
from sensors.intake import Batch
from tests.fakes.store import batch, counted, store
from tests.fakes.things import NOW, device, reading

INTERVAL = dt.timedelta(seconds=profiles()["river-gauge"].interval_s)


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> dt.datetime:
        return self.at


@pytest.fixture
async def register(database: Database) -> AsyncIterator[Register]:
    """One gauge, heard at NOW."""
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_device(transaction, device(), kind="k", approximate=False, note="", now=NOW)
    await store(database).keep(batch(reading()))
    async with Register.open(database, profiles()) as opened:
        yield opened


async def test_silence_makes_a_device_stale_and_lost_and_a_reading_fresh(
    database: Database, register: Register, admin: asyncpg.Connection
) -> None:
    clock = Clock()
    watch = FreshnessWatch(database, register, clock)
    states = []
    for waited in (0, 0, 1, 1000):
        clock.at = NOW + waited * 2.5 * INTERVAL
        await watch.look()
        await watch.look()
        states.append(await admin.fetchval("select state from devices"))
    assert states[0] == states[1] == "fresh"
    assert states[2] == "stale"
    assert states[3] == "lost"
    assert await counted(admin, "changes") == len(set(states))
    assert await admin.fetchval("select state_since from devices") == clock.at


async def test_a_device_of_a_replay_is_expected_more_often(
    database: Database, register: Register, admin: asyncpg.Connection
) -> None:
    clock = Clock()
    clock.at = NOW + INTERVAL
    await FreshnessWatch(database, register, clock).look()
    assert await admin.fetchval("select state from devices") == "fresh"
    await FreshnessWatch(database, register, clock, interval_scale=1e6).look()
    assert await admin.fetchval("select state from devices") == "lost"


async def test_a_suspended_device_is_left_alone(
    database: Database, register: Register, admin: asyncpg.Connection
) -> None:
    await admin.execute("update devices set state = 'suspended'")
    await FreshnessWatch(database, register, lambda: NOW).look()
    assert await admin.fetchval("select state from devices") == "suspended"
    assert await counted(admin, "changes") == 0


async def test_a_station_with_one_dead_sensor_speaks_and_its_sensor_is_seen_to_be_lost(
    database: Database, register: Register, admin: asyncpg.Connection
) -> None:
    clock = Clock()
    watch = FreshnessWatch(database, register, clock)
    await store(database).keep(batch(reading(3.7, prop="battery")))
    await watch.look()
    clock.at = NOW + 6 * INTERVAL
    await store(database).keep(Batch(arrived_at=clock.at, observations=(reading(5.0, seq=2, at=clock.at),)))
    await watch.look()
    assert await admin.fetchval("select state from devices") == "fresh"
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await rows(transaction, OBSERVATIONS_LATEST, Wanted(), now=clock.at, limit=9)
        (shown,) = await features_of(transaction, DEVICES, ["gauge-ai-nghia"])
    assert {row["property"]: row["freshness"] for row in found} == {"battery": "lost", "water_level": "fresh"}
    latest = shown["properties"]["latest"]
    assert {name: value["freshness"] for name, value in latest.items()} == {"battery": "lost", "water_level": "fresh"}
