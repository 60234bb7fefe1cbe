"""Files become rows of the register: whole, once, and by who may."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
import pytest

from ioc import data
from ioc.access.scope import EVERYTHING, Scope
from ioc.centre_merging import merge
from ioc.importing import Importing, Sender
from ioc.registration import lawful, sheet_csv
from ioc.registration.headings import columns
from ioc.registration.record import Author, Subject
from ioc.store import register_changes, register_rows
from ioc.store.database import Database
from ioc.store.imports import Import
from tests.conftest import Fresh
from tests.fakes.store import counted
from tests.fakes.things import NOW
from tests.fakes.waiting import WAITS_S, somebody_waits

DAY = dt.date(2026, 11, 26)
REGISTRAR = Sender("registrar", "10.0.0.1", EVERYTHING)
LAW = lawful.law_of(data.register())
PLAIN: Mapping[str, str] = {"Mã": "rain-1", "Tên": "Trạm mưa Ái Nghĩa", "Mẫu cấu hình": "rain-station"}
PLACE: Mapping[str, str] = {"Kinh độ": "108,1105", "Vĩ độ": "15,8846"}


@pytest.fixture
def importing(database: Database) -> Importing:
    return Importing(database, LAW, sorted(data.profiles()))


def sheet(*rows: Mapping[str, str]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return sheet_csv.written([names, *([row.get(name, "") for name in names] for row in rows)])


async def checked(
    importing: Importing, *rows: Mapping[str, str], subject: Subject = "device", who: Sender = REGISTRAR
) -> Import:
    return await importing.dry_run(who, subject, sheet(*rows), NOW, DAY)


async def applied(importing: Importing, about: Import, *, accept: bool = False, who: Sender = REGISTRAR) -> Any:
    async def note(*told: Any) -> None:
        return None

    return await importing.apply(who, about.id, NOW, DAY, accept=accept, note=note)


def outcomes(about: Import) -> list[str]:
    return [row.outcome for row in about.rows]


async def record(database: Database, code: str, subject: Subject = "device") -> Any:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await register_rows.one(transaction, subject, code)


async def test_a_dry_run_writes_nothing_and_applying_it_drafts_things(
    importing: Importing, database: Database, admin: asyncpg.Connection
) -> None:
    about = await checked(importing, {**PLAIN, **PLACE, "Số sê-ri": "000123", "Hạn bảo hành": "31/12/2028"})
    assert outcomes(about) == ["new"]
    assert await counted(admin, "devices") == 0
    result = await applied(importing, about)
    assert outcomes(result.about) == ["new"]
    made = await record(database, "rain-1")
    assert (made.lifecycle, made.version, made.serial, made.kind) == ("draft", 1, "000123", "rain-station")
    assert made.warranty_until == dt.date(2028, 12, 31)
    assert made.area.endswith("@2025-07-01")
    assert made.updated_by == "registrar"
    assert await counted(admin, "register_log") == 1
    assert await counted(admin, "positions") == 1


async def test_the_same_file_again_is_all_the_same_and_writes_nothing(
    importing: Importing, database: Database, admin: asyncpg.Connection
) -> None:
    rows = [{**PLAIN, **PLACE}, {**PLAIN, **PLACE, "Mã": "rain-2", "Nhãn": "hạ du, mưa"}]
    await applied(importing, await checked(importing, *rows))
    again = await checked(importing, *rows)
    assert outcomes(again) == ["same", "same"]
    await applied(importing, again)
    assert await counted(admin, "register_log") == 2
    assert (await record(database, "rain-2")).version == 1


async def test_applying_twice_writes_once(importing: Importing, admin: asyncpg.Connection) -> None:
    about = await checked(importing, {**PLAIN, **PLACE})
    await applied(importing, about)
    again = await applied(importing, about)
    assert again.rows == []
    assert outcomes(again.about) == ["new"]
    assert await counted(admin, "register_log") == 1


async def test_an_empty_cell_leaves_a_field_and_a_dash_empties_it(importing: Importing, database: Database) -> None:
    await applied(importing, await checked(importing, {**PLAIN, **PLACE, "Hãng": "A", "Ghi chú": "x", "Model": "M"}))
    about = await checked(importing, {"Mã": "rain-1", "Hãng": "", "Ghi chú": "-", "Model": "N"})
    assert outcomes(about) == ["changed"]
    await applied(importing, about)
    made = await record(database, "rain-1")
    assert (made.maker, made.note, made.model, made.version) == ("A", "", "N", 2)
    refused = await checked(importing, {"Mã": "rain-1", "Tên": "-"})
    assert outcomes(refused) == ["refused"]


async def test_what_was_changed_since_the_dry_run_is_refused_and_the_rest_is_written(
    importing: Importing, database: Database
) -> None:
    await applied(importing, await checked(importing, {**PLAIN, **PLACE}, {**PLAIN, **PLACE, "Mã": "rain-2"}))
    about = await checked(importing, {"Mã": "rain-1", "Model": "M"}, {"Mã": "rain-2", "Model": "M"})
    async with database.transaction(EVERYTHING) as transaction:
        now = await register_rows.one(transaction, "device", "rain-1")
        assert now is not None
        await register_changes.change_thing(
            transaction, msgspec.structs.replace(now, note="mine"), by=Author("somebody"), now=NOW
        )
    result = await applied(importing, about)
    assert outcomes(result.about) == ["refused", "changed"]
    assert "somebody" in result.about.rows[0].cells[-1].en
    assert ((await record(database, "rain-1")).model, (await record(database, "rain-2")).model) == ("", "M")


async def test_a_code_that_is_registered_meanwhile_is_refused(importing: Importing) -> None:
    one, other = await checked(importing, {**PLAIN, **PLACE}), await checked(importing, {**PLAIN, **PLACE})
    await applied(importing, one)
    assert outcomes((await applied(importing, other)).about) == ["refused"]


async def test_offers_are_taken_only_when_they_are_accepted(importing: Importing, database: Database) -> None:
    swapped = {**PLAIN, "Kinh độ": "15.8846", "Vĩ độ": "108.1105"}
    planar = {**PLAIN, "Mã": "rain-2", "Kinh độ": "538606", "Vĩ độ": "1756800"}
    about = await checked(importing, swapped, planar)
    assert outcomes(about) == ["refused", "refused"]
    assert [row.cells[0].offer is not None for row in about.rows] == [True, True]
    assert outcomes((await applied(importing, about)).about) == ["refused", "refused"]
    assert outcomes((await applied(importing, about, accept=True)).about) == ["new", "new"]
    made = await record(database, "rain-1")
    assert made.position.lonlat == (108.1105, 15.8846)
    assert abs((await record(database, "rain-2")).position.lat - 15.88) < 0.01


async def test_each_row_says_what_is_wrong_with_its_cells(importing: Importing) -> None:
    about = await checked(
        importing,
        {**PLAIN, **PLACE, "Hạn bảo hành": "12/31/2028"},
        {**PLAIN, "Mã": "far-1", "Kinh độ": "105.85", "Vĩ độ": "21.03"},
        {**PLAIN, **PLACE, "Mã": "p-1", "Mẫu cấu hình": "rain-staton"},
        {**PLAIN, **PLACE, "Mã": "g-1", "Bộ tập trung": "gw-none"},
        {**PLAIN, **PLACE, "Mã": "twice"},
        {**PLAIN, **PLACE, "Mã": "TWICE"},
        {"Mã": "new-1"},
        {**PLAIN, **PLACE, "Mã": "Trạm số 1"},
        {**PLAIN, **PLACE, "Mã": "s-1", "Vòng đời": "hỏng"},
    )
    said = [" ".join(cell.vi for cell in row.cells) for row in about.rows]
    assert set(outcomes(about)) == {"refused"}
    assert "31/12/2028" in said[0]
    assert "ngoài địa bàn" in said[1]
    assert "“rain-station”" in said[2]
    assert "gw-none" in said[3]
    assert "dòng 7" in said[4]
    assert "dòng 6" in said[5]
    assert "Thiếu" in said[6]
    assert "“tram-so-1”" in said[7]
    assert "Hoạt động" in said[8]


async def test_gateways_may_come_in_the_same_file(importing: Importing, database: Database) -> None:
    about = await checked(
        importing,
        {**PLAIN, **PLACE, "Bộ tập trung": "gw-1"},
        {**PLAIN, **PLACE, "Mã": "gw-1", "Mẫu cấu hình": "lorawan-chirpstack"},
    )
    assert outcomes(about) == ["new", "new"]
    await applied(importing, about)
    assert (await record(database, "rain-1")).gateway == "gw-1"


async def test_a_file_is_its_senders_alone(importing: Importing, database: Database) -> None:
    about = await checked(importing, {**PLAIN, **PLACE})
    other = Sender("other", "", EVERYTHING)
    assert await importing.find(other, about.id, NOW) is None
    assert await applied(importing, about, who=other) is None
    assert await importing.find(REGISTRAR, about.id, NOW + dt.timedelta(days=1)) is None
    found = await importing.find(REGISTRAR, about.id, NOW)
    assert found is not None
    assert found.rows == about.rows


async def test_nobody_writes_where_he_may_not(importing: Importing, admin: asyncpg.Connection) -> None:
    ours = Sender("hoi-an", "", Scope(centres=frozenset({"hoi-an"})))
    away = await checked(importing, {**PLAIN, **PLACE}, who=ours)
    assert outcomes(away) == ["refused"]
    assert "phạm vi" in away.rows[0].cells[0].vi
    await applied(importing, await checked(importing, {**PLAIN, **PLACE}))
    hidden = await checked(importing, {"Mã": "rain-1", "Tên": "x"}, who=ours)
    assert outcomes(hidden) == ["refused"]
    assert await counted(admin, "register_log") == 1


async def test_what_becomes_active_has_what_the_law_asks(importing: Importing, database: Database) -> None:
    camera = {"Mã": "cam-1", "Tên": "Cầu Ái Nghĩa", "Hướng": "90", "FOV": "60", **PLACE, "Vòng đời": "Hoạt động"}
    legal = {
        "QCVN 135": "HQ-1", "Ngày đổi mật khẩu": "1/2/2026", "Biển báo ghi hình": "1/2/2026", "Mục đích": "Giao thông",
        "Nhóm lưu trữ": "clip",
    }  # fmt: skip
    about = await checked(importing, camera, {**camera, **legal, "Mã": "cam-2"}, subject="camera")
    assert outcomes(about) == ["refused", "new"]
    assert len(about.rows[0].cells) == 5
    await applied(importing, about)
    made = await record(database, "cam-2", "camera")
    assert (made.lifecycle, made.kind, made.settings["scene"]) == ("active", "street", "street")
    back = await checked(importing, {"Mã": "cam-2", "Vòng đời": "nháp"}, {"Mã": "cam-2b"}, subject="camera")
    assert outcomes(back) == ["refused", "refused"]


async def test_a_centre_that_is_gone_takes_nothing_also_when_it_goes_after_the_dry_run(
    importing: Importing, database: Database, admin: asyncpg.Connection
) -> None:
    before = await checked(importing, {**PLAIN, **PLACE, "Mã": "early", "Trung tâm": "tam-ky"})
    assert outcomes(before) == ["new"]
    async with database.transaction(EVERYTHING) as transaction:
        assert await merge(transaction, "tam-ky", "nui-thanh", NOW, "lan") is not None
    for about in (
        (await applied(importing, before)).about,
        await checked(importing, {**PLAIN, **PLACE, "Trung tâm": "Tam Kỳ"}),
    ):
        assert outcomes(about) == ["refused"]
        assert about.rows[0].cells[-1].en == "The centre tam-ky went into nui-thanh; write nui-thanh."
    assert await counted(admin, "devices") == 0


async def test_a_file_is_applied_after_all_when_postgresql_ended_it_to_undo_a_deadlock(
    importing: Importing, database: Database, admin: asyncpg.Connection, fresh: Fresh
) -> None:
    """Somebody holds the second row and wants the first, which the import holds while it waits for the second."""
    codes = ("rain-1", "rain-2")
    await applied(importing, await checked(importing, *({**PLAIN, **PLACE, "Mã": code} for code in codes)))
    about = await checked(importing, *({"Mã": code, "Model": "M"} for code in codes))
    await admin.execute("set deadlock_timeout = '1min'")  # so that the import is the one that finds it, and is ended
    hold = "select code from devices where code = $1 for update"
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(WAITS_S), admin.transaction():
        await admin.fetch(hold, "rain-2")
        applying = tasks.create_task(applied(importing, about), name="applying")
        await somebody_waits(fresh)
        assert await admin.fetch(f"{hold} skip locked", "rain-1") == []
        await admin.fetch(hold, "rain-1")
    assert outcomes(applying.result().about) == ["changed", "changed"]
    assert [(await record(database, code)).version for code in codes] == [2, 2]
    assert await counted(admin, "register_log") == 4


async def test_a_thing_that_moves_leaves_its_old_unit_though_the_file_names_it(
    importing: Importing, database: Database
) -> None:
    await applied(importing, await checked(importing, {**PLAIN, **PLACE}))
    before = await record(database, "rain-1")
    moved = {"Mã": "rain-1", "Xã": before.area, "Trung tâm": before.centre, "Kinh độ": "108,327", "Vĩ độ": "15,879"}
    about = await checked(importing, moved)
    assert outcomes(about) == ["changed"]
    await applied(importing, about)
    after = await record(database, "rain-1")
    assert after.area != before.area
    assert after.version == 2
    assert outcomes(await checked(importing, moved)) == ["same"]


def test_every_column_can_be_read() -> None:
    """Each column has a reader, or is read as a part of the place."""
    from gis.position import Box
    from ioc.registration.rows import PLACE as PARTS
    from ioc.registration.rows import Known, reading

    none = Known(centres={}, areas={}, profiles={}, retention={}, scenes={})
    for subject in ("device", "camera"):
        readers = reading(subject, none, Box(west=0, south=0, east=1, north=1)).readers
        assert {column.field for column in columns(subject)} - {"code", *PARTS} <= readers.keys()
