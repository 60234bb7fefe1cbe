"""Recovery codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.access.recovery import code, digest_of, looks_like_one


@given(st.binary(min_size=10, max_size=10))
def test_a_code_is_known_however_it_is_typed(entropy: bytes) -> None:
    text = code(entropy)
    assert len(text) == 19
    for typed in (text.upper(), text.replace("-", ""), f" {text} ", text.replace("0", "O").replace("1", "l")):
        assert looks_like_one(typed)
        assert digest_of(typed) == digest_of(text)


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_other_bytes_are_another_code(one: bytes, other: bytes) -> None:
    assert (code(one) == code(other)) == (one == other)


def test_six_digits_and_nonsense_are_none() -> None:
    assert not looks_like_one("123456")
    assert not looks_like_one("x" * 10_000)
    with pytest.raises(ValueError, match="10 random bytes"):
        code(b"x")
