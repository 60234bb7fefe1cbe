"""What is registered for the night of the scripted flood: a gateway with three devices, one alone, and a camera."""

import datetime as dt
from collections.abc import Mapping

import msgspec

from gis.areas import AreaIndex
from gis.observation import Reading
from gis.position import Position
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.registry import CameraRow
from sensors.profile import Device, Profile
from tests.fakes.flood import VIETNAM, Script, area_at
from tests.fakes.things import reading
from tests.fakes.vaults import vault

BEGINS = dt.datetime(2025, 10, 27, 23, 0, tzinfo=VIETNAM).astimezone(dt.UTC)
"""When the gateway of Trà Tập falls silent."""

GATEWAY, GAUGES, CENTRE = "gw-tra-tap", "lora-tra-tap", "nam-tra-my"
TRA_TAP = Position(lon=108.0572, lat=15.14038)
THINGS = ((f"{GAUGES}-1", "fast", GATEWAY), (f"{GAUGES}-2", "slow", GATEWAY), (f"{GAUGES}-3", "slow", GATEWAY))
ALONE = ("lora-alone", "fast", None)


def profiles() -> dict[str, Profile]:
    """The shipped profiles, and two of which one is heard four times as often: who is is missed first."""
    known = catalogue.profiles()
    plain = known["lorawan-water-level"]
    made = {"fast": 60.0, "slow": 240.0}
    return dict(known) | {code: msgspec.structs.replace(plain, code=code, interval_s=s) for code, s in made.items()}


def beat(source: str, at: dt.datetime) -> Reading:
    """A device says that it lives."""
    return reading(3.6, seq=int(at.timestamp()), at=at, source=source, centre=CENTRE, prop="battery")


async def register(database: Database, index: AreaIndex, script: Script, known: Mapping[str, Profile]) -> None:
    """Enter the devices behind the gateway, the one alone, and the camera of the old town."""
    before, area = script.told[0][0], area_at(index, TRA_TAP)
    seen = script.sources["cam-bach-dang"]
    camera = CameraRow(
        code=seen.code,
        centre=seen.centre,
        area=seen.area,
        name=seen.name,
        kind="street",
        position=seen.position,
        bearing=None,
        fov=None,
        settings={},
    )
    async with database.transaction(EVERYTHING) as transaction:
        for code, profile, gateway in (*THINGS, ALONE):
            device = Device(
                code=code,
                centre=CENTRE,
                area=area,
                name=code,
                position=TRA_TAP,
                profile=known[profile],
                gateway=gateway,
            )
            await registry.put_device(transaction, device, kind="x", approximate=False, note="", now=before)
        await registry.put_camera(transaction, camera, "rtsp://127.0.0.1/", before, vault())
