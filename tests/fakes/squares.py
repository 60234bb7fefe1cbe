"""A small country of squares whose shares anybody can reckon, and releases of it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from gis.areas import Area, fid_of
from gis.position import Position
from ioc import area_loading
from ioc.access.scope import EVERYTHING
from ioc.registration.release import Head, Release
from ioc.store import registry
from ioc.store.database import Database

FIRST, DAY = dt.date(2024, 9, 1), dt.date(2025, 7, 1)


def box(
    code: str,
    west: float,
    east: float,
    *,
    since: dt.date = FIRST,
    parent: str | None = "1",
    level: int = 2,
    **more: Any,
) -> Area:
    """A unit from one meridian to another."""
    shape = shapely.box(west, 15.0, east, 16.0)
    plain: dict[str, Any] = {
        "fid": fid_of(code, since), "code": code, "name": f"Xã {code}", "kind": "Xã", "level": level, "parent": parent,
        "valid_from": since, "valid_to": None, "successors": (), "geometry": shape,
        "inner": Position(lon=(west + east) / 2, lat=15.5),
    }  # fmt: skip
    return Area(**plain | more)


def province(west: float = 100.0, east: float = 110.0, since: dt.date = FIRST) -> Area:
    return box("1", west, east, since=since, parent=None, level=1)


ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BEFORE = dt.datetime(2025, 6, 1, 3, tzinfo=dt.UTC)
AFTER = dt.datetime(2025, 7, 2, 3, tzinfo=dt.UTC)
MIDNIGHT = dt.datetime(2025, 6, 30, 17, tzinfo=dt.UTC)
"""Of the day, in Viet Nam."""


def release(name: str, *units: Area, day: dt.date = DAY, **head: Any) -> Release:
    """A release of some units; its digest is of its name."""
    about = Head(release=name, effective=day, source="NQ", **head)
    return Release(head=about, units=units, digest=name.encode().ljust(32, b"."))


FIRST_RELEASE = release("first", province(), box("A", 100, 102), box("B", 102, 104), day=FIRST, centres={"A": "tam-ky"})
"""The province (1) with A, which the centre of Tam Kỳ serves, and B beside it."""

JOINED = release("joined", province(since=DAY), box("E", 100, 104, since=DAY), centres={"E": "hoi-an"})
"""A and B go into E, which the centre of Hội An serves."""

CUT = release(
    "cut", province(since=DAY), box("C", 100, 101, since=DAY), box("D", 101, 104, since=DAY), centres={"C": "quang-nam"}
)
"""A is cut in two; one half goes with B into D, and nothing is Tam Kỳ's any more."""


async def load(database: Database, one: Release, now: dt.datetime = AFTER) -> area_loading.Outcome:
    """Load a release at a moment."""
    async with database.transaction(EVERYTHING) as transaction:
        return await area_loading.load(transaction, one, ZONE, now, "cli:thu")


async def settle(database: Database) -> None:
    """Three centres, and the first release."""
    async with database.transaction(EVERYTHING) as transaction:
        for code, kind in (("quang-nam", "province"), ("tam-ky", "district"), ("hoi-an", "district")):
            await registry.put_centre(transaction, code, code, code, kind, ())
    await load(database, FIRST_RELEASE, BEFORE)


def written(folder: Path, name: str, *units: Area, **head: Any) -> Path:
    """A release as one GeoJSON file."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": one.code, "name": one.name, "kind": one.kind, "level": one.level, "parent": one.parent,
            },
            "geometry": json.loads(shapely.to_geojson(one.geometry)),
        }
        for one in units
    ]  # fmt: skip
    about = {"release": name, "effective": DAY.isoformat(), "source": "NQ", **head}
    file = folder / f"{name}.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features, "release": about}))
    return file
