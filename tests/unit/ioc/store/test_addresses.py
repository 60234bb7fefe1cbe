"""Cameras' addresses are kept sealed, and what is told of them holds no secret."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from cameras.camera import Address
from ioc.access.scope import EVERYTHING
from ioc.store import addresses
from ioc.store.addresses import Place, place_of
from ioc.store.database import Database, Transaction
from ioc.store.registry import put_camera
from ioc.vault import Vault, VaultError
from tests.fakes.things import NOW
from tests.unit.ioc.store.test_registry import CAMERA

URL = "rtsp://gate:hunter2@10.20.0.7:8554/a/b?secret=x"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Keys of this test."""
    return Vault(tmp_path / "keys.json")


@pytest.fixture
async def transaction(database: Database) -> AsyncIterator[Transaction]:
    """A transaction in which two cameras are registered without an address."""
    async with database.transaction(EVERYTHING) as one:
        for code in ("cam-a", "cam-b"):
            await put_camera(one, msgspec.structs.replace(CAMERA, code=code), "", NOW)
        yield one


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (URL, Place(kind="rtsp", host="10.20.0.7", port=8554, path="/a/b")),
        ("http://u:p@[fd00::1]", Place(kind="http", host="[fd00::1]", port=80, path="/")),
        ("rtsp://h/user=admin_password=x_channel=1", Place(kind="rtsp", host="h", port=554, path="/…")),
        ("file:///srv/a.mp4", Place(kind="file", host="", port=0, path="/srv/a.mp4")),
    ],
)
def test_what_is_told_of_an_address_holds_no_secret(url: str, place: Place) -> None:
    assert place_of(Address(url)) == place


async def test_an_address_comes_back_and_is_nowhere_in_the_clear(transaction: Transaction, vault: Vault) -> None:
    await addresses.put_address(transaction, "cam-a", Address("rtsp://x:y@h/1"), vault)
    await addresses.put_address(transaction, "cam-a", Address(URL), vault)
    assert await addresses.load_addresses(transaction, vault) == addresses.Addresses({"cam-a": URL}, {})
    assert await addresses.places(transaction) == {"cam-a": place_of(Address(URL))}
    assert await addresses.places(transaction, ["cam-b"]) == {}
    row = await transaction.connection.fetchrow("select * from camera_addresses")
    assert row is not None
    shown = repr(dict(row))
    assert not any(word in shown for word in ("hunter2", "gate:", "secret"))
    await addresses.drop_address(transaction, "cam-a")
    assert (await addresses.load_addresses(transaction, vault)).urls == {}


async def test_rows_cannot_be_swapped(transaction: Transaction, vault: Vault) -> None:
    """Who can write to the database cannot have the password of one camera sent to the place of another."""
    await addresses.put_address(transaction, "cam-a", Address(URL), vault)
    await addresses.put_address(transaction, "cam-b", Address("rtsp://evil/"), vault)
    await transaction.connection.execute(
        "update camera_addresses b set sealed = a.sealed from camera_addresses a where b.code = 'cam-b' "
        "and a.code = 'cam-a'"
    )
    found = await addresses.load_addresses(transaction, vault)
    assert set(found.urls) == {"cam-a"}
    assert "does not open it" in found.unreadable["cam-b"]


async def test_what_was_in_the_clear_is_sealed_once_and_leaves_the_disk(
    transaction: Transaction, vault: Vault, admin: asyncpg.Connection
) -> None:
    fill = "insert into camera_addresses_plain values ('cam-a', $1), ('cam-b', 'nonsense:x:y')"
    await transaction.connection.execute(fill, URL)
    before = await transaction.connection.fetchval("select pg_relation_filenode('camera_addresses_plain')")
    assert await addresses.seal_plain(transaction, vault) == 2
    assert await addresses.seal_plain(transaction, vault) == 0
    assert (await addresses.load_addresses(transaction, vault)).urls == {"cam-a": URL, "cam-b": "nonsense:x:y"}
    after = await transaction.connection.fetchval("select pg_relation_filenode('camera_addresses_plain')")
    assert before != after, "the old file goes with the transaction"


async def test_a_newer_address_is_not_replaced_by_one_of_before(transaction: Transaction, vault: Vault) -> None:
    await transaction.connection.execute("insert into camera_addresses_plain values ('cam-a', 'rtsp://old/')")
    await addresses.put_address(transaction, "cam-a", Address(URL), vault)
    await addresses.seal_plain(transaction, vault)
    assert (await addresses.load_addresses(transaction, vault)).urls == {"cam-a": URL}


async def test_without_a_key_nothing_is_lost(transaction: Transaction, tmp_path: Path) -> None:
    await transaction.connection.execute("insert into camera_addresses_plain values ('cam-a', $1)", URL)
    (tmp_path / "keys.json").write_text("damaged")
    with pytest.raises(VaultError):
        await addresses.seal_plain(transaction, Vault(tmp_path / "keys.json"))
    assert await transaction.connection.fetchval("select url from camera_addresses_plain") == URL


async def test_an_old_key_goes_when_no_row_needs_it(transaction: Transaction, vault: Vault) -> None:
    for code in ("cam-a", "cam-b"):
        await addresses.put_address(transaction, code, Address(URL), vault)
    vault.turn()
    assert await addresses.seal_anew(transaction, vault, most=1) == 1
    assert await addresses.forget_keys(transaction, vault) == 0
    assert await addresses.seal_anew(transaction, vault) == 1
    assert await addresses.seal_anew(transaction, vault) == 0
    assert await addresses.forget_keys(transaction, vault) == 1
    assert set((await addresses.load_addresses(transaction, vault)).urls.values()) == {URL}
