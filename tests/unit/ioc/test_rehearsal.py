"""What a test tells of alarms: incidents by the correlation, by the centre's local day. Whole tests on stored history
are in tests/integration/test_rules.py."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from gis.position import Position
from ioc import catalogue
from ioc.incidents.alarm import Alarm
from ioc.rehearsal import LISTED, outcome
from tests.fakes.things import NOW, source

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def alarm(hours: float, lasts_h: float | None = 1.0, *, lon: float = 108.0, worst: str = "moderate") -> Alarm:
    at = NOW + dt.timedelta(hours=hours)
    end = None if lasts_h is None else at + dt.timedelta(hours=lasts_h)
    code = f"gauge-{round(lon * 1000)}"
    where = msgspec.structs.replace(source(code), position=Position(lon=lon, lat=15.0))
    return Alarm(
        id=f"{code}-{hours}", key=f"p/r:{code}:x", rule="p/r@1", category="flood", severity="moderate",
        source_kind="sensor", source=where, property="x", raised_at=at, seen_at=end or at, cleared_at=end, count=1,
        evidence={"worst": worst},
    )  # fmt: skip


async def test_neighbours_are_one_incident_and_what_is_far_or_later_is_another() -> None:
    made = [alarm(0), alarm(0.1, lon=108.001, worst="extreme"), alarm(0.2, lon=107.0), alarm(30)]
    found = await outcome(made[::-1], ZONE, catalogue.policy())
    assert (found.alarms, found.incidents, found.waiting, found.sources) == (4, 3, 0, 3)
    first = found.listed[0]
    assert (first.alarms, first.worst.evidence["worst"]) == (2, "extreme")
    assert (first.at, first.ended_at) == (made[0].raised_at, made[1].cleared_at)


async def test_days_are_the_centre_s_own() -> None:
    late = NOW.replace(hour=16, minute=30)  # half past eleven at night there
    made = [msgspec.structs.replace(alarm(0), raised_at=late + dt.timedelta(hours=h), id=str(h)) for h in (0, 1)]
    found = await outcome(made, ZONE, catalogue.policy())
    day = late.astimezone(ZONE).date()
    assert {at: made for at, (made, _) in found.days.items()} == {day: 1, day + dt.timedelta(days=1): 1}


async def test_what_would_still_hold_has_no_end_and_only_the_first_are_listed() -> None:
    made = [alarm(0, None, lon=100.0 + number / 10) for number in range(LISTED + 5)]
    found = await outcome(made, ZONE, catalogue.policy())
    assert (found.incidents, len(found.listed), found.listed[0].ended_at) == (LISTED + 5, LISTED, None)
