"""What the process `ioc cameras` is made of: from the cameras' streams to PostgreSQL, and pictures to the API."""

import asyncio
import datetime as dt
import logging
import time
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import msgspec

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.warden import StateChanged, Warden
from cameras.wire import Graded, Orders
from ioc import kept, pictures
from ioc.access.scope import EVERYTHING
from ioc.app import live_socket, media_folder, now, opened, pictures_socket, socket_named, spooling
from ioc.curator import Curator
from ioc.gallery import Gallery
from ioc.heartbeat import Figure, Pulse, beat
from ioc.live_view import Hub
from ioc.lookout import Lookout
from ioc.outbound import Outbound, OutboundError
from ioc.pinned import Pins
from ioc.pulling import Pulling, allowed_of
from ioc.settings import Settings
from ioc.steady import Steady
from ioc.store import addresses, registry
from ioc.store.away import AWAY
from ioc.store.camera_states import GONE
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.spool import Spool
from ioc.trail import noted
from ioc.vault import Vault, VaultError

log = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often, in seconds, the register is read for changed cameras even when nothing woke us."""
RETRY_S = 1.0


async def cameras(settings: Settings) -> None:
    """Watch the registered cameras, as they are registered at each moment, until cancelled."""
    allowed = allowed_of(settings)
    async with AsyncExitStack() as exits:
        database, register = await exits.enter_async_context(opened(settings))
        await exits.enter_async_context(noted(database, now, "cameras"))
        store = ObservationStore(database, register.owners, register.unit_of, register.retention_of)
        gallery = Gallery(media_folder(settings), settings.media_bytes)
        clear_drafts(gallery)
        vault = Vault(settings.vault_file)
        await seal_old(database, vault)
        outbound = await exits.enter_async_context(Outbound.open(allowed))
        roll = Roll(database, vault, Pins(outbound, time.monotonic), settings.camera_files, settings.detector)
        refusals = RefusalsFile(settings.state / "refusals.json")
        async with (
            spooling(settings, "cameras", store) as spool,
            Lookout.open(database, register, spool, gallery, now) as lookout,
            Warden(
                await roll.read(),
                now=now,
                report=lookout.take,
                handlers={Graded: lookout.grade},
                refusals=refusals,
                orders=Orders(cameras=(), drafts=str(gallery.drafts), turns=str(settings.state)),
            ) as warden,
            pictures.serve(pictures_socket(settings), newest(warden)),
            hub(settings, warden) as live,
            asyncio.TaskGroup() as tasks,
        ):
            pulling = Pulling(register.cameras, partial(stream_addresses, database, vault), outbound, spool, now)
            tasks.create_task(pulling.run(), name="pulling")
            steady = Steady(database, now, time.monotonic)
            curator = Curator(database, gallery, now, steady.believed, settled=lambda: not spool.state().batches)
            tasks.create_task(curator.run(), name="curator")
            follow = roll.follow(lambda found: rearrange(warden, lookout, found, roll.barred))
            tasks.create_task(follow, name="roll")
            await beat(database, "cameras", lambda: pulse(warden, live, pulling, spool, gallery), now)


@asynccontextmanager
async def hub(settings: Settings, warden: Warden) -> AsyncIterator[Hub]:
    """What serves live views for as long as the block lasts."""
    made = Hub(warden.tell, warden.camera, socket_named(settings, "feed"), settings.state, now)
    async with made.serve(live_socket(settings)):
        yield made


async def stream_addresses(database: Database, vault: Vault) -> Mapping[str, str]:
    """The addresses of the cameras' streams, with their accounts; those that can be read."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return (await addresses.load_addresses(transaction, vault)).urls


async def seal_old(database: Database, vault: Vault) -> None:
    """Seal what an earlier version kept in the clear; it stays as it is while there is no key for it."""
    try:
        async with database.transaction(EVERYTHING) as transaction:
            if number := await addresses.seal_plain(transaction, vault):
                log.info("%d addresses of cameras that were kept in the clear are sealed now", number)
    except VaultError as error:
        log.error("addresses of cameras that are kept in the clear cannot be sealed: %s", error)


