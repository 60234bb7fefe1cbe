"""Rules about other rules at one place."""

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.position import Position
from ioc.incidents.composite import Operand, Part, Place, Span, common, faults, held, in_turn, near, referred, spans
from ioc.incidents.conditions import Needs
from ioc.incidents.order import EVER, Episode
from ioc.incidents.rules import Rule
from tests.fakes.things import NOW, rule


def minute(number: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=number)


def episode(begin: float, end: float | None = None) -> Episode:
    return Episode(
        raised_at=minute(begin),
        seen_at=minute(begin),
        severity="moderate",
        worst="severe",
        count=1,
        cleared_at=minute(end) if end is not None else None,
    )


class Told:
    """A rule of which it is known when it held."""

    def __init__(self, name: str, *times: tuple[float, float | None], source: str = "slope") -> None:
        self.rule = rule(code=name)
        self.source = source
        self.key = f"{name}:{source}"
        self.times = [episode(*one) for one in times]

    def episodes(self) -> list[Episode]:
        return self.times


def place(needs: Needs, *operands: Sequence[Operand], **changed: object) -> Place:
    made = Place(rule(code="slide", needs=needs, severity="severe", **changed), "slope")
    made.operands = [list(operand) for operand in operands]
    return made


def lasted(found: Sequence[Episode]) -> list[tuple[float, float | None]]:
    def since(at: dt.datetime) -> float:
        return (at - NOW).total_seconds() / 60

    return [(since(one.raised_at), since(one.cleared_at) if one.cleared_at else None) for one in found]


BOTH = Needs(rules=("wet", "tilt"))
LINGERING = Needs(rules=("wet", "tilt"), minutes=30)
EITHER = Needs(rules=("wet", "tilt"), match="any")


@pytest.mark.parametrize(
    ("needs", "wet", "tilt", "held"),
    [
        (BOTH, [(0, 60)], [(30, 90)], [(30, 60)]),
        (BOTH, [(0, 10)], [(20, 30)], []),
        (BOTH, [(0, None)], [(20, None)], [(20, None)]),
        (BOTH, [(0, 10)], [(10, 20)], []),
        (LINGERING, [(0, 10)], [(20, 30)], [(20, 40)]),
        (LINGERING, [(0, 10)], [(41, 50)], []),
        (LINGERING, [(0, 10), (30, 40)], [(20, 25)], [(20, 55)]),
        (EITHER, [(0, 10)], [(5, 20)], [(0, 20)]),
        (EITHER, [(0, 10)], [(15, None)], [(0, 10), (15, None)]),
        (EITHER, [], [], []),
    ],
)
def test_all_hold_together_or_any_of_them(
    needs: Needs, wet: list[tuple[float, float]], tilt: list[tuple[float, float]], held: list[tuple[float, float]]
) -> None:
    found = place(needs, [Told("wet", *wet)], [Told("tilt", *tilt)]).judge(minute(100))
    assert lasted(found) == held


def test_what_lingers_is_over_by_itself_at_its_moment() -> None:
    it = place(LINGERING, [Told("wet", (0, 10))], [Told("tilt", (5, None))])
    assert (lasted(it.judge(minute(20))), it.ends) == ([(5, None)], minute(40))
    assert (lasted(it.judge(minute(40))), it.ends) == ([(5, 40)], None)
    assert lasted(it.judge(minute(70))) == [(5, 40)]
    assert [one.cleared_at for one in it.episodes()] == [minute(40)]


def test_several_sources_of_one_place_speak_for_each_other() -> None:
    gauges = [Told("rain", (0, 10), source="a"), Told("rain", (8, 30), source="b")]
    found = place(BOTH, [Told("wet", (0, None))], gauges).judge(minute(40))
    assert lasted(found) == [(0, 30)]
    assert found[0].last is not None
    told = found[0].last.evidence["parts"]
    assert [(one["rule"], one["source"], one["severity"]) for one in told] == [
        ("test/wet@1", "slope", "severe"),
        ("test/rain@1", "a", "severe"),
        ("test/rain@1", "b", "severe"),
    ]


def test_a_place_is_a_part_of_another() -> None:
    inner = place(EITHER, [Told("wet", (0, 10))], [Told("tilt", (20, 30))], quiet=True)
    inner.judge(minute(40))
    assert lasted(place(BOTH, [inner], [Told("rain", (5, 25))]).judge(minute(40))) == [(5, 10), (20, 25)]


