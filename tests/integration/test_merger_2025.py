"""The reorganisation of 2025-07-01, replayed: the districts' things go to the 94 units of Đà Nẵng, nothing is lost.

What is expected is written from the law (Nghị quyết 1659/NQ-UBTVQH15 of 2025-06-16 for the communes, 202/2025/QH15 for
the province, 1241/NQ-UBTVQH15 for Quế Sơn and Nông Sơn), not from what the program does. Where the list of which
commune went where is at hand (../shared/data/admin/vietmap), every unit is held against it.
"""

import asyncio
import csv
import datetime as dt
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from gis.layers import AREAS
from ioc import area_loading
from ioc.access.scope import EVERYTHING
from ioc.settings import Settings
from ioc.store import releases, tiles
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes import merger, mvt
from tests.fakes import servers as real

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "admin"
LAW = {
    "502": {"Phường Tam Kỳ", "Phường Quảng Phú", "Phường Hương Trà", "Phường Bàn Thạch"},
    "503": {"Phường Hội An", "Phường Hội An Đông", "Phường Hội An Tây", "Xã Tân Hiệp"},
    "506": {"Xã Đại Lộc", "Xã Hà Nha", "Xã Thượng Đức", "Xã Vu Gia", "Xã Phú Thuận"},
    "508": {"Xã Duy Nghĩa", "Xã Nam Phước", "Xã Duy Xuyên", "Xã Thu Bồn"},
    "509": {"Xã Quế Sơn Trung", "Xã Quế Sơn", "Xã Xuân Phú", "Xã Nông Sơn", "Xã Quế Phước"},
}
"""The communes and wards that the resolution makes of some districts; Quế Sơn had taken in Nông Sơn."""

CLOSED = "select md5(string_agg(i::text, '|' order by id)) from incidents i where status = 'closed'"
STRAY = {
    "each device has one unit that is valid": """
        select code from devices d
        where (select count(*) from areas a where a.fid = d.area and a.valid_to is null) <> 1""",
    "each device is in the unit where it stands": """
        select code from devices where code <> 'gauge-' || split_part(area, '@', 1)""",
    "no live ticket is without a unit that is valid": """
        select t.number from tickets t left join areas a on a.fid = t.area
        where closed_at is null and (a.fid is null or a.valid_to is not null)""",
    "what was Quế Sơn's is the province's centre's": """
        select code from devices where centre <> 'quang-nam'
        and area in ('20641@2025-07-01', '20650@2025-07-01', '20662@2025-07-01')""",
}
"""What must be true after the day, and the rows that say otherwise."""

EVERYTHING_KEPT = """
select md5((select string_agg(a::text, '|' order by fid) from areas a) ||
           (select string_agg(d::text, '|' order by code) from devices d) ||
           (select string_agg(t::text, '|' order by id) from tickets t) ||
           (select string_agg(l::text, '|' order by id) from ticket_log l) ||
           (select string_agg(p::text, '|' order by code, valid_from) from positions p) ||
           (select string_agg(a::text, '|' order by login) from accounts a))
"""


@pytest.fixture(scope="module")
def eve(servers: real.Servers, blank_template: str) -> Iterator[str]:
    """A database as it is on 2025-06-30, to be copied."""
    name = "merger_eve"
    asyncio.run(real.create(servers, name, template=blank_template))
    asyncio.run(_prepare(servers.url("ioc_app", name)))
    yield name
    asyncio.run(real.drop(servers, name))


async def _prepare(url: str) -> None:
    async with Database.open(url, size=2) as database:
        await merger.settle_centres(database)
        first = await merger.load(database, merger.RELEASES[0], merger.OCTOBER)
        assert (len(first.plan.entered), first.plan.closed) == (19, {})
        second = await merger.load(database, merger.RELEASES[1], merger.JANUARY)
        assert set(second.plan.closed) == {"509@2024-09-01", "519@2024-09-01"}
        async with database.transaction(EVERYTHING) as transaction:
            index = AreaIndex(await merger.found(transaction, merger.EVE.date()))
            area_of = {
                spot.code: area
                for spot in merger.spots()
                if (area := index.holding(spot.position, merger.EVE.date())) is not None
            }
            await merger.settle_devices(transaction, area_of, await releases.serves(transaction))
            some = [(area_of[spot.code], spot) for spot in merger.spots() if spot.code in area_of]
            await merger.settle_work(transaction, some)
            await merger.account(transaction, "dai-loc", ["506@2024-09-01"])
            await merger.account(transaction, "nong-son", ["519@2024-09-01"])


class Day(msgspec.Struct, frozen=True):
    """The database on 2025-07-01, to be read alone, what loading the release did, and the closed incidents before."""

    name: str
    outcome: area_loading.Outcome
    closed: str
    districts: dict[str, str]


@pytest.fixture(scope="module")
def day(servers: real.Servers, eve: str) -> Iterator[Day]:
    """The day, for all tests that only look at it."""
    name = "merger_day"
    asyncio.run(real.create(servers, name, template=eve))
    yield asyncio.run(_arrive(servers, name))
    asyncio.run(real.drop(servers, name))


