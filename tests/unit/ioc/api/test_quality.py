"""The quality of alarms over HTTP, by requests to a real server over a real PostgreSQL."""

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.api.quality import written
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

BASE = "/api/v1/alarm-quality"
AREA = "502@2024-09-01"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


def noon(days: int) -> dt.datetime:
    """Noon in Viet Nam, so many days ago."""
    return now().astimezone(ZONE).replace(hour=12, minute=0, second=0, microsecond=0) - dt.timedelta(days=days)


async def kept(centre: Centre, hour: dt.datetime, home: str = "quang-nam", **more: Any) -> None:
    """An hour with 15 alarms and 2 incidents, by two sources."""
    await centre.owner.execute(
        'insert into alarm_hours values ($1, \'{"": 1, "quang-nam": 1}\', now()) on conflict do nothing', hour
    )
    alarms, name = more.get("alarms", [15, 0, 0, 0, 0, 0]), more.get("name", "Trạm Một")
    await centre.owner.execute(
        "insert into alarm_quality values ($1, $2, $3, $4, '{2,0,0,0,0,0}', '{12,2,1,0}', 3, 6, 1, 2, 4, 1)",
        hour, home, AREA, alarms,
    )  # fmt: skip
    for source, number in (("gauge-one", 12), ("gauge-two", 3)):
        await centre.owner.execute(
            "insert into alarm_sources values ($1, $2, $3, 'sensor', $4, $5, $6, 1, 0)",
            hour, home, AREA, source, name, number,
        )  # fmt: skip


async def test_the_figures_of_a_week_by_day_with_the_worst_sources(centre: Centre) -> None:
    await kept(centre, noon(2))
    await kept(centre, noon(1), alarms=[24, 0, 0, 0, 0, 0])
    await kept(centre, noon(9))
    status, body, _ = await centre.get(BASE)
    assert status == 200
    assert [one["day"] for one in body["days"]] == [noon(2).date().isoformat(), noon(1).date().isoformat()]
    first, second = body["days"]
    # Two operators: 7.5 an operator is no flood, 12 is one.
    assert (first["alarms_peak"], first["flood"], second["alarms_peak"]) == (7.5, 0, 12)
    assert second["flood"] == pytest.approx(1 / 6)
    total = body["total"]
    assert (total["hours"], total["alarms"], total["incidents"], total["hidden"]) == (2, 39, 4, 6)
    assert total["acknowledged"] == pytest.approx(12 / 39)
    assert total["false_alarms"] == pytest.approx(0.5)
    assert total["severities"] == pytest.approx([0.8, 4 / 30, 2 / 30, 0])
    assert (total["standing"], total["chattering"], total["flapping"]) == (4, 2, 4)
    assert [(one["source"], one["alarms"]) for one in body["worst"]] == [("gauge-one", 24), ("gauge-two", 6)]
    assert body["worst_ten"] == pytest.approx(30 / 39)
    assert body["targets"]["alarms_mean"] == 1
    assert (body["area"], body["zone"]) == ("", "Asia/Ho_Chi_Minh")
    assert dt.datetime.fromisoformat(body["from"]) == noon(2)
    assert dt.datetime.fromisoformat(body["to"]) == noon(1) + HOUR
    assert body["missing"] > 100


async def test_a_span_and_an_area_are_taken_as_asked(centre: Centre) -> None:
    await kept(centre, noon(2))
    await kept(centre, noon(1))
    day = noon(2).date().isoformat()
    assert len((await centre.get(f"{BASE}?from={day}&to={day}"))[1]["days"]) == 1
    assert len((await centre.get(f"{BASE}?from={day}"))[1]["days"]) == 2
    assert (await centre.get(f"{BASE}?to={noon(3).date()}"))[1]["days"] == []
    assert (await centre.get(f"{BASE}?area={AREA}"))[1]["total"]["alarms"] == 30
    assert (await centre.get(f"{BASE}?from={noon(2).isoformat().replace('+', '%2B')}&to={day}"))[1]["total"][
        "hours"
    ] == 1


