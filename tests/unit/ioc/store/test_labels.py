"""Labels of a real database with the shipped areas."""

import datetime as dt

from ioc.access.scope import EVERYTHING
from ioc.store import labels
from ioc.store.database import Database


async def of(database: Database, day: dt.date) -> list[labels.Label]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await labels.of_day(transaction, day)


async def test_each_unit_of_today_has_one_label(database: Database) -> None:
    """94 units replaced the districts; the islands of Hoàng Sa are one of them."""
    found = await of(database, dt.date(2026, 1, 1))
    assert len(found) == len({label.code for label in found}) == 94
    (islands,) = [label for label in found if label.kind == "Đặc khu"]
    assert islands.name == "Đặc khu Hoàng Sa"
    assert 111 < islands.lon < 113


async def test_a_unit_is_named_on_its_days_only(database: Database) -> None:
    """Nông Sơn was merged into Quế Sơn on 2025-01-01; the province itself is no unit."""
    before, after = await of(database, dt.date(2024, 12, 31)), await of(database, dt.date(2025, 1, 1))
    gone = {label.code for label in before} - {label.code for label in after}
    assert (len(before), gone) == (18, {"519"})
