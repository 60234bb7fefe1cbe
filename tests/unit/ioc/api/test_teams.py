"""Teams over HTTP, by requests to a real server over a real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh
from tests.fakes.duty import DUTIES, TEAMS, disabled, with_units
from tests.fakes.http_centre import Centre

HOURS = {"from": "2026-03-04T00:00:00+07:00", "until": "2026-03-04T08:00:00+07:00"}


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with with_units(migrated.url, tmp_path) as one:
        yield one


def asked(**more: Any) -> dict[str, Any]:
    return {"unit": "hoi-an", "code": "ca-1", "name": "Ca một", "members": ["an", "binh"]} | more


async def made(centre: Centre, who: str = "an", **more: Any) -> dict[str, Any]:
    status, body = await centre.post(TEAMS, asked(**more), who)
    assert status == 201, body
    found: dict[str, Any] = body
    return found


async def names(centre: Centre, who: str, query: str = "") -> list[str]:
    status, body, _ = await centre.get(TEAMS + query, who)
    assert status == 200, body
    return [f"{one['unit']}/{one['code']}" for one in body["teams"]]


async def test_a_team_is_made_changed_and_removed(centre: Centre) -> None:
    team = await made(centre)
    assert team["members"] == [{"login": "an", "name": "An"}, {"login": "binh", "name": "Binh"}]
    assert (team["version"], team["centre"], team["unit_name"]) == (1, "hoi-an", "Trung tâm điều hành Hội An")
    path = f"{TEAMS}/hoi-an/ca-1"
    change = {"expected_version": 1, "name": "Ca đêm", "members": ["binh"]}
    status, body = await centre.ask("PUT", path, change, "binh")
    assert (status, body["version"], body["name"], len(body["members"])) == (200, 2, "Ca đêm", 1)
    status, body = await centre.ask("PUT", path, change, "an")
    assert (status, body["code"], body["current"]["name"]) == (409, "stale-team", "Ca đêm")
    async with centre.http.delete(centre.url + path, headers=centre.bearer("an")) as answer:
        assert answer.status == 204
    assert await names(centre, "admin") == []
    rows = await centre.owner.fetch(
        "select act, who, thing, before, after from audit where act like 'team.%' order by seq"
    )
    assert [(row["act"], row["who"], row["thing"]) for row in rows] == [
        ("team.create", "an", "hoi-an/ca-1"), ("team.change", "binh", "hoi-an/ca-1"),
        ("team.remove", "an", "hoi-an/ca-1"),
    ]  # fmt: skip


async def test_the_times_on_duty_of_a_team_go_with_it(centre: Centre) -> None:
    await made(centre)
    await centre.post(DUTIES, {"unit": "hoi-an", "duties": [HOURS | {"team": "ca-1"}, HOURS | {"login": "an"}]}, "an")
    async with centre.http.delete(f"{centre.url}{TEAMS}/hoi-an/ca-1", headers=centre.bearer("an")) as answer:
        assert answer.status == 204
    assert await centre.owner.fetchval("select array_agg(login) from duties") == ["an"]


async def test_a_district_sees_and_makes_teams_of_its_own_units_alone(centre: Centre) -> None:
    await made(centre)
    await made(centre, "operator", unit="pc07", members=["operator"])
    assert await names(centre, "an") == ["hoi-an/ca-1"]
    assert await names(centre, "chi") == []
    assert await names(centre, "ward") == [], "who is bound to areas sees none"
    assert await names(centre, "admin") == ["hoi-an/ca-1", "pc07/ca-1"]
    assert await names(centre, "admin", "?unit=pc07") == ["pc07/ca-1"]
    for who, unit in (("chi", "hoi-an"), ("an", "pc07"), ("an", "nobody"), ("ward", "hoi-an")):
        status, body = await centre.post(TEAMS, asked(unit=unit, code="x", members=[]), who)
        assert (status, body["code"]) == (422, "unknown-unit"), (who, unit)
    for method, body in (("PUT", {"expected_version": 1, "name": "x", "members": []}), ("DELETE", None)):
        status, told = await centre.ask(method, f"{TEAMS}/hoi-an/ca-1", body, "chi")
        assert (status, told["code"]) == (404, "not-found")


async def test_members_are_people_who_may_work_on_the_units_tickets(centre: Centre) -> None:
    await disabled(centre, "binh")
    for login in ("chi", "keeper", "nobody", "binh"):
        status, body = await centre.post(TEAMS, asked(members=["an", login]), "an")
        assert (status, body["code"]) == (422, "unknown-worker"), login
        assert login in body["title"]
    assert (await made(centre, members=["an", "an", "admin"]))["members"] == [
        {"login": "an", "name": "An"}, {"login": "admin", "name": "Admin"},
    ]  # fmt: skip


async def test_who_left_stays_in_the_list_without_a_name_until_somebody_removes_him(centre: Centre) -> None:
    await made(centre)
    await disabled(centre, "binh")
    change = {"expected_version": 1, "name": "Ca", "members": ["binh", "an"]}
    status, body = await centre.ask("PUT", f"{TEAMS}/hoi-an/ca-1", change, "an")
    assert status == 200
    assert body["members"] == [{"login": "binh", "name": ""}, {"login": "an", "name": "An"}]


async def test_what_cannot_be_a_team_is_refused(centre: Centre) -> None:
    await made(centre)
    for more, status, code in (
        ({}, 409, "team-taken"),
        ({"code": "Ca 1"}, 400, "bad-value"),
        ({"code": "x", "name": " "}, 400, "bad-value"),
        ({"code": "x", "colour": "red"}, 400, "unknown-member"),
    ):
        answered, body = await centre.post(TEAMS, asked(**more), "an")
        assert (answered, body["code"]) == (status, code), more
    assert (await centre.post(TEAMS, asked(unit="dai-loc", members=[]), "chi"))[0] == 201, "codes are each unit's own"


async def test_viewers_see_no_teams(centre: Centre) -> None:
    for method, path in (("GET", TEAMS), ("POST", TEAMS)):
        status, body = await centre.ask(method, path, asked() if method == "POST" else None, "viewer")
        assert (status, body["code"]) == (403, "not-allowed")
