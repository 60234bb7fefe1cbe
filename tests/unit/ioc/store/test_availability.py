"""PostgreSQL keeps when devices and cameras worked, whoever changes them."""

import datetime as dt
from typing import Any

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store import availability, camera_states
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.scoped_rows import POINT, insert

T0 = dt.datetime(2026, 11, 3, 8, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def thing(code: str, **more: Any) -> dict[str, Any]:
    row = {"code": code, "centre": "hoi-an", "area": "20410@2025-07-01", "name": code, "kind": "k", "geom": POINT}
    return row | {"state_since": T0} | more


async def put(admin: asyncpg.Connection) -> None:
    await admin.execute("insert into centres values ('hoi-an', 'Hội An', 'Hoi An', 'district') on conflict do nothing")
    await insert(admin, "devices", thing("gauge", profile="river-gauge", state="lost"))
    await insert(admin, "cameras", thing("cam", settings="{}", state="live"))


async def spans(fresh: Fresh, subject: str) -> list[tuple[str, dt.datetime, dt.datetime | None]]:
    async with Database.open(fresh.url(), size=1) as database, database.transaction(EVERYTHING) as transaction:
        found = await availability.spans(transaction, T0 - HOUR, T0 + 99 * HOUR, "", subject)
    return [(one.what, one.began, one.ended) for one in found]


async def test_a_device_fails_from_its_first_day_until_it_is_heard(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await put(admin)
    await admin.execute("update devices set state = 'fresh', state_since = $1", T0 + HOUR)
    await admin.execute("update devices set state = 'stale', state_since = $1", T0 + 2 * HOUR)
    await admin.execute("update devices set state = 'lost', state_since = $1", T0 + 3 * HOUR)
    assert await spans(fresh, "device") == [
        ("serving", T0, None),
        ("failing", T0, T0 + HOUR),
        ("failing", T0 + 3 * HOUR, None),
    ]


async def test_a_life_cycle_that_is_not_active_is_no_service_and_no_failure(
    fresh: Fresh, admin: asyncpg.Connection
) -> None:
    await put(admin)
    await admin.execute("update devices set lifecycle = 'suspended', updated_at = $1", T0 + HOUR)
    await admin.execute("update devices set lifecycle = 'active', updated_at = $1", T0 + 5 * HOUR)
    assert await spans(fresh, "device") == [
        ("serving", T0, T0 + HOUR),
        ("failing", T0, T0 + HOUR),
        ("serving", T0 + 5 * HOUR, None),
        ("failing", T0 + 5 * HOUR, None),
    ]


async def test_what_another_centre_takes_over_counts_there_from_then_on(
    fresh: Fresh, admin: asyncpg.Connection
) -> None:
    await put(admin)
    await admin.execute("insert into centres values ('tam-ky', 'Tam Kỳ', 'Tam Ky', 'district') on conflict do nothing")
    await admin.execute("update devices set centre = 'tam-ky', updated_at = $1", T0 + HOUR)
    async with Database.open(fresh.url(), size=1) as database, database.transaction(EVERYTHING) as transaction:
        found = await availability.spans(transaction, T0, T0 + 9 * HOUR, "tam-ky", "device")
        assert [(one.what, one.began, one.ended) for one in found] == [
            ("serving", T0 + HOUR, None),
            ("failing", T0 + HOUR, None),
        ]


async def test_a_camera_fails_by_what_it_shows_and_light_is_no_failure(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await put(admin)
    for hours, state in enumerate(("dark", "covered", "glare", "silent", "degraded"), 1):
        await admin.execute("update cameras set state = $1, state_since = $2", state, T0 + hours * HOUR)
    assert await spans(fresh, "camera") == [
        ("serving", T0, None),
        ("failing", T0 + 2 * HOUR, T0 + 3 * HOUR),
        ("failing", T0 + 4 * HOUR, T0 + 5 * HOUR),
    ]


async def test_a_camera_that_nobody_watches_is_not_known(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await put(admin)
    await admin.execute("insert into camera_addresses (code, url) values ('cam', 'rtsp://10.0.0.1/')")
    async with Database.open(fresh.url(), size=1) as database:
        async with database.transaction(EVERYTHING) as transaction:
            assert await camera_states.nobody_watches(transaction, T0 + HOUR) == ["cam"]
        async with database.transaction(EVERYTHING) as transaction:
            await camera_states.enter(transaction, "cam", camera_states.State.LIVE, T0 + 2 * HOUR, "")
    assert await spans(fresh, "camera") == [("serving", T0, None), ("unknown", T0 + HOUR, T0 + 2 * HOUR)]


async def test_a_state_from_before_the_last_one_makes_no_negative_time(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await put(admin)
    await admin.execute("update devices set state = 'fresh', state_since = $1", T0 - HOUR)
    assert await spans(fresh, "device") == [("serving", T0, None), ("failing", T0, T0)]
