"""Pages of alarms and their neighbourhood: late ones, moved ones, and what people had to do with."""

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc import catalogue
from ioc.matching import boxes
from ioc.store.database import Database
from tests.fakes.settled import Settled, minutes, placed
from tests.fakes.store import counted

POLICY = catalogue.policy()


@pytest.fixture
def books(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Settled:
    return Settled(database, area_index, admin)


async def test_a_late_alarm_moves_what_followed_it_and_the_emptied_incident_points_there(books: Settled) -> None:
    await books.page(placed(2, 1400, 5))
    await books.page(placed(3, 4600, 6))
    assert await books.incidents() == [("new", 1), ("new", 1)]
    await books.page(placed(1, 3000, 1), at=minutes(9))
    rows = await books.admin.fetch("select status, alarms, duplicate_of is not null as d from incidents order by id")
    assert sorted(tuple(row) for row in rows) == [("duplicate", 0, True), ("new", 3, False)]
    assert await counted(books.admin, "incident_relations where kind = 'duplicate'") == 1
    assert [match for match, _ in await books.matches()] == ["opened", "linked", "linked"]


async def test_what_a_person_touched_keeps_its_alarms(books: Settled) -> None:
    await books.page(placed(2, 1400, 5))
    await books.page(placed(3, 4600, 6))
    await books.admin.execute("update incidents set touched = true")
    await books.page(placed(1, 3000, 1), at=minutes(9))
    assert sorted(await books.incidents()) == [("new", 1), ("new", 1), ("new", 1)]


async def test_what_a_person_moved_stays_moved_when_its_alarm_is_seen_again(books: Settled) -> None:
    await books.page(placed(1), placed(2, 9000))
    one, two = (row["id"] for row in await books.admin.fetch("select incident as id from alarms order by key"))
    await books.admin.execute("update alarms set incident = $1, match = 'manual' where incident = $2", one, two)
    again = msgspec.structs.replace(placed(2, 9000), count=2, severity="extreme", seen_at=minutes(1))
    await books.page(again)
    assert await books.admin.fetchval("select count(distinct incident) from alarms") == 1
    assert await books.admin.fetchval("select severity from incidents where id = $1", one) == "extreme"


async def test_what_comes_later_than_the_lateness_and_is_over_is_history_unless_people_say_it(books: Settled) -> None:
    await books.page(placed(1, 0, 100))
    over = {"cleared_at": minutes(60), "seen_at": minutes(60)}
    await books.page(placed(2, 2500, 20, **over), at=minutes(101))
    await books.page(placed(3, 2500, 21, **over, source_kind="citizen"), at=minutes(101))
    assert dict(await books.admin.fetch("select key, match from alarms")) == {
        "k0001": "opened",
        "k0002": "linked",
        "k0003": "linked",
    }, "the wide pass reaches back six hours"
    await books.page(placed(4, 2500, 100 - 40 * 60, **over | {"seen_at": minutes(-1000)}), at=minutes(101))
    await books.page(placed(5, 2500, 100 - 40 * 60, source_kind="citizen"), at=minutes(101))
    found = dict(await books.admin.fetch("select key, match from alarms where key in ('k0004', 'k0005')"))
    assert found == {"k0004": "history", "k0005": "opened"}


async def test_what_was_closed_while_it_holds_is_previous_to_what_comes(books: Settled) -> None:
    await books.page(placed(1))
    await books.admin.execute("update incidents set status = 'closed', touched = true")
    await books.page(placed(2, 100, 5))
    assert await books.incidents() == [("closed", 1), ("new", 1)]
    row = await books.admin.fetchrow(
        "select o.status, r.kind from incident_relations r join incidents o on o.id = r.incident"
    )
    assert tuple(row) == ("closed", "previous")


async def test_a_new_alarm_reopens_what_a_person_resolved_and_a_repeat_does_not(books: Settled) -> None:
    await books.page(placed(1))
    await books.admin.execute("update incidents set status = 'resolved', resolved_by = 'lan', touched = true")
    await books.page(msgspec.structs.replace(placed(1), count=2, seen_at=minutes(1)))
    assert await books.incidents() == [("resolved", 1)]
    await books.page(placed(2, 100, 5))
    assert await books.incidents() == [("reopened", 2)]


async def test_floods_along_one_river_are_related_and_not_made_one(books: Settled) -> None:
    codes = ("gauge-nong-son", "gauge-cau-lau", "gauge-tam-ky")
    for number, code in enumerate(codes):
        one = placed(number + 1, 20_000.0 * number, 60.0 * number)
        await books.page(msgspec.structs.replace(one, source=msgspec.structs.replace(one.source, code=code)))
    assert len(await books.incidents()) == 3
    rows = await books.admin.fetch(
        "select i.key as below, o.key as above, r.kind from incident_relations r "
        "join incidents i on i.id = r.incident join incidents o on o.id = r.other"
    )
    assert [tuple(row) for row in rows] == [("flood:gauge-cau-lau", "flood:gauge-nong-son", "downstream")]


def test_many_alarms_that_are_close_share_a_box_and_few_have_their_own() -> None:
    few = [placed(number, 10.0 * number) for number in range(5)]
    assert len(boxes(few, POLICY)) == 5
    many = [placed(number, 10.0 * number) for number in range(200)]
    shared = boxes(many, POLICY)
    assert len(shared) <= 2
    assert max(box.east for box in shared) == boxes(many[-1:], POLICY)[0].east
    assert min(box.west for box in shared) == boxes(many[:1], POLICY)[0].west
