"""`ioc secrets rotate`: a new key for what is sealed in the database, and everything sealed anew with it.

It may be interrupted at any moment and run again: an old key goes only when nothing is sealed with it any more, and
processes that run read the file of keys at each use.
"""

import datetime as dt
import os
import pwd
from collections.abc import Awaitable, Callable

from ioc.access.scope import EVERYTHING
from ioc.settings import Settings, SettingsError
from ioc.store import addresses, audit
from ioc.store.database import Database
from ioc.vault import Vault, VaultError

Now = Callable[[], dt.datetime]


def work(now: Now) -> Callable[[Settings], Awaitable[None]]:
    """The work of the one deed that there is."""

    async def run(settings: Settings) -> None:
        if not settings.database_url:
            raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
        async with Database.open(settings.database_url, size=1) as database:
            try:
                anew, gone = await rotate(database, Vault(settings.vault_file), now)
            except VaultError as error:
                raise SettingsError(f"nothing is lost, but not everything was sealed anew: {error}") from None
        print(f"sealed anew: {anew}; old keys taken away: {gone}")  # noqa: T201

    return run


async def rotate(
    database: Database, vault: Vault, now: Now, passing: Callable[[str], None] = lambda point: None
) -> tuple[int, int]:
    """Rotate; how many secrets were sealed anew and how many keys went. Raises VaultError.

    `passing` is called with the name of each point where a stop must harm nothing.
    """
    async with database.transaction(EVERYTHING) as transaction:
        await addresses.seal_plain(transaction, vault)
        found = await addresses.load_addresses(transaction, vault)
    if found.unreadable:
        code, why = min(found.unreadable.items())
        raise VaultError(f"{len(found.unreadable)} addresses cannot be opened, that of {code} because {why}")
    passing("checked")
    async with database.transaction(EVERYTHING) as transaction:
        fresh = await addresses.turn_key(transaction, vault)
    passing("turned")
    anew = 0
    while True:
        async with database.transaction(EVERYTHING) as transaction:
            done = await addresses.seal_anew(transaction, vault)
        passing("sealed")
        anew += done
        if not done:
            break
    async with database.transaction(EVERYTHING) as transaction:
        gone = await addresses.forget_keys(transaction, vault)
        who = f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
        deed = audit.Deed(
            act="secrets.rotate", who=who, kind="camera", thing="", address="local",
            after={"sealed": anew, "key": fresh, "keys_gone": gone},
        )  # fmt: skip
        await audit.record(transaction, deed, now())
    return anew, gone
