"""What a release changes, on squares whose shares anybody can reckon."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.areas import Area
from ioc.registration.release import Head, Joined, Release, ReleaseError
from ioc.registration.succession import Plan, plan
from tests.fakes.squares import DAY, box, province

OLD = [
    province(),
    *(replace(box(code, west, west + 2), parent="1@2024-09-01") for code, west in (("A", 100), ("B", 102))),
]


def planned(*units: Area, known: Sequence[Area] = OLD, serves: dict[str, str] | None = None, **head: Any) -> Plan:
    named: dict[str, Any] = {"release": "one", "effective": DAY, "source": "NQ"}
    release = Release(head=Head(**named | head), units=units, digest=b"")
    return plan(release, known, serves or {}, ["tam-ky", "hoi-an"])


def new(code: str, west: float, east: float, **more: Any) -> Area:
    return box(code, west, east, since=DAY, **more)


def loaded(known: Sequence[Area], done: Plan, day: dt.date = DAY) -> list[Area]:
    """The register after a plan."""
    return [
        replace(area, valid_to=day, successors=done.closed[area.fid]) if area.fid in done.closed else area
        for area in known
    ] + list(done.entered)


def test_who_follows_whom_goes_by_the_shares_of_land() -> None:
    done = planned(province(since=DAY), new("C", 100, 101.5), new("D", 101.5, 104), serves={"B@2024-09-01": "hoi-an"})
    assert done.closed == {
        "A@2024-09-01": ("C@2025-07-01", "D@2025-07-01"),
        "B@2024-09-01": ("D@2025-07-01",),
    }
    assert [(one.of_old, one.of_new) for one in done.shares] == [(0.75, 1.0), (0.25, 0.2), (1.0, 0.8)]
    assert done.kept == ("1@2024-09-01",)
    assert [unit.parent for unit in done.entered] == ["1@2024-09-01"] * 2
    assert done.served == {"D@2025-07-01": "hoi-an"}
    assert done.notes == ()


def test_a_sliver_makes_no_successor_and_named_ones_go_before_land() -> None:
    cut = planned(province(since=DAY), new("C", 100, 102.05), new("D", 102.05, 104))
    assert cut.closed["B@2024-09-01"] == ("D@2025-07-01",)
    said = planned(province(since=DAY), new("C", 100, 102.05), new("D", 102.05, 104), successors={"B": ("C",)})
    assert said.closed["B@2024-09-01"] == ("C@2025-07-01",)
    assert [one.named for one in said.shares] == [False, True]


def test_joined_units_need_no_boundary() -> None:
    done = planned(whole=False, joined=(Joined(code="A", of=("A", "B")),), centres={"A": "tam-ky"})
    [unit] = done.entered
    assert (unit.fid, unit.name, unit.parent) == ("A@2025-07-01", "Xã A", "1@2024-09-01")
    assert unit.geometry.equals(shapely.box(100, 15, 104, 16))
    assert done.closed == {"A@2024-09-01": (unit.fid,), "B@2024-09-01": (unit.fid,)}
    assert done.served == {unit.fid: "tam-ky"}


def test_what_a_part_does_not_name_stays_and_what_the_whole_does_not_have_ceases() -> None:
    part = planned(new("A", 100, 102, name="Phường A"), whole=False)
    assert list(part.closed) == ["A@2024-09-01"]
    whole = planned(province(since=DAY), new("A", 100, 102))
    assert whole.closed == {"B@2024-09-01": ()}
    assert whole.kept == ("1@2024-09-01", "A@2024-09-01")
    assert any("no successor" in note for note in whole.notes)
    assert any("100.0% of the land" in note for note in whole.notes)


def test_again_it_is_all_there() -> None:
    units = (province(since=DAY), new("C", 100, 102), new("D", 102, 104))
    done = planned(*units)
    again = planned(*units, known=loaded(OLD, done))
    assert again.there
    assert (again.entered, again.served) == ((), {})
    with pytest.raises(ReleaseError, match="another name, kind, parent or boundary"):
        planned(*units[:2], new("D", 102, 103), known=loaded(OLD, done))
    with pytest.raises(ReleaseError, match="but not E"):
        planned(*units, new("E", 104, 105), known=loaded(OLD, done))


@pytest.mark.parametrize(
    ("units", "head", "why"),
    [
        ([new("C", 100, 103), new("D", 102, 104)], {}, "50.0% of the smaller one's land in common"),
        ([new("C", 103, 105)], {"whole": False}, "C@2025-07-01 and B@2024-09-01 have 50.0%"),
        ([new("C", 100, 104, parent=None)], {}, "unit C has no parent"),
        ([new("C", 100, 104, parent="9")], {}, "the parent 9 of unit C is no unit on that day"),
        ([new("C", 100, 102), new("D", 102, 104, parent="C")], {}, "not of a higher level"),
        ([new("C", 100, 104)], {"successors": {"Z": ("C",)}}, "unit Z is said to cease, but there is none"),
        ([new("C", 100, 104)], {"successors": {"A": ("Z",)}}, "the successor Z of unit A is no unit"),
        ([new("A", 100, 102)], {"successors": {"A": ("A",)}, "whole": False}, "also has it as it was"),
        ([new("C", 100, 104)], {"centres": {"Z": "tam-ky"}}, "names Z, which is no new unit"),
        ([new("C", 100, 104)], {"centres": {"C": "atlantis"}}, "there is no centre atlantis"),
        ([], {"joined": (Joined(code="Q", of=("A", "B")),)}, "needs a name and a kind"),
        ([], {"joined": (Joined(code="A", of=("A", "Z")),)}, "joined of Z, which is no unit before"),
        ([new("A", 100, 102)], {"joined": (Joined(code="A", of=("A",)),)}, "both joined and drawn"),
    ],
)
def test_what_contradicts_the_register_is_refused_in_a_sentence(
    units: list[Area], head: dict[str, Any], why: str
) -> None:
    with pytest.raises(ReleaseError, match=why):
        planned(province(since=DAY), *units, **head)


def test_releases_come_in_their_order_and_no_child_is_left_without_its_parent() -> None:
    later = [replace(area, valid_from=dt.date(2026, 1, 1), fid=f"{area.code}@2026-01-01") for area in OLD]
    with pytest.raises(ReleaseError, match="has units from 2026-01-01 on"):
        planned(province(since=DAY), new("C", 100, 104), known=later)
    ends = [replace(area, valid_to=dt.date(2025, 9, 1)) for area in OLD]
    with pytest.raises(ReleaseError, match="ceases only on 2025-09-01"):
        planned(province(since=DAY), new("C", 100, 104), known=ends)
    with pytest.raises(ReleaseError, match="stays, but its parent 1@2024-09-01 ceases"):
        planned(replace(province(since=DAY), name="Tỉnh"), whole=False)


CUTS = st.lists(st.integers(1, 39), min_size=1, max_size=6, unique=True).map(sorted)


@given(CUTS)
def test_however_the_land_is_cut_each_point_follows_and_no_share_is_lost(cuts: list[int]) -> None:
    """The new units tile the old land: the shares of each old one add up, but for slivers under the least share."""
    edges = [100.0, *(100 + cut / 10 for cut in cuts), 104.0]
    units = [new(f"N{number}", west, east) for number, (west, east) in enumerate(itertools.pairwise(edges))]
    done = planned(province(since=DAY), *units)
    assert done.notes == ()
    for old in ("A@2024-09-01", "B@2024-09-01"):
        whole = sum(one.of_old for one in done.shares if one.old == old)
        assert 0.85 <= whole <= 1.000001
        assert done.closed[old]
    for unit in done.entered:
        assert any(unit.fid in followers for followers in done.closed.values())
    again = planned(province(since=DAY), *units, known=loaded(OLD, done))
    assert again.there
