"""The demo's devices at its broker: their keys are entered in the register once, and from then on it decides."""

import asyncio
from collections.abc import Mapping

from ioc import app
from ioc.access.scope import EVERYTHING
from ioc.admission import Admission
from ioc.demo.registry import Registry
from ioc.embedded import Stack
from ioc.embedded.broker_files import CA, FOLDER
from ioc.embedded.users import INTAKE, OUTSIDE, hashes_for
from ioc.store import keys
from ioc.store.database import Database
from sensors.broker import Login
from sensors.sign_ins import heard


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
    """Hold the broker against the register for ever."""
    host, port = stack.mqtt
    login = Login(host=host, port=port, user=INTAKE, password=stack.mqtt_key(INTAKE), client_id="")
    async with Database.open(stack.database_url("ioc_app"), size=2) as database:
        admission = Admission(database, stack.broker, app.now)
        async with heard(login, admission.signed_in, admission.turned_away), asyncio.TaskGroup() as tasks:
            tasks.create_task(admission.run(), name="admission")


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
        "IOC_BROKER_CA": "",
        "IOC_BROKER_HOST": host,
        "IOC_BROKER_PORT": str(port),
        "IOC_BROKER_TLS_PORT": str(stack.broker.tls_port),
    }
