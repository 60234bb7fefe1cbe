"""Refused messages over HTTP, by requests to a real server over a real PostgreSQL."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

BASE = "/api/v1/dead-letters"
ROWS = """insert into dead_letters (centre, area, source, topic, head, bytes, sha256, code, reason, skew_s, arrived_at)
          values ($1, '502@2024-09-01', $2, $3, $4, $5, $6, $7, 'because', $8, $9) returning id"""


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        await one.owner.execute("update accounts set role = 'registrar' where login in ('district', 'viewer')")
        yield one


async def bury(centre: Centre, payload: bytes, code: str = "schema", gauge: str = "gauge-one", size: int = 0) -> int:
    home = {"gauge-one": "quang-nam", "gauge-two": "hoi-an"}[gauge]
    topic = f"ioc/v1/{home}/{gauge}/readings"
    skew = -99.5 if code == "date" else None
    number: int = await centre.owner.fetchval(
        ROWS, home, gauge, topic, payload, size or len(payload), hashlib.sha256(payload).digest(), code, skew, now()
    )
    return number


def good(seq: int = 1) -> bytes:
    return json.dumps({"at": now().isoformat(), "run": "b", "seq": seq, "values": {"water_level": 2}}).encode()


async def page(centre: Centre, query: str = "", who: str = "admin") -> dict[str, Any]:
    status, body, _ = await centre.get(BASE + query, who)
    assert status == 200, body
    found: dict[str, Any] = body
    return found


async def test_a_letter_is_told_with_its_reason_its_skew_and_its_beginning(centre: Centre) -> None:
    number = await bury(centre, b"tr\xe1\xbb\x85 \xff", "date")
    status, body, _ = await centre.get(f"{BASE}/{number}")
    assert status == 200
    assert body["text"] == "trễ �"
    assert base64.b64decode(body["head"]) == b"tr\xe1\xbb\x85 \xff"
    expected = {
        "id": number, "centre": "quang-nam", "source": "gauge-one", "code": "date", "reason": "because", "bytes": 7,
        "skew_s": -99.5, "whole": True, "replayed_at": None, "mended_at": None, "again": "",
    }  # fmt: skip
    assert {name: body[name] for name in expected} == expected
    assert body["sha256"] == hashlib.sha256(b"tr\xe1\xbb\x85 \xff").hexdigest()
    assert body["arrived_at"].endswith("Z")


async def test_pages_follow_each_other_from_the_newest_on(centre: Centre) -> None:
    numbers = [await bury(centre, b"x", code) for code in ("schema", "date", "schema", "schema")]
    first = await page(centre, "?limit=2")
    assert ([one["id"] for one in first["letters"]], first["next"]) == (numbers[:1:-1], numbers[2])
    second = await page(centre, f"?limit=2&before={first['next']}")
    assert ([one["id"] for one in second["letters"]], second["next"]) == (numbers[1::-1], None)
    assert [one["id"] for one in (await page(centre, "?code=date"))["letters"]] == [numbers[1]]
    assert (await page(centre, "?source=gauge-two"))["letters"] == []
    assert (await page(centre, "?since=2100-01-01T00:00:00Z"))["letters"] == []
    assert (await page(centre, "?state=mended"))["letters"] == []


async def test_a_page_says_how_many_the_filter_finds_on_all_pages_and_the_metrics_how_many_are_open(
    centre: Centre,
) -> None:
    for code, gauge in (("schema", "gauge-one"), ("date", "gauge-two"), ("schema", "gauge-two")):
        await bury(centre, b"x", code, gauge)
    assert (await page(centre, "?limit=1"))["count"] == 3
    assert (await page(centre, "?limit=1&code=schema"))["count"] == 2
    assert (await page(centre, "?source=gauge-two&since=2100-01-01T00:00:00Z"))["count"] == 0
    assert b"\nioc_dead_letters_open 3\n" in (await centre.get("/metrics"))[1]
    await centre.owner.execute("update dead_letters set mended_at = now() where code = 'date'")
    assert (await page(centre))["count"] == 2
    assert b"\nioc_dead_letters_open 2\n" in (await centre.get("/metrics"))[1]
    assert b"ioc_dead_letters_open" not in (await centre.get("/metrics", "operator"))[1]


@pytest.mark.parametrize(
    "query", ["?state=x", "?since=soon", "?limit=0", "?limit=x", "?before=0", "?x=1", "?code=a&code=b", "?code=%00"]
)
async def test_a_filter_that_cannot_be_read_is_named(centre: Centre, query: str) -> None:
    assert (await centre.get(BASE + query))[0] == 400


async def test_who_may_read_and_replay_is_as_the_table_of_rights_says(centre: Centre) -> None:
    number = await bury(centre, b"x")
    await centre.owner.execute("update accounts set role = 'assessor' where login = 'operator'")
    for who, reads, replays in (("admin", 200, 200), ("viewer", 200, 200), ("operator", 200, 403), (None, 401, 401)):
        assert (await centre.get(BASE, who))[0] == reads
        assert (await centre.get(f"{BASE}/{number}", who))[0] == reads
        assert (await centre.post(f"{BASE}/{number}/replay", None, who))[0] == replays
        assert (await centre.post(f"{BASE}/replay", {}, who))[0] == replays
    await centre.owner.execute("update accounts set role = 'operator' where login = 'viewer'")


async def test_a_letter_of_another_centre_is_not_there(centre: Centre) -> None:
    number = await bury(centre, good())
    assert (await page(centre, who="district"))["letters"] == []
    assert (await centre.get(f"{BASE}/{number}", "district"))[0] == 404
    assert (await centre.post(f"{BASE}/{number}/replay", None, "district"))[0] == 404
    status, body = await centre.post(f"{BASE}/replay", {}, "district")
    assert (status, body["tried"]) == (200, 0)


@pytest.mark.parametrize("number", ["0", "x", "-1", "99999999999999999999", "1e3", "٣"])
async def test_what_is_no_letter_is_not_there(centre: Centre, number: str) -> None:
    assert (await centre.get(f"{BASE}/{number}"))[0] == 404
    assert (await centre.post(f"{BASE}/{number}/replay", None))[0] == 404


async def test_a_letter_that_is_understood_now_is_mended_and_stays(centre: Centre) -> None:
    number = await bury(centre, good(), gauge="gauge-two")
    for kept, repeated in ((1, 0), (0, 1)):
        status, body = await centre.post(f"{BASE}/{number}/replay", None, "district")
        assert (status, body) == (
            200, {"id": number, "outcome": "mended", "kept": kept, "repeated": repeated, "reason": ""},
        )  # fmt: skip
    assert (await page(centre))["letters"] == []
    [mended] = (await page(centre, "?state=mended"))["letters"]
    assert mended["mended_at"]
    assert await centre.owner.fetchval("select count(*) from readings where run = 'b'") == 1
    rows = await centre.owner.fetch("select who, thing, centre from audit where act = 'dead_letter.replay'")
    assert [tuple(row) for row in rows] == [("district", str(number), "hoi-an")] * 2


async def test_a_repeated_request_is_answered_as_before(centre: Centre) -> None:
    number = await bury(centre, good())
    key = {"Idempotency-Key": "abcdefghijklmnop"}
    first, second = [await centre.post(f"{BASE}/{number}/replay", None, **key) for _ in range(2)]
    assert first == second
    assert first[1]["kept"] == 1


async def test_a_letter_that_is_refused_again_says_why(centre: Centre) -> None:
    number = await bury(centre, b"nope")
    _, body = await centre.post(f"{BASE}/{number}/replay", None)
    assert (body["outcome"], body["kept"]) == ("refused", 0)
    assert "not JSON" in body["reason"]
    _, letter, _ = await centre.get(f"{BASE}/{number}")
    assert (letter["again"], letter["mended_at"]) == (body["reason"], None)


async def test_what_the_desk_could_not_judge_is_listed_and_not_said_to_be_mended(centre: Centre) -> None:
    number, count = await bury(centre, good(), "unjudged"), "select count(*) from readings"
    before = await centre.owner.fetchval(count)
    assert [one["id"] for one in (await page(centre, "?code=unjudged"))["letters"]] == [number]
    status, body = await centre.post(f"{BASE}/{number}/replay", None)
    assert (status, body["outcome"], "kept already" in body["reason"]) == (200, "refused", True)
    assert await centre.owner.fetchval(count) == before
    assert (await page(centre, "?code=unjudged"))["letters"][0]["again"] == body["reason"]


async def test_a_letter_of_which_only_the_beginning_was_kept_cannot_be_replayed(centre: Centre) -> None:
    number = await bury(centre, b"x" * 4096, size=5000)
    status, body = await centre.post(f"{BASE}/{number}/replay", None)
    assert status == 409
    assert body["type"].endswith("letter-cut")
    assert (await centre.get(f"{BASE}/{number}"))[1]["whole"] is False


async def test_many_are_replayed_by_a_filter_page_by_page(centre: Centre) -> None:
    for seq in range(3):
        await bury(centre, good(seq), "unknown_property")
    await bury(centre, b"nope")
    await bury(centre, b"x" * 4096, size=5000)
    _, first = await centre.post(f"{BASE}/replay", {"code": "unknown_property", "limit": 2})
    assert (first["tried"], first["mended"], first["kept"]) == (2, 2, 2)
    assert first["next"]
    _, rest = await centre.post(f"{BASE}/replay", {"after": first["next"]})
    assert rest == {"tried": 3, "mended": 1, "refused": 1, "cut": 1, "kept": 1, "repeated": 0, "next": None}
    after = await centre.owner.fetchval("select after from audit where act = 'dead_letter.replay' order by id limit 1")
    assert json.loads(after) == {"code": "unknown_property", "source": "", "since": "", "letters": 2}


async def test_what_the_desk_could_not_judge_is_closed_by_hand_with_a_reason_once(centre: Centre) -> None:
    number = await bury(centre, good(), "unjudged", "gauge-two")
    path, body = f"{BASE}/{number}/close", {"why": " đã xem số đo, không có gì phải làm "}
    for who, status in ((None, 401), ("operator", 403)):
        assert (await centre.post(path, body, who))[0] == status
    for reason, status in (({}, 400), ({"why": ""}, 400), ({"why": "  "}, 422), ({"why": "x" * 1_001}, 400)):
        assert (await centre.post(path, reason, "district"))[0] == status
    assert [one["id"] for one in (await page(centre))["letters"]] == [number]
    status, closed = await centre.post(path, body, "district")
    assert (status, closed["id"], closed["replayed_at"]) == (200, number, None)
    assert closed["mended_at"].endswith("Z")
    assert (await page(centre))["letters"] == []
    assert (await page(centre, "?state=mended"))["letters"] == [closed]
    status, again = await centre.post(path, body, "district")
    assert (status, again["code"]) == (409, "no-change")
    rows = await centre.owner.fetch("select who, thing, centre, text from audit where act = 'dead_letter.close'")
    assert [tuple(row) for row in rows] == [("district", str(number), "hoi-an", body["why"].strip())]


async def test_what_a_replay_can_mend_or_lies_elsewhere_is_not_closed_by_hand(centre: Centre) -> None:
    number, elsewhere = await bury(centre, good()), await bury(centre, good(), "unjudged")
    status, refused = await centre.post(f"{BASE}/{number}/close", {"why": "x"})
    assert (status, refused["code"]) == (409, "wrong-state")
    assert "unjudged" in refused["detail"]
    assert (await centre.post(f"{BASE}/{elsewhere}/close", {"why": "x"}, "district"))[0] == 404
    assert (await page(centre))["count"] == 2
    assert await centre.owner.fetchval("select count(*) from audit where act = 'dead_letter.close'") == 0


async def test_a_repeated_request_to_close_is_answered_as_before(centre: Centre) -> None:
    number, key = await bury(centre, good(), "unjudged"), {"Idempotency-Key": "abcdefghijklmnop"}
    answers = [await centre.post(f"{BASE}/{number}/close", {"why": "x"}, "admin", **key) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
