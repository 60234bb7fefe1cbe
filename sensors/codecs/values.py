"""Values out of decoded JSON, for all codecs alike: the number under a path, in its unit, with its quality."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gis.observation import Quality, Value
from sensors.codecs.codec import Trouble
from sensors.profile import Path, Profile, Property

_NUMBER = re.compile(r"\s*([-+]?(?:\d{1,300}+(?:\.\d{0,300}+)?|\.\d{1,300}+)(?:[eE][-+]?\d{1,3}+)?)(?!\d)")

MOST_VALUES = 1000
"""Values of one reading for which no profile says how many there are."""

DEEPEST = 16


def quality_of(about: Property, number: float) -> Quality:
    """Good, or implausible when the number lies outside the physical limits of its property."""
    return Quality.GOOD if about.minimum <= number <= about.maximum else Quality.IMPLAUSIBLE


def measured(profile: Profile, data: Any) -> tuple[tuple[Value, ...], Trouble | None]:
    """The values of a profile's properties in decoded JSON, and what is wrong with the first that has none.

    A property that is not there, or null, was not measured this time. Nothing at all is trouble, too.
    """
    found: list[Value] = []
    trouble: Trouble | None = None
    for about in _everything(data) if profile.everything else profile.properties.values():
        raw = under(data, about.path or (about.name,))
        if raw is None:
            continue
        try:
            number = number_of(raw, about)
        except ValueError as error:
            trouble = trouble or Trouble("value", f"{about.name} {error}")
        else:
            found.append(Value(about.name, number, quality_of(about, number)))
    if not found and trouble is None:
        trouble = Trouble("empty", f"the profile {profile.code} finds no value in it; {_members(data)}")
    return tuple(found), trouble


def under(data: Any, path: Path) -> Any:
    """What stands under a path, None when nothing does."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and len(step) < 6:
            data = data[int(step)] if int(step) < len(data) else None
        else:
            return None
    return data


def number_of(raw: Any, about: Property) -> float:
    """The number in the property's unit. Raises ValueError saying why it is none; booleans are 0 and 1."""
    if isinstance(raw, str) and about.text:
        start = _NUMBER.match(raw)
        if start is None:
            raise ValueError(f"is {raw[:40]!r}, which begins with no number")
        raw = float(start[1])
    if not isinstance(raw, int | float):
        raise ValueError(f"is {str(raw)[:40]!r} and no number")
    try:
        number = float(raw) * about.scale + about.offset
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("is too large for a number")
    return number


def _everything(data: Any, path: Path = ()) -> Iterator[Property]:
    """Every number of decoded JSON as a property named after its path."""
    steps: Mapping[str, Any] = (
        (data if isinstance(data, dict) else dict(zip(map(str, range(len(data))), data, strict=True)))
        if isinstance(data, dict | list)
        else {}
    )
    for count, (step, inner) in enumerate(steps.items()):
        if count >= MOST_VALUES:
            return
        if isinstance(inner, int | float) and "\0" not in step:
            yield Property(
                name=".".join((*path, step)), unit="", title="", title_en="",
                minimum=-math.inf, maximum=math.inf, path=(*path, step),
            )  # fmt: skip
        elif len(path) < DEEPEST:
            yield from _everything(inner, (*path, step))


def _members(data: Any) -> str:
    if not isinstance(data, dict) or not data:
        return "it has no members"
    names = ", ".join(repr(name[:30]) for name in list(data)[:8])
    return f"its members are {names}"
