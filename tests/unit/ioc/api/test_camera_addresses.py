"""A camera's address over HTTP: kept sealed, judged first, and its account told to nobody."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.access.scope import EVERYTHING
from ioc.outbound import Allowed
from ioc.probing import Prober
from ioc.store import addresses
from ioc.vault import Vault
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

PASSWORD = "planted-camera/7f3a9c@1"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "keys.json")


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path, vault: Vault) -> AsyncIterator[Centre]:
    more = {"prober": Prober(Allowed.parse("10.20.0.0/16"), now), "vault": vault}
    async with running_centre(migrated.url, tmp_path, more) as one:
        yield one


async def code_of(centre: Centre) -> str:
    code: str = await centre.owner.fetchval("select min(code) from cameras")
    return f"/api/v1/cameras/{code}/address"


async def kept(centre: Centre, vault: Vault) -> list[str]:
    async with centre.database.transaction(EVERYTHING) as transaction:
        return list((await addresses.load_addresses(transaction, vault)).urls.values())


async def test_an_address_is_kept_replaced_and_taken_away(
    centre: Centre, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = await code_of(centre)
    body = {"url": "rtsp://10.20.0.7:8554/a?x=1", "user": "u", "password": PASSWORD}
    assert (await centre.ask("PUT", path, body))[0] == 204
    assert await kept(centre, vault) == ["rtsp://u:planted-camera%2F7f3a9c%401@10.20.0.7:8554/a?x=1"]
    assert (await centre.ask("PUT", path, {"url": "rtsp://v:w@10.20.0.8/b"}))[0] == 204
    assert await kept(centre, vault) == ["rtsp://v:w@10.20.0.8/b"]
    assert (await centre.ask("PUT", path, {"url": ""}))[0] == 204
    assert await kept(centre, vault) == []
    rows = await centre.owner.fetch("select before, after from audit where act = 'camera.address' order by id")
    assert [json.loads(row["after"] or "null") for row in rows] == [
        {"kind": "rtsp", "host": "10.20.0.7", "port": 8554, "path": "/a"},
        {"kind": "rtsp", "host": "10.20.0.8", "port": 554, "path": "/b"},
        None,
    ]
    told = caplog.text + str([tuple(row) for row in await centre.owner.fetch("select * from audit")])
    assert "planted-camera" not in told


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("file:///etc/passwd", "address-wrong"), ("ftp://10.20.0.7/", "address-wrong"), ("10.20.0.7", "address-wrong"),
        ("rtsp://10.20.0.7:99999/", "address-wrong"), ("rtsp://127.0.0.1/", "address-not-allowed"),
        ("rtsp://2130706433/", "address-wrong"), ("http://[::ffff:127.0.0.1]/", "address-not-allowed"),
        ("rtsp://169.254.169.254/latest", "address-not-allowed"), ("rtsp://nobody.invalid/", "address-unknown"),
    ],
)  # fmt: skip
async def test_what_may_not_be_called_is_not_registered(url: str, code: str, centre: Centre, vault: Vault) -> None:
    status, answer = await centre.ask("PUT", await code_of(centre), {"url": url, "password": PASSWORD})
    assert (status, answer["code"]) == (422, code)
    assert await kept(centre, vault) == []


async def test_who_registers_no_cameras_and_who_names_none_are_refused(centre: Centre) -> None:
    body = {"url": "rtsp://10.20.0.7/a"}
    assert (await centre.ask("PUT", await code_of(centre), body, "operator"))[0] == 403
    assert (await centre.ask("PUT", "/api/v1/cameras/cam-none/address", body))[0] == 404


async def test_without_a_key_nothing_is_kept_and_the_reader_is_told(
    centre: Centre, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    vault.path.write_text("damaged")
    body = {"url": "rtsp://10.20.0.7/a", "password": PASSWORD}
    status, answer = await centre.ask("PUT", await code_of(centre), body)
    assert (status, answer["code"]) == (503, "vault-closed")
    assert "bring it back" in caplog.text
    assert await centre.owner.fetchval("select count(*) from camera_addresses") == 0
