"""The policy's own questions: which unit is above, which clock counts, what needs hands."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc import catalogue, data
from ioc.incidents.severity import ORDER
from ioc.store.ticket_policies import shipped
from ioc.tickets.policy import Clock, Policy

CATEGORIES = sorted(catalogue.policy().categories)


def test_above_a_unit_there_is_always_one() -> None:
    policy = shipped()
    assert policy.top.code == "quang-nam"
    assert policy.above("dai-loc") is policy.top
    assert policy.above("quang-nam") is policy.top
    assert policy.above("nobody") is policy.top
    assert policy.unit("nobody") is None
    headless = msgspec.structs.replace(policy, province="nobody")
    with pytest.raises(ValueError, match="no unit of the policy"):
        headless.above("quang-nam")


def test_the_first_clock_that_fits_counts() -> None:
    last = Clock(accept_min=1, done_min=2, plan="z")
    fire = Clock(categories=("fire",), accept_min=1, done_min=2, plan="x")
    severe = Clock(severities=("severe",), accept_min=1, done_min=2, plan="y")
    policy = msgspec.structs.replace(shipped(), clocks=(fire, severe, last))
    assert policy.clock("fire", "severe") is fire
    assert policy.clock("flood", "severe") is severe
    assert policy.clock("flood", "minor") is last
    with pytest.raises(LookupError, match="fits flood, minor"):
        msgspec.structs.replace(policy, clocks=(fire, severe)).clock("flood", "minor")


@given(st.sampled_from([*CATEGORIES, "unheard-of"]), st.sampled_from(ORDER))
def test_every_ticket_has_a_clock_and_its_plan(category: str, severity: str) -> None:
    clock = shipped().clock(category, severity)
    assert shipped().plan(clock.plan) is not None
    assert clock.accept_min
    assert clock.done_min


@given(st.sampled_from(CATEGORIES))
def test_what_is_worse_has_no_more_time_and_needs_hands_no_less(category: str) -> None:
    """By working time counted as wall time, which is the shorter of the two."""
    policy = shipped()
    needs = [policy.needs_hands(category, severity) for severity in ORDER]
    assert needs == sorted(needs)
    done = [policy.clock(category, severity).done_min or 0 for severity in ORDER]
    assert done == sorted(done, reverse=True)


def test_what_needs_hands() -> None:
    policy = shipped()
    needed = {(c, s) for c in CATEGORIES for s in ORDER if policy.needs_hands(c, s)}
    assert {("rescue", "minor"), ("flood", "moderate"), ("device", "minor"), ("camera", "minor")} <= needed
    assert not {("flood", "minor"), ("rain", "severe"), ("dam", "moderate"), ("crowd", "moderate")} & needed
    assert {c for c, s in needed if s == "extreme"} == set(CATEGORIES), "at its worst everything needs somebody"


def test_the_shipped_document_is_the_policy_field_by_field() -> None:
    raw = data.tickets()
    assert msgspec.convert(raw | {"version": 1}, Policy) == shipped()
    with pytest.raises(msgspec.ValidationError, match="unknown field `untis`"):
        msgspec.convert(raw | {"version": 1, "untis": []}, Policy)
    assert hash(shipped()) == hash(msgspec.convert(raw | {"version": 1}, Policy))
