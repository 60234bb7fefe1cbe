"""The policy of tickets over HTTP, by requests to a real server over a real PostgreSQL."""

import asyncio
import copy
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import ticket_policies
from tests.conftest import Fresh
from tests.fakes.duty import DUTIES, POLICY, TEAMS, account, put_ticket, with_units
from tests.fakes.http_centre import Centre, now

NOON = "2026-03-04T05:00:00Z"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with with_units(migrated.url, tmp_path) as one:
        async with one.database.transaction(EVERYTHING) as transaction:
            await ticket_policies.ship(transaction, now())
        yield one


def document(**changed: Any) -> dict[str, Any]:
    return copy.deepcopy(ticket_policies.body_of(ticket_policies.shipped())) | changed


async def saved(centre: Centre, expected: int = 1, who: str = "admin", **changed: Any) -> tuple[int, dict[str, Any]]:
    asked = {"expected_version": expected, "why": "thử", "policy": document(**changed)}
    return await centre.ask("PUT", POLICY, asked, who)


async def test_everybody_who_sees_tickets_reads_the_policy_as_it_is_sent_back(centre: Centre) -> None:
    for who in ("admin", "operator", "an", "viewer"):
        status, body, _ = await centre.get(POLICY, who)
        assert status == 200, who
    assert (body["version"], body["newest"], body["shipped"], body["who"]) == (1, 1, True, "")
    assert body["policy"] == msgspec.json.decode(msgspec.json.encode(document()))
    assert "version" not in body["policy"]
    assert (await centre.get(POLICY, "keeper"))[0] == 403
    assert (await centre.get(f"{POLICY}?version=2"))[0] == 404


async def test_an_edit_is_a_new_version_and_the_one_before_stays(centre: Centre) -> None:
    status, body = await saved(centre, bounces_up=2)
    assert (status, body["version"], body["newest"], body["shipped"]) == (200, 2, 2, False)
    assert (body["who"], body["why"], body["policy"]["bounces_up"]) == ("admin", "thử", 2)
    _, first, _ = await centre.get(f"{POLICY}?version=1")
    assert (first["version"], first["newest"], first["policy"]["bounces_up"]) == (1, 2, 3)
    _, history, _ = await centre.get(f"{POLICY}/versions")
    assert [(one["version"], one["who"], one["shipped"]) for one in history["versions"]] == [
        (2, "admin", False), (1, "", True),
    ]  # fmt: skip
    _, page, _ = await centre.get(f"{POLICY}/versions?limit=1")
    assert (len(page["versions"]), page["next"]) == (1, 2)
    row = await centre.owner.fetchrow("select who, text, after from audit where act = 'policy.change'")
    assert (row["who"], row["text"]) == ("admin", "thử")
    assert msgspec.json.decode(row["after"]) == {"version": 2, "changed": ["bounces_up"]}


async def test_an_edit_of_what_somebody_changed_meanwhile_overwrites_nothing(centre: Centre) -> None:
    assert (await saved(centre, bounces_up=2))[0] == 200
    status, body = await saved(centre, bounces_up=4)
    assert (status, body["code"], body["current"]["version"]) == (409, "stale-policy", 2)
    assert body["current"]["policy"]["bounces_up"] == 2
    status, body = await saved(centre, expected=2, bounces_up=2)
    assert (status, body["code"]) == (409, "no-change")


