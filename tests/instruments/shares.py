"""How figures are summed up: the value within which a share of them lies."""

from collections.abc import Iterable


def part(values: Iterable[float], share: float) -> float:
    """The value within which this share (0 to 1) of them lies; 0 where there is none."""
    ordered = sorted(values)
    return ordered[int(len(ordered) * share)] if ordered else 0.0
