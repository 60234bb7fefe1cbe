"""What the route of releases of administrative units answers."""

import datetime as dt

import msgspec


class ShareOf(msgspec.Struct, frozen=True, kw_only=True):
    """Who followed whom (feature ids): the share of the old unit's land, and of the new one's; `named`: by the law."""

    old: str
    new: str
    of_old: float
    of_new: float
    named: bool


class MovedThing(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that moved: areas as feature ids (lists of them with a comma between), centres, units of tickets."""

    kind: str
    code: str
    name: str
    area_before: str
    area: str
    centre_before: str
    centre: str
    unit_before: str
    unit: str


class UndecidedThing(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of which a person decides, and why."""

    kind: str
    code: str
    name: str
    area: str
    why: str


class AreaRelease(msgspec.Struct, frozen=True, kw_only=True):
    """A release as it was loaded. `moved_at` null: what it moves, moves on its day.

    `counts` says how many things of each kind moved. `moved` and `undecided` name them, for who asked for this release,
    sees the whole installation and may register; else they are null.
    """

    name: str
    effective: dt.date
    source: str
    sha256: str
    loaded_at: dt.datetime
    loaded_by: str
    entered: int
    closed: int
    kept: int
    notes: list[str]
    shares: list[ShareOf]
    moved_at: dt.datetime | None
    counts: dict[str, int]
    moved: list[MovedThing] | None
    undecided: list[UndecidedThing] | None


class AreaReleases(msgspec.Struct, frozen=True, kw_only=True):
    """The releases, that of the newest day first."""

    releases: list[AreaRelease]
