"""The one way to change tickets, on a real PostgreSQL."""

import datetime as dt
import itertools
import uuid
from typing import Any

import asyncpg
import msgspec
import pytest

from ioc import ticket_work
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import changes, incidents
from ioc.store import tickets as kept
from ioc.store.database import Database
from ioc.store.media import StoredPicture
from ioc.tickets.policy import Along
from ioc.tickets.routing import Routed
from ioc.tickets.shown import ticket_feature
from ioc.tickets.steps import Ask, Refused, take
from ioc.tickets.ticket import Line, Ticket, line_of
from tests.fakes.things import NOW
from tests.fakes.tickets import POLICY, incident

LATER = NOW + dt.timedelta(minutes=5)
_bytes = itertools.count(1)
POLICIES = {1: POLICY}


def entropy(size: int) -> bytes:
    return next(_bytes).to_bytes(size, "big")


def routed(unit: str = "hoi-an", along: tuple[str, ...] = (), task: str = "bơm nước") -> Routed:
    return Routed(
        unit=unit, task=task, along=tuple(Along(unit=one, task=f"việc của {one}") for one in along), why="gần"
    )


async def opened(database: Database, number: int = 1000, **more: Any) -> list[Ticket]:
    async with database.transaction(EVERYTHING) as transaction:
        return await ticket_work.opened(transaction, incident(number), routed(**more), POLICY, NOW, "system", entropy)


async def step(database: Database, about: Ticket, word: str, **more: Any) -> Ticket:
    """Take a step as the timers and people do."""
    ask = Ask(step=word, who=more.pop("who", "lan"), at=more.pop("at", LATER), **more)
    async with database.transaction(EVERYTHING) as transaction:
        held = await kept.family(transaction, about.id)
        before = held[about.id]
        known = await ticket_work.known_of(transaction, [before], POLICIES, POLICY)
        taken = take(before, ask, known[before.id])
        assert not isinstance(taken, Refused), taken
        await ticket_work.settle(transaction, before, taken.after, taken.lines, POLICY, ask.at)
        return taken.after


async def told(database: Database, scope: Scope = EVERYTHING) -> list[changes.Change]:
    async with database.transaction(scope, read_only=True) as transaction:
        return await changes.after(transaction, 0, 1000)


async def log(database: Database, about: Ticket) -> list[Line]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return [one.line for one in await kept.log_of(transaction, uuid.UUID(about.id))]


async def of_incident(database: Database, number: int = 1000) -> dict[str, Ticket]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await kept.of_incident(transaction, str(uuid.UUID(int=number)))


async def test_an_incident_gets_a_lead_ticket_and_a_part_for_each_further_unit(database: Database) -> None:
    lead, part = await opened(database, along=("power",))
    assert (lead.unit, lead.centre, lead.parent, lead.task, lead.sender) == ("hoi-an", "hoi-an", None, "bơm nước", "")
    assert (part.unit, part.parent, part.task, part.sender) == ("power", lead.id, "việc của power", "hoi-an")
    assert (lead.state, lead.version, lead.policy, lead.title) == ("new", 1, 1, "Nước ngập")
    assert (lead.accept_by, lead.due_at) == (NOW + dt.timedelta(minutes=30), NOW + dt.timedelta(hours=8))
    assert part.number == lead.number + 1
    assert await of_incident(database) == {lead.id: lead, part.id: part}
    assert await log(database, lead) == [line_of(lead, NOW, "system", "opened", text="gần", to="hoi-an", public=True)]
    assert [(one.subject, one.value) for one in await told(database)] == [
        ("ticket", ticket_feature(one)) for one in (lead, part)
    ]


async def test_the_dispatcher_and_a_person_do_not_both_open_one(database: Database) -> None:
    [lead] = await opened(database)
    assert await opened(database, along=("power",)) == []
    assert list(await of_incident(database)) == [lead.id]
    assert len(await told(database)) == 1
    [elsewhere] = await opened(database, unit="roads")
    assert elsewhere.unit == "roads"


