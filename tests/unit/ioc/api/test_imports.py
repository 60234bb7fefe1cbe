"""Files of the register over HTTP: checked, applied, given back."""

import gzip
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.registration import sheet_csv, sheet_xlsx
from ioc.registration.sheet import MOST_BYTES
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.register import HOI_AN, TAM_KY, kept_register

IMPORTS = "/api/v1/register/imports"
HEAD = ["STT", "Mã thiết bị", "Tên", "Kinh độ", "Vĩ độ", "Mẫu cấu hình", "Màu", "Số sê-rri"]


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with kept_register(migrated.url, tmp_path) as one:
        yield one


def line(code: str, place: list[float] | list[str] = TAM_KY, name: str = "Trạm") -> list[str]:
    return ["1", code, name, str(place[0]), str(place[1]), "rain-gauge"]


async def send(
    centre: Centre, content: bytes, who: str = "clerk", media: str = "text/csv", kind: str = "devices", **headers: str
) -> tuple[int, Any]:
    mine = centre.bearer(who) | {"Content-Type": media} | headers
    url = f"{centre.url}{IMPORTS}?kind={kind}"
    async with centre.http.post(url, data=io.BytesIO(content), headers=mine) as answer:
        return answer.status, json.loads(await answer.read())


async def given_back(centre: Centre, about: str, form: str, who: str = "clerk") -> tuple[str, bytes]:
    status, body, headers = await centre.get(f"{IMPORTS}/{about}/refused?f={form}", who)
    assert status == 200
    return headers["Content-Disposition"], body


def cells(content: bytes, form: str) -> list[list[str]]:
    sheet = sheet_csv.read(content, len) if form == "csv" else sheet_xlsx.read(content)
    return [list(one.cells) for one in sheet.lines]


async def test_a_file_is_checked_applied_in_part_and_the_rest_comes_back_to_be_mended(centre: Centre) -> None:
    swapped = line("gauge-b", [15.6, 108.2])
    status, told = await send(centre, sheet_csv.written([HEAD, line("gauge-a"), swapped, line("=bad", name="=1+1")]))
    assert status == 201
    assert told["kind"] == "devices"
    assert told["counts"] == {"new": 1, "changed": 0, "same": 0, "refused": 2, "mendable": 1}
    assert [(row["row"], row["code"], row["outcome"]) for row in told["rows"]] == [
        (2, "gauge-a", "new"), (3, "gauge-b", "refused"), (4, "", "refused"),
    ]  # fmt: skip
    (cell,) = told["rows"][1]["cells"]
    assert (cell["column"], cell["offer"]) == ("Kinh độ", {"text": "15.6, 108.2", "position": [108.2, 15.6]})
    assert "đổi chỗ" in cell["message"]
    assert [(one["heading"], one["near"]) for one in told["headings"]] == [("Màu", ""), ("Số sê-rri", "Số sê-ri")]
    status, done = await centre.post(f"{IMPORTS}/{told['id']}/apply", {}, "clerk")
    assert (status, done["counts"]) == (200, {"new": 1, "changed": 0, "same": 0, "refused": 2, "mendable": 1})
    assert [row["row"] for row in done["rows"]] == [3, 4]
    for form in ("csv", "xlsx"):
        name, content = await given_back(centre, told["id"], form)
        assert name.endswith(f'.{form}"')
        found = cells(content, form)
        assert found[0] == [*HEAD, "Lỗi"]
        assert found[1][:6] == swapped
        assert found[2][1:3] == ["'=bad", "'=1+1"]
        assert "đổi chỗ" in found[1][-1]
    status, done = await centre.post(f"{IMPORTS}/{told['id']}/apply", {"accept_offers": True}, "clerk")
    assert done["counts"] == {"new": 1, "changed": 0, "same": 0, "refused": 1, "mendable": 0}
    status, made, _ = await centre.get("/api/v1/devices/gauge-b", "clerk")
    assert (made["position"], made["lifecycle"], made["updated_by"]) == ([108.2, 15.6], "draft", "clerk")
    _, history, _ = await centre.get("/api/v1/devices/gauge-b/history", "clerk")
    assert [(one["act"], one["reason"]) for one in history["entries"]] == [("import", f"import {told['id']}")]
    acts = [row["act"] for row in await centre.owner.fetch("select act from audit where kind = 'device' order by id")]
    assert acts == ["device.import", "register.import", "device.import", "register.import"]


async def test_the_refused_rows_mended_are_new(centre: Centre) -> None:
    _, told = await send(centre, sheet_csv.written([HEAD, line("gauge-b", ["", "15.6"])]))
    assert told["counts"]["refused"] == 1
    _, content = await given_back(centre, told["id"], "csv")
    rows = cells(content, "csv")
    rows[1][3] = "108,2"
    status, again = await send(centre, sheet_csv.written(rows))
    assert (status, again["counts"]["new"]) == (201, 1)
    assert [one["heading"] for one in again["headings"]] == ["Màu", "Số sê-rri"]


async def test_a_dry_run_can_be_read_again_by_who_sent_it_alone(centre: Centre) -> None:
    content = sheet_xlsx.written(HEAD, [line("gauge-a")], name="devices")
    status, told = await send(centre, content, media=sheet_xlsx.MEDIA)
    assert status == 201
    assert (await centre.get(f"{IMPORTS}/{told['id']}", "clerk"))[1] == told
    for who in ("admin", "keeper"):
        for path in (f"{IMPORTS}/{told['id']}", f"{IMPORTS}/{told['id']}/refused"):
            assert (await centre.get(path, who))[0] == 404
        assert (await centre.post(f"{IMPORTS}/{told['id']}/apply", {}, who))[0] == 404
    assert (await centre.get(f"{IMPORTS}/nothing", "clerk"))[0] == 404
    english = (await centre.get(f"{IMPORTS}/{told['id']}", "clerk", **{"Accept-Language": "en"}))[1]
    assert "passed over" in english["headings"][0]["message"]


async def test_who_may_not_keep_the_register_sends_no_file(centre: Centre) -> None:
    content = sheet_csv.written([HEAD, line("gauge-a")])
    assert (await send(centre, content, "viewer"))[0] == 403
    assert (await send(centre, content, "operator"))[0] == 403
    _, told = await send(centre, sheet_csv.written([HEAD, line("gauge-a", HOI_AN)]))
    assert told["counts"]["refused"] == 1


@pytest.mark.parametrize(
    ("content", "media", "headers", "status", "code"),
    [
        (b"{}", "application/json", {}, 415, "unsupported-media"),
        (gzip.compress(b"Code"), "text/csv", {"Content-Encoding": "gzip"}, 415, "unsupported-media"),
        (b"%PDF-1.7", "text/csv", {}, 422, "sheet-unreadable"),
        (b"Name\na", "text/csv", {}, 422, "sheet-unreadable"),
        (b"x" * (MOST_BYTES + 1), "text/csv", {}, 413, "too-large"),
    ],
)
async def test_what_is_no_file_is_refused(
    centre: Centre, content: bytes, media: str, headers: dict[str, str], status: int, code: str
) -> None:
    found, problem = await send(centre, content, media=media, **headers)
    assert (found, problem["code"]) == (status, code)
    assert (problem.get("detail") is not None) == (code == "sheet-unreadable")


async def test_a_kind_is_asked_for(centre: Centre) -> None:
    status, problem = await send(centre, b"Code\na", kind="gates")
    assert (status, problem["code"]) == (400, "bad-value")