def clear_drafts(gallery: Gallery) -> None:
    """No worker runs yet, so what lies among the drafts is of a process that ended."""
    for path in gallery.drafts.iterdir():
        path.unlink(missing_ok=True)


async def rearrange(
    warden: Warden,
    lookout: Lookout,
    found: Sequence[Camera],
    barred: Mapping[str, "Barred"] = types.MappingProxyType({}),
) -> None:
    """Watch these cameras from now on; one that is watched no more does not stay live on the map, and one that cannot
    be watched says why."""
    gone = set(warden.camera_figures()) - {one.code for one in found}
    warden.watch(found)
    for code in sorted(gone | set(barred)):
        one = barred.get(code, Barred(State.SILENT, GONE))
        await lookout.take(StateChanged(camera=code, state=one.state, at=now(), reason=one.why))


def pulse(warden: Warden, live: Hub, pulling: Pulling, spool: Spool, gallery: Gallery) -> Pulse:
    """How the process stands."""
    waits = spool.state()
    told: dict[str, Figure] = {**warden.figures(), **live.figures, **pulling.figures(), **gallery.figures()}
    told |= {"cameras": warden.camera_figures(), "spool_messages": waits.messages, "spool_bytes": waits.bytes}
    told["why"] = waits.stopped or waits.away or ("media_full" if gallery.full else "")
    return Pulse(not waits.stopped, told)


class Barred(msgspec.Struct, frozen=True):
    """A camera that cannot be watched as it is registered: its state, and why."""

    state: State
    why: str