async def test_of_nothing_there_is_an_empty_answer(centre: Centre) -> None:
    body = (await centre.get(BASE))[1]
    assert (body["from"], body["to"], body["days"], body["worst"], body["worst_ten"]) == (None, None, [], [], None)
    assert body["total"]["acknowledged"] is None


@pytest.mark.parametrize(
    "query",
    ["?area=x", "?from=soon", "?from=2026-02-01&to=2026-01-01", "?from=2020-01-01", "?x=1", "?from=2026-01-01&from=x"],
)
async def test_a_filter_that_cannot_be_read_is_named(centre: Centre, query: str) -> None:
    assert (await centre.get(BASE + query))[0] == 400
    assert (await centre.get(f"{BASE}/export{query}"))[0] == 400
    assert (await centre.get(f"{BASE}/export?table=x"))[0] == 400


async def test_each_sees_the_figures_of_its_own_places(centre: Centre) -> None:
    await kept(centre, noon(1))
    await kept(centre, noon(1), "hoi-an", alarms=[4, 0, 0, 0, 0, 0])
    assert (await centre.get(BASE))[1]["total"]["alarms"] == 19
    ours = (await centre.get(BASE, "operator"))[1]["total"]
    theirs = (await centre.get(BASE, "district"))[1]["total"]
    # One of the whole installation, and of Quang Nam one more.
    assert (ours["alarms"], ours["alarms_peak"], theirs["alarms"], theirs["alarms_peak"]) == (15, 7.5, 4, 4)
    assert (await centre.get(BASE, None))[0] == 401


@pytest.mark.parametrize(
    ("role", "sees", "exports"), [("viewer", 200, 403), ("registrar", 403, 403), ("assessor", 200, 200)]
)
async def test_who_may_see_and_export_is_as_the_table_of_rights_says(
    centre: Centre, role: str, sees: int, exports: int
) -> None:
    await centre.owner.execute("update accounts set role = $1 where login = 'viewer'", role)
    assert (await centre.get(BASE, "viewer"))[0] == sees
    assert (await centre.get(f"{BASE}/export", "viewer"))[0] == exports


def lines_of(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


async def test_the_export_has_days_hours_and_sources_and_is_noted(centre: Centre) -> None:
    await kept(centre, noon(2))
    await kept(centre, noon(1), name='=HYPERLINK("http://x")')
    status, body, headers = await centre.get(f"{BASE}/export")
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert headers["Content-Disposition"].startswith('attachment; filename="alarm-quality-days-')
    assert [(line["day"], line["alarms"], line["minor"]) for line in lines_of(body)] == [
        (noon(number).date().isoformat(), "15", "0.8") for number in (2, 1)
    ]
    hours = lines_of((await centre.get(f"{BASE}/export?table=hours"))[1])
    assert [dt.datetime.fromisoformat(line["hour"]) for line in hours] == [noon(2), noon(1)]
    sources = lines_of((await centre.get(f"{BASE}/export?table=sources"))[1])
    assert [(line["source"], line["alarms"]) for line in sources] == [("gauge-one", "24"), ("gauge-two", "6")]
    assert "'=HYPERLINK" in {line["source_name"][:11] for line in lines_of(
        (await centre.get(f"{BASE}/export?table=sources&from={noon(1).date()}"))[1]
    )}  # fmt: skip
    noted = await centre.owner.fetch("select who, after ->> 'table' from audit where act = 'alarm_quality.export'")
    assert [tuple(row) for row in noted] == [("admin", one) for one in ("days", "hours", "sources", "sources")]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=4))
def test_no_cell_of_a_text_is_carried_out_and_all_of_it_comes_back(rows: list[list[str]]) -> None:
    text = written(rows).decode("utf-8-sig")
    back = list(csv.reader(io.StringIO(text, newline="")))
    for row, found in zip(rows, back, strict=True):
        for cell, shown in zip(row, found, strict=True):
            assert shown in (cell, f"'{cell}")
            assert not shown.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_numbers_stay_numbers() -> None:
    assert written([(-1, 0.12345678, None, True)]) == b"\xef\xbb\xbf-1,0.123457,,True\r\n"
