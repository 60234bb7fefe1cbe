"""Errors about the past are a part of the table of problems."""

from ioc.api import problems, problems_past


def test_they_are_in_the_table_and_say_what_is_so_in_both_languages() -> None:
    for code, told in problems_past.TABLE.items():
        assert problems.TABLE[code] == told
        assert 400 <= told[0] < 500
        assert all(text.endswith(".") for text in told[1:])
