"""What people's steps write: after-images, lines, joins and their alarms, who saw what."""

import datetime as dt
import uuid

import asyncpg
import msgspec
import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.incidents import joins
from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import Entry, Incident, Place, Titles, opened
from ioc.incidents.steps import Ask
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import steps
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)
ONE, TWO = (str(uuid.UUID(int=number)) for number in (91, 92))


def incident(name: str) -> Incident:
    made, _ = opened(alarm(), Titles("t", "t"), PLACE, name, NOW)
    return made


def of(name: str | None, number: int, **changed: object) -> Alarm:
    return alarm(number, incident=name, match="opened", **changed)


@pytest.fixture
async def _two(database: Database) -> None:
    """An incident with a holding, a cleared and a suppressed alarm, and another with one."""
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, [(incident(ONE), None), (incident(TWO), None)])
        suppressed = msgspec.structs.replace(of(ONE, 3, severity="extreme"), match="suppressed")
        await kept_alarms.save_alarms(transaction, [of(ONE, 1), of(ONE, 2, cleared_at=NOW), suppressed, of(TWO, 4)])


def ask(step: str = "merge") -> Ask:
    return Ask(step=step, who="lan", at=NOW)


@pytest.mark.usefixtures("_two")
async def test_what_is_known_of_alarms_leaves_out_what_a_parent_holds_back(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        known = await steps.known(transaction, ONE, ("Báo cáo",))
    assert (known.holding, known.worst, known.undone) == (1, "moderate", ("Báo cáo",))


@pytest.mark.usefixtures("_two")
async def test_photos_belong_to_the_first_line_of_a_step(database: Database, admin: asyncpg.Connection) -> None:
    after = msgspec.structs.replace(incident(ONE), version=2, titled=True, title="mới", duplicate_of=TWO)
    photo = str(uuid.UUID(int=7))
    async with database.transaction(EVERYTHING) as transaction:
        await steps.put(transaction, after, [Entry(NOW, "lan", "comment", "a"), Entry(NOW, "lan", "x", "b")], [photo])
    rows = await admin.fetch("select text, photos from incident_log order by id")
    assert [(row["text"], [str(one) for one in row["photos"]]) for row in rows] == [("a", [photo]), ("b", [])]
    row = await admin.fetchrow(
        "select version, title, titled, duplicate_of from incidents where id = $1", uuid.UUID(ONE)
    )
    assert tuple(row) == (2, "mới", True, uuid.UUID(TWO))


@pytest.mark.usefixtures("_two")
async def test_moved_alarms_come_back_as_they_were(database: Database, admin: asyncpg.Connection) -> None:
    before = await admin.fetch("select id, incident, match from alarms order by id")
    async with database.transaction(EVERYTHING) as transaction:
        joined = joins.join(incident(TWO), incident(ONE), ask())
        assert isinstance(joined, joins.Joined)
        move = joins.moved(joined, "merge", incident(ONE), incident(TWO), ask())
        number, holding = await steps.move(transaction, move, None, 5)
        assert set(holding) == {str(uuid.UUID(int=1)), str(uuid.UUID(int=3))}
    rows = await admin.fetch("select match, incident from alarms order by id")
    assert {row["incident"] for row in rows} == {uuid.UUID(TWO)}
    assert [row["match"] for row in rows] == ["manual", "manual", "suppressed", "opened"]
    async with database.transaction(EVERYTHING) as transaction:
        assert await steps.last_move(transaction, ONE) == await steps.last_move(transaction, TWO) == (number, move, 5)
        await steps.move_back(transaction, number, move, NOW)
        assert await steps.last_move(transaction, ONE) is None
    assert await admin.fetch("select id, incident, match from alarms order by id") == before


@pytest.mark.usefixtures("_two")
async def test_a_join_stands_with_what_went_until_it_is_undone(database: Database) -> None:
    late = NOW + dt.timedelta(microseconds=1)
    async with database.transaction(EVERYTHING) as transaction:
        joined = joins.join(incident(TWO), incident(ONE), ask())
        assert isinstance(joined, joins.Joined)
        move = joins.moved(joined, "merge", incident(ONE), incident(TWO), ask())
        number, _ = await steps.move(transaction, move, None, 5)
        standing = steps.Standing(number=number, at=NOW, source=ONE, target=TWO)
        assert await steps.joined_since(transaction, 0, NOW) == (number, [standing])
        assert await steps.joined_since(transaction, 0, late) == (number, [])
        assert await steps.joined_since(transaction, number, NOW) == (number, [])
        went = {name: sorted(alarms) for name, alarms in (await steps.went(transaction, [number])).items()}
        assert went == {number: [str(uuid.UUID(int=one)) for one in (1, 2, 3)]}
        await steps.move_back(transaction, number, move, NOW)
        assert await steps.joined_since(transaction, 0, NOW) == (number, [])


@pytest.mark.usefixtures("_two")
async def test_only_reports_end_with_their_incident(database: Database, admin: asyncpg.Connection) -> None:
    told = of(ONE, 5, source_kind="citizen", raised_at=NOW + dt.timedelta(hours=1))
    async with database.transaction(EVERYTHING) as transaction:
        await kept_alarms.save_alarms(transaction, [told])
        assert set(await steps.end_reports(transaction, ONE, NOW)) == {told.id}
        assert await steps.end_reports(transaction, ONE, NOW) == {}
    rows = dict(await admin.fetch("select id::text, cleared_at from alarms where incident = $1", uuid.UUID(ONE)))
    assert rows[told.id] == told.raised_at
    assert rows[str(uuid.UUID(int=1))] is None


@pytest.mark.usefixtures("_two")
async def test_the_latest_deed_is_that_of_a_person(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await steps.latest(transaction, [ONE, TWO]) is None
        lines = [Entry(NOW, "lan", "started", ""), Entry(NOW, "system", "severity", "")]
        await steps.log(transaction, incident(ONE), lines)
        assert await steps.latest(transaction, [ONE, TWO]) == lines[0]
        through = await steps.through(transaction, [ONE, TWO])
        assert await steps.latest(transaction, [ONE, TWO], through) is None


@pytest.mark.usefixtures("_two")
async def test_who_saw_it_first_and_last(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        later = NOW + dt.timedelta(minutes=1)
        assert await steps.see(transaction, uuid.UUID(ONE), "lan", 3, NOW)
        assert not await steps.see(transaction, uuid.UUID(ONE), "lan", 2, later)
        [row] = await steps.seen(transaction, uuid.UUID(ONE))
        assert (row["who"], row["first_at"], row["last_at"], row["version"]) == ("lan", NOW, later, 3)


async def test_the_smallest_area_of_a_day_holds_a_place(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        new = await steps.place_of(transaction, "c", "x@2000-01-01", AI_NGHIA, NOW.date())
        old = await steps.place_of(transaction, "c", "x@2000-01-01", AI_NGHIA, dt.date(2025, 1, 15))
        sea = await steps.place_of(transaction, "c", "502@2024-09-01", Position(lon=112.0, lat=15.0), NOW.date())
    assert new.area.endswith("@2025-07-01")
    assert old.area != new.area
    assert (sea.area, sea.area_code) == ("502@2024-09-01", "502")
