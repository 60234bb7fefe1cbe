"""What would come of an incident, on a real PostgreSQL; the people of each step are tried in test_ticket_policy.py."""

import datetime as dt
import uuid

import msgspec

from gis.position import Position
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.foresight import foresee, placed
from ioc.store import people
from ioc.store.database import Database, Transaction
from ioc.store.ticket_policies import shipped
from tests.fakes.things import AI_NGHIA

NOON = dt.datetime(2026, 3, 4, 5, 0, tzinfo=dt.UTC)
SEA = Position(lon=112.0, lat=11.0)


async def officer(transaction: Transaction) -> None:
    for login, role, centre in (("an", "district", "dai-loc"), ("op", "operator", None)):
        person = Person(login=login, name=login.title(), role=role, centre=centre, language="vi")
        await people.create_account(transaction, uuid.uuid4(), person, "-", NOON)


async def test_a_flood_at_a_gauge_goes_to_the_district_and_up_when_nobody_moves(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await officer(transaction)
        case = await placed(transaction, "flood", "severe", AI_NGHIA, NOON, shipped())
        assert case is not None
        assert (case.centre, case.area_name) == ("dai-loc", "Xã Đại Lộc")
        found = await foresee(transaction, case, shipped())
    assert (found.needed, found.routed.unit, found.plan) == (True, "dai-loc", "khan")
    assert found.accept_by == NOON + dt.timedelta(minutes=15)
    steps = [(one.at - NOON, one.stage, one.do, one.unit, one.told) for one in found.steps]
    minute = dt.timedelta(minutes=1)
    assert steps[:2] == [
        (15 * minute, "accept", "notify", "dai-loc", ("An",)),
        (25 * minute, "accept", "reassign", "dai-loc", ("An", "Op")),
    ]
    up = next(one for one in found.steps if one.do == "up")
    assert (up.at, up.unit) == (NOON + 40 * minute, "quang-nam")
    assert "Op" in up.told


async def test_the_offices_of_the_day_count(database: Database) -> None:
    """Before July 2025 the same place lay in a district, and roads were another department's until March."""
    async with database.transaction(EVERYTHING) as transaction:
        units = []
        for day in ("2025-02-27", "2025-03-02"):
            at = dt.datetime.fromisoformat(f"{day}T05:00:00+00:00")
            case = await placed(transaction, "road", "severe", AI_NGHIA, at, shipped())
            assert case is not None
            assert case.area == "506@2024-09-01"
            units.append((await foresee(transaction, case, shipped())).routed.unit)
        assert units == ["so-giao-thong", "so-xay-dung"]


async def test_nobody_serves_the_open_sea(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await placed(transaction, "flood", "severe", SEA, NOON, shipped()) is None


async def test_what_has_no_deadline_has_no_steps(database: Database) -> None:
    clocks = (msgspec.structs.replace(shipped().clocks[-1], accept_min=None, done_min=None),)
    policy = msgspec.structs.replace(shipped(), clocks=clocks)
    async with database.transaction(EVERYTHING) as transaction:
        case = await placed(transaction, "flood", "minor", AI_NGHIA, NOON, policy)
        assert case is not None
        found = await foresee(transaction, case, policy)
    assert (found.needed, found.accept_by, found.due_at, found.steps) == (False, None, None, ())
