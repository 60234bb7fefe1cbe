"""The register over HTTP, by requests to a real server over a real PostgreSQL."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import past
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.register import (
    CAMERAS,
    DEVICES,
    HOI_AN,
    LAWFUL,
    PARIS,
    TAM_KY,
    drafted,
    kept_register,
    stepped,
)


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with kept_register(migrated.url, tmp_path) as one:
        yield one


async def codes(centre: Centre, query: str = "", who: str = "admin", path: str = DEVICES) -> list[str]:
    status, body, _ = await centre.get(path + query, who)
    assert status == 200, body
    return [one["code"] for one in body[path.rpartition("/")[2]]]


async def patched(
    centre: Centre, record: dict[str, Any], who: str = "admin", /, path: str = DEVICES, **fields: Any
) -> tuple[int, Any]:
    asked = {"expected_version": record["version"], **fields}
    return await centre.ask("PATCH", f"{path}/{record['code']}", asked, who)


async def test_a_device_comes_from_the_box_into_use_and_its_history_tells_how(centre: Centre) -> None:
    made = await drafted(centre, maker="Vega", serial="7", tags=[" lũ ", "lũ"], warranty_until="2027-01-31")
    assert (made["lifecycle"], made["version"], made["centre"], made["area"], made["area_name"]) == (
        "draft", 1, "quang-nam", "20335@2025-07-01", "Bàn Thạch",
    )  # fmt: skip
    assert (made["kind"], made["tags"], made["state"], made["steps"]) == (
        "river-gauge", ["lũ"], "suspended", ["approve", "retire"],
    )  # fmt: skip
    assert (made["unlawful"], made["blocking"], made["key"]) == (["password_changed_on"], [], None)
    used = await stepped(centre, DEVICES, made, "approve", "activate")
    assert (used["lifecycle"], used["version"], used["state"]) == ("active", 3, "lost")
    status, changed = await patched(centre, used, firmware="2.1", reason="nâng cấp")
    assert (status, changed["firmware"], changed["version"], changed["updated_by"]) == (200, "2.1", 4, "admin")
    _, told, _ = await centre.get(f"{DEVICES}/new-one/history")
    assert [(one["version"], one["act"], one["by"], one["reason"]) for one in told["entries"]] == [
        (4, "change", "admin", "nâng cấp"), (3, "activate", "admin", "theo kế hoạch"),
        (2, "approve", "admin", "theo kế hoạch"), (1, "register", "admin", ""),
    ]  # fmt: skip
    assert told["entries"][0]["changes"] == [{"field": "firmware", "before": None, "after": "2.1"}]
    assert told["next"] is None
    acts = await centre.owner.fetch("select act, thing from audit where kind = 'device' order by id")
    assert [tuple(row) for row in acts] == [
        (f"device.{act}", "new-one") for act in ("register", "approve", "activate", "change")
    ]
    assert await codes(centre) == ["gauge-one", "gauge-two", "new-one"]


async def test_a_camera_is_not_active_before_the_law_is_met(centre: Centre) -> None:
    made = await drafted(centre, CAMERAS, bearing=90, fov=60, height_m=6)
    assert made["scene"] == made["kind"] == "street"
    assert len(made["view"]) > 3
    approved = await stepped(centre, CAMERAS, made, "approve")
    asked = {"expected_version": 2, "reason": "lắp xong"}
    status, refused = await centre.post(f"{CAMERAS}/new-one/activate", asked)
    assert (status, refused["code"], refused["missing"]) == (409, "law-missing", list(LAWFUL))
    assert "QCVN 135:2024/BTTTT" in refused["title"]
    assert "biển báo" in refused["detail"]
    status, told = await patched(centre, approved, path=CAMERAS, **LAWFUL)
    assert (status, told["unlawful"], told["blocking"]) == (200, [], [])
    used = await stepped(centre, CAMERAS, told, "activate")
    assert used["lifecycle"] == "active"
    status, refused = await patched(centre, used, path=CAMERAS, purpose="")
    assert (status, refused["code"], refused["missing"]) == (409, "law-missing", ["purpose"])


async def test_a_device_tells_which_values_its_profile_takes(centre: Centre) -> None:
    made = await drafted(centre, profile="rain-gauge")
    rain = {
        "name": "rain", "unit": "mm", "title": "Lượng mưa từ lần đo trước", "title_en": "Rain since the last reading",
        "minimum": 0.0, "maximum": 300.0,
    }  # fmt: skip
    assert (made["payload"], made["measures"]) == ("ioc", [rain])
    _, told, _ = await centre.get(f"{DEVICES}/new-one")
    assert told["measures"] == [rain]


async def test_what_was_active_before_the_policy_asked_can_be_mended_bit_by_bit(centre: Centre) -> None:
    _, before, _ = await centre.get(f"{CAMERAS}/cam-one")
    assert (before["lifecycle"], before["unlawful"]) == ("active", list(LAWFUL))
    status, told = await patched(centre, before, path=CAMERAS, purpose="giao thông")
    assert (status, len(told["unlawful"])) == (200, 4)


async def test_a_wrong_step_names_those_that_lead_on(centre: Centre) -> None:
    made = await drafted(centre)
    asked = {"expected_version": 1, "reason": "vội"}
    status, refused = await centre.post(f"{DEVICES}/new-one/activate", asked)
    assert (status, refused["code"], refused["steps"]) == (409, "wrong-step", ["approve", "retire"])
    assert (
        refused["title"] == "Ở trạng thái “Nháp” không thể chọn “Đưa vào hoạt động”; có thể chọn: “Duyệt”, “Thanh lý”."
    )
    many = {"codes": [{"code": "new-one", "expected_version": 1}], "step": "activate", "reason": "vội"}
    _, told = await centre.ask("PATCH", DEVICES, many)
    assert told["answers"][0]["title"] == refused["title"]
    status, refused = await centre.post(f"{DEVICES}/new-one/approve", asked | {"expected_version": 9})
    assert (status, refused["code"], refused["current"]["version"]) == (409, "stale-record", made["version"])
    assert (await centre.post(f"{DEVICES}/new-one/approve", asked | {"reason": ""}))[0] == 400


async def test_two_who_change_the_same_record_do_not_overwrite_each_other(centre: Centre) -> None:
    made = await drafted(centre)
    assert (await patched(centre, made, maker="Vega"))[0] == 200
    status, refused = await patched(centre, made, maker="Seba")
    assert (status, refused["code"]) == (409, "stale-record")
    assert (refused["current"]["maker"], refused["current"]["version"]) == ("Vega", 2)


async def test_a_repeated_request_is_carried_out_once(centre: Centre) -> None:
    asked = {"code": "once", "name": "Một", "position": TAM_KY, "profile": "river-gauge"}
    key = {"Idempotency-Key": "box-1"}
    first = await centre.post(DEVICES, asked, **key)
    assert await centre.post(DEVICES, asked, **key) == first
    status, refused = await centre.post(DEVICES, asked)
    assert (first[0], status, refused["code"]) == (201, 409, "code-taken")


@pytest.mark.parametrize(
    ("position", "lon", "lat"),
    [
        ({"crs": "vn2000", "x": 548_000.0, "y": 1_725_000.0}, 108.2, 15.6),
        ({"crs": "EPSG:4326", "x": 108.25, "y": 15.61}, 108.25, 15.61),
    ],
)
async def test_a_place_is_given_in_wgs_84_or_vn_2000(
    centre: Centre, position: dict[str, Any], lon: float, lat: float
) -> None:
    made = await drafted(centre, position=position)
    assert made["position"] == pytest.approx([lon, lat], abs=0.01)


async def test_a_place_that_means_nothing_is_refused_with_one_sentence(centre: Centre) -> None:
    asked = {"code": "x1", "name": "X", "profile": "river-gauge"}
    for position, code in (
        (PARIS, "no-place"),
        ({"crs": "vn2000", "x": 1_725_000.0, "y": 548_000.0}, "place-unmeasured"),
        ([15.6, 108.2], "bad-value"),
    ):
        status, body = await centre.post(DEVICES, asked | {"position": position})
        assert (status, body["code"]) == (400 if code == "bad-value" else 422, code)


async def test_a_registrar_keeps_the_register_of_its_own_centre_alone(centre: Centre) -> None:
    made = await drafted(centre, who="keeper", code="ours", position=HOI_AN)
    assert (made["centre"], made["area"]) == ("hoi-an", "20410@2025-07-01")
    asked = {"code": "theirs", "name": "X", "profile": "river-gauge", "position": TAM_KY}
    assert (await centre.post(DEVICES, asked, "keeper"))[1]["code"] == "place-beyond"
    assert (await centre.post(DEVICES, asked | {"centre": "hoi-an"}, "keeper"))[1]["code"] == "centre-elsewhere"
    assert (await patched(centre, made, "keeper", position=TAM_KY))[1]["code"] == "place-beyond"
    assert (await patched(centre, made, "keeper", centre="quang-nam"))[1]["code"] == "place-beyond"
    assert (await patched(centre, made, "keeper", centre="nowhere"))[1]["code"] == "unknown-centre"
    assert (await patched(centre, made, "clerk", name="x"))[0] == 404
    assert await codes(centre, who="keeper") == ["gauge-two", "ours"]
    assert await codes(centre, who="ward") == ["ours"]
    assert (await patched(centre, made, "ward", position=[108.81, 15.88]))[0] == 200
    for who in ("operator", "viewer"):
        assert (await centre.post(DEVICES, asked, who))[0] == 403
    assert (await centre.owner.fetchval("select version from devices where code = 'ours'")) == 2


@pytest.mark.parametrize("path", [DEVICES, CAMERAS])
async def test_nothing_is_entered_at_or_moved_to_a_centre_that_is_gone(centre: Centre, path: str) -> None:
    """The one that has what was its own now is named, however many mergers lie between."""
    for gone in ("old", "older"):
        await centre.owner.execute(
            "insert into centres (code, name, name_en, kind) values ($1, $1, $1, 'district')", gone
        )
    await centre.owner.execute(
        "insert into centre_merges values ('older', 'old', now(), 'lan', '{}'), ('old', 'hoi-an', now(), 'lan', '{}')"
    )
    made = await drafted(centre, path, code="ours", position=HOI_AN)
    own = {"profile": "river-gauge"} if path == DEVICES else {}
    asked = {"code": "theirs", "name": "X", "position": HOI_AN, "centre": "older", **own}
    for status, problem in (await centre.post(path, asked), await patched(centre, made, path=path, centre="older")):
        assert (status, problem["code"]) == (422, "centre-gone")
        assert problem["title"] == "Trung tâm “older” đã nhập vào “hoi-an”; hãy chọn “hoi-an”."
    status, many = await centre.ask(
        "PATCH", path, {"codes": [{"code": "ours", "expected_version": 1}], "set": {"centre": "old"}, "reason": "gộp"}
    )
    assert (status, many["answers"][0]["problem"]) == (200, "centre-gone")
    assert await codes(centre, path=path, query="?centre=older") == []
    assert (await centre.post(path, asked | {"centre": "hoi-an"}))[0] == 201


async def test_a_code_means_one_thing_also_where_the_registrar_does_not_see_it(centre: Centre) -> None:
    """Who drafts a device by the code of another centre's camera would silence that camera at the intake."""
    await drafted(centre, CAMERAS, "keeper", code="ngo-hoi-an", position=HOI_AN)
    await drafted(centre, DEVICES, "keeper", code="cau-hoi-an", position=HOI_AN)
    asked = {"name": "Trạm", "position": TAM_KY}
    wrong = ((DEVICES, "ngo-hoi-an"), (CAMERAS, "cau-hoi-an"), (DEVICES, "ioc-intake"), (CAMERAS, "ioc-outside"))
    for path, code in wrong:
        own = {"profile": "river-gauge"} if path == DEVICES else {}
        status, body = await centre.post(path, {"code": code, **asked, **own}, "clerk")
        assert (status, body["code"]) == (409, "code-taken"), code


