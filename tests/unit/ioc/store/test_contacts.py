"""Contacts in PostgreSQL."""

import datetime as dt

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store import contacts
from ioc.store.contacts import Kept
from ioc.store.database import Database
from ioc.tell.contact import Way
from ioc.tell.quiet import Quiet
from tests.fakes.telling import AT
from tests.fakes.told_office import MAIL, SMS, Office


async def test_contacts_are_read_as_they_were_kept(database: Database) -> None:
    ways = (Way(channel="sms", address="+84905000111", least="severe"), Way(channel="push"))
    kept = Kept(
        login="lan", ways=ways, quiet=Quiet(since=dt.time(22), until=dt.time(6)), version=3, changed_by="admin",
        changed_at=AT,
    )  # fmt: skip
    async with database.transaction(EVERYTHING) as transaction:
        assert await contacts.one(transaction, "lan") == Kept(login="lan")
        await contacts.save(transaction, kept)
        assert await contacts.one(transaction, "lan", lock=True) == kept


async def test_each_recipient_has_a_contact(database: Database, admin: asyncpg.Connection) -> None:
    office = Office(database, admin)
    await office.person("lan", MAIL, SMS, quiet=(dt.time(22), dt.time(6)), language="en")
    await office.person("old", disabled_at=AT)
    async with database.transaction(EVERYTHING) as transaction:
        found = await contacts.of(transaction, ["lan", "old", "nobody", "@so-giao-thong"])
    lan = found["lan"]
    assert (lan.language, [way.channel for way in lan.ways], lan.reachable) == ("en", ["mail", "sms"], True)
    assert lan.quiet == Quiet(since=dt.time(22), until=dt.time(6))
    assert [found[name].reachable for name in ("old", "nobody", "@so-giao-thong")] == [False, False, True]
