"""Errors about cameras' addresses are a part of the table of problems."""

from ioc.api import problems, problems_probe


def test_they_are_in_the_table_and_say_what_to_do_in_both_languages() -> None:
    for code, told in problems_probe.TABLE.items():
        assert problems.TABLE[code] == told
        assert told[0] in (422, 503)
        assert all(text.endswith(".") for text in told[1:])
