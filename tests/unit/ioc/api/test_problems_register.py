"""What the law misses is named in both languages."""

import re
from pathlib import Path

import pytest

from ioc.api.problems_register import FIELDS, STEP_NAMES, TABLE
from ioc.registration import lawful
from ioc.registration.lifecycle import STEPS
from ioc.registration.values import STATES

WORDS = Path(__file__).parents[4] / "ioc/wall/src/i18n"


def test_every_field_that_a_law_asks_for_has_a_name() -> None:
    assert set(FIELDS) == set(lawful.FIELDS)
    assert all(vi and en for vi, en in FIELDS.values())


def test_a_refusal_says_what_to_do_in_both_languages() -> None:
    assert all(vi.strip() and en.strip() and vi != en and 400 <= status < 600 for status, vi, en in TABLE.values())


@pytest.mark.parametrize(("place", "language"), [(0, "vi"), (1, "en")])
def test_steps_and_states_are_named_as_on_the_page(place: int, language: str) -> None:
    page = (WORDS / f"registry.{language}.ts").read_text("utf-8")
    steps = dict(re.findall(r'"register\.step\.(\w+)": "(.+)",', page))
    assert {step: steps[step] for step in STEPS} == {step: names[place] for step, names in STEP_NAMES.items()}
    states = dict(re.findall(r'"lifecycle\.(\w+)": "(.+)",', page))
    assert states == {state: names[place] for state, names in STATES.items()}
