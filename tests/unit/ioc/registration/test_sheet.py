"""Sheets as rows of text, and what is too much of one."""

import pytest

from ioc.registration.sheet import LONGEST_CELL, MOST_ABOVE, MOST_COLUMNS, MOST_ROWS, Line, SheetError, checked, neat


def test_cells_are_composed_and_without_blanks_around_them() -> None:
    assert neat("  Da\u0302\u0323n\u00a0") == "Dận"
    sheet = checked([Line(1, ("a ", "")), Line(2, ("", " ")), Line(4, ("", "b"))])
    assert sheet.lines == (Line(1, ("a",)), Line(4, ("", "b")))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([Line(7, ("x",) * (MOST_COLUMNS + 1))], "Row 7"),
        ([Line(3, ("x" * (LONGEST_CELL + 1),))], "Row 3"),
        ([Line(number, ("x",)) for number in range(MOST_ROWS + MOST_ABOVE + 1)], "10000 rows"),
        ([Line(1, ("", " "))], "no rows"),
    ],
)
def test_what_is_too_much_is_said_in_both_languages(lines: list[Line], words: str) -> None:
    with pytest.raises(SheetError, match=words) as raised:
        checked(lines)
    assert raised.value.words.told("en") != raised.value.words.told("vi")
