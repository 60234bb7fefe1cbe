"""Problems speak two languages."""

import string

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.api.problems import TABLE, ProblemError, answer, language_of


@pytest.mark.parametrize("code", TABLE)
def test_every_problem_can_be_said_in_both_languages(code: str) -> None:
    _, vi, en = TABLE[code]
    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (vi, en)]
    assert names[0] == names[1]
    values = dict.fromkeys(names[0], "{x}")
    for language in ("vi", "en"):
        made = answer(ProblemError(code, **values), language)
        body = orjson.loads(made.body)
        assert made.content_type == "application/problem+json"
        assert (body["code"], body["status"]) == (code, made.status)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9,vi;q=0.8", "en"),
        ("fr, vi;q=0.5, en;q=0.1", "vi"),
        ("en;q=x", "vi"),
    ],
)
def test_the_preferred_language_is_taken(accept: str, language: str) -> None:
    assert language_of(accept, "vi") == language


@given(st.text())
def test_any_header_gives_a_language(accept: str) -> None:
    assert language_of(accept, "vi") in ("vi", "en")


@pytest.mark.parametrize(("language", "said"), [("vi", "vì thế"), ("en", "therefore")])
def test_what_is_special_to_an_occurrence_is_said_in_the_reader_s_language(language: str, said: str) -> None:
    body = orjson.loads(answer(ProblemError("wrong-state").because("vì thế", "therefore"), language).body)
    assert body["detail"] == said
    assert "detail" not in orjson.loads(answer(ProblemError("wrong-state"), language).body)


def test_a_value_with_two_languages_is_said_in_the_reader_s() -> None:
    problem = ProblemError("code-taken", taken=("mã", "code"))
    assert (problem.title("vi"), problem.title("en")) == tuple(
        text.format(taken=word) for text, word in zip(TABLE["code-taken"][1:], ("mã", "code"), strict=True)
    )
