"""Tickets on the live stream of a real server, and whoever works at the same time as they change."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ioc.store import changes, reach
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.ticket_hands import BASE, TicketHands, opened
from tests.integration.test_api_live import Reader, reading
from tests.integration.test_lock_order import WAITS_S, held, somebody_waits


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


@pytest.fixture
async def other(centre: Centre, migrated: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else at work, in a transaction that gives up before its neighbours do."""
    connection = await asyncpg.connect(migrated.url("postgres"))
    await connection.execute("set deadlock_timeout = '100ms'")
    yield connection
    await connection.close()


async def heard(reader: Reader) -> tuple[str, Any]:
    """The next event about things; how much is unread is told in between, at its own moments."""
    while True:
        name, event = await reader.next()
        if name != "told":
            return name, event


async def test_a_snapshot_has_what_is_live_and_the_stream_every_step(centre: Centre) -> None:
    over, live = await opened(centre), await opened(centre)
    await TicketHands(centre, over, "admin").take("cancel", why="báo nhầm")
    async with reading(centre, "?snapshot=1", "district") as reader:
        shown = [event["data"] for name, event in await reader.until("ready") if name == "ticket"]
        assert [(one["id"], one["properties"]["state"]) for one in shown] == [(live["id"], "new")]
        await TicketHands(centre, live).take("accept")
        name, event = await heard(reader)
        assert (name, event["subject"], event["data"]["properties"]["owner"]) == ("ticket", live["id"], "district")
        assert event["type"].endswith("ticket.put.v1")


async def test_who_saw_a_ticket_learns_that_it_was_forwarded_to_another_centre(centre: Centre) -> None:
    ticket = await opened(centre)
    async with reading(centre, "", "district") as theirs, reading(centre, "", "operator") as ours:
        await theirs.until("ready")
        await ours.until("ready")
        await TicketHands(centre, ticket).take("forward", unit="quang-nam", why="đường tỉnh")
        name, left = await heard(theirs)
        assert (name, left["subject"], left["type"].rpartition("ticket.")[2]) == ("ticket", ticket["id"], "removed.v1")
        assert "đường tỉnh" not in str(left)
        assert ticket["title"] not in str(left)
        name, came = await heard(ours)
        assert (name, came["subject"], came["data"]["properties"]["unit"]) == ("ticket", ticket["id"], "quang-nam")
    assert (await centre.get(f"{BASE}/{ticket['id']}", "district"))[0] == 404
    assert (await centre.get(f"{BASE}/{ticket['id']}", "operator"))[0] == 200


async def test_the_desk_may_want_an_incident_while_a_ticket_of_it_waits_for_the_change_log(
    centre: Centre, other: asyncpg.Connection
) -> None:
    """Opening one and stepping it hold no incident: whoever holds the change log and wants one gets it."""
    incident = await centre.incident()
    ticket = await opened(centre, incident=incident)
    async with asyncio.TaskGroup() as tasks, other.transaction():
        await held(other, reach.LOCK)
        await held(other, changes.LOCK)
        asked = {"incident": incident, "unit": "quang-nam"}
        opening = tasks.create_task(centre.post(BASE, asked, "operator"), name="opening")
        await somebody_waits(centre, changes.LOCK)
        async with asyncio.timeout(WAITS_S):
            await other.execute("select from incidents where id = $1 for update", uuid.UUID(incident))
    assert opening.result()[0] == 201
    async with asyncio.TaskGroup() as tasks, other.transaction():
        await held(other, changes.LOCK)
        step = tasks.create_task(TicketHands(centre, ticket).ask("accept"), name="step")
        await somebody_waits(centre, changes.LOCK)
        async with asyncio.timeout(WAITS_S):
            await other.execute("select from incidents where id = $1 for update", uuid.UUID(incident))
    assert step.result()[0] == 200


async def test_steps_of_one_incidents_tickets_come_one_after_the_other_and_never_block_each_other(
    centre: Centre,
) -> None:
    """Many hands on one family at once: each in its turn, none lost, no deadlock."""
    lead = TicketHands(centre, await opened(centre))
    await lead.take("sub", unit="quang-nam", task="chặn đường")
    part = (await centre.get(f"{BASE}/{lead.ticket['subs'][0]['id']}", "operator"))[1]
    works = [
        TicketHands(centre, one, who).ask("comment", text=f"{who} {number}", expected_version=None)
        for number in range(10)
        for one, who in ((lead.ticket, "district"), (part, "operator"), (lead.ticket, "admin"))
    ]
    async with asyncio.timeout(WAITS_S):
        answers = await asyncio.gather(*works)
    assert {status for status, _ in answers} == {200}
    versions = await centre.owner.fetch("select version, count(*) from ticket_log group by ticket, version")
    assert {row["count"] for row in versions} == {1}
    assert await centre.owner.fetchval("select count(*) from ticket_log where what = 'comment'") == 30
