"""Evidence over HTTP, by requests to a real server over a real PostgreSQL: holds, ranges, digests, faults."""

import base64
import datetime as dt
import hashlib
import json
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, new_id, now, running_centre

DATA = bytes(range(256)) * 40


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def clip(centre: Centre, home: str = "quang-nam", until: dt.timedelta = dt.timedelta(days=1)) -> str:
    """A clip of a centre's camera."""
    name: uuid.UUID = new_id()
    camera = {"quang-nam": "cam-one", "hoi-an": "cam-two"}[home]
    await centre.owner.execute(
        "insert into media (id, centre, area, source, kind, content_type, bytes, sha256, taken_at, expires_at, "
        "retention, made, seconds) values ($1, $2, '502@2024-09-01', $3, 'clip', 'video/mp4', $4, $5, now(), $6, "
        "'clip', 'remuxed', 12.5)",
        name, home, camera, len(DATA), hashlib.sha256(DATA).digest(), now() + until,
    )  # fmt: skip
    (centre.media / f"{name}.mp4").write_bytes(DATA)
    return f"/api/v1/media/{name}"


async def deeds(centre: Centre, act: str) -> list[dict[str, Any]]:
    rows = await centre.owner.fetch("select who, thing, before, after, text from audit where act = $1 order by id", act)
    return [{**row, **{n: json.loads(row[n]) if row[n] else None for n in ("before", "after")}} for row in rows]


async def test_a_clip_is_given_whole_or_in_parts_with_its_digest(centre: Centre) -> None:
    path = await clip(centre)
    status, body, headers = await centre.get(path, "operator")
    assert (status, body, headers["Content-Type"]) == (200, DATA, "video/mp4")
    digest = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
    assert headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Accept-Ranges"] == "bytes"
    status, body, headers = await centre.get(path, "operator", Range="bytes=100-199")
    assert (status, body) == (206, DATA[100:200])
    assert headers["Content-Range"] == f"bytes 100-199/{len(DATA)}"
    assert (await centre.get(path, "operator", Range="bytes=99999-"))[0] == 416
    assert [row["who"] for row in await deeds(centre, "media.read")] == ["operator"] * 3


async def test_another_centre_s_evidence_is_not_there(centre: Centre) -> None:
    path = await clip(centre, "hoi-an")
    for what in (path, f"{path}/record"):
        assert (await centre.get(what, "operator"))[0] == 404
        assert (await centre.get(what, "district"))[0] == 200
    for what in (f"{path}/hold", f"{path}/release"):
        assert (await centre.post(what, {"why": "an inquiry"}, "operator"))[0] in (403, 404)
    assert await deeds(centre, "media.hold") == []


async def test_what_is_held_stays_to_be_seen_and_says_by_whom(centre: Centre) -> None:
    path = await clip(centre, until=dt.timedelta(seconds=2))
    status, record = await centre.post(f"{path}/hold", {"why": "police inquiry 12"}, "operator")
    assert status == 200, record
    assert {name: record["hold"][name] for name in ("by", "why", "until")} == {
        "by": "operator", "why": "police inquiry 12", "until": None}  # fmt: skip
    assert (record["retention"], record["made"], record["seconds"]) == ("clip", "remuxed", 12.5)
    assert record["sha256"] == hashlib.sha256(DATA).hexdigest()
    await centre.owner.execute("update media set expires_at = now() - interval '1 second'")
    assert (await centre.get(path, "viewer"))[0] == 200
    (deed,) = await deeds(centre, "media.hold")
    assert (deed["before"], deed["after"]["hold"]["why"]) == ({"hold": None}, "police inquiry 12")
    status, record = await centre.post(f"{path}/release", {"why": "the inquiry is over"}, "admin")
    assert (status, record["hold"]) == (200, None)
    assert (await centre.get(path, "admin"))[0] == 404
    (deed,) = await deeds(centre, "media.release")
    assert (deed["text"], deed["before"]["hold"]["by"]) == ("the inquiry is over", "operator")