async def test_a_device_that_moves_leaves_its_past_where_it_was(centre: Centre) -> None:
    made = await stepped(centre, DEVICES, await drafted(centre), "approve", "activate")
    status, moved = await patched(centre, made, position=HOI_AN, centre="hoi-an", reason="dời trạm")
    assert (status, moved["centre"], moved["area"]) == (200, "hoi-an", "20410@2025-07-01")
    stood = await centre.owner.fetch("select centre, area from positions where code = 'new-one' order by valid_from")
    assert [tuple(row) for row in stood] == [("quang-nam", "20335@2025-07-01"), ("hoi-an", "20410@2025-07-01")]
    _, told, _ = await centre.get(f"{DEVICES}/new-one/history", "keeper")
    assert {one["field"] for one in told["entries"][0]["changes"]} == {"area", "centre", "position"}
    assert (await centre.get(f"{DEVICES}/new-one/history", "clerk"))[0] == 404


async def test_the_wall_as_it_was_shows_a_device_where_it_stood(centre: Centre) -> None:
    made = await stepped(centre, DEVICES, await drafted(centre), "approve", "activate")
    moments = [await told(centre)]
    await patched(centre, made, position=[108.25, 15.65])
    moments.append(await told(centre))
    await stepped(centre, DEVICES, (await centre.get(f"{DEVICES}/new-one"))[1], "retire")
    moments.append(await told(centre))
    async with centre.database.transaction(EVERYTHING) as transaction:
        await past.keep(transaction)
    await centre.owner.execute(
        "update past_pictures set told_at = $1, change = 0, shown = '{}'", moments[0] - dt.timedelta(minutes=1)
    )
    stood = []
    for at in moments:
        status, body, _ = await centre.get(f"/api/v1/past?at={at:%Y-%m-%dT%H:%M:%S.%fZ}")
        assert status == 200, body
        stood += [one["geometry"]["coordinates"] for one in body["devices"] if one["id"] == "new-one"]
    assert stood == [TAM_KY, [108.25, 15.65]]


