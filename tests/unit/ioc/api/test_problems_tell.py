"""Problems of contacts and messages stand in the one table, in both languages."""

import pytest

from ioc.api import problems, problems_tell


@pytest.mark.parametrize("code", problems_tell.TABLE)
def test_each_is_a_problem_of_the_server(code: str) -> None:
    assert problems.TABLE[code] == problems_tell.TABLE[code]
    status, vi, en = problems.TABLE[code]
    assert (status, vi[-1], en[-1]) == (409, ".", ".")
