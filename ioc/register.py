"""The register in memory, for those who need it at every message; follows the database.

Who must start while PostgreSQL is away gives a file: the newest register is kept there and used until it can be read.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec

from ioc import kept
from ioc.access.scope import EVERYTHING
from ioc.incidents.alarm import Source
from ioc.incidents.suppression import Lineage
from ioc.retention import STANDARD
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.observations import UNAVAILABLE
from ioc.store.readings import Owner
from sensors.profile import Device, Profile

log = logging.getLogger(__name__)

RETRY_S = 1.0
REFRESH_S = 30.0
"""How often, in seconds, the register is read even when nothing woke us."""


class Entries(msgspec.Struct, frozen=True):
    """One reading of the register: all that is in it. `barred` is the life cycle of what is not in use."""

    devices: Mapping[str, Device] = {}
    cameras: Mapping[str, registry.CameraRow] = {}
    owners: Mapping[str, Owner] = {}
    sources: Mapping[str, Source] = {}
    barred: Mapping[str, str] = {}


def remembered(path: Path) -> Entries | None:
    """The register that is kept in a file, None when there is none of this version."""
    try:
        data = kept.get_checked(path)
        return None if data is None else msgspec.msgpack.decode(data, type=Entries)
    except (OSError, msgspec.DecodeError) as error:
        log.error("the register kept in %s cannot be used (%s)", path, error)
        return None


class _Used:
    """What of a reading is in use."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries
        self.devices = {code: one for code, one in entries.devices.items() if code not in entries.barred}
        self.cameras = {code: one for code, one in entries.cameras.items() if code not in entries.barred}


class Register:
    """Holds the newest Entries. Use as `async with Register.open(database, profiles) as register`."""

    def __init__(self, database: Database, profiles: Mapping[str, Profile], keep_at: Path | None = None) -> None:
        self._database = database
        self._profiles = profiles
        self._keep_at = keep_at
        self._wake = asyncio.Event()
        self.entries = Entries()
        self._used = _Used(self.entries)

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, database: Database, profiles: Mapping[str, Profile], *, keep_at: Path | None = None
    ) -> AsyncIterator["Register"]:
        """Read the register, and follow it for as long as the block lasts.

        With `keep_at` the register that is kept in that file stands in while PostgreSQL cannot be read; without
        one there, this waits until it can.
        """
        register = cls(database, profiles, keep_at)
        if keep_at is None:
            await register.read()
        else:
            await register._read_or_remember(keep_at)
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(register._follow(), name="register")
            try:
                yield register
            finally:
                following.cancel()

    def devices(self) -> Mapping[str, Device]:
        """Every device that is in use by its code; the same mapping until the register is read anew."""
        return self._in_use().devices

    def cameras(self) -> Mapping[str, registry.CameraRow]:
        """Every camera that is in use by its code; the same mapping until the register is read anew."""
        return self._in_use().cameras

    def barred(self) -> Mapping[str, str]:
        """The life cycle of every device and camera that is not in use, by its code."""
        return self.entries.barred

    def _in_use(self) -> "_Used":
        if self._used.entries is not self.entries:
            self._used = _Used(self.entries)
        return self._used

    def owners(self) -> Mapping[str, Owner]:
        """Centre and area of every device and camera by its code, also of one that is not in use (any more)."""
        return self.entries.owners

    def unit_of(self, device: str, name: str) -> str:
        """The unit of a device's property; empty when the profile has none."""
        known = self.entries.devices.get(device)
        about = known.profile.properties.get(name) if known is not None else None
        return about.unit if about is not None else ""

    def retention_of(self, device: str) -> str:
        """The retention class of a device's readings."""
        known = self.entries.devices.get(device)
        return known.profile.retention if known is not None else STANDARD

    def interval_of(self, device: str) -> float:
        """The seconds between two readings that are expected of a device; an hour of one that is not known."""
        known = self.entries.devices.get(device)
        return known.profile.interval_s if known is not None else 3600.0

    def area_of(self, thing: str) -> str:
        """The feature id of the area of a device or camera; empty for one that is not known."""
        owner = self.entries.owners.get(thing)
        return owner.area if owner is not None else ""

    def lineage(self, code: str) -> Lineage:
        """What a device or camera hangs on: its gateway, and the link by which a camera is seen."""
        device, camera = self.entries.devices.get(code), self.entries.cameras.get(code)
        if camera is not None:
            return Lineage(gateway=str(camera.settings.get("gateway", "")), link=str(camera.settings.get("link", "")))
        return Lineage(gateway=(device.gateway or "") if device is not None else "")

    async def read(self) -> None:
        """Read the register now."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            devices = await registry.load_devices(transaction, self._profiles, every=True)
            cameras = await registry.load_cameras(transaction, every=True)
            barred = await registry.load_barred(transaction)
        things: list[Device | registry.CameraRow] = [*devices.values(), *cameras.values()]
        self.entries = Entries(
            devices,
            cameras,
            {thing.code: Owner(thing.centre, thing.area) for thing in things},
            {
                thing.code: Source(
                    code=thing.code, name=thing.name, centre=thing.centre, area=thing.area, position=thing.position
                )
                for thing in things
            },
            barred,
        )

        if self._keep_at is not None:
            await asyncio.to_thread(self._remember, self._keep_at, self.entries)

    @staticmethod
    def _remember(path: Path, entries: Entries) -> None:
        data = msgspec.msgpack.encode(entries)
        try:
            if kept.get_checked(path) != data:
                kept.put_checked(path, data)
        except OSError as error:
            log.error("the register cannot be kept in %s (%s)", path, error.strerror)

    async def _read_or_remember(self, path: Path) -> None:
        while True:
            try:
                await self.read()
            except Exception as error:
                known = await asyncio.to_thread(remembered, path)
                if known is None:
                    log.error("PostgreSQL cannot be read (%s) and no register is kept in %s: waiting", error, path)
                    await asyncio.sleep(RETRY_S)
                    continue
                log.warning("PostgreSQL cannot be read (%s); the register of %s is used", error, path)
                self.entries = known
            return

    async def _follow(self) -> None:
        while True:
            try:
                async with self._database.listen(registry.CHANNEL, self._wake.set) as connection:
                    while not connection.is_closed():
                        self._wake.clear()
                        await self.read()  # first of all: what changed while nobody listened woke nobody
                        with contextlib.suppress(TimeoutError):
                            async with asyncio.timeout(REFRESH_S):
                                await self._wake.wait()
            except Exception as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                if self._keep_at is None and not isinstance(error, UNAVAILABLE):
                    raise
                log.warning("the register cannot be read now (%s); the last one stays", type(error).__name__)
            await asyncio.sleep(RETRY_S)
