"""The register is looked through in SQL as it is told in Python."""

import datetime as dt
import itertools

import msgspec
import pytest

from ioc import data
from ioc.access.scope import EVERYTHING
from ioc.finding import words
from ioc.registration.lawful import law_of, unlawful
from ioc.registration.record import Author
from ioc.store import register_changes, register_rows
from ioc.store.database import Database
from ioc.store.register_rows import Wanted
from tests.fakes.things import NOW
from tests.unit.ioc.store.test_register_changes import CAMERA, DEVICE

LAW = law_of(data.register())


async def test_what_the_law_misses_is_the_same_in_sql(database: Database) -> None:
    day = dt.date(2026, 1, 1)
    made = [
        msgspec.structs.replace(
            CAMERA, code=f"cam-{number}", lifecycle=state, conformity=paper, notice_posted_on=posted,
            password_changed_on=day, purpose="x", retention="sighting",
        )
        for number, (state, paper, posted) in enumerate(
            itertools.product(("draft", "active", "retired"), ("", "QCVN"), (None, day))
        )
    ]  # fmt: skip
    gauges = [
        msgspec.structs.replace(DEVICE, code=f"gauge-{number}", gateway=gateway, password_changed_on=changed)
        for number, (gateway, changed) in enumerate(itertools.product((None, "", "lns"), (None, day)))
    ]
    async with database.transaction(EVERYTHING) as transaction:
        for one in (*made, *gauges):
            await register_changes.register_thing(transaction, one, by=Author("x"), now=NOW)
        for subject, records in (("camera", made), ("device", gauges)):
            found = await register_rows.listed(transaction, subject, Wanted(fault="unlawful"), LAW, 100)  # type: ignore[arg-type]
            assert {one.code for one in found.records} == {one.code for one in records if unlawful(one, LAW)}
            assert found.count == len(found.records)


async def test_a_page_goes_on_where_the_last_ended(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for number in range(5):
            one = msgspec.structs.replace(DEVICE, code=f"gauge-{number}", name=f"Cầu Câu Lâu {number}")
            await register_changes.register_thing(transaction, one, by=Author("x"), now=NOW)
        wanted = Wanted(words=words("cau lau"))
        first = await register_rows.listed(transaction, "device", wanted, LAW, 3)
        last = await register_rows.listed(
            transaction, "device", msgspec.structs.replace(wanted, after="gauge-2"), LAW, 3
        )
        some = await register_rows.some(transaction, "device", ["gauge-1", "nobody"])
    assert ([one.code for one in first.records], first.more, first.count) == (
        ["gauge-0", "gauge-1", "gauge-2"],
        True,
        5,
    )
    assert ([one.code for one in last.records], last.more, last.count) == (["gauge-3", "gauge-4"], False, 5)
    assert first.areas == {"20500@2025-07-01": "Xã Đại Lộc"}
    assert list(some) == ["gauge-1"]


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("sn-7q/01", ["gauge-0"]),
        ("7Q 02", ["gauge-1"]),
        ("hđ-2026/15", ["gauge-1"]),
        ("cau SN", ["gauge-0", "gauge-1"]),
        ("q 01", []),
        ("9", []),
    ],
)
async def test_a_thing_is_found_by_its_serial_number_and_its_contract(
    database: Database, typed: str, codes: list[str]
) -> None:
    """Folded as names are: a word of less than three letters is sought where words begin."""
    async with database.transaction(EVERYTHING) as transaction:
        for number, contract in enumerate(("", "HĐ 2026-15")):
            serial = f"SN-7Q/0{number + 1}"
            one = msgspec.structs.replace(
                DEVICE, code=f"gauge-{number}", name="Cầu Câu Lâu", serial=serial, contract=contract
            )
            await register_changes.register_thing(transaction, one, by=Author("x"), now=NOW)
        found = await register_rows.listed(transaction, "device", Wanted(words=words(typed)), LAW, 3)
    assert [one.code for one in found.records] == codes
