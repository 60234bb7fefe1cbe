"""Where things belong once their administrative unit has ceased: decided by their place, or by who followed the unit.

What ended stays where it was. What goes on (devices, cameras, open tickets, limits to areas) moves to the unit that
holds its point. What has no point goes where its unit went, if that is sure; else a person decides.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
import shapely

from gis.areas import Area, AreaIndex
from gis.position import Position
from ioc.registration.succession import COMES_FROM, TAKES

NEAR_DEG = 0.18
"""Degrees (20 km) off the last unit up to which a point belongs to the nearest successor, as for citizens' reports."""

Kind = Literal["device", "camera", "ticket", "account", "silence", "rule", "route"]
KINDS: tuple[Kind, ...] = ("device", "camera", "ticket", "account", "silence", "rule", "route")

NO_SUCCESSOR = "its unit ceased without a successor that holds it"
SEVERAL = "its unit went to several units, and it has no point that says to which"


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that moved. `before` and `after` are feature ids (of lists of areas: with a comma between), centres and
    units of tickets; empty where it has none or kept it."""

    kind: Kind
    code: str
    name: str
    area_before: str
    area: str
    centre_before: str = ""
    centre: str = ""
    unit_before: str = ""
    unit: str = ""


class Undecided(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of which a person decides."""

    kind: Kind
    code: str
    name: str
    area: str
    why: str


class Report(msgspec.Struct, kw_only=True):
    """What moved, and what a person has to decide."""

    moved: list[Moved] = []
    undecided: list[Undecided] = []

    def counts(self) -> dict[str, int]:
        """How many of each kind moved."""
        found = {kind: sum(one.kind == kind for one in self.moved) for kind in KINDS}
        return {kind: number for kind, number in found.items() if number} | {"undecided": len(self.undecided)}


class Land:
    """The units of all times, seen from one day, and the centres that serve them."""

    def __init__(self, areas: Iterable[Area], day: dt.date, serves: Mapping[str, str], province: str) -> None:
        self._areas = {area.fid: area for area in areas}
        self._index = AreaIndex(self._areas.values())
        self._serves, self._province = serves, province
        self.day = day

    def area(self, fid: str) -> Area | None:
        """The unit of a feature id."""
        return self._areas.get(fid)

    def ceased(self, fid: str) -> bool:
        """Whether there was such a unit, and it is over."""
        area = self._areas.get(fid)
        return area is not None and area.valid_to is not None and area.valid_to <= self.day

    @property
    def over(self) -> list[str]:
        """All units that are over."""
        return sorted(fid for fid in self._areas if self.ceased(fid))

    def centre(self, fid: str) -> str:
        """The centre that serves a unit."""
        return self._serves.get(fid, self._province)

    def around(self, position: Position, day: dt.date) -> list[str]:
        """The units around a point on a day, the smallest first."""
        return [area.fid for area in self._index.all_holding(position, day)]

    def followers(self, fid: str) -> tuple[str, ...]:
        """The units of the day that followed one, however many releases lie between; by feature id.

        Where units were joined and parted again, those count that have its land, if any has.
        """
        found, waiting = set(), [fid]
        seen: set[str] = set()
        while waiting:
            one = self._areas.get(waiting.pop())
            if one is None or one.fid in seen:
                continue
            seen.add(one.fid)
            if one.holds_on(self.day):
                found.add(one.fid)
            elif self.ceased(one.fid):
                waiting += one.successors
        heirs = sorted(found - {fid})
        return tuple([one for one in heirs if self._takes(one, fid)] or heirs)

    def _takes(self, fid: str, old: str) -> bool:
        land, before = self._areas[fid].geometry, self._areas[old].geometry
        common: float = shapely.intersection(land, before).area
        return common >= TAKES * before.area or common > COMES_FROM * land.area

    def holding(self, fid: str, position: Position | None) -> str | None:
        """The unit of the day to which something of a ceased unit belongs; None: a person decides.

        That of the same level which holds the point; where none does, the nearest of those that followed; without a
        point the only one that followed.
        """
        followers = self.followers(fid)
        if position is None:
            return followers[0] if len(followers) == 1 else None
        level = self._areas[fid].level
        holding = self._index.all_holding(position, self.day)
        same = next((area for area in holding if area.level == level), None)
        if same is not None:
            return same.fid
        return self._nearest(followers, position)

    def _nearest(self, fids: Sequence[str], position: Position) -> str | None:
        point = shapely.Point(position.lon, position.lat)
        near = sorted((self._areas[fid].geometry.distance(point), fid) for fid in fids)
        return near[0][1] if near and near[0][0] <= NEAR_DEG else None

    def within(self, fid: str, old: str) -> bool:
        """Whether more than half of a unit's land lies in another one: then who sees that one sees it, too."""
        land, wider = self._areas[fid].geometry, self._areas[old].geometry
        common: float = shapely.intersection(land, wider).area
        return common > COMES_FROM * land.area

    def instead(self, fids: Sequence[str], *, spelt: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A list of areas once units of it ceased, and those of which a person decides.

        A ceased unit with one successor is replaced by it. One with several stays, with those that lie in it beside it;
        `spelt`: what lies in an area counts anyhow, so that the list stays. When some lie in others as well, a person
        decides whether they belong in the list.
        """
        found: list[str] = []
        unsure: list[str] = []
        for fid in fids:
            followers = self.followers(fid) if self.ceased(fid) else (fid,)
            inside = [one for one in followers if one != fid and self.within(one, fid)]
            if len(followers) == 1 and (followers[0] == fid or not (spelt and inside)):
                found.append(followers[0])
                continue
            found += [fid, *(() if spelt else inside)]
            if not followers or len(inside) < len(followers):
                unsure.append(fid)
        return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(unsure))
