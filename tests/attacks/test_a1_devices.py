"""A1: no device speaks for another. Every wrong pair of name and topic, tried at a real Mosquitto with our files and
listened to by the real intake; after all of it each device is still heard, and for itself alone."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path
from urllib.parse import quote

import asyncpg
import paho.mqtt.client as paho
import pytest

from ioc.access.scope import EVERYTHING
from ioc.admission import Admission
from ioc.clock import now
from ioc.embedded.postgres import free_port
from ioc.embedded.users import INTAKE
from ioc.intake import intake
from ioc.refusals import ACT, TOPICS, Refusals
from ioc.registration.record import AnyRecord, Author
from ioc.settings import Settings
from ioc.store import keys, register_changes
from ioc.store.database import Database
from ioc.store.keys import Issued
from sensors.denials import LONGEST
from sensors.sign_ins import heard
from tests.conftest import Fresh
from tests.fakes.guarded_broker import Crowd, GuardedBroker, Speaker, crowd, guarded_broker
from tests.fakes.mosquitto import until
from tests.unit.ioc.store.test_keys import eye, gauge

pytestmark = pytest.mark.promise("A1")

DENIED = 135
"""Reason code of MQTT 5, 3.4.2.1: not authorised."""

CENTRES = {"gauge-a": "dai-loc", "gauge-b": "dai-loc", "gauge-h": "hoi-an", "gateway-a": "dai-loc", "cam-a": "dai-loc"}
BEHIND = "gauge-behind"
CHANNELS = ("readings", "events", "status", "in/x", "receipts")
STRANGE = (
    "$SYS/broker/log/N", "$SYS/broker/uptime", "$CONTROL/dynamic-security/v1", "ioc/intake/ioc-intake", "ioc/v1",
    "ioc/v1/dai-loc", "/ioc/v1/dai-loc/gauge-b/readings", "IOC/V1/dai-loc/gauge-b/readings",
    "ioc/v1/dai-loc/gauge-b/readings/", "ioc/v1//gauge-b/readings", "ioc/v1/dai-loc/gauge-a/../gauge-b/readings",
    "ioc/v1/dai-loc/gauge-a/readings/gauge-b", "ioc/v1/dai-loc/gauge-a/other", "ioc/v2/dai-loc/gauge-a/readings",
    "ioc/v1/dai-loc/x/gauge-a/readings", "ioc/v1/dai-loc/gauge-a~/readings", "ioc/v1/dai-loc/%u/readings",
    "ioc/v1/dai-loc/ioc-intake/readings", "ioc/v1/dai-loc/gauge-b\u200b/readings", "x" * 65_000,
)  # fmt: skip
NAMES = (
    "+", "#", "gauge-+", "%u", "%c", "gauge-b/#", "GAUGE-B", "gauge-b ", "gauge-b\n", "ioc-intake", "ioc-outside",
    "gauge-b~", "gauge-a~~", "gauge-behind", "gauge-draft", "gauge-suspended", "gauge-retired", "root",
)  # fmt: skip


class World:
    """The broker with its field listener, the keys of all devices, and what the intake's user hears."""

    def __init__(self, broker: GuardedBroker, port: int, here: Crowd, held: dict[str, Issued]) -> None:
        self.broker, self.port, self.here, self.held = broker, port, here, held
        self.numbers = iter(range(10**6))

    async def join(self, code: str, **more: object) -> Speaker:
        """A device that signs in rightly."""
        key = self.held[code]
        speaker = self.here.join(key.login, key.key, **{"port": self.port, **more})
        assert await speaker.joined(), code
        return speaker

    def reading(self) -> bytes:
        """A good reading, of another number each."""
        about = {"at": now().isoformat(), "run": "a1", "seq": next(self.numbers), "values": {"water_level": 1.0}}
        return json.dumps(about).encode()

    def log(self) -> str:
        """What the broker wrote down."""
        return (self.broker.folder / "log").read_text("utf-8", "replace")


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture
async def world(fresh: Fresh, database: Database, port: int, tmp_path: Path) -> AsyncIterator[World]:
    """Devices of two centres, a gateway, a camera, and one of each that is not in use; `gauge-a` after a rotation."""
    listener = f"listener {port} 127.0.0.1\nuse_username_as_clientid true"
    async with guarded_broker("log_type debug", "log_dest file {folder}/log", listener) as broker:
        held = await _registered(database)
        admission = Admission(database, broker.files, now)
        await admission.settle()
        hearing = heard(broker.intake(), admission.signed_in, admission.turned_away)
        with crowd(broker) as here:
            async with hearing as listens, asyncio.TaskGroup() as tasks:
                kept = tasks.create_task(admission.run(), name="admission")
                refusals = Refusals(database, broker.folder / "log", now, every_s=0.5)
                noting = tasks.create_task(refusals.run(), name="refusals")
                taking = tasks.create_task(intake(_settings(fresh, broker, tmp_path)), name="intake")
                await until(lambda: listens() and admission.ready)
                yield World(broker, port, here, held)
                taking.cancel()
                noting.cancel()
                kept.cancel()


