"""How a centre is linked follows from how its stations are heard."""

import datetime as dt

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.store.database import Database
from ioc.store.links import Link, links
from tests.fakes.things import NOW


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ((3, 1, 1, 0), "live"), ((3, 0, 1, 0), "late"), ((3, 0, 0, 0), "silent"), ((2, 0, 0, 1), "silent"),
        ((2, 0, 0, 2), "none"), ((0, 0, 0, 0), "none"),
    ],
)  # fmt: skip
def test_one_station_that_is_heard_is_a_live_link(counts: tuple[int, int, int, int], state: str) -> None:
    devices, fresh, stale, suspended = counts
    link = Link(centre="c", devices=devices, fresh=fresh, stale=stale, suspended=suspended, heard_at=None)
    assert link.state == state


async def test_each_centre_has_its_own_stations_and_its_newest_message(
    database: Database, admin: asyncpg.Connection
) -> None:
    area = "20410@2025-07-01"
    devices = [("d1", "hoi-an", "fresh"), ("d2", "hoi-an", "lost"), ("d3", "quang-nam", "stale")]
    await admin.executemany(
        "insert into devices (code, centre, area, name, kind, profile, state, state_since, geom) values "
        f"($1, $2, '{area}', $1, 'water', 'river-gauge', $3, $4, st_setsrid(st_makepoint(108.33, 15.88), 4326))",
        [(*one, NOW) for one in devices],
    )
    for minute, (code, centre, _) in enumerate(devices):
        stream = await admin.fetchval(
            "insert into streams (centre, device, property, unit) values ($1, $2, 'water_level', 'm') returning id",
            centre, code,
        )  # fmt: skip
        arrived = NOW + dt.timedelta(minutes=minute)
        await admin.execute(
            "insert into latest (stream, centre, area, at, arrived_at, value, quality, derived) "
            f"values ($1, $2, '{area}', $3, $3, 1.0, 0, false)", stream, centre, arrived,
        )  # fmt: skip
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        found = {one.centre: one for one in await links(transaction)}
    assert (found["hoi-an"].devices, found["hoi-an"].fresh, found["hoi-an"].state) == (2, 1, "live")
    assert found["hoi-an"].heard_at == NOW + dt.timedelta(minutes=1)
    assert (found["quang-nam"].state, found["quang-nam"].stale) == ("late", 1)
    async with database.transaction(Scope(frozenset({"hoi-an"})), read_only=True) as transaction:
        assert [one.centre for one in await links(transaction)] == ["hoi-an"]
