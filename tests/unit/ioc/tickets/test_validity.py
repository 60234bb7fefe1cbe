"""Each thing that can be wrong with a policy is told in one sentence that names it."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from ioc import catalogue, data
from ioc.store.ticket_policies import shipped
from ioc.tickets.policy import Along, Clock, Holidays, Need, Plan, Policy, Route, Step, Unit, WorkDay
from ioc.tickets.validity import Names, faults, gaps

NAMES = Names(
    centres={one.code for one in data.centres()},
    categories=set(catalogue.policy().categories),
    areas={"48@2025-07-01", "49@2024-09-01"},
)
BASE = shipped()
CLOCK = Clock(accept_min=10, done_min=100, plan="truc")
DAY = dt.date(2026, 5, 5)


def unit(code: str, **more: Any) -> Unit:
    return Unit(**{"code": code, "name": "N", "name_en": "N", "centre": "dai-loc", "up": "quang-nam"} | more)


def with_units(*units: Unit) -> dict[str, Any]:
    return {"units": (*BASE.units, *units)}


def with_clock(**more: Any) -> dict[str, Any]:
    return {"clocks": (msgspec.structs.replace(CLOCK, **more), CLOCK)}


def with_steps(*steps: Step) -> dict[str, Any]:
    return {"plans": (*BASE.plans, Plan(code="mine", steps=steps))}


def year(**more: Any) -> dict[str, Any]:
    one = Holidays(**{"year": 2030, "off": (), "source": "the law"} | more)
    return {"holidays": (*BASE.holidays, one)}


def hours(*spans: tuple[int, int], days: tuple[int, ...] = (6,)) -> dict[str, Any]:
    return {"work": (*BASE.work, WorkDay(days=days, hours=tuple((dt.time(a), dt.time(b)) for a, b in spans)))}


def step(after: int = 0, **more: Any) -> Step:
    return Step(**{"stage": "due", "after_min": after, "do": "notify", "whom": ("duty",)} | more)


def test_the_shipped_policy_can_be_used() -> None:
    assert faults(BASE, NAMES) == []


CASES: list[tuple[dict[str, Any], str]] = [
    (with_units(unit("dai-loc")), "unit dai-loc is there 2 times"),
    (with_units(unit("Đội 1")), "unit “Đội 1” needs another code"),
    (with_units(unit("centre")), "unit “centre” needs another code"),
    (with_units(unit("xx", name=" ")), "unit “xx” needs a name"),
    (with_units(unit("xx", centre="nowhere")), "names the centre “nowhere”"),
    (with_units(unit("xx", up="nobody")), "has “nobody” above it, which is no unit"),
    (with_units(unit("xx", up="")), "unit “xx” has nobody above it"),
    (
        with_clock(hours="office", done_min=366 * 1440)
        | {"work": (WorkDay(days=(1,), hours=((dt.time(7), dt.time(8)),)),)},
        "clock 1 gives 527040 minutes, and there are only 60 working minutes in a week",
    ),
    ({"province": "nobody"}, "the province's unit “nobody” is not among the units"),
    ({"province": "dai-loc"}, "the province's unit “dai-loc” has “quang-nam” above it"),
    ({"bounces_up": 0}, "bounces_up is 0"),
    ({"needs": (Need(categories=("flod",)),)}, "need 1 names the category “flod”"),
    ({"needs": (Need(severity="bad"),)}, "need 1 names the severity “bad”"),
    ({"routes": (Route(unit="nobody"),)}, "route 1 sends work to “nobody”"),
    ({"routes": (Route(unit="centre", along=(Along(unit="nobody", task="x"),)),)}, "route 1 sends work to “nobody”"),
    ({"routes": (Route(unit="centre", along=(Along(unit="pc07", task=" "),)),)}, "what “pc07” has to do along"),
    ({"routes": (Route(unit="centre", categories=("flod",)),)}, "route 1 names the category “flod”"),
    ({"routes": (Route(unit="centre", severities=("bad",)),)}, "route 1 names the severity “bad”"),
    ({"routes": (Route(unit="centre", areas=("502",)),)}, "route 1 names the area “502”"),
    ({"routes": (Route(unit="centre", from_day=DAY, to_day=DAY),)}, "ends on 2026-05-05 before it begins"),
    (with_clock(plan="none"), "clock 1 names the plan “none”"),
    (with_clock(accept_min=0), "clock 1: accept_min is 0 minutes"),
    (with_clock(nag_min=0), "clock 1: nag_min is 0 minutes"),
    (with_clock(remind_min=(0,)), "clock 1: remind_min is 0 minutes"),
    (with_clock(done_min=10**9), "done_min is 1000000000 minutes"),
    (with_clock(accept_min=101), "wants it done (100 min) before it has to be accepted (101 min)"),
    (with_clock(remind_min=(100,)), "reminds before the ticket is there"),
    ({"clocks": (msgspec.structs.replace(CLOCK, categories=("fire",)),)}, "the last clock must fit everything"),
    ({"clocks": ()}, "the last clock must fit everything"),
    (with_steps(step(10), step(5)), "the steps of “due” are not in the order"),
    (with_steps(step(whom=())), "step 1 tells nobody"),
    (with_steps(step(stage="resolved", do="up")), "step 1 moves what is resolved already"),
    (with_steps(step(10**9)), "step 1 lies more than a year"),
    ({"plans": (*BASE.plans, BASE.plans[0])}, "plan khan is there 2 times"),
    ({"zone": "Asia/Nowhere"}, "the time zone “Asia/Nowhere” is not known"),
    ({"zone": "../../etc/passwd"}, "is not known"),
    ({"work": ()}, "there are no working hours"),
    (hours((8, 9), days=(5,)), "weekday 5 is there 2 times"),
    (hours((8, 9), days=(8,)), "8 is no weekday"),
    (hours((9, 9)), "from 09:00 until 09:00 do not end"),
    (hours((8, 12), (11, 13)), "of the weekdays 6 overlap"),
    ({"work": (WorkDay(days=(7,), hours=()), *BASE.work)}, "the first entry of working hours has none"),
    (year(source=" "), "the holidays of 2030 need their source"),
    (year(off=(dt.date(2029, 1, 1),)), "2029-01-01 stands among the days of 2030"),
    (year(off=(dt.date(2030, 1, 1),), worked=(dt.date(2030, 1, 1),)), "2030-01-01 cannot be off and worked"),
    (year(off=tuple(dt.date(2030, 1, 1) + dt.timedelta(n) for n in range(61))), "2030 has 61 days off"),
    (year(year=2026), "year 2026 is there 2 times"),
]


@pytest.mark.parametrize(("changed", "sentence"), CASES, ids=[sentence for _, sentence in CASES])
def test_what_is_wrong_is_said_in_one_sentence(changed: dict[str, Any], sentence: str) -> None:
    found = faults(msgspec.structs.replace(BASE, **changed), NAMES)
    assert any(sentence in one for one in found), found
    assert len([one for one in found if sentence in one]) == 1
    assert all("\n" not in one for one in found)


def test_a_circle_is_told_by_its_way() -> None:
    ring = (unit("aa", up="bb"), unit("bb", up="cc"), unit("cc", up="aa"), unit("dd", up="aa"))
    found = faults(msgspec.structs.replace(BASE, units=(*BASE.units, *ring)), NAMES)
    assert "units go round in a circle by their `up`: aa → bb → cc → aa" in found
    assert len(found) == 3, "once for each that is in it; the one below it is only below"
    own = faults(msgspec.structs.replace(BASE, units=(*BASE.units, unit("aa", up="aa"))), NAMES)
    assert own == ["units go round in a circle by their `up`: aa → aa"]


def test_a_category_without_a_route_is_nothing_wrong() -> None:
    assert faults(msgspec.structs.replace(BASE, routes=()), NAMES) == []


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong: Policy = msgspec.structs.replace(BASE, bounces_up=0, work=(), clocks=())
    assert len(faults(wrong, NAMES)) == 3


def test_the_years_whose_holidays_are_missing() -> None:
    assert gaps(BASE, dt.date(2025, 6, 1)) == []
    assert gaps(BASE, dt.date(2026, 6, 1)) == [2027]
    assert gaps(BASE, dt.date(2028, 6, 1)) == [2028, 2029]
