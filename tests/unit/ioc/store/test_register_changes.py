"""The register is changed whole: row, place, history and audit trail together, or not at all."""

import datetime as dt

import asyncpg
import msgspec
import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING, Scope
from ioc.registration.record import AnyRecord, Author, CameraRecord, Change, DeviceRecord
from ioc.store import register_changes, register_rows
from ioc.store.changes import record_features
from ioc.store.database import Database
from ioc.store.readings import Owner
from ioc.store.register_changes import LAYERS, Kept, StaleError, TakenError
from ioc.store.seeing import seeing
from tests.fakes.store import counted
from tests.fakes.things import AI_NGHIA, NOW

BY = Author("registrar", "10.0.0.1")
LATER = NOW + dt.timedelta(hours=1)
HOI_AN = Position(lon=108.327, lat=15.879)
DEVICE = DeviceRecord(
    code="gauge-a", name="Ái Nghĩa", centre="dai-loc", area="20500@2025-07-01", kind="river-gauge", position=AI_NGHIA,
    profile="river-gauge", serial="7",
)  # fmt: skip
CAMERA = CameraRecord(
    code="cam-a", name="A", centre="dai-loc", area="20500@2025-07-01", kind="street", position=AI_NGHIA, bearing=90.0,
    fov=60.0, settings={"scene": "street", "height_m": 6.0},
)  # fmt: skip


async def registered(database: Database, made: AnyRecord, at: dt.datetime = NOW) -> Kept:
    async with database.transaction(EVERYTHING) as transaction:
        kept = await register_changes.register_thing(transaction, made, by=BY, now=at, reason="new")
        await register_changes.tell(transaction, [kept], at)
        return kept


async def changed(database: Database, wanted: AnyRecord, act: str = "change", at: dt.datetime = LATER) -> Kept:
    async with database.transaction(EVERYTHING) as transaction:
        kept = await register_changes.change_thing(transaction, wanted, by=BY, now=at, act=act, reason="why")
        await register_changes.tell(transaction, [kept], at)
        return kept


async def test_a_draft_is_entered_with_its_place_and_its_history_and_shown_on_no_map(
    database: Database, admin: asyncpg.Connection
) -> None:
    kept = await registered(database, DEVICE)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await register_rows.one(transaction, "device", "gauge-a") == kept.after
        (entry,) = await register_changes.history(transaction, "device", "gauge-a")
    assert (kept.after.version, kept.after.state, kept.after.updated_by) == (1, "suspended", "registrar")
    assert (entry.version, entry.by, entry.act, entry.reason) == (1, "registrar", "register", "new")
    assert Change("serial", None, "7") in entry.changes
    assert await counted(admin, "positions") == 1
    assert await counted(admin, "changes") == 0
    deed = await admin.fetchrow("select act, who, kind, thing, centre, address, text from audit where kind = 'device'")
    assert tuple(deed) == ("device.register", "registrar", "device", "gauge-a", "dai-loc", "10.0.0.1", "new")


async def test_a_code_is_taken_once(database: Database, admin: asyncpg.Connection) -> None:
    await registered(database, DEVICE)
    async with database.transaction(EVERYTHING) as transaction:
        with pytest.raises(TakenError):
            await register_changes.register_thing(transaction, DEVICE, by=BY, now=NOW)
    assert await counted(admin, "register_log") == 1


async def test_a_move_leaves_the_past_where_it_was_and_is_told_to_both_places(
    database: Database, admin: asyncpg.Connection
) -> None:
    before = (await registered(database, msgspec.structs.replace(DEVICE, lifecycle="active"))).after
    moved = msgspec.structs.replace(before, position=HOI_AN, centre="hoi-an", area="20410@2025-07-01")
    kept = await changed(database, moved)
    assert kept.after.version == 2
    stood = await admin.fetch(
        "select centre, area, valid_from from positions where code = 'gauge-a' order by valid_from"
    )
    assert [tuple(row) for row in stood] == [
        ("dai-loc", "20500@2025-07-01", NOW),
        ("hoi-an", "20410@2025-07-01", LATER),
    ]
    told = await admin.fetch("select op, centre, centre_before, area_before from changes order by id")
    assert [tuple(row) for row in told] == [
        ("put", "dai-loc", None, None),
        ("put", "hoi-an", "dai-loc", "20500@2025-07-01"),
    ]
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        newest = (await register_changes.history(transaction, "device", "gauge-a"))[0]
    assert [one.field for one in newest.changes] == ["area", "centre", "position"]


async def test_who_has_read_an_older_version_is_told_the_present_one(database: Database) -> None:
    before = (await registered(database, DEVICE)).after
    await changed(database, msgspec.structs.replace(before, maker="Vega"))
    with pytest.raises(StaleError) as stale:
        await changed(database, msgspec.structs.replace(before, maker="Seba"))
    assert (stale.value.current.version, stale.value.current.maker) == (2, "Vega")


async def test_what_changes_nothing_does_nothing(database: Database, admin: asyncpg.Connection) -> None:
    before = (await registered(database, DEVICE)).after
    kept = await changed(database, before)
    assert kept.same
    assert await counted(admin, "register_log") == 1


async def test_the_life_cycle_gives_the_state_and_takes_what_is_gone_off_the_map(
    database: Database, admin: asyncpg.Connection
) -> None:
    record = (await registered(database, DEVICE)).after
    seen = []
    for state in ("approved", "active", "suspended", "active", "retired"):
        record = (await changed(database, msgspec.structs.replace(record, lifecycle=state), act=state)).after
        seen.append(record.state)
    assert seen == ["suspended", "lost", "suspended", "lost", "suspended"]
    told = await admin.fetch("select op, value -> 'properties' ->> 'lifecycle' as lifecycle from changes order by id")
    assert [tuple(row) for row in told] == [
        ("put", "approved"), ("put", "active"), ("put", "suspended"), ("put", "active"), ("removed", None),
    ]  # fmt: skip


