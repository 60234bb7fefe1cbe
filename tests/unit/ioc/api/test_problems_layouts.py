"""The errors about layouts are in the one table."""

from ioc.api import problems, problems_layouts


def test_they_are_told_in_both_languages() -> None:
    for code, told in problems_layouts.TABLE.items():
        assert problems.TABLE[code] == told
        assert told[0] == 409
        assert told[1] != told[2]
