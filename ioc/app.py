"""The composition root: what each process is made of; it hands the wall clock to the rest."""

import asyncio
import logging
import os
import resource
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from gis.areas import AreaIndex
from ioc import broker_address, catalogue, data, pictures, works
from ioc.absences import Absences
from ioc.access.scope import EVERYTHING
from ioc.api import deeds, server
from ioc.api import parts as api_settings
from ioc.api.parts import REFUSED, Parts
from ioc.board import Board
from ioc.clock import now as now
from ioc.decoding import decoder_of
from ioc.desk import Desk, Done, Passing, pass_on
from ioc.docket import Docket
from ioc.gallery import Gallery
from ioc.garbage import collected_seldom
from ioc.heartbeat import Pulse, beat, readiness
from ioc.incidents.rules import Rule
from ioc.intake_state import metrics, read_states
from ioc.leader import Lead, lead
from ioc.live_view import LiveViewClient
from ioc.lock import HeldError
from ioc.outages import Outages
from ioc.outbound import Outbound
from ioc.probing import Prober
from ioc.provisional_desk import ProvisionalDesk
from ioc.pulling import allowed_of
from ioc.register import Register
from ioc.rehearsal import Rehearsals
from ioc.replay import ON_TIME, Replayer
from ioc.rulebook import Rulebook
from ioc.settings import Settings, SettingsError
from ioc.sockets import live_socket, pictures_socket
from ioc.store import registry, tiles
from ioc.store.changes import Change
from ioc.store.database import UNREACHABLE, Database
from ioc.store.observations import ObservationStore
from ioc.store.spool import Spool, Store
from ioc.tell.channels import Channels, channels_of
from ioc.tile_cache import TileCache
from ioc.trail import Trail, Work, noted
from ioc.turning import Turning
from ioc.vault import Vault
from ioc.watch import FreshnessWatch
from sensors.codecs.script import Scripts
from sensors.codecs.table import codecs, scripts_in

log = logging.getLogger(__name__)

REPLAY_PATIENCE = 24.0
"""Published bulletins of a flood are not hourly: a station of the replay may be silent for so many intervals."""

CONNECTIONS = 16
"""Connections to PostgreSQL of a process that serves: the works of the one that leads hold half of them at worst."""


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
    from ioc.store.migrate import migrate  # Alembic is needed here alone, and not in memory elsewhere

    if not settings.database_owner_url:
        raise SettingsError("IOC_DATABASE_OWNER_URL is missing: give the address of PostgreSQL as role ioc_owner")
    log.info("the schema is at %s", await migrate(settings.database_owner_url))


@asynccontextmanager
async def opened(settings: Settings, *, size: int = 8) -> AsyncIterator[tuple[Database, Register]]:
    """The database, with so many connections, and the register in memory. Raises SettingsError when PostgreSQL cannot
    be used."""
    if not settings.database_url:
        raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
    profiles = catalogue.profiles_of(settings)
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(Database.open(settings.database_url, size=size))
        except UNREACHABLE as error:
            raise SettingsError(
                f"PostgreSQL cannot be used ({error}): check IOC_DATABASE_URL and the server"
            ) from error
        register = await stack.enter_async_context(Register.open(database, profiles))
        yield database, register


def replayer_of(database: Database, register: Register, scripts: Scripts, clock_slow: timedelta = ON_TIME) -> Replayer:
    """What feeds kept messages through the same decoder and the same sink again."""
    known = codecs(scripts)
    decoder = decoder_of(register, known)

    def store() -> ObservationStore:
        return ObservationStore(database, register.owners, register.unit_of, register.retention_of)

    return Replayer(database, decoder, register.owners, store, now, clock_slow=clock_slow)


def unwatched(point: str) -> None:
    """Nobody stops this process at a kill point."""


@asynccontextmanager
async def spooling(
    settings: Settings, slot: str, store: Store, passing: Callable[[str], None] = unwatched
) -> AsyncIterator[Spool]:
    """The spool of one process in the state dir. Raises SettingsError when it cannot be had."""
    folder = settings.state / "spool" / slot
    async with AsyncExitStack() as stack:
        try:
            spool = await stack.enter_async_context(
                Spool.open(folder, settings.spool_bytes, store, now, passing=passing)
            )
        except HeldError as held:
            wanted = "end it, or give this one another IOC_STATE_DIR"
            raise SettingsError(f"{folder} belongs to another process ({held.pid}): {wanted}") from held
        except OSError as error:
            raise SettingsError(f"{folder} cannot be used ({error.strerror}): check IOC_STATE_DIR") from error
        yield spool


