"""What a release changes: which units cease, which come, who follows whom, and which centre serves the new ones."""

import datetime as dt
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import shapely

from gis.areas import Area, fid_of, merged
from ioc.registration.release import Head, Joined, Release, ReleaseError, named_codes

TAKES = 0.05
"""A unit follows an old one of whose land it takes at least this share."""

COMES_FROM = 0.5
"""It also follows the one from which more than this share of its own land comes."""

GAP = 0.001
"""A share of an old unit's land from which on it is named as left without a new unit."""

SAME_LAND = 1e-9
"""The share by which two boundaries of one unit may differ: rounding."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How much of an old unit's land a new one takes (`of_old`), and of the new one's land comes from it (`of_new`).

    `old` and `new` are feature ids, `named` says that the release names the succession itself.
    """

    old: str
    new: str
    of_old: float
    of_new: float
    named: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a release does to the register of units.

    `entered` are new, with their parents; `closed` gives each unit that ceases its successors, both as feature ids;
    `kept` are those that go on as they are, `shares` what follows from the land, `notes` what a person should know.
    `served` gives the centre of new units that are not the province's centre's. `there`: all of it is entered already.
    """

    entered: tuple[Area, ...]
    closed: Mapping[str, tuple[str, ...]]
    kept: tuple[str, ...]
    shares: tuple[Share, ...]
    notes: tuple[str, ...]
    served: Mapping[str, str]
    there: bool = False


def plan(release: Release, known: Sequence[Area], serves: Mapping[str, str], centres: Collection[str]) -> Plan:
    """What loading a release does. `known` are all units of all times, `serves` gives units' centres of `centres`.

    Raises ReleaseError, with one sentence, for what contradicts itself or the register.
    """
    head = release.head
    if unknown := sorted(set(head.centres.values()) - set(centres)):
        raise ReleaseError(f"there is no centre {unknown[0]}, which `centres` names")
    before = {area.code: area for area in known if area.valid_from < head.effective and area.holds_on(head.effective)}
    same_day = {area.code: area for area in known if area.valid_from == head.effective}
    units = _placed([*release.units, *(_joined(one, head, before | same_day, known) for one in head.joined)], before)
    if same_day:
        return _there(head, units, same_day, known)
    _in_order(head, known)
    kept = {unit.code: before[unit.code] for unit in units if _goes_on(unit, before.get(unit.code))}
    units = _on_fids([unit for unit in units if unit.code not in kept], before, kept)
    closing = _closing(head, before, units, kept)
    staying = [area for area in before.values() if area.fid not in {one.fid for one in closing}]
    _fits(head, units, staying, {one.fid for one in closing})
    common = _common(closing, [*units, *staying])
    shares = _shares(head, closing, [*units, *staying], common)
    closed = {old.fid: tuple(one.new for one in shares if one.old == old.fid) for old in closing}
    return Plan(
        entered=tuple(units),
        closed=closed,
        kept=tuple(sorted(area.fid for area in kept.values())),
        shares=tuple(shares),
        notes=tuple(_notes(closing, closed, common)),
        served=_served(head, units, common, serves),
    )


def _joined(joined: Joined, head: Head, known: Mapping[str, Area], ever: Sequence[Area]) -> Area:
    """A unit that is the union of others, as they were on the day before."""
    eve = head.effective - dt.timedelta(days=1)
    of = {area.code: area for area in ever if area.holds_on(eve)}
    missing = sorted(set(joined.of) - of.keys())
    if missing or not joined.of:
        raise ReleaseError(
            f"unit {joined.code} is joined of {', '.join(missing) or 'nothing'}, which is no unit before"
        )
    model = of.get(joined.code)
    if model is None and not (joined.name and joined.kind):
        raise ReleaseError(f"unit {joined.code} is new, so that its join needs a name and a kind")
    made = merged(
        [of[code] for code in joined.of], into=model or of[joined.of[0]], valid_from=head.effective, valid_to=None,
        successors=(),
    )  # fmt: skip
    parent = joined.parent or _code(made.parent)
    name, kind = joined.name or made.name, joined.kind or made.kind
    fid = fid_of(joined.code, head.effective)
    return replace(made, fid=fid, code=joined.code, name=name, kind=kind, parent=parent)


def _code(fid: str | None) -> str | None:
    return fid.split("@")[0] if fid else None


def _placed(units: Sequence[Area], before: Mapping[str, Area]) -> list[Area]:
    """The units by level, each with a parent that there is, by its code. Raises ReleaseError."""
    ordered = sorted(units, key=lambda unit: (unit.level, unit.code))
    codes = {unit.code: unit.level for unit in ordered}
    if len(codes) != len(ordered):
        raise ReleaseError("a unit is both joined and drawn in the release; keep one of the two")
    for unit in ordered:
        if unit.parent is None:
            if unit.level > 1:
                raise ReleaseError(f"unit {unit.code} has no parent; give it `parent`, or a line in `parents`")
            continue
        level = codes.get(unit.parent, before[unit.parent].level if unit.parent in before else None)
        if level is None:
            raise ReleaseError(f"the parent {unit.parent} of unit {unit.code} is no unit on that day")
        if level >= unit.level:
            raise ReleaseError(f"the parent {unit.parent} of unit {unit.code} is not of a higher level")
    return ordered


def _there(head: Head, units: Sequence[Area], same_day: Mapping[str, Area], known: Sequence[Area]) -> Plan:
    """The plan of a release whose units are in the register: nothing, if they are the same."""
    by_fid = {area.fid: area for area in known}
    for unit in units:
        there = same_day.get(unit.code)
        if there is None:
            earlier = [area for area in known if area.code == unit.code and area.holds_on(head.effective)]
            if any(_same(unit, area) for area in earlier):
                continue
            raise ReleaseError(f"the register has other units from {head.effective} already, but not {unit.code}")
        if not _same(unit, there) or _code(there.parent) != unit.parent:
            raise ReleaseError(f"unit {there.fid} is in the register with another name, kind, parent or boundary")
    closed = {
        area.fid: tuple(fid for fid in area.successors if fid in by_fid)
        for area in known
        if area.valid_to == head.effective
    }
    kept = tuple(sorted(area.fid for area in same_day.values()))
    return Plan(entered=(), closed=closed, kept=kept, shares=(), notes=(), served={}, there=True)


def _in_order(head: Head, known: Sequence[Area]) -> None:
    later = min((area.valid_from for area in known if area.valid_from > head.effective), default=None)
    if later is not None:
        raise ReleaseError(
            f"the register has units from {later} on; a release of {head.effective} has to be loaded before that one"
        )
    ends = next((area for area in known if area.valid_to is not None and area.valid_to > head.effective), None)
    if ends is not None:
        raise ReleaseError(f"unit {ends.fid} ceases only on {ends.valid_to}; load the release of that day first")


def _same(unit: Area, there: Area) -> bool:
    if (unit.name, unit.kind, unit.level) != (there.name, there.kind, there.level):
        return False
    if shapely.equals_exact(unit.geometry, there.geometry, tolerance=0.0):
        return True
    differs: float = shapely.symmetric_difference(unit.geometry, there.geometry).area
    return differs <= SAME_LAND * there.geometry.area


def _goes_on(unit: Area, there: Area | None) -> bool:
    """Whether a unit of the release is one that is there, unchanged: its code, name, kind, parent and boundary."""
    return there is not None and _code(there.parent) == unit.parent and _same(unit, there)


def _on_fids(units: Sequence[Area], before: Mapping[str, Area], kept: Mapping[str, Area]) -> list[Area]:
    """The units with the feature ids of their parents: those of the release, else those that stay."""
    own = {unit.code: unit.fid for unit in units} | {code: area.fid for code, area in kept.items()}
    stay = {code: area.fid for code, area in before.items()}
    return [replace(unit, parent=(stay | own)[unit.parent] if unit.parent else None) for unit in units]


def _closing(head: Head, before: Mapping[str, Area], units: Sequence[Area], kept: Mapping[str, Area]) -> list[Area]:
    """The units that cease. Raises ReleaseError for one that is named and not there, or that stays."""
    named = named_codes(head)
    for code in named:
        if code not in before:
            raise ReleaseError(f"unit {code} is said to cease, but there is none on the day before {head.effective}")
        if code in kept:
            raise ReleaseError(f"unit {code} is said to cease, but the release also has it as it was")
    coming = {unit.code for unit in units}
    return [
        area
        for code, area in sorted(before.items())
        if code not in kept and (head.whole or code in coming or code in named)
    ]


def _fits(head: Head, units: Sequence[Area], staying: Sequence[Area], gone: set[str]) -> None:
    """Raises ReleaseError where units of one level have land in common, or a parent ceases that is needed."""
    for area in staying:
        if area.parent in gone:
            raise ReleaseError(f"unit {area.fid} stays, but its parent {area.parent} ceases; enter it anew, too")
    for level in sorted({unit.level for unit in units}):
        new = [unit for unit in units if unit.level == level]
        beside = [area for area in staying if area.level == level]
        for one, other in itertools.chain(_pairs(new, new), _pairs(new, beside)):
            common = shapely.intersection(one.geometry, other.geometry).area
            least = min(one.geometry.area, other.geometry.area)
            if one.code != other.code and common > head.overlap * least:
                raise ReleaseError(
                    f"units {one.fid} and {other.fid} have {common / least:.1%} of the smaller one's land in common; "
                    "mend the boundaries, or name the one that ceases in `successors`"
                )


def _pairs(some: Sequence[Area], others: Sequence[Area]) -> Iterable[tuple[Area, Area]]:
    """Pairs whose boundaries touch, each once."""
    if not some or not others:
        return
    tree = shapely.STRtree([area.geometry for area in others])
    found = tree.query([area.geometry for area in some], predicate="intersects")
    for left, right in found.T.tolist():
        if some is not others or left < right:
            yield some[left], others[right]


Common = Mapping[tuple[str, str], float]
"""Old and new feature id -> the land that both have, in square degrees."""


def _common(closing: Sequence[Area], units: Sequence[Area]) -> Common:
    """What old and new units of one level have in common."""
    return {
        (old.fid, unit.fid): shapely.intersection(old.geometry, unit.geometry).area
        for old, unit in _pairs(closing, units)
        if old.level == unit.level
    }


def _shares(head: Head, closing: Sequence[Area], units: Sequence[Area], common: Common) -> list[Share]:
    """Who follows whom: as the release names it, else by the shares of land. Raises ReleaseError for a name unknown."""
    by_code = {unit.code: unit for unit in units}
    joined = {code: (one.code,) for one in head.joined for code in one.of}
    found = []
    for old in closing:
        named = head.successors.get(old.code, joined.get(old.code))
        if missing := sorted(set(named or ()) - by_code.keys()):
            raise ReleaseError(f"the successor {missing[0]} of unit {old.code} is no unit from {head.effective} on")
        near = units if named is None else [by_code[code] for code in named]
        for unit in sorted(near, key=lambda unit: unit.code):
            land = common.get((old.fid, unit.fid), 0.0)
            of_old, of_new = round(land / old.geometry.area, 6), round(land / unit.geometry.area, 6)
            if named is not None or of_old >= TAKES or of_new > COMES_FROM:
                said = named is not None
                found.append(Share(old=old.fid, new=unit.fid, of_old=of_old, of_new=of_new, named=said))
    return found


def _notes(closing: Sequence[Area], closed: Mapping[str, tuple[str, ...]], common: Common) -> list[str]:
    """What a person should know: land without a new unit, units without a successor."""
    found = []
    for old in closing:
        if not closed[old.fid]:
            found.append(f"{old.name} ({old.fid}) has no successor: a person decides what becomes of what is there")
        left = 1 - sum(land for (before, _), land in common.items() if before == old.fid) / old.geometry.area
        if left > GAP:
            found.append(f"{left:.1%} of the land of {old.name} ({old.fid}) is in no unit from then on")
    return found


def _served(head: Head, units: Sequence[Area], common: Common, serves: Mapping[str, str]) -> dict[str, str]:
    """The centres of new units: as named, else that of the old unit from which more than half of their land comes."""
    if strange := sorted(set(head.centres) - {unit.code for unit in units}):
        raise ReleaseError(f"`centres` names {strange[0]}, which is no new unit of the release")
    half = {unit.fid: COMES_FROM * unit.geometry.area for unit in units}
    most = {new: old for (old, new), land in common.items() if new in half and land > half[new]}
    named = {unit.fid: head.centres.get(unit.code) or serves.get(most.get(unit.fid, "")) for unit in units}
    return {fid: centre for fid, centre in named.items() if centre is not None}