def _settings(fresh: Fresh, broker: GuardedBroker, folder: Path) -> Settings:
    ours = broker.intake()
    return Settings(
        database_url=fresh.url(), state_dir=str(folder / "state"),
        mqtt_url=f"mqtt://{ours.user}:{quote(ours.password)}@127.0.0.1:{broker.port}",
    )  # fmt: skip


async def _registered(database: Database) -> dict[str, Issued]:
    records: list[AnyRecord] = [
        *(gauge(code, centre=centre) for code, centre in CENTRES.items() if code != "cam-a"),
        eye("cam-a", codec="onvif-ej"),
        gauge(BEHIND, gateway="gateway-a"),
        *(gauge(f"gauge-{life}", lifecycle=life) for life in ("draft", "suspended", "retired")),
    ]
    held = {}
    async with database.transaction(EVERYTHING) as transaction:
        for record in records:
            await register_changes.register_thing(transaction, record, by=Author("registrar"), now=now())
            thing = await keys.thing(transaction, record.subject, record.code)
            if thing is not None and record.code != BEHIND:
                held[record.code] = await keys.issue(transaction, thing, "registrar", now())
        thing = await keys.thing(transaction, "device", "gauge-a")
        assert thing is not None
        held["gauge-a"] = await keys.issue(transaction, thing, "registrar", now())
    assert held["gauge-a"].login == "gauge-a~"
    return held


async def kept(admin: asyncpg.Connection, code: str) -> int:
    """How many readings of a device are in the database."""
    question = "select count(*) from readings r join streams s on s.id = r.stream where s.device = $1"
    return int(await admin.fetchval(question, code))


async def heard_of(admin: asyncpg.Connection, code: str, number: int) -> None:
    """Wait until so many readings of a device are kept."""
    async with asyncio.timeout(20):
        while await kept(admin, code) < number:
            await asyncio.sleep(0.05)


async def all_speak(world: World, admin: asyncpg.Connection) -> None:
    """Each gauge is heard, by one reading more, and nothing else of it is kept."""
    for code in ("gauge-a", "gauge-b", "gauge-h"):
        before = await kept(admin, code)
        speaker = await world.join(code)
        async with asyncio.timeout(20):  # the first of all may come before the intake ever listened
            while await kept(admin, code) == before:
                assert await speaker.says(f"ioc/v1/{CENTRES[code]}/{code}/readings", world.reading()) in (0, 16)
                await asyncio.sleep(0.3)
        speaker.leave()


async def noted(admin: asyncpg.Connection, number: int) -> Counter[tuple[str, str]]:
    """Refused publishes by name and topic in the audit trail, once so many are there; none is folded away."""
    async with asyncio.timeout(20):
        while True:
            rows = await admin.fetch("select thing, after::text as after from audit where act = $1", ACT)
            told = [(row["thing"], json.loads(row["after"])) for row in rows]
            if sum(after["publishes"] for _, after in told) >= number:
                break
            await asyncio.sleep(0.05)
    assert [after["beyond"] for _, after in told] == [0] * len(told)
    found: Counter[tuple[str, str]] = Counter()
    for name, after in told:
        found.update({(name, topic): count for topic, count in after["topics"].items()})
    return found


def not_ours(spy: Speaker) -> list[tuple[str, bytes]]:
    """What was heard and is neither the broker's nor the intake's own word."""
    told = [one for one in spy.got if not one[0].startswith(("$SYS/", "ioc/intake/"))]
    return [(topic, payload) for topic, payload in told if not topic.endswith("/receipts") or b"through" not in payload]


