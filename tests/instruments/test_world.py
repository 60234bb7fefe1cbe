"""What a centre reports as missing is read from the ranges of what is safe."""

import pytest

from tests.instruments.world import between


@pytest.mark.parametrize(
    ("base", "through", "ranges", "missing"),
    [
        (1, 5, [[1, 5, None, None]], []),
        (1, 9, [[1, 2, "t", "t"], [5, 6, "t", "t"], [9, 9, "t", "t"]], [3, 4, 7, 8]),
        (1, 4, [[3, 4]], [1, 2]),
        (5, 8, [[1, 2], [7, 8]], [5, 6]),
        (1, 0, [], []),
    ],
)
def test_missing_numbers(base: int, through: int, ranges: list[list[object]], missing: list[int]) -> None:
    assert list(between(base, through, ranges)) == missing