async def test_two_that_open_at_the_same_moment_open_one(database: Database) -> None:
    async with database.transaction(EVERYTHING) as first:
        [lead] = await ticket_work.opened(first, incident(), routed(), POLICY, NOW, "lan", entropy)
        assert lead.unit == "hoi-an"
        with pytest.raises(TimeoutError):
            async with database.within(0.3).transaction(EVERYTHING) as second:
                await ticket_work.opened(second, incident(), routed(), POLICY, NOW, "system", entropy)
    assert await opened(database) == []


async def test_a_ticket_that_is_closed_makes_room_for_another(database: Database) -> None:
    [lead] = await opened(database)
    for word, more in (("accept", {}), ("resolve", {"text": "xong"}), ("verify", {"who": "binh"}), ("close", {})):
        lead = await step(database, lead, word, **more)
    assert (lead.state, lead.version) == ("closed", 5)
    [again] = await opened(database)
    with pytest.raises(AssertionError, match="unit-has-ticket"):
        await step(database, lead, "reopen", why="nước lại lên")
    assert again.number > lead.number


async def test_how_long_each_unit_had_it_is_kept(database: Database, admin: asyncpg.Connection) -> None:
    [lead] = await opened(database)
    moments = [NOW + dt.timedelta(minutes=10 * number) for number in range(1, 8)]
    lead = await step(database, lead, "accept", at=moments[0])
    lead = await step(database, lead, "forward", at=moments[1], unit="roads", why="đường tỉnh")
    lead = await step(database, lead, "accept", at=moments[2])
    lead = await step(database, lead, "resolve", at=moments[3], text="đã thông đường")
    lead = await step(database, lead, "reopen", at=moments[4], why="lại ngập")
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        stays = await kept.stays_of(transaction, uuid.UUID(lead.id))
    shown = [(one.stay, one.unit, one.centre, one.received_at, one.accepted_at, one.left_at, one.how) for one in stays]
    assert shown == [
        (1, "hoi-an", "hoi-an", NOW, moments[0], moments[1], "forwarded"),
        (2, "roads", "quang-nam", moments[1], moments[2], moments[3], "resolved"),
        (3, "roads", "quang-nam", moments[4], None, None, ""),
    ]
    assert stays[1].accept_by == moments[1] + dt.timedelta(minutes=30)
    rows = await admin.fetch("select what, from_unit, unit, version from ticket_log order by id")
    assert [tuple(row) for row in rows] == [
        ("opened", "", "hoi-an", 1), ("accepted", "", "hoi-an", 2), ("forwarded", "hoi-an", "roads", 3),
        ("accepted", "", "roads", 4), ("resolved", "", "roads", 5), ("reopened", "", "roads", 6),
    ]  # fmt: skip


async def test_who_saw_a_ticket_learns_that_it_left_with_its_photographs(
    database: Database, admin: asyncpg.Connection
) -> None:
    [lead] = await opened(database)
    photo = StoredPicture(
        id=str(uuid.UUID(int=77)), source="ticket-1", sha256=b"x", bytes=1, taken_at=NOW, expires_at=LATER,
        kind="comment", retention="comment",
    )  # fmt: skip
    after = msgspec.structs.replace(lead, version=2, updated_at=LATER)
    lines = [line_of(after, LATER, "lan", "comment", text="ảnh"), line_of(after, LATER, "system", "note")]
    async with database.transaction(EVERYTHING) as transaction:
        await kept.tickets_of(transaction, [lead.id])
        await ticket_work.settle(transaction, lead, after, lines, POLICY, LATER, [photo])
    assert [tuple(row) for row in await admin.fetch("select centre from media")] == [("hoi-an",)]
    moved = await step(database, after, "forward", unit="roads", why="đường tỉnh")
    assert [tuple(row) for row in await admin.fetch("select centre from media")] == [("quang-nam",)]
    theirs = Scope(frozenset({"hoi-an"}))
    last = (await told(database, theirs))[-1]
    assert (last.centre_before, last.area_before, last.centre) == ("hoi-an", lead.area, "quang-nam")
    async with database.transaction(theirs, read_only=True) as transaction:
        assert await kept.one(transaction, uuid.UUID(moved.id)) is None
        assert await kept.log_of(transaction, uuid.UUID(moved.id)) == []
        assert [one.how for one in await kept.stays_of(transaction, uuid.UUID(moved.id))] == ["forwarded"]


