"""CAP's words in their order."""

import pytest

from ioc.incidents.severity import LEVELS, ORDER, rank, worst


def test_the_order_is_that_of_cap_from_minor_to_extreme() -> None:
    assert [rank(word) for word in ("minor", "moderate", "severe", "extreme")] == [0, 1, 2, 3]


def test_the_worst_of_some_is_the_last_in_the_order() -> None:
    assert worst(["moderate", "extreme", "minor"]) == "extreme"


def test_an_unknown_word_and_no_word_at_all_are_errors() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        rank("critical")
    with pytest.raises(ValueError, match="empty"):
        worst([])


def test_every_severity_has_a_level_and_the_river_levels_are_i_ii_iii() -> None:
    assert set(LEVELS) == set(ORDER)
    assert [LEVELS[word] for word in ("moderate", "severe", "extreme")] == ["I", "II", "III"]
