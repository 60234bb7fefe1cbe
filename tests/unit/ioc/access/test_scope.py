"""What may be seen."""

from hypothesis import given
from hypothesis import strategies as st

from ioc.access.scope import EVERYTHING, Scope

CODES = st.frozensets(st.from_regex(r"[a-z0-9-]{2,10}", fullmatch=True))


@given(CODES, st.text())
def test_a_scope_sees_its_centres_alone_and_everything_sees_all(centres: frozenset[str], other: str) -> None:
    scope = Scope(centres)
    assert all(scope.sees(centre) for centre in centres)
    assert scope.sees(other) == (other in centres)
    assert EVERYTHING.sees(other)


@given(CODES, CODES)
def test_two_scopes_have_one_text_when_they_are_equal_only(one: frozenset[str], two: frozenset[str]) -> None:
    assert (Scope(one).text == Scope(two).text) == (one == two)


def test_an_empty_scope_is_not_the_text_of_everything() -> None:
    assert (Scope(frozenset()).text, EVERYTHING.text) == ("", "*")
    assert Scope(frozenset({"b", "a"})).text == "a,b"
