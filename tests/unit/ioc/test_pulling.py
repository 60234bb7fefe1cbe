"""Facts about which cameras are pulled, and from the camera to the row."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from cameras.pullpoint import Pace
from cameras.soap import Account
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.outbound import Allowed, Outbound
from ioc.pulling import Pulling, Wanted, account_in, allowed_of, wanted_of
from ioc.register import Register
from ioc.settings import Settings, SettingsError
from ioc.store import registry
from ioc.store.addresses import load_addresses
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from tests.fakes.eyes import xml
from tests.fakes.soap_camera import PASSWORD, USER, soap_camera
from tests.fakes.things import NOW
from tests.fakes.vaults import vault

QUICK = Pace(answer_s=2.0, poll_s=1.0, first_retry_s=0.01, longest_retry_s=0.1, empty_s=0.01, farewell_s=1.0)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def row(code: str, **settings: Any) -> registry.CameraRow:
    return registry.CameraRow(
        code=code, centre="hoi-an", area="20410@2025-07-01", name=code, kind="street",
        position=Position(lon=108.33, lat=15.88), bearing=None, fov=None, settings=settings,
    )  # fmt: skip


def test_the_account_is_that_of_the_stream() -> None:
    assert account_in("rtsp://u%40x:p%20w@10.0.0.1/s") == Account("u@x", "p w")
    assert [account_in(address) for address in ("rtsp://10.0.0.1/s", "", "rtsp://[")] == [None, None, None]
    rows = {"cam-1": row("cam-1", onvif="http://10.0.0.1/onvif/device_service"), "cam-2": row("cam-2")}
    assert wanted_of(rows, {"cam-1": "rtsp://u:p@10.0.0.1/s", "cam-2": "rtsp://u:p@10.0.0.2/s"}) == {
        "cam-1": Wanted("http://10.0.0.1/onvif/device_service", Account("u", "p"))
    }


def test_a_wrong_setting_is_named() -> None:
    assert allowed_of(Settings(outbound="10.20.0.0/16")) == Allowed.parse("10.20.0.0/16")
    with pytest.raises(SettingsError, match="IOC_OUTBOUND cannot be used: 'http://x'"):
        allowed_of(Settings(outbound="http://x"))


@contextlib.asynccontextmanager
async def pulling(database: Database, allowed: str) -> AsyncIterator[Pulling]:
    async def addresses() -> dict[str, str]:
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            return dict((await load_addresses(transaction, vault())).urls)

    async with Register.open(database, profiles()) as register, Outbound.open(Allowed.parse(allowed)) as outbound:
        store = ObservationStore(database, register.owners, register.unit_of)
        one = Pulling(register.cameras, addresses, outbound, store, now, pace=QUICK, look_s=0.05)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(one.run(), name="pulling")
            try:
                yield one
            finally:
                task.cancel()


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(15):
        while not await found if asyncio.iscoroutine(found := holds()) else not found:
            await asyncio.sleep(0.02)


async def test_events_are_pulled_kept_and_left_when_the_camera_goes(
    database: Database, admin: asyncpg.Connection
) -> None:
    """A sighting in its row, a tampered picture refused to one that we watch, a strange date as a dead letter."""
    async with soap_camera() as camera:
        address = f"rtsp://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1/s"
        async with database.transaction(EVERYTHING) as transaction:
            await registry.put_camera(transaction, row("cam-1", onvif=camera.url), address, NOW, vault())
        async with pulling(database, "127.0.0.0/8") as one:
            crossed = xml("tns1:RuleEngine/LineDetector/Crossed", {"ObjectId": "9"}, at=now().isoformat())
            camera.events.put_nowait((crossed, crossed, xml("tns1:VideoSource/MotionAlarm", {"State": "1"}, at="1999")))
            await until(lambda: admin.fetchval("select count(*) from dead_letters"))
            found = await admin.fetch("select camera, kind, track from sightings")
            assert [tuple(each) for each in found] == [("cam-1", "line_crossed", "9")]
            letter = await admin.fetchrow("select topic, source, code from dead_letters")
            assert letter is not None
            assert tuple(letter) == ("ioc/v1/hoi-an/cam-1/events", "cam-1", "date")
            assert one.figures() == {"pulled": 1, "pull_failures": 0}
            await admin.execute("update cameras set settings = '{}'")
            await admin.execute("select pg_notify('ioc_register', '')")
            await until(lambda: "Unsubscribe" in camera.asked)
            await until(lambda: one.figures()["pulled"] == 0)
        assert camera.proofs["bad"] == 0


async def test_a_camera_that_may_not_be_called_is_never_called(database: Database) -> None:
    async with soap_camera() as camera:
        async with database.transaction(EVERYTHING) as transaction:
            await registry.put_camera(transaction, row("cam-1", onvif=camera.url), "", NOW)
        async with pulling(database, "") as one:
            await until(lambda: one.figures()["pull_failures"] >= 2)
        assert camera.asked == []
