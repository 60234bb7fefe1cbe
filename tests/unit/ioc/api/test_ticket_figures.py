"""The figures of units over HTTP, by requests to a real server over a real PostgreSQL."""

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.things import NOW
from tests.fakes.ticket_days import Days

BASE = "/api/v1/ticket-figures"
SPAN = "?from=2025-01-01&to=2025-12-31"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


@pytest.fixture
async def worked(centre: Centre, migrated: Fresh) -> int:
    """Ten tickets with a life; how many there are."""
    async with Database.open(migrated.url()) as database:
        days = Days(database, 3)
        for _ in range(10):
            await days.live(await days.open(), 4)
            days.at += dt.timedelta(minutes=30)
    return 10


def span() -> str:
    """The days of the fakes."""
    return f"?from={(NOW - dt.timedelta(days=1)).date()}&to={(NOW + dt.timedelta(days=20)).date()}"


async def test_rows_of_units_with_their_names_and_a_total(centre: Centre, worked: int) -> None:
    status, body, _ = await centre.get(BASE + span())
    assert status == 200, body
    assert body["by"] == "unit"
    assert body["total"]["received"] == sum(row["received"] for row in body["rows"]) >= worked
    assert all(row["to_accept"]["number"] == row["accepted"] for row in body["rows"])
    assert {"quang-nam", "hoi-an"} & {row["key"] for row in body["rows"]}


async def test_a_figure_opens_into_tickets_page_by_page(centre: Centre, worked: int) -> None:
    _, body, _ = await centre.get(BASE + span())
    told: list[str] = []
    after = ""
    while True:
        status, page, _ = await centre.get(f"{BASE}/tickets{span()}&figure=received&limit=3{after}")
        assert status == 200, page
        told += [one["id"] for one in page["tickets"]]
        if page["next"] is None:
            break
        after = "&after=" + page["next"].replace("+", "%2B")
    assert len(told) == body["total"]["received"]


async def test_csv_has_the_same_rows(centre: Centre, worked: int) -> None:
    _, body, _ = await centre.get(BASE + span() + "&by=severity")
    status, text, _ = await centre.get(f"{BASE}/export{span()}&by=severity")
    assert status == 200
    rows = list(csv.DictReader(io.StringIO((text if isinstance(text, bytes) else text.encode()).decode("utf-8-sig"))))
    assert [int(row["received"]) for row in rows[:-1]] == [row["received"] for row in body["rows"]]
    assert int(rows[-1]["received"]) == body["total"]["received"]


@pytest.mark.parametrize(
    "query",
    ["?by=colour", "?from=2026-02-01&to=2026-01-01", "?from=2020-01-01&to=2026-01-01", "?from=yesterday", "?x=1"],
)
async def test_a_wrong_question_is_refused_in_words(centre: Centre, query: str) -> None:
    status, body, _ = await centre.get(BASE + query)
    assert status == 400
    assert body["title"]


@pytest.mark.parametrize("query", ["?figure=luck", "?after=x", "?after=2025-01-01T00:00:00/1"])
async def test_a_wrong_figure_or_page_is_refused(centre: Centre, query: str) -> None:
    status, _, _ = await centre.get(f"{BASE}/tickets{query}")
    assert status == 400
