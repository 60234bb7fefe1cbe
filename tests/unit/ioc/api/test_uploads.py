"""Uploads over HTTP (tus 1.0.0): they go on where they stopped, are one login's alone, and are judged when whole."""

import asyncio
import base64
import hashlib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ioc.gallery import Gallery
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre

BASE = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
OCTETS = "application/offset+octet-stream"
SECRET = b"GPSLatitude 15.8801 of somebody's home"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    gallery = Gallery(tmp_path / "media", make=False)
    async with running_centre(migrated.url, tmp_path, {"gallery": gallery}) as one:
        gallery.drafts.mkdir()
        yield one


def photograph(side: int = 200) -> bytes:
    """A JPEG as a telephone writes it."""
    picture = np.random.default_rng(1).integers(0, 255, (side, side, 3), dtype=np.uint8)
    _, encoded = cv2.imencode(".jpg", picture)
    exif = b"Exif\0\0" + SECRET
    return encoded.tobytes()[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + encoded.tobytes()[2:]


async def ask(
    centre: Centre, method: str, path: str, who: str = "district", data: bytes | None = None, **headers: str
) -> tuple[int, Any, Any]:
    sent = centre.bearer(who) | TUS | {name.replace("_", "-"): value for name, value in headers.items()}
    async with centre.http.request(method, centre.url + path, data=data, headers=sent) as answer:
        body = await answer.json(content_type=None) if answer.content_type.endswith("json") else None
        return answer.status, body, answer.headers


async def announced(centre: Centre, size: int, who: str = "district", **headers: str) -> str:
    status, body, answer = await ask(centre, "POST", BASE, who, Upload_Length=str(size), **headers)
    assert status == 201, body
    assert answer["Location"] == f"{BASE}/{body['id']}"
    assert answer["Upload-Expires"].endswith("GMT")
    return f"{BASE}/{body['id']}"


async def added(centre: Centre, path: str, data: bytes, offset: int, **headers: str) -> tuple[int, Any, Any]:
    more = {"Content_Type": OCTETS, "Upload_Offset": str(offset)} | headers
    return await ask(centre, "PATCH", path, data=data, **more)


async def offset(centre: Centre, path: str) -> int:
    status, _, headers = await ask(centre, "HEAD", path)
    assert status == 200
    assert headers["Cache-Control"] == "no-store"
    return int(headers["Upload-Offset"])


async def test_a_photograph_comes_in_pieces_and_becomes_its_pixels_alone(centre: Centre) -> None:
    photo = photograph()
    path = await announced(centre, len(photo))
    for at in range(0, len(photo), 20_000):
        assert await offset(centre, path) == at
        status, _, headers = await added(centre, path, photo[at : at + 20_000], at)
        assert (status, headers["Tus-Resumable"]) == (204, "1.0.0")
    status, body, _ = await ask(centre, "GET", path)
    assert (body["whole"], body["offset"], body["taken"]) == (True, len(photo), False)
    [file] = centre.media.glob("*.jpg")
    assert SECRET not in file.read_bytes()
    assert list((centre.media / "uploads").iterdir()) == []
    kept = await centre.owner.fetchrow("select sha256, bytes, picture from uploads")
    assert kept["sha256"] == hashlib.sha256(file.read_bytes()).digest()
    assert str(kept["picture"]) == file.stem


async def test_what_came_of_a_piece_that_was_cut_stays_and_the_rest_follows(centre: Centre) -> None:
    photo = photograph()
    path = await announced(centre, len(photo))
    host, port = centre.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {centre.bearer('district')['Authorization']}"
        f"\r\nTus-Resumable: 1.0.0\r\nContent-Type: {OCTETS}\r\nUpload-Offset: 0\r\nContent-Length: 60000\r\n\r\n"
    )
    writer.write(head.encode() + photo[:20_000])
    await writer.drain()
    async with asyncio.timeout(20):
        while await offset(centre, path) < 16_384:
            await asyncio.sleep(0.01)
        writer.transport.abort()
        while (kept := await offset(centre, path)) < 20_000:
            await asyncio.sleep(0.01)
    del reader
    assert kept == 20_000
    while kept < len(photo):
        status, _, headers = await added(centre, path, photo[kept : kept + 60_000], kept)
        assert status == 204
        kept = int(headers["Upload-Offset"])
    assert (await ask(centre, "GET", path))[1]["whole"]


async def test_a_piece_for_another_offset_is_told_where_to_go_on(centre: Centre) -> None:
    path = await announced(centre, 1_000)
    assert (await added(centre, path, b"x" * 100, 0))[0] == 204
    for wrong in (0, 50, 200):
        status, body, _ = await added(centre, path, b"x" * 100, wrong)
        assert (status, body["code"]) == (409, "upload-offset")
    assert await offset(centre, path) == 100
    status, body, _ = await added(centre, path, b"x" * 901, 100)
    assert (status, body["code"]) == (413, "too-large")