async def told(centre: Centre) -> dt.datetime:
    """A moment at which walls have been told of everything."""
    async with asyncio.timeout(20):
        while await centre.owner.fetchval("select exists (select from changes where told_at is null)"):
            await asyncio.sleep(0.02)
    at: dt.datetime = await centre.owner.fetchval("select clock_timestamp()")
    return at


async def test_the_register_is_searched(centre: Centre) -> None:
    await drafted(centre, code="gauge-new", name="Cầu Câu Lâu", tags=["lũ"], warranty_until="2026-01-01")
    await drafted(centre, code="hoi-an-1", name="Cửa Đại", position=HOI_AN, centre="hoi-an", profile="rain-gauge")
    assert await codes(centre, "?q=cau+lau") == ["gauge-new"]
    assert await codes(centre, "?lifecycle=draft") == ["gauge-new", "hoi-an-1"]
    assert await codes(centre, "?lifecycle=draft&centre=hoi-an") == ["hoi-an-1"]
    assert await codes(centre, "?kind=rain-gauge") == ["hoi-an-1"]
    assert await codes(centre, "?tag=lũ") == ["gauge-new"]
    assert await codes(centre, "?fault=silent") == ["gauge-two"]
    assert await codes(centre, "?fault=warranty_over") == ["gauge-new"]
    assert await codes(centre, "?fault=unlawful") == ["gauge-new", "gauge-one", "gauge-two", "hoi-an-1"]
    assert await codes(centre, "?fault=unhealthy") == []
    assert await codes(centre, "?fault=silent", path=CAMERAS) == ["cam-two"]
    assert await codes(centre, "?fault=unlawful", path=CAMERAS) == ["cam-one", "cam-two"]
    await centre.owner.execute("update latest set quality = 1 where stream = 1")
    await centre.owner.execute("update cameras set grade = 'poor' where code = 'cam-one'")
    assert await codes(centre, "?fault=unhealthy") == ["gauge-one"]
    assert await codes(centre, "?fault=unhealthy", path=CAMERAS) == ["cam-one"]
    _, page, _ = await centre.get(f"{DEVICES}?limit=3")
    assert (page["count"], page["next"]) == (4, "gauge-two")
    assert await codes(centre, "?limit=3&after=gauge-two") == ["hoi-an-1"]
    for query in ("?fault=ugly", "?lifecycle=dead", f"?q={'x' * 200}", "?colour=red"):
        assert (await centre.get(DEVICES + query))[0] == 400, query


