"""From the cardboard box to a trusted source, and back out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layers import UNSHOWN
from ioc.registration import lifecycle
from ioc.registration.lifecycle import HIDDEN, LEADS, SHOWN, STATES, STEPS, Step, WrongStepError, after, steps_from
from ioc.registration.record import Lifecycle


def test_the_way_in_and_out() -> None:
    state: Lifecycle = "draft"
    for step, wanted in (
        ("approve", "approved"),
        ("activate", "active"),
        ("suspend", "suspended"),
        ("resume", "active"),
        ("retire", "retired"),
        ("approve", "approved"),
    ):
        state = after(state, step)  # type: ignore[arg-type]
        assert state == wanted


@given(st.lists(st.sampled_from(STEPS), max_size=30))
def test_nothing_works_that_was_not_approved_and_put_in_use_since_it_was_new_or_retired(steps: list[Step]) -> None:
    """Whatever is tried in whatever order; a wrong step leaves the state as it was."""
    state: Lifecycle = "draft"
    approved = used = False
    for step in steps:
        if step not in steps_from(state):
            with pytest.raises(WrongStepError, match=f"{step} is no step of what is {state}"):
                after(state, step)
            continue
        state = after(state, step)
        approved = (approved or step == "approve") and step != "retire"
        used = (used or step in ("activate", "resume")) and step not in ("suspend", "retire")
        assert lifecycle.works(state) is (approved and used)
        assert lifecycle.signs_in(state) is (state in ("approved", "active"))
    assert steps_from(state)


@pytest.mark.parametrize("state", STATES)
def test_there_is_always_a_way_on_and_never_a_step_to_the_same_state(state: Lifecycle) -> None:
    assert steps_from(state)
    assert all(LEADS[step][state] != state for step in steps_from(state))


def test_everything_is_either_shown_or_not() -> None:
    assert set(SHOWN) | set(HIDDEN) == set(STATES)
    assert not set(SHOWN) & set(HIDDEN)
    assert set(UNSHOWN) == set(HIDDEN)