async def test_a_device_that_is_in_use_again_has_the_state_of_its_streams(
    database: Database, admin: asyncpg.Connection
) -> None:
    record = (await registered(database, msgspec.structs.replace(DEVICE, lifecycle="active"))).after
    stream = await admin.fetchval(
        "insert into streams (centre, device, property, unit, state) values ('dai-loc', 'gauge-a', 'water_level', 'm', "
        "'fresh') returning id"
    )
    await admin.execute(
        "insert into latest (stream, centre, area, at, arrived_at, value, quality, derived) "
        "values ($1, 'dai-loc', '20500@2025-07-01', $2, $2, 1, 0, false)",
        stream,
        NOW,
    )
    record = (await changed(database, msgspec.structs.replace(record, lifecycle="suspended"))).after
    assert record.state == "suspended"
    record = (await changed(database, msgspec.structs.replace(record, lifecycle="active"))).after
    assert record.state == "fresh"


async def test_a_camera_sees_its_ground_and_is_missed_only_while_it_is_in_use(
    database: Database, admin: asyncpg.Connection
) -> None:
    record = (await registered(database, msgspec.structs.replace(CAMERA, lifecycle="active"))).after
    assert await admin.fetchval("select st_area(view) > 0 from cameras")
    before = await admin.fetchval("select view from cameras")
    turned = (await changed(database, msgspec.structs.replace(record, bearing=180.0))).after
    assert await admin.fetchval("select view from cameras") != before
    await admin.execute("update cameras set state = 'unreachable', down_since = now(), reason = 'x'")
    await changed(database, msgspec.structs.replace(turned, lifecycle="suspended"))
    row = await admin.fetchrow("select state, down_since, reason from cameras")
    assert tuple(row) == ("silent", None, "it is watched no more")


async def test_the_map_follows_a_camera_that_turns_moves_and_is_put_out_of_use(database: Database) -> None:
    """`camera_fov`, and who sees a point."""
    east, west, far = (Position(lon=lon, lat=15.883) for lon in (108.1185, 108.1175, 108.1285))

    async def seen(place: Position) -> bool:
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            return bool(await seeing(transaction, place, most=5, live=False))

    record = (await registered(database, msgspec.structs.replace(CAMERA, lifecycle="active"))).after
    assert (await seen(east), await seen(west)) == (True, False)
    record = (await changed(database, msgspec.structs.replace(record, bearing=270.0))).after
    assert (await seen(east), await seen(west)) == (False, True)
    moved = msgspec.structs.replace(record, position=Position(lon=108.129, lat=15.883))
    record = (await changed(database, moved)).after
    assert (await seen(west), await seen(far)) == (False, True)
    await changed(database, msgspec.structs.replace(record, lifecycle="suspended"))
    assert not await seen(far)


async def test_what_is_retired_does_not_come_back_to_the_map(database: Database, admin: asyncpg.Connection) -> None:
    """Another process may tell of it after it is gone: that it is watched no more."""
    record = (await registered(database, msgspec.structs.replace(CAMERA, lifecycle="active"))).after
    await changed(database, msgspec.structs.replace(record, lifecycle="retired"))
    async with database.transaction(EVERYTHING) as transaction:
        owners = {"cam-a": Owner("dai-loc", "20500@2025-07-01")}
        await record_features(transaction, LAYERS["camera"], ["cam-a"], owners, LATER)
    assert [row["op"] for row in await admin.fetch("select op from changes order by id")] == ["put", "removed"]


async def test_the_history_belongs_to_the_thing_and_is_seen_by_who_sees_that(database: Database) -> None:
    before = (await registered(database, DEVICE)).after
    await changed(database, msgspec.structs.replace(before, position=HOI_AN, centre="hoi-an", area="20410@2025-07-01"))
    lengths = {}
    for centre in ("dai-loc", "hoi-an"):
        async with database.transaction(Scope(frozenset({centre})), read_only=True) as transaction:
            lengths[centre] = len(await register_changes.history(transaction, "device", "gauge-a"))
    assert lengths == {"dai-loc": 0, "hoi-an": 2}


async def test_the_history_is_not_rewritten(database: Database) -> None:
    await registered(database, DEVICE)
    for statement in ("update register_log set who = 'x'", "delete from register_log"):
        async with database.transaction(EVERYTHING) as transaction:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await transaction.connection.execute(statement)


async def test_nothing_is_entered_beyond_the_writer_s_scope(database: Database) -> None:
    async with database.transaction(Scope(frozenset({"hoi-an"}))) as transaction:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await register_changes.register_thing(transaction, DEVICE, by=BY, now=NOW)


async def test_a_place_has_its_unit_and_its_centre(database: Database) -> None:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        here = await register_changes.placed(transaction, AI_NGHIA, NOW.date())
        far = await register_changes.placed(transaction, Position(lon=2.35, lat=48.85), NOW.date())
        serves = [await register_changes.serves(transaction, one, "20500@2025-07-01") for one in ("dai-loc", "hoi-an")]
    assert here is not None
    assert (here.area, here.centre, far) == ("20500@2025-07-01", "dai-loc", None)
    assert here.position == AI_NGHIA
    assert serves == [True, False]
