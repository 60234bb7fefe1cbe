"""Who may sign in at a real broker follows the register: keys, their rotation, and being cut off."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.admission import Admission
from ioc.clock import now
from ioc.embedded import users
from ioc.embedded.users import INTAKE
from ioc.registration.record import Author, DeviceRecord, Lifecycle
from ioc.store import keys, register_changes, register_rows
from ioc.store.database import Database
from ioc.store.keys import Issued
from sensors.sign_ins import heard
from tests.fakes.guarded_broker import Crowd, GuardedBroker, Speaker, crowd, guarded_broker
from tests.fakes.mosquitto import until
from tests.fakes.things import AI_NGHIA

BY = Author("registrar", "10.0.0.1")
TAKEN, DENIED = (0, 16), 135
"""Reason codes of MQTT 5, 3.4.2.1: taken (with or without a subscriber), and not authorised."""


@pytest.fixture
async def broker() -> AsyncIterator[GuardedBroker]:
    async with guarded_broker() as one:
        yield one


async def registered(database: Database, code: str, gateway: str | None = None, life: Lifecycle = "active") -> None:
    made = DeviceRecord(
        code=code, name=code, centre="dai-loc", area="20500@2025-07-01", kind="river-gauge", position=AI_NGHIA,
        profile="river-gauge", lifecycle=life, gateway=gateway,
    )  # fmt: skip
    async with database.transaction(EVERYTHING) as transaction:
        await register_changes.register_thing(transaction, made, by=BY, now=now())


async def lives(database: Database, code: str, life: Lifecycle) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        record = await register_rows.one(transaction, "device", code)
        assert record is not None
        wanted = msgspec.structs.replace(record, lifecycle=life)
        await register_changes.change_thing(transaction, wanted, by=BY, now=now())


async def issued(database: Database, code: str, at: dt.datetime | None = None) -> Issued:
    async with database.transaction(EVERYTHING) as transaction:
        thing = await keys.thing(transaction, "device", code)
        assert thing is not None
        return await keys.issue(transaction, thing, "registrar", at or now())


async def state(database: Database, code: str) -> keys.KeyState | None:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return (await keys.states(transaction, [code], now())).get(code)


@asynccontextmanager
async def kept(database: Database, broker: GuardedBroker) -> AsyncIterator[Admission]:
    """As `ioc broker` does it: the register followed, and the broker listened to."""
    admission = Admission(database, broker.files, now)
    hearing = heard(broker.intake(), admission.signed_in, admission.turned_away)
    async with hearing as listening, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(admission.run(), name="admission")
        await until(lambda: admission.ready and listening())
        yield admission
        running.cancel()


async def let_in(here: Crowd, user: str, key: str) -> Speaker:
    """Signed in within seconds, tried again and again."""
    async with asyncio.timeout(10):
        while not await (one := here.join(user, key)).joined():
            await asyncio.sleep(0.05)
        return one


async def test_a_key_works_within_seconds_and_is_kept_as_a_hash_alone(
    database: Database, admin: asyncpg.Connection, broker: GuardedBroker
) -> None:
    await registered(database, "gauge-a")
    with crowd(broker) as here:
        async with kept(database, broker):
            key = await issued(database, "gauge-a")
            device = await let_in(here, "gauge-a", key.key)
            assert await device.says("ioc/v1/dai-loc/gauge-a/readings") in TAKEN
            assert await device.says("ioc/v1/dai-loc/gauge-b/readings") == DENIED
            assert not await here.join("gauge-a", "another").joined()
            await until(lambda: broker.names() == {"gauge-a"})
    rows = str([tuple(row) for row in await admin.fetch("select k::text from device_keys k")])
    files = "".join(path.read_text("utf-8", "replace") for path in broker.folder.glob("*") if path.suffix != ".db")
    audit = str([tuple(row) for row in await admin.fetch("select a::text from audit a")])
    assert "$7$101$" in rows
    assert key.key not in rows + files + audit
    assert key.key not in repr(key)


async def test_the_old_key_goes_when_the_new_one_is_used_and_the_names_take_turns(
    database: Database, admin: asyncpg.Connection, broker: GuardedBroker
) -> None:
    await registered(database, "gauge-a")
    with crowd(broker) as here:
        async with kept(database, broker):
            now_used = await issued(database, "gauge-a")
            old = await let_in(here, now_used.login, now_used.key)
            for login in ("gauge-a~", "gauge-a", "gauge-a~"):
                lost = await issued(database, "gauge-a")
                new = await issued(database, "gauge-a")  # the first of the two never reached the device
                assert (lost.login, new.login, new.old) == (login, login, now_used.login)
                assert await old.says("ioc/v1/dai-loc/gauge-a/readings") in TAKEN
                fresh = await let_in(here, new.login, new.key)
                assert not await here.join(lost.login, lost.key).joined()
                await old.gone()
                assert await fresh.says("ioc/v1/dai-loc/gauge-a/readings") in TAKEN
                assert broker.names() == {login}
                about = await state(database, "gauge-a")
                assert about is not None
                assert (about.user, about.expiring) == (login, None)
                assert about.seen_at is not None
                old, now_used = fresh, new
    ends = await admin.fetch("select text from audit where act = 'key.end' and thing = 'gauge-a'")
    assert [row["text"] for row in ends] == ["the new key was used"] * 3


async def test_the_second_name_has_exactly_the_rights_of_the_code(database: Database, broker: GuardedBroker) -> None:
    """Also a gateway's: the receipts of the devices behind it. The patterns do not fit a name with `~`."""
    await registered(database, "gateway-a")
    await registered(database, "gauge-b", "gateway-a")
    await registered(database, "gauge-c")
    with crowd(broker) as here:
        async with kept(database, broker):
            first, second = await issued(database, "gateway-a"), await issued(database, "gateway-a")
            intake = here.join(INTAKE, broker.intake().password)
            assert await intake.joined()
            own = "ioc/v1/dai-loc/gateway-a"
            topics = [f"{own}/{one}" for one in ("readings", "events", "status", "in/up/1", "receipts", "other")]
            topics += [one.replace("gateway-a", "gateway-a~") for one in topics] + ["ioc/v1/dai-loc/gauge-b/readings"]
            told = {}
            for key in (first, second):
                speaker = here.join(key.login, key.key)
                if not await speaker.joined():
                    speaker = await let_in(here, key.login, key.key)
                await speaker.listens("ioc/v1/#", "$SYS/#", "ioc/intake/#")
                said = [await speaker.says(topic) in TAKEN for topic in topics]
                for code in ("gauge-c", "gauge-b", "gateway-a", "gateway-a~"):
                    await intake.says(f"ioc/v1/dai-loc/{code}/receipts", code.encode())
                await until(lambda speaker=speaker: len(speaker.got) >= 2)
                told[key.login] = said, [payload for _, payload in speaker.got]
    assert told["gateway-a"] == told["gateway-a~"]
    assert told["gateway-a"] == ([True] * 4 + [False] * 9, [b"gauge-b", b"gateway-a"])


