"""Errors of CAP messages are a part of the table of problems."""

from ioc.api import problems, problems_cap


def test_they_are_in_the_table_and_of_what_cannot_be_used() -> None:
    for code, told in problems_cap.TABLE.items():
        assert problems.TABLE[code] == told
        assert told[0] == 422
        assert "CAP" in told[1]
        assert "CAP" in told[2]
