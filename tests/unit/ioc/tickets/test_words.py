"""What states and steps are called, and the sentences of refusals."""

import pytest

from ioc.api.problems import TABLE
from ioc.tickets import words
from ioc.tickets.steps import WAYS
from ioc.tickets.ticket import STATES
from ioc.tickets.words import Refused


def test_every_state_and_step_has_a_name_in_both_languages() -> None:
    assert set(words.STATE) == set(STATES)
    assert set(words.STEP) == set(WAYS)


@pytest.mark.parametrize(
    "refused",
    [
        *(one for one in vars(words).values() if isinstance(one, Refused)),
        *(words.by_state(state, step, way.of) for step, way in WAYS.items() for state in STATES),
        *(words.needs_reason(step) for step in WAYS),
        words.live_subs(2),
        words.unit_has_ticket("roads", 7),
        words.unknown_unit("x"),
    ],
)
def test_a_refusal_is_one_sentence_of_a_known_problem(refused: Refused) -> None:
    assert refused.code in TABLE
    for sentence in (refused.vi, refused.en):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
        assert "{" not in sentence
