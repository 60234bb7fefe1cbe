"""Keys over HTTP, by requests to a real server."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.access.scope import EVERYTHING
from ioc.api.models_keys import BrokerOf
from ioc.registration.broker_key import fits
from ioc.store import keys
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

ONE = "/api/v1/devices/gauge-a"
BROKER = BrokerOf(host="broker.example.vn", tls_port=8883, ca="PEM")
_DEVICE = """
insert into {table} (code, centre, area, name, kind, state_since, {more}, geom, lifecycle)
values ('{code}', '{centre}', '502@2024-09-01', 'A', 'x', now(), {values}, 'SRID=4326;POINT(108 15.5)', 'active')
"""


async def enter(centre: Centre, code: str, where: str = "quang-nam", settings: str | None = None) -> None:
    table, more = ("devices", "profile") if settings is None else ("cameras", "settings")
    values = f"'{settings or 'river-gauge'}'"
    await centre.owner.execute(_DEVICE.format(table=table, more=more, values=values, code=code, centre=where))


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path, {"broker": lambda: BROKER}) as one:
        await enter(one, "gauge-a")
        yield one


async def good(centre: Centre) -> dict[str, str]:
    async with centre.database.transaction(EVERYTHING, read_only=True) as transaction:
        return await keys.good(transaction, now())


async def test_a_key_is_told_once_and_kept_nowhere(centre: Centre, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    repeated = {"Idempotency-Key": "one-and-the-same-key"}
    status, told = await centre.post(f"{ONE}/key", {}, **repeated)
    assert (status, told["user"], told["old_valid_until"]) == (200, "gauge-a", None)
    assert told["broker"] == {"host": "broker.example.vn", "port": None, "tls_port": 8883, "ca": "PEM"}
    assert fits(told["key"], (await good(centre))["gauge-a"])
    status, again = await centre.post(f"{ONE}/key", {})
    assert (status, again["user"]) == (200, "gauge-a~")
    assert again["old_valid_until"] is not None
    _, record, _ = await centre.get(ONE)
    assert (record["key"]["user"], record["key"]["expiring"]["user"]) == ("gauge-a~", "gauge-a")
    rows = str([tuple(row) for row in await centre.owner.fetch("select * from audit")])
    rows += str([tuple(row) for row in await centre.owner.fetch("select * from answers")])
    rows += str([tuple(row) for row in await centre.owner.fetch("select * from device_keys")])
    assert "key.issue" in rows
    for key in (told["key"], again["key"]):
        assert key not in rows + caplog.text + str(record)


async def test_a_key_is_withdrawn_and_that_again_is_harmless(centre: Centre) -> None:
    await centre.post(f"{ONE}/key", {})
    for _ in range(2):
        async with centre.http.delete(f"{centre.url}{ONE}/key", headers=centre.bearer("admin")) as answer:
            assert answer.status == 204
    assert await good(centre) == {}
    assert (await centre.get(ONE))[1]["key"] is None
    assert await centre.owner.fetchval("select count(*) from audit where act = 'key.withdraw'") == 1


async def test_who_may_not_register_gets_no_key(centre: Centre) -> None:
    await enter(centre, "gauge-b", "hoi-an")
    for who in ("operator", "viewer"):
        assert (await centre.post(f"{ONE}/key", {}, who))[0] == 403
        assert (await centre.ask("DELETE", f"{ONE}/key", None, who))[0] == 403
    assert (await centre.post(f"{ONE}/key", {}, None))[0] == 401
    assert (await centre.post("/api/v1/devices/none/key", {}))[0] == 404
    assert await good(centre) == {}


async def test_what_is_retired_or_does_not_speak_needs_no_key(centre: Centre) -> None:
    await centre.owner.execute("update devices set lifecycle = 'retired'")
    assert (await centre.post(f"{ONE}/key", {}))[1]["code"] == "key-retired"
    await enter(centre, "cam-a", settings="{}")
    await enter(centre, "cam-b", settings='{"codec": "onvif-ej"}')
    assert (await centre.post("/api/v1/cameras/cam-a/key", {}))[1]["code"] == "key-not-needed"
    assert (await centre.post("/api/v1/cameras/cam-b/key", {}))[1]["user"] == "cam-b"
    assert (await centre.get("/api/v1/cameras/cam-b"))[1]["key"]["user"] == "cam-b"