def test_what_is_saved_goes_on_where_it_was() -> None:
    it = place(BOTH, [Told("wet", (0, None))], [Told("tilt", (20, 30), (50, None))])
    assert it.worth_saving()
    it.judge(minute(60))
    memory = it.memory()
    assert memory is not None
    assert (it.worth_saving(), it.worth_saving()) == (True, False)
    again = place(BOTH, *it.operands)
    again.recall(memory)
    assert (again.ends, lasted(again.episodes())) == (EVER, [(20, 30), (50, None)])
    assert again.judge(minute(60)) == it.judge(minute(60))
    assert place(BOTH, [], []).memory() is None


def test_a_beginning_that_no_part_remembers_is_kept() -> None:
    it = place(EITHER, [Told("wet", (0, None))], [Told("tilt", (10, None))])
    it.judge(minute(60))
    it.operands = [[Told("wet")], [Told("tilt", (10, None))]]
    later = minute(60 * 72)
    assert [one.raised_at for one in it.judge(later)] == [minute(0)]


TIMES = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), max_size=6).map(
    lambda pairs: [(float(begin), float(begin + long)) for begin, long in pairs]
)


@given(TIMES, TIMES, st.sampled_from([BOTH, LINGERING, EITHER]), st.randoms())
def test_what_holds_depends_on_no_order_and_is_judged_twice_alike(
    wet: list[tuple[float, float]], tilt: list[tuple[float, float]], needs: Needs, dice: random.Random
) -> None:
    one = place(needs, [Told("wet", *wet)], [Told("tilt", *tilt)])
    first = one.judge(minute(300))
    dice.shuffle(wet)
    other = place(needs, [Told("tilt", *tilt)], [Told("wet", *wet)])
    assert lasted(other.judge(minute(300))) == lasted(first)
    assert one.judge(minute(300)) == first


@given(TIMES, TIMES, st.sampled_from([0, 30]))
def test_each_moment_is_judged_as_its_parts_say(
    wet: list[tuple[float, float]], tilt: list[tuple[float, float]], minutes: int
) -> None:
    def holds(times: list[tuple[float, float]], at: float) -> bool:
        return any(begin <= at < end + minutes for begin, end in times)

    needs = Needs(rules=("wet", "tilt"), minutes=minutes)
    either = Needs(rules=("wet", "tilt"), minutes=minutes, match="any")
    parts = [[Part(rule="r", source="s", episode=one) for one in Told("x", *times).times] for times in (wet, tilt)]
    for number in range(0, 200, 3):
        at = number + 0.5
        inside = [
            any(span.begin <= minute(at) and (span.end is None or minute(at) < span.end) for span in held(asked, parts))
            for asked in (needs, either)
        ]
        assert inside == [holds(wet, at) and holds(tilt, at), holds(wet, at) or holds(tilt, at)]


def test_spans_that_touch_are_one_and_common_ones_are_those_of_both() -> None:
    parts = [Part(rule="r", source="s", episode=episode(*one)) for one in ((0, 10), (10, 20), (30, None), (40, 50))]
    found = spans(parts, dt.timedelta())
    assert found == [Span(minute(0), minute(20)), Span(minute(30))]
    assert common(found, [Span(minute(15), minute(35))]) == [
        Span(minute(15), minute(20)),
        Span(minute(30), minute(35)),
    ]


def needing(code: str, *names: str) -> Rule:
    return rule(code=code, needs=Needs(rules=names))


def test_rules_whose_needs_cannot_be_met_are_told_and_left_out() -> None:
    good = [rule(code="wet"), needing("b", "wet"), needing("a", "b", "test/wet")]
    assert list(faults(good)) == []
    assert [one.code for one in in_turn(good)] == ["b", "a"]
    assert referred(good[2]) == ("test/b", "test/wet")
    absent = rule(code="gone", levels={}, absent_s=60)
    bad = [*good, needing("c", "nothing"), needing("d", "c"), needing("e", "f"), needing("f", "e")]
    bad += [absent, needing("g", "gone"), rule(code="cam", sighting="crowd"), needing("h", "cam")]
    told = {one.code: why for one, why in faults(bad)}
    assert set(told) == {"c", "e", "f", "g", "h"}
    assert "not in force" in told["c"]
    assert "back to the rule itself" in told["e"]
    assert "values of a property" in told["g"]
    assert [one.code for one in in_turn(bad)] == ["b", "a"]


def test_near_is_told_in_metres() -> None:
    here = Position(lon=108.0, lat=15.0)
    there = Position(lon=108.0, lat=15.01)
    assert near(here, there, 1_107)
    assert not near(here, there, 1_105)


def test_a_rule_without_needs_has_no_place() -> None:
    with pytest.raises(ValueError, match="needs no other"):
        Place(rule(), "slope")