async def test_two_at_once_add_to_it_once(centre: Centre) -> None:
    path = await announced(centre, 1_000)
    found = await asyncio.gather(*(added(centre, path, b"x" * 100, 0) for _ in range(6)))
    assert sorted(status for status, _, _ in found) == [204, 409, 409, 409, 409, 409]
    assert await offset(centre, path) == 100


async def test_what_is_no_photograph_is_refused_when_it_is_whole_and_stays_refused(centre: Centre) -> None:
    path = await announced(centre, 5)
    for piece, at in ((b"hello", 0), (b"", 5)):
        status, body, _ = await added(centre, path, piece, at)
        assert (status, body["code"]) == (422, "photo-refused")
    assert (await ask(centre, "GET", path))[1]["refused"]
    assert list(centre.media.glob("*.jpg")) == []


async def test_a_whole_upload_that_was_not_judged_is_judged_when_it_is_asked_for(centre: Centre) -> None:
    photo = photograph(60)
    path = await announced(centre, len(photo))
    assert (await added(centre, path, photo[:-1], 0))[0] == 204
    id = path.rsplit("/", 1)[-1]  # noqa: A001
    with (centre.media / "uploads" / f"{id}.part").open("ab") as file:
        file.write(photo[-1:])
    await centre.owner.execute("update uploads set received = size")
    assert (await added(centre, path, b"", len(photo)))[0] == 204
    assert (await ask(centre, "GET", path))[1]["whole"]


async def test_a_checksum_that_does_not_fit_keeps_the_piece_out(centre: Centre) -> None:
    path = await announced(centre, 10)
    good = base64.b64encode(hashlib.sha1(b"hello").digest()).decode()  # noqa: S324
    status, body, _ = await added(centre, path, b"hellO", 0, Upload_Checksum=f"sha1 {good}")
    assert (status, body["code"]) == (460, "checksum-mismatch")
    assert await offset(centre, path) == 0
    assert (await added(centre, path, b"hello", 0, Upload_Checksum=f"sha1 {good}"))[0] == 204
    assert (await added(centre, path, b"x", 5, Upload_Checksum="crc7 AAAA"))[0] == 400


async def test_an_announcement_that_is_repeated_is_the_same_upload(centre: Centre) -> None:
    one = await announced(centre, 100, Idempotency_Key="p-0")
    status, body, _ = await ask(centre, "POST", BASE, Upload_Length="100", Idempotency_Key="p-0")
    assert (status, f"{BASE}/{body['id']}") == (201, one)
    assert await centre.owner.fetchval("select count(*) from uploads") == 1


async def test_nobody_else_finds_it_and_no_viewer_uploads(centre: Centre) -> None:
    path = await announced(centre, 100)
    for method in ("GET", "HEAD", "DELETE"):
        assert (await ask(centre, method, path, "admin"))[0] == 404
    headers = {"Content_Type": OCTETS, "Upload_Offset": "0"}
    assert (await ask(centre, "PATCH", path, "operator", b"x", **headers))[0] == 404
    assert (await ask(centre, "POST", BASE, "viewer", Upload_Length="5"))[0] == 403
    assert (await ask(centre, "GET", f"{BASE}/{uuid.uuid4()}"))[0] == 404
    assert (await ask(centre, "GET", f"{BASE}/none"))[0] == 404


async def test_an_upload_is_given_up_and_its_bytes_go(centre: Centre) -> None:
    path = await announced(centre, 100)
    await added(centre, path, b"x" * 50, 0)
    assert (await ask(centre, "DELETE", path))[0] == 204
    assert (await ask(centre, "HEAD", path))[0] == 404
    assert list((centre.media / "uploads").iterdir()) == []


async def test_an_upload_whose_bytes_are_lost_is_forgotten_so_that_it_begins_anew(centre: Centre) -> None:
    path = await announced(centre, 100)
    await added(centre, path, b"x" * 50, 0)
    for file in (centre.media / "uploads").iterdir():
        file.unlink()
    assert (await added(centre, path, b"x" * 50, 50))[0] == 404
    assert (await ask(centre, "HEAD", path))[0] == 404


async def test_the_bounds_of_the_protocol(centre: Centre) -> None:
    status, _, headers = await ask(centre, "OPTIONS", BASE)
    assert (status, headers["Tus-Version"]) == (204, "1.0.0")
    assert "creation" in headers["Tus-Extension"]
    assert (await ask(centre, "POST", BASE, Upload_Length="5", Tus_Resumable="0.2.2"))[0] == 412
    assert (await ask(centre, "POST", BASE))[0] == 400
    assert (await ask(centre, "POST", BASE, Upload_Length=str(8 * 2**20 + 1)))[0] == 413
    path = await announced(centre, 5)
    assert (await ask(centre, "PATCH", path, data=b"x", Upload_Offset="0", Content_Type="image/jpeg"))[0] == 415
    await centre.owner.execute(
        "insert into uploads (id, login, size, created_at, expires_at) "
        "select gen_random_uuid(), 'district', 5, now(), now() + interval '1 day' from generate_series(1, 60)"
    )
    status, body, _ = await ask(centre, "POST", BASE, Upload_Length="5")
    assert (status, body["code"]) == (409, "too-many-uploads")
