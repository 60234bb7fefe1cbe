"""Silences over HTTP, by requests to a real server over a real PostgreSQL."""

import datetime as dt
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import changes, silences
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

BASE = "/api/v1/silences"
AREA = "502@2024-09-01"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


def later(**more: float) -> str:
    return (now() + dt.timedelta(**more)).isoformat()


def asked(**more: Any) -> dict[str, Any]:
    """A silence of the first gauge for an hour."""
    return {"reason": "thay cảm biến", "until": later(hours=1), "sources": ["gauge-one"]} | more


async def made(centre: Centre, who: str = "operator", **more: Any) -> dict[str, Any]:
    status, body = await centre.post(BASE, asked(**more), who)
    assert status == 201, body
    found: dict[str, Any] = body
    return found


async def listed(centre: Centre, query: str = "", who: str = "admin") -> list[str]:
    status, body, _ = await centre.get(BASE + query, who)
    assert status == 200, body
    return [one["id"] for one in body["silences"]]


async def alarmed(centre: Centre, silence: str, severity: str = "severe", home: str = "quang-nam") -> uuid.UUID:
    """An alarm that a silence hides."""
    alarm = uuid.uuid4()
    await centre.owner.execute(
        "insert into alarms (id, centre, area, key, rule, category, severity, source_kind, source, source_name, "
        "property, raised_at, seen_at, count, evidence, match, title, title_en, geom) values ($1, $2, $3, $4, 'a/b@1', "
        "'flood', $5, 'sensor', 'gauge-one', 'Trạm Một', 'water_level', now(), now(), 1, '{}', 'silenced', 'Nước cao', "
        "'High water', st_setsrid(st_makepoint(108.1, 15.6), 4326))",
        alarm, home, AREA, str(alarm), severity,
    )  # fmt: skip
    await centre.owner.execute(
        "insert into silenced (silence, alarm, at, severity) values ($1, $2, now(), $3)",
        uuid.UUID(silence), alarm, severity,
    )  # fmt: skip
    return alarm


async def test_a_silence_is_made_with_author_reason_and_end_and_all_of_it_is_noted(centre: Centre) -> None:
    one = await made(centre)
    expected = {
        "version": 1, "author": "operator", "reason": "thay cảm biến", "centre": "quang-nam", "area": "",
        "sources": ["gauge-one"], "rules": [], "categories": [], "areas": [], "centres": ["quang-nam"],
        "worst": "severe", "recurs": None, "state": "current", "mutes": True, "ended_at": None, "ended_by": "",
        "hidden": 0, "holding": 0, "hidden_worst": None,
    }  # fmt: skip
    assert {name: one[name] for name in expected} == expected
    assert one["ends"] == one["until"] == one["mutes_until"]
    assert (await centre.get(f"{BASE}/{one['id']}"))[1] == one
    row = await centre.owner.fetchrow(
        "select who, kind, thing, centre, text, after from audit where act like 'silence%'"
    )
    assert tuple(row)[:5] == ("operator", "silence", one["id"], "quang-nam", "thay cảm biến")
    assert json.loads(row["after"])["sources"] == ["gauge-one"]
    async with centre.database.transaction(EVERYTHING, read_only=True) as transaction:
        [told] = [one for one in await changes.after(transaction, 0, 99) if one.subject == "silence"]
        [judging] = await silences.judging(transaction, now())
    assert (told.subject_id, told.value["properties"]["reason"]) == (one["id"], "thay cảm biến")
    assert (judging.id, judging.matcher.sources, judging.matcher.centres) == (one["id"], ("gauge-one",), ("quang-nam",))


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "2026-11-26T00:00:00"}, "until"),
        ({"from": "2020-01-01T00:00:00Z"}, "from"),
        ({"sources": []}, "sources"),
        ({"sources": ["ghost"]}, "sources"),
        ({"areas": ["1@x"]}, "areas"),
        ({"centres": ["hue"]}, "centres"),
        ({"reason": "  "}, "reason"),
        ({"reason": "a\0"}, "reason"),
        ({"recurs": {"start": "08:00", "end": "08:00"}}, "recurs"),
        ({"recurs": {"start": "08:00", "end": "20:01"}}, "recurs"),
        ({"recurs": {"start": "08:00", "end": "09:00", "days": [1, 1]}}, "recurs"),
    ],
)
async def test_what_cannot_be_agreed_to_is_named(centre: Centre, more: dict[str, Any], name: str) -> None:
    status, body = await centre.post(BASE, asked(**more), "admin", **{"Accept-Language": "en"})
    unknown = more.get(name) in (["ghost"], ["1@x"], ["hue"])
    assert (status, body["code"]) == (400, "unknown-name" if unknown else "bad-value")
    assert f"“{name}”" in body["title"]
    assert await centre.owner.fetchval("select count(*) from silences") == 0


