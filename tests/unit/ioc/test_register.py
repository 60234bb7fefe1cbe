"""The register in memory follows the database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.kept import put_checked
from ioc.register import Register, remembered
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.readings import Owner
from sensors.profile import Device
from tests.fakes.things import NOW, device


async def put(database: Database, device: Device) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_device(transaction, device, kind="k", approximate=False, note="", now=NOW)


async def test_a_device_is_known_with_its_owner_its_place_and_its_units(database: Database) -> None:
    await put(database, device())
    async with Register.open(database, profiles()) as register:
        known = register.devices()["gauge-ai-nghia"]
        assert known == device()
        assert register.owners() == {"gauge-ai-nghia": Owner("quang-nam", "20335@2025-07-01")}
        assert register.entries.sources["gauge-ai-nghia"].position == known.position
        assert register.unit_of("gauge-ai-nghia", "water_level") == "m"
        assert register.unit_of("gauge-ai-nghia", "speed") == ""
        assert register.unit_of("gauge-gone", "water_level") == ""
        assert register.retention_of("gauge-ai-nghia") == known.profile.retention
        assert register.interval_of("gauge-ai-nghia") == known.profile.interval_s
        assert (register.retention_of("gauge-gone"), register.interval_of("gauge-gone")) == ("standard", 3600.0)


async def test_a_device_that_is_registered_later_is_known_soon(database: Database) -> None:
    async with Register.open(database, profiles()) as register:
        assert register.devices() == {}
        await put(database, device())
        async with asyncio.timeout(10):
            while not register.devices():
                await asyncio.sleep(0.01)


async def test_a_device_that_is_registered_before_we_listen_is_known_soon(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first reading and then nobody hears of it."""
    listen = Database.listen

    @asynccontextmanager
    async def late(self: Database, channel: str, wake: Callable[[], None]) -> AsyncIterator[asyncpg.Connection]:
        await put(database, device())
        async with listen(self, channel, wake) as connection:
            yield connection

    monkeypatch.setattr(Database, "listen", late)
    async with Register.open(database, profiles()) as register:
        assert register.devices() == {}
        async with asyncio.timeout(10):
            while not register.devices():
                await asyncio.sleep(0.01)


async def test_a_device_of_an_unknown_profile_is_left_out(database: Database) -> None:
    await put(database, device())
    async with Register.open(database, {}) as register:
        assert register.devices() == {}


async def test_while_the_register_cannot_be_read_the_last_one_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ioc.register.RETRY_S", 0.01)
    monkeypatch.setattr("ioc.register.REFRESH_S", 0.01)
    await put(database, device())
    real, away = registry.load_devices, asyncio.Event()

    async def load(*about: object, **more: object) -> object:
        if away.is_set():
            raise ConnectionResetError
        return await real(*about, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(registry, "load_devices", load)
    async with Register.open(database, profiles()) as register:
        away.set()
        async with asyncio.timeout(10):
            while "the last one stays" not in caplog.text:
                await asyncio.sleep(0.01)
            assert set(register.devices()) == {"gauge-ai-nghia"}
            await put(database, device("gauge-b"))
            away.clear()
            while len(register.devices()) < 2:
                await asyncio.sleep(0.01)


async def test_a_register_that_is_kept_stands_in_while_postgresql_is_away(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await put(database, device())
    kept = tmp_path / "register.bin"
    async with Register.open(database, profiles(), keep_at=kept) as register:
        known = register.entries
    assert remembered(kept) == known
    async with Database.later("postgresql://ioc_app:x@127.0.0.1:1/ioc") as nowhere:
        async with Register.open(nowhere, profiles(), keep_at=kept) as register:
            assert register.devices() == {"gauge-ai-nghia": device()}
            assert register.unit_of("gauge-ai-nghia", "water_level") == "m"
        kept.write_bytes(b"damaged")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3), Register.open(nowhere, profiles(), keep_at=kept):
                pass
    assert "no register is kept" in caplog.text


def test_a_register_of_another_version_is_as_none(tmp_path: Path) -> None:
    put_checked(tmp_path / "r", b"\xc1")
    assert remembered(tmp_path / "r") is None