async def test_of_edits_at_the_same_moment_one_is_taken(centre: Centre) -> None:
    answers = await asyncio.gather(*(saved(centre, bounces_up=number) for number in range(4, 9)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409]
    assert {body["code"] for status, body in answers if status == 409} == {"stale-policy"}
    assert await centre.owner.fetchval("select count(*) from ticket_policies") == 2


async def test_the_first_edit_enters_the_shipped_policy_first(centre: Centre) -> None:
    await centre.owner.execute("delete from ticket_policies")
    assert (await centre.get(POLICY))[1]["at"] is None
    assert (await saved(centre, bounces_up=2))[0] == 200
    assert (await centre.get(f"{POLICY}?version=1"))[1]["at"] is not None


async def test_only_who_administers_everything_changes_it(centre: Centre) -> None:
    person = Person(login="local", name="L", role="admin", centre="hoi-an", language="vi")
    await account(centre, person)
    for who in ("operator", "an", "viewer", "local"):
        status, body = await saved(centre, who=who, bounces_up=2)
        assert (status, body["code"]) == (403, "not-allowed"), who


async def test_what_cannot_be_used_is_said_in_a_sentence_each(centre: Centre) -> None:
    routes = [{"unit": "nobody", "areas": ["502"]}, {"unit": "centre", "areas": ["502@2024-09-01"]}]
    status, body = await saved(centre, routes=routes, bounces_up=0)
    assert (status, body["code"]) == (422, "policy-wrong")
    assert body["faults"] == [
        "bounces_up is 0; it must be 1 or more",
        "route 1 sends work to “nobody”, which is no unit",
        "route 1 names the area “502”, which there is not; give its feature id",
    ]
    assert body["faults"][0][:20] in body["title"]
    status, body = await saved(centre, clocks=[{"accept_min": "soon"}])
    assert (status, body["code"]) == (400, "bad-value")
    assert "policy.clocks" in body["title"]
    status, body = await saved(centre, colour="red")
    assert (status, body["code"]) == (400, "unknown-member")
    status, body = await centre.ask("PUT", POLICY, {"expected_version": 1, "why": " ", "policy": document()})
    assert (status, body["code"]) == (422, "why-needed")


def without(code: str) -> list[dict[str, Any]]:
    return [one for one in document()["units"] if one["code"] != code]


def elsewhere(code: str, centre: str) -> list[dict[str, Any]]:
    return [one | {"centre": centre} if one["code"] == code else one for one in document()["units"]]


async def test_a_unit_with_live_tickets_neither_goes_nor_moves(centre: Centre) -> None:
    numbers = [
        await put_ticket(centre, "cdc", "quang-nam", state=state, resolved_at=now())
        for state in ("waiting", "resolved")
    ]
    await put_ticket(centre, "cdc", "quang-nam", state="closed", resolved_at=now(), closed_at=now())
    routes = [one for one in document()["routes"] if one["unit"] != "cdc"]
    for units in (without("cdc"), elsewhere("cdc", "hoi-an")):
        status, body = await saved(centre, units=units, routes=routes)
        assert (status, body["code"]) == (409, "unit-live")
        assert f"#{numbers[0]}, #{numbers[1]}" in body["title"]
    named = [one | {"name": "CDC"} if one["code"] == "cdc" else one for one in document()["units"]]
    assert (await saved(centre, units=named))[0] == 200, "a new name is none of the tickets' business"
    await centre.owner.execute("update tickets set state = 'closed', resolved_at = now(), closed_at = now()")
    assert (await saved(centre, 2, units=without("cdc"), routes=routes))[0] == 200


async def test_teams_and_rosters_move_with_their_unit(centre: Centre) -> None:
    team = {"unit": "cdc", "code": "ca-1", "name": "Ca", "members": ["admin"]}
    assert (await centre.post(TEAMS, team, "operator"))[0] == 201
    hours = {"from": "2026-03-04T00:00:00Z", "until": "2026-03-04T08:00:00Z", "login": "admin"}
    assert (await centre.post(DUTIES, {"unit": "cdc", "duties": [hours]}, "operator"))[0] == 201
    assert (await saved(centre, units=elsewhere("cdc", "hoi-an")))[0] == 200
    assert [one["unit"] for one in (await centre.get(TEAMS, "an"))[1]["teams"]] == ["cdc"]
    assert len((await centre.get(f"{DUTIES}?from=2026-03-04&to=2026-03-05", "an"))[1]["duties"]) == 1


async def tried(centre: Centre, who: str = "admin", **more: Any) -> tuple[int, dict[str, Any]]:
    """A dry run in Bàn Thạch, which the province's centre serves in these tests."""
    place = {"category": "flood", "severity": "extreme", "lon": 108.2, "lat": 15.5, "at": NOON}
    return await centre.post(f"{POLICY}/dry-run", place | more, who)


async def test_a_dry_run_tells_who_would_be_told_when(centre: Centre) -> None:
    status, body = await tried(centre)
    assert status == 200, body
    assert (body["needed"], body["unit"], body["centre"], body["plan"]) == (True, "quang-nam", "quang-nam", "khan")
    assert [one["unit"] for one in body["along"]] == ["phong-thu-dan-su", "dien-luc", "so-xay-dung"]
    assert (body["accept_by"], body["due_at"]) == ("2026-03-04T05:10:00Z", "2026-03-04T11:00:00Z")
    first = body["escalation"][0]
    assert (first["at"], first["stage"], first["do"]) == ("2026-03-04T05:10:00Z", "accept", "notify")
    assert first["told"] == ["Operator", "Ward"]
    assert [one["at"] for one in body["escalation"]] == sorted(one["at"] for one in body["escalation"])
    assert await centre.owner.fetchval("select count(*) from tickets") == 0


async def test_a_dry_run_asks_who_is_on_duty_at_each_steps_own_moment(centre: Centre) -> None:
    shifts = [
        {"from": "2026-03-04T04:00:00Z", "until": "2026-03-04T05:20:00Z", "login": "operator"},
        {"from": "2026-03-04T05:20:00Z", "until": "2026-03-05T05:20:00Z", "login": "admin"},
    ]
    assert (await centre.post(DUTIES, {"unit": "quang-nam", "duties": shifts}, "operator"))[0] == 201
    _, body = await tried(centre)
    told = {
        one["at"]: one["told"] for one in body["escalation"] if one["whom"] == ["province"] or "duty" in one["whom"]
    }
    assert told["2026-03-04T05:10:00Z"][0] == "Operator"
    assert told["2026-03-04T05:20:00Z"][0] == "Admin"


async def test_a_dry_run_counts_working_hours_and_says_where_holidays_are_missing(centre: Centre) -> None:
    _, body = await tried(centre, category="infrastructure", severity="minor", at="2026-12-31T09:00:00Z")
    assert (body["unit"], body["needed"], body["unannounced"]) == ("quang-nam", False, [2027])
    assert body["due_at"] == "2027-01-08T09:00:00Z", (
        "40 hours from Thursday 16:00; New Year is off, Friday the 8th is it"
    )
    _, body = await tried(centre, at="2026-12-31T09:00:00Z")
    assert body["unannounced"] == [], "a clock that counts every minute asks for no calendar"


async def test_a_dry_run_tries_what_is_not_saved_and_what_was(centre: Centre) -> None:
    clocks = [{"accept_min": 1, "done_min": 2, "plan": "khan"}]
    _, body = await tried(centre, policy=document(clocks=clocks, routes=[]))
    assert (body["due_at"], body["along"]) == ("2026-03-04T05:02:00Z", [])
    status, body = await tried(centre, policy=document(clocks=[]))
    assert (status, body["code"]) == (422, "policy-wrong")
    assert (await saved(centre, clocks=clocks))[0] == 200
    assert (await tried(centre))[1]["due_at"] == "2026-03-04T05:02:00Z"
    assert (await tried(centre, version=1))[1]["due_at"] == "2026-03-04T11:00:00Z"
    assert (await tried(centre, version=3))[0] == 404


async def test_a_dry_run_is_for_places_that_are_the_callers(centre: Centre) -> None:
    status, body = await tried(centre, "an")
    assert (status, body["code"]) == (403, "place-beyond")
    await centre.owner.execute("insert into centre_areas (area, centre) values ('20335@2025-07-01', 'hoi-an')")
    status, body = await tried(centre, "an")
    assert (status, body["unit"], body["area_name"]) == (200, "hoi-an", "Bàn Thạch")
    assert (await tried(centre, "chi"))[0] == 403
    for more, code in (
        ({"lon": 15.5, "lat": 88.0}, "no-place"), ({"category": "flod"}, "bad-value"),
        ({"severity": "bad"}, "bad-value"), ({"lat": 91}, "bad-value"), ({"at": "2026-03-04T05:00:00"}, "bad-value"),
    ):  # fmt: skip
        assert (await tried(centre, **more))[1]["code"] == code, more
    far = (dt.datetime(8999, 12, 31, tzinfo=dt.UTC)).isoformat()
    assert (await tried(centre, at=far, category="infrastructure", severity="minor"))[0] in (200, 422)
