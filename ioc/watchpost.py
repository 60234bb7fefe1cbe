"""What the process `ioc cameras` is made of: from the cameras' streams to PostgreSQL, and pictures to the API."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec

from cameras.camera import Address, Camera
from cameras.warden import Warden
from ioc import pictures
from ioc.access.scope import EVERYTHING
from ioc.app import live_socket, media_folder, now, opened, pictures_socket, socket_named, spooling
from ioc.curator import Curator
from ioc.gallery import Gallery
from ioc.heartbeat import Pulse, beat
from ioc.live_view import Hub
from ioc.lookout import Lookout
from ioc.settings import Settings
from ioc.steady import Steady
from ioc.store import registry
from ioc.store.away import AWAY
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.spool import Spool
from ioc.trail import noted

log = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often, in seconds, the register is read for changed cameras even when nothing woke us."""
RETRY_S = 1.0


async def cameras(settings: Settings) -> None:
    """Watch the registered cameras, as they are registered at each moment, until cancelled."""
    async with opened(settings) as (database, register), noted(database, now, "cameras"):
        store = ObservationStore(database, register.owners, register.unit_of, register.retention_of)
        gallery = Gallery(media_folder(settings), settings.media_bytes)
        clear_drafts(gallery)
        roll = Roll(database)
        async with (
            spooling(settings, "cameras", store) as spool,
            Lookout.open(database, register, spool, gallery, now) as lookout,
            Warden(
                await roll.read(), now=now, report=lookout.take, drafts=gallery.drafts, turns=settings.state
            ) as warden,
            pictures.serve(pictures_socket(settings), newest(warden)),
            hub(settings, warden) as live,
            asyncio.TaskGroup() as tasks,
        ):
            steady = Steady(database, now, time.monotonic)
            curator = Curator(database, gallery, now, steady.believed, settled=lambda: not spool.state().batches)
            tasks.create_task(curator.run(), name="curator")
            tasks.create_task(roll.follow(warden.watch), name="roll")
            await beat(database, "cameras", lambda: pulse(warden, live, spool, gallery), now)


@asynccontextmanager
async def hub(settings: Settings, warden: Warden) -> AsyncIterator[Hub]:
    """What serves live views for as long as the block lasts."""
    made = Hub(warden.tell, warden.camera, socket_named(settings, "feed"), settings.state, now)
    async with made.serve(live_socket(settings)):
        yield made


def clear_drafts(gallery: Gallery) -> None:
    """Nobody makes a clip yet, so what lies among the drafts is of a process that ended."""
    for path in gallery.drafts.iterdir():
        path.unlink(missing_ok=True)


def pulse(warden: Warden, live: Hub, spool: Spool, gallery: Gallery) -> Pulse:
    """How the process stands."""
    waits = spool.state()
    told = {
        **warden.figures(),
        **live.figures,
        **gallery.figures(),
        "spool_messages": waits.messages,
        "spool_bytes": waits.bytes,
    }
    why = waits.stopped or waits.away or ("media_full" if gallery.full else "")
    return Pulse(not waits.stopped, {**told, "why": why})


class Roll:
    """The list of cameras as it is registered: read at the start, then followed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[str, str] = {}
        self._wake = asyncio.Event()

    async def read(self) -> list[Camera]:
        """The cameras that can be watched now, by code; what is wrong with another is logged once."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            rows = await registry.load_cameras(transaction)
            addresses = await registry.load_addresses(transaction)
        found, wrong = usable(rows, addresses)
        for code, why in wrong.items():
            if self._told.get(code) != why:
                log.error("camera %s cannot be watched: %s; register it again", code, why)
        self._told = wrong
        return found

    async def follow(self, watch: Callable[[Sequence[Camera]], None]) -> None:
        """Call `watch` with the whole list at each change, within LOOK_S, until cancelled.

        While PostgreSQL is away the last list stays.
        """
        last: list[Camera] | None = None
        while True:
            try:
                async with self._database.listen(registry.CHANNEL, self._wake.set) as connection:
                    while not connection.is_closed():
                        if (found := await self.read()) != last:
                            watch(found)
                            last = found
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


def usable(rows: Mapping[str, registry.CameraRow], addresses: Mapping[str, str]) -> tuple[list[Camera], dict[str, str]]:
    """The cameras that can be watched, by code; and of each that is registered wrongly what is wrong with it."""
    found, wrong = [], {}
    for code, row in sorted(rows.items()):
        if code not in addresses:
            continue
        try:
            found.append(camera(row, addresses[code]))
        except ValueError as error:  # its text never holds the address
            wrong[code] = str(error)
    return found, wrong


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
