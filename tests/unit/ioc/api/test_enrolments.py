"""Enrolment over HTTP, from the one-time code to a key that is good, on a real server over a real PostgreSQL."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.api.enrol import PATH
from ioc.api.enrolments import BASE
from ioc.registration import broker_key
from ioc.store import enrolments
from tests.conftest import Fresh
from tests.fakes.duty import with_units
from tests.fakes.http_centre import Centre

HOI_AN = [108.33, 15.88]
SAID = {"serial": "SN-7", "maker": "Seba", "model": "DS-22", "position": HOI_AN}


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with with_units(migrated.url, tmp_path, more={"profiles": catalogue.profiles()}) as one:
        await one.owner.execute("insert into centre_areas values ('hoi-an', '20335@2025-07-01')")
        yield one


async def codes(at: Centre, **more: Any) -> list[dict[str, Any]]:
    asked = {"subject": "device", "centre": "hoi-an", "profile": "river-gauge"} | more
    status, body = await at.post(f"{BASE}/codes", asked)
    assert status == 201, body
    return list(body["codes"])


async def ticket(centre: Centre, code: str, **said: Any) -> str:
    status, body = await centre.post(PATH, {"code": code} | SAID | said, None)
    assert status == 202, body
    return str(body["ticket"])


async def collected(centre: Centre, secret: str) -> tuple[int, Any]:
    return await centre.post(f"{PATH}/collect", {"ticket": secret}, None)


async def waiting(centre: Centre, who: str = "admin") -> list[dict[str, Any]]:
    status, body, _ = await centre.get(BASE, who)
    assert status == 200
    return list(body["enrolments"])


async def test_from_a_code_to_a_key_that_the_broker_takes(centre: Centre) -> None:
    [made] = await codes(centre, note="kho Hội An")
    assert made["code"] in made["link"]
    assert made["label"].startswith("<svg")
    secret = await ticket(centre, made["code"].lower().replace("-", " "))
    assert (await collected(centre, secret))[1]["state"] == "waiting"
    [one] = await waiting(centre)
    assert (one["said"]["serial"], one["profile"], one["centre"]) == ("SN-7", "river-gauge", "hoi-an")
    asked = {"code": "gauge-new", "name": "Trạm mới"}
    status, body = await centre.post(f"{BASE}/{one['id']}/approve", asked)
    assert (status, body["thing"]) == (200, "gauge-new"), body
    status, given = await collected(centre, secret)
    assert (status, given["state"], given["user"], given["centre"]) == (200, "collected", "gauge-new", "hoi-an")
    kept = await centre.owner.fetchval("select hash from device_keys where login = 'gauge-new'")
    assert broker_key.fits(given["key"], kept)
    row = await centre.owner.fetchrow("select lifecycle, serial, maker, centre from devices where code = 'gauge-new'")
    assert tuple(row or ()) == ("approved", "SN-7", "Seba", "hoi-an")
    assert await waiting(centre) == []


async def test_a_key_lost_on_the_way_is_replaced_and_the_first_is_good_no_more(centre: Centre) -> None:
    [made] = await codes(centre)
    secret = await ticket(centre, made["code"])
    [one] = await waiting(centre)
    await centre.post(f"{BASE}/{one['id']}/approve", {"code": "gauge-new", "name": "Trạm"})
    first, second = [(await collected(centre, secret))[1]["key"] for _ in range(2)]
    kept = await centre.owner.fetchval("select hash from device_keys where login = 'gauge-new'")
    assert broker_key.fits(second, kept)
    assert not broker_key.fits(first, kept)
    await centre.owner.execute("update enrolments set collected_at = collected_at - interval '11 minutes'")
    status, problem = await collected(centre, secret)
    assert (status, "key" in problem) == (403, False)


async def test_a_ticket_gives_no_key_anew_once_the_first_was_used_followed_or_withdrawn(centre: Centre) -> None:
    """Else a ticket that somebody read would outlive the registrar's hand."""
    used, followed, withdrawn, retired, by_hand = await codes(centre, count=5)
    tickets = {}
    for number, made in enumerate((used, followed, withdrawn, retired, by_hand)):
        tickets[f"gauge-{number}"] = await ticket(centre, made["code"], serial=f"SN-{number}")
        [one] = await waiting(centre)
        await centre.post(f"{BASE}/{one['id']}/approve", {"code": f"gauge-{number}", "name": "Trạm"})
    for code in ("gauge-0", "gauge-1", "gauge-2", "gauge-3"):
        assert (await collected(centre, tickets[code]))[0] == 200
    await centre.owner.execute("update device_keys set seen_at = now() where code = 'gauge-0'")
    assert (await centre.post("/api/v1/devices/gauge-1/key", {}))[0] == 200
    assert (await centre.ask("DELETE", "/api/v1/devices/gauge-2/key"))[0] == 204
    await centre.owner.execute("update devices set lifecycle = 'retired' where code = 'gauge-3'")
    assert (await centre.post("/api/v1/devices/gauge-4/key", {}))[0] == 200
    assert (await centre.ask("DELETE", "/api/v1/devices/gauge-4/key"))[0] == 204
    keys = "select array_agg(hash order by login) from device_keys"
    before = await centre.owner.fetchval(keys)
    assert {code: (await collected(centre, one))[0] for code, one in tickets.items()} == dict.fromkeys(tickets, 403)
    assert await centre.owner.fetchval(keys) == before


