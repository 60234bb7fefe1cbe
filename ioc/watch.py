"""Watches that time drives: streams and devices that fall silent, and what people are told of it."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping

from gis.layer import Layer
from gis.layers import CAMERAS, DEVICES
from ioc.absences import Absences
from ioc.access.scope import EVERYTHING
from ioc.outages import SILENT_AFTER, Outages
from ioc.register import Entries, Register
from ioc.store import camera_states, changes, freshness
from ioc.store.away import AWAY
from ioc.store.database import Database, Transaction

log = logging.getLogger(__name__)

EVERY_S = 2.0

TOLD_EVERY = 3
"""Every so many looks the alarms about losses are judged."""


class FreshnessWatch:
    """Keeps the state of streams and devices true. The expected interval is the profile's, in seconds."""

    def __init__(
        self,
        database: Database,
        register: Register,
        now: Callable[[], dt.datetime],
        *,
        interval_scale: float = 1.0,
        outages: Outages | None = None,
        absences: Absences | None = None,
    ) -> None:
        """`interval_scale` divides expected intervals; a replay at sixty times the speed is heard as often."""
        self._database = database
        self._register = register
        self._now = now
        self._scale = interval_scale
        self._outages = outages
        self._absences = absences
        self._whole = True
        self._entries: Entries | None = None
        self._intervals: Mapping[str, float] = {}
        self._entered: Mapping[str, float] | None = None

    async def run(self) -> None:
        """Look every two seconds until cancelled; an outage is told once."""
        looks, told = 0, False
        while True:
            try:
                await self.look()
                if looks % TOLD_EVERY == 0:
                    await self.tell()
                told = False
            except AWAY as error:
                if not told:
                    why = type(error).__name__
                    log.warning("the freshness of devices cannot be judged now (%s); trying again", why)
                told = True
            except Exception:
                log.exception("the freshness of devices could not be judged; trying again")
            looks += 1
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Judge every stream once, and enter what changed of streams and devices.

        A device has the state of its freshest stream: a station with one dead sensor speaks, and the sensor's own
        state shows that it does not. A camera that nobody watches is not live, whatever was seen of it last.
        """
        async with self._database.transaction(EVERYTHING) as transaction:
            now = self._now()
            expected = self._expected()
            if expected is not self._entered or await freshness.unknown(transaction):
                await freshness.expect(transaction, expected)
            changed = await freshness.judge_streams(transaction, now)
            if changed or self._whole:
                of = None if self._whole else changed
                await self._tell(transaction, await freshness.judge_devices(transaction, of, now), now)
            heard = await camera_states.heard_at(transaction)
            if heard is not None and heard < now - SILENT_AFTER:
                await self._tell(transaction, await camera_states.nobody_watches(transaction, now), now, CAMERAS)
        self._whole, self._entered = False, expected

    async def tell(self) -> None:
        """Raise and clear the alarms about losses and about values that do not come."""
        if self._outages is None:
            return
        try:
            async with self._database.transaction(EVERYTHING) as transaction:
                await self._outages.judge(transaction, self._expected(), self._now())
                if self._absences is not None:
                    await self._absences.judge(transaction, self._now())
        except BaseException:
            self._outages.forget()
            raise

    def _expected(self) -> Mapping[str, float]:
        """Seconds between two readings, by profile."""
        if self._entries is not self._register.entries:
            self._entries = self._register.entries
            profiles = {device.profile.code: device.profile for device in self._entries.devices.values()}
            found = {code: profile.interval_s / self._scale for code, profile in profiles.items()}
            self._intervals = self._intervals if found == self._intervals else found
        return self._intervals

    async def _tell(
        self, transaction: Transaction, codes: Iterable[str], now: dt.datetime, layer: Layer = DEVICES
    ) -> None:
        await changes.record_features(transaction, layer, list(codes), self._register.owners(), now)