class Roll:
    """The list of cameras as it is registered: read at the start, then followed. `detector` is a file for all.

    `barred` are those of the last reading that are registered with an address and cannot be watched. Streams are
    opened at the addresses that `pins` judged.
    """

    def __init__(self, database: Database, vault: Vault, pins: Pins, files: str = "", detector: str = "") -> None:
        self._database = database
        self._vault = vault
        self._pins = pins
        self.barred: Mapping[str, Barred] = {}
        self._files = files
        self._detector = detector
        self._told: dict[str, str] = {}
        self._wake = asyncio.Event()

    async def read(self) -> list[Camera]:
        """The cameras that can be watched now, by code; what is wrong with another is logged once."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            rows = await registry.load_cameras(transaction)
            kept_addresses = await addresses.load_addresses(transaction, self._vault)
        urls, refused = await self._pinned(kept_addresses.urls)
        found, wrong = usable(rows, urls, self._files)
        sealed = {code: Barred(State.UNAUTHORISED, why) for code, why in kept_addresses.unreadable.items()}
        self.barred = {code: one for code, one in (sealed | refused).items() if code in rows}
        wrong |= {code: one.why for code, one in self.barred.items()}
        for code, why in wrong.items():
            if self._told.get(code) != why:
                log.error("camera %s cannot be watched: %s", code, why)
        self._told = wrong
        return [msgspec.structs.replace(one, detector=self._detector) for one in found]

    async def _pinned(self, urls: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Barred]]:
        """The addresses with the host that was judged; and those at which nothing may be opened."""
        found, refused = {}, {}

        async def pin(code: str, url: str) -> None:
            try:
                found[code] = await self._pins.pinned(url)
            except OutboundError as error:
                away = error.code == "unresolved"
                refused[code] = Barred(State.UNREACHABLE if away else State.REFUSED, str(error))

        await asyncio.gather(*(pin(code, url) for code, url in urls.items()))
        return dict(sorted(found.items())), dict(sorted(refused.items()))

    async def follow(self, watch: Callable[[Sequence[Camera]], Awaitable[None]]) -> None:
        """Call `watch` with the whole list at each change, within LOOK_S, until cancelled.

        While PostgreSQL is away the last list stays.
        """
        last: tuple[list[Camera], Mapping[str, Barred]] | None = None
        while True:
            try:
                async with self._database.listen(registry.CHANNEL, self._wake.set) as connection:
                    while not connection.is_closed():
                        found = await self.read()
                        if (found, self.barred) != last:
                            await watch(found)
                            last = (found, self.barred)
                        await self._woken()
            except AWAY as error:
                log.warning("the list of cameras cannot be read now (%s); the last one stays", type(error).__name__)
            await asyncio.sleep(RETRY_S)

    async def _woken(self) -> None:
        try:
            async with asyncio.timeout(LOOK_S):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()


def usable(
    rows: Mapping[str, registry.CameraRow], addresses: Mapping[str, str], files: str = ""
) -> tuple[list[Camera], dict[str, str]]:
    """The cameras that can be watched, by code; and of each that is registered wrongly what is wrong with it.

    `files` is the folder whose files may be played; empty: none may.
    """
    found, wrong = [], {}
    for code, row in sorted(rows.items()):
        if code not in addresses:
            continue
        try:
            found.append(camera(row, addresses[code], files))
        except ValueError as error:  # its text never holds the address
            wrong[code] = str(error)
    return found, wrong


def camera(row: registry.CameraRow, url: str, files: str = "") -> Camera:
    """A registered camera as the camera room watches it. Raises ValueError when it cannot be watched.

    Its main stream stands in the settings as a path or an address without user and password: it has those of the
    address, so that no secret is in the settings.
    """
    address, settings = Address(url), dict(row.settings)
    if address.scheme == "file":
        _allow(address, files)
    if main := settings.pop("main", None):
        settings["main"] = main_of(address, str(main))
    return msgspec.convert(
        {
            **settings,
            "code": row.code,
            "centre": row.centre,
            "position": {"lon": row.position.lon, "lat": row.position.lat},
            "bearing_deg": row.bearing,
            "fov_deg": row.fov,
            "address": address,
        },
        Camera,
        from_attributes=True,
    )


def _allow(address: Address, files: str) -> None:
    """Raise ValueError unless a file lies in the folder, whatever its path looks like."""
    if not files or not Path(address.location).resolve().is_relative_to(Path(files).resolve()):
        raise ValueError("its address is a file outside the folder of IOC_CAMERA_FILES")


def main_of(address: Address, main: str) -> Address:
    """The main stream of the camera at an address, with its user and password. Raises ValueError."""
    there = urlsplit(urljoin(str(urlsplit(address.url)._replace(scheme="http").geturl()), main))
    if "@" in main or "\\" in main or there.hostname != urlsplit(address.url).hostname:
        raise ValueError("its main stream is a path, or an address of the same host without user and password")
    scheme = main.partition("://")[0] if "://" in main else address.scheme
    secret = f"{address.account}@" if address.account else ""
    host = there.netloc.rpartition("@")[2]
    return Address(there._replace(scheme=scheme, netloc=secret + host).geturl())


def newest(warden: Warden) -> Callable[[str], pictures.Picture | None]:
    """What answers for newest pictures: None for a strange camera too."""

    def found(code: str) -> pictures.Picture | None:
        try:
            picture = warden.newest(code)
        except KeyError:
            return None
        if picture is None:
            return None
        return pictures.Picture(jpeg=picture.jpeg, taken_at=picture.taken_at, state=picture.state.value)

    return found


class RefusalsFile:
    """When accounts of cameras were refused, in a file of the state dir: digests of host and user, and times."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Mapping[str, Sequence[dt.datetime]]:
        """What was saved last; nothing when it cannot be read."""
        try:
            return msgspec.json.decode(kept.get_checked(self._path) or b"{}", type=dict[str, list[dt.datetime]])
        except (OSError, msgspec.DecodeError) as error:
            log.error("%s cannot be read (%s): refused passwords are counted anew", self._path, type(error).__name__)
            return {}

    def save(self, refusals: Mapping[str, Sequence[dt.datetime]]) -> None:
        """Keep these instead."""
        try:
            kept.put_checked(self._path, msgspec.json.encode(refusals))
        except OSError as error:
            log.error("%s cannot be written (%s)", self._path, error.strerror)
