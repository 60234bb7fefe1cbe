"""The figures of incidents, counted by PostgreSQL."""

import datetime as dt

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.incidents.correlate import own
from ioc.incidents.incident import Place, Tally, Titles, opened, tally_of
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store.database import Database
from ioc.store.tally import lagging, tally
from tests.fakes.things import AI_NGHIA, NOW, alarm, source

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)
ONE, TWO = (f"00000000-0000-7000-8000-00000000000{number}" for number in (1, 2))


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


@pytest.fixture
async def _incidents(database: Database) -> None:
    made = [(opened(alarm(), Titles("t", "t"), PLACE, name, NOW)[0], None) for name in (ONE, TWO)]
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, made)


async def counted(database: Database, *alarms: object) -> Tally:
    async with database.transaction(EVERYTHING) as transaction:
        placed = [msgspec.structs.replace(one, incident=ONE) for one in alarms]  # type: ignore[type-var]
        await kept_alarms.save_alarms(transaction, placed)
        found = await tally(transaction, [ONE, TWO])
    assert found[TWO] == Tally()
    if len(placed) == found[ONE].alarms:
        assert tally_of(placed, own) == found[ONE], "of few, PostgreSQL and Python count alike"
    return found[ONE]


@pytest.mark.usefixtures("_incidents")
async def test_what_holds_gives_the_severity_and_the_words(database: Database) -> None:
    found = await counted(
        database,
        alarm(1, severity="severe", title="S", title_en="s", raised_at=later(-9), count=2),
        alarm(2, severity="moderate", title="M", title_en="m", seen_at=later(5), source_kind="citizen"),
        alarm(3, severity="extreme", title="E", title_en="e", cleared_at=later(9), seen_at=later(9), category="rain"),
    )
    assert found == Tally(
        alarms=3,
        count=4,
        sources=("citizen", "sensor"),
        first_at=later(-9),
        last_at=later(9),
        holding=2,
        worst="severe",
        titles=Titles("S", "s"),
        category="flood",
    )


@pytest.mark.usefixtures("_incidents")
@pytest.mark.parametrize("out", [{"match": "suppressed"}, {"match": "silenced"}, {"evidence": {"withdrawn": True}}])
async def test_what_is_not_its_own_is_counted_and_decides_nothing(database: Database, out: dict[str, object]) -> None:
    found = await counted(database, alarm(1, severity="extreme", category="rain", raised_at=later(-9), **out))
    assert (found.alarms, found.holding, found.worst, found.category) == (1, 0, None, None)


@pytest.mark.usefixtures("_incidents")
async def test_the_one_camera_that_all_come_from_is_known(database: Database) -> None:
    seen = {"source_kind": "camera", "source": source("cam-a")}
    assert (await counted(database, alarm(1, **seen), alarm(2, **seen))).camera == "cam-a"
    assert (await counted(database, alarm(3, source_kind="camera", source=source("cam-b")))).camera is None


@pytest.mark.usefixtures("_incidents")
async def test_of_equals_one_of_the_own_category_speaks_also_before_what_came_later(database: Database) -> None:
    rescue = alarm(2, category="rescue", title="cứu nạn", key="r", raised_at=later(60), seen_at=later(60))
    flood = alarm(title="lũ", title_en="flood")
    assert (await counted(database, flood, rescue)).titles == Titles("lũ", "flood")
    worse = msgspec.structs.replace(rescue, severity="extreme")
    assert (await counted(database, flood, worse)).titles == Titles("cứu nạn", "")


async def test_nothing_asked_for_is_nothing(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await tally(transaction, []) == {}


@pytest.mark.usefixtures("_incidents")
async def test_what_lags_behind_its_alarms_is_found_while_it_is_open(
    database: Database, admin: asyncpg.Connection
) -> None:
    async def found() -> list[str]:
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            return await lagging(transaction)

    await admin.execute("delete from incidents where id = $1", TWO)
    async with database.transaction(EVERYTHING) as transaction:
        await kept_alarms.save_alarms(transaction, [msgspec.structs.replace(alarm(), incident=ONE)])
    assert await found() == []
    for change in ("count = 7", "alarms = 2", "last_at = last_at - interval '1 s'"):
        await admin.execute(f"update incidents set {change}")
        assert await found() == [ONE], change
        await admin.execute("update incidents set status = 'closed'")
        assert await found() == [], change
        await admin.execute("update incidents set status = 'new', count = 1, alarms = 1, last_at = $1", NOW)
