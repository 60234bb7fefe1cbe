"""The composition root: what each process is made of, and the wall clock that the rest is handed."""

import asyncio
import datetime as dt
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from pathlib import Path

import msgspec
from aiohttp import web

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.warden import Warden
from gis.areas import AreaIndex
from gis.stamp import digest_of
from ioc import catalogue, data, pictures
from ioc.access.scope import EVERYTHING
from ioc.api import deeds, server
from ioc.api import parts as api_settings
from ioc.api.parts import REFUSED, Parts
from ioc.board import Board
from ioc.desk import Desk, Done, Passing, pass_on
from ioc.docket import Docket
from ioc.gallery import Gallery
from ioc.heartbeat import Pulse, beat, readiness
from ioc.incidents.rules import Rule, levels_of
from ioc.leader import Lead, lead
from ioc.lookout import Lookout
from ioc.outages import Outages
from ioc.register import Register
from ioc.settings import Settings, SettingsError
from ioc.store import registry
from ioc.store.database import UNREACHABLE, Database
from ioc.store.observations import ObservationStore
from ioc.trail import Trail, Work, noted
from ioc.watch import FreshnessWatch

log = logging.getLogger(__name__)

REPLAY_PATIENCE = 24.0
"""Published bulletins of a flood are not hourly: a station of the replay may be silent for so many intervals."""

LONGEST_SOCKET = 100
"""Characters of a unix socket's path that every kernel takes."""


def now() -> dt.datetime:
    """The wall clock, in UTC; the one place that reads it."""
    return dt.datetime.now(dt.UTC)


def media_folder(settings: Settings) -> Path:
    """Where evidence pictures lie."""
    return settings.state / "media"


def pictures_socket(settings: Settings) -> Path:
    """Where the camera process answers for newest pictures: in the state dir, or in a short place if that is long."""
    wanted = settings.state / "cameras.sock"
    if len(str(wanted)) < LONGEST_SOCKET:
        return wanted
    return Path("/tmp") / f"ioc-{digest_of(str(settings.state).encode())}.sock"  # noqa: S108


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
    from ioc.store.migrate import migrate  # Alembic is needed here alone, and not in memory elsewhere

    if not settings.database_owner_url:
        raise SettingsError("IOC_DATABASE_OWNER_URL is missing: give the address of PostgreSQL as role ioc_owner")
    log.info("the schema is at %s", await migrate(settings.database_owner_url))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Database, Register]]:
    """The database and the register in memory. Raises SettingsError when PostgreSQL cannot be used."""
    if not settings.database_url:
        raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(Database.open(settings.database_url))
        except UNREACHABLE as error:
            raise SettingsError(
                f"PostgreSQL cannot be used ({error}): check IOC_DATABASE_URL and the server"
            ) from error
        register = await stack.enter_async_context(Register.open(database, catalogue.profiles()))
        yield database, register


async def cameras(settings: Settings) -> None:
    """From RTSP streams to PostgreSQL, and newest pictures to the API."""
    async with opened(settings) as (database, register), noted(database, now, "cameras"):
        store = ObservationStore(database, register.owners, register.unit_of)
        gallery = Gallery(media_folder(settings))
        lookout = Lookout(database, register, store, gallery, now)
        watched = await _cameras(database)
        async with (
            Warden(watched, now=now, report=lookout.take) as warden,
            pictures.serve(pictures_socket(settings), _newest(warden)),
        ):

            def pulse() -> Pulse:
                live = sum(warden.state(camera.code) is State.LIVE for camera in watched)
                dropped = sum(warden.dropped.values())
                return Pulse(True, {"watched": len(watched), "live": live, "dropped": dropped})

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(gallery.keep_clean(now), name="gallery")
                await beat(database, "cameras", pulse, now)


async def _cameras(database: Database) -> list[Camera]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        rows = await registry.load_cameras(transaction)
        addresses = await registry.load_addresses(transaction)
    return usable(rows, addresses)


