"""Problems about units, teams, rosters and the policy stand in the one table."""

import pytest

from ioc.api.problems import TABLE
from ioc.api.problems_duty import DUTY


@pytest.mark.parametrize("code", DUTY)
def test_each_is_a_problem_of_the_server_and_says_what_to_do(code: str) -> None:
    assert TABLE[code] == DUTY[code]
    status, vi, en = DUTY[code]
    assert status in (409, 422)
    assert vi.endswith(".")
    assert en.endswith(".")
