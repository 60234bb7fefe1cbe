"""Centres, areas, devices and cameras: the register, and the states that are seen of it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.dialects.postgresql import insert

from cameras.camera import Address
from gis.areas import Area
from gis.position import Position
from ioc.store.addresses import CHANNEL as CHANNEL
from ioc.store.addresses import put_address
from ioc.store.database import Transaction
from ioc.store.statements import notifying
from ioc.store.tables import (
    AREAS,
    CAMERAS,
    CENTRE_AREAS,
    CENTRES,
    DEVICES,
    POSITIONS,
)
from ioc.vault import Vault
from sensors.profile import Device, Profile


class CameraRow(msgspec.Struct, frozen=True, kw_only=True):
    """A camera as it is registered; `settings` is what the camera room reads, without the address. `former` are centres
    that it belonged to, under whose topics it may still speak."""

    code: str
    centre: str
    area: str
    name: str
    kind: str
    position: Position
    bearing: float | None
    fov: float | None
    settings: Mapping[str, Any]
    view: tuple[Position, ...] = ()
    note: str = ""
    former: tuple[str, ...] = ()


def point(position: Position) -> str:
    """EWKT of a position."""
    return f"SRID=4326;POINT({position.lon} {position.lat})"


def _polygon(ring: tuple[Position, ...]) -> str | None:
    corners = ", ".join(f"{corner.lon} {corner.lat}" for corner in ring)
    return f"SRID=4326;POLYGON(({corners}))" if ring else None


async def put_areas(transaction: Transaction, areas: Iterable[Area]) -> None:
    """Enter areas; one that is there already stays as it is."""
    for area in areas:
        shape = shapely.MultiPolygon(list(shapely.get_parts(area.geometry)))
        row = {
            "fid": area.fid,
            "code": area.code,
            "name": area.name,
            "kind": area.kind,
            "level": area.level,
            "parent": area.parent,
            "valid_from": area.valid_from,
            "valid_to": area.valid_to,
            "successors": list(area.successors),
            "label": point(area.inner),
            "geom": shapely.to_wkt(shapely.set_srid(shape, 4326), rounding_precision=-1),
        }
        await transaction.run(
            insert(AREAS).values(**row | {"geom": sa.func.st_geomfromtext(row["geom"], 4326)}).on_conflict_do_nothing()
        )


async def put_centre(
    transaction: Transaction, code: str, name: str, name_en: str, kind: str, areas: Iterable[str]
) -> None:
    """Enter a centre and the areas it serves; again is harmless."""
    await transaction.run(
        insert(CENTRES).values(code=code, name=name, name_en=name_en, kind=kind).on_conflict_do_nothing()
    )
    for area in areas:
        await transaction.run(insert(CENTRE_AREAS).values(centre=code, area=area).on_conflict_do_nothing())


async def put_device(
    transaction: Transaction, device: Device, *, kind: str, approximate: bool, note: str, now: dt.datetime
) -> bool:
    """Register a device where it stands from now on; returns False when it was there already."""
    row = {
        "code": device.code,
        "centre": device.centre,
        "area": device.area,
        "name": device.name,
        "kind": kind,
        "profile": device.profile.code,
        "gateway": device.gateway,
        "approximate": approximate,
        "note": note,
        "state": "lost",
        "state_since": now,
        "geom": point(device.position),
    }
    statement = insert(DEVICES).values(**row).on_conflict_do_nothing().returning(DEVICES.c.code)
    if await transaction.row(statement) is None:
        return False
    await _stand(transaction, "device", device.code, device.centre, device.area, device.position, now)
    return True


async def put_camera(
    transaction: Transaction, camera: CameraRow, url: str, now: dt.datetime, vault: Vault | None = None
) -> bool:
    """Register a camera and its address, apart and sealed; the address is renewed when it was there already.

    Without a `url` we do not watch it: it reports by itself, or through the gateway that its settings name. With one
    there must be a `vault`. Raises ValueError for an address that is none.
    """
    address = Address(url) if url else None
    if address is not None and vault is None:
        raise ValueError("a camera's address is kept sealed: give the vault")
    row = {
        "code": camera.code,
        "centre": camera.centre,
        "area": camera.area,
        "name": camera.name,
        "kind": camera.kind,
        "note": camera.note,
        "bearing": camera.bearing,
        "fov": camera.fov,
        "settings": dict(camera.settings),
        "state": "silent",
        "state_since": now,
        "geom": point(camera.position),
        "view": _polygon(camera.view),
    }
    statement = insert(CAMERAS).values(**row).on_conflict_do_nothing().returning(CAMERAS.c.code)
    new = await transaction.row(statement) is not None
    if address is not None and vault is not None:
        await put_address(transaction, camera.code, address, vault)
    if new:
        await _stand(transaction, "camera", camera.code, camera.centre, camera.area, camera.position, now)
    await transaction.run(notifying(CHANNEL))
    return new


async def _stand(
    transaction: Transaction, subject: str, code: str, centre: str, area: str, position: Position, now: dt.datetime
) -> None:
    row = {"code": code, "subject": subject, "valid_from": now, "centre": centre, "area": area, "geom": point(position)}
    await transaction.run(insert(POSITIONS).values(**row).on_conflict_do_nothing())
    await transaction.run(notifying(CHANNEL))


async def load_areas(transaction: Transaction) -> list[Area]:
    """All areas of all times, with their boundaries."""
    shape = sa.func.st_asbinary(AREAS.c.geom, type_=sa.LargeBinary).label("shape")
    columns = [column for column in AREAS.columns if column.name not in ("geom", "geom3857", "label")]
    axes = [sa.func.st_x(AREAS.c.label).label("lon"), sa.func.st_y(AREAS.c.label).label("lat")]
    return [
        Area(
            **{column.name: row[column.name] for column in columns if column.name != "successors"},
            successors=tuple(row["successors"]),
            geometry=_shape(row["shape"]),
            inner=Position(lon=row["lon"], lat=row["lat"]),
        )
        for row in await transaction.rows(sa.select(*columns, *axes, shape))
    ]


def _shape(wkb: bytes) -> BaseGeometry:
    shape: BaseGeometry | None = shapely.from_wkb(wkb)
    if shape is None:
        raise ValueError("an area without a boundary is in the database; enter it again")
    return shape


def _in_use(table: sa.Table, every: bool) -> list[sa.ColumnElement[bool]]:
    return [] if every else [table.c.lifecycle == "active"]


async def load_barred(transaction: Transaction) -> dict[str, str]:
    """The life cycle of every device and camera that is not in use, by its code."""
    chosen = (sa.select(table.c.code, table.c.lifecycle) for table in (DEVICES, CAMERAS))
    rows = await transaction.rows(sa.union_all(*(one.where(sa.text("lifecycle <> 'active'")) for one in chosen)))
    return {row["code"]: row["lifecycle"] for row in rows}


def _former(table: str) -> sa.ColumnElement[Any]:
    """The centres under whose topics a thing of a table may still speak."""
    own = f"array(select f.centre from former_topics f where f.code = {table}.code order by f.centre)"  # noqa: S608
    return sa.literal_column(own).label("former")


async def load_devices(
    transaction: Transaction, profiles: Mapping[str, Profile], *, every: bool = False
) -> dict[str, Device]:
    """Every registered device that is in use, by its code; `every`: whatever its life cycle is."""
    rows = await transaction.rows(
        sa.select(
            DEVICES.c.code,
            DEVICES.c.centre,
            DEVICES.c.area,
            DEVICES.c.name,
            DEVICES.c.profile,
            DEVICES.c.gateway,
            _former("devices"),
            sa.func.st_x(DEVICES.c.geom).label("lon"),
            sa.func.st_y(DEVICES.c.geom).label("lat"),
        ).where(*_in_use(DEVICES, every))
    )
    return {
        row["code"]: Device(
            code=row["code"],
            centre=row["centre"],
            area=row["area"],
            name=row["name"],
            gateway=row["gateway"],
            former=tuple(row["former"]),
            profile=profiles[row["profile"]],
            position=Position(lon=row["lon"], lat=row["lat"]),
        )
        for row in rows
        if row["profile"] in profiles
    }


_CAMERA = ("code", "centre", "area", "name", "kind", "bearing", "fov", "settings")


async def load_cameras(transaction: Transaction, *, every: bool = False) -> dict[str, CameraRow]:
    """Every registered camera that is in use by its code, without its address; `every`: whatever its life cycle is."""
    rows = await transaction.rows(
        sa.select(
            *(CAMERAS.c[name] for name in _CAMERA),
            _former("cameras"),
            sa.func.st_x(CAMERAS.c.geom).label("lon"),
            sa.func.st_y(CAMERAS.c.geom).label("lat"),
        ).where(*_in_use(CAMERAS, every))
    )
    return {
        row["code"]: CameraRow(
            **{name: row[name] for name in _CAMERA},
            former=tuple(row["former"]),
            position=Position(lon=row["lon"], lat=row["lat"]),
        )
        for row in rows
    }
