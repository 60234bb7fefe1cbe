"""Where an incident is, and who may see it, does not depend on which of its alarms arrived first."""

import datetime as dt
import itertools
from collections.abc import Sequence

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING, Scope
from ioc.board import entry_of
from ioc.incidents.alarm import Alarm
from ioc.store import alarms as kept_alarms
from ioc.store import changes
from ioc.store.database import Database
from tests.fakes.settled import Settled, minutes, placed

PLACE = (
    "select centre, area, area_name, st_x(geom) as lon, st_y(geom) as lat from incidents where status <> 'duplicate'"
)


@pytest.fixture
def books(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Settled:
    return Settled(database, area_index, admin)


@pytest.fixture
def border(area_index: AreaIndex) -> float:
    """How far east of the first place another unit begins, in metres."""
    home = _unit(area_index, 0.0)
    return next(east for east in itertools.count(0.0, 100.0) if _unit(area_index, east) != home)


def _unit(index: AreaIndex, east_m: float) -> str:
    found = index.holding(placed(1, east_m).source.position, minutes(0).date())
    return found.fid if found is not None else ""


def of(one: Alarm, centre: str) -> Alarm:
    return msgspec.structs.replace(one, source=msgspec.structs.replace(one.source, centre=centre))


@pytest.fixture
def across(border: float) -> tuple[Alarm, Alarm, Alarm]:
    """Three alarms of one flood in two units and of two centres, in their order."""
    first = of(placed(1, border + 300, 0), "dai-loc")
    second, third = of(placed(2, border - 300, 4), "duy-xuyen"), of(placed(3, border - 500, 8), "duy-xuyen")
    return first, second, third


async def placed_at(books: Settled) -> tuple[object, ...]:
    [row] = await books.admin.fetch(PLACE)
    return tuple(row)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("together", [False, True])
async def test_it_is_where_its_earliest_alarm_is_whatever_arrives_first(
    books: Settled, across: Sequence[Alarm], area_index: AreaIndex, order: tuple[int, ...], together: bool
) -> None:
    arriving = [across[number] for number in order]
    for page in [arriving] if together else [[one] for one in arriving]:
        await books.page(*page, at=minutes(9))
    at = across[0].source.position
    unit = area_index.holding(at, minutes(0).date())
    assert unit is not None
    assert await placed_at(books) == ("dai-loc", unit.fid, unit.name, at.lon, at.lat)


async def test_of_alarms_of_one_moment_the_key_decides(books: Settled, border: float) -> None:
    pair = [of(placed(1, border + 300, key="B"), "dai-loc"), of(placed(2, border - 300, key="a"), "duy-xuyen")]
    for arriving in (pair, pair[::-1]):
        await books.admin.execute("truncate alarms, incidents, incident_log, changes cascade")
        for one in arriving:
            await books.page(one, at=minutes(1))
        assert (await placed_at(books))[0] == "dai-loc"


async def seen(database: Database, centre: str) -> tuple[int, set[str], list[str]]:
    """What people of a centre are shown: incidents, the words of their logs, and what the live stream told of them."""
    scope = Scope(frozenset({centre}))
    async with database.transaction(scope, read_only=True) as transaction:
        incidents = await transaction.connection.fetchval("select count(*) from incidents")
        log = {row["what"] for row in await transaction.connection.fetch("select what from incident_log")}
        told = [one for one in await changes.after(transaction, 0, 100) if one.subject == "incident"]
    events = [entry_of(one, "/ogc").seen_by(scope, minutes(9)) for one in told]
    return incidents, log, ["removed" if b".removed.v1" in event else "put" for event in events if event is not None]


async def test_who_saw_it_learns_that_it_left_and_who_sees_it_now_reads_all_of_its_log(
    books: Settled, across: Sequence[Alarm]
) -> None:
    await books.page(across[1], at=minutes(5))
    assert await seen(books.database, "duy-xuyen") == (1, {"opened"}, ["put"])
    assert await seen(books.database, "dai-loc") == (0, set(), [])
    await books.page(across[0], at=minutes(6))
    assert await seen(books.database, "duy-xuyen") == (0, set(), ["put", "removed"])
    assert await seen(books.database, "dai-loc") == (1, {"opened", "place"}, ["put"])
    await books.page(across[2], at=minutes(8))
    assert await seen(books.database, "duy-xuyen") == (0, set(), ["put", "removed"]), "it left only once"


@pytest.mark.parametrize("touched", [False, True])
async def test_what_a_person_touched_stays_where_it_is(books: Settled, across: Sequence[Alarm], touched: bool) -> None:
    await books.page(msgspec.structs.replace(across[1], raised_at=minutes(30)), at=minutes(31))
    before = await placed_at(books)
    await books.admin.execute("update incidents set touched = $1", touched)
    await books.page(across[0], at=minutes(32))  # later than the lateness: it is judged against what there is
    assert await books.incidents() == [("new", 2)]
    assert (await placed_at(books) == before) is touched


async def test_it_is_where_the_next_one_is_when_its_first_was_taken_back_or_began_later(
    books: Settled, across: Sequence[Alarm]
) -> None:
    await books.page(*across, at=minutes(9))
    gone = {"cleared_at": minutes(9), "evidence": {"withdrawn": True}}
    await books.page(msgspec.structs.replace(across[0], **gone), at=minutes(9))
    assert (await placed_at(books))[0] == "duy-xuyen"
    earlier = msgspec.structs.replace(across[2], raised_at=minutes(1))
    await books.page(earlier, at=minutes(9) + dt.timedelta(seconds=1))
    assert (await placed_at(books))[3] == across[2].source.position.lon


async def test_what_a_parent_explains_does_not_place_it(books: Settled, across: Sequence[Alarm]) -> None:
    await books.page(across[1], across[2], at=minutes(9))
    before = await placed_at(books)
    home = await books.admin.fetchval("select id::text from incidents")
    async with books.database.transaction(EVERYTHING) as transaction:
        held_back = msgspec.structs.replace(across[0], incident=home, match="suppressed")
        await kept_alarms.save_alarms(transaction, [held_back])
    await books.page(msgspec.structs.replace(across[1], severity="severe"), at=minutes(10))
    assert await placed_at(books) == before
