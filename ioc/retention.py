"""How long readings and evidence are kept, by class, and which partition a moment lies in."""

import datetime as dt
from typing import Annotated, Literal

import msgspec

from ioc import data

STANDARD = "standard"
"""The class of what names no class that is known."""

Step = Literal["day", "month"]
Days = Annotated[int, msgspec.Meta(ge=14)]
"""Repeats come up to 7 days late and must find the first: so at least twice that."""


class RetentionClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class. `number` is what the database knows it by; a partition of readings is one `step` long."""

    code: str
    number: Annotated[int, msgspec.Meta(ge=1, le=99)]
    step: Step
    readings_days: Days
    rollups_days: Days


Classes = dict[str, RetentionClass]


class Span(msgspec.Struct, frozen=True, order=True):
    """A partition: from `first`, a midnight in UTC, to before `end`."""

    first: dt.datetime
    end: dt.datetime


def classes() -> Classes:
    """Every shipped class by its code. Raises msgspec.ValidationError naming the member that is not as agreed."""
    return {code: msgspec.convert({"code": code} | about, RetentionClass) for code, about in data.retention().items()}


class MediaClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class of evidence: how many days its files are kept, unless they are held."""

    code: str
    days: Annotated[int, msgspec.Meta(ge=1)]


def media_classes() -> dict[str, MediaClass]:
    """Every shipped class of evidence by its code. Raises msgspec.ValidationError as `classes` does."""
    return {code: msgspec.convert({"code": code} | about, MediaClass) for code, about in data.media_retention().items()}


def span_of(step: Step, at: dt.datetime) -> Span:
    """The partition that holds a moment."""
    first = at.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if step == "day":
        return Span(first, first + dt.timedelta(days=1))
    first = first.replace(day=1)
    return Span(first, (first + dt.timedelta(days=31)).replace(day=1))


def spans(step: Step, since: dt.datetime, until: dt.datetime) -> list[Span]:
    """The partitions from the one that holds `since` to the one that holds `until`, in their order."""
    found = [span_of(step, since)]
    while found[-1].end <= until:
        found.append(span_of(step, found[-1].end))
    return found
