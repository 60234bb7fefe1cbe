"""The broker's own figures."""

import pytest

from sensors.broker_counters import BrokerCounters

DROPPED = "$SYS/broker/publish/messages/dropped"


@pytest.mark.parametrize(
    ("told", "rise"),
    [([5], 0), ([5, 5], 0), ([5, 9], 4), ([5, 9, 2], 6), ([5, 0, 0, 3], 3), ([0, 1, 2], 2)],
)
def test_the_rise_counts_on_when_the_broker_begins_anew(told: list[int], rise: int) -> None:
    counters = BrokerCounters()
    for place, value in enumerate(told):
        counters.heard(DROPPED, b"%d" % value, retained=place == 0)
    assert counters.figures() == {"dropped": told[-1], "dropped_since_start": rise}


@pytest.mark.parametrize("payload", [b"", b"-1", b"1.5", b"41 seconds", b"\xff", b"9" * 5000])
def test_what_is_no_number_is_passed_over(payload: bytes) -> None:
    counters = BrokerCounters()
    counters.heard(DROPPED, payload, retained=False)
    counters.heard("$SYS/broker/uptime", b"4", retained=True)
    assert counters.figures() == {}


def test_the_other_figures_have_names_of_their_own() -> None:
    counters = BrokerCounters()
    counters.heard("$SYS/broker/heap/current", b"4096", retained=True)
    assert counters.figures() == {"broker_heap_bytes": 4096, "dropped_since_start": 0}


def test_a_count_that_comes_first_because_it_rose_counts_as_a_whole() -> None:
    counters = BrokerCounters()
    counters.heard(DROPPED, b"7", retained=False)
    counters.heard(DROPPED, b"9", retained=False)
    assert counters.figures() == {"dropped": 9, "dropped_since_start": 9}
