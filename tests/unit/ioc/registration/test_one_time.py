import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.registration.one_time import BYTES, digest, make, tidy

ENTROPY = st.binary(min_size=BYTES, max_size=BYTES)


@given(ENTROPY)
def test_what_was_made_is_read_however_it_was_typed(entropy: bytes) -> None:
    code = make(entropy)
    assert tidy(code) == code
    assert tidy(f" {code.lower().replace('-', ' ')}\n") == code
    assert tidy(code.replace("0", "O").replace("1", "l")) == code


@given(ENTROPY, ENTROPY)
def test_other_bytes_are_another_code(one: bytes, other: bytes) -> None:
    assert (make(one) == make(other)) is (one == other)
    assert (digest(make(one)) == digest(make(other))) is (one == other)


def test_a_code_is_sixteen_letters_in_fours() -> None:
    assert make(bytes(BYTES)) == "0000-0000-0000-0000"
    assert make(b"\xff" * BYTES) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"


@pytest.mark.parametrize("text", ["", "ABCD-EFGH-JKMN", "ABCD-EFGH-JKMN-PQRSU", "ABCD-EFGH-JKMN-PQR!", "Ａ" * 16])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="16 letters"):
        tidy(text)


def test_fewer_random_bytes_make_no_code() -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        make(b"short")
