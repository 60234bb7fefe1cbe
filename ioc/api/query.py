"""What a request asks for: query parameters read strictly, each error named."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Set
from typing import Any, Protocol
from uuid import UUID

from gis.crs import CRS84, KNOWN, Crs, Plane, box_of
from gis.layer import Field, Layer
from gis.position import Box
from ioc.api.problems import ProblemError

LIMIT_DEFAULT = 100
LIMIT_MAX = 10_000
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
_TIMES = "2026-11-22T01:02:03Z | 2026-11-22 | …/… | …/.. | ../… (RFC 3339)"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})\Z", re.ASCII)


class _Pairs(Protocol):
    def items(self) -> Iterable[tuple[str, str]]: ...


def bad(name: str, why: str) -> ProblemError:
    """The problem of a value that cannot be used."""
    return ProblemError("bad-value", name=name, why=why)


class Query:
    """The parameters of a request: only known names, each at most once, without U+0000."""

    def __init__(self, pairs: _Pairs, allowed: Set[str]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs.items():
            if name not in allowed:
                possible = ", ".join(sorted(allowed)) or "–"
                problem = ProblemError("unknown-parameter", name=name[:100])
                raise problem.because(f"Ở đây có: {possible}.", f"There are: {possible}.")
            if name in self._values:
                raise ProblemError("repeated-parameter", name=name)
            self._values[name] = storable(name, value)

    def text(self, name: str) -> str | None:
        """The value as it came, None when it was not given."""
        return self._values.get(name)

    def flag(self, name: str) -> bool:
        """Whether a parameter is `1` or `true`; `0`, `false` and absent are no."""
        value = self._values.get(name, "0").lower()
        if value not in ("0", "1", "true", "false"):
            raise bad(name, "0 | 1")
        return value in ("1", "true")

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number of at least `least`; one above `most` counts as `most` (OGC 17-069r4, 7.15.2)."""
        value = self._values.get(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit()) or len(value) > 18 or int(value) < least:
            raise bad(name, f"≥ {least}")
        return min(int(value), most)

    def rest(self, taken: Iterable[str]) -> Mapping[str, str]:
        """All parameters but those."""
        return {name: value for name, value in self._values.items() if name not in set(taken)}


def storable(name: str, value: str) -> str:
    """The text itself. Problem when PostgreSQL could not hold it: U+0000 or half a surrogate pair."""
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise bad(name, "U+0000")
    return value


def system(name: str, text: str | None) -> Crs:
    """The system of coordinates of that address; without one, longitude and latitude in WGS 84."""
    found = CRS84 if text is None else KNOWN.get(text)
    if found is None:
        raise bad(name, " | ".join(KNOWN))
    return found


def area(text: str, crs: Crs = CRS84) -> tuple[tuple[Box, ...], Plane | None]:
    """A `bbox` of 4 or 6 numbers in the order of a system's axes; heights are passed over (`gis.crs.box_of`)."""
    first, second = crs.axes
    form = f"min {first},min {second},max {first},max {second}"
    parts = text.split(",")
    if len(parts) not in (4, 6) or not all(_NUMBER.match(part.strip()) for part in parts):
        raise bad("bbox", form)
    numbers = [float(part) for part in parts]
    if len(numbers) == 6 and not numbers[2] <= numbers[5]:
        raise bad("bbox", "min height ≤ max height")
    one, two, three, four = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    try:
        return box_of(crs, (one, two, three, four))
    except ValueError as error:
        raise bad("bbox", form if crs.plane is not None else f"{form}; -180 ≤ lon ≤ 180, -90 ≤ lat ≤ 90") from error


def order(layer: Layer, text: str) -> tuple[tuple[str, bool], ...]:
    """A `sortby`: fields, the first counts most; `-` before one says that it falls, `+` that it rises."""
    found: dict[str, bool] = {}
    for part in text.split(","):
        # A plus sign that was not escaped arrives as a space.
        name = part[1:] if part[:1] in ("-", "+", " ") else part
        field = layer.field(name)
        if field is None or not field.sortable or name in found:
            raise bad("sortby", ", ".join(f"±{one.name}" for one in layer.fields if one.sortable))
        found[name] = part.startswith("-")
    return tuple(found.items())


def instant(name: str, text: str, why: str = "2026-11-22T01:02:03Z (RFC 3339)") -> dt.datetime:
    """A moment that is written with its offset, in UTC."""
    found = _MOMENT.match(text)
    if found is None:
        raise bad(name, why)
    date, clock, fraction, offset = found.groups()
    offset = "+00:00" if offset in "Zz" else offset
    try:
        return dt.datetime.fromisoformat(f"{date}T{clock}{(fraction or '')[:7]}{offset}").astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise bad(name, why) from error


def day(name: str, text: str, why: str = "2026-11-22") -> dt.date:
    """A day that is written YYYY-MM-DD."""
    try:
        if _DAY.match(text):
            return dt.date.fromisoformat(text)
    except ValueError as error:
        raise bad(name, why) from error
    raise bad(name, why)


def _moment(text: str, zone: dt.tzinfo, *, end: bool, name: str = "datetime") -> dt.datetime:
    if not _DAY.match(text):
        return instant(name, text, _TIMES)
    at = dt.datetime.combine(day(name, text, _TIMES), dt.time.max if end else dt.time.min, tzinfo=zone)
    try:
        return at.astimezone(dt.UTC)
    except OverflowError as error:
        raise bad(name, _TIMES) from error


def interval(text: str, zone: dt.tzinfo) -> tuple[dt.datetime | None, dt.datetime | None]:
    """A `datetime`: an instant or an interval, `..` or nothing for an open end; both ends inclusive, in UTC.

    A bare day is the whole day in `zone`.
    """
    first, slash, last = text.partition("/")
    if not slash:
        return _moment(text, zone, end=False), _moment(text, zone, end=True)
    since = None if first in ("", "..") else _moment(first, zone, end=False)
    until = None if last in ("", "..") else _moment(last, zone, end=True)
    if since is None and until is None and ".." not in (first, last):
        raise bad("datetime", _TIMES)
    if since is not None and until is not None and since > until:
        raise bad("datetime", "start ≤ end")
    return since, until


def typed(field: Field, text: str) -> Any:
    """The value of a property filter in the field's type."""
    try:
        match field.kind:
            case "uuid":
                return UUID(text)
            case "integer":
                number = int(text) if re.fullmatch(r"-?[0-9]{1,19}", text) else 1 << 63
                if abs(number) >= 1 << 63:
                    raise bad(field.name, field.kind)
                return number
            case "number":
                if not _NUMBER.match(text):
                    raise bad(field.name, field.kind)
                return float(text)
            case "datetime":
                return _moment(text, dt.UTC, end=False, name=field.name)
            case "date":
                return dt.date.fromisoformat(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case _:
                if field.words and text not in field.words:
                    raise bad(field.name, " | ".join(field.words))
                return text
    except (ValueError, KeyError) as error:
        raise bad(field.name, field.kind) from error
