"""Guessing is slowed down."""

from hypothesis import given
from hypothesis import strategies as st

from ioc.access.throttle import Throttle


def test_a_burst_is_allowed_then_one_waits() -> None:
    throttle = Throttle(burst=3, window=30)
    for _ in range(3):
        assert throttle.wait("a", 0) == 0
        throttle.failed("a", 0)
    assert 0 < throttle.wait("a", 0) <= 10
    assert throttle.wait("b", 0) == 0
    assert throttle.wait("a", 10) == 0
    throttle.passed("a")
    assert throttle.wait("a", 0) == 0


@given(st.lists(st.tuples(st.text(max_size=2), st.floats(0, 1e6))))
def test_memory_is_bounded_and_waits_are_finite(tries: list[tuple[str, float]]) -> None:
    throttle = Throttle(burst=2, window=10, keys=5)
    for key, at in tries:
        assert throttle.wait(key, at) >= 0
        throttle.failed(key, at)
    assert len(throttle._seen) <= 5
