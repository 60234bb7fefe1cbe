"""Token buckets."""

from hypothesis import given
from hypothesis import strategies as st

from ioc.api.limits import Buckets, Budget, Limits

SMALL = Budget(3, 1)


def test_a_burst_passes_and_the_next_waits_until_there_is_a_token() -> None:
    buckets = Buckets()
    assert [buckets.take("read", "a", SMALL, 10.0) for _ in range(4)] == [0, 0, 0, 1.0]
    assert buckets.take("read", "a", SMALL, 10.5) == 0.5
    assert buckets.take("read", "a", SMALL, 11.0) == 0


def test_keys_and_kinds_do_not_share() -> None:
    buckets = Buckets()
    for _ in range(3):
        buckets.take("read", "a", SMALL, 0.0)
    assert buckets.take("read", "a", SMALL, 0.0) > 0
    assert buckets.take("write", "a", SMALL, 0.0) == 0
    assert buckets.take("read", "b", SMALL, 0.0) == 0


def test_memory_is_bounded() -> None:
    buckets = Buckets(keys=10)
    for number in range(100):
        buckets.take("read", str(number), SMALL, float(number))
    assert len(buckets) == 10


@given(st.lists(st.floats(0, 5), max_size=60))
def test_no_more_pass_than_the_burst_and_the_rate_allow(gaps: list[float]) -> None:
    buckets, at, passed = Buckets(), 0.0, 0
    for gap in gaps:
        at += gap
        passed += buckets.take("read", "a", SMALL, at) == 0
    assert passed <= SMALL.burst + at * SMALL.rate + 1e-6


def test_every_kind_of_request_has_a_budget_and_changes_have_the_smallest() -> None:
    limits = Limits()
    assert limits.of("write").rate < min(limits.of(one).rate for one in ("cheap", "read", "tile"))
