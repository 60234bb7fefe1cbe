"""What citizens are told: nothing but our own words, and only what they can use."""

import datetime as dt
import itertools

import msgspec
import pytest

from ioc.tickets.public import STEPS, present, public, step_of
from ioc.tickets.ticket import STATES, Line, State

AT = dt.datetime(2025, 10, 27, 3, tzinfo=dt.UTC)


def line(state: State, unit: str = "dai-loc") -> Line:
    return Line(
        at=AT,
        version=1,
        who="nam",
        what="accepted",
        text="gọi anh Bình 0905",
        unit=unit,
        state=state,
        severity="severe",
    )


def test_the_first_standing_is_that_it_was_sent() -> None:
    assert step_of(None, line("new")) == "sent"


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATES, STATES)))
def test_a_state_that_stays_or_means_the_same_to_citizens_says_nothing(before: State, after: State) -> None:
    step = step_of(line(before), line(after))
    assert (step is None) == (after == "new" or present(line(before)) == present(line(after)))
    assert step is None or step in STEPS


@pytest.mark.parametrize("state", STATES)
def test_another_unit_is_told_whatever_the_state(state: State) -> None:
    assert step_of(line(state, "dai-loc"), line(state, "dien-luc")) == "moved"


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_words_of_its_own_in_both_languages(step: str) -> None:
    said = public(step, AT)
    assert said.text != said.text_en
    assert len({public(one, None).text for one in STEPS}) == len(STEPS)
    assert "Bình" not in msgspec.json.encode(said).decode()


def test_a_deadline_is_told_only_while_something_is_to_be_done() -> None:
    assert public("accepted", AT).expected_at == AT
    assert public("done", AT).expected_at is None
    assert public("done", AT).status == "closed"
    with pytest.raises(KeyError):
        public("unheard-of", None)
