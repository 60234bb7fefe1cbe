"""From the warden of the cameras to the store: sightings with their picture, and states with their change."""

import asyncio
import datetime as dt
import logging
import os
import uuid
from collections.abc import Callable

import msgspec

from cameras.warden import Seen, StateChanged
from gis.layers import CAMERAS as LAYER
from gis.stamp import uuid7
from ioc.access.scope import EVERYTHING
from ioc.gallery import Gallery
from ioc.register import Register
from ioc.store import changes, registry
from ioc.store.database import Database
from ioc.store.layers import features_of
from ioc.store.observations import RETRY_S, UNAVAILABLE, ObservationStore
from ioc.store.tables import CAMERAS
from sensors.intake import Batch

log = logging.getLogger(__name__)


class Lookout:
    """Takes the reports of a warden; `take` returns when they are durable."""

    def __init__(
        self,
        database: Database,
        register: Register,
        store: ObservationStore,
        gallery: Gallery,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._database = database
        self._register = register
        self._store = store
        self._gallery = gallery
        self._now = now

    async def take(self, report: Seen | StateChanged) -> None:
        """Keep one report."""
        if isinstance(report, Seen):
            await self._keep(report)
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

    async def _become(self, report: StateChanged) -> None:
        log.info("camera %s is %s: %s", report.camera, report.state.value, report.reason)
        while True:
            try:
                await self._enter(report)
            except UNAVAILABLE as error:
                log.warning("the state of %s is not taken now (%s); trying again", report.camera, type(error).__name__)
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _enter(self, report: StateChanged) -> None:
        owner = self._register.owners().get(report.camera)
        if owner is None:
            return
        async with self._database.transaction(EVERYTHING) as transaction:
            await registry.set_state(transaction, CAMERAS, report.camera, report.state.value, report.at)
            features = await features_of(transaction, LAYER, [report.camera])
            await changes.record(
                transaction,
                [
                    changes.Change(
                        subject="camera",
                        subject_id=report.camera,
                        op="put",
                        centre=owner.centre,
                        area=owner.area,
                        at=self._now(),
                        value=feature,
                    )
                    for feature in features
                ],
            )
