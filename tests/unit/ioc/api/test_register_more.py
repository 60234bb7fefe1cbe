"""Photograph and calibration over HTTP, by requests to a real server over a real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.register import CAMERAS, DEVICES, drafted, kept_register

MARKS = [
    {"x": x, "y": y, "lon": 108.2 + x / 1000, "lat": 15.6 - y / 1000} for x in (0.1, 0.9) for y in (0.2, 0.9)
]  # fmt: skip


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with kept_register(migrated.url, tmp_path) as one:
        yield one


async def put_photo(centre: Centre, data: bytes, media: str = "image/jpeg", who: str = "admin") -> tuple[int, Any]:
    headers = centre.bearer(who) | {"Content-Type": media}
    async with centre.http.put(f"{centre.url}{DEVICES}/new-one/photo", data=data, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


def telephone_picture(grey: int) -> bytes:
    """A photograph with a place in it, as telephones write one (an Exif segment behind the first marker)."""
    _, made = cv2.imencode(".jpg", np.full((64, 96, 3), grey, np.uint8))
    exif = b"Exif\0\0" + b"GPS 15.88N 108.33E"
    return made.tobytes()[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + made.tobytes()[2:]


async def test_a_photograph_is_kept_without_its_place_and_the_next_takes_its_place(centre: Centre) -> None:
    await drafted(centre)
    assert (await centre.get(f"{DEVICES}/new-one/photo"))[0] == 404
    status, first = await put_photo(centre, telephone_picture(40))
    assert (status, first["version"]) == (200, 2), first
    status, picture, headers = await centre.get(f"{DEVICES}/new-one/photo", "clerk")
    assert (status, headers["Content-Type"], picture[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert b"GPS" not in picture
    status, second = await put_photo(centre, telephone_picture(200))
    assert (status, second["photo"] != first["photo"]) == (200, True)
    left = await centre.owner.fetch("select id::text from media where source = 'new-one' and expires_at > now()")
    assert [row["id"] for row in left] == [second["photo"]]
    _, told, _ = await centre.get(f"{DEVICES}/new-one/history")
    assert told["entries"][0]["act"] == "photo"
    assert told["entries"][0]["changes"] == [{"field": "photo", "before": first["photo"], "after": second["photo"]}]
    assert (await put_photo(centre, b"no picture"))[1]["code"] == "picture-refused"
    assert (await put_photo(centre, b"x", "text/plain"))[0] == 415
    assert (await put_photo(centre, telephone_picture(1), who="keeper"))[0] == 404
    assert (await put_photo(centre, telephone_picture(1), who="viewer"))[0] == 403


async def test_a_camera_is_tied_to_the_ground_and_loses_the_marks_when_it_turns(centre: Centre) -> None:
    made = await drafted(centre, CAMERAS, bearing=180, fov=60)
    path = f"{CAMERAS}/new-one/calibration"
    status, tied = await centre.ask("PUT", path, {"expected_version": 1, "calibration": MARKS, "bearing": 170})
    assert (status, tied["version"], tied["bearing"], len(tied["calibration"])) == (200, 2, 170, 4), tied
    assert made["view"] != tied["view"] != []
    assert 0 < tied["error_m"] < 10
    assert await centre.owner.fetchval("select st_area(view) > 0 from cameras where code = 'new-one'")
    status, refused = await centre.ask("PUT", path, {"expected_version": 2, "calibration": [MARKS[0]] * 4})
    assert (status, refused["code"]) == (422, "marks-refused")
    assert (await centre.ask("PUT", path, {"expected_version": 1, "calibration": []}))[1]["code"] == "stale-record"
    status, turned = await centre.ask("PATCH", f"{CAMERAS}/new-one", {"expected_version": 2, "bearing": 10})
    assert (status, turned["calibration"], turned["view"] != tied["view"]) == (200, [], True)
