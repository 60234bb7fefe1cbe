"""Where incidents reach, made of their alarms."""

import datetime as dt

import asyncpg
import msgspec
import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import Place, Titles, opened
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import reach
from ioc.store.database import Database
from tests.fakes.store import counted
from tests.fakes.things import AI_NGHIA, NOW, alarm, source

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)
ID = "00000000-0000-7000-8000-000000000001"
TIMES = "select first_at, newest_at, active_until, over_at from incident_reach"
THERE = msgspec.structs.replace(source(), position=Position(lon=108.2, lat=15.9))


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


async def built(database: Database, *alarms: Alarm, status: str = "new") -> None:
    made, _ = opened(alarm(), Titles("t", "t"), PLACE, ID, NOW)
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incident(transaction, msgspec.structs.replace(made, status=status), None)
        await kept_alarms.save_alarms(transaction, [msgspec.structs.replace(one, incident=ID) for one in alarms])
        for _ in range(2):
            await reach.rebuild(transaction, [ID])


async def test_it_reaches_where_its_alarms_are_and_is_active_while_one_holds(
    database: Database, admin: asyncpg.Connection
) -> None:
    await built(database, alarm(1), alarm(2, raised_at=later(9), source=THERE))
    cells = await admin.fetch("select category, x, y, first_at, st_x(geom) as lon from incident_cells order by x")
    assert [tuple(cell) for cell in cells] == [
        ("flood", 10811800, 1588300, NOW, 108.118),
        ("flood", 10820000, 1590000, later(9), 108.2),
    ]
    assert tuple(await admin.fetchrow(TIMES)) == (NOW, later(9), None, None)


@pytest.mark.parametrize(
    ("kind", "cleared", "until", "over"),
    [
        ("sensor", 60.0, 60.0, 60.0),
        ("camera", None, 660.0, 660.0),
        ("citizen", None, 0.0, None),
        ("citizen", 90.0, 0.0, 90.0),
    ],
)
async def test_when_it_was_active_depends_on_who_spoke(
    database: Database, admin: asyncpg.Connection, kind: str, cleared: float | None, until: float, over: float | None
) -> None:
    ended = None if cleared is None else later(cleared)
    await built(database, alarm(1, source_kind=kind, seen_at=later(60), cleared_at=ended))
    found = await admin.fetchrow(TIMES)
    assert found["active_until"] == later(until)
    assert found["over_at"] == (None if over is None else later(over))


@pytest.mark.parametrize("out", [{"match": "suppressed"}, {"match": "silenced"}, {"evidence": {"withdrawn": True}}])
async def test_what_is_not_its_own_reaches_nowhere(
    database: Database, admin: asyncpg.Connection, out: dict[str, object]
) -> None:
    await built(database, alarm(1, **out))
    assert await counted(admin, "incident_reach") + await counted(admin, "incident_cells") == 0


async def test_a_duplicate_reaches_nowhere(database: Database, admin: asyncpg.Connection) -> None:
    await built(database, alarm(1), status="duplicate")
    assert await counted(admin, "incident_reach") + await counted(admin, "incident_cells") == 0


@pytest.mark.parametrize(
    ("status", "cleared", "gone"),
    [("new", True, 0), ("resolved", True, 1), ("closed", True, 1), ("closed", False, 0)],
)
async def test_what_is_over_for_long_is_forgotten_unless_something_holds(
    database: Database, admin: asyncpg.Connection, status: str, cleared: bool, gone: int
) -> None:
    await built(database, alarm(1, cleared_at=NOW if cleared else None), status=status)
    async with database.transaction(EVERYTHING) as transaction:
        assert await reach.forget(transaction, NOW) == 0
        assert await reach.forget(transaction, later(1)) == gone
    assert await counted(admin, "incident_cells") == 1 - gone
