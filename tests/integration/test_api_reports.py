"""Reports and notices by requests to a real server over a real PostgreSQL."""

import base64
import datetime as dt
import gzip
import resource
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest

from ioc.gallery import Gallery
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

REPORTS, NOTICES = "/api/v1/reports", "/api/v1/notices"
HERE = [108.1, 15.6]
CAP_NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    more: dict[str, Any] = {}
    folder = tmp_path / "evidence"
    more |= {"gallery": Gallery(folder), "media": folder}
    async with running_centre(migrated.url, tmp_path, more) as one:
        yield one


def new(**changed: Any) -> dict[str, Any]:
    return {"channel": "1022", "number": "4711", "position": HERE, "text": "Nước ngập nửa mét"} | changed


def photo(side: int = 64, suffix: str = ".jpg") -> str:
    picture = np.random.default_rng(1).integers(0, 255, (side, side, 3), np.uint8)
    return base64.b64encode(cv2.imencode(suffix, picture)[1].tobytes()).decode()


def cap_message(identifier: str = "a1", *, info: str = "", **changed: str) -> bytes:
    sent = changed.pop("sent", now().replace(microsecond=0).isoformat())
    head = {"identifier": identifier, "sender": "dai@kttv.vn", "sent": sent, "status": "Actual", "msgType": "Alert"}
    head |= {"scope": "Public"} | changed
    elements = "".join(f"<{key}>{value}</{key}>" for key, value in head.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><alert xmlns="{CAP_NAMESPACE}">{elements}{info}</alert>'.encode()


def cap_info(language: str = "vi-VN", area: str = "<circle>15.6,108.1 2</circle>", **changed: str) -> str:
    words = {"language": language, "category": "Met", "event": "Lũ", "urgency": "Immediate", "severity": "Severe"}
    words |= {"certainty": "Likely", "headline": "Cảnh báo lũ sông Thu Bồn"} | changed
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in words.items())
    return f"<info>{inner}<area><areaDesc>Tam Kỳ</areaDesc>{area}</area></info>"


