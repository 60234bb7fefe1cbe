"""Which passwords are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.access.weak import weakness


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "short"),
        ("Tr0ub4dor&3", "short"),
        ("e\u0301" * 11, "short"),
        ("x" * 1025, "long"),
        ("nguyenlan2026!", "named"),
        ("Lan-Lan-Lan-2026", "named"),
        ("LAN.NGUYEN-xyz", "named"),
        ("password123456", "common"),
        ("P@ssw0rd-2026!!", "common"),
        ("Mật khẩu 2026 !!", "common"),
        ("QuảngNam-DaNang", "common"),
        ("123456789012", "common"),
        ("210987654321", "common"),
        ("qwertyuiopasdf", "common"),
        ("abcdefghijklmnop", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("xk9xk9xk9xk9xk9", "common"),
        ("adminadminadmin", "common"),
        ("a fine day on the river", None),
        ("sông Thu Bồn chảy về biển", None),
        ("7h!kd82-qPzv", None),
    ],
)
def test_short_named_and_common_ones(password: str, why: str | None) -> None:
    assert weakness(password, "lan.nguyen", "Nguyễn Lan") == why


@given(st.text(max_size=1100), st.text(max_size=30))
def test_every_text_gets_an_answer(password: str, name: str) -> None:
    assert weakness(password, name) in (None, "short", "long", "named", "common")


@given(st.binary(min_size=12, max_size=12))
def test_random_passwords_are_taken_without_rules_of_composition(entropy: bytes) -> None:
    letters = "bcdfghjklmnpqrstvwxz"
    password = "".join(letters[byte % 20] for byte in entropy)
    if len(set(password)) >= 8:
        assert weakness(password, "lan", "Lan") is None
