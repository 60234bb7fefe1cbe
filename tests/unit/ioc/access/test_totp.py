"""Codes of an authenticator app."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.access import totp

KEY = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238_for_sha_1(seconds: int, code: str) -> None:
    assert totp.code_at(KEY, totp.step_at(seconds), digits=8) == code
    assert totp.matching_step(KEY, code[2:], seconds) == seconds // 30


@pytest.mark.parametrize(("step", "code"), list(enumerate(("755224", "287082", "359152", "969429"))))
def test_the_vectors_of_rfc_4226(step: int, code: str) -> None:
    assert totp.code_at(KEY, step) == code


@given(st.integers(3, 10**9), st.integers(-3, 3))
def test_clocks_may_differ_by_one_step(step: int, off: int) -> None:
    found = totp.matching_step(KEY, totp.code_at(KEY, step + off), step * 30.0 + 7)
    candidates = {totp.code_at(KEY, one) for one in range(step - 1, step + 2)}
    assert (found is not None) == (totp.code_at(KEY, step + off) in candidates)


def test_no_code_works_twice_nor_an_older_one_after_it() -> None:
    code = totp.code_at(KEY, 100)
    assert totp.matching_step(KEY, code, 3000.0, after=99) == 100
    assert totp.matching_step(KEY, code, 3000.0, after=100) is None
    assert totp.matching_step(KEY, totp.code_at(KEY, 99), 3000.0, after=100) is None


@given(st.text(max_size=80))
def test_nonsense_is_no_code(text: str) -> None:
    assert totp.matching_step(KEY, text + "x", 3000.0) is None


def test_apps_understand_the_address() -> None:
    address = totp.uri(KEY, "lan@x", "IOC Quảng Nam")
    assert address.startswith("otpauth://totp/IOC%20Qu%E1%BA%A3ng%20Nam:lan%40x?secret=GEZDGNBV")
    assert "=&" not in address
