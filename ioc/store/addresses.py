"""Where cameras are: host, port and path in the clear, the whole address with user and password sealed.

Only the process that watches cameras opens it again, and nothing shows it.
"""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from cameras.camera import Address
from ioc.store.database import Transaction
from ioc.store.statements import notifying
from ioc.store.tables import CAMERAS
from ioc.store.tables_secrets import CAMERA_ADDRESSES, CAMERA_ADDRESSES_PLAIN
from ioc.vault import Sealed, Vault, VaultError

CHANNEL = "ioc_register"
"""NOTIFY channel that only wakes those who hold the register in memory."""

_TURNING = 7_235_050
"""Advisory lock: who seals a row holds it shared, who makes a key or takes old ones away holds it alone."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said of a camera's address: never user, password or query."""

    kind: str
    host: str
    port: int
    path: str


class Addresses(msgspec.Struct, frozen=True):
    """Camera code to its address with the password; and of those that cannot be read, why."""

    urls: Mapping[str, str] = {}
    unreadable: Mapping[str, str] = {}


def place_of(address: Address) -> Place:
    """The part of an address that is kept in the clear."""
    path = str(address).partition("://")[2].partition("/")[2]
    return Place(kind=address.scheme, host=address.host, port=address.port, path=f"/{path}")


def _belongs(code: str) -> str:
    """What a sealed address is bound to, so that it opens in no other camera's row."""
    return f"camera_addresses/{code}"


async def put_address(transaction: Transaction, code: str, address: Address, vault: Vault) -> None:
    """Keep a camera's address instead of the one it had. Raises VaultError when it cannot be sealed."""
    await _share(transaction)
    await _write(transaction, code, address.url, vault)
    await transaction.run(notifying(CHANNEL))


async def _share(transaction: Transaction) -> None:
    await transaction.connection.execute("select pg_advisory_xact_lock_shared($1)", _TURNING)


async def _write(transaction: Transaction, code: str, url: str, vault: Vault, *, over: bool = True) -> None:
    sealed = vault.seal(_belongs(code), url)
    values = msgspec.structs.asdict(_told(url)) | {"key": sealed.key, "sealed": sealed.data}
    statement = insert(CAMERA_ADDRESSES).values(code=code, **values)
    key = [CAMERA_ADDRESSES.c.code]
    if over:
        await transaction.run(statement.on_conflict_do_update(index_elements=key, set_=values))
    else:
        await transaction.run(statement.on_conflict_do_nothing(index_elements=key))


def _told(url: str) -> Place:
    """What is told of an address, also of one that an earlier version took and nobody can watch."""
    try:
        return place_of(Address(url))
    except ValueError:
        return Place(kind="", host="", port=0, path="")


async def camera_held(transaction: Transaction, code: str) -> tuple[str, str] | None:
    """Centre and area of a camera that the writer may change, which is held until the end; None for another."""
    wanted = sa.select(CAMERAS.c.centre, CAMERAS.c.area).where(CAMERAS.c.code == code).with_for_update()
    row = await transaction.row(wanted)
    return None if row is None else (row["centre"], row["area"])


async def drop_address(transaction: Transaction, code: str) -> None:
    """Forget a camera's address: it is watched no more."""
    for table in (CAMERA_ADDRESSES, CAMERA_ADDRESSES_PLAIN):
        await transaction.run(sa.delete(table).where(table.c.code == code))
    await transaction.run(notifying(CHANNEL))


async def places(transaction: Transaction, codes: list[str] | None = None) -> dict[str, Place]:
    """Where cameras are, by code: all, or those that are asked for. Without any secret.

    The table itself has no scope: ask for the codes of cameras that the reader may see.
    """
    wanted = sa.select(*(CAMERA_ADDRESSES.c[name] for name in ("code", *Place.__struct_fields__)))
    if codes is not None:
        wanted = wanted.where(CAMERA_ADDRESSES.c.code == sa.any_(sa.cast(codes, sa.ARRAY(sa.Text))))
    rows = await transaction.rows(wanted)
    return {row["code"]: Place(**{name: row[name] for name in Place.__struct_fields__}) for row in rows}


async def load_addresses(transaction: Transaction, vault: Vault) -> Addresses:
    """Camera code to its address with the password; for the camera processes alone."""
    columns = (CAMERA_ADDRESSES.c.code, CAMERA_ADDRESSES.c.key, CAMERA_ADDRESSES.c.sealed)
    urls: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for row in await transaction.rows(sa.select(*columns)):
        try:
            urls[row["code"]] = vault.open(_belongs(row["code"]), Sealed(row["key"], bytes(row["sealed"])))
        except VaultError as error:
            unreadable[row["code"]] = str(error)
    return Addresses(urls, unreadable)


async def seal_plain(transaction: Transaction, vault: Vault) -> int:
    """Seal what an earlier version kept in the clear, and take its file off the disk; again is harmless.

    Returns how many there were. Raises VaultError, and then nothing is changed.
    """
    there = sa.select(CAMERA_ADDRESSES_PLAIN.c.code, CAMERA_ADDRESSES_PLAIN.c.url)
    if await transaction.row(there.limit(1)) is None:
        return 0
    await _share(transaction)
    await transaction.connection.execute("lock table camera_addresses_plain in access exclusive mode")
    rows = await transaction.rows(there)
    for row in rows:
        await _write(transaction, row["code"], row["url"], vault, over=False)
    await transaction.connection.execute("truncate camera_addresses_plain")
    await transaction.run(notifying(CHANNEL))
    return len(rows)


async def seal_anew(transaction: Transaction, vault: Vault, most: int = 100) -> int:
    """Seal up to so many rows with the newest key that are sealed with another; how many. Raises VaultError."""
    await _share(transaction)
    wanted = sa.select(CAMERA_ADDRESSES.c.code, CAMERA_ADDRESSES.c.key, CAMERA_ADDRESSES.c.sealed)
    rows = await transaction.rows(
        wanted.where(CAMERA_ADDRESSES.c.key != vault.current).order_by(CAMERA_ADDRESSES.c.code).limit(most)
        .with_for_update()
    )  # fmt: skip
    for row in rows:
        belongs = _belongs(row["code"])
        fresh = vault.seal(belongs, vault.open(belongs, Sealed(row["key"], bytes(row["sealed"]))))
        change = sa.update(CAMERA_ADDRESSES).where(CAMERA_ADDRESSES.c.code == row["code"])
        await transaction.run(change.values(key=fresh.key, sealed=fresh.data))
    return len(rows)


async def turn_key(transaction: Transaction, vault: Vault) -> str:
    """Make a new key, which seals from now on; its id. Raises VaultError.

    The file is read and written as a whole: of two who rotate at once, one would write away the other's key, with which
    something is sealed already.
    """
    await transaction.connection.execute("select pg_advisory_xact_lock($1)", _TURNING)
    return vault.turn()


async def forget_keys(transaction: Transaction, vault: Vault) -> int:
    """Take away the keys with which nothing is sealed any more; how many went, 0 while a row needs one.

    Nobody seals meanwhile, so no row appears that needs a key which goes.
    """
    await transaction.connection.execute("select pg_advisory_xact_lock($1)", _TURNING)
    wanted = sa.select(CAMERA_ADDRESSES.c.code).where(CAMERA_ADDRESSES.c.key != vault.current).limit(1)
    return 0 if await transaction.row(wanted) is not None else vault.forget()
