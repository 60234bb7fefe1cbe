"""The hourly Vietnamese air quality index, VN_AQI (Decision 1459/QĐ-TCMT of 12 November 2019, its guide, section 2).

What was verified: the text of the decision was read in a public transcription of the signed file of the environment
administration, tables and formulae included: table 1 (six categories), table 2 (bounds in µg/m³), 2.2.1 (NowCast of
12 hours for PM2.5 and PM10, at least two of the last three hours; gases by their last hour; ozone by the bounds of one
hour; PM10 or PM2.5 must be among them; rounded to a whole number), 2.3 (worked examples). Four independent programs
state the same bounds. The signed file itself was not seen.

Where the text leaves something open, or disagrees with itself:
- For w = 1/2 it writes NowCast as the sum of (1/2)^i c_i, not divided by the sum of weights. With all twelve hours
  that differs from the divided form by 1 part in 4,096; with hours missing it would come out too low by their share.
  Here both cases are divided, as the general formula and the note on missing hours (their weight is 0) have it.
- Its example rounds an index of 59.35 for NO2 to 60, all its others to the nearest. Here: to the nearest, halves up.
- What is above the last bound of table 2 ("≥") is 500.
- How much of an hour must be measured is not said there; a mean of what there is of the hour is taken.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

HOURS = 12
"""How many hourly means a NowCast looks at."""

INDEX = (0, 50, 100, 150, 200, 300, 400, 500)

BOUNDS: Mapping[str, tuple[float, ...]] = {
    "pm2_5": (0, 25, 50, 80, 150, 250, 350, 500),
    "pm10": (0, 50, 150, 250, 350, 420, 500, 600),
    "o3": (0, 160, 200, 300, 400, 800, 1_000, 1_200),
    "no2": (0, 100, 200, 700, 1_200, 2_350, 3_100, 3_850),
    "so2": (0, 125, 350, 550, 800, 1_600, 2_100, 2_630),
    "co": (0, 10_000, 30_000, 45_000, 60_000, 90_000, 120_000, 150_000),
}
"""Table 2: µg/m³ at the values of INDEX. Ozone: mean of one hour."""

PARTICLES = ("pm2_5", "pm10")

CATEGORIES = (
    (50, "Tốt", "Good"),
    (100, "Trung bình", "Moderate"),
    (150, "Kém", "Poor"),
    (200, "Xấu", "Unhealthy"),
    (300, "Rất xấu", "Very unhealthy"),
    (500, "Nguy hại", "Hazardous"),
)
"""Table 1: the highest index of each category, its name, and ours in English."""

Hours = Sequence[float | None]
"""Hourly means in µg/m³, the newest first; None: not measured."""


class Index(msgspec.Struct, frozen=True):
    """An hourly index: of all, which pollutant gave it, and that of each. `shares` are not rounded."""

    value: int
    pollutant: str
    shares: Mapping[str, float]


def nowcast(hours: Hours) -> float | None:
    """The weighted mean of up to twelve hourly means; None when fewer than two of the newest three are there."""
    hours = hours[:HOURS]
    known = [one for one in hours if one is not None]
    if sum(one is not None for one in hours[:3]) < 2:
        return None
    highest = max(known)
    weight = max(min(known) / highest, 0.5) if highest > 0 else 1.0
    weights = [weight**age for age in range(len(hours))]
    pairs = [(one, share) for one, share in zip(hours, weights, strict=True) if one is not None]
    return math.fsum(one * share for one, share in pairs) / math.fsum(share for _, share in pairs)


def share_of(pollutant: str, concentration: float) -> float:
    """The index of one pollutant (AQIx), not rounded, at most 500. KeyError for an unknown one."""
    bounds = BOUNDS[pollutant]
    if concentration >= bounds[-1]:
        return float(INDEX[-1])
    place = max(sum(bound <= concentration for bound in bounds) - 1, 0)
    low, high = bounds[place], bounds[place + 1]
    least, most = INDEX[place], INDEX[place + 1]
    return max((most - least) / (high - low) * (concentration - low) + least, 0.0)


def hourly(measured: Mapping[str, Hours]) -> Index | None:
    """The index of the newest hour; None without a NowCast of PM2.5 or PM10. Unknown pollutants are passed over."""
    shares = {}
    for pollutant, hours in measured.items():
        if pollutant not in BOUNDS or not hours:
            continue
        concentration = nowcast(hours) if pollutant in PARTICLES else hours[0]
        if concentration is not None:
            shares[pollutant] = share_of(pollutant, concentration)
    if not any(name in shares for name in PARTICLES):
        return None
    worst = max(shares, key=lambda name: (shares[name], name))
    return Index(math.floor(shares[worst] + 0.5), worst, shares)


def category(index: float) -> tuple[str, str]:
    """The category of an index, in Vietnamese and English."""
    return next(((name, english) for most, name, english in CATEGORIES if index <= most), CATEGORIES[-1][1:])
