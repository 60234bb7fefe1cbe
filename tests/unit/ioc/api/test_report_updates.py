"""What citizens' channels are told, over HTTP, by requests to a real server over a real PostgreSQL."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import updates
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.answered import told_by, updates_of, whole_life
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.ticket_days import Days
from tests.fakes.tickets import incident

BASE = "/api/v1/report-updates"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


@pytest.fixture
async def told(centre: Centre, migrated: Fresh) -> AsyncIterator[tuple[Database, uuid.UUID]]:
    """A report, and the whole life of its ticket."""
    async with Database.open(migrated.url()) as database:
        report = await told_by(database, "7", incident(1001).id)
        days = Days(database, 1)
        await whole_life(days, await days.open())
        yield database, report


async def test_a_channel_that_asks_is_told_all_in_order_and_goes_on_from_there(
    centre: Centre, told: tuple[Database, uuid.UUID]
) -> None:
    after, heard = 0, list[str]()
    while True:
        status, page, _ = await centre.get(f"{BASE}?channel=1022&limit=2&after={after}")
        assert status == 200, page
        if not page["updates"]:
            break
        heard += [one["step"] for one in page["updates"]]
        after = page["next"]
    assert heard == ["sent", "accepted", "working", "resolved", "done"]
    assert page["next"] == after
    _, page, _ = await centre.get(f"{BASE}?report={told[1]}&number=7&state=offered")
    assert [one["status"] for one in page["updates"]] == ["open"] * 4 + ["closed"]
    assert page["updates"][0]["agency"]
    assert "0905123456" not in str(page)


async def test_a_report_knows_its_tickets_and_what_was_told_last(
    centre: Centre, told: tuple[Database, uuid.UUID]
) -> None:
    status, body, _ = await centre.get(f"/api/v1/reports/{told[1]}")
    assert status == 200
    assert [one["state"] for one in body["tickets"]] == ["closed"]
    assert body["told"] == "done"


async def test_what_was_given_up_is_sent_again_once_a_person_says_so(
    centre: Centre, told: tuple[Database, uuid.UUID]
) -> None:
    database, _ = told
    [first, *_] = await updates_of(database)
    status, body = await centre.post(f"{BASE}/{first.id}/again", {})
    assert (status, body["type"].rpartition(":")[2]) == (409, "not-given-up")
    async with database.transaction(EVERYTHING) as transaction:
        await updates.dead(transaction, first, "the server answered 410")
    _, page, _ = await centre.get(f"{BASE}?state=dead")
    assert [one["reason"] for one in page["updates"]] == ["the server answered 410"]
    status, body = await centre.post(f"{BASE}/{first.id}/again", {})
    assert (status, body["state"], body["reason"]) == (200, "offered", "")
    assert (await centre.post(f"{BASE}/{uuid.uuid4()}/again", {}))[0] == 404


@pytest.mark.parametrize("query", ["?state=lost", "?report=7", "?after=-1", "?x=1"])
async def test_a_wrong_question_is_refused(centre: Centre, query: str) -> None:
    assert (await centre.get(BASE + query))[0] == 400
