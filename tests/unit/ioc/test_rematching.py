"""What waited between two incidents is linked once people merged them, as the desk would link it now."""

import datetime as dt
import uuid

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.casework import Casework, Wanted
from ioc.incidents.alarm import Alarm
from ioc.incidents.steps import Ask
from ioc.rematching import LOOKS_BACK, Rematching
from ioc.store.database import Database
from tests.fakes.settled import Settled, minutes, placed
from tests.fakes.store import counted

APART = 5_000
"""Metres between two incidents of a flood which an alarm half way waits between."""


@pytest.fixture
def books(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Settled:
    return Settled(database, area_index, admin)


def said(number: int, east_m: float = APART / 2, after_min: float = 3.0, **changed: object) -> Alarm:
    """What a citizen tells, half way unless said otherwise."""
    told = {"source_kind": "citizen", "title": f"Ngập {number}", "title_en": f"Flooded {number}"}
    return placed(number, east_m, after_min, **told | changed)


async def home(books: Settled, number: int) -> str | None:
    found: uuid.UUID | None = await books.admin.fetchval(
        "select incident from alarms where id = $1", uuid.UUID(int=number)
    )
    return None if found is None else str(found)


async def deed(books: Settled, step: str, *numbers: int, at: dt.datetime) -> None:
    """A person merges the incidents of two alarms, or takes it back."""
    homes = [await home(books, number) for number in numbers]
    async with books.database.transaction(EVERYTHING) as transaction:
        case = Casework(transaction, Ask(step=step, who="lan", at=at), lambda: str(uuid.uuid4()), at.date())
        if step == "undo":
            await case.undo(Wanted(homes[0] or ""))
        else:
            await case.join(Wanted(homes[0] or ""), Wanted(homes[1] or ""), step)  # type: ignore[arg-type]


async def end(books: Settled, number: int) -> None:
    """A person closes the incident of an alarm."""
    await books.admin.execute(
        "update incidents set status = 'closed', touched = true where id = $1", uuid.UUID(await home(books, number))
    )


async def begin_anew(books: Settled) -> None:
    """What the desk does after it stumbled, and when a rule changed."""
    async with books.database.transaction(EVERYTHING) as transaction:
        await books.docket.recall(transaction)


async def anew(books: Settled, at: dt.datetime) -> list[Alarm]:
    """What another process would link that begins then."""
    async with books.database.transaction(EVERYTHING) as transaction:
        return await Rematching(catalogue.policy()).find(transaction, at)


async def two_with_some_between(books: Settled, *waiting: Alarm) -> None:
    """Two incidents, of the alarms 1 and 2, and what waits between them."""
    await books.page(placed(1))
    await books.page(placed(2, APART, 1))
    await books.page(*waiting)
    assert {match for match, _ in (await books.matches())[2:]} == {"waiting"}


@pytest.mark.parametrize("kind", ["merge", "duplicate"])
async def test_what_waited_between_exactly_them_is_linked_with_a_line_of_the_log(books: Settled, kind: str) -> None:
    await two_with_some_between(books, said(3), said(4, after_min=4, severity="extreme"))
    await books.tend(minutes(5))
    assert await home(books, 3) is None
    await deed(books, kind, 2, 1, at=minutes(6))
    await books.tend(minutes(7))
    assert (await home(books, 3), await home(books, 4)) == (await home(books, 1), await home(books, 1))
    assert [match for match, _ in await books.matches()] == ["opened", "manual", "linked", "linked"]
    assert await books.admin.fetchval("select severity from incidents where alarms = 4") == "extreme"
    lines = await books.admin.fetch("select who, what, text from incident_log where what = 'linked'")
    assert [tuple(row) for row in lines] == [("system", "linked", "← Ngập 3 (2)")]
    before = await counted(books.admin, "changes")
    await books.tend(minutes(8))
    assert await counted(books.admin, "changes") == before, "a join is looked at once"


async def test_what_may_still_belong_to_another_goes_on_waiting(books: Settled) -> None:
    east = placed(5, APART / 2, 2)
    north = msgspec.structs.replace(east.source.position, lat=15.88 + 2_700 / 111_000)
    await two_with_some_between(books, said(3))
    await books.page(msgspec.structs.replace(east, source=msgspec.structs.replace(east.source, position=north)))
    assert [match for match, _ in await books.matches()] == ["opened", "opened", "waiting", "opened"]
    await deed(books, "merge", 2, 1, at=minutes(6))
    await books.tend(minutes(7))
    assert await home(books, 3) is None
    await deed(books, "merge", 5, 1, at=minutes(8))
    await books.tend(minutes(9))
    assert await home(books, 3) == await home(books, 1)


async def test_what_nothing_would_take_any_more_is_left_to_a_person(books: Settled) -> None:
    await two_with_some_between(books, said(3))
    await deed(books, "merge", 2, 1, at=minutes(6))
    await books.admin.execute("update incidents set status = 'closed', touched = true where status <> 'duplicate'")
    await books.tend(minutes(7))
    assert await home(books, 3) is None
    assert await books.incidents() == [("closed", 2), ("duplicate", 0)]


async def test_an_undo_before_the_desk_looks_leaves_it_waiting_and_one_after_leaves_it_linked(books: Settled) -> None:
    await two_with_some_between(books, said(3))
    await deed(books, "merge", 2, 1, at=minutes(4))
    await deed(books, "undo", 1, at=minutes(5))
    await books.tend(minutes(6))
    assert await home(books, 3) is None
    await deed(books, "merge", 2, 1, at=minutes(7))
    await books.tend(minutes(8))
    first = await home(books, 1)
    assert await home(books, 3) == first
    await deed(books, "undo", 1, at=minutes(9))
    assert await home(books, 3) == first
    assert await home(books, 2) != first


async def test_who_begins_anew_looks_at_what_was_joined_before_and_no_longer_back(books: Settled) -> None:
    await two_with_some_between(books, said(3))
    await deed(books, "merge", 2, 1, at=minutes(6))
    for later, linked in ((LOOKS_BACK + dt.timedelta(minutes=1), []), (LOOKS_BACK, [uuid.UUID(int=3)])):
        assert [uuid.UUID(one.id) for one in await anew(books, minutes(6) + later)] == linked


async def test_what_a_person_resolved_is_reopened_by_what_still_holds(books: Settled) -> None:
    await two_with_some_between(books, placed(3, APART / 2, 3))
    await deed(books, "merge", 2, 1, at=minutes(6))
    await books.admin.execute("update incidents set status = 'resolved', resolved_by = 'lan' where alarms = 2")
    await books.tend(minutes(7))
    assert await books.incidents() == [("reopened", 3), ("duplicate", 0)]


async def test_what_waited_between_two_by_their_numbers_is_linked_wherever_it_is(books: Settled) -> None:
    await books.page(placed(1, numbers=("pctt:1",)))
    await books.page(placed(2, 40_000, 1, numbers=("pctt:2",)))
    await books.page(said(3, 90_000, numbers=("pctt:1", "pctt:2")))
    assert (await books.matches())[2] == ("waiting", None)
    await deed(books, "merge", 2, 1, at=minutes(6))
    await books.tend(minutes(7))
    assert await home(books, 3) == await home(books, 1)
    assert (await books.matches())[2][0] == "number"


async def test_what_is_left_with_one_because_the_other_was_closed_waits_on_whatever_is_joined_elsewhere(
    books: Settled,
) -> None:
    await two_with_some_between(books, said(3))
    await books.page(placed(5, 40_000, 2))
    await end(books, 2)
    await deed(books, "merge", 5, 1, at=minutes(6))
    await books.tend(minutes(7))
    assert await home(books, 5) == await home(books, 1)
    assert await home(books, 3) is None


async def test_a_join_decides_nothing_of_what_was_raised_after_it(books: Settled) -> None:
    await books.page(placed(1))
    await books.page(placed(2, 4_000, 1), placed(5, 8_000, 2))
    await deed(books, "merge", 2, 1, at=minutes(3))
    await books.tend(minutes(4))
    await books.page(said(3, 6_000, 5))
    assert (await books.matches())[2] == ("waiting", None)
    await end(books, 5)
    await begin_anew(books)
    await books.tend(minutes(7))
    assert await home(books, 3) is None
    assert await anew(books, minutes(8)) == []


async def test_who_stumbles_does_not_look_again_at_joins_that_were_seen_to(books: Settled) -> None:
    north = placed(5, APART / 2, 2)
    spot = msgspec.structs.replace(north.source.position, lat=15.88 + 2_700 / 111_000)
    await two_with_some_between(books, said(3))
    await books.page(msgspec.structs.replace(north, source=msgspec.structs.replace(north.source, position=spot)))
    await deed(books, "merge", 2, 1, at=minutes(6))
    await books.tend(minutes(7))
    await books.tend(minutes(8))
    await end(books, 5)
    await begin_anew(books)
    await books.tend(minutes(9))
    assert await home(books, 3) is None


async def test_a_look_whose_transaction_failed_is_repeated(books: Settled) -> None:
    await two_with_some_between(books, said(3))
    await books.tend(minutes(5))
    await deed(books, "merge", 2, 1, at=minutes(6))
    with pytest.raises(ZeroDivisionError):
        async with books.database.transaction(EVERYTHING) as transaction:
            await books.docket.tend(transaction, minutes(7))
            raise ZeroDivisionError
    assert await home(books, 3) is None
    await begin_anew(books)
    await books.tend(minutes(8))
    assert await home(books, 3) == await home(books, 1)


async def test_what_numbers_taken_in_the_same_look_say_otherwise_goes_on_waiting(books: Settled) -> None:
    far = 60_000
    await two_with_some_between(books, said(3, numbers=("pctt:1",)), said(6, after_min=5, numbers=("pctt:1", "pctt:2")))
    await books.page(placed(11, far, 1), placed(12, far + APART, 2))
    await books.page(said(4, far + APART / 2, 4, numbers=("pctt:2",)))
    await books.page(said(7, far + APART / 2, 6, numbers=("pctt:1",)))
    assert [match for match, _ in await books.matches()].count("waiting") == 4
    await deed(books, "merge", 2, 1, at=minutes(7))
    await deed(books, "merge", 12, 11, at=minutes(7))
    await books.tend(minutes(8))
    assert (await home(books, 3), await home(books, 4)) == (await home(books, 1), await home(books, 11))
    rows = await books.admin.fetch("select id, match, incident from alarms where match = 'waiting' order by id")
    assert [tuple(row) for row in rows] == [(uuid.UUID(int=number), "waiting", None) for number in (6, 7)]
