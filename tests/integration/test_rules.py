"""Rules by requests to a real server over a real PostgreSQL: versions, overrides, rights, and a test on history."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ioc import shipping
from ioc.access.scope import EVERYTHING
from ioc.store import rules as kept
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

RIVER = "/api/v1/rules/pack/river"
RULE: dict[str, Any] = {
    "category": "flood",
    "profile": "river-gauge",
    "property": "water_level",
    "title": "Mực nước {name} vượt báo động {level}",
    "title_en": "Water level at {name} above alarm level {level}",
    "clear_margin": 0.1,
    "devices": {"gauge-one": {"moderate": 7.0, "severe": 7.5}, "gauge-two": {"moderate": 9.0}},
}
PACK = {"pack": {"code": "pack", "version": 1}, "rule": [RULE | {"code": "river"}]}


async def enter(centre: Centre, *packs: dict[str, Any]) -> None:
    """As a program with these packs does when it starts."""
    async with centre.database.transaction(EVERYTHING) as transaction:
        await kept.seeding(transaction)
        await shipping.enter(transaction, packs, now())
    await centre.rulebook.read()


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        await enter(one, PACK)
        yield one


def packed(version: int, **changes: Any) -> dict[str, Any]:
    return {"pack": {"code": "pack", "version": version}, "rule": [RULE | {"code": "river"} | changes]}


async def test_a_shipped_rule_is_read_and_changed_version_by_version(centre: Centre) -> None:
    status, rule, _ = await centre.get(RIVER, "operator")
    assert status == 200
    assert (rule["name"], rule["origin"], rule["what"], rule["enabled"]) == ("pack/river@1", "pack", "shipped", True)
    body = rule["rule"] | {"clear_margin": 0.2}
    asked = {"expected_version": 1, "reason": "it flickers", "rule": body}
    status, changed = await centre.ask("PUT", RIVER, asked)
    assert status == 200, changed
    assert (changed["version"], changed["origin"], changed["rule"]["clear_margin"]) == (2, "changed", 0.2)
    assert changed["pack_rule"]["clear_margin"] == 0.1
    assert (changed["who"], changed["reason"], changed["judged_version"]) == ("admin", "it flickers", 0)
    assert [one["subject"] for one in changed["overrides"]] == ["gauge-one", "gauge-two"]
    status, late = await centre.ask("PUT", RIVER, asked)
    assert (status, late["code"], late["current"]["version"]) == (409, "stale-rule", 2)
    _, older, _ = await centre.get(f"{RIVER}?version=1")
    assert (older["version"], older["newest"], older["rule"]["clear_margin"]) == (1, 2, 0.1)
    status, restored = await centre.post(f"{RIVER}/restore", {"expected_version": 2, "reason": "as it was"})
    assert (status, restored["version"], restored["origin"], restored["what"]) == (200, 3, "pack", "restored")
    _, history, _ = await centre.get(f"{RIVER}/versions?limit=2")
    assert [one["version"] for one in history["versions"]] == [3, 2]
    assert history["next"] == 2
    rows = await centre.owner.fetch("select who, act, thing, text from audit where kind = 'rule' order by seq")
    assert [tuple(row) for row in rows] == [
        ("admin", "rule.change", "pack/river", "it flickers"),
        ("admin", "rule.restore", "pack/river", "as it was"),
    ]


async def test_of_two_who_change_a_rule_at_once_one_wins(centre: Centre) -> None:
    asked = [{"expected_version": 1, "reason": f"try {n}", "rule": RULE | {"clear_margin": n}} for n in (1.0, 2.0)]
    for one in asked:
        del one["rule"]["devices"]
    answers = await asyncio.gather(*(centre.ask("PUT", RIVER, one) for one in asked))
    assert sorted(status for status, _ in answers) == [200, 409]
    won = next(answer for status, answer in answers if status == 200)
    assert next(answer for status, answer in answers if status == 409)["current"] == won


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"levels": {"moderate": 3.0, "severe": 2.0}}, "levels"),
        ({"clear_margin": "much"}, "clear_margin"),
        ({"title": "{name.__class__}"}, "title"),
        ({"nonsense": 1}, "nonsense"),
        ({"category": "nothing"}, "category 'nothing'"),
        ({"profile": "nothing"}, "profile 'nothing'"),
        ({"property": "nothing"}, "no property 'nothing'"),
        ({"needs": {"rules": ["nothing"]}, "property": "", "profile": ""}, "pack/nothing"),
    ],
)
async def test_a_wrong_rule_is_refused_with_one_sentence(centre: Centre, change: dict[str, Any], why: str) -> None:
    body = {name: value for name, value in (RULE | change).items() if name != "devices"}
    asked = {"expected_version": 1, "reason": "a try", "rule": body}
    status, problem = await centre.ask("PUT", RIVER, asked, **{"Accept-Language": "en"})
    assert (status, problem["code"]) == (422, "rule-wrong")
    assert why in problem["title"]
    assert problem["title"].count(". ") == 0
    assert (await centre.get(RIVER))[1]["version"] == 1


async def test_a_rule_is_disabled_and_enabled_and_only_by_who_administers_all(centre: Centre) -> None:
    asked = {"expected_version": 1, "reason": "it is wrong"}
    for who in ("operator", "district", "viewer"):
        assert (await centre.post(f"{RIVER}/disable", asked, who))[0] == 403
    status, off = await centre.post(f"{RIVER}/disable", asked)
    assert (status, off["version"], off["enabled"], off["what"]) == (200, 2, False, "disabled")
    status, same = await centre.post(f"{RIVER}/disable", asked | {"expected_version": 2})
    assert (status, same) == (200, off)
    await centre.rulebook.read()
    assert centre.rulebook.rules == ()
    key = {"Idempotency-Key": "once"}
    on = await centre.post(f"{RIVER}/enable", asked | {"expected_version": 2}, **key)
    assert on == await centre.post(f"{RIVER}/enable", asked | {"expected_version": 2}, **key)
    assert on[1]["version"] == 3
    await centre.rulebook.read()
    assert [rule.name for rule in centre.rulebook.rules] == ["pack/river@3"]


async def test_limits_of_a_device_are_set_and_removed_by_who_administers_it(centre: Centre) -> None:
    await centre.owner.execute("update accounts set role = 'admin' where login in ('district', 'operator')")
    asked = {"expected_version": 1, "reason": "its datum moved", "levels": {"moderate": 1.0}}
    assert (await centre.ask("PUT", f"{RIVER}/devices/gauge-one", asked, "district"))[0] == 404
    assert (await centre.ask("PUT", RIVER, {"expected_version": 1, "reason": "all", "rule": {}}, "district"))[0] == 403
    status, rule = await centre.ask("PUT", f"{RIVER}/devices/gauge-two", asked, "district")
    assert status == 200, rule
    assert rule["overrides"] == [{"kind": "device", "subject": "gauge-two", "levels": {"moderate": 1.0}}]
    _, seen, _ = await centre.get(RIVER, "operator")
    assert [one["subject"] for one in seen["overrides"]] == ["gauge-one"]
    _, older, _ = await centre.get(f"{RIVER}?version=1")
    assert {one["subject"]: one["levels"] for one in older["overrides"]} == RULE["devices"]
    words = f"?expected_version=2&reason={quote('as before')}"
    status, rule = await centre.ask("DELETE", f"{RIVER}/devices/gauge-two{words}", None)
    assert (status, rule["version"], [one["subject"] for one in rule["overrides"]]) == (200, 3, ["gauge-one"])
    assert (await centre.ask("DELETE", f"{RIVER}/devices/gauge-two?expected_version=3&reason=again", None))[0] == 404
    asked |= {"expected_version": 3}
    assert (await centre.ask("PUT", f"{RIVER}/devices/gauge-none", asked))[0] == 404
    [row] = await centre.owner.fetch("select before, after from audit where act = 'rule.release'")
    assert '"moderate": 1.0' in row["before"]


async def test_limits_of_an_area_hold_in_what_lies_in_it(centre: Centre) -> None:
    levels = {"expected_version": 1, "reason": "low land", "levels": {"moderate": 2.5}}
    status, rule = await centre.ask("PUT", f"{RIVER}/areas/502", levels)
    assert (status, rule["overrides"][-1]["subject"]) == (200, "502")
    await centre.rulebook.read()
    assert centre.rulebook.levels("gauge-three", "water_level", "502@2024-09-01") == {"moderate": 2.5}
    assert centre.rulebook.levels("gauge-three", "water_level", "20335@2025-07-01") == {"moderate": 2.5}
    assert centre.rulebook.levels("gauge-three", "water_level", "1@2025-07-01") == {}
    assert centre.rulebook.levels("gauge-one", "water_level", "502@2024-09-01") == RULE["devices"]["gauge-one"]


async def test_a_rule_of_ones_own_is_made_disabled_in_a_pack_of_its_own(centre: Centre) -> None:
    body = {name: value for name, value in RULE.items() if name != "devices"} | {"levels": {"moderate": 6.0}}
    named = body | {"pack": "own", "code": "any-gauge"}
    assert (await centre.post("/api/v1/rules", {"rule": named | {"pack": "pack"}, "reason": "mine"}))[0] == 409
    status, rule = await centre.post("/api/v1/rules", {"rule": named, "reason": "mine"})
    assert (status, rule["enabled"], rule["origin"]) == (201, False, "people")
    assert (await centre.post("/api/v1/rules", {"rule": named, "reason": "again"}))[1]["code"] == "rule-taken"
    assert (await centre.post("/api/v1/rules/own/any-gauge/restore", {"expected_version": 1, "reason": "why"}))[1][
        "code"
    ] == "not-shipped"
    _, page, _ = await centre.get("/api/v1/rules?limit=1")
    assert (page["count"], page["next"], [one["name"] for one in page["rules"]]) == (
        2,
        "own/any-gauge",
        ["own/any-gauge@1"],
    )
    _, page, _ = await centre.get("/api/v1/rules?limit=1&after=own/any-gauge")
    assert (page["next"], [one["name"] for one in page["rules"]]) == (None, ["pack/river@1"])
    _, page, _ = await centre.get("/api/v1/rules?enabled=0&category=flood&device=gauge-one&property=water_level")
    assert [one["name"] for one in page["rules"]] == ["own/any-gauge@1"]


async def test_a_newer_pack_renews_what_nobody_changed_and_leaves_what_people_made(centre: Centre) -> None:
    one = RULE["devices"]["gauge-one"]
    await centre.ask(
        "PUT", f"{RIVER}/devices/gauge-one", {"expected_version": 1, "reason": "ours", "levels": {"severe": 9.0}}
    )
    newer = {"gauge-one": one | {"severe": 8.0}, "gauge-two": {"moderate": 9.5}}
    await enter(centre, packed(2, clear_margin=0.3, devices=newer))
    _, rule, _ = await centre.get(RIVER)
    assert (rule["version"], rule["what"], rule["rule"]["clear_margin"], rule["origin"]) == (3, "shipped", 0.3, "pack")
    assert [one["levels"] for one in rule["overrides"]] == [{"severe": 9.0}, {"moderate": 9.5}]
    body = rule["rule"] | {"clear_margin": 0.9}
    await centre.ask("PUT", RIVER, {"expected_version": 3, "reason": "ours", "rule": body})
    await enter(centre, packed(3, clear_margin=0.4, devices=newer))
    await enter(centre, packed(2, clear_margin=0.3, devices=newer))
    _, rule, _ = await centre.get(RIVER)
    assert (rule["version"], rule["rule"]["clear_margin"], rule["origin"]) == (4, 0.9, "changed")
    assert (rule["pack_version"], rule["pack_rule"]["clear_margin"]) == (3, 0.4)
    await enter(centre, {"pack": {"code": "pack", "version": 4}, "rule": []})
    _, rule, _ = await centre.get(RIVER)
    assert (rule["version"], rule["enabled"], rule["origin"]) == (4, True, "people")


async def flood(centre: Centre, days: int = 3) -> dt.datetime:
    """Ten-minute values of both gauges: below 6 but for the noon hours of each day, when gauge-one rises to 8."""
    until = now().replace(minute=0, second=0, microsecond=0)
    until -= dt.timedelta(hours=until.hour == 6)  # in the middle of a flood
    since = until - dt.timedelta(days=days)
    for day in range(days + 1):
        await centre.owner.execute("select ensure_readings_day($1)", (since + dt.timedelta(days=day)).date())
    await centre.owner.execute("delete from readings")
    await centre.owner.execute(
        """insert into readings (at, stream, seq, value, quality, derived, run, arrived_at, owner, retention)
           select $1::timestamptz + n * interval '10 min', s.id, n,
             case when s.device = 'gauge-one' and n / 6 % 24 in ($3, $4) then 8 else 5 end,
             0, false, 'r', $1::timestamptz + n * interval '10 min' + interval '1 s', o.id, s.retention
           from streams s join owners o using (centre), generate_series(0, $2 * 144 - 1) n""",
        since,
        days,
        (5 - since.hour) % 24,
        (6 - since.hour) % 24,
    )
    return until


async def test_a_rule_is_tried_on_history_beside_the_one_in_force(centre: Centre) -> None:
    until = await flood(centre)
    tables = ("alarms", "incidents", "rule_states", "rules", "rule_versions", "changes")
    before = [await centre.owner.fetchval(f"select count(*) from {table}") for table in tables]
    body = {name: value for name, value in RULE.items() if name != "devices"}
    asked = {
        "pack": "pack",
        "code": "river",
        "rule": body | {"for_s": 600.0, "levels": {"minor": 4.0}},
        "from": (until - dt.timedelta(days=3)).isoformat(),
        "to": until.isoformat(),
    }
    status, told = await centre.post("/api/v1/rules/test", asked)
    assert status == 200, told
    assert (told["whole"], told["stopped"], told["values"], told["through"]) == (True, "", 864, told["to"])
    assert (told["after"]["alarms"], told["after"]["incidents"], told["before"]["alarms"]) == (3, 3, 3)
    assert sum(day["alarms"] for day in told["after"]["days"]) == 3
    first, old = told["after"]["listed"][0], told["before"]["listed"][0]
    assert dt.datetime.fromisoformat(first["at"]) - dt.datetime.fromisoformat(old["at"]) == dt.timedelta(minutes=10)
    assert dt.datetime.fromisoformat(first["at"]).hour == 5
    assert (first["severity"], first["source"], first["why"]["value"]) == ("severe", "gauge-one", 8.0)
    assert dt.datetime.fromisoformat(first["ended_at"]).hour == 7
    assert [await centre.owner.fetchval(f"select count(*) from {table}") for table in tables] == before
    named = {"pack": "pack", "code": "river", "from": asked["from"], "to": asked["to"]}
    status, same = await centre.post("/api/v1/rules/test", named)
    assert (status, same["after"]) == (200, same["before"])


async def test_a_test_asks_for_a_span_and_a_rule_that_can_be_tried(centre: Centre) -> None:
    at = now()
    for more, code in (
        ({"from": at.isoformat(), "to": (at - dt.timedelta(days=1)).isoformat()}, "bad-value"),
        ({"from": (at - dt.timedelta(days=32)).isoformat(), "to": at.isoformat()}, "bad-value"),
        ({"to": (at + dt.timedelta(days=1)).isoformat()}, "bad-value"),
        ({"code": "nothing"}, "not-found"),
        ({"version": 7}, "not-found"),
        ({"rule": {"category": "device", "title": "x", "title_en": "x", "system": "device"}}, "rule-wrong"),
        ({"rule": RULE}, "unknown-member"),
    ):
        status, problem = await centre.post("/api/v1/rules/test", {"pack": "pack", "code": "river"} | more)
        assert problem["code"] == code, (more, status)
    assert (await centre.post("/api/v1/rules/test", {"pack": "pack", "code": "river"}, "operator"))[0] == 403


async def test_a_rule_about_silence_is_tried_on_when_values_arrived(centre: Centre) -> None:
    until = await flood(centre, days=1)
    await centre.owner.execute("delete from readings where seq between 30 and 40 and stream = 1")
    span = (until - dt.timedelta(days=2), until)
    await centre.owner.execute("insert into listening values ($1, $2)", *span)
    body = {name: value for name, value in RULE.items() if name not in ("devices", "clear_margin")}
    asked = {
        "pack": "own",
        "code": "silent",
        "rule": body | {"absent_s": 3600.0, "severity": "severe"},
        "from": span[0].isoformat(),
        "to": until.isoformat(),
    }
    status, told = await centre.post("/api/v1/rules/test", asked)
    assert status == 200, told
    [one] = told["after"]["listed"]
    assert dt.datetime.fromisoformat(one["ended_at"]) - dt.datetime.fromisoformat(one["at"]) == dt.timedelta(hours=1)
    assert (told["whole"], told["through"], told["before"], one["severity"]) == (True, told["to"], None, "severe")
