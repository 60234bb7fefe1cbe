"""What states and steps are called, and the sentences of refusals."""

import re
from pathlib import Path

import pytest

from ioc.api.problems import TABLE
from ioc.tickets import words
from ioc.tickets.steps import WAYS
from ioc.tickets.ticket import STATES
from ioc.tickets.words import Refused


def test_every_state_and_step_has_a_name_in_both_languages() -> None:
    assert set(words.STATE) == set(STATES)
    assert set(words.STEP) == set(WAYS)


I18N = Path(words.__file__).parents[1] / "wall" / "src" / "i18n"


def on_the_wall(table: str, group: str) -> dict[str, str]:
    """What the wall calls a group of words, in small letters."""
    text = (I18N / table).read_text(encoding="utf-8")
    return {key: word.lower() for key, word in re.findall(rf'"{group}\.(\w+)": "(.+)"', text)}


def test_severities_and_states_are_called_as_on_the_wall() -> None:
    assert {code: vi for code, (vi, _) in words.SEVERITY.items()} == on_the_wall("vi.ts", "severity")
    assert {code: en for code, (_, en) in words.SEVERITY.items()} == on_the_wall("en.ts", "severity")
    shown = on_the_wall("tickets.vi.ts", "tstate")
    assert {code: vi for code, (vi, _) in words.STATE.items()} == shown | {"reopened": "mở lại"}


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