async def post_cap(
    centre: Centre, body: bytes, who: str = "admin", media: str = "application/cap+xml"
) -> tuple[int, Any]:
    headers = centre.bearer(who) | {"Content-Type": media, "Accept-Language": "en"}
    async with centre.http.post(centre.url + NOTICES, data=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_report_comes_once_and_is_read_by_whom_it_concerns(centre: Centre) -> None:
    status, one = await centre.post(REPORTS, new())
    assert (status, one["number"], one["category"], one["severity"]) == (201, "4711", "flood", "moderate")
    assert (one["centre"], one["area_name"], one["numbers"]) == ("quang-nam", "Bàn Thạch", ["1022:4711"])
    status, again = await centre.post(REPORTS, new(text="another text"))
    assert (status, again) == (200, one)
    assert (await centre.get(f"{REPORTS}/{one['id']}"))[1] == one
    assert (await centre.get(f"{REPORTS}/{one['id']}", "district"))[0] == 404
    for who, allowed in (("operator", 200), ("viewer", 403), (None, 401)):
        assert (await centre.get(REPORTS, who))[0] == allowed
    assert (await centre.post(REPORTS, new(number="2"), "viewer"))[0] == 403
    assert (await centre.post(REPORTS, new(number="3"), "district"))[1]["code"] == "place-beyond"
    assert await centre.owner.fetchval("select count(*) from journal") == 1
    assert await centre.owner.fetchval("select count(*) from audit where act = 'report.enter'") == 1


async def test_without_a_number_what_was_told_makes_it_the_same(centre: Centre) -> None:
    told = new(at=(now() - dt.timedelta(minutes=3)).isoformat())
    del told["number"]
    assert [(await centre.post(REPORTS, told))[0] for _ in range(2)] == [201, 200]
    del told["at"]
    assert [(await centre.post(REPORTS, told))[0] for _ in range(2)] == [201, 201]
    key = {"Idempotency-Key": "k1"}
    assert (await centre.post(REPORTS, told, **key)) == (await centre.post(REPORTS, told, **key))
    assert await centre.owner.fetchval("select count(*) from reports") == 4


async def test_who_told_it_is_seen_by_those_who_step_and_nowhere_else(
    centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    told = new(reporter={"name": "Trần Thị Bí Mật", "phone": "0905123456"})
    status, one = await centre.post(REPORTS, told, **{"Idempotency-Key": "k"})
    assert (status, one["reporter"]) == (201, None)
    _, read, _ = await centre.get(f"{REPORTS}/{one['id']}", "operator")
    assert read["reporter"] == {"name": "Trần Thị Bí Mật", "phone": "0905123456"}
    _, page, _ = await centre.get(REPORTS, "operator")
    assert page["reports"][0]["reporter"] is None
    assert await centre.owner.fetchval("select count(*) from audit where act = 'report.reporter'") == 1
    for table in ("answers", "audit", "changes", "journal", "reports"):
        rows = str([dict(row) for row in await centre.owner.fetch(f"select * from {table}")])
        assert "0905123456" not in rows, table
        assert "Bí Mật" not in rows, table
    assert "0905123456" not in caplog.text


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"position": [15.6, 108.1]}, "bad-value"),
        ({"position": [2.35, 48.85]}, "place-elsewhere"),
        ({"at": "2020-01-01T00:00:00Z"}, "time-not-believed"),
        ({"at": "2100-01-01T00:00:00Z"}, "time-not-believed"),
        ({"at": "2026-01-01T00:00:00"}, "bad-value"),
        ({"category": "ghosts"}, "bad-value"),
        ({"text": "  "}, "bad-value"),
        ({"text": "a\0b"}, "bad-value"),
        ({"channel": "../etc"}, "bad-value"),
        ({"numbers": ["without a system"]}, "bad-value"),
        ({"photos": ["bm90IGEgcGljdHVyZQ=="]}, "photo-refused"),
        ({"photos": ["no base64 at all"]}, "bad-value"),
        ({"more": 1}, "unknown-member"),
    ],
    ids=str,
)
async def test_what_is_no_report_is_refused_with_a_reason(centre: Centre, changed: dict[str, Any], code: str) -> None:
    status, problem = await centre.post(REPORTS, new(**changed))
    assert (status in (400, 422), problem["code"]) == (True, code)
    assert await centre.owner.fetchval("select count(*) from reports") == 0


