"""Readings play at the moment their record gives; what nobody printed is marked derived."""

import datetime as dt

from ioc.demo.recording import (
    END,
    MINNESOTA_SUMMER,
    START,
    VIETNAM,
    Recorded,
    Recording,
    air,
    in_order,
    rain,
    rain_closing,
    river,
    river_closing,
    traffic,
)


def vietnam(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2025, 10, day, hour, minute, tzinfo=VIETNAM)


def reading(device: str, plays_at: dt.datetime, value: float = 1.0) -> Recorded:
    return Recorded(device=device, recorded_at=plays_at, plays_at=plays_at, values={"water_level": value})


LEVELS = """device,time,level_m,method
gauge-a,2025-10-27T01:00:00+07:00,8.73,stated
gauge-a,2025-10-27T19:00:00+07:00,10.56,from_alarm_difference
gauge-a,2025-10-28T07:00:00+07:00,10.05,from_change
"""


def test_a_stated_level_is_not_derived_and_a_computed_one_is() -> None:
    found = list(river(LEVELS))
    assert [r.derived for r in found] == [False, True, True]
    assert found[0].recorded_at == found[0].plays_at == vietnam(27, 1)
    assert found[0].values == {"water_level": 8.73}


RAIN = """device,from,to,mm
rain-a,2025-10-26T01:00:00+07:00,2025-10-26T07:00:00+07:00,103.2
rain-b,2025-10-25,2025-10-26,415.6
rain-c,2025-10-27T05:00:00+07:00,2025-10-27,258
"""


def test_a_rain_sum_plays_at_the_end_of_its_period() -> None:
    exact = next(rain(RAIN))
    assert exact.plays_at == exact.recorded_at == vietnam(26, 7)
    assert exact.values == {"rain_sum": 103.2, "rain_hours": 6.0}
    assert not exact.derived


def test_a_period_given_by_days_is_as_wide_as_it_can_be_and_derived() -> None:
    _, whole_days, open_end = rain(RAIN)
    assert whole_days.plays_at == vietnam(27, 0)
    assert whole_days.values["rain_hours"] == 48.0
    assert open_end.plays_at == vietnam(28, 0)
    assert open_end.values["rain_hours"] == 19.0
    assert whole_days.derived
    assert open_end.derived


AIR = """Date (LT),Raw Conc.,QC Name
2017-12-24 01:00:00,39.1,Valid
2017-12-24 02:00:00,-999,Missing
2017-12-24 03:00:00,900,Suspect
2017-12-24 04:00:00,50.5,Valid
"""


def test_air_is_shifted_to_the_flood_s_clock_and_keeps_its_own_moment() -> None:
    anchor = dt.datetime(2017, 12, 24, 0, 55, tzinfo=VIETNAM)
    first, second = air(AIR, device="air-a", anchor=anchor)
    assert first.recorded_at == dt.datetime(2017, 12, 24, 1, tzinfo=VIETNAM)
    assert first.plays_at == vietnam(27, 1)
    assert second.values == {"pm2_5": 50.5}
    assert second.plays_at == vietnam(27, 4)


def test_values_of_one_moment_of_a_loop_are_one_reading() -> None:
    head = "timestamp,value\n"
    columns = {
        "speed": head + "2015-09-13 01:00:00,90\n2015-09-13 01:05:00,80\n",
        "occupancy": head + "2015-09-13 01:05:00,3.5\n",
    }
    anchor = dt.datetime(2015, 9, 13, 0, 55, tzinfo=MINNESOTA_SUMMER)
    first, second = traffic(columns, device="traffic-a", anchor=anchor)
    assert first.values == {"speed": 90.0}
    assert second.values == {"speed": 80.0, "occupancy": 3.5}
    assert second.plays_at == START + dt.timedelta(minutes=10)
    assert second.recorded_at.utcoffset() == dt.timedelta(hours=-5)


def test_the_flood_clears_half_a_metre_under_the_lowest_level_that_is_known() -> None:
    gauges = "device,alarm1_m,alarm2_m,alarm3_m\ngauge-a,6.5,8.0,9.0\ngauge-b,,,22.0\ngauge-c,,,\n"
    closing = list(river_closing(gauges))
    assert [(r.device, r.values["water_level"]) for r in closing] == [("gauge-a", 6.0), ("gauge-b", 21.5)]
    assert all(r.derived and r.plays_at == END for r in closing)


def test_the_rain_ends_once_for_each_station() -> None:
    closing = list(rain_closing(["rain-b", "rain-a", "rain-b"]))
    assert [r.device for r in closing] == ["rain-a", "rain-b"]
    assert all(r.derived and r.values == {"rain_sum": 0.0, "rain_hours": 24.0} for r in closing)


def test_the_opening_is_the_last_reading_of_each_device_before_the_start() -> None:
    before = START - dt.timedelta(hours=2)
    recording = Recording(
        readings=in_order(
            [reading("gauge-a", START - dt.timedelta(hours=1), 2.0), reading("gauge-a", before, 1.0)],
            [reading("gauge-b", before), reading("gauge-b", START), reading("gauge-b", END)],
            [reading("gauge-b", END + dt.timedelta(seconds=1))],
        )
    )
    assert [(r.device, r.values["water_level"]) for r in recording.opening()] == [
        ("gauge-b", 1.0),
        ("gauge-a", 2.0),
    ]
    assert [r.plays_at for r in recording.played()] == [START, END]
