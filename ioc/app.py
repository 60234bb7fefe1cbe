"""The composition root: what each process is made of, and the wall clock that the rest is handed."""

import asyncio
import datetime as dt
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from cameras.camera import Address, Camera
from cameras.warden import Warden
from gis.areas import AreaIndex
from ioc import catalogue, pictures
from ioc.access.scope import EVERYTHING
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.gallery import Gallery
from ioc.leader import Lead, lead
from ioc.lookout import Lookout
from ioc.register import Register
from ioc.settings import Settings, SettingsError
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.migrate import migrate
from ioc.store.observations import ObservationStore
from ioc.watch import FreshnessWatch
from sensors.broker import Login, PahoBroker
from sensors.codecs import ioc as ioc_codec
from sensors.intake import Decoder, listen
from sensors.topics import EVERYTHING as ALL_TOPICS

log = logging.getLogger(__name__)

INTAKE_CLIENT = "ioc-intake"
PICTURES_SOCKET = "cameras.sock"


def now() -> dt.datetime:
    """The wall clock, in UTC; the one place that reads it."""
    return dt.datetime.now(dt.UTC)


def media_folder(settings: Settings) -> Path:
    """Where evidence pictures lie."""
    return settings.state / "media"


async def run_until_signal(work: Callable[[], Awaitable[None]]) -> None:
    """Run until the work ends or SIGINT or SIGTERM arrives; what was opened is closed in reverse."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    async def worker() -> None:
        try:
            await work()
        finally:
            stop.set()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(worker(), name="work")
        await stop.wait()
        task.cancel()


async def migrate_database(settings: Settings) -> None:
    """Bring the schema to the newest revision."""
    if not settings.database_owner_url:
        raise SettingsError("IOC_DATABASE_OWNER_URL is missing: give the address of PostgreSQL as role ioc_owner")
    log.info("the schema is at %s", await migrate(settings.database_owner_url))


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[tuple[Database, Register]]:
    if not settings.database_url:
        raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.open(settings.database_url))
        register = await stack.enter_async_context(Register.open(database, catalogue.profiles()))
        yield database, register


def login(settings: Settings, client_id: str) -> Login:
    """Who we are at the broker. Raises SettingsError when the address cannot be used."""
    parts = urlsplit(settings.mqtt_url)
    if parts.scheme != "mqtt" or not parts.hostname:
        raise SettingsError("IOC_MQTT_URL is missing or not of the form mqtt://user:password@host:port")
    return Login(
        host=parts.hostname,
        port=parts.port or 1883,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        client_id=client_id,
    )


async def intake(settings: Settings) -> None:
    """From the broker to PostgreSQL."""
    async with _open(settings) as (database, register):
        store = ObservationStore(database, register.owners, register.unit_of)
        decoder = Decoder(register.devices, {"ioc": ioc_codec.decode})
        async with PahoBroker.open(login(settings, INTAKE_CLIENT), [ALL_TOPICS]) as broker:
            log.info("the intake listens")
            await listen(broker, decoder, store, now)


async def cameras(settings: Settings) -> None:
    """From RTSP streams to PostgreSQL, and newest pictures to the API."""
    async with _open(settings) as (database, register):
        store = ObservationStore(database, register.owners, register.unit_of)
        lookout = Lookout(database, register, store, Gallery(media_folder(settings)), now)
        watched = await _cameras(database)
        async with (
            Warden(watched, now=now, report=lookout.take) as warden,
            pictures.serve(settings.state / PICTURES_SOCKET, _newest(warden)),
        ):
            log.info("%d cameras are watched", len(watched))
            await asyncio.Event().wait()


async def _cameras(database: Database) -> list[Camera]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        rows = await registry.load_cameras(transaction)
        addresses = await registry.load_addresses(transaction)
    return [camera(row, addresses[code]) for code, row in sorted(rows.items()) if code in addresses]


def camera(row: registry.CameraRow, url: str) -> Camera:
    """A registered camera as the camera room watches it."""
    return msgspec.convert(
        {
            **row.settings,
            "code": row.code,
            "centre": row.centre,
            "position": {"lon": row.position.lon, "lat": row.position.lat},
            "bearing_deg": row.bearing,
            "fov_deg": row.fov,
            "address": Address(url),
        },
        Camera,
        from_attributes=True,
    )


def _newest(warden: Warden) -> Callable[[str], pictures.Picture | None]:
    def newest(code: str) -> pictures.Picture | None:
        try:
            found = warden.newest(code)
        except KeyError:
            return None
        if found is None:
            return None
        return pictures.Picture(jpeg=found.jpeg, taken_at=found.taken_at, state=found.state.value)

    return newest


async def desk(settings: Settings, database: Database, register: Register, leading: Lead, *, replay: bool) -> None:
    """What one process does alone: rules, alarms, incidents, freshness."""
    rules = catalogue.rules(demo=replay)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        index = AreaIndex(await registry.load_areas(transaction))

    async def work() -> None:
        docket = Docket(rules, index, settings.zone, os.urandom)
        the_desk = Desk(
            database,
            rules,
            lambda: register.entries.sources,
            docket,
            profile_of=lambda code: _profile(register, code),
            now=now,
            entropy=os.urandom,
        )
        scale = settings.demo_speed if replay else 1.0
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(the_desk.run(), name="desk")
            tasks.create_task(FreshnessWatch(database, register, now, interval_scale=scale).run(), name="freshness")

    await lead(database, leading, work)


def _profile(register: Register, code: str) -> str:
    device = register.devices().get(code)
    return device.profile.code if device is not None else ""


async def serve(settings: Settings) -> None:
    """The wall and the API; and, in the one process that leads, the desk."""
    async with _open(settings) as (database, register):
        leading = Lead()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(desk(settings, database, register, leading, replay=settings.replay), name="lead")