def _docket(settings: Settings, register: Register, rulebook: Rulebook, index: AreaIndex) -> Docket:
    return Docket(rulebook.rules, index, settings.zone, os.urandom, lineage=register.lineage)


async def desk(
    settings: Settings,
    database: Database,
    register: Register,
    leading: Lead,
    rulebook: Rulebook,
    more: Mapping[str, Work],
    *,
    done: Done | None = None,
    passing: Passing = pass_on,
) -> None:
    """What one process does alone: rules, alarms, incidents, freshness, and `more` by its names."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        index = AreaIndex(await registry.load_areas(transaction))

    async def work() -> None:
        docket, own = (_docket(settings, register, rulebook, index) for _ in range(2))
        the_desk = Desk(
            database, rulebook.rules, lambda: register.entries.sources, docket, now=now, entropy=os.urandom, done=done,
            profile_of=partial(_profile, register), barred=register.barred, passing=passing,
        )  # fmt: skip
        outages = Outages(register, rulebook.rules, own, home=settings.centre, entropy=os.urandom)
        absences = Absences(lambda: rulebook.book.rules, lambda: register.entries.sources, own, os.urandom)
        watch = _freshness(settings, database, register, outages, absences)
        async with AsyncExitStack() as following, asyncio.TaskGroup() as tasks:
            following.enter_context(rulebook.followed(the_desk.adopt, outages.adopt, docket.adopt, own.adopt))
            tasks.create_task(the_desk.run(), name="desk")
            tasks.create_task(watch.run(), name="freshness")
            tasks.create_task(_turning(settings, database, docket, own).run(), name="turning")
            for name, one in {**works.keeping(settings, database, media_folder(settings)), **more}.items():
                tasks.create_task(one(), name=name)

    await lead(database, leading, work)


def _turning(settings: Settings, database: Database, *dockets: Docket) -> Turning:
    def redraw(drawn: AreaIndex) -> None:
        for one in dockets:
            one.redraw(drawn)

    return Turning(database, settings.zone, now, redraw)


def _freshness(
    settings: Settings, database: Database, register: Register, outages: Outages, absences: Absences
) -> FreshnessWatch:
    scale = settings.demo_speed / REPLAY_PATIENCE if settings.replay else 1.0
    return FreshnessWatch(database, register, now, interval_scale=scale, outages=outages, absences=absences)


def _profile(register: Register, code: str) -> str:
    device = register.devices().get(code)
    return device.profile.code if device is not None else ""


def _provisional_desk(
    settings: Settings, database: Database, register: Register, rules: Sequence[Rule]
) -> ProvisionalDesk:
    """What judges what waits on disk in this state dir, for the streams of this process."""
    return ProvisionalDesk(
        database,
        rules,
        lambda: register.entries.sources,
        settings.state / "spool",
        profile_of=lambda code: _profile(register, code),
        now=now,
    )


def take_all_files() -> None:
    """Let this process hold as many open files as its user may: each open wall is one, and 1,024 is the usual limit."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def serve(settings: Settings, *, passing: Passing = pass_on, drawn: tiles.Drawn = tiles.drawing) -> None:
    """The wall and the API; and, in the one process that leads, the desk.

    `passing` is called with the name of each point of the desk's work where a stop must harm nothing; `drawn` says how
    tiles are drawn.
    """
    take_all_files()
    async with AsyncExitStack() as stack:
        database, register = await stack.enter_async_context(opened(settings, size=CONNECTIONS))
        trail = Trail(settings, database, now)
        await stack.enter_async_context(trail.closing())
        await stack.enter_async_context(noted(database, now, "serve"))
        leading, done = Lead(), Done()
        profiles = catalogue.profiles_of(settings)
        rulebook = await stack.enter_async_context(Rulebook.open(database, profiles, demo=settings.replay, now=now))
        provisional = _provisional_desk(settings, database, register, rulebook.rules)
        stack.enter_context(rulebook.followed(provisional.adopt))
        kept = TileCache.over(database, settings.tile_bytes)
        board = Board(database, heard=_heard_by(provisional.hear, kept.hear))
        replayer = replayer_of(database, register, stack.enter_context(scripts_in(settings.scripts)))
        outbound = await stack.enter_async_context(Outbound.open(allowed_of(settings)))
        channels = await stack.enter_async_context(channels_of(settings, outbound, database, now))
        telling = works.Telling(settings, database, channels, passing)
        site = _application(settings, database, register, board, rulebook, trail, replayer, channels, kept, drawn)
        stack.enter_context(collected_seldom())
        await provisional.begin()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(board.run(), name="board")
            tasks.create_task(provisional.run(board.show), name="provisional")
            more = {**trail.works(), **works.tickets(database, telling, passing)}
            work = desk(settings, database, register, leading, rulebook, more, done=done, passing=passing)
            tasks.create_task(work, name="lead")
            async with _listening(site, settings):

                def pulse() -> Pulse:
                    judged = {f"desk_{name}": number for name, number in msgspec.structs.asdict(done).items()}
                    return Pulse(True, {"leads": int(leading.held), **judged, **telling.figures(), **trail.figures()})

                await beat(database, "serve", pulse, now)