async def test_a_code_is_good_once_and_wrong_used_and_old_ones_are_refused_alike(centre: Centre) -> None:
    used, old, taken_back = await codes(centre, count=3)
    await ticket(centre, used["code"])
    await centre.owner.execute(
        "update enrolment_codes set made_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' "
        "where id = $1", old["id"],
    )  # fmt: skip
    assert (await centre.ask("DELETE", f"{BASE}/codes/{taken_back['id']}"))[0] == 204
    answers = []
    for code in (used["code"], old["code"], taken_back["code"], "0000-0000-0000-0000", "nonsense"):
        status, problem = await centre.post(PATH, {"code": code, "serial": "other"}, None)
        problem.pop("instance", None)
        answers.append((status, problem))
    assert answers == [answers[0]] * 5
    assert answers[0][0] == 403


async def test_who_lost_the_ticket_comes_again_with_the_same_serial_number(centre: Centre) -> None:
    [made] = await codes(centre)
    lost, found = [await ticket(centre, made["code"]) for _ in range(2)]
    assert (await collected(centre, lost))[0] == 403
    assert (await collected(centre, found))[1]["state"] == "waiting"
    assert len(await waiting(centre)) == 1


async def test_who_guesses_waits_and_who_has_a_code_is_not_kept_out_for_long(centre: Centre) -> None:
    statuses = [(await centre.post(PATH, {"code": f"0000-0000-0000-{n:04}"}, None))[0] for n in range(60)]
    assert statuses[0] == 403
    assert 429 in statuses


async def test_one_that_is_refused_is_told_why(centre: Centre) -> None:
    [made] = await codes(centre)
    secret = await ticket(centre, made["code"])
    [one] = await waiting(centre)
    status, _ = await centre.post(f"{BASE}/{one['id']}/refuse", {"reason": "không phải của ta"})
    assert status == 200
    answer = (await collected(centre, secret))[1]
    assert {name: value for name, value in answer.items() if value is not None} == {
        "state": "refused",
        "reason": "không phải của ta",
    }
    status, problem = await centre.post(f"{BASE}/{one['id']}/approve", {"code": "gauge-new", "name": "x"})
    assert (status, problem["current"]["state"]) == (409, "refused")


async def test_without_a_place_or_with_a_taken_code_nobody_is_let_in(centre: Centre) -> None:
    [made] = await codes(centre)
    secret = await ticket(centre, made["code"], position=None)
    [one] = await waiting(centre)
    path = f"{BASE}/{one['id']}/approve"
    assert (await centre.post(path, {"code": "gauge-new", "name": "x"}))[0] == 422
    taken = await centre.owner.fetchval("select code from devices limit 1")
    asked = {"code": taken, "name": "x", "position": HOI_AN}
    assert (await centre.post(path, asked))[0] == 409
    assert (await collected(centre, secret))[1]["state"] == "waiting"
    assert (await centre.post(path, asked | {"code": "gauge-new"}))[0] == 200


async def test_no_code_is_made_for_a_centre_that_is_gone(centre: Centre) -> None:
    await centre.owner.execute("insert into centre_merges values ('dai-loc', 'hoi-an', now(), 'lan', '{}')")
    asked = {"subject": "device", "centre": "dai-loc", "profile": "river-gauge"}
    status, problem = await centre.post(f"{BASE}/codes", asked)
    assert (status, problem["code"]) == (422, "centre-gone")
    assert "hoi-an" in problem["title"]


async def test_a_district_that_may_not_register_sees_no_queue_and_a_registrar_only_his_own(centre: Centre) -> None:
    await codes(centre, centre="dai-loc")
    [made] = await codes(centre)
    await ticket(centre, made["code"])
    assert (await centre.get(BASE, "district"))[0] == 403
    assert len(await waiting(centre, "keeper")) == 1
    status, body, _ = await centre.get(f"{BASE}/codes", "keeper")
    assert (status, body["codes"]) == (200, [])
    status, _ = await centre.post(f"{BASE}/codes", {"centre": "dai-loc", "profile": "river-gauge"}, "keeper")
    assert status == 403


async def test_an_unknown_device_that_spoke_stands_in_the_queue_with_what_it_sent(centre: Centre) -> None:
    for number in range(2):
        await centre.owner.execute(
            "insert into dead_letters (topic, head, bytes, sha256, code, reason, arrived_at) "
            "values ('ioc/v1/hoi-an/gauge-lost/readings', $1, 2, '', 'unknown_device', '', now())",
            f'{{"seq": {number}}}'.encode(),
        )
    _, body, _ = await centre.get(BASE)
    [one] = body["spoke"]
    assert (one["centre"], one["code"], one["count"], one["text"]) == ("hoi-an", "gauge-lost", 2, '{"seq": 1}')


async def test_labels_of_what_is_registered(centre: Centre) -> None:
    code = await centre.owner.fetchval("select code from devices limit 1")
    status, body, headers = await centre.get(f"/api/v1/devices/{code}/label")
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert code.encode() in body
    assert (await centre.get("/api/v1/devices/nobody/label"))[0] == 404


async def test_what_is_long_over_is_forgotten(centre: Centre) -> None:
    [made] = await codes(centre)
    await ticket(centre, made["code"])
    now = dt.datetime.now(dt.UTC)
    async with centre.database.transaction(EVERYTHING) as transaction:
        await enrolments.prune(transaction, now)
        assert len(await enrolments.listed(transaction, ("waiting",), 9)) == 1
        await enrolments.prune(transaction, now + dt.timedelta(days=99))
        assert await enrolments.listed(transaction, ("waiting",), 9) == []
