"""Lists of tickets, a page at a time."""

import datetime as dt
import uuid

from ioc.access.scope import EVERYTHING, Scope
from ioc.store import tickets
from ioc.store.database import Database
from ioc.store.ticket_lists import Place, Wanted, listed
from tests.fakes.things import NOW
from tests.fakes.tickets import ticket

HOUR = dt.timedelta(hours=1)


async def fill(database: Database) -> None:
    """Six tickets: two late, one without a deadline, one that is over."""
    many = [
        ticket(1, due_at=NOW + 9 * HOUR),
        ticket(2, unit="roads", centre="quang-nam", accept_by=NOW - HOUR, owner="lan"),
        ticket(3, unit="power", state="working", due_at=NOW - 2 * HOUR, team="lưới"),
        ticket(4, unit="a", state="waiting", due_at=None, rest_s=9.0, waiting_since=NOW),
        ticket(5, unit="b", state="resolved", resolved_at=NOW, due_at=NOW - HOUR),
        ticket(6, unit="c", state="cancelled", closed_at=NOW, incident=str(uuid.UUID(int=7))),
    ]
    async with database.transaction(EVERYTHING) as transaction:
        assert len(await tickets.add(transaction, many)) == 6


async def numbers(database: Database, wanted: Wanted, scope: Scope = EVERYTHING) -> list[int]:
    """All that fit, two a page."""
    found, after = list[int](), None
    async with database.transaction(scope, read_only=True) as transaction:
        while True:
            page, after = await listed(transaction, wanted, NOW, 2, after)
            found += [one.number for one in page]
            if after is None:
                return found


async def test_what_is_due_next_comes_first_and_what_has_no_deadline_last(database: Database) -> None:
    await fill(database)
    assert await numbers(database, Wanted(open=True)) == [3, 2, 1, 4]
    assert await numbers(database, Wanted(late=True)) == [3, 2]


async def test_without_that_the_newest_comes_first(database: Database) -> None:
    await fill(database)
    assert await numbers(database, Wanted()) == [6, 5, 4, 3, 2, 1]
    assert await numbers(database, Wanted(), Scope(frozenset({"quang-nam"}))) == [2]


async def test_what_is_asked_for_is_all_that_comes(database: Database) -> None:
    await fill(database)
    for wanted, expected in (
        (Wanted(states=("resolved", "cancelled")), [6, 5]),
        (Wanted(unit="roads"), [2]),
        (Wanted(centre="quang-nam"), [2]),
        (Wanted(incident=uuid.UUID(int=7)), [6]),
        (Wanted(owner="lan"), [2]),
        (Wanted(team="lưới"), [3]),
        (Wanted(mine=("lan", ())), [2]),
        (Wanted(mine=("nobody", (("power", "lưới"), ("roads", "lưới")))), [3]),
        (Wanted(mine=("lan", (("power", "lưới"),)), late=True), [3, 2]),
    ):
        assert await numbers(database, wanted) == expected, wanted


async def test_a_page_begins_after_the_place_where_the_last_one_ended(database: Database) -> None:
    await fill(database)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        page, end = await listed(transaction, Wanted(), NOW, 4)
        assert [one.number for one in page] == [6, 5, 4, 3]
        assert end == Place(NOW, uuid.UUID(int=3))
        assert await listed(transaction, Wanted(), NOW, 6) == ([*page, ticket(2, unit="roads", centre="quang-nam",
            accept_by=NOW - HOUR, owner="lan"), ticket(1, due_at=NOW + 9 * HOUR)], None)  # fmt: skip
