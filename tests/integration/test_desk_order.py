"""Promise I1 and S14 on a real PostgreSQL: shuffled, repeated, stopped anywhere: the same alarms, once."""

import datetime as dt
import random

import asyncpg
import pytest

from gis.areas import AreaIndex
from gis.observation import Reading
from ioc.desk import Desk
from ioc.store.database import Database
from tests.fakes.things import NOW, reading, rule
from tests.integration.test_desk import Office, only

OUTCOME = """
select key, raised_at, cleared_at, severity, evidence->>'worst' as worst, count from alarms
where not coalesce((evidence->>'withdrawn')::boolean, false) order by key, raised_at
"""
TWICE = "select key, raised_at from alarms group by 1, 2 having count(*) > 1"


@pytest.fixture
async def office(database: Database, area_index: AreaIndex) -> Office:
    """A desk with the shipped rules."""
    return Office(database, area_index)


def traffic(seed: int) -> list[Reading]:
    """Half an hour of two gauges around their levels, in order."""
    dice = random.Random(seed)
    return [
        reading(
            dice.choice((1.0, 1.7, 2.0, 4.1, 7.0)),
            seq=number,
            at=NOW + dt.timedelta(seconds=20 * number + place),
            source=source,
            centre="dai-loc",
        )
        for number in range(90)
        for place, source in enumerate(("gauge-ai-nghia", "gauge-b"))
    ]


async def judged(office: Office, arriving: list[Reading], admin: asyncpg.Connection) -> list[tuple[object, ...]]:
    """The alarms that come of an arrival in batches, with the desk at work in between."""
    await admin.execute("truncate alarms, incidents, incident_log, readings, journal, cursors, rule_states cascade")
    office.desk = office.hire()
    for first in range(0, len(arriving), 7):
        office.at = max([office.at, *(one.stamp.at for one in arriving[first : first + 7])])
        await office.keep(*arriving[first : first + 7])
        await office.work()
        if first % 5 == 0:
            office.desk = office.hire()
    assert await admin.fetch(TWICE) == []
    return [tuple(row) for row in await admin.fetch(OUTCOME)]


@pytest.mark.parametrize("for_s", [0, 50])
async def test_shuffled_by_ten_minutes_and_three_times_over_the_same_alarms_come(
    database: Database,
    area_index: AreaIndex,
    admin: asyncpg.Connection,
    for_s: int,
) -> None:
    office = Office(database, area_index, [rule(for_s=for_s)])
    ordered = traffic(1)
    expected = await judged(office, ordered, admin)
    assert len(expected) >= 10
    dice = random.Random(2)
    thrice = [(one.stamp.at + dt.timedelta(seconds=dice.uniform(0, 600)), one) for one in ordered * 3]
    arriving = [one for _, one in sorted(thrice, key=lambda pair: pair[0])]
    assert arriving[:10] != ordered[:10]
    office.at = NOW
    assert await judged(office, arriving, admin) == expected
    incidents = await admin.fetchrow("select count(*) as n, sum(alarms) as alarms from incidents")
    told = "select count(*) from alarms where match <> 'history'"  # what was taken back in the page that told it
    assert incidents["alarms"] == await admin.fetchval(told)


class StoppedError(Exception):
    """The process ended here."""


@pytest.mark.parametrize("point", ["desk-read", "desk-judged", "desk-saved", "desk-committed"])
async def test_a_desk_that_is_stopped_anywhere_tells_every_alarm_once(
    database: Database,
    area_index: AreaIndex,
    admin: asyncpg.Connection,
    point: str,
) -> None:
    office = Office(database, area_index, [rule()])
    stops = [True]

    def passing(name: str) -> None:
        if name == point and stops:
            stops.pop()
            raise StoppedError

    def hired() -> Desk:
        desk = office.hire()
        desk._passing = passing
        return desk

    office.desk = hired()
    for number, value in enumerate((1.0, 3.0, 5.0, 1.0, 3.0)):
        await office.keep(
            reading(value, seq=number, at=NOW + dt.timedelta(seconds=20 * number - 600), centre="dai-loc")
        )
        stops[:] = [True]
        with pytest.raises(StoppedError):
            await office.work()
        office.desk = hired()
        await office.work()
    told = await admin.fetch("select severity, count, cleared_at is null as holds from alarms order by raised_at")
    assert [tuple(row) for row in told] == [("severe", 2, False), ("moderate", 1, True)]
    news = await admin.fetchval("select count(*) from changes where subject = 'alarm'")
    assert news == 4
    incident = await admin.fetchrow("select alarms, status from incidents")
    assert tuple(incident) == (2, "reopened")


async def test_a_series_of_a_clock_that_is_ahead_counts_at_its_arrival_and_in_its_order(
    office: Office, admin: asyncpg.Connection
) -> None:
    ahead = [NOW + dt.timedelta(minutes=number) for number in range(1, 5)]
    values = zip((7.0, 6.0, 7.0, 8.0), ahead, strict=True)
    await office.keep(*(reading(value, seq=at.minute, at=at, centre="dai-loc") for value, at in values))
    await office.work()
    told = await admin.fetch("select severity, raised_at, cleared_at from alarms order by cleared_at")
    assert [tuple(row) for row in told] == [("moderate", NOW, NOW), ("severe", NOW, None)]


async def test_a_late_reading_counts_where_it_belongs(office: Office, admin: asyncpg.Connection) -> None:
    await office.level(7.0)
    await office.level(6.0)
    ended = office.at
    await office.keep(reading(9.9, seq=99, at=ended - dt.timedelta(seconds=30), centre="dai-loc"))
    await office.work()
    told = await only(admin, "alarms")
    assert (told["severity"], told["cleared_at"], told["count"]) == ("extreme", ended, 2)
    assert (await only(admin, "incidents"))["status"] == "resolved"


async def test_a_reading_that_comes_later_than_ten_minutes_opens_nothing(
    office: Office, admin: asyncpg.Connection
) -> None:
    await office.level(1.0)
    await office.level(1.0, after_s=601)
    await office.keep(reading(9.9, seq=99, at=NOW + dt.timedelta(seconds=59), centre="dai-loc"))
    await office.work()
    assert await admin.fetchval("select count(*) from alarms") == 0
    assert office.desk.done.late == 1


async def test_a_clock_ten_minutes_ahead_stands_in_no_one_s_way(office: Office, admin: asyncpg.Connection) -> None:
    office.at += dt.timedelta(seconds=1)
    await office.keep(reading(7.0, seq=98, at=office.at + dt.timedelta(minutes=9), centre="dai-loc"))
    await office.work()
    assert (await only(admin, "alarms"))["raised_at"] == office.at
    await office.level(1.0, after_s=1)
    assert (await only(admin, "alarms"))["cleared_at"] == office.at
