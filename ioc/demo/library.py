"""Reads the shipped recordings of the demo and lays them on one clock.

The flood keeps its own time. Air and traffic come from other places and years: each begins at the same hour
of the day as the flood, on a day that is chosen so that something happens.
"""

import datetime as dt
from importlib import resources

from ioc.demo.recording import (
    MINNESOTA_SUMMER,
    VIETNAM,
    Recording,
    air,
    in_order,
    rain,
    rain_closing,
    river,
    river_closing,
    traffic,
)

AIR_ANCHOR = dt.datetime(2017, 12, 24, 0, 55, tzinfo=VIETNAM)
LOOP_ANCHOR = dt.datetime(2015, 9, 13, 0, 55, tzinfo=MINNESOTA_SUMMER)
TRAVEL_ANCHOR = dt.datetime(2015, 8, 31, 0, 55, tzinfo=MINNESOTA_SUMMER)


def recording() -> Recording:
    """Everything that the demo plays: the flood of October 2025, its end, air and traffic."""
    showers = tuple(rain(_text("flood/rainfall.csv")))
    loop = {"speed": _text("traffic/speed_6005.csv"), "occupancy": _text("traffic/occupancy_6005.csv")}
    travel = {"travel_time": _text("traffic/traveltime_387.csv")}
    return Recording(
        readings=in_order(
            river(_text("flood/levels.csv")),
            showers,
            air(_text("air/hanoi_pm2_5.csv"), device="air-tam-ky", anchor=AIR_ANCHOR),
            traffic(loop, device="traffic-tam-ky", anchor=LOOP_ANCHOR),
            traffic(travel, device="traffic-hoi-an", anchor=TRAVEL_ANCHOR),
            river_closing(_text("flood/gauges.csv")),
            rain_closing(reading.device for reading in showers),
        )
    )


def _text(path: str) -> str:
    return resources.files("ioc.demo").joinpath("data", path).read_text(encoding="utf-8")
