"""The private servers, for real: their start, their end however it comes, and who may do what in them."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import paho.mqtt.client as mqtt
import pytest

from ioc.embedded import SetupError, Stack
from ioc.embedded.places import Places

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="only root starts servers as somebody else")

OWNER = """
import asyncio, json, signal, sys
from pathlib import Path
from ioc.embedded import SetupError, Stack

async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Stack(Path(sys.argv[1]), report=lambda step: None) as stack:
        print(json.dumps({"url": stack.database_url("ioc_owner", tcp=True)}), flush=True)
        await stop.wait()
    print("stopped in peace", flush=True)

try:
    asyncio.run(main())
except SetupError as error:
    print(json.dumps({"sentence": error.sentence}), flush=True)
"""


def quiet(step: str) -> None:
    """A report that nobody reads."""


def remove(state: Path) -> None:
    """The state dir and what lies elsewhere for it."""
    shutil.rmtree(Places(state, "", quiet).elsewhere, ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)


@pytest.fixture
def state() -> Iterator[Path]:
    """A state dir of mode 0700 below /tmp, which everybody can enter (pytest's own tmp_path is closed)."""
    path = Path(tempfile.mkdtemp(prefix="ioc-test-", dir="/tmp"))
    yield path
    remove(path)


@contextlib.contextmanager
def owner(state: Path, *prefix: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, str]]]:
    """A process of its own group that owns a Stack, and what it said when it was ready."""
    argv = [*prefix, sys.executable, "-c", OWNER, str(state)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def mode(path: Path) -> int:
    """Its permission bits."""
    return path.stat().st_mode & 0o777


def owner_of(path: Path) -> int:
    """The user id it belongs to."""
    return path.stat().st_uid


def closed_folder(below: Path) -> Path:
    """A folder that only its owner enters."""
    path = below / "home of somebody"
    path.mkdir(mode=0o700)
    return path


def mentioning(text: str) -> list[str]:
    """The command lines of running processes with this text in them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if text in line and entry.parent.name != str(os.getpid()):
                found.append(line)
    return found


def until(holds: Callable[[], bool], within_s: float = 15.0) -> None:
    """Wait for a condition; fails after the deadline."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


async def fetch(url: str, query: str) -> object:
    """One value over a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_first_start_makes_everything_and_second_start_finds_it_again(state: Path) -> None:
    """Data and passwords stay; the state dir is closed to others but for passing through."""
    async with Stack(state, report=quiet) as stack:
        await fetch(stack.database_url("ioc_owner"), "CREATE TABLE kept AS SELECT 42 AS answer")
        before = dict(stack.secrets.ensure("database", ["ioc_app"]))
    began = time.monotonic()
    async with Stack(state, report=quiet) as stack:
        assert time.monotonic() - began < 10
        assert await fetch(stack.database_url("ioc_owner", tcp=True), "SELECT answer FROM kept") == 42
        assert stack.secrets.ensure("database", ["ioc_app"]) == before
    assert mode(state / "secrets.json") == 0o600
    assert mode(state) == (0o701 if ROOT else 0o700)
    assert not mentioning(str(state))


async def test_roles_are_bound_by_row_level_security(state: Path) -> None:
    """The service owns and bypasses nothing; outsiders only read; && may use an index under a policy."""
    async with Stack(state, report=quiet) as stack:
        weak = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        for role in ("ioc_app", "ioc_outside", "ioc_owner"):
            assert await fetch(stack.database_url(role), weak) is False
        app = stack.database_url("ioc_app")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch(app, "CREATE TABLE mine (a int)")
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await fetch(stack.database_url("ioc_outside"), "CREATE TEMPORARY TABLE mine (a int)")
        overlaps = "'geometry_overlaps(geometry,geometry)'::regprocedure"
        leakproof = f"SELECT proleakproof FROM pg_proc WHERE oid = {overlaps}"
        assert await fetch(app, leakproof) is True
        assert await fetch(app, "SELECT current_setting('TimeZone') || current_setting('fsync')") == "UTCon"
        assert await fetch(app, "SELECT datcollate FROM pg_database WHERE datname = 'ioc'") == "C.UTF-8"


async def test_nobody_gets_into_the_database_without_the_password(state: Path) -> None:
    """Over the socket and over TCP, superuser included."""
    async with Stack(state, report=quiet) as stack:
        for role in ("postgres", "ioc_app"):
            for host in (str(stack.postgres.socket), "127.0.0.1"):
                with pytest.raises(asyncpg.InvalidPasswordError):
                    await asyncpg.connect(
                        host=host, port=stack.postgres.port, user=role, password="wrong", database="ioc"
                    )


async def test_second_start_on_the_same_state_dir_is_refused_in_one_sentence(state: Path) -> None:
    """The sentence names the process; the first one goes on."""
    async with Stack(state, report=quiet) as stack:
        with pytest.raises(SetupError) as refused:
            async with Stack(state, report=quiet):
                pass
        assert f"process {os.getpid()}" in refused.value.sentence
        assert await fetch(stack.database_url("ioc_app"), "SELECT 1") == 1


async def test_nothing_survives_a_kill_and_the_next_start_has_what_was_committed(state: Path) -> None:
    """kill -9 of the owner ends both servers; the lock that it left is no obstacle; twice in a row."""
    with owner(state) as (process, ready):
        await fetch(ready["url"], "CREATE TABLE kept AS SELECT 7 AS answer")
        process.kill()
        until(lambda: not mentioning(str(state)))
    with owner(state) as (process, _):
        process.kill()
        process.wait()
        # at once: the old servers may still be on their way out
        async with Stack(state, report=quiet) as stack:
            assert await fetch(stack.database_url("ioc_owner"), "SELECT answer FROM kept") == 7


def test_a_signal_to_the_whole_group_ends_everything_in_order(state: Path) -> None:
    """The owner leaves in peace, PostgreSQL has shut down cleanly, and nothing is left."""
    with owner(state) as (process, _):
        os.killpg(process.pid, signal.SIGTERM)
        said, _ = process.communicate(timeout=12)
        assert "stopped in peace" in said
        assert process.returncode == 0
    assert not mentioning(str(state))
    assert "database system is shut down" in (state / "logs/postgres.log").read_text()


async def test_a_killed_server_is_reported_and_the_next_start_recovers(state: Path) -> None:
    """The death tells name and signal; postmaster.pid left behind is no obstacle."""
    async with Stack(state, report=quiet) as stack:
        (pid,) = [child.pid for child in stack.children.running if child.name == "postgres"]
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            death = await stack.children.first_death()
        assert str(death) == "postgres ended by signal SIGKILL"
    async with Stack(state, report=quiet) as stack:
        assert await fetch(stack.database_url("ioc_app"), "SELECT 1") == 1


async def test_killed_servers_are_started_again_where_others_know_them(state: Path) -> None:
    """Same port, same data and users, and still ended after everything else."""
    async with Stack(state, report=quiet) as stack:
        url, mqtt = stack.database_url("ioc_app"), stack.mqtt
        await stack.children.spawn("later", [sys.executable, "-c", "import time; time.sleep(600)"])
        for name in ("postgres", "mosquitto"):
            (pid,) = [child.pid for child in stack.children.running if child.name == name]
            os.kill(pid, signal.SIGKILL)
            async with asyncio.timeout(5):
                assert (await stack.children.first_death()).name == name
            assert await stack.revive(name)
        assert (stack.database_url("ioc_app"), stack.mqtt) == (url, mqtt)
        assert await fetch(url, "SELECT 1") == 1
        assert stack.children.running[-1].name == "later"
        assert not await stack.revive("later")


@needs_root
async def test_servers_of_root_are_not_roots(state: Path) -> None:
    """Also when the state dir is root's and 0700."""
    async with Stack(state, report=quiet) as stack:
        assert stack.postgres.data.is_relative_to(state)
        owners = {owner_of(Path(f"/proc/{child.pid}")) for child in stack.children.running}
        assert owners
        assert 0 not in owners


@needs_root
async def test_below_a_closed_folder_the_files_go_elsewhere(tmp_path: Path) -> None:
    """The servers' account cannot enter; a note says where the files are, and a second start finds them."""
    state = closed_folder(tmp_path) / ".ioc"
    notes: list[str] = []
    try:
        for _ in range(2):
            async with Stack(state, report=notes.append) as stack:
                assert stack.postgres.data.is_relative_to(stack.places.elsewhere)
                assert await fetch(stack.database_url("ioc_app"), "SELECT 1") == 1
        assert any(str(stack.places.elsewhere) in note for note in notes)
    finally:
        remove(state)


async def test_a_long_path_with_spaces_gets_short_sockets(state: Path) -> None:
    """A unix socket cannot have more than 107 bytes; quotes and spaces in the path do no harm."""
    deep = state / f'so\'me "long" {"x" * 90}'
    try:
        async with Stack(deep, report=quiet) as stack:
            assert await fetch(stack.database_url("ioc_app"), "SELECT 1") == 1
            assert len(os.fsencode(stack.socket_path("cameras.sock"))) <= 107
    finally:
        remove(deep)


@needs_root
def test_a_full_disk_is_one_sentence() -> None:
    """initdb has no room on a file system of 8 MB."""
    mounted = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=8m tmpfs /mnt && exec "$@"', "sh"]
    if subprocess.run([*mounted, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a small file system")
    with owner(Path("/mnt/state"), *mounted) as (_, said):
        assert "is full: free at least" in said["sentence"]


class Device:
    """One MQTT client that remembers what it got and when it was thrown out."""

    def __init__(self, port: int, name: str, key: str) -> None:
        self.connected: bool | None = None
        self.granted = False
        self.got: list[tuple[str, bytes]] = []
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"test-{name}")
        self.client.username_pw_set(name, key)
        self.client.reconnect_delay_set(60, 60)
        self.client.on_connect = lambda _c, _u, _f, reason, _p: setattr(self, "connected", not reason.is_failure)
        self.client.on_disconnect = lambda _c, _u, _f, _r, _p: setattr(self, "connected", False)
        self.client.on_subscribe = lambda *_: setattr(self, "granted", True)
        self.client.on_message = lambda _c, _u, message: self.got.append((message.topic, message.payload))
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def leave(self) -> None:
        """Close the connection and end its thread."""
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
async def running(state: Path) -> AsyncIterator[Stack]:
    """Both servers."""
    async with Stack(state, report=quiet) as stack:
        yield stack


async def test_a_device_speaks_only_for_itself_and_a_removed_one_is_thrown_out(running: Stack) -> None:
    """Foreign topics are dropped silently (MQTT 3.1.1); a removal closes that live connection only."""
    keys = {"gauge-one": secrets.token_hex(8), "gauge-two": secrets.token_hex(8)}
    await running.broker.set_users(keys)
    port = running.mqtt[1]
    people: list[Device] = []

    def join(name: str, key: str) -> Device:
        people.append(Device(port, name, key))
        until(lambda: people[-1].connected is not None)
        return people[-1]

    try:
        intake = join("ioc-intake", running.mqtt_key("ioc-intake"))
        intake.client.subscribe("ioc/v1/#", qos=1)
        until(lambda: intake.granted)
        one, two = (join(name, key) for name, key in keys.items())
        for topic in ("ioc/v1/quang-nam/gauge-two/readings", "ioc/v1/quang-nam/gauge-one/receipts", "other"):
            one.client.publish(topic, b"foreign", qos=1).wait_for_publish(5)
        one.client.publish("ioc/v1/quang-nam/gauge-one/readings", b"own", qos=1).wait_for_publish(5)
        until(lambda: bool(intake.got))
        assert intake.got == [("ioc/v1/quang-nam/gauge-one/readings", b"own")]
        assert join("gauge-one", "wrong").connected is False
        assert join("gauge-three", "").connected is False
        await running.broker.set_users({"gauge-two": keys["gauge-two"]})
        until(lambda: two.connected is True and one.connected is False)
        two.client.publish("ioc/v1/quang-nam/gauge-two/in/tts/up", b"still here", qos=1).wait_for_publish(5)
        until(lambda: len(intake.got) == 2)
    finally:
        for person in people:
            person.leave()


async def test_a_gateway_hears_the_receipts_of_its_own_devices_alone(running: Stack) -> None:
    """Mosquitto grants every subscription (ACL is checked at delivery), so only what arrives tells."""
    keys = {name: secrets.token_hex(8) for name in ("gateway-a", "gauge-one", "gauge-two")}
    await running.broker.set_users(keys, {"gateway-a": [("quang-nam", "gauge-one")]})
    port = running.mqtt[1]
    gateway = Device(port, "gateway-a", keys["gateway-a"])
    intake = Device(port, "ioc-intake", running.mqtt_key("ioc-intake"))
    try:
        until(lambda: gateway.connected is True and intake.connected is True)
        gateway.client.subscribe("ioc/v1/+/+/receipts", qos=1)
        until(lambda: gateway.granted)
        for name in ("gauge-two", "gauge-one", "gateway-a"):
            intake.client.publish(f"ioc/v1/quang-nam/{name}/receipts", name.encode(), qos=1).wait_for_publish(5)
        until(lambda: len(gateway.got) == 2)
        assert [payload for _, payload in gateway.got] == [b"gauge-one", b"gateway-a"]
    finally:
        gateway.leave()
        intake.leave()


async def test_users_and_waiting_messages_survive_a_restart(state: Path) -> None:
    """The broker keeps its users, and a persistent session its messages."""
    async with Stack(state, report=quiet) as stack:
        await stack.broker.set_users({"gauge-one": "k" * 16})
    async with Stack(state, report=quiet) as stack:
        device = Device(stack.mqtt[1], "gauge-one", "k" * 16)
        until(lambda: device.connected is not None)
        assert device.connected
        device.leave()