@pytest.mark.parametrize(("days", "status"), [(29.9, 201), (30.1, 400)])
async def test_the_longest_silence_has_thirty_days(centre: Centre, days: float, status: int) -> None:
    assert (await centre.post(BASE, asked(until=later(days=days)), "operator"))[0] == status


async def test_a_series_is_in_the_centres_own_time(centre: Centre) -> None:
    recurs = {"start": "22:00", "end": "05:00", "days": [7, 1]}
    one = await made(centre, until=later(days=300), recurs=recurs)
    assert one["recurs"] == recurs | {"zone": "Asia/Ho_Chi_Minh", "days": [1, 7]}
    assert one["state"] == "current"
    assert one["mutes"] is (one["mutes_until"] is not None)


async def test_silences_to_come_are_listed_and_ended_ones_are_past(centre: Centre) -> None:
    first = await made(centre)
    coming = await made(centre, **{"from": later(minutes=30)})
    assert coming["state"] == "future"
    assert await listed(centre) == [coming["id"], first["id"]]
    assert await listed(centre, "?state=current") == [first["id"]]
    assert await listed(centre, "?state=future") == [coming["id"]]
    for one in (coming, first):
        status, ended = await centre.post(f"{BASE}/{one['id']}/end", {"expected_version": 1, "why": "xong"}, "admin")
        assert (status, ended["state"], ended["ended_by"], ended["version"]) == (200, "past", "admin", 2)
        assert ended["ends"] == ended["ended_at"]
    assert await listed(centre) == []
    assert await listed(centre, "?state=past") == [coming["id"], first["id"]]
    page = await centre.get(f"{BASE}?state=all&limit=1")
    assert ([one["id"] for one in page[1]["silences"]], page[1]["next"]) == ([coming["id"]], coming["id"])
    assert await listed(centre, f"?state=all&before={coming['id']}") == [first["id"]]
    rows = await centre.owner.fetch("select text from audit where act = 'silence.end'")
    assert [row["text"] for row in rows] == ["xong", "xong"]


async def test_who_comes_second_is_told_that_it_is_over_and_by_whom(centre: Centre) -> None:
    one = await made(centre)
    address = f"{BASE}/{one['id']}/end"
    assert (await centre.post(address, {"expected_version": 7}))[1]["code"] == "stale-version"
    assert (await centre.post(address, {"expected_version": 1}))[0] == 200
    status, problem = await centre.post(address, {"expected_version": 1}, "operator")
    assert (status, problem["code"], problem["current"]["ended_by"]) == (409, "silence-over", "admin")
    assert (await centre.post(address, {"expected_version": 0}))[0] == 400
    assert (await centre.post(f"{BASE}/{uuid.uuid4()}/end", {"expected_version": 1}))[0] == 404


async def test_a_repeated_request_makes_one_silence(centre: Centre) -> None:
    body, key = asked(), {"Idempotency-Key": "abcdefghijklmnop"}
    first, second = [await centre.post(BASE, body, "operator", **key) for _ in range(2)]
    assert first == second
    assert len(await listed(centre)) == 1


async def test_what_it_hid_is_listed_with_count_and_worst_as_far_as_the_reader_sees_it(centre: Centre) -> None:
    one = await made(centre, "admin", categories=["flood"], sources=[])
    ours, theirs = await alarmed(centre, one["id"]), await alarmed(centre, one["id"], "extreme", "hoi-an")
    status, body, _ = await centre.get(f"{BASE}/{one['id']}/hidden")
    assert (status, body["count"], body["holding"], body["worst"]) == (200, 2, 2, "extreme")
    assert [line["alarm"] for line in body["alarms"]] == [str(theirs), str(ours)]
    line = body["alarms"][1]
    expected = {"incident": None, "title": "Nước cao", "title_en": "High water", "severity": "severe",
                "category": "flood", "source": "gauge-one", "released_at": None, "match": "silenced"}  # fmt: skip
    assert {name: line[name] for name in expected} == expected
    page = (await centre.get(f"{BASE}/{one['id']}/hidden?limit=1"))[1]
    assert len(page["alarms"]) == 1
    rest = (await centre.get(f"{BASE}/{one['id']}/hidden?before={page['next']}"))[1]
    assert [line["alarm"] for line in rest["alarms"]] == [str(ours)]
    own = await made(centre, "operator", categories=["flood"], sources=[])
    await alarmed(centre, own["id"], home="hoi-an")
    assert (await centre.get(f"{BASE}/{own['id']}/hidden", "operator"))[1]["count"] == 0
    assert (await centre.get(f"{BASE}/{own['id']}", "admin"))[1]["hidden"] == 1


