"""Watches that time drives: devices that fall silent become stale and lost, and fresh when they speak again."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from gis.freshness import freshness
from gis.layers import DEVICES as LAYER
from ioc.access.scope import EVERYTHING
from ioc.register import Register
from ioc.store import changes, registry
from ioc.store.database import Database, Transaction
from ioc.store.layers import features_of
from ioc.store.tables import DEVICES

log = logging.getLogger(__name__)

EVERY_S = 2.0


class FreshnessWatch:
    """Keeps the state of devices true. The expected interval is the profile's, in seconds."""

    def __init__(
        self, database: Database, register: Register, now: Callable[[], dt.datetime], *, interval_scale: float = 1.0
    ) -> None:
        """`interval_scale` divides expected intervals; a replay at sixty times the speed is heard as often."""
        self._database = database
        self._register = register
        self._now = now
        self._scale = interval_scale

    async def run(self) -> None:
        """Look every two seconds until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("the freshness of devices could not be judged; trying again")
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Judge every device once and enter what changed."""
        async with self._database.transaction(EVERYTHING) as transaction:
            heard = await registry.heard(transaction)
            states = await registry.device_states(transaction)
            now = self._now()
            for code, before in states.items():
                device = self._register.devices().get(code)
                if device is None or before == "suspended":
                    continue
                after = freshness(heard.get(code), device.profile.interval_s / self._scale, now)
                if after != before:
                    await self._enter(transaction, code, after, now)

    async def _enter(self, transaction: Transaction, code: str, state: str, now: dt.datetime) -> None:
        owner = self._register.owners()[code]
        await registry.set_state(transaction, DEVICES, code, state, now)
        features = await features_of(transaction, LAYER, [code])
        await changes.record(
            transaction,
            [
                changes.Change(
                    subject="device",
                    subject_id=code,
                    op="put",
                    centre=owner.centre,
                    area=owner.area,
                    at=now,
                    value=feature,
                )
                for feature in features
            ],
        )