async def _arrive(servers: real.Servers, name: str) -> Day:
    owner = await asyncpg.connect(servers.url("postgres", name))
    closed = await owner.fetchval(CLOSED)
    districts = dict(await owner.fetch("select code, split_part(area, '@', 1) from devices"))
    await owner.close()
    async with Database.open(servers.url("ioc_app", name), size=1) as database:
        return Day(name, await merger.load(database, merger.RELEASES[2], merger.DAY), closed, districts)


@pytest.fixture
async def today(servers: real.Servers, day: Day) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's look at the day."""
    connection = await asyncpg.connect(servers.url("postgres", day.name))
    yield connection
    await connection.close()


@pytest.fixture
async def town(servers: real.Servers, eve: str) -> AsyncIterator[Fresh]:
    """The eve of the day, for one test."""
    name = f"merger_{uuid.uuid4().hex[:8]}"
    await real.create(servers, name, template=eve)
    yield Fresh(servers, name)
    await real.drop(servers, name)


@pytest.fixture
async def database(town: Fresh) -> AsyncIterator[Database]:
    async with Database.open(town.url(), size=4) as opened:
        yield opened


@pytest.fixture
async def admin(town: Fresh) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(town.url("postgres"))
    yield connection
    await connection.close()


async def _areas_on(database: Database, day: dt.date) -> list[str]:
    """Names of the units that the map draws on a day."""
    drawn: set[str] = set()
    for x in (204, 205):
        for y in (116, 117):
            body = await tiles.tile(database, EVERYTHING, AREAS, (8, x, y), day)
            drawn |= {str(one.properties["name"]) for one in mvt.layers(body).get("areas", [])}
    return sorted(drawn)


async def test_the_94_units_of_the_law_replace_the_districts(day: Day, today: asyncpg.Connection) -> None:
    outcome, admin = day.outcome, today
    assert outcome.report is not None
    assert not outcome.waits
    kinds = Counter(unit.kind for unit in outcome.plan.entered if unit.level == 2)
    assert kinds == {"Phường": 23, "Xã": 70, "Đặc khu": 1}
    names = {unit.fid: unit.name for unit in outcome.plan.entered}
    followers = {old.split("@")[0]: {names[fid] for fid in fids} for old, fids in outcome.plan.closed.items()}
    assert {code: followers[code] for code in LAW} == LAW
    assert followers["49"] == {"Thành phố Đà Nẵng"}
    assert await admin.fetchval(CLOSED) == day.closed, "closed incidents stay under the units of their time"

    for what, wrong in STRAY.items():
        assert await admin.fetch(wrong) == [], what
    assert await admin.fetchval("select area from cameras") == "20500@2025-07-01"
    assert outcome.report.undecided == []


async def test_every_unit_is_where_the_official_list_has_its_communes(day: Day, today: asyncpg.Connection) -> None:
    listed = SHARED / "vietmap" / "quangnam_communes_old_to_new_2025-10.csv"
    if not listed.exists():
        pytest.skip(f"the list of old and new communes is not here: {listed.name}")
    law: defaultdict[str, set[str]] = defaultdict(set)
    with listed.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            district = "509" if row["old_district_code"] == "519" else row["old_district_code"]
            law[district].add(row["new_code"])
    assert sum(map(len, law.values())) == 78
    followers = {
        old.split("@")[0]: {fid.split("@")[0] for fid in fids}
        for old, fids in day.outcome.plan.closed.items()
        if "49@" not in old
    }
    assert followers == dict(law)
    after = dict(await today.fetch("select code, split_part(area, '@', 1) from devices"))
    assert len(after) == 78
    assert {code for code, area in after.items() if area not in law[day.districts[code]]} == set()


async def test_the_past_stays_and_what_goes_on_is_told(day: Day, today: asyncpg.Connection) -> None:
    admin = today
    past = await admin.fetch(
        "select area, centre, valid_from from positions where code = 'gauge-20500' order by valid_from"
    )
    assert [tuple(row) for row in past] == [
        ("506@2024-09-01", "dai-loc", merger.JANUARY), ("20500@2025-07-01", "dai-loc", merger.DAY),
    ]  # fmt: skip
    # Xuân Phú was Quế Sơn's: served by Nông Sơn's centre for half a year, by the province's again.
    assert await admin.fetchval("select centre from devices where code = 'gauge-20650'") == "quang-nam"
    assert await admin.fetchval("select centre from former_topics where code = 'gauge-20650'") == "nong-son"
    moved = """
        select t.unit, l.what, l.text, l.from_unit from tickets t join ticket_log l on l.ticket = t.id
        where t.area = $1 and l.what <> 'opened' order by l.id"""
    [line] = await admin.fetch(moved, "20650@2025-07-01")
    assert tuple(line)[:2] == ("quang-nam", "reorganised")
    assert line["from_unit"] == "nong-son"
    assert "Xuân Phú" in line["text"]
    [line] = await admin.fetch(moved, "20500@2025-07-01")
    assert tuple(line)[:2] == ("dai-loc", "comment")
    changes = await admin.fetch(
        "select area, area_before from changes where subject = 'device' and subject_id = 'gauge-20500'"
    )
    assert [tuple(row) for row in changes] == [("20500@2025-07-01", "506@2024-09-01")]