async def test_a_note_changes_no_ticket_and_is_told_to_nobody(database: Database) -> None:
    [lead] = await opened(database)
    line = line_of(lead, LATER, "system", "reminded", to="lan")
    async with database.transaction(EVERYTHING) as transaction:
        assert await ticket_work.settle(transaction, lead, lead, [line], POLICY, LATER)
    assert (await log(database, lead))[-1] == line
    assert len(await told(database)) == 1
    assert (await of_incident(database))[lead.id] == lead


async def test_what_was_not_held_and_was_changed_meanwhile_is_not_overwritten(database: Database) -> None:
    [lead] = await opened(database)
    await step(database, lead, "accept")
    stale = msgspec.structs.replace(lead, version=2, task="khác")
    with pytest.raises(kept.LostError):
        async with database.transaction(EVERYTHING) as transaction:
            await ticket_work.settle(transaction, lead, msgspec.structs.replace(stale, version=9), [], POLICY, LATER)
    async with database.transaction(EVERYTHING) as transaction:
        with pytest.raises(kept.LostError):
            await ticket_work.settle(transaction, lead, stale, [], POLICY, LATER)


async def test_tickets_of_a_duplicate_go_to_the_incident_that_stands_for_it(database: Database) -> None:
    [ours], [theirs, part], [other] = (
        await opened(database, 1000), await opened(database, 1001, along=("power",)),
        await opened(database, 1001, unit="roads"),
    )  # fmt: skip
    stands = msgspec.structs.replace(incident(1000), title="Ngập lớn")
    async with database.transaction(EVERYTHING) as transaction:
        held = await kept.tickets_of(transaction, [theirs.id, part.id, other.id])
        moved = await ticket_work.moved(transaction, held.values(), stands, POLICIES, LATER)
    found = await of_incident(database)
    assert found == {ours.id: ours, **{one.id: one for one in moved}}
    assert {one.id: one.parent for one in moved} == {theirs.id: ours.id, part.id: theirs.id, other.id: None}
    assert {(one.version, one.title, one.due_at) for one in moved} == {(2, "Ngập lớn", theirs.due_at)}
    assert (await log(database, theirs))[-1].what == "moved"
    assert await of_incident(database, 1001) == {}


async def test_a_thousand_deeds_are_written_together(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        deeds = [
            deed
            for number in range(1, 301)
            for deed in await ticket_work.opening(
                transaction, incident(number), routed(), POLICY, NOW, "system", entropy
            )
        ]
        assert len(await ticket_work.settle_all(transaction, deeds, NOW)) == 300
    async with database.transaction(EVERYTHING) as transaction:
        held = await kept.tickets_of(transaction, [one.after.id for one in deeds])
        known = await ticket_work.known_of(transaction, held.values(), POLICIES, POLICY)
        done = []
        for one in held.values():
            taken = take(one, Ask(step="up", who="system", at=LATER), known[one.id])
            assert not isinstance(taken, Refused)
            done.append(ticket_work.Deed(before=one, after=taken.after, lines=taken.lines, policy=POLICY))
        await ticket_work.settle_all(transaction, done, LATER)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        rows = await transaction.connection.fetch("select unit, count(*) from tickets group by unit")
    assert [tuple(row) for row in rows] == [("quang-nam", 300)]


async def test_a_ticket_knows_the_one_camera_that_saw_its_incident(database: Database) -> None:
    """Whoever is bound to other cameras sees the ticket as little as the incident."""
    async with database.transaction(EVERYTHING) as transaction:
        await incidents.save_incidents(transaction, [(incident(1000), "cam-a"), (incident(1001), None)])
    [seen] = await opened(database)
    [other] = await opened(database, 1001)
    assert (seen.camera, other.camera) == ("cam-a", None)
    bound = Scope(None, cameras=frozenset({"cam-b"}))
    async with database.transaction(bound, read_only=True) as transaction:
        assert list(await kept.of_incident(transaction, seen.incident)) == []
        assert list(await kept.of_incident(transaction, other.incident)) == [other.id]
    assert [one.subject_id for one in await told(database, bound)] == [other.id]
