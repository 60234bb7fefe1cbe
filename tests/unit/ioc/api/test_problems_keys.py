"""Problems about keys."""

from ioc.api.problems import TABLE as ALL
from ioc.api.problems_keys import TABLE


def test_every_problem_is_in_the_table_in_both_languages() -> None:
    assert TABLE.items() <= ALL.items()
    assert all(status == 409 and vi and en and vi != en for status, vi, en in TABLE.values())
