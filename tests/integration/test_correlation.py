"""Correlation on a real PostgreSQL: whatever the order within the lateness and the repetition, the same incidents."""

import datetime as dt
import os
import random
from collections import defaultdict
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.incidents.alarm import Alarm
from ioc.incidents.correlate import order
from ioc.store import reach
from ioc.store.database import Database
from tests.fakes.things import NOW, alarm, source

WAYS = {"flood": ("sensor", "citizen"), "road": ("citizen", "agency"), "traffic": ("camera",), "rescue": ("citizen",)}
CENTRES = ("quang-nam", "dai-loc", "duy-xuyen")

PLACED = """
select a.id::text, a.incident::text, a.match, i.status from alarms a left join incidents i on i.id = a.incident
"""
MISPLACED = """
select i.id from incidents i join lateral (
  select * from alarms a where a.incident = i.id order by raised_at, key collate "C" limit 1
) a on true where (i.centre, st_x(i.geom), st_y(i.geom)) is distinct from (a.centre, st_x(a.geom), st_y(a.geom))
"""
REACHES = "select incident, first_at, newest_at, active_until, over_at from incident_reach order by incident"
CELLS = "select incident, category, source, x, y, first_at from incident_cells order by 1, 2, 3, 4, 5"


def minutes(number: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=number)


def story(seed: int, most: int = 40) -> list[Alarm]:
    """Alarms of an hour and a half around two towns, some of them over soon, some whose place is vague."""
    dice = random.Random(seed)
    found = []
    for number in range(1, dice.randint(8, most)):
        category = dice.choice(list(WAYS))
        kind = dice.choice(WAYS[category])
        lon = dice.choice((108.10, 108.16)) + dice.uniform(-0.02, 0.02)
        at = Position(lon=round(lon, 6), lat=round(15.88 + dice.uniform(-0.02, 0.02), 6))
        raised = minutes(dice.uniform(0, 90))
        lasts = dice.choice((1, 3, 8, 0) if kind == "camera" else (1, 3, 30, 0))
        cleared = raised + dt.timedelta(minutes=lasts) if lasts and kind in ("sensor", "camera") else None
        found.append(
            alarm(
                number,
                key=f"k{number:03}",
                category=category,
                source_kind=kind,
                source=msgspec.structs.replace(source(f"s{number}", dice.choice(CENTRES)), position=at),
                raised_at=raised,
                seen_at=cleared or raised,
                cleared_at=cleared,
                error_m=dice.choice((0.0, 0.0, 300.0, 5000.0)) if kind == "agency" else 0.0,
                numbers=(f"112:{dice.randint(1, 3)}",) if dice.random() < 0.1 else (),
            )
        )
    return found


def told(alarms: Sequence[Alarm]) -> list[tuple[dt.datetime, Alarm]]:
    """Each alarm when it is raised, and again when it is cleared: moments of event time with what is known then."""
    begun = [(one.raised_at, msgspec.structs.replace(one, cleared_at=None, seen_at=one.raised_at)) for one in alarms]
    ended = [(one.cleared_at, one) for one in alarms if one.cleared_at is not None]
    return sorted([*begun, *ended], key=lambda pair: (pair[0], order(pair[1])))


class Desk:
    """Settles pages of alarms as the desk does: what is known of one may be older than what came before."""

    def __init__(self, database: Database, index: AreaIndex, admin: asyncpg.Connection) -> None:
        self._database, self._index, self._admin = database, index, admin

    async def partition(self, pages: Sequence[Sequence[Alarm]]) -> set[frozenset[str]]:
        """The incidents as sets of alarms, and what waits as a set of its own."""
        await self._admin.execute("truncate alarms, incidents, incident_log, changes cascade")
        docket = Docket((), self._index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
        known: dict[str, Alarm] = {}
        for page in pages:
            touched = {}
            for one in page:
                before = known.get(one.id)
                if before is None or before.cleared_at is None:
                    known[one.id] = touched[one.id] = one
            async with self._database.transaction(EVERYTHING) as transaction:
                held = {one.key: one for one in known.values() if one.cleared_at is None}
                await docket.settle(transaction, touched, held, NOW + dt.timedelta(days=1))
        await self._sound()
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in await self._admin.fetch(PLACED):
            found[row["incident"] or row["match"]].add(row["id"])
        return {frozenset(ids) for ids in found.values()}

    async def _sound(self) -> None:
        """Every alarm has a home or waits, counts are true, each incident is where its earliest alarm is, and the
        reach that grew is the reach made anew."""
        for row in await self._admin.fetch(PLACED):
            assert row["match"] in ("opened", "linked", "number", "waiting"), row
            assert (row["incident"] is None) == (row["match"] == "waiting")
            assert row["status"] != "duplicate"
        wrong = """select i.id, i.alarms, i.status, count(a.id) from incidents i left join alarms a on a.incident = i.id
                   group by i.id having i.alarms <> count(a.id)"""
        assert await self._admin.fetch(wrong) == []
        assert await self._admin.fetch(MISPLACED) == []
        grown = await self._admin.fetch(REACHES), await self._admin.fetch(CELLS)
        async with self._database.transaction(EVERYTHING) as transaction:
            ids = [str(row["id"]) for row in await self._admin.fetch("select id from incidents")]
            await reach.rebuild(transaction, ids)
        assert (await self._admin.fetch(REACHES), await self._admin.fetch(CELLS)) == grown


def paged(arriving: Sequence[Alarm], dice: random.Random) -> list[list[Alarm]]:
    pages, at = [], 0
    while at < len(arriving):
        size = dice.choice((1, 1, 2, 5, 12))
        pages.append(list(arriving[at : at + size]))
        at += size
    return pages


@pytest.mark.parametrize("seed", range(10))
async def test_any_order_within_the_lateness_and_any_repetition_gives_the_same_incidents(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection, seed: int
) -> None:
    alarms, dice = story(seed), random.Random(seed + 1000)
    desk = Desk(database, area_index, admin)
    moments = told(alarms)
    expected = await desk.partition([[one] for _, one in moments])
    assert {one.id for one in alarms} == set().union(*expected)
    for _ in range(2):
        late = [(at + dt.timedelta(minutes=dice.uniform(0, 10)), one) for at, one in moments for _ in range(2)]
        arriving = [one for _, one in sorted(late, key=lambda pair: pair[0])]
        assert await desk.partition(paged(arriving, dice)) == expected