async def test_an_old_key_that_nobody_replaces_ends_after_a_week(database: Database, broker: GuardedBroker) -> None:
    await registered(database, "gauge-a")
    first = await issued(database, "gauge-a", now() - dt.timedelta(days=9))
    second = await issued(database, "gauge-a", now() - dt.timedelta(days=7) + dt.timedelta(seconds=3))
    assert (second.old, second.old_until) is not None
    with crowd(broker) as here:
        async with kept(database, broker):
            old = await let_in(here, first.login, first.key)
            assert broker.names() == {"gauge-a", "gauge-a~"}
            await old.gone()
            assert broker.names() == {"gauge-a~"}


@pytest.mark.parametrize("life", ["suspended", "retired", "draft"])
async def test_who_is_taken_out_of_use_is_cut_off_within_seconds(
    database: Database, broker: GuardedBroker, life: Lifecycle
) -> None:
    """And the others stay as they are. What is suspended comes back with its key, what is retired needs a new one."""
    await registered(database, "gauge-a")
    await registered(database, "gauge-b")
    with crowd(broker) as here:
        async with kept(database, broker):
            key, others = await issued(database, "gauge-a"), await issued(database, "gauge-b")
            device, stays = await let_in(here, "gauge-a", key.key), await let_in(here, "gauge-b", others.key)
            await lives(database, "gauge-a", life)
            await device.gone(5.0)
            assert not await here.join("gauge-a", key.key).joined()
            assert stays.connected
            await lives(database, "gauge-a", "active")
            if life == "retired":
                await until(lambda: "gauge-a" not in broker.names())
                assert await state(database, "gauge-a") is None
                key = await issued(database, "gauge-a")
            assert await (await let_in(here, "gauge-a", key.key)).says("ioc/v1/dai-loc/gauge-a/readings") in TAKEN
            assert stays.connected


