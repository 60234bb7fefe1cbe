"""Tickets over HTTP: opened, listed and looked at, on a real server over a real PostgreSQL."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.ticket_hands import BASE, TicketHands, opened


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def listed(centre: Centre, query: str = "", who: str = "admin") -> list[int]:
    status, body, _ = await centre.get(BASE + query, who)
    assert status == 200, body
    return [one["number"] for one in body["tickets"]]


async def test_a_ticket_opened_by_hand_is_told_with_all_that_hangs_on_it(centre: Centre) -> None:
    incident = await centre.incident()
    status, body = await centre.post(BASE, {"incident": incident, "unit": "hoi-an", "task": "bơm nước"}, "admin")
    assert status == 201, body
    expected = {
        "version": 1, "unit": "hoi-an", "unit_name": "Trung tâm điều hành Hội An", "centre": "hoi-an", "parent": None,
        "state": "new", "task": "bơm nước", "title": "Nước sông vượt báo động II", "category": "flood",
        "severity": "severe", "area_code": "502", "late": False, "owner": "", "bounces": 0, "policy": 1,
        "position": [108.0, 15.6], "subs": [], "photos": [], "result": "", "sender": "",
        "incident": {
            "id": incident, "title": "Nước sông vượt báo động II", "title_en": "River above alarm level II",
            "status": "new",
        },
        "steps": ["accept", "refuse", "forward", "assign", "cancel", "comment", "sub"],
    }  # fmt: skip
    assert {name: body[name] for name in expected} == expected
    [line] = body["log"]
    assert (line["who"], line["what"], line["to"], line["version"], line["public"]) == (
        "admin", "opened", "hoi-an", 1, True,
    )  # fmt: skip
    assert dt.datetime.fromisoformat(body["accept_by"]) > now()
    status, read, _ = await centre.get(f"{BASE}/{body['id']}")
    assert (status, read) == (200, body)
    row = await centre.owner.fetchrow("select who, kind, thing, centre, text from audit where act = 'ticket.open'")
    assert tuple(row) == ("admin", "ticket", body["id"], "hoi-an", "bơm nước")


async def test_without_a_unit_the_routes_say_where_it_goes(centre: Centre) -> None:
    incident = await centre.incident(centre="hoi-an", category="other", severity="minor")
    status, body = await centre.post(BASE, {"incident": incident}, "district")
    assert status == 201, body
    assert body["centre"] == "hoi-an"
    assert body["log"][0]["text"] != ""


async def test_a_unit_has_one_ticket_of_an_incident_and_is_shown_it(centre: Centre) -> None:
    first = await opened(centre)
    incident = first["incident"]["id"]
    status, told = await centre.post(BASE, {"incident": incident, "unit": "hoi-an"}, "admin")
    assert (status, told["code"], told["current"]["id"]) == (409, "unit-has-ticket", first["id"])
    status, told = await centre.post(BASE, {"incident": incident, "unit": "hoi-an"}, "operator")
    assert (status, "current" in told) == (409, False), "an operator of the province does not see Hội An's tickets"
    await opened(centre, "quang-nam", incident=incident)
    assert await centre.owner.fetchval("select count(*) from tickets") == 2


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"unit": "nowhere"}, 422, "no-unit"),
        ({"incident": str(uuid.UUID(int=5))}, 404, "not-found"),
        ({"unit": "a" * 101}, 400, "bad-value"),
        ({"task": "\0"}, 400, "bad-value"),
        ({"owner": "x"}, 400, "unknown-member"),
    ],
)
async def test_what_cannot_be_opened_is_refused(centre: Centre, asked: dict[str, str], status: int, code: str) -> None:
    answer = await centre.post(BASE, {"incident": await centre.incident()} | asked, "operator")
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert await centre.owner.fetchval("select count(*) from tickets") == 0


@pytest.mark.parametrize("status", ["duplicate", "false_alarm", "closed"])
async def test_of_an_incident_that_is_over_no_ticket_is_opened(centre: Centre, status: str) -> None:
    incident = await centre.incident(status=status)
    answer, told = await centre.post(BASE, {"incident": incident, "unit": "hoi-an"})
    assert (answer, told["code"]) == (409, "incident-ended")


async def test_who_does_not_see_the_incident_opens_no_ticket_of_it(centre: Centre) -> None:
    incident = await centre.incident()
    assert (await centre.post(BASE, {"incident": incident, "unit": "hoi-an"}, "district"))[0] == 404
    assert (await centre.post(BASE, {"incident": incident, "unit": "hoi-an"}, "viewer"))[0] == 403


async def test_lists_are_of_what_is_asked_for_and_of_the_readers_scope(centre: Centre) -> None:
    one, two = await opened(centre), await opened(centre, "quang-nam", severity="minor")
    hands = TicketHands(centre, one)
    await hands.take("accept")
    assert await listed(centre) == [two["number"], one["number"]]
    assert await listed(centre, who="district") == [one["number"]]
    assert await listed(centre, who="operator") == [two["number"]]
    assert await listed(centre, "?mine=true", "district") == [one["number"]]
    assert await listed(centre, "?mine=true") == []
    for query, expected in (
        ("?unit=hoi-an", [one]), ("?state=new", [two]), ("?state=new,accepted&centre=hoi-an", [one]),
        (f"?incident={two['incident']['id']}", [two]), ("?owner=district", [one]), ("?team=x", []),
        ("?late=true", []), ("?open=true", [two, one]),
    ):  # fmt: skip
        assert await listed(centre, query) == [one["number"] for one in expected], query
    for query in ("?state=old", "?incident=x", "?after=x", "?limit=0", "?late=maybe"):
        assert (await centre.get(BASE + query))[1]["code"] == "bad-value", query


async def test_the_overdue_queue_begins_with_what_is_longest_late(centre: Centre) -> None:
    many = [await opened(centre, "quang-nam") for _ in range(5)]
    for number, ticket in enumerate(many[:4]):
        await centre.owner.execute(
            "update tickets set accept_by = now() - make_interval(mins => $2) where id = $1",
            uuid.UUID(ticket["id"]), number,
        )  # fmt: skip
    late = [many[number]["number"] for number in (3, 2, 1, 0)]
    assert await listed(centre, "?late=true") == late
    found, after = list[int](), ""
    for _ in range(3):
        _, body, _ = await centre.get(f"{BASE}?open=true&limit=2{after}")
        assert all(one["late"] == (one["number"] in late) for one in body["tickets"])
        found += [one["number"] for one in body["tickets"]]
        after = f"&after={body['next']}"
    assert (found, body["next"]) == ([*late, many[4]["number"]], None)
    _, body, _ = await centre.get(f"{BASE}?limit=3")
    assert [one["number"] for one in body["tickets"]] == [one["number"] for one in many[:1:-1]]
    assert await listed(centre, f"?limit=3&after={body['next']}") == [one["number"] for one in many[1::-1]]


async def test_an_incident_tells_its_tickets_to_who_sees_them(centre: Centre) -> None:
    ticket = await opened(centre, "quang-nam")
    incident = ticket["incident"]["id"]
    await opened(centre, "hoi-an", incident=incident)
    _, body, _ = await centre.get(f"/api/v1/incidents/{incident}", "operator")
    [told] = body["tickets"]
    assert (told["id"], told["unit"], told["incident"], told["parent"]) == (ticket["id"], "quang-nam", incident, None)
    _, body, _ = await centre.get(f"/api/v1/incidents/{incident}", "admin")
    assert [one["unit"] for one in body["tickets"]] == ["quang-nam", "hoi-an"]
    status, body = await centre.post(f"/api/v1/incidents/{incident}/acknowledge", {"expected_version": 1}, "operator")
    assert (status, len(body["tickets"])) == (200, 1)


async def test_tickets_are_a_collection_of_the_map(centre: Centre) -> None:
    ticket = await opened(centre)
    _, body, _ = await centre.get("/ogc/collections/tickets/items?state=new&unit=hoi-an")
    [feature] = body["features"]
    assert (feature["id"], feature["properties"]["number"]) == (ticket["id"], ticket["number"])
    assert (await centre.get("/ogc/collections/tickets/items", "operator"))[1]["features"] == []
