"""The queue of doubtful matches over HTTP: seen with what a person judges by, decided once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import reach
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, new_id, running_centre
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
    for who, number in (("operator", 1), ("district", 0)):
        assert f"ioc_matches_waiting {number}" in (await centre.get("/metrics", who))[1].decode()


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


async def test_many_that_wait_are_linked_by_one_deed_and_each_is_answered_for(centre: Centre) -> None:
    first, north, south = await doubtful(centre)
    rest = [await alarm(centre, None, lat=15.6, source_kind="citizen", source="hotline") for _ in range(3)]
    decided = await alarm(centre, None, lat=15.6)
    assert (await centre.post(f"/api/v1/matches/{decided}/link", {"incident": south}, "operator"))[0] == 200
    nobody = new_id()
    asked = [first, *rest, decided, str(nobody), first]
    body = {"incident": north, "alarms": asked, "why": "cùng khúc sông"}
    assert (await centre.post("/api/v1/matches/link", body, "viewer"))[0] == 403
    assert (await centre.post("/api/v1/matches/link", body, "district"))[0] == 404
    status, answer = await centre.post("/api/v1/matches/link", body, "operator")
    assert (status, answer["linked"]) == (200, 4)
    told = {one["alarm"]: one["outcome"] for one in answer["alarms"]}
    assert told == {
        **dict.fromkeys([first, *rest], "linked"),
        decided: "not-waiting",
        str(nobody): "not-found",
    }
    assert [one["alarm"] for one in answer["alarms"]] == asked[:-1]
    incident = answer["incident"]
    assert (incident["id"], incident["alarm_count"]) == (north, 5)
    lines = [one["text"] for one in incident["log"] if one["what"] == "linked"]
    assert lines == ["← Nước cao (4): cùng khúc sông"]
    at_home = await homes(centre)
    assert {at_home[one] for one in (first, *rest)} == {north}
    assert at_home[decided] == south
    assert (await centre.get("/api/v1/matches"))[1] == {"doubts": [], "count": 0}
    asked_of = "select who, text, after from audit where act = 'incident.link' and thing = $1"
    [row] = await centre.owner.fetch(asked_of, north)
    assert (row["who"], row["text"]) == ("operator", "cùng khúc sông")
    assert orjson.loads(row["after"])["alarms"] == [first, *rest]


async def test_when_none_waits_any_more_nothing_changes_and_it_is_told(centre: Centre) -> None:
    waiting, north, south = await doubtful(centre)
    await centre.post(f"/api/v1/matches/{waiting}/link", {"incident": south}, "operator")
    before = await centre.owner.fetchrow("select * from incidents where id = $1", UUID(north))
    status, answer = await centre.post("/api/v1/matches/link", {"incident": north, "alarms": [waiting]}, "operator")
    assert (status, answer["linked"], answer["alarms"]) == (200, 0, [{"alarm": waiting, "outcome": "not-waiting"}])
    assert await centre.owner.fetchrow("select * from incidents where id = $1", UUID(north)) == before
    assert (await homes(centre))[waiting] == south
    assert await centre.owner.fetchval("select count(*) from audit where act = 'incident.link'") == 1


async def test_what_is_linked_together_is_bounded_and_a_refusal_changes_nothing(centre: Centre) -> None:
    waiting, north, south = await doubtful(centre)
    path, before = "/api/v1/matches/link", await homes(centre)
    for alarms in ([], [str(new_id()) for _ in range(201)], ["x"]):
        assert (await centre.post(path, {"incident": north, "alarms": alarms}, "operator"))[0] == 400
    stale = {"incident": south, "alarms": [waiting], "expected_version": 7}
    status, late = await centre.post(path, stale, "operator")
    assert (status, late["code"], late["current"]["id"]) == (409, "stale-version", south)
    await centre.post(f"/api/v1/incidents/{north}/false-alarm", {"expected_version": 1, "why": "nhầm"}, "operator")
    status, over = await centre.post(path, {"incident": north, "alarms": [waiting]}, "operator")
    assert (status, over["code"]) == (409, "wrong-state")
    assert await homes(centre) == before


async def test_alarms_that_a_person_may_not_see_are_not_linked_to_what_they_may(centre: Centre) -> None:
    waiting, *_ = await doubtful(centre)
    own = await centre.incident("hoi-an")
    status, answer = await centre.post("/api/v1/matches/link", {"incident": own, "alarms": [waiting]}, "district")
    assert (status, answer["linked"], answer["alarms"]) == (200, 0, [{"alarm": waiting, "outcome": "not-found"}])
    assert await centre.owner.fetchval("select match from alarms where id = $1", UUID(waiting)) == "waiting"


async def test_of_many_who_link_the_same_at_once_each_alarm_is_linked_once(centre: Centre) -> None:
    first, north, south = await doubtful(centre)
    waiting = [first, *[await alarm(centre, None, lat=15.6) for _ in range(19)]]
    asked = [{"incident": home, "alarms": waiting[at : at + 10]} for home in (north, south) for at in (0, 5, 10)]
    answers = await asyncio.gather(*(centre.post("/api/v1/matches/link", body, "operator") for body in asked))
    assert {status for status, _ in answers} == {200}
    assert sum(answer["linked"] for _, answer in answers) == 20
    told = {
        one["alarm"]: answer["incident"]["id"]
        for _, answer in answers
        for one in answer["alarms"]
        if one["outcome"] == "linked"
    }
    at_home = await homes(centre)
    assert told == {one: at_home[one] for one in waiting}
