"""Guessing is slowed down and nobody is locked out."""

from hypothesis import given
from hypothesis import strategies as st

from ioc.access.throttle import Gate, Pace, Throttle, Visit, network


def test_some_tries_are_free_then_delays_double_up_to_a_limit() -> None:
    throttle = Throttle(Pace(free=3, first=1, longest=10, quiet=100))
    waits, at = [], 0.0
    for _ in range(8):
        throttle.count("a", at)
        waits.append(throttle.wait("a", at))
        at += waits[-1]
    assert waits == [0, 0, 1, 2, 4, 8, 10, 10]
    assert throttle.wait("b", at) == 0
    assert throttle.wait("a", at + 101) == 0
    throttle.forget("a")
    assert throttle.wait("a", at) == 0


def test_a_try_that_was_none_is_given_back() -> None:
    throttle = Throttle(Pace(free=2))
    for _ in range(50):
        throttle.count("a", 0)
        throttle.give_back("a")
    assert throttle.wait("a", 0) == 0
    throttle.give_back("nobody")


@given(st.lists(st.tuples(st.text(max_size=2), st.floats(0, 1e6))))
def test_memory_is_bounded_and_waits_are_finite(tries: list[tuple[str, float]]) -> None:
    throttle = Throttle(Pace(free=1), keys=5)
    for key, at in tries:
        assert 0 <= throttle.wait(key, at) < 1e7
        throttle.count(key, at)
    assert len(throttle._seen) <= 5


def visits(gate: Gate, addresses: list[str], tries: int, seconds: float) -> int:
    """How many of so many tries in a row, one each some seconds, may go on."""
    return sum(
        gate.enter(Visit(login="lan", address=addresses[number % len(addresses)]), number * seconds) == 0
        for number in range(tries)
    )


def test_ten_thousand_tries_in_an_hour_come_to_a_handful() -> None:
    """From one address, and from ten thousand."""
    assert visits(Gate(), ["10.0.0.1"], 10_000, 0.36) <= 20
    assert visits(Gate(), [f"10.1.{n // 250}.{n % 250}" for n in range(10_000)], 10_000, 0.36) <= 35


def test_one_address_cannot_try_one_password_on_everybody() -> None:
    gate = Gate()
    passed = sum(gate.enter(Visit(login=f"u{n}", address="10.0.0.1"), n * 0.36) == 0 for n in range(10_000))
    assert passed <= 60


def test_a_known_browser_and_a_known_address_are_not_slowed_by_strangers() -> None:
    gate = Gate()
    visits(gate, [f"10.0.0.{n}" for n in range(1, 100)], 1000, 0.1)
    assert gate.enter(Visit(login="lan", address="10.0.0.1", known="browser", mark="m"), 101.0) == 0
    assert gate.enter(Visit(login="lan", address="10.0.0.1", known="address"), 101.0) == 0
    assert gate.enter(Visit(login="lan", address="10.9.9.9"), 101.0) > 0


def test_a_stolen_mark_has_little_patience_of_its_own() -> None:
    gate = Gate()
    known = Visit(login="lan", address="10.0.0.1", known="browser", mark="m")
    assert sum(gate.enter(known, n * 0.36) == 0 for n in range(10_000)) <= 30


def test_success_of_one_gives_no_patience_to_others() -> None:
    gate, mine = Gate(), Visit(login="bad", address="10.0.0.1")
    passed = 0
    for number in range(500):
        passed += gate.enter(Visit(login="lan", address="10.0.0.1"), number) == 0
        if gate.enter(mine, number) == 0:
            gate.passed(mine)
    assert passed <= 20


def test_a_subscriber_of_ipv6_is_one_address() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff")
    assert network("2001:db8:0:1::1") != network("2001:db8::1")
    assert network("::ffff:10.0.0.1") == network("10.0.0.1")
    assert network("fe80::1%eth0") == network("fe80::2")
    assert network("") == ""
