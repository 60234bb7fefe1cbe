"""Certificates in the register, and which of them are refused."""

import datetime as dt

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.registration.record import Author
from ioc.store import certificates, keys, register_changes, register_rows
from ioc.store.database import Database
from tests.fakes.things import NOW
from tests.unit.ioc.store.test_keys import entered, gauge

LATER = NOW + dt.timedelta(days=1000)


async def signed(database: Database, code: str, serial: str, until: dt.datetime = LATER) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        thing = await keys.thing(transaction, "device", code)
        assert thing is not None
        await certificates.signed(transaction, thing, serial, until, "cli", NOW)


async def refused(database: Database, at: dt.datetime = NOW) -> tuple[set[str], set[str]]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return set(await certificates.revoked(transaction, at)), set(await certificates.barred(transaction, at))


async def lives(database: Database, code: str, lifecycle: str) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        before = await register_rows.one(transaction, "device", code)
        assert before is not None
        wanted = msgspec.structs.replace(before, lifecycle=lifecycle)  # type: ignore[arg-type]
        await register_changes.change_thing(transaction, wanted, by=Author("registrar"), now=NOW)
        await certificates.revoke_retired(transaction, NOW)


async def test_a_certificate_follows_the_life_of_its_device(database: Database) -> None:
    """What is suspended comes back with its certificate, what is retired does not."""
    await entered(database, gauge("gauge-a"))
    await signed(database, "gauge-a", "ff")
    assert await refused(database) == (set(), set())
    await lives(database, "gauge-a", "suspended")
    assert await refused(database) == ({"ff"}, {"gauge-a"})
    assert await refused(database, LATER) == (set(), set())
    await lives(database, "gauge-a", "active")
    assert await refused(database) == (set(), set())
    await lives(database, "gauge-a", "retired")
    await lives(database, "gauge-a", "approved")
    assert await refused(database) == ({"ff"}, set())


async def test_all_certificates_of_a_device_are_revoked_together(database: Database) -> None:
    await entered(database, gauge("gauge-a"), gauge("gauge-b"))
    for code, serial in (("gauge-a", "1"), ("gauge-a", "2"), ("gauge-b", "3")):
        await signed(database, code, serial)
    async with database.transaction(EVERYTHING) as transaction:
        assert await certificates.revoke(transaction, "gauge-a", NOW)
        assert not await certificates.revoke(transaction, "gauge-a", NOW)
    assert await refused(database) == ({"1", "2"}, set())
