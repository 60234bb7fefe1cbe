"""Duty rosters over HTTP, by requests to a real server over a real PostgreSQL."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.api.parts import Settings
from tests.conftest import Fresh
from tests.fakes.duty import DUTIES, TEAMS, UNITS, with_units
from tests.fakes.http_centre import Centre, now

NIGHT = {"from": "2026-03-06T17:00:00+07:00", "until": "2026-03-07T07:00:00+07:00", "login": "an"}


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with with_units(migrated.url, tmp_path) as one:
        yield one


async def laid_out(centre: Centre, *duties: dict[str, Any], who: str = "an", unit: str = "hoi-an") -> dict[str, Any]:
    status, body = await centre.post(DUTIES, {"unit": unit, "duties": list(duties)}, who)
    assert status == 201, body
    found: dict[str, Any] = body
    return found


async def read(centre: Centre, query: str, who: str = "an") -> list[dict[str, Any]]:
    status, body, _ = await centre.get(DUTIES + query, who)
    assert status == 200, body
    found: list[dict[str, Any]] = body["duties"]
    return found


async def test_a_weekly_roster_is_laid_out_by_one_call(centre: Centre) -> None:
    made = await laid_out(centre, NIGHT | {"weeks": 5, "note": "ca đêm"})
    assert len(made["duties"]) == 5
    assert {one["series"] for one in made["duties"]} == {made["series"]}
    march = await read(centre, "?from=2026-03-01&to=2026-03-31")
    assert [one["from"] for one in march] == [f"2026-03-{day:02}T10:00:00Z" for day in (6, 13, 20, 27)]
    assert march[0]["until"] == "2026-03-07T00:00:00Z"
    assert (march[0]["name"], march[0]["note"], march[0]["created_by"]) == ("An", "ca đêm", "an")
    assert await read(centre, "?from=2026-03-07&to=2026-03-08") == march[:1], "it began the evening before"
    assert await read(centre, "?from=2026-03-08&to=2026-03-09") == []


async def test_a_week_is_the_same_hour_on_the_clock_where_the_clock_changes(migrated: Fresh, tmp_path: Path) -> None:
    settings = {"settings": Settings(centre="quang-nam", timezone="Europe/Berlin")}
    async with with_units(migrated.url, tmp_path, more=settings) as centre:
        hours = {"from": "2026-03-25T08:00:00+01:00", "until": "2026-03-25T16:00:00+01:00", "login": "an", "weeks": 2}
        made = await laid_out(centre, hours)
        assert [one["from"] for one in made["duties"]] == ["2026-03-25T07:00:00Z", "2026-04-01T06:00:00Z"]


async def test_times_may_overlap_and_a_team_may_be_on_duty(centre: Centre) -> None:
    team = {"unit": "hoi-an", "code": "ca-1", "name": "Ca một", "members": ["an", "binh"]}
    assert (await centre.post(TEAMS, team, "an"))[0] == 201
    span = {"from": (now() - dt.timedelta(hours=1)).isoformat(), "until": (now() + dt.timedelta(hours=1)).isoformat()}
    made = await laid_out(centre, span | {"team": "ca-1"}, span | {"login": "an"})
    assert [one["name"] for one in made["duties"]] == ["Ca một", "An"]
    status, body, _ = await centre.get(f"{UNITS}/hoi-an/people", "an")
    assert (status, body["by"]) == (200, "duty")
    assert [one["login"] for one in body["on_duty"]] == ["an", "binh"]
    assert len(await read(centre, "")) == 2, "the week from now on"
    assert len(await read(centre, "?login=an")) == 1
    assert await read(centre, "?unit=pc07", "admin") == []


async def test_one_time_is_taken_off_or_the_rest_of_its_series(centre: Centre) -> None:
    made = await laid_out(centre, NIGHT | {"weeks": 5}, NIGHT | {"login": "binh"})
    other = await laid_out(centre, NIGHT | {"weeks": 5})
    second = made["duties"][1]["id"]
    assert await centre.ask("DELETE", f"{DUTIES}/{second}", who="binh") == (200, {"removed": 1})
    assert (await centre.ask("DELETE", f"{DUTIES}/{second}", who="binh"))[0] == 404
    third = made["duties"][2]["id"]
    assert await centre.ask("DELETE", f"{DUTIES}/{third}?later=true", who="binh") == (200, {"removed": 3})
    left = await centre.owner.fetch("select series::text, count(*) from duties group by 1")
    assert {row[0]: row[1] for row in left} == {made["series"]: 2, other["series"]: 5}
    acts = await centre.owner.fetch("select act, text from audit where act like 'duty.%' order by seq")
    assert [tuple(row) for row in acts] == [("duty.lay-out", "hoi-an")] * 2 + [("duty.take-off", "hoi-an")] * 2


async def test_who_works_elsewhere_sees_and_changes_no_roster(centre: Centre) -> None:
    made = await laid_out(centre, NIGHT)
    for who in ("chi", "ward"):
        assert await read(centre, "?from=2026-03-01&to=2026-03-31", who) == []
        status, body = await centre.ask("DELETE", f"{DUTIES}/{made['duties'][0]['id']}", who=who)
        assert (status, body["code"]) == (404, "not-found")
        status, body = await centre.post(DUTIES, {"unit": "hoi-an", "duties": [NIGHT]}, who)
        assert (status, body["code"]) == (422, "unknown-unit")
    assert (await centre.get(DUTIES, "viewer"))[0] == 403
    assert len(await read(centre, "?from=2026-03-01&to=2026-03-31", "admin")) == 1


@pytest.mark.parametrize(
    ("duty", "status", "code"),
    [
        ({"login": "chi"}, 422, "unknown-worker"),
        ({"login": "keeper"}, 422, "unknown-worker"),
        ({"login": "", "team": "ca-9"}, 422, "unknown-team"),
        ({"login": ""}, 400, "missing-member"),
        ({"until": NIGHT["from"]}, 400, "bad-value"),
        ({"until": "2026-04-08T00:00:00Z"}, 400, "bad-value"),
        ({"until": "2026-03-07T07:00:00"}, 400, "bad-value"),
        ({"weeks": 54}, 400, "bad-value"),
        ({"weeks": 0}, 400, "bad-value"),
    ],
)
async def test_what_is_no_time_on_duty_is_refused(centre: Centre, duty: dict[str, Any], status: int, code: str) -> None:
    answered, body = await centre.post(DUTIES, {"unit": "hoi-an", "duties": [NIGHT, NIGHT | duty]}, "an")
    assert (answered, body["code"]) == (status, code)
    assert await centre.owner.fetchval("select count(*) from duties") == 0, "all of it or nothing"


async def test_a_call_lays_out_so_much_at_most_and_a_repeated_one_once(centre: Centre) -> None:
    many = [NIGHT | {"weeks": 53}] * 38
    status, body = await centre.post(DUTIES, {"unit": "hoi-an", "duties": many}, "an")
    assert (status, body["code"]) == (400, "bad-value")
    for _ in range(2):
        status, body = await centre.post(
            DUTIES, {"unit": "hoi-an", "duties": [NIGHT]}, "an", **{"Idempotency-Key": "roster-1"}
        )
        assert status == 201
    assert await centre.owner.fetchval("select count(*) from duties") == 1


async def test_a_span_that_is_none_is_refused(centre: Centre) -> None:
    beyond = ("?from=9999-12-30", "?to=0001-01-03")
    for query in ("?from=2026-03-01&to=2028-03-01", "?from=2026-13-01", "?limit=0", *beyond):
        assert (await centre.get(DUTIES + query, "an"))[0] == 400, query