def _heard_by(*those: Callable[[Sequence[Change]], None]) -> Callable[[Sequence[Change]], None]:
    """All of those hear what one is told."""

    def hear(told: Sequence[Change]) -> None:
        for one in those:
            one(told)

    return hear


def _application(
    settings: Settings,
    database: Database,
    register: Register,
    board: Board,
    rulebook: Rulebook,
    trail: Trail,
    replayer: Replayer,
    channels: Channels,
    kept: TileCache,
    drawn: tiles.Drawn,
) -> web.Application:
    return server.build(
        Parts(
            database=database,
            board=board,
            replayer=replayer,
            now=now,
            media=media_folder(settings),
            gallery=Gallery(media_folder(settings), settings.media_bytes),
            wall=Path(str(files("ioc.wall").joinpath("dist"))),
            basemap=_basemap,
            ready=lambda: readiness(database, now, settings.state, ("feeds",) if settings.feeds else ()),
            levels=lambda device, measured: rulebook.levels(device, measured, register.area_of(device)),
            rule_fault=rulebook.fault,
            rehearsals=_rehearsals(settings, database, register, rulebook),
            **_kept_of(settings, register),
            counters=lambda: trail.counters() | metrics(read_states(settings.state, now()), now()),
            try_soc=trail.try_soc,
            known_head=trail.known_head,
            on_refusal=lambda request, status, person: deeds.refused(request, request[REFUSED]),
            settings=_said(settings),
            channels=channels,
            tiles=kept,
            drawn=drawn,
            **_cameras(settings),
        )
    )


def _kept_of(settings: Settings, register: Register) -> dict[str, Any]:
    """What the register is kept by, and how its devices call the broker."""
    profiles = catalogue.profiles_of(settings)
    broker = partial(broker_address.told, settings)
    return {
        "interval": register.interval_of, "law": catalogue.law_of(settings), "profiles": profiles, "broker": broker,
    }  # fmt: skip


def _cameras(settings: Settings) -> dict[str, Any]:
    """What the HTTP room uses to reach cameras: their process, and themselves when they are probed."""
    return {
        "pictures": pictures.PictureClient(pictures_socket(settings)),
        "live_views": LiveViewClient(live_socket(settings)),
        "prober": Prober(allowed_of(settings), now),
        "vault": Vault(settings.vault_file),
    }


def _rehearsals(settings: Settings, database: Database, register: Register, rulebook: Rulebook) -> Rehearsals:
    """Tests of rules on what was measured."""
    return Rehearsals(
        database,
        rulebook,
        lambda: register.entries.sources,
        lambda code: _profile(register, code),
        settings.zone,
        catalogue.policy(),
    )


def _said(settings: Settings) -> api_settings.Settings:
    """What pages and answers say about this installation."""
    return api_settings.Settings(
        centre=settings.centre,
        timezone=settings.timezone,
        language=settings.language,
        replay_speed=settings.demo_speed if settings.replay else None,
        public_url=settings.links,
    )


@asynccontextmanager
async def _listening(application: web.Application, settings: Settings) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        try:
            port = await stack.enter_async_context(server.running(application, settings.http_host, settings.http_port))
        except OSError as error:
            place = f"{settings.http_host}:{settings.http_port}"
            raise SettingsError(f"{place} cannot be served ({error.strerror}): choose another IOC_HTTP_PORT") from error
        log.info("the wall is served on %s:%d", settings.http_host, port)
        yield


def _basemap(name: str) -> bytes | None:
    try:
        return data.basemap(name)
    except KeyError:
        return None
