"""How a person has arranged the wall: what is kept, and what the routes take."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_Lon = Annotated[float, Meta(ge=-180, le=180)]
_Lat = Annotated[float, Meta(ge=-90, le=90)]
_Word = Annotated[str, Meta(max_length=100)]
_Words = Annotated[list[_Word], Meta(max_length=200)]
_Name = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]

MOST = 30
"""So many layouts may a person have."""

LARGEST = 16 * 1024
"""Bytes of all of them together."""


class View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the map is: the middle as longitude and latitude, and the zoom of web maps."""

    centre: tuple[_Lon, _Lat]
    zoom: Annotated[float, Meta(ge=0, le=24)]


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of the incidents is shown, by kind of value; none chosen: all of them."""

    severity: _Words = []
    source: _Words = []
    category: _Words = []
    centre: _Words = []
    area: _Words = []


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One arrangement under the name that the person gave it."""

    name: _Name
    view: View
    filter: Filter = Filter()
    heat: bool = False
    list: Literal["incidents", "tickets"] = "incidents"


class Layouts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of a person's, and the name of the one with which the wall opens, null: as it always opens."""

    default: _Name | None = None
    layouts: Annotated[list[Layout], Meta(max_length=MOST)] = []


class LayoutsOf(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept; `version` counts the changes, 0 before the first."""

    version: int
    layout: Layouts


class PutLayouts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be kept in place of the version that was read."""

    expected_version: Annotated[int, Meta(ge=0, lt=1 << 31)]
    layout: Layouts


def fault(layouts: Layouts) -> str | None:
    """What contradicts itself, None when nothing does: two of one name, or a default that is not there."""
    names = [one.name for one in layouts.layouts]
    if len(names) != len(set(names)):
        return "name"
    return None if layouts.default is None or layouts.default in names else "default"
