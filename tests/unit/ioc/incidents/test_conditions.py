"""The parts of a rule, and the sentence that tells what is wrong with one."""

import datetime as dt

import msgspec
import pytest

from ioc.incidents.conditions import Needs, Schedule, Seen, When, Window, ring_fault
from tests.fakes.things import reading


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        (When, {"property": "", "max": 3}, "when needs a property"),
        (When, {"property": "x", "min": 3, "max": 2}, "min that is not above its max"),
        (Window, {"kind": "sum", "hours": 0}, "window.hours"),
        (Window, {"kind": "sum", "hours": 241}, "window.hours"),
        (Window, {"kind": "median", "hours": 1}, "kind"),
        (Window, {"kind": "sum", "hours": 1, "least": 0}, "window.least"),
        (Window, {"kind": "vn_aqi", "hours": 24}, "window.hours must be 12"),
        (Window, {"kind": "sum", "hours": 1, "also": ["pm10"]}, "window.also"),
        (Window, {"kind": "sum", "hours": 1, "ours": 1}, "ours"),
        (Schedule, {"days": []}, "schedule.days"),
        (Schedule, {"days": ["mon", "mon"]}, "schedule.days"),
        (Schedule, {"days": ["someday"]}, "days"),
        (Schedule, {"from": "21:00:00+07:00"}, "carry no offset"),
        (Schedule, {"first": "09-01"}, "given together"),
        (Schedule, {"first": "9-1", "last": "12-15"}, "MM-DD"),
        (Schedule, {"zone": "Asia/Nowhere"}, "schedule.zone"),
        (Schedule, {"zone": "../etc/passwd"}, "schedule.zone"),
        (Needs, {"rules": []}, "needs.rules"),
        (Needs, {"rules": ["a", "a"]}, "needs.rules"),
        (Needs, {"rules": ["a/b/c"]}, "needs.rules"),
        (Needs, {"rules": ["a/"]}, "needs.rules"),
        (Needs, {"rules": ["a"], "metres": -1}, "needs.metres"),
        (Needs, {"rules": ["a"], "minutes": 721}, "needs.minutes"),
        (Seen, {"min_score": 1.1}, "seen.min_score"),
        (Seen, {"min_count": -1}, "seen.min_count"),
    ],
)
def test_what_is_not_as_agreed_is_told_by_its_member(kind: type, wrong: dict[str, object], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said) as told:
        msgspec.convert(wrong, kind)
    assert "\n" not in str(told.value)


def test_a_window_schedule_or_need_is_what_was_written() -> None:
    times = msgspec.convert({"days": ["mon"], "from": "21:00:00", "to": "06:00:00"}, Schedule)
    assert (times.begins, times.ends, times.zone) == (dt.time(21), dt.time(6), "Asia/Ho_Chi_Minh")
    assert msgspec.to_builtins(times)["from"] == "21:00:00"
    assert msgspec.convert({"rules": ["rain/day", "tilt"]}, Needs).match == "all"
    assert Window(kind="vn_aqi", hours=12, also=("pm10",)).also == ("pm10",)


def test_a_condition_on_another_value_holds_within_its_limits() -> None:
    assert When(property="water_level", minimum=1.0).holds(reading(1.0))
    assert not When(property="water_level", maximum=0.9).holds(reading(1.0))
    assert not When(property="rain").holds(reading(1.0))


def test_a_polygon_has_corners_on_the_earth() -> None:
    assert ring_fault(()) is None
    assert ring_fault([[108.0, 15.0], [108.1, 15.0], [108.1, 15.1]]) is None
    assert "three to 1000" in str(ring_fault([[108.0, 15.0], [108.1, 15.0]]))
    assert "15, 108" in str(ring_fault([[15.0, 108.0]] * 3))
