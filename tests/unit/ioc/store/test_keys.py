"""Keys in the register: who sees them, who may write them, and whom they let in."""

import datetime as dt

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.centre_merging import merge
from ioc.registration.broker_key import OVERLAP, hashed
from ioc.registration.record import AnyRecord, Author, CameraRecord, DeviceRecord
from ioc.store import former_topics, keys, register_changes
from ioc.store.database import Database
from ioc.store.keys import Expiring, Issued
from tests.fakes.things import AI_NGHIA, NOW

BY = Author("registrar", "10.0.0.1")
HASH = hashed("k", b"0123456789ab")


def gauge(code: str, **more: object) -> DeviceRecord:
    plain = {"lifecycle": "active", "centre": "dai-loc"} | more
    return DeviceRecord(
        code=code, name=code, area="20500@2025-07-01", kind="river-gauge", position=AI_NGHIA, profile="river-gauge",
        **plain,  # type: ignore[arg-type]
    )  # fmt: skip


def eye(code: str, **settings: object) -> CameraRecord:
    return CameraRecord(
        code=code, name=code, centre="dai-loc", area="20500@2025-07-01", kind="street", position=AI_NGHIA, bearing=90.0,
        fov=60.0, lifecycle="active", settings={"scene": "street", **settings},
    )  # fmt: skip


async def entered(database: Database, *records: AnyRecord) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for one in records:
            await register_changes.register_thing(transaction, one, by=BY, now=NOW)


async def issued(database: Database, code: str, at: dt.datetime = NOW, subject: str = "device") -> Issued:
    async with database.transaction(EVERYTHING) as transaction:
        thing = await keys.thing(transaction, subject, code)
        assert thing is not None
        return await keys.issue(transaction, thing, "registrar", at)


async def test_a_record_tells_of_its_key_and_of_the_one_that_goes(database: Database) -> None:
    await entered(database, gauge("gauge-a"), gauge("gauge-b"))
    first, second = await issued(database, "gauge-a"), await issued(database, "gauge-a")
    assert (first.login, second.login, second.old_until) == ("gauge-a", "gauge-a~", NOW + OVERLAP)
    async with database.transaction(EVERYTHING) as transaction:
        found = await keys.states(transaction, ["gauge-a", "gauge-b"], NOW)
        assert found.keys() == {"gauge-a"}
        assert found["gauge-a"].expiring == Expiring("gauge-a", NOW + OVERLAP)
        assert await keys.next_end(transaction) == NOW + OVERLAP
        assert (await keys.good(transaction, NOW)).keys() == {"gauge-a", "gauge-a~"}
        assert (await keys.good(transaction, NOW + OVERLAP)).keys() == {"gauge-a~"}
        assert await keys.seen(transaction, {"gauge-a": NOW, "stranger": NOW}) == []
        assert await keys.seen(transaction, {"gauge-a~": NOW}) == ["gauge-a"]
        assert (await keys.states(transaction, ["gauge-a"], NOW))["gauge-a"].seen_at == NOW


@pytest.mark.parametrize("lifecycle", ["draft", "approved", "active", "suspended", "retired"])
async def test_who_is_let_in_follows_the_life_cycle(database: Database, lifecycle: str) -> None:
    await entered(database, gauge("gauge-a", lifecycle=lifecycle))
    await issued(database, "gauge-a")
    async with database.transaction(EVERYTHING) as transaction:
        assert bool(await keys.good(transaction, NOW)) == (lifecycle in ("approved", "active"))
        assert await keys.end_retired(transaction) == (["gauge-a"] if lifecycle == "retired" else [])
        assert bool(await keys.states(transaction, ["gauge-a"], NOW)) == (lifecycle != "retired")


