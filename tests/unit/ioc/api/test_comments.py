"""Comments with photographs over HTTP: nothing but their pixels is kept, and no word is lost to a newer version."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.gallery import Gallery
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.incidents import flood

SECRET = b"GPSLatitude 15.8801 GPSLongitude 108.3380 of somebody's home"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    gallery = Gallery(tmp_path / "media", make=False)
    async with running_centre(migrated.url, tmp_path, {"gallery": gallery}) as one:
        gallery.drafts.mkdir()
        yield one


def photograph() -> bytes:
    """A JPEG as a telephone writes it: with the place in an Exif segment."""
    picture = np.random.default_rng(1).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    made, encoded = cv2.imencode(".jpg", picture)
    assert made
    exif = b"Exif\0\0" + SECRET
    return encoded.tobytes()[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + encoded.tobytes()[2:]


async def test_a_photograph_is_kept_without_what_a_telephone_writes_into_it(centre: Centre) -> None:
    incident, _ = await flood(centre)
    sent = photograph()
    assert SECRET in sent
    body = {"text": "Nước ngập tới cửa sổ", "photos": [base64.b64encode(sent).decode()]}
    status, answer = await centre.post(f"/api/v1/incidents/{incident}/comment", body, "operator")
    assert status == 200, answer
    [line] = answer["log"]
    assert (line["what"], line["text"], len(line["photos"])) == ("comment", "Nước ngập tới cửa sổ", 1)
    status, kept, headers = await centre.get(line["photos"][0], "operator")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert b"Exif" not in kept
    assert SECRET not in kept
    assert cv2.imdecode(np.frombuffer(kept, np.uint8), cv2.IMREAD_COLOR).shape == (120, 160, 3)
    row = await centre.owner.fetchrow("select centre, area, kind, retention, sha256 from media")
    assert tuple(row)[:4] == ("quang-nam", "502@2024-09-01", "comment", "comment")
    assert row["sha256"] == hashlib.sha256(kept).digest()
    assert (await centre.get(line["photos"][0], "district"))[0] == 404


async def test_a_comment_needs_no_version_and_one_that_is_given_counts(centre: Centre) -> None:
    incident, _ = await flood(centre)
    path = f"/api/v1/incidents/{incident}/comment"
    for number in range(3):
        status, answer = await centre.post(path, {"text": f"lời {number}"}, "operator")
        assert (status, answer["version"]) == (200, number + 2)
    assert (await centre.post(path, {"text": "x", "expected_version": 1}, "operator"))[1]["code"] == "stale-version"
    assert (await centre.post(path, {"text": " "}, "operator"))[0] == 400
    assert (await centre.post(path, {"text": "x"}, "viewer"))[0] == 403
    assert (await centre.post(path, {"text": "x"}, "district"))[0] == 404


async def test_what_is_no_picture_is_refused_and_nothing_is_entered(centre: Centre) -> None:
    incident, _ = await flood(centre)
    for data in (b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n but no more", b"\xff\xd8\xff"):
        body = {"text": "x", "photos": [base64.b64encode(data).decode()]}
        status, answer = await centre.post(f"/api/v1/incidents/{incident}/comment", body, "operator")
        assert (status, answer["code"]) == (422, "photo-refused")
    assert await centre.owner.fetchval("select count(*) from incident_log") == 0
    assert await centre.owner.fetchval("select count(*) from media") == 0


async def test_without_room_for_photographs_nothing_is_entered(centre: Centre, tmp_path: Path) -> None:
    incident, _ = await flood(centre)
    (tmp_path / "media").rename(tmp_path / "gone")
    body = {"text": "x", "photos": [base64.b64encode(photograph()).decode()]}
    status, answer = await centre.post(f"/api/v1/incidents/{incident}/comment", body, "operator")
    assert (status, answer["code"]) == (503, "photos-not-kept")
    assert await centre.owner.fetchval("select count(*) from incident_log") == 0