async def test_many_are_changed_at_once_and_each_is_answered(centre: Centre) -> None:
    for number in range(3):
        await drafted(centre, code=f"many-{number}")
    asked = {
        "codes": [
            {"code": "many-2", "expected_version": 1}, {"code": "nobody", "expected_version": 1},
            {"code": "many-0", "expected_version": 1}, {"code": "many-1", "expected_version": 7},
        ],
        "set": {"contract": "HĐ 12/2026"}, "step": "approve", "reason": "nghiệm thu",
    }  # fmt: skip
    status, body = await centre.ask("PATCH", DEVICES, asked)
    assert status == 200, body
    assert [(one["code"], one["status"], one["version"], one["problem"]) for one in body["answers"]] == [
        ("many-2", 200, 3, ""), ("nobody", 404, None, "not-found"), ("many-0", 200, 3, ""),
        ("many-1", 409, None, "stale-record"),
    ]  # fmt: skip
    rows = await centre.owner.fetch("select lifecycle, contract from devices where code like 'many%' order by code")
    assert [tuple(row) for row in rows] == [("approved", "HĐ 12/2026"), ("draft", ""), ("approved", "HĐ 12/2026")]


async def test_what_is_refused_of_many_leaves_nothing_behind(centre: Centre) -> None:
    """The fields of a camera that may not be active are not changed either."""
    await stepped(centre, CAMERAS, await drafted(centre, CAMERAS), "approve")
    asked = {"codes": [{"code": "new-one", "expected_version": 2}], "set": {"maker": "Vega"}, "step": "activate"}
    _, body = await centre.ask("PATCH", CAMERAS, asked)
    assert [(one["status"], one["problem"]) for one in body["answers"]] == [(409, "law-missing")]
    assert (await centre.get(f"{CAMERAS}/new-one"))[1]["maker"] == ""