async def test_a_camera_speaks_when_it_reports_by_itself(database: Database) -> None:
    await entered(database, eye("cam-a"), eye("cam-b", codec="onvif-ej"))
    async with database.transaction(EVERYTHING) as transaction:
        quiet, speaking = [await keys.thing(transaction, "camera", code) for code in ("cam-a", "cam-b")]
        assert quiet is not None
        assert speaking is not None
        assert (quiet.speaks, speaking.speaks) == (False, True)
        await keys.issue(transaction, speaking, "registrar", NOW)
        assert (await keys.good(transaction, NOW)).keys() == {"cam-b"}


async def test_a_gateway_delivers_for_what_is_not_retired(database: Database) -> None:
    behind = {"gateway": "gateway-a"}
    await entered(database, gauge("gateway-a"), gauge("a1", **behind), gauge("b2", lifecycle="retired", **behind))
    async with database.transaction(EVERYTHING) as transaction:
        assert await keys.behind(transaction) == {"gateway-a": [("dai-loc", "a1")]}


async def test_a_gateway_reads_receipts_where_a_merger_found_it_until_it_is_changed(database: Database) -> None:
    await entered(database, gauge("gateway-a"), gauge("a1", gateway="gateway-a"))
    async with database.transaction(EVERYTHING) as transaction:
        assert await merge(transaction, "dai-loc", "nui-thanh", NOW, "cli:thu") is not None
        found = await keys.behind(transaction)
        assert {gateway: set(some) for gateway, some in found.items()} == {
            "gateway-a": {("nui-thanh", "a1"), ("dai-loc", "a1")}
        }
        await former_topics.end(transaction, ["a1"], "cli:thu", NOW)
        assert await keys.behind(transaction) == {"gateway-a": [("nui-thanh", "a1")]}


async def test_keys_made_elsewhere_are_taken_over_once(database: Database) -> None:
    await entered(database, gauge("gauge-a"))
    async with database.transaction(EVERYTHING) as transaction:
        assert await keys.adopt(transaction, "device", {"gauge-a": HASH}, "cli", NOW) == ["gauge-a"]
        assert await keys.adopt(transaction, "device", {"gauge-a": hashed("x", b"1")}, "cli", NOW) == []
        assert await keys.good(transaction, NOW) == {"gauge-a": HASH}
        thing = await keys.thing(transaction, "device", "gauge-a")
        assert thing is not None
        assert await keys.withdraw(transaction, thing, NOW)
        assert await keys.adopt(transaction, "device", {"gauge-a": HASH}, "cli", NOW) == []
        assert await keys.good(transaction, NOW) == {}


@pytest.mark.parametrize("hash_", ["clear", HASH + "\n", "$7$101$x$y"])
async def test_the_database_itself_takes_nothing_but_a_hash(
    database: Database, admin: asyncpg.Connection, hash_: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await admin.execute(
            "insert into device_keys (login, code, subject, hash, made_at, made_by) "
            "values ('g1', 'g1', 'device', $1, $2, '')",
            hash_, NOW,
        )  # fmt: skip


async def test_keys_are_seen_and_written_with_their_thing_alone(database: Database) -> None:
    await entered(database, gauge("gauge-a"), gauge("gauge-b", centre="hoi-an"))
    await issued(database, "gauge-a")
    await issued(database, "gauge-b")
    elsewhere = Scope(frozenset({"hoi-an"}))
    async with database.transaction(elsewhere) as transaction:
        assert (await keys.states(transaction, ["gauge-a", "gauge-b"], NOW)).keys() == {"gauge-b"}
        assert await keys.thing(transaction, "device", "gauge-a") is None
        await transaction.connection.execute("delete from device_keys")
    reader = Scope(None, writes=frozenset({"incident"}))
    async with database.transaction(reader) as transaction:
        assert (await keys.states(transaction, ["gauge-a", "gauge-b"], NOW)).keys() == {"gauge-a"}
        assert await transaction.connection.execute("delete from device_keys") == "DELETE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await keys.adopt(transaction, "device", {"gauge-b": HASH}, "x", NOW)
