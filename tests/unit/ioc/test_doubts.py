"""Candidates of what waits are found as correlation finds them."""

import datetime as dt
import uuid

import msgspec
import pytest

from gis.position import Position
from ioc import catalogue, doubts
from ioc.access.scope import EVERYTHING, Scope
from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import Incident, Place, Titles, opened
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import reach
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm, source

NAMES = [str(uuid.UUID(int=90 + number)) for number in range(3)]


def at(lat: float, number: int, **changed: object) -> Alarm:
    spot = msgspec.structs.replace(source(), position=Position(lon=AI_NGHIA.lon, lat=lat))
    return alarm(number, source=spot, **changed)


def incident(name: str, area: str = "20335@2025-07-01") -> Incident:
    place = Place(centre="quang-nam", area=area, area_code="", area_name="", position=AI_NGHIA)
    return opened(alarm(), Titles("t", "t"), place, name, NOW)[0]


@pytest.fixture
async def _three(database: Database) -> None:
    """Incidents 0 m, 500 m and 5 km north of Ai Nghia; the first bears a number."""
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, [(incident(name), None) for name in NAMES])
        for number, (name, north) in enumerate(zip(NAMES, (0.0, 0.0045, 0.045), strict=True), 1):
            numbers = ("pctt:7",) if number == 3 else ()
            one = at(AI_NGHIA.lat + north, number, incident=name, match="opened", numbers=numbers)
            await kept_alarms.save_alarms(transaction, [one])
        await reach.rebuild(transaction, NAMES)


async def queue(database: Database, scope: Scope = EVERYTHING) -> list[doubts.Doubt]:
    async with database.transaction(scope) as transaction:
        return await doubts.queue(transaction, catalogue.policy(), 10)


@pytest.mark.usefixtures("_three")
async def test_candidates_are_near_in_place_and_time_unless_a_number_says_which(database: Database) -> None:
    later = NOW + dt.timedelta(minutes=30)
    by_place = at(AI_NGHIA.lat, 11, match="waiting", raised_at=later, severity="minor")
    by_number = at(AI_NGHIA.lat, 12, match="waiting", numbers=("pctt:7",), severity="extreme")
    nowhere = at(AI_NGHIA.lat + 1, 13, match="waiting")
    async with database.transaction(EVERYTHING) as transaction:
        await kept_alarms.save_alarms(transaction, [by_place, by_number, nowhere])
    found = await queue(database)
    assert [one.alarm.severity for one in found] == ["extreme", "moderate", "minor"]
    told = {one.alarm.id: [candidate.incident.id for candidate in one.candidates] for one in found}
    assert told == {by_place.id: NAMES[:2], by_number.id: NAMES[2:], nowhere.id: []}
    near, farther = found[2].candidates
    assert near.metres < 1
    assert 490 < farther.metres < 510
    assert doubts.age(by_place, later + dt.timedelta(seconds=5)) == 5


@pytest.mark.usefixtures("_three")
async def test_nobody_is_told_of_incidents_that_they_may_not_see(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, [(incident(NAMES[1], area="48@2025-07-01"), None)])
        await kept_alarms.save_alarms(transaction, [at(AI_NGHIA.lat, 11, match="waiting")])
    [doubt] = await queue(database, Scope(None, areas=frozenset({"20335@2025-07-01"})))
    assert [one.incident.id for one in doubt.candidates] == NAMES[:1]
