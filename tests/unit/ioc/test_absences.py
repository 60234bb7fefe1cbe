"""Alarms about values that do not come, on a real PostgreSQL."""

import datetime as dt
import os
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from gis.areas import AreaIndex
from ioc import catalogue
from ioc.absences import Absences
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.incidents.rules import Rule
from ioc.register import Register
from ioc.store import freshness, registry
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from sensors.intake import Batch
from tests.fakes.things import NOW, device, reading, rule

SILENT = rule(code="silent", levels={}, clear_margin=0.0, absent_s=600, severity="moderate", category="device")


class Centre:
    """Two gauges, a clock that the test turns, and an intake that listens or does not."""

    def __init__(self, database: Database, register: Register, index: AreaIndex) -> None:
        self.database = database
        self.register = register
        self.at = NOW
        self.rules: list[Rule] = [SILENT]
        docket = Docket(self.rules, index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
        self.absences = Absences(lambda: self.rules, lambda: register.entries.sources, docket, os.urandom)

    async def wait(self, minutes: float, *speaking: str, listens: bool = True) -> None:
        """Time goes on, some speak at its end, and the alarms are judged."""
        since, self.at = self.at, self.at + dt.timedelta(minutes=minutes)
        store = ObservationStore(self.database, self.register.owners, self.register.unit_of)
        made = [reading(1.0, seq=None, at=self.at, source=code) for code in speaking]
        await store.keep(Batch(arrived_at=self.at, observations=tuple(made)))
        async with self.database.transaction(EVERYTHING) as transaction:
            if listens:
                await freshness.listen(transaction, since, self.at)
            await self.absences.judge(transaction, self.at)


@pytest.fixture
async def centre(database: Database, area_index: AreaIndex) -> AsyncIterator[Centre]:
    async with database.transaction(EVERYTHING) as transaction:
        for code in ("gauge-a", "gauge-b"):
            await registry.put_device(transaction, device(code), kind="k", approximate=False, note="", now=NOW)
    async with Register.open(database, catalogue.profiles()) as register:
        opened = Centre(database, register, area_index)
        await opened.wait(1, "gauge-a", "gauge-b")
        yield opened


async def told(admin: asyncpg.Connection) -> list[tuple[object, ...]]:
    rows = await admin.fetch("select source, severity, cleared_at is null as holds from alarms order by raised_at")
    return [tuple(row) for row in rows]


async def test_a_value_that_does_not_come_is_told_once_and_until_it_comes(
    centre: Centre, admin: asyncpg.Connection
) -> None:
    await centre.wait(9, "gauge-b")
    assert await told(admin) == []
    await centre.wait(1, "gauge-b")
    assert await told(admin) == [("gauge-a", "moderate", True)]
    await centre.wait(5, "gauge-b")
    assert await told(admin) == [("gauge-a", "moderate", True)]
    await centre.wait(1, "gauge-a", "gauge-b")
    assert await told(admin) == [("gauge-a", "moderate", False)]


async def test_silence_counts_only_while_somebody_listened(centre: Centre, admin: asyncpg.Connection) -> None:
    await centre.wait(60, listens=False)
    assert await told(admin) == []
    await centre.wait(11, "gauge-b")
    assert await told(admin) == [("gauge-a", "moderate", True)]


async def test_only_what_the_rule_is_about_is_missed(centre: Centre, admin: asyncpg.Connection) -> None:
    centre.rules = [rule(code="silent", levels={}, absent_s=600, sources=("gauge-b",))]
    await centre.wait(30)
    assert await told(admin) == [("gauge-b", "minor", True)]
    centre.rules = []
    await centre.wait(1)
    assert await told(admin) == [("gauge-b", "minor", True)]
