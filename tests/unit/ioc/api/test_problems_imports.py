"""Problems with files of the register."""

from ioc.api import problems
from ioc.api.problems_imports import TABLE


def test_they_are_in_the_table_of_problems_in_both_languages() -> None:
    for code, (status, vi, en) in TABLE.items():
        assert problems.TABLE[code] == (status, vi, en)
        assert 400 <= status < 500
        assert vi != en
