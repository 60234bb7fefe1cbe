"""The inbox over HTTP: whose tickets, how short, and told once."""

import gzip
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING
from ioc.data import places
from ioc.store import tickets
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.tickets import ticket

PATH = "/api/v1/inbox"


def basemap(name: str) -> bytes | None:
    return places.basemap(name) if name in places.BASEMAP else None


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path, {"basemap": basemap}) as one:
        yield one


async def put(server: Centre, number: int, **changed: Any) -> None:
    plain = {"area": "502@2024-09-01", "due_at": now()} | changed
    made = ticket(number, incident=str(uuid.UUID(int=9000 + number)), **plain)
    async with server.database.transaction(EVERYTHING) as transaction:
        await tickets.add(transaction, [made])


async def test_each_sees_what_is_theirs_and_who_they_are(centre: Centre) -> None:
    await put(centre, 1)
    await put(centre, 2, unit="roads", centre="quang-nam")
    status, body, headers = await centre.get(PATH, "district")
    assert status == 200
    assert ([one["number"] for one in body["tickets"]], body["total"]) == ([1], 1)
    assert (body["me"]["user"], body["me"]["role"], body["me"]["centre"]) == ("district", "district", "hoi-an")
    assert headers["Cache-Control"] == "private, no-cache"
    assert [one["number"] for one in (await centre.get(PATH, "admin"))[1]["tickets"]] == [1, 2]
    assert (await centre.get(PATH, None))[0] == 401


async def test_what_did_not_change_is_not_told_again(centre: Centre) -> None:
    await put(centre, 1)
    tag = (await centre.get(PATH, "district"))[2]["ETag"]
    status, body, _ = await centre.get(PATH, "district", **{"If-None-Match": tag})
    assert (status, body) == (304, b"")
    await centre.owner.execute("update tickets set version = 2")
    assert (await centre.get(PATH, "district", **{"If-None-Match": tag}))[0] == 200


async def test_the_first_twenty_fit_into_five_kilobytes(centre: Centre) -> None:
    for number in range(1, 41):
        title = f"Nước sông Thu Bồn tại trạm {number} vượt báo động II, ngập đường thôn {number * 7}"
        await put(
            centre, number, id=str(uuid.uuid4()), title=title, title_en=f"River above level II at gauge {number}",
            task=f"Kiểm tra tại chỗ, sơ tán {number} hộ nếu cần",
        )  # fmt: skip
    async with centre.http.get(
        centre.url + PATH,
        headers=centre.bearer("district") | {"Accept-Encoding": "gzip"},
        auto_decompress=False,
    ) as answer:
        packed = await answer.read()
    assert len(packed) <= 5_000
    assert gzip.decompress(packed).startswith(b'{"me":')
    body = (await centre.get(PATH, "district"))[1]
    assert (len(body["tickets"]), body["total"]) == (20, 40)
    assert len((await centre.get(f"{PATH}?limit=100", "district"))[1]["tickets"]) == 40


async def test_the_ground_around_a_place(centre: Centre) -> None:
    status, body, headers = await centre.get(f"{PATH}/outline?at=108.2,15.5", "district")
    assert status == 200
    assert body["box"] == [108.165, 15.465, 108.235, 15.535]
    assert "Bàn Thạch" in [piece["name"] for piece in body["pieces"] if piece["kind"] == "area"]
    assert headers["Cache-Control"] == "private, max-age=86400"
    for wrong in ("", "?at=x", "?at=1", "?at=nan,1", "?at=200,10"):
        assert (await centre.get(f"{PATH}/outline{wrong}", "district"))[0] == 400, wrong
