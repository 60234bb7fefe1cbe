"""Problems of endpoints and web push are in the one table of problems, in both languages."""

from ioc.api import problems, problems_endpoints


def test_they_are_in_the_one_table() -> None:
    assert problems_endpoints.TABLE.items() <= problems.TABLE.items()


def test_each_says_what_to_do_in_both_languages() -> None:
    for status, vi, en in problems_endpoints.TABLE.values():
        assert 400 <= status < 500
        assert vi.endswith(".")
        assert en.endswith(".")
        assert {one for one in ("{name}", "{why}") if one in vi} == {one for one in ("{name}", "{why}") if one in en}