async def test_only_the_administrator_releases_and_no_viewer_holds(centre: Centre) -> None:
    path = await clip(centre)
    assert (await centre.post(f"{path}/hold", {"why": "an inquiry"}, "viewer"))[0] == 403
    assert (await centre.post(f"{path}/hold", {"why": "an inquiry"}, "operator"))[0] == 200
    assert (await centre.post(f"{path}/release", {"why": "over now"}, "operator"))[0] == 403
    assert (await centre.post(f"{path}/release", {"why": "over now"}, "admin"))[0] == 200
    status, body = await centre.post(f"{path}/release", {"why": "over now"}, "admin")
    assert (status, body["code"]) == (409, "not-held")


async def test_no_operator_releases_by_a_hold_that_ends_sooner(centre: Centre) -> None:
    """Neither their own nor another's; a longer one and a new reason are theirs to give."""
    path, soon, late = await clip(centre), now() + dt.timedelta(minutes=1), now() + dt.timedelta(days=90)

    async def hold(until: dt.datetime | None, who: str = "operator") -> int:
        asked = {"why": "an inquiry", "until": until and until.isoformat()}
        return int((await centre.post(f"{path}/hold", asked, who))[0])

    assert [await hold(soon), await hold(late), await hold(soon)] == [200, 200, 403]
    assert [await hold(None), await hold(late), await hold(None)] == [200, 403, 200]
    assert await hold(late, "admin") == 200


async def test_a_hold_ends_by_itself_and_never_in_the_past(centre: Centre) -> None:
    path = await clip(centre)
    past = {"why": "an inquiry", "until": (now() - dt.timedelta(minutes=1)).isoformat()}
    assert (await centre.post(f"{path}/hold", past, "operator"))[0] == 400
    later = {"why": "an inquiry", "until": (now() + dt.timedelta(days=90)).isoformat()}
    assert (await centre.post(f"{path}/hold", later, "operator"))[0] == 200
    await centre.owner.execute("update media set held_until = now() - interval '1 second'")
    status, record, _ = await centre.get(f"{path}/record", "operator")
    assert (status, record["hold"]) == (200, None)


async def test_a_changed_file_is_not_given_out_and_is_said(centre: Centre) -> None:
    """Also when it was looked at before, and when whoever changed it set its time back."""
    path = await clip(centre)
    assert (await centre.get(path, "operator"))[0] == 200
    (file,) = centre.media.glob("*.mp4")
    before = file.stat()
    file.write_bytes(DATA[:-1] + b"x")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    for _ in range(2):
        status, body, _ = await centre.get(path, "operator")
        assert (status, body["code"]) == (409, "media-changed")
    assert (await centre.get(f"{path}/record", "operator"))[1]["fault"] == "changed"
    assert [row["after"] for row in await deeds(centre, "media.fault")] == [{"fault": "changed"}]
    file.write_bytes(DATA)
    assert (await centre.get(path, "operator"))[0] == 200
    assert (await centre.get(f"{path}/record", "operator"))[1]["fault"] is None


async def test_a_missing_file_is_not_found_and_said(centre: Centre) -> None:
    path = await clip(centre)
    next(centre.media.glob("*.mp4")).unlink()
    assert (await centre.get(path, "operator"))[0] == 404
    assert (await centre.get(f"{path}/record", "operator"))[1]["fault"] == "missing"


async def test_the_metrics_tell_how_much_there_is(centre: Centre) -> None:
    path = await clip(centre)
    await clip(centre, "hoi-an")
    await centre.post(f"{path}/hold", {"why": "an inquiry"}, "operator")
    lines = (await centre.get("/metrics", "admin"))[1].decode().splitlines()
    told = dict(line.split() for line in lines if line.startswith("ioc_media_"))
    assert told == {
        "ioc_media_files": "2", "ioc_media_bytes": str(2 * len(DATA)), "ioc_media_held": str(len(DATA)),
        "ioc_media_faults": "0"}  # fmt: skip


@pytest.mark.parametrize("name", ["..%2fx", "0", "%00", f"{uuid.UUID(int=1)}.mp4", "../../etc/passwd"])
async def test_no_other_name_leads_to_a_file(centre: Centre, name: str) -> None:
    for tail in ("", "/record"):
        assert (await centre.get(f"/api/v1/media/{name}{tail}", "admin"))[0] == 404
