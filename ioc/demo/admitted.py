"""The demo's devices at its broker: their keys are entered in the register once, and from then on it decides."""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping

import msgspec

from ioc import app
from ioc.access.scope import EVERYTHING
from ioc.admission import Admission
from ioc.demo.registry import Registry
from ioc.embedded import Stack
from ioc.embedded.broker_files import CA, FOLDER
from ioc.embedded.users import INTAKE, OUTSIDE, hashes_for
from ioc.refusals import Refusals
from ioc.store import keys
from ioc.store.database import Database
from sensors.broker import Login
from sensors.broker_paho import PahoPublisher
from sensors.claim import ROOT as CLAIMS
from sensors.sign_ins import heard

PUSH_S = 1.0
FILLERS, FILLER_BYTES = 5, 960
"""Messages that nobody hears, each of which the broker tells in a line of nearly 1,000 bytes, where it cuts it."""


async def seed_keys(database: Database, shipped: Registry, held: Mapping[str, str]) -> None:
    """Enter the keys of the demo's devices, gateways and reporting cameras; who ever had a key keeps what it has."""
    cameras = {eye.code for eye in shipped.eyes}
    async with database.transaction(EVERYTHING) as transaction:
        had = await keys.known(transaction, held)
        new = hashes_for({code: key for code, key in held.items() if code not in had}, {})
        for subject, codes in (("device", new.keys() - cameras), ("camera", new.keys() & cameras)):
            await keys.adopt(transaction, subject, {code: new[code] for code in codes}, "demo", app.now())


async def admit_once(stack: Stack, database: Database) -> None:
    """Let in at the broker whom the register names, before anything plays."""
    await Admission(database, stack.broker, app.now).settle()


async def keep_admitted(stack: Stack) -> None:
    """Hold the broker against the register for ever, and note what it refuses where its log tells."""
    host, port = stack.mqtt
    login = Login(host=host, port=port, user=INTAKE, password=stack.mqtt_key(INTAKE), client_id="")
    async with Database.open(stack.database_url("ioc_app"), size=2) as database:
        admission = Admission(database, stack.broker, app.now)
        async with heard(login, admission.signed_in, admission.turned_away), asyncio.TaskGroup() as tasks:
            tasks.create_task(admission.run(), name="admission")
            if stack.broker.refusals:
                file = stack.state / "logs" / "mosquitto.log"
                tasks.create_task(Refusals(database, file, app.now).run(), name="refusals")
                tasks.create_task(push_out(login), name="push out")


async def push_out(login: Login) -> None:
    """Have the broker say what it keeps back, every second, for ever: it writes 4 KiB of its log at a time.

    Line by line, the broker and its sieve would spend three times as much on it.
    """
    topic = f"{CLAIMS}/log/{'-' * FILLER_BYTES}"
    while True:
        with contextlib.suppress(Exception):  # the broker is away: there is nothing to push out
            async with PahoPublisher.open(named(login)) as wire:
                while True:
                    for _ in range(FILLERS):
                        await wire.publish(topic, b"")
                    await asyncio.sleep(PUSH_S)
        await asyncio.sleep(PUSH_S)


def named(login: Login) -> Login:
    """The same under a client id that nobody else has."""
    return msgspec.structs.replace(login, client_id=f"ioc-log-{secrets.token_hex(4)}")


def broker_account(stack: Stack) -> dict[str, object]:
    """What programs outside are told of the broker; `ca` is the certificate by which its TLS ports are known (PEM)."""
    host, port = stack.mqtt
    return {
        "host": host,
        "port": port,
        "user": OUTSIDE,
        "password": stack.mqtt_key(OUTSIDE),
        "tls_port": stack.broker.tls_port,
        "certificate_port": stack.broker.certificate_port,
        "ca": (stack.state / FOLDER / CA).read_text("ascii"),
    }


def broker_environment(stack: Stack) -> dict[str, str]:
    """What the parts are told of the broker's files, which we keep ourselves, and of how devices call it."""
    host, port = stack.mqtt
    return {
        "IOC_BROKER_DIR": "",
        "IOC_BROKER_PID": "",
        "IOC_BROKER_LOG": "",
        "IOC_DEMO_REFUSALS": str(stack.broker.refusals).lower(),
        "IOC_BROKER_CA": "",
        "IOC_BROKER_HOST": host,
        "IOC_BROKER_PORT": str(port),
        "IOC_BROKER_TLS_PORT": str(stack.broker.tls_port),
    }
