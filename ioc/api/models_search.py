"""What the search answers."""

import datetime as dt
from typing import Literal

import msgspec


class FoundOf(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that was found: what it is, its id there (of a place its name or its coordinates), and where it lies.

    `position` is longitude and latitude, WGS 84. `detail` tells it apart: a code, an area. `until` is the last day of
    an administrative unit that is no more, `successors` are the names of those that followed it.
    """

    kind: Literal["place", "area", "device", "camera", "incident", "ticket"]
    id: str
    name: str
    name_en: str | None
    detail: str
    position: tuple[float, float] | None
    state: str | None
    severity: Literal["extreme", "severe", "moderate", "minor"] | None
    until: dt.date | None
    successors: list[str]


class SearchOf(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, the best first."""

    found: list[FoundOf]
