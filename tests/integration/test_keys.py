"""`ioc broker` beside a broker of one's own: over TLS, with certificates, and as docker/ starts the broker."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ioc.access.scope import EVERYTHING
from ioc.clock import now
from ioc.doorkeeping import broker as keep_broker
from ioc.doorkeeping import owner_of
from ioc.embedded import broker as shipped
from ioc.embedded import broker_tls, programs
from ioc.embedded.postgres import free_port
from ioc.embedded.users import Admitted
from ioc.registration.authority import sign_device
from ioc.settings import Settings
from ioc.store import certificates, keys
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.guarded_broker import Crowd, GuardedBroker, Speaker, crowd
from tests.fakes.mosquitto import until
from tests.integration.test_admission import DENIED, TAKEN, issued, lives, registered
from tests.unit.ioc.registration.test_authority import request as certificate_request

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, and open to the broker's account."""
    made = Path(tempfile.mkdtemp(prefix="ioc-k-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


class World:
    """A broker with the listeners of docker/mosquitto.conf, an authority, and who wants to sign in."""

    def __init__(self, broker: GuardedBroker, tls: int, by_certificate: int, settings: Settings, here: Crowd) -> None:
        self.broker, self.tls, self.by_certificate, self.settings, self.here = (
            broker,
            tls,
            by_certificate,
            settings,
            here,
        )

    async def signed(self, database: Database, code: str, folder: Path) -> dict[str, str]:
        """A certificate as a device has it, as arguments of paho-mqtt."""
        key = ec.generate_private_key(ec.SECP256R1())
        authority = broker_tls.authority_in(self.settings.state)
        assert authority is not None
        made = sign_device(authority, code, certificate_request("whoever", key), now())
        async with database.transaction(EVERYTHING) as transaction:
            thing = await keys.thing(transaction, "device", code)
            assert thing is not None
            await certificates.signed(transaction, thing, made.serial, made.until, "cli", now())
        file = folder / f"{made.serial}.pem"
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        file.write_bytes(made.certificate + pem)
        return {"ca_certs": str(self.settings.authority), "certfile": str(file)}

    async def comes(self, tls: dict[str, str], user: str = "") -> Speaker:
        """Who shows a certificate, tried until it is let in."""
        async with asyncio.timeout(10):
            while not await (one := self.here.join(user, "", port=self.by_certificate, tls=tls)).joined():
                await asyncio.sleep(0.05)
        return one


def _listener(port: int, folder: Path, **more: str) -> str:
    files = {name: f"{folder}/{file}" for name, file in shipped.TLS_FILES.items()}
    lines = {"listener": f"{port} 127.0.0.1", **files, **shipped.FIELD, **more}
    return "\n".join(f"{name} {value}" for name, value in lines.items())


@asynccontextmanager
async def kept(fresh: Fresh, folder: Path, state: Path) -> AsyncIterator[World]:
    """`ioc broker` at work."""
    tls, by_certificate = free_port(), free_port()
    asks = {"require_certificate": "true", "use_identity_as_username": "true", "crlfile": f"{folder}/revoked.pem"}
    lines = [f"pid_file {folder}/pid", _listener(tls, folder), _listener(by_certificate, folder, **asks)]
    broker = GuardedBroker(folder, *lines)
    authority = broker_tls.authority_made_in(state, now())
    broker_tls.certificate_made_in(folder, authority, ["127.0.0.1"], now(), owner_of(folder))
    await broker.files.admit(Admitted())
    await broker.start()
    ours = broker.intake()
    settings = Settings(
        database_url=fresh.url(), state_dir=str(state), broker_dir=str(folder), broker_pid=str(folder / "pid"),
        mqtt_url=f"mqtt://{ours.user}:{quote(ours.password)}@127.0.0.1:{broker.port}",
    )  # fmt: skip
    try:
        with crowd(broker) as here:
            async with asyncio.TaskGroup() as tasks:
                keeping = tasks.create_task(keep_broker(settings), name="broker")
                yield World(broker, tls, by_certificate, settings, here)
                keeping.cancel()
    finally:
        broker.kill(signal.SIGTERM)


async def test_a_key_and_a_certificate_open_the_tls_ports_and_are_cut_off(
    fresh: Fresh, database: Database, admin: asyncpg.Connection, folder: Path, tmp_path: Path
) -> None:
    await registered(database, "gauge-a")
    await registered(database, "gauge-b")
    key = await issued(database, "gauge-b")
    own, other = ("ioc/v1/dai-loc/gauge-a/readings", "ioc/v1/dai-loc/gauge-b/readings")
    async with kept(fresh, folder, tmp_path) as world:
        trust = {"ca_certs": str(world.settings.authority)}
        with_key = world.here.join("gauge-b", key.key, port=world.tls, tls=trust)
        while not await with_key.joined():
            with_key = world.here.join("gauge-b", key.key, port=world.tls, tls=trust)
        assert await with_key.says(other) in TAKEN
        assert not await world.here.join("gauge-b", key.key, port=world.by_certificate, tls=trust).joined()
        paper = await world.signed(database, "gauge-a", tmp_path)
        device = await world.comes(paper, user="gauge-b")  # whatever name it gives, the certificate's counts
        assert (await device.says(own) in TAKEN, await device.says(other)) == (True, DENIED)

        await lives(database, "gauge-a", "suspended")
        async with asyncio.timeout(5):
            while await device.says(own) != DENIED:
                await asyncio.sleep(0.05)
        assert not await world.here.join("", "", port=world.by_certificate, tls=paper).joined()
        await lives(database, "gauge-a", "active")
        assert await (await world.comes(paper)).says(own) in TAKEN

        await lives(database, "gauge-a", "retired")
        await until(lambda: "topic deny #" in (folder / "access").read_text())
        await lives(database, "gauge-a", "approved")
        await until(lambda: "topic deny #" not in (folder / "access").read_text())
        new = await world.comes(await world.signed(database, "gauge-a", tmp_path))
        assert await new.says(own) in TAKEN
        assert not await world.here.join("", "", port=world.by_certificate, tls=paper).joined()
        assert with_key.connected
    part = await admin.fetchrow("select ready, state::text as state from parts where name = 'broker'")
    assert part["ready"]
    assert '"users"' in part["state"]


async def test_docker_s_broker_waits_for_its_users_and_reads_them_when_they_change(folder: Path) -> None:
    """docker/broker.sh, with the broker of this machine in place of the container's."""
    broker = GuardedBroker(folder)
    environment = {**programs.ENVIRONMENT, "PATH": f"{programs.PATH}:{os.environ.get('PATH', '')}"}
    owner = owner_of(folder)
    account: dict[str, Any] = {} if owner is None else {"user": owner[0], "group": owner[1]}
    argv = ["sh", str(ROOT / "docker/broker.sh"), str(folder), str(folder / "m.conf")]
    process = subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL, **account)  # noqa: ASYNC220
    try:
        (folder / "server.key").write_text("a key")
        await broker.files.admit(Admitted())
        with crowd(broker) as here:
            await until(lambda: _answers(broker.port))
            assert not await here.join("gauge-a", "k").joined()
            await broker.files.admit(Admitted(), {"gauge-a": "k"})
            async with asyncio.timeout(10):
                while not await (device := here.join("gauge-a", "k")).joined():
                    await asyncio.sleep(0.1)
            await broker.files.admit(Admitted())
            await device.gone()
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
