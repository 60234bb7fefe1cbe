"""From the warden of the cameras to the store: sightings with their picture, and states with their change."""

import asyncio
import datetime as dt
import logging
import os
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec

from cameras.grade import Rating
from cameras.names import Filmed
from cameras.warden import Seen, StateChanged
from cameras.wire import Graded
from gis.layers import CAMERAS as LAYER
from gis.stamp import digest_of, uuid7
from ioc.access.scope import EVERYTHING
from ioc.gallery import Gallery
from ioc.register import Register
from ioc.store import camera_states, changes
from ioc.store.database import Database, Transaction
from ioc.store.media import StoredPicture, insert_pictures
from ioc.store.observations import PATIENCE_S, RETRY_S, UNAVAILABLE
from sensors.intake import Batch

RECONCILE = 10
"""Every so many looks at what waits, states that another process took back are entered again."""

log = logging.getLogger(__name__)


class Sink(Protocol):
    """Where sightings are kept with their pictures; `keep` returns when they are durable."""

    async def keep(self, batch: Batch, pictures: Sequence[StoredPicture] = ()) -> None:
        """Make the batch durable."""


class Lookout:
    """Takes the reports of a warden. `take` returns when a sighting is durable, and does not wait for a state.

    Of the states that PostgreSQL does not take the newest of each camera is tried again, so that no sighting waits
    behind one; those between are not history, only what the map showed. Use as `async with Lookout.open(…)`.
    """

    def __init__(
        self,
        database: Database,
        register: Register,
        store: Sink,
        gallery: Gallery,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._database = database
        self._register = register
        self._store = store
        self._gallery = gallery
        self._now = now
        self._pending: dict[str, StateChanged] = {}
        self._entered: dict[str, StateChanged] = {}
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        database: Database,
        register: Register,
        store: Sink,
        gallery: Gallery,
        now: Callable[[], dt.datetime],
    ) -> AsyncIterator["Lookout"]:
        """A lookout that tries again, for as long as the block lasts, what PostgreSQL did not take."""
        lookout = cls(database.within(PATIENCE_S), register, store, gallery, now)
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(lookout._follow(), name="camera-states")
            try:
                yield lookout
            finally:
                following.cancel()

    async def take(self, report: Seen | StateChanged | Filmed) -> None:
        """Keep one report."""
        if isinstance(report, Seen):
            await self._keep(report)
        elif isinstance(report, Filmed):
            await self._film(report)
        else:
            await self._become(report)

    async def _keep(self, seen: Seen) -> None:
        sighting, pictures = seen.sighting, []
        if seen.picture is not None:
            stamp = sighting.stamp
            picture = uuid.UUID(int=uuid7(self._now(), os.urandom(10)).int)
            try:
                pictures = [await self._gallery.hang(picture, stamp.source, seen.picture, stamp.at)]
                sighting = msgspec.structs.replace(sighting, picture=str(picture))
            except OSError as error:
                log.error("a picture of %s could not be kept (%s); the sighting is", stamp.source, error.strerror)
        await self._store.keep(Batch(arrived_at=self._now(), observations=(sighting,)), pictures)

    async def _film(self, filmed: Filmed) -> None:
        """Take a clip into the gallery, then into the register."""
        clip = filmed.clip
        if not clip.file:
            log.warning("there is no clip of %s: %s", clip.camera, clip.reason)
            return
        stills = clip.made == "stills"
        stored = StoredPicture(
            id=filmed.id,
            source=clip.camera,
            sha256=clip.sha256,
            bytes=clip.bytes,
            taken_at=filmed.at,
            expires_at=self._gallery.expiry("clip", filmed.at),
            kind="stills" if stills else "clip",
            content_type="image/jpeg" if stills else "video/mp4",
            retention="clip",
            made=clip.made,
            seconds=clip.seconds,
        )
        try:
            await self._gallery.adopt(stored, clip.file)
        except (OSError, ValueError) as error:
            log.error("a clip of %s could not be kept (%s); its sightings are", clip.camera, type(error).__name__)
            return
        await self._store.keep(Batch(arrived_at=self._now(), observations=()), [stored])

    async def _become(self, report: StateChanged) -> None:
        log.info("camera %s is %s: %s", report.camera, report.state.value, report.reason)
        waiting = bool(self._pending)
        self._pending[report.camera] = report
        if not waiting:
            await self._settle()

    async def _settle(self) -> None:
        """Enter the states that wait, until one is not taken; one after the other, so that the newest stands."""
        async with self._turn:
            for camera, report in list(self._pending.items()):
                try:
                    await self._enter(report)
                except UNAVAILABLE as error:
                    log.warning("the state of %s is not taken now (%s); trying again", camera, type(error).__name__)
                    return
                self._entered[camera] = report
                if self._pending.get(camera) is report:
                    del self._pending[camera]

    async def _follow(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(RETRY_S)
            looks += 1
            if looks % RECONCILE == 0:
                await self._reconcile()
            await self._settle()

    async def _reconcile(self) -> None:
        """Enter states again that were taken back while this process gave no sign of life to the database."""
        try:
            async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
                codes = await camera_states.unwatched(transaction, self._entered)
        except UNAVAILABLE:
            return
        for code in codes:
            self._pending.setdefault(code, self._entered[code])

    async def grade(self, report: Graded, at: dt.datetime) -> None:
        """Enter how good a camera's stream is; the next figures come soon, so that a failure is only logged."""
        try:
            await self._grade(report.camera, report.rating)
        except UNAVAILABLE as error:
            log.warning("the grade of %s is not taken now (%s)", report.camera, type(error).__name__)

    async def _grade(self, camera: str, rating: Rating) -> None:
        async with self._database.transaction(EVERYTHING) as transaction:
            if await camera_states.enter_grade(transaction, camera, rating):
                await self._tell(transaction, camera)

    async def _enter(self, report: StateChanged) -> None:
        owners = self._register.owners()  # as it is now: the register may change while pictures are written
        if report.camera not in owners:
            await self._register.read()  # a camera may be watched before the one in memory is read anew
            owners = self._register.owners()
        if report.camera not in owners:
            return
        before, after = await self._hung(report, report.before), await self._hung(report, report.after)
        hung = [picture for picture in (before, after) if picture is not None]
        async with self._database.transaction(EVERYTHING) as transaction:
            await insert_pictures(transaction, hung, owners)
            pictures = (_id(before), _id(after))
            await camera_states.enter(transaction, report.camera, report.state, report.at, report.reason, pictures)
            await self._tell(transaction, report.camera)

    async def _hung(self, report: StateChanged, jpeg: bytes | None) -> StoredPicture | None:
        """A picture that proves a state, kept under the same id however often the state is entered."""
        if jpeg is None:
            return None
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{report.camera} {report.at.isoformat()} {digest_of(jpeg)}")
        try:
            return await self._gallery.hang(name, report.camera, jpeg, report.at, retention="tamper")
        except FileExistsError:  # the state was entered before, or PostgreSQL did not take it
            return self._gallery.described(name, report.camera, jpeg, report.at, retention="tamper")
        except OSError as error:
            log.error("a picture of %s could not be kept (%s); its state is", report.camera, error.strerror)
            return None

    async def _tell(self, transaction: Transaction, camera: str) -> None:
        await changes.record_features(transaction, LAYER, [camera], self._register.owners(), self._now())


def _id(picture: StoredPicture | None) -> uuid.UUID | None:
    return uuid.UUID(picture.id) if picture is not None else None
