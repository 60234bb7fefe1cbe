"""The demo's register and accounts, entered once; every secret is random and made at the first start."""

import asyncio
import datetime as dt
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
import orjson

from cameras.camera import Camera
from cameras.place import field_of_view
from gis.position import Position
from gis.stamp import uuid7
from ioc import data
from ioc.access import tokens
from ioc.access.passwords import hash_password
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.demo.registry import DemoCamera, DemoEye, Registry
from ioc.sites import sited
from ioc.store import people, registry
from ioc.store.database import Database, Transaction
from ioc.store.tokens import create_token
from ioc.vault import Vault
from sensors.profile import Device, Profile

HOST = "127.83.0.1"
"""Where the demo's cameras are: an address of this machine alone, which may be called when no other of it may."""

DISTRICT = "dai-loc"

PEOPLE = {
    "admin": Person(login="admin", name="Quản trị viên", role="admin", centre=None, language="vi"),
    "operator": Person(login="operator", name="Trực ban tỉnh", role="operator", centre=None, language="vi"),
    "district": Person(login="district", name="Cán bộ Đại Lộc", role="district", centre=DISTRICT, language="vi"),
    "registrar": Person(login="registrar", name="Cán bộ đăng ký", role="registrar", centre=None, language="vi"),
}
"""The accounts of demo.json by role."""


class Street(msgspec.Struct, frozen=True, kw_only=True):
    """Where the demo's cameras are served; each lets its own code in as user, all with one password."""

    port: int
    password: str

    def url(self, code: str) -> str:
        """The RTSP address of a camera, with its password."""
        return f"rtsp://{code}:{quote(self.password, safe='')}@{HOST}:{self.port}/{code}"


async def seed_places(database: Database) -> None:
    """Areas and centres; what is there already stays as it is."""
    areas = await asyncio.to_thread(data.areas)
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_areas(transaction, areas)
        for centre in data.centres():
            await registry.put_centre(transaction, centre.code, centre.name, centre.name_en, centre.kind, centre.areas)


async def seed_register(
    database: Database,
    demo: Registry,
    profiles: Mapping[str, Profile],
    street: Street,
    now: dt.datetime,
    vault: Vault,
) -> None:
    """Devices and cameras; a camera's address is renewed at every start, because its port is."""
    async with database.transaction(EVERYTHING) as transaction:
        for about, gateway in demo.everything():
            device = Device(
                code=about.code,
                centre=about.centre,
                area=about.area,
                name=about.name,
                position=Position(lon=about.position[0], lat=about.position[1]),
                profile=profiles[about.profile],
                gateway=gateway,
            )
            await registry.put_device(
                transaction, device, kind=about.profile, approximate=about.approximate, note=about.note, now=now
            )
        for camera in demo.cameras:
            await registry.put_camera(transaction, camera_row(camera), street.url(camera.code), now, vault)
        for eye in demo.eyes:
            await registry.put_camera(transaction, eye_row(eye), "", now)


def camera_row(about: DemoCamera) -> registry.CameraRow:
    """A camera of the demo as it is registered, with the ground it sees."""
    parts: dict[str, object] = msgspec.to_builtins(about)
    settings = {name: parts[name] for name in ("scene", "calibration", "lines", "zones")}
    position = Position(lon=about.position[0], lat=about.position[1])
    camera = msgspec.convert(
        {
            **settings,
            "code": about.code,
            "centre": about.centre,
            "position": {"lon": position.lon, "lat": position.lat},
            "bearing_deg": about.bearing_deg,
            "fov_deg": about.fov_deg,
            "address": {"url": "rtsp://127.0.0.1/"},
        },
        Camera,
    )
    return registry.CameraRow(
        code=about.code,
        centre=about.centre,
        area=about.area,
        name=about.name,
        kind=about.scene,
        note=about.note,
        position=position,
        bearing=about.bearing_deg,
        fov=about.fov_deg,
        settings=orjson.loads(orjson.dumps(settings)),
        view=tuple(field_of_view(camera) or ()),
    )


def eye_row(about: DemoEye) -> registry.CameraRow:
    """A camera of another maker as it is registered, with the ground that it sees."""
    parts: dict[str, Any] = msgspec.to_builtins(about)
    names = ("scene", "height_m", "tilt_deg", "codec", "gateway", "known_as", "frame")
    settings = {name: parts[name] for name in names if parts[name]}
    return sited(
        registry.CameraRow(
            code=about.code,
            centre=about.centre,
            area=about.area,
            name=about.name,
            kind=about.scene,
            note=about.note,
            position=Position(lon=about.position[0], lat=about.position[1]),
            bearing=about.bearing_deg,
            fov=about.fov_deg,
            settings=settings,
        )
    )


async def seed_people(
    database: Database, passwords: Mapping[str, str], bearer: Mapping[str, str], now: dt.datetime
) -> None:
    """The accounts with their passwords and a token each; again is harmless."""
    async with database.transaction(EVERYTHING) as transaction:
        for role, person in PEOPLE.items():
            known = await people.by_login(transaction, person.login)
            if known is None:
                await _account(transaction, person, passwords[role], bearer[role], now)


async def _account(transaction: Transaction, person: Person, password: str, bearer: str, now: dt.datetime) -> None:
    hashed = await asyncio.to_thread(hash_password, password)
    account = await people.create_account(transaction, uuid7(now, os.urandom(10)), person, hashed, now)
    await create_token(transaction, account, tokens.digest(bearer), "demo", now)