async def test_only_a_registered_gateway_of_the_centre_speaks_for_a_device(centre: Centre) -> None:
    await drafted(centre, code="lns", profile="lorawan-chirpstack")
    made = await drafted(centre, code="behind", gateway="lns")
    assert made["unlawful"] == []
    asked = {"code": "x1", "name": "X", "profile": "river-gauge", "position": TAM_KY}
    for wrong in ({"gateway": "nobody"}, {"gateway": "gauge-two"}, {"profile": "nothing"}, {"retention": "ever"}):
        status, body = await centre.post(DEVICES, asked | wrong)
        assert (status, body["code"]) in ((422, "no-gateway"), (400, "bad-value")), body


async def test_what_is_drafted_or_retired_is_on_no_map_and_can_still_be_read(centre: Centre) -> None:
    made = await drafted(centre)
    items = "/ogc/collections/devices/items?limit=100"
    shown = []
    for steps in ((), ("approve",), ("activate",), ("suspend",), ("retire",)):
        made = await stepped(centre, DEVICES, made, *steps)
        _, found, _ = await centre.get(items)
        shown.append("new-one" in [one["id"] for one in found["features"]])
    assert shown == [False, True, True, True, False]
    assert (await centre.get(f"{DEVICES}/new-one"))[1]["lifecycle"] == "retired"
    ops = await centre.owner.fetch("select op from changes where subject_id = 'new-one' order by id")
    assert [row["op"] for row in ops] == ["put", "put", "put", "removed"]
