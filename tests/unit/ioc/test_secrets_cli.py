"""`ioc secrets rotate`: interrupted anywhere and run again, nothing is lost and the old key goes."""

import asyncio
import json
from pathlib import Path

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.secrets_cli import rotate, work
from ioc.settings import Settings, SettingsError
from ioc.store import addresses
from ioc.store.database import Database
from ioc.store.registry import put_camera
from ioc.vault import Vault, VaultError
from tests.conftest import Fresh
from tests.fakes.things import NOW
from tests.unit.ioc.store.test_registry import CAMERA

URLS = {f"cam-{letter}": f"rtsp://u:hunter2@10.20.0.7/{letter}" for letter in "abc"}


async def filled(database: Database, vault: Vault) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for code, url in URLS.items():
            await put_camera(transaction, msgspec.structs.replace(CAMERA, code=code), url, NOW, vault)


async def opened(database: Database, vault: Vault) -> dict[str, str]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return dict((await addresses.load_addresses(transaction, vault)).urls)


class StopError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("point", ["checked", "turned", "sealed"])
async def test_it_may_be_interrupted_anywhere(point: str, database: Database, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys.json")
    await filled(database, vault)
    first = vault.current

    def stop(at: str) -> None:
        if at == point:
            raise StopError

    with pytest.raises(StopError):
        await rotate(database, vault, lambda: NOW, stop)
    assert await opened(database, vault) == URLS
    anew, gone = await rotate(database, vault, lambda: NOW)
    assert (anew, gone) == (3, 1 if point == "checked" else 2)
    assert await opened(database, vault) == URLS
    assert list(json.loads(vault.path.read_text())["keys"]) == [vault.current] != [first]


async def test_two_who_rotate_at_once_write_no_key_of_the_other_away(
    database: Database, fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    vault, passed = Vault(tmp_path / "keys.json"), set[str]()
    await filled(database, vault)

    async def waits() -> bool:
        waiting = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
        return "turned" in passed or bool(await admin.fetchval(waiting))

    async with (
        Database.open(fresh.url(), size=1) as other,
        asyncio.TaskGroup() as tasks,
        database.transaction(EVERYTHING) as transaction,
    ):
        first = await addresses.turn_key(transaction, vault)
        tasks.create_task(rotate(other, vault, lambda: NOW, passed.add), name="rotate")
        async with asyncio.timeout(20):
            while not await waits():
                pass
        assert passed == {"checked"}
        assert vault.current == first
    assert vault.current != first
    assert await opened(database, vault) == URLS


async def test_the_command_rotates_tells_no_secret_and_is_audited(
    database: Database, fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(database_url=fresh.url(), state_dir=str(tmp_path))
    vault = Vault(settings.vault_file)
    await filled(database, vault)
    await work(lambda: NOW)(settings)
    out = capsys.readouterr().out
    assert out == "sealed anew: 3; old keys taken away: 1\n"
    assert await opened(database, vault) == URLS
    row = await admin.fetchrow("select who, after from audit where act = 'secrets.rotate'")
    assert row["who"].startswith("cli:")
    assert json.loads(row["after"]) == {"sealed": 3, "key": vault.current, "keys_gone": 1}


async def test_a_lost_key_stops_it_before_anything_is_changed(database: Database, tmp_path: Path) -> None:
    await filled(database, Vault(tmp_path / "lost.json"))
    vault = Vault(tmp_path / "keys.json")
    with pytest.raises(VaultError, match=r"3 addresses cannot be opened, that of cam-a because .* is missing"):
        await rotate(database, vault, lambda: NOW)
    assert not vault.path.exists()


async def test_it_says_what_it_needs(database: Database, fresh: Fresh, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="IOC_DATABASE_URL"):
        await work(lambda: NOW)(Settings())
    await filled(database, Vault(tmp_path / "lost.json"))
    with pytest.raises(SettingsError, match="nothing is lost"):
        await work(lambda: NOW)(Settings(database_url=fresh.url(), state_dir=str(tmp_path)))
