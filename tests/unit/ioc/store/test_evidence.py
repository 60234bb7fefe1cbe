"""What people look at when they open something."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from gis.layers import moment
from ioc.access.scope import EVERYTHING, Scope
from ioc.catalogue import profiles
from ioc.rollups import Rollups
from ioc.store import evidence, registry
from ioc.store.database import Database
from tests.fakes.store import batch, store
from tests.fakes.things import NOW, device, reading

PICTURE = uuid.UUID(int=7)
ELSEWHERE = Scope(frozenset({"hoi-an"}))


@pytest.mark.parametrize("scope", [EVERYTHING, ELSEWHERE])
async def test_what_is_not_there_is_none(database: Database, scope: Scope) -> None:
    async with database.transaction(scope, read_only=True) as transaction:
        assert await evidence.incident(transaction, PICTURE) is None
        assert await evidence.stream(transaction, "gauge-ai-nghia", "water_level") is None
        assert await evidence.camera_place(transaction, "cam-a") is None


async def test_of_many_readings_the_newest_are_shown_oldest_first(
    database: Database, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_READINGS", 2)
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_device(transaction, device(), kind="k", approximate=False, note="", now=NOW)
    moments = [NOW + dt.timedelta(seconds=number) for number in range(4)]
    await store(database).keep(batch(*(reading(float(n), seq=n, at=at) for n, at in enumerate(moments))))
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        stream = await evidence.stream(transaction, "gauge-ai-nghia", "water_level")
        assert stream is not None
        found = await evidence.readings(transaction, stream, NOW)
        later = await evidence.readings(transaction, stream, moments[3])
        assert await evidence.stream(transaction, "gauge-ai-nghia", "speed") is None
    assert [one["value"] for one in found] == [2.0, 3.0]
    assert [one["value"] for one in later] == [3.0]
    assert stream["unit"] == profiles()["river-gauge"].properties["water_level"].unit


async def test_the_hour_and_the_day_that_hold_a_moment_are_whole(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_device(transaction, device(), kind="k", approximate=False, note="", now=NOW)
    moments = [NOW - dt.timedelta(hours=hours) for hours in (9, 7, 1, 0)]
    await store(database).keep(batch(*(reading(float(n), seq=n, at=at) for n, at in enumerate(moments))))
    assert await Rollups(database).turn()
    since, zone = NOW + dt.timedelta(minutes=20), ZoneInfo("Asia/Ho_Chi_Minh")
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        stream = await evidence.stream(transaction, "gauge-ai-nghia", "water_level")
        assert stream is not None
        hours = await evidence.hourly(transaction, stream, since, 3600)
        days = await evidence.daily(transaction, stream, since, 3600, zone)
    assert [(one["at"], one["mean"], one["coverage"]) for one in hours] == [(moment(NOW), 3.0, 1.0)]
    (day,) = days
    assert (day["at"], day["count"], day["low"], day["high"]) == ("2026-11-21T17:00:00.000Z", 3, 1.0, 3.0)


NAMES = (
    *("id", "key", "rule", "category", "title", "title_en", "match", "source_kind", "source", "source_name"),
    *("property", "severity", "count", "unit"),
)
ROW = dict.fromkeys(NAMES, "x") | dict.fromkeys(("raised_at", "seen_at", "cleared_at"))


def test_photographs_are_shown_by_their_addresses() -> None:
    shown = evidence._alarm(ROW | {"evidence": {"picture": "a", "photos": ["a", "b"]}}, {})["evidence"]
    assert shown == {"picture": "/api/v1/media/a", "photos": ["/api/v1/media/a", "/api/v1/media/b"]}


@pytest.mark.parametrize(
    ("kept", "shown"),
    [(None, None), ("", None), ("abc", "/api/v1/media/abc"), ("/api/v1/media/abc", "/api/v1/media/abc")],
)
def test_a_picture_is_shown_by_its_address(kept: str | None, shown: str | None) -> None:
    assert evidence._alarm(ROW | {"evidence": {"picture": kept}}, {})["evidence"]["picture"] == shown
    assert evidence._alarm(ROW | {"evidence": None}, {})["evidence"] == {"picture": None}


def test_a_clip_is_shown_once_it_is_there() -> None:
    there = {"a": {"url": "/api/v1/media/a", "kind": "clip", "seconds": 12.0}}
    shown = [evidence._alarm(ROW | {"evidence": {"clip": one}}, there)["evidence"]["clip"] for one in ("a", "b", None)]
    assert shown == [there["a"], None, None]
