"""A place as people write it, and what was meant where it cannot be right: in wrong order, without its sign, in another
system of coordinates, without its decimal point. What was meant is offered, with the place that it gives, and never
taken unasked; numbers in the columns X and Y are VN-2000 in whichever order, which the country's two habits share."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from gis.position import Box, Position
from gis.vn2000 import HOME, ZONES, Zone, wgs84
from ioc.registration.sheet import SPACES, Words

DIGITS = 7
"""Decimals of a degree that are kept: a centimetre."""

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)\Z")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([., '’])\d{3})(?:\1\d{3})*(?:[.,]\d+)?\Z")
_ANGLE = re.compile(
    r"""([+-]?\d{1,3}(?:[.,]\d+)?)\s*(?:°|º|˚|deg|độ|d|\s)\s*
        (?:(\d{1,2}(?:[.,]\d+)?)\s*(?:'|′|’|‘|phút|m|\s|\Z)\s*)?
        (?:(\d{1,2}(?:[.,]\d+)?)\s*(?:"|″|”|“|''|′′|’’|giây|s)?\s*)?\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_SIDE = re.compile(r"\A\s*([NSEWBĐTD])\s+(?=[\d+-])|(?<=[\d\s.,'’′\"″”°ºs])([NSEWBĐTD])\s*\Z", re.IGNORECASE)
_IN_LETTERS = re.compile(r"\d\s*m\s*[\d.,]+\s*s\Z", re.IGNORECASE)
"""The s of `15d52m48s` is no south."""

_EASTINGS = "EĐDWT"
_NEGATIVE = "SWT"
_METRES = 1_000.0
"""From this number on nothing is a degree."""


class Offer(msgspec.Struct, frozen=True):
    """What may have been meant: the place in degrees, and in words how the text was read."""

    position: tuple[float, float]
    vi: str
    en: str


class Read(msgspec.Struct, frozen=True):
    """What was read: a place, or what is wrong and perhaps an offer."""

    position: Position | None = None
    fault: Words | None = None
    offer: Offer | None = None


class Written(NamedTuple):
    """What stands in the cells of a row; an empty text where nothing does."""

    lon: str = ""
    lat: str = ""
    x: str = ""
    y: str = ""
    position: str = ""
    meridian: str = ""


def number(text: str) -> float:
    """A number with a decimal point or comma, thousands grouped or not, a unit behind it. ValueError for none."""
    plain = re.sub(r"\s*(m|mét|met|°|º)\Z", "", text.strip(SPACES), flags=re.IGNORECASE).strip(SPACES)
    if _NUMBER.match(plain):
        return float(plain.replace(",", "."))
    if grouped := _GROUPED.match(plain):
        sign = grouped[1]
        whole = plain.replace(sign, "")
        return float(whole.replace(",", "."))
    raise ValueError(f"{text[:40]!r} is no number")


def degrees(text: str) -> tuple[float, bool | None]:
    """An angle in degrees, decimal or in minutes and seconds, and whether it says that it is a longitude.

    N is north in both languages: nothing of this country lies in the south. ValueError for what is no angle.
    """
    plain = text.strip(SPACES)
    side = None if _IN_LETTERS.search(plain) else _SIDE.search(plain)
    letter = (side[1] or side[2]).upper() if side else ""
    if side:
        plain = (plain[: side.start()] + plain[side.end() :]).strip(SPACES)
    value = _angle(plain)
    if letter in _NEGATIVE and letter:
        value = -abs(value)
    return value, (letter in _EASTINGS if letter else None)


def _angle(plain: str) -> float:
    try:
        return number(plain)
    except ValueError:
        found = _ANGLE.match(plain)
        if found is None:
            raise
    whole, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups())
    if minutes >= 60 or seconds >= 60:
        raise ValueError(f"{plain!r} has 60 minutes or seconds, or more")
    value = abs(whole) + minutes / 60 + seconds / 3600
    return -value if plain.startswith("-") else value


def zone_of(text: str) -> Zone:
    """The zone of a meridian as people write it: 107°45', 107.75, `VN-2000 108`, EPSG:5899. ValueError for none."""
    if "5899" in text or "6959" in text:
        return HOME
    plain = re.sub(r"(?i)vn[\s-]*2000|ktt|múi\s*3\s*°?|tm-?3|kinh tuyến trục|[,:/()]", " ", text).strip()
    meridian, _ = degrees(plain.replace(" ", "") if plain.count(" ") else plain)
    for zone in ZONES:
        if zone.vn2000 and abs(zone.meridian - meridian) < 1e-6:
            return zone
    raise ValueError(f"{text[:40]!r} is no meridian of VN-2000")


def read(written: Written, home: Box) -> Read:
    """The place of a row; `home` is the box of the province, within which a right place lies."""
    try:
        if written.position:
            return _either(*_in_order(*_halves(written.position)), home)
        if written.x or written.y:
            return _metres(written, home)
        lon, lat, _ = _in_order(written.lat, written.lon)
        return _judged(lon, lat, home)
    except ValueError:
        return Read(fault=Words(
            "Không đọc được toạ độ; hãy ghi như 108,3279 và 15,8801, 15°52'48\"N hoặc toạ độ VN-2000 (m).",
            "The coordinates cannot be read; write them as 108.3279 and 15.8801, 15°52'48\"N, or VN-2000 (m).",
        ))  # fmt: skip


def _halves(text: str) -> tuple[str, str]:
    """Two numbers of one cell."""
    plain = re.sub(r"(?i)\A\s*(POINT|SRID=4326;\s*POINT)?\s*[(\[]|[)\]]\s*\Z", "", text).strip(SPACES)
    for sign in (r"\s*[;|/\n]\s*", r"\s*,\s+", r"\s+,", r"(?<=[NSEWBĐTDnsewbđtd])\s*,?\s*(?=\d)"):
        parts = re.split(sign, plain)
        if len(parts) == 2:
            return parts[0], parts[1]
    for sign in (",", r"\s+"):
        parts = re.split(sign, plain)
        if len(parts) == 2:
            return parts[0], parts[1]
    raise ValueError(f"{text[:40]!r} is not two numbers")


def _in_order(lat: str, lon: str) -> tuple[float, float, bool]:
    """Longitude and latitude, and whether letters said so: these are believed wherever they stand."""
    (first, first_lon), (second, second_lon) = degrees(lat), degrees(lon)
    if first_lon is True and second_lon is not True:
        return first, second, True
    return second, first, False


def _either(lon: float, lat: float, said: bool, home: Box) -> Read:
    """One cell says no order, and no longitude of this country is a latitude."""
    swapped = not said and _inside(lat, lon, home)
    return _judged(lat, lon, home) if swapped else _judged(lon, lat, home)


def _judged(lon: float, lat: float, home: Box) -> Read:
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ValueError("no finite number")
    if _inside(lon, lat, home):
        return Read(position=_position(lon, lat))
    for place, vi, en in _meant(lon, lat, home):
        return Read(fault=_beyond(lon, lat), offer=Offer(_rounded(place), vi, en))
    if abs(lon) <= 180 and abs(lat) <= 90:
        return Read(position=_position(lon, lat))
    return Read(fault=_beyond(lon, lat))


def _beyond(lon: float, lat: float) -> Words:
    if abs(lon) <= 180 and abs(lat) <= 90:
        return Words(
            f"Vị trí ({lon:.5f}, {lat:.5f}) nằm ngoài địa bàn.", f"The place ({lon:.5f}, {lat:.5f}) is elsewhere."
        )
    return Words("Toạ độ không phải là kinh độ, vĩ độ.", "These are no longitude and latitude.")


def _inside(lon: float, lat: float, home: Box) -> bool:
    return home.west <= lon <= home.east and home.south <= lat <= home.north


def _position(lon: float, lat: float) -> Position:
    return Position(lon=round(lon, DIGITS), lat=round(lat, DIGITS))


def _rounded(position: Position) -> tuple[float, float]:
    return round(position.lon, DIGITS), round(position.lat, DIGITS)


def _meant(lon: float, lat: float, home: Box) -> Iterator[tuple[Position, str, str]]:
    """What may have been meant by two numbers that are no place here, the likeliest first."""
    if _inside(lat, lon, home):
        yield _position(lat, lon), "Kinh độ và vĩ độ bị đổi chỗ.", "Longitude and latitude are swapped."
    for one, other in ((lon, lat), (lat, lon)):
        if _inside(abs(one), abs(other), home):
            yield _position(abs(one), abs(other)), "Sai dấu hoặc sai bán cầu.", "The sign or the side is wrong."
    for zone, place in _gridded(lon, lat, home):
        yield place, f"Toạ độ theo {zone.name}.", f"These are coordinates in {zone.name}."
    for one, other in ((lon, lat), (lat, lon)):
        first, second = _scaled(one, home.west, home.east), _scaled(other, home.south, home.north)
        if first is not None and second is not None:
            yield _position(first, second), "Mất dấu thập phân.", "The decimal point is missing."


def _gridded(one: float, other: float, home: Box) -> Iterator[tuple[Zone, Position]]:
    """The places here that two numbers mean in metres of any zone, in either order."""
    if max(abs(one), abs(other)) < _METRES:
        return
    for zone in ZONES:
        for easting, northing in ((one, other), (other, one)):
            if 0 < easting < 1e6 and 5e5 < northing < 3e6:
                place = wgs84(easting, northing, zone)
                if _inside(*place.lonlat, home):
                    yield zone, place


def _scaled(value: float, least: float, most: float) -> float | None:
    """A number of degrees whose decimal point was lost."""
    for power in range(1, 12):
        if least <= abs(value) / 10**power <= most:
            return float(abs(value) / 10**power)
    return None


def _metres(written: Written, home: Box) -> Read:
    """The columns X and Y: the zone that the row names, else ours; else another's is offered."""
    one, other = number(written.x), number(written.y)
    if max(abs(one), abs(other)) < _METRES:
        return _judged(one, other, home)
    asked = zone_of(written.meridian) if written.meridian else HOME
    fitting = list(_gridded(one, other, home))
    for zone, place in fitting:
        if zone == asked:
            return Read(position=_position(*place.lonlat))
    fault = Words(f"Toạ độ này không nằm trên địa bàn theo {asked.name}.", f"This is no place here in {asked.name}.")
    for zone, place in fitting:
        vi, en = f"Toạ độ theo {zone.name}.", f"These are coordinates in {zone.name}."
        return Read(fault=fault, offer=Offer(_rounded(place), vi, en))
    return Read(fault=fault)
