"""One alarm for what failed: a device, a gateway, a centre's link; and none for what only looks like it."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents.outage import Condition, Silent, conditions, together
from tests.fakes.things import NOW

CENTRE = Condition("centre", "c")
GATEWAY = Condition("gateway", "g")


def silent(
    number: int, *, since_s: float = 600, lost: bool = True, gateway: str | None = None, interval_s: float = 60
) -> Silent:
    return Silent(
        code=f"d{number}",
        centre="c",
        gateway=gateway,
        lost=lost,
        heard_at=NOW - dt.timedelta(seconds=since_s),
        interval_s=interval_s,
    )


def device(number: int) -> Condition:
    return Condition("device", f"d{number}")


def due(one: Silent) -> bool:
    """Five intervals and two minutes."""
    return (NOW - one.heard_at).total_seconds() >= 5 * one.interval_s + 120


def test_a_lost_device_is_told_when_it_is_due_and_until_it_is_not_lost() -> None:
    assert conditions([silent(1)], {CENTRE: 9}, [], due) == {device(1)}
    assert conditions([silent(1, since_s=400)], {CENTRE: 9}, [], due) == set()
    assert conditions([silent(1, since_s=400)], {CENTRE: 9}, [device(1)], due) == {device(1)}
    assert conditions([silent(1, lost=False)], {CENTRE: 9}, [device(1)], due) == set()
    assert conditions([], {CENTRE: 10}, [device(1)], due) == set()


def test_a_centre_that_is_cut_off_is_one_alarm() -> None:
    all_of_it = [silent(number) for number in range(8)]
    assert conditions(all_of_it, {CENTRE: 2}, [], due) == {CENTRE}
    assert conditions(all_of_it, {CENTRE: 3}, [], due) == {device(number) for number in range(8)}
    assert conditions(all_of_it[:2], {}, [], due) == {device(0), device(1)}


def test_the_first_device_that_is_due_speaks_for_a_centre_whose_others_are_only_stale() -> None:
    first, rest = silent(0, since_s=421), [silent(n, since_s=370, lost=False) for n in range(1, 20)]
    assert conditions([first, *rest], {}, [], due) == {CENTRE}


def test_devices_that_fell_silent_at_other_times_are_told_of_one_by_one() -> None:
    apart = [silent(number, since_s=600 + 200 * number) for number in range(5)]
    assert together(apart) == apart[:1]
    assert conditions(apart, {}, [], due) == {device(number) for number in range(5)}


def test_devices_of_other_intervals_may_have_fallen_silent_together() -> None:
    rare = [silent(number, since_s=4000, interval_s=3600, lost=False) for number in range(5)]
    assert together([silent(9), *rare]) == [silent(9), *rare]
    assert conditions([silent(9), *rare], {}, [], due) == {CENTRE}
    assert conditions([silent(9), *rare], {CENTRE: 9}, [], due) == {device(9)}
    assert conditions(rare, {}, [], due) == set()


def test_what_a_device_is_told_of_stays_when_its_centre_fails_and_none_is_told_anew() -> None:
    old, rest = silent(0, since_s=9000), [silent(number) for number in range(1, 6)]
    assert conditions([old, *rest], {}, [device(0)], due) == {device(0), CENTRE}
    assert conditions([old, *rest], {}, [device(0), CENTRE], due) == {device(0), CENTRE}


def test_devices_that_stay_lost_when_the_link_is_back_are_told_of() -> None:
    stay = [silent(number) for number in range(2)]
    assert conditions(stay, {CENTRE: 8}, [CENTRE], due) == {device(0), device(1)}
    assert conditions(stay, {CENTRE: 8}, [CENTRE], lambda one: False) == set()


def test_a_gateway_without_any_device_is_one_alarm_and_part_of_its_centre_s() -> None:
    behind = [silent(number, gateway="g") for number in range(4)]
    assert conditions(behind, {CENTRE: 8}, [], due) == {GATEWAY}
    assert conditions(behind, {CENTRE: 8, GATEWAY: 1}, [], due) == {device(number) for number in range(4)}
    assert conditions(behind[:1], {CENTRE: 8}, [], due) == {device(0)}
    assert conditions(behind, {}, [], due) == {CENTRE}


@given(st.lists(st.tuples(st.integers(0, 2000), st.booleans(), st.sampled_from([None, "g"])), max_size=12))
def test_no_device_is_told_anew_under_a_group_and_none_that_is_due_is_passed_over(
    made: list[tuple[int, bool, str | None]],
) -> None:
    some = [silent(n, since_s=s, lost=lost, gateway=gateway) for n, (s, lost, gateway) in enumerate(made)]
    told = conditions(some, {CENTRE: 2}, [], due)
    for one in some:
        covered = CENTRE in told or (one.gateway == "g" and GATEWAY in told)
        assert (Condition("device", one.code) in told) == (one.lost and due(one) and not covered)
