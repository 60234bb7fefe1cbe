"""One's own account; on the real server in tests/integration/test_sign_in.py."""

import pytest

from ioc.api.account import _new_codes, good
from ioc.api.problems import TABLE, ProblemError


def test_a_good_password_passes_and_a_weak_one_says_why() -> None:
    assert good("a fine day on the river", "lan", "Lan") == "a fine day on the river"
    for weak in ("short", "lan-lan-lan-lan", "x" * 2000, "matkhau123456"):
        with pytest.raises(ProblemError) as refused:
            good(weak, "lan", "Lan")
        assert refused.value.code in TABLE
        assert refused.value.values == {}


def test_there_are_ten_recovery_codes() -> None:
    assert len(set(_new_codes())) == 10
