"""A whole centre on this machine with real data playing into it: `./run`."""

import asyncio
import datetime as dt
import secrets
import socket
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import AsyncExitStack

import orjson

from ioc import app, catalogue
from ioc.access.scope import EVERYTHING
from ioc.demo import library, player
from ioc.demo.admitted import admit_once, broker_account, broker_environment, keep_admitted, seed_keys
from ioc.demo.registry import DemoDevice, Registry, registry
from ioc.demo.roster import seed_roster
from ioc.demo.seed import HOST, PEOPLE, Street, seed_people, seed_places, seed_register
from ioc.demo.street import Server, served
from ioc.embedded import SetupError, Stack
from ioc.embedded.keyring import replace
from ioc.settings import Settings, inherited
from ioc.store import parts
from ioc.store.database import Database
from ioc.store.migrate import migrate
from ioc.vault import Vault, VaultError
from sensors.broker import Login
from sensors.broker_paho import PahoPublisher

PARTS = ("serve", "intake", "cameras")
READY_S = 60.0
RESTARTS, WITHIN_S = 5, 60.0
"""A part or a server that dies is started again, so many times in so many seconds; then the demo ends."""

SERVERS = ("postgres", "mosquitto")


def parts_of(settings: Settings) -> tuple[str, ...]:
    """The parts that run; feeds only where there are some."""
    return (*PARTS, "feeds") if settings.feeds else PARTS


def say(step: str) -> None:
    """One line for the person who started us."""
    print(f"  {step}", flush=True)  # noqa: T201


async def demo(settings: Settings) -> None:
    """Run until cancelled. Raises SetupError with one clear sentence when the centre cannot run."""
    async with AsyncExitStack() as exits:
        exits.callback(say, "stopped")
        stack = await exits.enter_async_context(Stack(settings.state, report=say, refusals=settings.demo_refusals))
        shipped = registry()
        clips = {camera.code: camera.clip for camera in shipped.cameras}
        cameras = await exits.enter_async_context(
            served(clips, settings.state / "clips", settings.state / "logs" / "street.log")
        )
        street = cameras.street
        say(f"{len(clips)} RTSP cameras answer on port {street.port}")
        await _prepare(stack, shipped, street, Vault(settings.vault_file))
        port = free_port(settings.http_host, settings.http_port)
        url = f"http://{settings.http_host}:{port}/"
        write_account_of(stack, shipped, street, url)
        begun = app.now()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_keep_parts(stack, settings, port), name="parts")
            tasks.create_task(_keep_street(cameras), name="street")
            tasks.create_task(keep_admitted(stack), name="admitted")
            await _ready(stack, settings, port, begun)
            print(f"IOC ready: {url}", flush=True)  # noqa: T201
            say(f"sign in as operator; passwords are in {settings.state / 'demo.json'}")
            try:
                await _play(stack, shipped, settings)
            finally:
                say("stopping …")


async def _prepare(stack: Stack, shipped: Registry, street: Street, vault: Vault) -> None:
    """Schema, areas, register, accounts, rosters and the devices' keys at the broker."""
    say(f"schema {await migrate(stack.database_url('ioc_owner'))}")
    async with Database.open(stack.database_url("ioc_app"), size=2) as database:
        await seed_places(database)
        try:
            await seed_register(database, shipped, catalogue.profiles(), street, app.now(), vault)
        except VaultError as error:
            raise SetupError(str(error)) from error
        await seed_people(
            database,
            stack.secrets.ensure("passwords", PEOPLE),
            stack.secrets.ensure("tokens", PEOPLE),
            app.now(),
        )
        await seed_roster(database, app.now())
        await seed_keys(database, shipped, device_keys(stack, shipped))
        await admit_once(stack, database)
    say(f"{len(shipped.everything())} devices and {len(shipped.cameras) + len(shipped.eyes)} cameras are registered")


def device_keys(stack: Stack, shipped: Registry) -> Mapping[str, str]:
    """Each device's and gateway's key at the broker."""
    return stack.secrets.ensure("devices", shipped.signing_in())


