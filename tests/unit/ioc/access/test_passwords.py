"""Passwords."""

import pytest

from ioc.access.passwords import NOBODY, hash_password, verify


def test_only_the_right_password_passes() -> None:
    kept = hash_password("đúng mật khẩu")
    assert kept.startswith("$argon2id$")
    assert verify(kept, "đúng mật khẩu")
    assert not verify(kept, "sai")
    assert not verify(kept, "\ud800")
    assert not verify("nonsense", "x")


def test_nobody_has_a_password_and_costs_the_same() -> None:
    parameters = hash_password("x").split("$")[1:4]
    assert NOBODY.split("$")[1:4] == parameters
    assert not verify(None, "x")


@pytest.mark.parametrize("password", ["", "x" * 1_025])
def test_empty_and_giant_passwords_are_refused(password: str) -> None:
    with pytest.raises(ValueError, match="1 to 1024"):
        hash_password(password)
    assert not verify(None, password)
