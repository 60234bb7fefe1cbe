"""The queue of doubtful matches over HTTP: seen with what a person judges by, decided once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import reach
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.incidents import alarm, homes


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def near(centre: Centre, lat: float, **changed: Any) -> str:
    """An incident with one alarm at a latitude, with its reach."""
    incident = await centre.incident(**changed)
    await alarm(centre, incident, lat=lat, centre=changed.get("centre", "quang-nam"))
    async with centre.database.transaction(EVERYTHING) as transaction:
        await reach.rebuild(transaction, [incident])
    return incident


async def doubtful(centre: Centre, **changed: Any) -> tuple[str, str, str]:
    """A waiting alarm between two incidents, 1,107 and 554 metres away."""
    north, south = await near(centre, 15.61), await near(centre, 15.595)
    told = {"source_kind": "citizen", "source": "hotline", "evidence": '{"picture": "p1", "photos": ["p1"]}'}
    return await alarm(centre, None, lat=15.6, **told | changed), north, south


async def test_an_alarm_waits_with_its_candidates_the_nearest_first(centre: Centre) -> None:
    waiting, north, south = await doubtful(centre)
    await near(centre, 15.9)
    status, found, _ = await centre.get("/api/v1/matches", "operator")
    assert (status, found["count"]) == (200, 1)
    [doubt] = found["doubts"]
    assert (doubt["alarm"], doubt["severity"], doubt["holds"]) == (waiting, "severe", True)
    assert doubt["photo"] == "/api/v1/media/p1"
    assert 299 < doubt["age_s"] < 400
    assert [one["incident"] for one in doubt["candidates"]] == [south, north]
    assert [round(one["distance_m"] / 10) for one in doubt["candidates"]] == [55, 111]
    assert [one["minutes_apart"] for one in doubt["candidates"]] == [0.0, 0.0]
    _, elsewhere, _ = await centre.get("/api/v1/matches", "district")
    assert elsewhere == {"doubts": [], "count": 0}


async def test_a_person_links_it_and_the_incident_counts_it(centre: Centre) -> None:
    waiting, north, south = await doubtful(centre)
    path, body = f"/api/v1/matches/{waiting}/link", {"incident": north, "why": "cùng khúc sông"}
    assert (await centre.post(path, body, "viewer"))[0] == 403
    assert (await centre.post(path, body, "district"))[0] == 404
    status, answer = await centre.post(path, body, "operator")
    assert (status, answer["id"], answer["alarm_count"]) == (200, north, 2)
    assert (answer["log"][-1]["what"], answer["log"][-1]["text"]) == ("linked", "← Nước cao: cùng khúc sông")
    assert answer["sources"] == ["citizen", "sensor"]
    assert (await homes(centre))[waiting] == north
    assert await centre.owner.fetchval("select match from alarms where id = $1", waiting) == "manual"
    assert (await centre.get("/api/v1/matches"))[1]["count"] == 0
    status, late = await centre.post(path, {"incident": south}, "operator")
    assert (status, late["code"]) == (409, "not-waiting")
    trail = await centre.owner.fetch("select act, who, text from audit where act = 'incident.link'")
    assert [tuple(row) for row in trail] == [("incident.link", "operator", "cùng khúc sông")]


async def test_a_person_opens_an_incident_of_it(centre: Centre) -> None:
    waiting, *_ = await doubtful(centre, error_m=30.0)
    status, new = await centre.post(f"/api/v1/matches/{waiting}/open", {"why": "bên kia đê"}, "operator")
    assert (status, new["status"], new["owner"], new["alarm_count"]) == (201, "acknowledged", "operator", 1)
    assert (new["title"], new["severity"], new["sources"]) == ("Nước cao", "severe", ["citizen"])
    assert (await homes(centre))[waiting] == new["id"]
    again = await centre.post(f"/api/v1/matches/{waiting}/open", {}, "operator")
    assert (again[0], again[1]["code"]) == (409, "not-waiting")


async def test_what_is_over_takes_nothing_and_stale_is_stale(centre: Centre) -> None:
    waiting, north, south = await doubtful(centre)
    path = f"/api/v1/matches/{waiting}/link"
    status, late = await centre.post(path, {"incident": south, "expected_version": 7}, "operator")
    assert (status, late["code"], late["current"]["id"]) == (409, "stale-version", south)
    await centre.post(f"/api/v1/incidents/{north}/false-alarm", {"expected_version": 1, "why": "nhầm"}, "operator")
    status, over = await centre.post(path, {"incident": north}, "operator")
    assert (status, over["code"]) == (409, "wrong-state")
    [doubt] = (await centre.get("/api/v1/matches"))[1]["doubts"]
    assert [one["incident"] for one in doubt["candidates"]] == [south]


async def test_of_many_who_decide_at_once_one_does(centre: Centre) -> None:
    waiting, north, south = await doubtful(centre)
    link, alone = f"/api/v1/matches/{waiting}/link", f"/api/v1/matches/{waiting}/open"
    asked = [(link, {"incident": north}), (link, {"incident": south}), (alone, {})] * 3
    answers = await asyncio.gather(*(centre.post(path, body, "operator") for path, body in asked))
    assert sorted(status for status, _ in answers)[1:] == [409] * 8
    assert {answer["code"] for status, answer in answers if status == 409} == {"not-waiting"}
    count = await centre.owner.fetchval("select count(*) from incident_log where what in ('linked', 'opened')")
    assert count == 1