async def test_a_key_that_is_withdrawn_opens_nothing(database: Database, broker: GuardedBroker) -> None:
    await registered(database, "gauge-a")
    with crowd(broker) as here:
        async with kept(database, broker):
            key = await issued(database, "gauge-a")
            device = await let_in(here, "gauge-a", key.key)
            async with database.transaction(EVERYTHING) as transaction:
                thing = await keys.thing(transaction, "device", "gauge-a")
                assert thing is not None
                assert await keys.withdraw(transaction, thing, now())
                assert not await keys.withdraw(transaction, thing, now())
            await device.gone(5.0)
            assert await state(database, "gauge-a") is None


async def test_a_broker_that_forgot_or_knows_too_much_is_mended(database: Database, broker: GuardedBroker) -> None:
    """Also what happened while nobody kept its files: the register is the truth."""
    await registered(database, "gauge-a")
    await registered(database, "gauge-b")
    one, two = await issued(database, "gauge-a"), await issued(database, "gauge-b")
    admission = Admission(database, broker.files, now)
    with crowd(broker) as here:
        await admission.settle()
        device, stays = await let_in(here, "gauge-a", one.key), await let_in(here, "gauge-b", two.key)
        await lives(database, "gauge-a", "suspended")
        passwords = broker.folder / "passwords"
        passwords.write_text(passwords.read_text().replace("gauge-b:", "gauge-b:x") + users.line("intruder", "sesame"))
        (broker.folder / "access").write_text("user intruder\ntopic readwrite #\n")
        broker.read_anew()
        await stays.gone()
        assert await here.join("intruder", "sesame").joined()
        another = Admission(database, broker.files_anew(), now)
        await another.settle()
        await device.gone()
        assert broker.names() == {"gauge-b"}
        assert not await here.join("intruder", "sesame").joined()
        assert await (await let_in(here, "gauge-b", two.key)).says("ioc/v1/dai-loc/gauge-b/readings") in TAKEN
        for name in ("passwords", "access"):
            (broker.folder / name).unlink()
        await another.settle()
        assert await (await let_in(here, "gauge-b", two.key)).says("ioc/v1/dai-loc/gauge-b/readings") in TAKEN
        assert {(broker.folder / name).stat().st_mode & 0o777 for name in ("passwords", "access")} == {0o600}
        await another.settle()
        assert another.mended == 2


async def test_refused_sign_ins_are_in_the_audit_trail(
    database: Database, admin: asyncpg.Connection, broker: GuardedBroker
) -> None:
    with crowd(broker) as here:
        async with kept(database, broker) as admission:
            for name in ("gauge-a", "ioc-intake", "gauge-a~"):
                assert not await here.join(name, "guessed").joined()
            await until(lambda: admission._refused == 3)
            await admission.settle()
    row = await admin.fetchrow("select outcome, after from audit where act = 'broker.refuse'")
    assert (row["outcome"], row["after"]) == ("refused", '{"sign_ins": 3}')