def usable(rows: Mapping[str, registry.CameraRow], addresses: Mapping[str, str]) -> list[Camera]:
    """The cameras that can be watched, by code; one that is registered wrongly is logged and costs no other."""
    found = []
    for code, row in sorted(rows.items()):
        if code not in addresses:
            continue
        try:
            found.append(camera(row, addresses[code]))
        except ValueError as error:  # its text never holds the address
            log.error("camera %s cannot be watched: %s; register it again", code, error)
    return found


def camera(row: registry.CameraRow, url: str) -> Camera:
    """A registered camera as the camera room watches it. Raises ValueError when it cannot be watched."""
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


async def desk(
    settings: Settings,
    database: Database,
    register: Register,
    leading: Lead,
    rules: Sequence[Rule],
    more: Mapping[str, Work],
    *,
    done: Done | None = None,
    passing: Passing = pass_on,
) -> None:
    """What one process does alone: rules, alarms, incidents, freshness, and `more` by its names."""
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
            done=done,
            passing=passing,
        )
        scale = settings.demo_speed / REPLAY_PATIENCE if settings.replay else 1.0
        own = Docket(rules, index, settings.zone, os.urandom)
        outages = Outages(register, rules, own, home=settings.centre, entropy=os.urandom)
        watch = FreshnessWatch(database, register, now, interval_scale=scale, outages=outages)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(the_desk.run(), name="desk")
            tasks.create_task(watch.run(), name="freshness")
            for name, one in more.items():
                tasks.create_task(one(), name=name)

    await lead(database, leading, work)


def _profile(register: Register, code: str) -> str:
    device = register.devices().get(code)
    return device.profile.code if device is not None else ""


async def serve(settings: Settings, *, passing: Passing = pass_on) -> None:
    """The wall and the API; and, in the one process that leads, the desk.

    `passing` is called with the name of each point of the desk's work where a stop must harm nothing.
    """
    async with AsyncExitStack() as stack:
        database, register = await stack.enter_async_context(opened(settings))
        trail = Trail(settings, database, now)
        await stack.enter_async_context(trail.closing())
        await stack.enter_async_context(noted(database, now, "serve"))
        leading = Lead()
        board = Board(database)
        rules = catalogue.rules(demo=settings.replay)
        application = _application(settings, database, board, rules, trail)
        done = Done()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(board.run(), name="board")
            work = desk(settings, database, register, leading, rules, trail.works(), done=done, passing=passing)
            tasks.create_task(work, name="lead")
            async with _listening(application, settings) as port:
                log.info("the wall is served on %s:%d", settings.http_host, port)

                def pulse() -> Pulse:
                    judged = {f"desk_{name}": number for name, number in msgspec.structs.asdict(done).items()}
                    return Pulse(True, {"leads": int(leading.held), **judged, **trail.figures()})

                await beat(database, "serve", pulse, now)


def _application(
    settings: Settings, database: Database, board: Board, rules: Sequence[Rule], trail: Trail
) -> web.Application:
    return server.build(
        Parts(
            database=database,
            board=board,
            now=now,
            pictures=pictures.PictureClient(pictures_socket(settings)),
            media=media_folder(settings),
            wall=Path(str(files("ioc.wall").joinpath("dist"))),
            basemap=_basemap,
            ready=lambda: readiness(database, now),
            levels=lambda device, measured: levels_of(rules, device, measured),
            counters=trail.counters,
            try_soc=trail.try_soc,
            known_head=trail.known_head,
            on_refusal=lambda request, status, person: deeds.refused(request, request[REFUSED]),
            settings=api_settings.Settings(
                centre=settings.centre,
                timezone=settings.timezone,
                language=settings.language,
                replay_speed=settings.demo_speed if settings.replay else None,
            ),
        )
    )


@asynccontextmanager
async def _listening(application: web.Application, settings: Settings) -> AsyncIterator[int]:
    async with AsyncExitStack() as stack:
        try:
            port = await stack.enter_async_context(server.running(application, settings.http_host, settings.http_port))
        except OSError as error:
            place = f"{settings.http_host}:{settings.http_port}"
            raise SettingsError(f"{place} cannot be served ({error.strerror}): choose another IOC_HTTP_PORT") from error
        yield port


def _basemap(name: str) -> bytes | None:
    try:
        return data.basemap(name)
    except KeyError:
        return None
