"""Devices and cameras that move to another unit: history, dated past, change log."""

import asyncpg
import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.register_moves import move
from ioc.store.resettling import Placing, standing
from tests.fakes import things
from tests.fakes.things import AI_NGHIA, NOW

BEFORE, AFTER = "20500@2025-07-01", "20506@2025-07-01"


@pytest.mark.parametrize("subject", ["device", "camera"])
async def test_a_move_is_a_change_of_the_record(database: Database, admin: asyncpg.Connection, subject: str) -> None:
    later = NOW.replace(year=2027)
    async with database.transaction(EVERYTHING) as transaction:
        if subject == "device":
            one = things.device("thing", centre="dai-loc", area=BEFORE, position=AI_NGHIA)
            await registry.put_device(transaction, one, kind="x", approximate=False, note="", now=NOW)
        else:
            row = registry.CameraRow(
                code="thing", centre="dai-loc", area=BEFORE, name="x", kind="traffic", position=AI_NGHIA, bearing=None,
                fov=None, settings={"gateway": "nvr"},
            )  # fmt: skip
            await registry.put_camera(transaction, row, "", NOW)
    async with database.transaction(EVERYTHING) as transaction:
        [found] = await standing(transaction, areas=[BEFORE])
        assert (found.subject, found.code, found.position) == (
            subject,
            "thing",
            Position(lon=AI_NGHIA.lon, lat=AI_NGHIA.lat),
        )
        assert found.gateway == ("nvr" if subject == "camera" else "")
        tell = await move(transaction, [Placing(before=found, centre="hoi-an", area=AFTER)], "cli:thu", "vì vậy", later)
        await tell()
    log = await admin.fetchrow("select subject, act, who, reason, version from register_log")
    assert tuple(log) == (subject, "move", "cli:thu", "vì vậy", 2)
    past = await admin.fetch("select centre, area, valid_from from positions order by valid_from")
    assert [tuple(row) for row in past] == [("dai-loc", BEFORE, NOW), ("hoi-an", AFTER, later)]
    told = await admin.fetchrow("select centre, centre_before, area, area_before from changes order by id desc limit 1")
    assert tuple(told) == ("hoi-an", "dai-loc", AFTER, BEFORE)
