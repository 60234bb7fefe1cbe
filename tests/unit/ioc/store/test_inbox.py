"""What waits, in order, as the reader sees it."""

import datetime as dt
import uuid

from gis.position import Position
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import inbox, tickets
from ioc.store.database import Database
from ioc.store.inbox import Page
from ioc.tickets.ticket import Ticket
from tests.fakes.things import NOW
from tests.fakes.tickets import ticket

HOUR = dt.timedelta(hours=1)
HOI_AN = Scope(frozenset({"hoi-an"}), kinds=frozenset({"ticket"}))


async def put(database: Database, *more: Ticket) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await tickets.add(transaction, more)


def own(number: int, **changed: object) -> Ticket:
    """A ticket of an incident of its own."""
    return ticket(number, incident=str(uuid.UUID(int=5000 + number)), **changed)


async def waiting(database: Database, scope: Scope = EVERYTHING, most: int = 20) -> Page:
    async with database.transaction(scope, read_only=True) as transaction:
        return await inbox.waiting(transaction, most)


async def test_the_worst_come_first_then_the_most_urgent(database: Database) -> None:
    await put(
        database,
        own(1, severity="minor", due_at=NOW + HOUR, accept_by=None),
        own(2, severity="extreme", due_at=None, accept_by=None),
        own(3, severity="severe", due_at=NOW + 3 * HOUR, accept_by=NOW + 2 * HOUR),
        own(4, severity="severe", due_at=NOW + HOUR, accept_by=NOW + 2 * HOUR),
        own(5, severity="extreme", state="accepted", due_at=NOW + 9 * HOUR, accept_by=NOW - HOUR),
    )
    page = await waiting(database)
    assert [one.number for one in page.entries] == [5, 2, 4, 3, 1]
    assert page.total == 5
    short = await waiting(database, most=2)
    assert ([one.number for one in short.entries], short.total) == ([5, 2], 5)


async def test_what_is_over_is_left_out_and_what_waits_to_be_verified_is_not(database: Database) -> None:
    await put(
        database,
        own(1, state="closed", closed_at=NOW, resolved_at=NOW),
        own(2, state="resolved", resolved_at=NOW, resolved_by="lan", result="xong"),
    )
    assert [one.number for one in (await waiting(database)).entries] == [2]


async def test_others_tickets_are_not_seen(database: Database) -> None:
    await put(database, own(1), own(2, unit="roads", centre="quang-nam"))
    page = await waiting(database, HOI_AN)
    assert ([one.number for one in page.entries], page.total) == ([1], 1)
    assert (await waiting(database, Scope(frozenset({"nui-thanh"}), kinds=frozenset({"ticket"})))).total == 0


async def test_an_entry_is_short(database: Database) -> None:
    moment = NOW.replace(microsecond=123_456)
    await put(database, own(1, due_at=moment, position=Position(lon=108.123456789, lat=15.987654321)))
    [entry] = (await waiting(database)).entries
    assert entry.at == (108.12346, 15.98765)
    assert entry.due_at == NOW.replace(microsecond=0)
