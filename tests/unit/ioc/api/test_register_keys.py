"""Keys for many, over HTTP: told once in a file, kept as hashes."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.registration.broker_key import fits
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.register import CAMERAS, DEVICES, HOI_AN, drafted, kept_register, stepped

PATH = "/api/v1/register/keys"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with kept_register(migrated.url, tmp_path) as one:
        yield one


async def asked(centre: Centre, who: str = "admin", **body: Any) -> tuple[int, list[dict[str, str]]]:
    async with centre.http.post(centre.url + PATH, json=body, headers=centre.bearer(who)) as answer:
        text = (await answer.read()).decode("utf-8-sig")
        return answer.status, list(csv.DictReader(io.StringIO(text))) if answer.status == 200 else []


async def test_each_device_has_a_key_of_its_own_and_who_may_have_none_is_named(centre: Centre) -> None:
    for code in ("many-1", "many-2"):
        await drafted(centre, code=code)
    await stepped(centre, DEVICES, await drafted(centre, code="gone"), "retire")
    status, lines = await asked(centre, codes=["many-2", "many-1", "none", "gone", "many-1"])
    assert status == 200
    assert [line["code"] for line in lines] == ["many-2", "many-1", "none", "gone"]
    assert [bool(line["problem"]) for line in lines] == [False, False, True, True]
    kept = {
        row["login"]: row["hash"]
        for row in await centre.owner.fetch("select login, hash from device_keys where hash is not null")
    }
    assert {line["user"] for line in lines if line["user"]} == kept.keys() == {"many-1", "many-2"}
    assert all(fits(line["key"], kept[line["user"]]) for line in lines[:2])
    acts = [row["thing"] for row in await centre.owner.fetch("select thing from audit where act = 'key.issue'")]
    assert sorted(acts) == ["many-1", "many-2"]


async def test_again_gives_the_next_key_beside_the_one_that_is_used(centre: Centre) -> None:
    await drafted(centre, code="many-1")
    await asked(centre, codes=["many-1"])
    _, (line,) = await asked(centre, codes=["many-1"])
    assert line["user"] == "many-1~"
    assert line["old_valid_until"]


async def test_nobody_gives_keys_to_others_things(centre: Centre) -> None:
    await drafted(centre, code="theirs", position=HOI_AN)
    await drafted(centre, CAMERAS, code="cam-plain")
    _, (line,) = await asked(centre, "clerk", codes=["theirs"])
    assert (line["key"], bool(line["problem"])) == ("", True)
    _, (line,) = await asked(centre, codes=["cam-plain"], kind="cameras")
    assert (line["key"], bool(line["problem"])) == ("", True)
    assert (await asked(centre, "viewer", codes=["theirs"]))[0] == 403
    assert (await asked(centre, codes=[]))[0] == 400