def free_port(host: str, wanted: int) -> int:
    """The wanted port or the next free one. Raises SetupError when a hundred are taken."""
    for port in range(wanted, min(wanted + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SetupError(f"No port from {wanted} on is free on {host}: choose another IOC_HTTP_PORT.")


def write_account_of(stack: Stack, shipped: Registry, street: Street, url: str) -> None:
    """What programs outside need: addresses, accounts, keys (mode 0600)."""
    keys = device_keys(stack, shipped)
    profiles = catalogue.profiles()
    account = {
        "url": url,
        "mqtt": broker_account(stack),
        "database_url": stack.database_url("ioc_outside", tcp=True),
        "accounts": {
            role: {
                "user": person.login,
                "password": stack.secrets.get("passwords", role),
                "token": stack.secrets.get("tokens", role),
            }
            for role, person in PEOPLE.items()
        },
        "devices": [_told(device) | {"key": keys[device.code]} for device in shipped.devices],
        "gateways": [
            {
                "code": gateway.code,
                "centre": gateway.centre,
                "key": keys[gateway.code],
                "codec": profiles[gateway.profile].codec,
                "devices": [_told(device) | {"profile": device.profile} for device in gateway.devices],
                "cameras": [
                    {"code": eye.code, "known_as": eye.known_as} for eye in shipped.eyes if eye.gateway == gateway.code
                ],
            }
            for gateway in shipped.gateways
        ],
        "cameras": [{"code": camera.code, "rtsp": street.url(camera.code)} for camera in shipped.cameras],
        "eyes": [
            {"code": eye.code, "centre": eye.centre, "codec": eye.codec, "key": keys[eye.code]}
            for eye in shipped.eyes
            if eye.codec
        ],
    }
    replace(stack.state / "demo.json", orjson.dumps(account, option=orjson.OPT_INDENT_2), mode=0o600)


def _told(device: DemoDevice) -> dict[str, object]:
    properties = sorted(catalogue.profiles()[device.profile].properties)
    return {"code": device.code, "centre": device.centre, "properties": properties}


def environment(stack: Stack, settings: Settings, port: int) -> dict[str, str]:
    """What the parts are told. Passwords travel here and never in arguments."""
    host, mqtt_port = stack.mqtt
    return {
        **inherited(),
        "IOC_STATE_DIR": str(settings.state),
        "IOC_HTTP_HOST": settings.http_host,
        "IOC_HTTP_PORT": str(port),
        "IOC_DATABASE_URL": stack.database_url("ioc_app"),
        "IOC_MQTT_URL": f"mqtt://ioc-intake:{stack.mqtt_key('ioc-intake')}@{host}:{mqtt_port}",
        **broker_environment(stack),
        "IOC_MQTT_CLIENT": settings.mqtt_client,
        "IOC_INTAKE_SHARE": str(settings.intake_share).lower(),
        "IOC_SPOOL_BYTES": str(settings.spool_bytes),
        "IOC_MEDIA_BYTES": str(settings.media_bytes),
        "IOC_TILE_BYTES": str(settings.tile_bytes),
        "IOC_CENTRE": settings.centre,
        "IOC_LANGUAGE": settings.language,
        "IOC_TIMEZONE": settings.timezone,
        "IOC_DEMO_SPEED": str(settings.demo_speed),
        "IOC_REPLAY": "1",
        "IOC_CODECS_DIR": settings.codecs_dir,
        "IOC_PROFILES": settings.profiles,
        "IOC_REGISTER_POLICY": settings.register_policy,
        "IOC_DETECTOR": settings.detector,
        "IOC_SECRETS_KEYS": settings.secrets_keys,
        "IOC_CAMERA_FILES": settings.camera_files,
        "IOC_FEEDS": settings.feeds,
        "IOC_OUTBOUND": ",".join(filter(None, (settings.outbound, f"{HOST}/32"))),
        "IOC_SOC_HOST": settings.soc_host,
        "IOC_SOC_PORT": str(settings.soc_port),
        "IOC_SOC_CA": settings.soc_ca,
        "IOC_SOC_CERTIFICATE": settings.soc_certificate,
        "IOC_SOC_KEY": settings.soc_key,
        "IOC_PUBLIC_URL": settings.public_url,
        "IOC_SMTP_URL": settings.smtp_url,
        "IOC_SMTP_SENDER": settings.smtp_sender,
        "IOC_SMTP_CA": settings.smtp_ca,
        "IOC_PUSH_HOSTS": settings.push_hosts,
    }


async def _keep_parts(stack: Stack, settings: Settings, port: int) -> None:
    """Start the parts, and start them and the servers again when they die, within a budget."""
    env = environment(stack, settings, port)

    async def start(part: str) -> None:
        await stack.children.spawn(part, [sys.executable, "-m", "ioc", part], env)

    wanted = parts_of(settings)
    for part in wanted:
        await start(part)
    deaths: deque[float] = deque(maxlen=RESTARTS)
    while True:
        death = await stack.children.first_death()
        if death.name not in wanted + SERVERS or (len(deaths) == RESTARTS and time.monotonic() - deaths[0] < WITHIN_S):
            raise SetupError(f"{death}. See {stack.state / 'logs'}.")
        deaths.append(time.monotonic())
        say(f"{death}; it is started again")
        if await stack.revive(death.name):
            continue
        await stack.children.end(next(child for child in stack.children.running if child.name == death.name))
        await start(death.name)


async def _keep_street(cameras: Server) -> None:
    """Start the cameras' RTSP server again when it dies, on its port, within a budget."""
    deaths: deque[float] = deque(maxlen=RESTARTS)
    while True:
        death = await cameras.death()
        if len(deaths) == RESTARTS and time.monotonic() - deaths[0] < WITHIN_S:
            raise SetupError(f"{death}.")
        deaths.append(time.monotonic())
        say(f"{death}; it is started again")
        await cameras.start(cameras.street.port)


async def _ready(stack: Stack, settings: Settings, port: int, since: dt.datetime) -> None:
    """Wait until the wall is served and every part says that it is ready.

    Raises SetupError naming the part that does not come up.
    """
    wanted = parts_of(settings)
    waiting = set(wanted)
    deadline = time.monotonic() + READY_S
    async with Database.open(stack.database_url("ioc_app"), size=1) as database:
        while waiting and time.monotonic() < deadline:
            async with database.transaction(EVERYTHING, read_only=True) as transaction:
                seen = await parts.all_parts(transaction)
            waiting = {part for part in wanted if not _up(seen.get(part), since)}
            if not waiting and not await _healthy(settings.http_host, port):
                waiting = {"serve"}
            await asyncio.sleep(0.1)
    if waiting:
        raise SetupError(
            f"{', '.join(sorted(waiting))} did not come up in {READY_S:.0f} s: see {stack.state / 'logs'}."
        )


def _up(part: parts.Part | None, since: dt.datetime) -> bool:
    return part is not None and part.ready and part.seen_at >= since


async def _healthy(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in await reader.readline()
        finally:
            writer.close()
    except OSError:
        return False


async def _play(stack: Stack, shipped: Registry, settings: Settings) -> None:
    """Play the recording over MQTT, again and again."""
    host, port = stack.mqtt
    login = Login(
        host=host,
        port=port,
        user="ioc-outside",
        password=stack.mqtt_key("ioc-outside"),
        client_id=f"ioc-player-{secrets.token_hex(4)}",
    )
    async with PahoPublisher.open(login) as wire:
        await player.play(
            _patient(wire),
            recording=await asyncio.to_thread(library.recording),
            centres=shipped.centres(),
            run=secrets.token_hex(3),
            now=app.now,
            monotonic=time.monotonic,
            wait=asyncio.sleep,
            speed=settings.demo_speed,
        )


def _patient(wire: PahoPublisher) -> player.Publish:
    """A publisher that goes on when the broker is away for a while: the reading is then sent again."""

    async def publish(topic: str, payload: bytes) -> None:
        for _ in range(30):
            try:
                await wire.publish(topic, payload)
            except TimeoutError:
                continue
            return

    return publish
