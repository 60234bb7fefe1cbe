"""What an hour and a day come to."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Mark, Quality, Reading, Sighting, Value
from ioc.access.scope import EVERYTHING
from ioc.store import journal, rollups
from ioc.store.database import Database
from ioc.store.rollups import Cell, by_day, by_hour, cells_of, coverage
from tests.fakes.things import NOW, reading, sighting

HOUR = dt.timedelta(hours=1)
SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
KEY = ("gauge-ai-nghia", "water_level", NOW)


def payload(*observations: Reading | Sighting) -> tuple[str, bytes]:
    """A journal row as the journal writes it."""
    mark = Mark(source="x", run="", sequence=1)
    return "page", msgspec.msgpack.encode(journal.Page(list(observations), [mark]))


def minutes(*numbers: int) -> int:
    return sum(1 << number for number in numbers)


def row(hour: dt.datetime, *values: float, covered: int = 1, doubtful: int = 0) -> dict[str, object]:
    """A row of the table."""
    return {
        "hour": hour, "count": len(values), "total": sum(map(Decimal, map(repr, values)), Decimal()),
        "low": min(values, default=None), "high": max(values, default=None), "covered": covered, "doubtful": doubtful,
    }  # fmt: skip


def test_good_values_count_and_others_are_doubtful() -> None:
    page = payload(
        reading(2.5, at=NOW + dt.timedelta(minutes=3)),
        reading(-1.5, at=NOW + dt.timedelta(minutes=59), more=(Value("battery", 3.7),)),
        reading(99.0, at=NOW, quality=Quality.IMPLAUSIBLE),
        sighting(),
    )
    cells = cells_of([page])
    assert cells[KEY] == Cell(2, Decimal("1.0"), -1.5, 2.5, minutes(3, 59), 1)
    assert cells["gauge-ai-nghia", "battery", NOW].count == 1
    assert len(cells) == 2


def test_rows_of_an_earlier_version_are_read_too() -> None:
    old = ("observations", msgspec.msgpack.encode([reading(2.5), sighting()]))
    assert cells_of([old, payload(reading(0.5))])[KEY].total == 3


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20), st.randoms())
def test_sums_do_not_depend_on_the_order(values: list[float], random: object) -> None:
    """Also of numbers that a floating-point sum would swallow."""
    mixed = list(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (cells_of([payload(*(reading(value) for value in these))])[KEY] for these in (values, mixed))
    assert one == other


def test_a_huge_value_does_not_swallow_a_small_one() -> None:
    cells = cells_of([payload(reading(1e300), reading(1e-300), reading(-1e300))])
    assert cells[KEY].total == Decimal("1e-300")


async def test_pages_follow_each_other_without_a_gap_and_always_have_a_row(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for number in range(7):
            await journal.append(transaction, [reading(seq=number)], NOW)
        through, sizes = 0, []
        while (page := await rollups.next_page(transaction, through, 3, 1_000_000)) is not None:
            sizes.append(len(page.payloads))
            through = page.through
        assert sizes == [3, 3, 1]
        page = await rollups.next_page(transaction, 0, 3, 1)
        assert page is not None
        assert len(page.payloads) == 1


def test_an_hour_has_its_mean_and_range() -> None:
    (one,) = by_hour([row(NOW, 1.0, 2.0, 6.0, covered=minutes(0, 20, 40), doubtful=2)], 1200)
    assert (one.at, one.count, one.mean, one.low, one.high, one.doubtful) == (NOW, 3, 3.0, 1.0, 6.0, 2)
    assert one.coverage == 1.0
    (none,) = by_hour([row(NOW, covered=0, doubtful=1)], 1200)
    assert (none.count, none.mean, none.low, none.coverage) == (0, None, None, 0.0)


def test_a_day_is_the_centres_day() -> None:
    """Midnight in Việt Nam is 17:00 in UTC."""
    midnight = dt.datetime(2026, 11, 21, 17, tzinfo=dt.UTC)
    rows = [
        row(midnight - HOUR, 1.0),
        row(midnight, 2.0),
        row(midnight + 23 * HOUR, 4.0),
        row(midnight + 24 * HOUR, 9.0),
    ]
    days = by_day(rows, 3600, SAIGON)
    assert [(day.at, day.count, day.mean) for day in days] == [
        (midnight - 24 * HOUR, 1, 1.0),
        (midnight, 2, 3.0),
        (midnight + 24 * HOUR, 1, 9.0),
    ]
    assert days[1].coverage == 2 / 24


def test_a_day_on_which_clocks_change_is_as_long_as_it_is() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = dt.datetime(2026, 10, 24, 22, tzinfo=dt.UTC)
    (day,) = by_day([row(first + number * HOUR, 1.0) for number in range(25)], 3600, berlin)
    assert (day.count, day.coverage) == (25, 1.0)


def test_coverage_counts_the_slots_of_the_expected_interval() -> None:
    assert coverage({NOW: minutes(0, 1, 2)}, NOW, HOUR, 60) == 3 / 60
    assert coverage({NOW: minutes(0, 1, 5)}, NOW, HOUR, 300) == 2 / 12
    assert coverage({NOW: minutes(59)}, NOW, HOUR, 21_600) == 1.0, "one is more than was expected"
    six_hourly = {NOW + number * HOUR: 1 for number in (0, 6, 7)}
    assert coverage(six_hourly, NOW, 24 * HOUR, 21_600) == 2 / 4
    assert coverage({NOW: (1 << 60) - 1}, NOW, HOUR, 1) == 1.0
    assert coverage({}, NOW, HOUR, 60) == 0.0