async def test_every_wrong_pair_of_name_and_topic_is_refused_and_written_down(
    world: World, admin: asyncpg.Connection
) -> None:
    await all_speak(world, admin)
    before = {code: await kept(admin, code) for code in (*CENTRES, BEHIND)}
    spy = world.here.join(INTAKE, world.broker.intake().password)
    assert await spy.joined()
    await spy.listens("#", "$SYS/broker/log/#")
    tried: Counter[tuple[str, str]] = Counter()
    for code in CENTRES:
        attacker = await world.join(code)
        others = [*(one for one in CENTRES if one != code), BEHIND, "gauge-draft", "gauge-none"]
        pairs = [
            (other, channel, centre) for other in others for channel in CHANNELS for centre in ("dai-loc", "hoi-an")
        ]
        pairs += [(code, "receipts", CENTRES[code]), (f"{code}~", "readings", CENTRES[code])]
        assert len(pairs) <= TOPICS
        for other, channel, centre in pairs:
            payload = b'{"forged": 1}' if channel == "receipts" else world.reading()
            for retain in (False, True):
                attacker.client.publish(f"ioc/v1/{centre}/{other}/{channel}", payload, qos=1, retain=retain)
            tried[world.held[code].login, f"ioc/v1/{centre}/{other}/{channel}"] += 2
        await until(lambda attacker=attacker, pairs=pairs: len(attacker.answers) == 2 * len(pairs))
        assert set(attacker.answers.values()) == {DENIED}
    assert await noted(admin, tried.total()) == tried
    assert not_ours(spy) == []
    assert {code: await kept(admin, code) for code in before} == before
    assert tried.total() > 700
    await all_speak(world, admin)


async def test_topics_that_are_none_of_a_device_s_lead_nowhere(world: World, admin: asyncpg.Connection) -> None:
    await all_speak(world, admin)
    spy = world.here.join(INTAKE, world.broker.intake().password)
    assert await spy.joined()
    await spy.listens("#")
    denied: Counter[tuple[str, str]] = Counter()
    for code in ("gauge-a", "gateway-a"):
        for topic in STRANGE:
            if topic.startswith(f"ioc/v1/dai-loc/{world.held[code].login}/"):
                assert topic.endswith("~/readings")
            attacker = await world.join(code)
            mid = attacker.client.publish(topic, world.reading(), qos=1).mid
            await until(lambda one=attacker, mid=mid: mid in one.answers or one.connected is False)
            assert attacker.answers.get(mid) not in (0, 16), topic[:80]
            if mid in attacker.answers:  # else the broker broke off, as with whoever breaks the protocol
                shown = topic.replace("\u200b", "\ufffd")
                denied[world.held[code].login, shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"] += 1
    assert denied.total() > len(STRANGE)
    assert await noted(admin, denied.total()) == denied
    for topic in (
        "ioc/v1/dai-loc/+/readings",
        "ioc/v1/#",
        "ioc/v1/+/gauge-b/readings",
        "#",
        "ioc/v1/dai-loc/gauge-b/\0",
    ):
        key = world.held["gauge-h"]
        assert await _closed(world.port, key, topic), topic
    assert not_ours(spy) == []
    await all_speak(world, admin)


async def _closed(port: int, key: Issued, topic: str) -> bool:
    """Whether the broker ends a connection (MQTT 3.1.1, by hand) on which something is published under this topic."""

    def text(one: str) -> bytes:
        return len(one.encode()).to_bytes(2, "big") + one.encode()

    def packet(kind: int, body: bytes) -> bytes:
        assert len(body) < 128
        return bytes([kind, len(body)]) + body

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(packet(0x10, text("MQTT") + b"\x04\xc2\x00\x3c" + text("raw") + text(key.login) + text(key.key)))
        assert (await reader.readexactly(4))[3] == 0
        writer.write(packet(0x32, text(topic) + b"\x00\x01{}"))
        async with asyncio.timeout(10):
            return await reader.read() == b""
    except ConnectionError:
        return True
    finally:
        writer.close()


async def test_no_name_but_one_s_own_opens_the_broker(world: World, admin: asyncpg.Connection) -> None:
    """Every name with every other device's key, names that are patterns, and those of devices that are not in use."""
    pairs = [(world.held[one].login, world.held[two].key) for one, two in permutations(CENTRES, 2)]
    pairs += [(name, world.held["gauge-b"].key) for name in NAMES]
    pairs += [(f"gauge-{life}", world.held[f"gauge-{life}"].key) for life in ("draft", "suspended", "retired")]
    before = world.log().count("disconnected, not authorised")
    for name, key in pairs:
        assert not await world.here.join(name, key, port=world.port).joined(), name
    told = [name for name, _ in pairs if name.isprintable()]  # of the others the broker breaks off silently
    await until(lambda: world.log().count("disconnected, not authorised") >= before + len(told))
    assert len(told) == len(pairs) - 1
    async with asyncio.timeout(10):
        while not await admin.fetchval("select count(*) from audit where act = 'broker.refuse'"):
            await asyncio.sleep(0.05)
    await all_speak(world, admin)


async def test_a_will_and_a_taken_client_id_say_nothing_in_another_s_name(
    world: World, admin: asyncpg.Connection
) -> None:
    await all_speak(world, admin)
    spy = world.here.join(INTAKE, world.broker.intake().password)
    assert await spy.joined()
    await spy.listens("ioc/v1/#")
    victim = await world.join("gauge-h")
    key = world.held["gauge-b"]
    dying = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="dying")
    dying.username_pw_set(key.login, key.key)
    dying.will_set("ioc/v1/hoi-an/gauge-h/status", b'{"online": false}', 1, retain=True)
    dying.connect("127.0.0.1", world.port)
    dying.loop(1.0)
    sock = dying.socket()
    if sock is not None:
        sock.close()  # without a DISCONNECT: a will that was taken is published now
    for taken in ("gauge-h", "ioc-intake", "gauge-a~", "ioc-intake-2"):
        attacker = await world.join("gauge-b", client_id=taken)
        assert await attacker.says("ioc/v1/hoi-an/gauge-h/readings", world.reading()) == DENIED
        attacker.leave()
    assert await noted(admin, 4) == {("gauge-b", "ioc/v1/hoi-an/gauge-h/readings"): 4}
    assert victim.connected
    assert await victim.says("ioc/v1/hoi-an/gauge-h/status", b'{"online": true}') in (0, 16)
    await until(lambda: any(topic.endswith("/status") for topic, _ in spy.got))
    assert [payload for topic, payload in spy.got if topic.endswith("/status")] == [b'{"online": true}']
    await all_speak(world, admin)