async def test_who_is_bound_mutes_only_in_their_place(centre: Centre) -> None:
    assert (await made(centre, "district", sources=["gauge-two"]))["centre"] == "hoi-an"
    status, body = await centre.post(BASE, asked(), "district")
    assert (status, body["code"]) == (400, "unknown-name")  # the other centre's gauge is not there for them
    for centres in (["quang-nam"], ["quang-nam", "hoi-an"]):
        status, body = await centre.post(BASE, asked(sources=["gauge-two"], centres=centres), "district")
        assert (status, body["code"]) == (403, "silence-place")
    everywhere = await made(centre, "admin", sources=[], categories=["flood"])
    assert everywhere["centre"] == ""
    assert (await centre.get(f"{BASE}/{everywhere['id']}", "district"))[0] == 404
    assert (await centre.post(f"{BASE}/{everywhere['id']}/end", {"expected_version": 1}, "district"))[0] == 404
    assert len(await listed(centre, who="district")) == 1


async def test_who_is_bound_to_an_area_mutes_only_there(centre: Centre) -> None:
    await centre.owner.execute("update accounts set areas = $1 where login = 'district'", [AREA])
    assert (await made(centre, "district", sources=["gauge-two"]))["area"] == AREA
    status, body = await centre.post(BASE, asked(sources=["gauge-two"], areas=["elsewhere@2025-07-01"]), "district")
    assert (status, body["code"]) == (403, "silence-place")


@pytest.mark.parametrize(
    ("role", "sees", "makes"), [("viewer", 200, 403), ("assessor", 200, 403), ("registrar", 403, 403)]
)
async def test_who_may_see_and_make_is_as_the_table_of_rights_says(
    centre: Centre, role: str, sees: int, makes: int
) -> None:
    await centre.owner.execute("update accounts set role = $1 where login = 'viewer'", role)
    one = await made(centre, "admin")
    assert (await centre.get(BASE, "viewer"))[0] == sees
    assert (await centre.get(f"{BASE}/{one['id']}", "viewer"))[0] == sees
    assert (await centre.get(f"{BASE}/{one['id']}/hidden", "viewer"))[0] == sees
    assert (await centre.post(BASE, asked(), "viewer"))[0] == makes
    assert (await centre.post(f"{BASE}/{one['id']}/end", {"expected_version": 1}, "viewer"))[0] == makes
    assert (await centre.get(BASE, None))[0] == 401


async def test_who_sees_only_what_is_current_may_still_end_a_silence(centre: Centre) -> None:
    await centre.owner.execute("update accounts set span = 'live' where login = 'operator'")
    one = await made(centre)
    status, ended = await centre.post(f"{BASE}/{one['id']}/end", {"expected_version": 1}, "operator")
    assert (status, ended["state"]) == (200, "past")
    assert (await centre.get(f"{BASE}/{one['id']}", "operator"))[0] == 404
    assert await listed(centre, "?state=all", "operator") == []


@pytest.mark.parametrize("query", ["?state=x", "?limit=0", "?before=x", "?x=1", "?state=all&state=past"])
async def test_a_filter_that_cannot_be_read_is_named(centre: Centre, query: str) -> None:
    assert (await centre.get(BASE + query))[0] == 400


async def test_the_metrics_say_how_many_mute_and_how_many_alarms_they_hide(centre: Centre) -> None:
    one = await made(centre, "admin", sources=[], categories=["flood"])
    await made(centre, **{"from": later(minutes=30)})
    await alarmed(centre, one["id"])
    await alarmed(centre, one["id"], home="hoi-an")
    body = (await centre.get("/metrics"))[1]
    assert b"\nioc_silences_muting 1\n" in body
    assert b"\nioc_alarms_silenced 2\n" in body
    theirs = (await centre.get("/metrics", "district"))[1]
    assert b"\nioc_silences_muting 0\n" in theirs
    assert b"\nioc_alarms_silenced 1\n" in theirs