async def test_maps_and_accounts_of_both_days(servers: real.Servers, day: Day, today: asyncpg.Connection) -> None:
    async with Database.open(servers.url("ioc_app", day.name), size=2) as database:
        june, july = [await _areas_on(database, dt.date(2025, month, day)) for month, day in ((6, 30), (7, 1))]
    assert {"Huyện Đại Lộc", "Huyện Quế Sơn"} <= set(june)
    assert not {"Xã Đại Lộc", "Phường Tam Kỳ", "Huyện Nông Sơn"} & set(june)
    assert {"Xã Đại Lộc", "Phường Tam Kỳ", "Xã Nông Sơn"} <= set(july)
    assert not any(name.startswith(("Huyện", "Thị xã", "Tỉnh")) for name in july)
    seen = dict(await today.fetch("select login, subtree from accounts"))
    units = {f"{code}@2025-07-01" for code in ("20500", "20506", "20515", "20539", "20542")}
    assert set(seen["dai-loc"]) == {"506@2024-09-01", *units}
    assert set(seen["nong-son"]) == {"519@2024-09-01", "20656@2025-07-01", "20669@2025-07-01", "509@2025-01-01"}


async def test_again_changes_nothing_and_other_content_is_refused(
    town: Fresh, database: Database, admin: asyncpg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = merger.FOLDER / f"{merger.RELEASES[2]}.toml"
    before = await admin.fetchval(EVERYTHING_KEPT)
    await merger.command(town.url(), f"areas load {file} --dry-run", merger.DAY)
    assert await admin.fetchval(EVERYTHING_KEPT) == before
    tried = capsys.readouterr().out
    assert "a dry run: nothing was changed" in tried
    await merger.command(town.url(), f"areas load {file}", merger.DAY)
    done = capsys.readouterr().out
    assert tried.splitlines()[:-1] == done.splitlines()
    after = await admin.fetchval(EVERYTHING_KEPT)
    assert after != before
    await merger.command(town.url(), f"areas load {file}", merger.DAY)
    assert "nothing changed" in capsys.readouterr().out
    assert await admin.fetchval(EVERYTHING_KEPT) == after
    await merger.command(town.url(), "areas report", merger.DAY)
    assert len(capsys.readouterr().out.splitlines()) == 3


KILLED = """
import asyncio, os, signal, sys
from ioc import area_loading, resettling
from tests.fakes import merger
from ioc.store.database import Database

async def main():
    settled = resettling.settle_all
    async def dying(*given):
        await settled(*given)
        os.kill(os.getpid(), signal.SIGKILL)
    resettling.settle_all = dying
    async with Database.open(sys.argv[1], size=1) as database:
        await merger.load(database, merger.RELEASES[2], merger.DAY)
asyncio.run(main())
"""


def _killed(url: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", KILLED, url]
    return subprocess.run(program, env=os.environ, capture_output=True, text=True, check=False)


async def test_a_load_that_is_killed_changes_nothing(
    town: Fresh, database: Database, admin: asyncpg.Connection
) -> None:
    before = await admin.fetchval(EVERYTHING_KEPT)
    killed = await asyncio.to_thread(_killed, town.url())
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert await admin.fetchval(EVERYTHING_KEPT) == before
    assert await admin.fetchval("select count(*) from area_releases") == 2
    await merger.load(database, merger.RELEASES[2], merger.DAY)
    assert await admin.fetchval("select count(*) from areas where valid_to is null") == 95


async def test_loaded_before_its_day_it_moves_things_on_the_day_and_once(
    database: Database, admin: asyncpg.Connection
) -> None:
    early = await merger.load(database, merger.RELEASES[2], merger.EVE)
    assert early.waits
    assert early.report is not None
    foreseen = early.report.counts()
    assert foreseen["device"] == 78
    assert await admin.fetchval("select count(*) from devices where area like '%@2025-07-01'") == 0
    assert await admin.fetchval("select moved_at from area_releases where name = $1", merger.RELEASES[2]) is None

    async def turn(now: dt.datetime) -> object:
        async with database.transaction(EVERYTHING) as transaction:
            return await area_loading.move_due(transaction, Settings().zone, now)

    midnight = dt.datetime(2025, 6, 30, 17, 0, tzinfo=dt.UTC)
    assert await turn(midnight - dt.timedelta(seconds=1)) is None
    report = await turn(midnight)
    assert report is not None
    assert report.counts() == foreseen  # type: ignore[attr-defined]
    after = await admin.fetchval(EVERYTHING_KEPT)
    assert await turn(midnight) is None
    assert await admin.fetchval(EVERYTHING_KEPT) == after