async def test_photographs_are_kept_as_evidence_without_what_telephones_write_into_them(centre: Centre) -> None:
    raw = base64.b64decode(photo())
    exif = b"Exif\0\0MM\0*GPS 15.5735 N, 108.474 E"
    told = raw[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + raw[2:]
    status, one = await centre.post(REPORTS, new(photos=[base64.b64encode(told).decode(), photo(suffix=".png")]))
    assert (status, len(one["photos"]), one["photos_refused"]) == (201, 2, 0)
    for address in one["photos"]:
        status, jpeg, headers = await centre.get(address, "operator")
        assert (status, headers["Content-Type"]) == (200, "image/jpeg")
        assert b"GPS" not in jpeg
        assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (64, 64, 3)
        assert (await centre.get(address, "district"))[0] == 404
    rows = await centre.owner.fetch("select kind, retention, source, expires_at - taken_at as kept from media")
    assert {(row["kind"], row["retention"], row["source"], row["kept"].days) for row in rows} == {
        ("report", "report", "1022", 90)
    }


async def test_a_body_that_is_too_large_is_refused_unread(centre: Centre) -> None:
    """As its head says, and where it says nothing, at the first byte too many."""
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(60):
            yield b" " * 2**20
            sent += 1

    headers = centre.bearer("admin") | {"Content-Type": "application/json"}
    for path, most in ((REPORTS, 30), (NOTICES, 8)):
        for more in ({}, {"Content-Length": str(60 * 2**20)}):
            sent = 0
            with suppress(aiohttp.ClientConnectionError):  # the server may hang up while we still send
                async with centre.http.post(centre.url + path, data=pieces(), headers=headers | more) as answer:
                    assert answer.status == 413
            assert sent <= most
    assert (await centre.get(REPORTS))[1]["reports"] == []


async def test_a_packed_body_is_as_large_as_what_is_in_it(centre: Centre) -> None:
    """200 MB of nothing are 200 kB packed; they are not unpacked to the end."""
    packed = gzip.compress(b" " * (200 * 2**20), 9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    headers = centre.bearer("admin") | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for path in (REPORTS, NOTICES):
        async with centre.http.post(centre.url + path, data=packed, headers=headers) as answer:
            assert answer.status in (400, 413)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


async def test_reports_are_paged_by_their_arrival(centre: Centre) -> None:
    for number in range(5):
        await centre.post(REPORTS, new(number=str(number), category="road" if number % 2 else "flood"))
    seen, address = [], f"{REPORTS}?limit=2"
    while address:
        _, page, _ = await centre.get(address)
        seen += [one["number"] for one in page["reports"]]
        address = f"{REPORTS}?limit=2&before={page['next']}" if page["next"] else ""
    assert seen == ["4", "3", "2", "1", "0"]
    _, page, _ = await centre.get(f"{REPORTS}?category=road&state=open&channel=1022&since=2020-01-01")
    assert [one["number"] for one in page["reports"]] == ["3", "1"]
    for wrong in ("state=odd", "before=x", "incident=x", "since=yesterday", "colour=red"):
        assert (await centre.get(f"{REPORTS}?{wrong}"))[0] == 400


async def test_a_report_is_withdrawn_once(centre: Centre) -> None:
    _, one = await centre.post(REPORTS, new())
    path = f"{REPORTS}/{one['id']}/withdraw"
    assert (await centre.post(path, {"why": "entered twice"}, "viewer"))[0] == 403
    assert (await centre.post(path, {"why": "entered twice"}, "district"))[0] == 404
    status, after = await centre.post(path, {"why": "entered twice"}, "operator")
    assert (status, after["state"], after["withdrawn_by"]) == (200, "withdrawn", "operator")
    status, problem = await centre.post(path, {"why": "entered twice"})
    assert (status, problem["code"], problem["current"]["state"]) == (409, "withdrawn", "withdrawn")
    assert await centre.owner.fetchval("select count(*) from journal") == 2
    assert await centre.owner.fetchval("select count(*) from audit where act = 'report.withdraw'") == 1


async def test_a_notice_comes_as_json_once(centre: Centre) -> None:
    told = {
        "sender": "dai@kttv.vn", "identifier": "n1", "sent": now().isoformat(), "headline": "Cảnh báo lũ",
        "severity": "severe", "position": HERE, "radius_m": 2000,
        "expires": (now() + dt.timedelta(hours=2)).isoformat(),
    }  # fmt: skip
    status, one = await centre.post(NOTICES, told)
    assert (status, one["state"], one["category"], one["severity"]) == (201, "holds", "flood", "severe")
    assert 2000 <= one["error_m"] < 2200
    assert (await centre.post(NOTICES, told)) == (200, one)
    _, over = await centre.post(
        NOTICES,
        told | {"identifier": "n2", "kind": "cancel", "sent": (now() + dt.timedelta(seconds=1)).isoformat(),
                "references": [{"sender": "dai@kttv.vn", "identifier": "n1", "sent": told["sent"]}]},
    )  # fmt: skip
    assert over["thread"] == one["thread"]
    assert (await centre.get(f"{NOTICES}/{one['id']}"))[1]["state"] == "cancelled"
    _, page, _ = await centre.get(f"{NOTICES}?thread={one['thread']}")
    assert [row["identifier"] for row in page["notices"]] == ["n2", "n1"]
    assert (await centre.get(NOTICES, "viewer"))[0] == 403
    assert (await centre.get(f"{NOTICES}/{one['id']}", "district"))[0] == 404
    assert (await centre.post(NOTICES, told | {"identifier": "n3"}, "district"))[1]["code"] == "place-beyond"


async def test_a_notice_comes_as_cap_in_vietnamese_with_its_english_headline(centre: Centre) -> None:
    info = cap_info("en-US", headline="Flood warning, Thu Bon", event="Flood") + cap_info()
    for media in ("application/cap+xml", "text/xml", "application/xml"):
        status, one = await post_cap(centre, cap_message(info=info, sent="2026-11-25T00:00:00+07:00"), media=media)
    assert status == 200
    assert (one["headline"], one["headline_en"]) == ("Cảnh báo lũ sông Thu Bồn", "Flood warning, Thu Bon")
    assert (one["category"], one["severity"], one["urgency"], one["certainty"]) == (
        "flood", "severe", "immediate", "likely",
    )  # fmt: skip
    assert one["position"] == [pytest.approx(108.1, abs=0.01), pytest.approx(15.6, abs=0.01)]
    assert one["area"] == "20335@2025-07-01"
    assert await centre.owner.fetchval("select count(*) from notices") == 1


async def test_units_may_be_named_by_their_codes(centre: Centre) -> None:
    area = "<geocode><valueName>GSO</valueName><value>20335</value></geocode>"
    _, one = await post_cap(centre, cap_message(info=cap_info(area=area)))
    assert one["area"] == "20335@2025-07-01"
    _, other = await post_cap(centre, cap_message("a2", info=cap_info(area=area.replace("GSO", "SAME"))))
    assert (other["position"], other["state"]) == (None, "kept")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "cap-not_xml"),
        (b"{}", "cap-not_xml"),
        (b"<feed/>", "cap-not_cap"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "cap-doctype"),
        (b"<a>" * 100 + b"</a>" * 100, "cap-large"),
        (cap_message(scope=""), "cap-missing"),
        (cap_message(status="Real"), "cap-wrong"),
        (cap_message(sent="2026-11-25T00:00:00"), "cap-wrong"),
        (cap_message(info=cap_info(area="<polygon>1,2 3,4 5,6</polygon>")), "cap-wrong"),
        (cap_message(info="<identifier>b</identifier>"), "cap-repeated"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_what_is_no_cap_is_refused_with_one_sentence(centre: Centre, body: bytes, code: str) -> None:
    status, problem = await post_cap(centre, body)
    assert (status, problem["code"]) == (422, code)
    assert problem["title"].startswith(("The CAP", "The <", "This document"))
    assert await centre.owner.fetchval("select count(*) from notices") == 0
    assert (await post_cap(centre, body, media="text/plain"))[0] == 415


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"sent": "9999-12-31T23:59:59Z"}, "sent"),
        ({"sent": "9999-12-31T23:59:59-12:00"}, "sent"),
        ({"onset": "0001-01-01T00:00:00+14:00"}, "onset"),
        ({"expires": "9999-12-31T23:59:59-12:00"}, "expires"),
        ({"sender": "a\0b"}, "sender"),
        ({"identifier": "a\0b"}, "identifier"),
        ({"references": [{"sender": "a\0", "identifier": "b", "sent": "2026-01-01T00:00:00Z"}]}, "references.sender"),
        ({"references": [{"sender": "a", "identifier": "b", "sent": "0001-01-01T00:00:00Z"}]}, "references.sent"),
    ],
)
async def test_what_of_a_notice_cannot_be_kept_is_named(centre: Centre, changed: dict[str, Any], name: str) -> None:
    told = {"sender": "dai@kttv.vn", "identifier": "x1", "sent": now().isoformat(), "headline": "Lũ", "position": HERE}
    status, body = await centre.post(NOTICES, told | changed)
    assert (status, body["code"]) == (400, "bad-value")
    assert name in str(body)


@pytest.mark.parametrize("changed", [{"channel": "1022\n"}, {"at": "9999-12-31T23:59:59-12:00"}])
async def test_what_of_a_report_cannot_be_kept_is_a_problem(centre: Centre, changed: dict[str, Any]) -> None:
    status, body = await centre.post(REPORTS, new(**changed))
    assert (status, body["code"]) == (400, "bad-value")
