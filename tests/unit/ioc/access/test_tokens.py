"""Secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.access.tokens import digest, secret


@given(st.binary(min_size=32, max_size=32))
def test_a_secret_fits_a_header_and_its_digest_does_not_show_it(entropy: bytes) -> None:
    text = secret(entropy)
    assert len(text) == 43
    assert text.isascii()
    assert len(digest(text)) == 32
    assert digest(text) != entropy


@given(st.text())
def test_any_text_has_a_digest(text: str) -> None:
    assert len(digest(text)) == 32


def test_little_entropy_is_refused() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        secret(b"1")
