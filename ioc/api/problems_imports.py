"""Errors about files of the register as people and programs read them: a part of the table of problems."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "sheet-unreadable": (
        422,
        "Không nhập được tệp này.",
        "This file cannot be imported.",
    ),
    "too-many-things": (
        422,
        "Có hơn {most} dòng; hãy lọc bớt, hoặc tải dưới dạng CSV.",
        "There are more than {most} rows; filter them, or take them as CSV.",
    ),
}
"""code -> status, what it says in Vietnamese, in English."""