async def test_nobody_reads_what_is_another_s(world: World) -> None:
    """Also what is retained, and what would come in the session of another: the broker asks at each delivery."""
    spy = world.here.join(INTAKE, world.broker.intake().password)
    assert await spy.joined()
    for code, centre in CENTRES.items():
        await spy.says(f"ioc/v1/{centre}/{code}/receipts", code.encode(), retain=True)
    await spy.says(f"ioc/v1/dai-loc/{BEHIND}/receipts", BEHIND.encode(), retain=True)
    for code in CENTRES:
        reader = await world.join(code)
        await reader.listens("#", "ioc/v1/#", "ioc/v1/+/+/receipts", "$SYS/#", "ioc/intake/#", "$share/x/ioc/v1/#")
        own = {code.encode(), BEHIND.encode()} if code == "gateway-a" else {code.encode()}
        await until(lambda reader=reader, own=own: {payload for _, payload in reader.got} >= own)
        for other, centre in CENTRES.items():
            await spy.says(f"ioc/v1/{centre}/{other}/receipts", other.encode())
        await spy.says(f"ioc/v1/{CENTRES[code]}/{code}/receipts", b"last")
        await until(lambda reader=reader: any(payload == b"last" for _, payload in reader.got))
        assert {payload for _, payload in reader.got} == own | {b"last"}
        reader.leave()


async def test_one_s_own_device_in_another_s_centre_is_a_dead_letter(world: World, admin: asyncpg.Connection) -> None:
    """The broker lets a device write under its code in any centre, so that it may be moved; the intake does not."""
    await all_speak(world, admin)
    before = await kept(admin, "gauge-a")
    speaker = await world.join("gauge-a")
    assert await speaker.says("ioc/v1/hoi-an/gauge-a/readings", world.reading()) in (0, 16)
    async with asyncio.timeout(20):
        while not await admin.fetchval("select count(*) from dead_letters where code = 'wrong_centre'"):
            await asyncio.sleep(0.05)
    assert await kept(admin, "gauge-a") == before
