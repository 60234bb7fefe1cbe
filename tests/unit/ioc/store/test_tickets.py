"""Tickets, their log and their stays as they are kept."""

import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.store import tickets
from ioc.store.database import Database
from ioc.tickets.steps import Lead
from ioc.tickets.ticket import Ticket, line_of
from tests.fakes.things import NOW
from tests.fakes.tickets import ticket

LATER = NOW + dt.timedelta(minutes=1)
THEIRS, OURS = Scope(frozenset({"hoi-an"})), Scope(frozenset({"quang-nam"}))


async def put(database: Database, *many: Ticket) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for one in many:
            assert await tickets.add(transaction, [one]) == {one.id}
        await tickets.stay(transaction, [(None, one, "opened") for one in many])


def on(before: Ticket, **changed: Any) -> Ticket:
    return msgspec.structs.replace(before, version=before.version + 1, updated_at=LATER, **changed)


async def test_a_ticket_comes_back_as_it_was_kept(database: Database) -> None:
    full = ticket(
        2, parent=ticket().id, owner="lan", team="t", sender="roads", task="việc", state="closed", bounces=2, reopens=1,
        rest_s=-7.25, generation=3, waiting_why="chờ", resolved_by="lan", verified_by="binh", result="xong",
        **dict.fromkeys(("accepted_at", "started_at", "waiting_since", "resolved_at", "verified_at"), LATER),
        closed_at=LATER, due_at=None, accept_by=None,
    )  # fmt: skip
    await put(database, ticket(), full)
    async with database.transaction(EVERYTHING) as transaction:
        assert await tickets.tickets_of(transaction, [full.id, ticket().id]) == {ticket().id: ticket(), full.id: full}
        assert await tickets.tickets_of(transaction, []) == {}
        assert await tickets.one(transaction, uuid.UUID(full.id)) == full
        assert await tickets.parts_of(transaction, uuid.UUID(ticket().id)) == [full]
        assert await tickets.of_incident(transaction, full.incident) == {ticket().id: ticket(), full.id: full}
        assert await tickets.family(transaction, full.id) == {ticket().id: ticket(), full.id: full}
        assert await tickets.family(transaction, str(uuid.UUID(int=9))) == {}


async def test_each_sees_the_tickets_of_its_units(database: Database) -> None:
    await put(database, ticket(1), ticket(2, unit="roads", centre="quang-nam"))
    for scope, expected in ((THEIRS, [1]), (OURS, [2]), (Scope(None, kinds=frozenset({"incident"})), [])):
        async with database.transaction(scope, read_only=True) as transaction:
            found = await tickets.of_incident(transaction, ticket().incident)
        assert [one.number for one in found.values()] == expected


async def test_a_unit_has_one_live_lead_ticket_of_an_incident(database: Database) -> None:
    await put(database, ticket(1))
    async with database.transaction(EVERYTHING) as transaction:
        assert await tickets.add(transaction, [ticket(2), ticket(3, unit="roads")]) == {ticket(3).id}
        assert await tickets.add(transaction, [ticket(4, parent=ticket(1).id)]) == {ticket(4).id}
        assert await tickets.add(transaction, []) == set()
        closed = on(ticket(1), state="cancelled", closed_at=LATER)
        await tickets.put(transaction, [closed])
        assert await tickets.add(transaction, [ticket(2)]) == {ticket(2).id}
        leads = await tickets.leads_of(transaction, [ticket().incident])
        assert leads == {ticket().incident: {"hoi-an": Lead(ticket(2).id, 2), "roads": Lead(ticket(3).id, 3)}}
        assert await tickets.live_parts(transaction, [ticket(1).id, ticket(2).id]) == {ticket(1).id: 1}


async def test_a_version_is_written_once(database: Database) -> None:
    await put(database, ticket())
    async with database.transaction(EVERYTHING) as transaction:
        await tickets.put(transaction, [])
        await tickets.put(transaction, [on(ticket(), task="một")])
        with pytest.raises(tickets.LostError, match="UPDATE 0"):
            await tickets.put(transaction, [on(ticket(), task="hai")])


async def test_numbers_are_nobodys_twice(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        found = [*await tickets.numbers(transaction, 3), *await tickets.numbers(transaction, 2)]
    assert len(set(found)) == 5
    assert found == sorted(found)


async def test_lines_come_back_in_their_order_and_those_since_a_version(database: Database) -> None:
    await put(database, ticket())
    two = on(ticket(), state="accepted")
    photo = str(uuid.UUID(int=5))
    lines = [
        line_of(ticket(), NOW, "system", "opened", to="hoi-an", public=True),
        line_of(two, LATER, "lan", "accepted", text="đi ngay", made_at=NOW, from_unit="roads"),
        line_of(two, LATER, "system", "reminded"),
    ]
    async with database.transaction(EVERYTHING) as transaction:
        await tickets.log(transaction, [(two.id, line, [photo] if line is lines[1] else []) for line in lines])
        await tickets.log(transaction, [])
        found = await tickets.log_of(transaction, uuid.UUID(two.id))
        assert [one.line for one in found] == lines
        assert [one.photos for one in found] == [(), (photo,), ()]
        assert [one.line for one in await tickets.log_of(transaction, uuid.UUID(two.id), since=1)] == lines[1:]
        assert await tickets.photos_of(transaction, [two.id]) == [photo]
    async with database.transaction(OURS, read_only=True) as transaction:
        assert await tickets.log_of(transaction, uuid.UUID(two.id)) == []


async def test_a_stay_ends_with_the_unit_the_result_or_the_end(database: Database) -> None:
    await put(database, ticket())
    moved = on(ticket(), unit="roads", centre="quang-nam", received_at=LATER)
    accepted = on(moved, state="accepted", accepted_at=LATER, severity="extreme")
    done = on(accepted, state="resolved", resolved_at=LATER)
    closed = on(done, state="closed", closed_at=LATER)
    again = on(closed, state="reopened", closed_at=None, reopens=1, accepted_at=None)
    gone = on(again, state="cancelled", closed_at=LATER)
    lives = [ticket(), moved, accepted, done, closed, again, gone]
    words = ["forwarded", "accepted", "resolved", "closed", "reopened", "cancelled"]
    async with database.transaction(EVERYTHING) as transaction:
        for before, after, how in zip(lives[:-1], lives[1:], words, strict=True):
            await tickets.stay(transaction, [(before, after, how)])
        stays = await tickets.stays_of(transaction, uuid.UUID(gone.id))
    assert [(one.stay, one.unit, one.severity, one.accepted_at, one.how) for one in stays] == [
        (1, "hoi-an", "severe", None, "forwarded"),
        (2, "roads", "extreme", LATER, "resolved"),
        (3, "roads", "extreme", None, "cancelled"),
    ]
    async with database.transaction(THEIRS, read_only=True) as transaction:
        assert [one.stay for one in await tickets.stays_of(transaction, uuid.UUID(gone.id))] == [1]
