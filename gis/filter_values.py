"""Literals of a filter, typed by the field that they are compared with."""

import datetime as dt
import math
import re
from typing import Any
from uuid import UUID

from gis.filter_tree import FilterError, Literal

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})\Z", re.ASCII)
_WRITTEN = {
    "string": "text in single quotes",
    "uuid": "a UUID in single quotes",
    "integer": "a number",
    "number": "a number",
    "boolean": "TRUE or FALSE",
    "datetime": "TIMESTAMP('2026-11-26T04:00:00Z')",
    "date": "DATE('2026-11-26')",
}
"""How a literal of a kind is written."""

_LARGEST = 2**63


def kind_of(raw: object) -> str:
    """The kind of a literal on its own. Raises FilterError for what is none."""
    if isinstance(raw, bool):
        return "boolean"
    if isinstance(raw, int | float):
        return "number"
    if isinstance(raw, str):
        return "string"
    if isinstance(raw, dict) and len(raw) == 1:
        (name,) = raw
        if name in ("date", "timestamp"):
            return "date" if name == "date" else "datetime"
    if raw is None:
        raise FilterError("nothing is compared with NULL; write IS NULL")
    raise FilterError("a value must be text in single quotes, a number, TRUE, FALSE, DATE('…') or TIMESTAMP('…')")


def typed(raw: object, kind: str, *, name: str = "", words: tuple[str, ...] = ()) -> Literal:
    """The literal as the kind of the field `name`. Raises FilterError naming what is allowed."""
    found = kind_of(raw)
    subject = f"{name} is compared with" if name else "what is compared must be"
    match kind, found:
        case (("integer" | "number"), "number"):
            return _number(raw)
        case "uuid", "string":
            return Literal("uuid", _uuid(raw, subject))
        case "string", "string":
            return Literal("string", _word(raw, name, words))
        case "boolean", "boolean":
            return Literal("boolean", raw)
        case "datetime", "datetime":
            return Literal("datetime", instant(_inner(raw)))
        case "date", "date":
            return Literal("date", day(_inner(raw)))
    raise FilterError(f"{subject} {_WRITTEN[kind]}")


def _inner(raw: Any) -> object:
    (value,) = raw.values()
    return value


def _number(raw: Any) -> Literal:
    """A whole number where it is one, as PostgreSQL holds it."""
    number = finite(raw)
    if isinstance(raw, int) and abs(raw) < _LARGEST:
        return Literal("integer", raw)
    if number.is_integer() and abs(number) < _LARGEST:
        return Literal("integer", int(number))
    return Literal("number", number)


def finite(raw: float) -> float:
    """The number as PostgreSQL computes with it. Raises FilterError for what is too large for that, or no number."""
    try:
        number = float(raw)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise FilterError("numbers of a filter, coordinates too, must be finite")
    return number


def _uuid(raw: Any, subject: str) -> UUID:
    try:
        return UUID(raw)
    except ValueError as error:
        raise FilterError(f"{subject} {_WRITTEN['uuid']}") from error


def _word(raw: Any, name: str, words: tuple[str, ...]) -> str:
    text = storable(raw)
    if words and text not in words:
        raise FilterError(f"{name} is one of {', '.join(words)}")
    return text


def storable(text: str) -> str:
    """The text itself. Raises FilterError when PostgreSQL could not hold it: U+0000 or half a surrogate pair."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise FilterError("text may not hold U+0000 or half a surrogate pair")
    return text


def instant(raw: object) -> dt.datetime:
    """A moment of RFC 3339, in UTC; digits after the microsecond are left out. Raises FilterError."""
    found = _MOMENT.match(raw) if isinstance(raw, str) else None
    try:
        if found:
            on, clock, fraction, offset = found.groups()
            offset = "+00:00" if offset in "Zz" else offset
            return dt.datetime.fromisoformat(f"{on}T{clock}{(fraction or '')[:7]}{offset}").astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise FilterError("a timestamp is a moment of RFC 3339, as 2026-11-26T04:00:00Z") from error
    raise FilterError("a timestamp is a moment of RFC 3339 with its zone, as 2026-11-26T04:00:00Z")


def day(raw: object) -> dt.date:
    """A day of the calendar. Raises FilterError."""
    if isinstance(raw, str) and _DAY.match(raw):
        try:
            return dt.date.fromisoformat(raw)
        except ValueError as error:
            raise FilterError("a date is a day of the calendar, as 2026-11-26") from error
    raise FilterError("a date is year, month and day, as 2026-11-26")


def end_of(raw: object, kind: str, zone: dt.tzinfo, *, last: bool) -> Literal:
    """One end of a span of time as `kind`: where moments are compared, a date is the whole day in `zone`.

    `raw` is `{"date": …}`, `{"timestamp": …}`, or the bare text of an interval. Raises FilterError.
    """
    value = _inner(raw) if isinstance(raw, dict) and len(raw) == 1 else raw
    is_day = raw.keys() == {"date"} if isinstance(raw, dict) else isinstance(raw, str) and bool(_DAY.match(raw))
    if kind == "date":
        if not is_day:
            raise FilterError(f"the field holds days; write {_WRITTEN['date']}")
        return Literal("date", day(value))
    if not is_day:
        return Literal("datetime", instant(value))
    clock = dt.time.max if last else dt.time.min
    try:
        return Literal("datetime", dt.datetime.combine(day(value), clock, tzinfo=zone).astimezone(dt.UTC))
    except OverflowError as error:
        raise FilterError("the day is too far away") from error
