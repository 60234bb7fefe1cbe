"""Which numbers are safe: receipts never let a device delete what it did not deliver."""

import datetime as dt
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.sequences import BEFORE_US, MOST_MISSING, MOST_RANGES, MOST_RUNS, Count, Counts, Receipt

T0 = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
LATER = T0 + dt.timedelta(days=400)


def at(second: float) -> dt.datetime:
    return T0 + dt.timedelta(seconds=second)


def count(*numbers: int, run: str = "r") -> Count:
    """A count that took these numbers, each at the second of its number."""
    found = Count(run=run, ranges=[], arrived_at=T0)
    for number in numbers:
        found.take(number, at(number), at(number))
    return found


def told(one: Count) -> tuple[int, list[tuple[int, int]]]:
    receipt = one.receipt()
    return receipt.through, receipt.missing


def test_what_comes_in_order_is_one_range() -> None:
    one = count(*range(1000))
    assert told(one) == (999, [])
    assert len(one.ranges) == 1
    assert one.receipt().json() == b'{"run":"r","through":999,"missing":[],"at":"2026-11-22T01:16:39Z"}'


def test_holes_are_missing_and_close_when_the_number_comes_late() -> None:
    one = count(0, 1, 4, 5, 9)
    assert told(one) == (9, [(2, 3), (6, 8)])
    assert [(gap.first, gap.last, gap.count) for gap in one.gaps()] == [(2, 3, 2), (6, 8, 3)]
    assert (one.gaps()[0].since, one.gaps()[0].until) == (at(1), at(4))
    one.take(3, at(3), LATER)
    one.take(2, at(2), LATER)
    assert told(one) == (9, [(6, 8)])
    for number in (8, 6, 7):
        one.take(number, at(number), LATER)
    assert told(one) == (9, [])
    assert (one.epoch, one.gaps()) == (0, [])


def test_numbers_below_the_first_are_missing_but_people_do_not_miss_a_lone_nought() -> None:
    one = count(1, 2)
    assert told(one) == (2, [(0, 0)])
    assert one.gaps() == []
    one = count(2, 3)
    assert [(gap.first, gap.last) for gap in one.gaps()] == [(0, 1)]


def test_a_device_that_counted_before_it_was_registered_misses_nothing_for_people() -> None:
    counts = Counts({})
    first, _ = counts.count("a", BEFORE_US + 1, T0)
    first.take(BEFORE_US + 1, at(1), T0)
    first.take(BEFORE_US + 4, at(2), T0)
    assert told(first) == (BEFORE_US + 4, [(0, BEFORE_US), (BEFORE_US + 2, BEFORE_US + 3)])
    assert [(gap.first, gap.last) for gap in first.gaps()] == [(BEFORE_US + 2, BEFORE_US + 3)]
    first.take(BEFORE_US - 1, at(0), T0)  # it sends a little of what was before
    assert first.gaps()[0].first == BEFORE_US
    second, _ = counts.count("b", BEFORE_US + 1, T0)
    second.take(BEFORE_US + 1, at(1), T0)
    assert second.gaps()[0].first == 0, "its second run began under our eyes"


def test_repeats_change_nothing_and_a_repeat_closes_what_a_new_count_no_longer_claims() -> None:
    one = count(0, 1, 2, 5)
    before = msgspec.json.encode(one)
    assert not any(one.repeat(number, at(number)) for number in (0, 1, 2, 5))
    assert not one.repeat(4, at(60)), "its time does not lie between its neighbours'"
    assert msgspec.json.encode(one) == before
    assert one.repeat(4, at(4))
    assert told(one) == (5, [(3, 3)])


def test_other_values_of_the_same_message_are_no_new_count() -> None:
    one = count(0, 1, 2)
    one.take(2, at(2), LATER)
    one.take(0, at(0), LATER)
    assert (one.epoch, told(one)) == (0, (2, []))


def test_a_safe_number_with_another_time_is_a_new_count() -> None:
    one = count(*range(100))
    one.take(0, at(500), at(500))
    assert (one.epoch, told(one)) == (1, (0, []))
    one.take(1, at(501), at(501))
    assert told(one) == (1, [])
    one.take(50, at(502), at(502))
    assert told(one) == (50, [(2, 49)])


def test_a_time_that_does_not_lie_between_its_neighbours_is_a_new_count() -> None:
    one = count(5, 6, 7, 12)
    one.take(9, at(500), at(500))
    assert (one.epoch, told(one)) == (1, (9, [(0, 8)]))
    assert one.gaps() == [], "whether those are missing nobody knows"
    one = count(5, 6)
    one.take(0, at(500), at(500))
    assert (one.epoch, told(one)) == (1, (0, []))


def test_a_clock_set_back_a_little_goes_on_and_one_set_back_far_counts_anew() -> None:
    one = count(0, 1, 1000)
    one.take(1001, at(1000 - 600), LATER)
    assert (one.epoch, one.ranges[-1].last) == (0, 1001)
    one.take(1002, at(-201), LATER)
    assert (one.epoch, told(one)) == (1, (1002, [(0, 1001)]))


def test_what_was_refused_is_safe_also_without_a_time() -> None:
    one = count(0, 1)
    one.refuse(2, at(2), at(2))
    one.refuse(3, None, at(3))
    one.take(4, at(4), at(4))
    assert (one.epoch, told(one)) == (0, (4, []))
    one.refuse(2, at(2), LATER)
    one.refuse(3, None, LATER)
    assert (one.epoch, told(one)) == (0, (4, []))


def test_a_new_count_may_begin_with_a_refused_message() -> None:
    one = count(*range(10))
    one.refuse(0, at(500), at(500))
    assert (one.epoch, told(one)) == (1, (0, []))
    one = count(5, 6)
    one.refuse(0, at(500), at(500))
    assert (one.epoch, told(one)) == (1, (0, []))
    one.refuse(7, at(7), LATER)  # of the old count, late
    assert (one.epoch, told(one)) == (1, (0, []))


def test_a_receipt_has_a_hundred_ranges_at_most_and_ends_before_the_next() -> None:
    one = count(*range(0, 2 * MOST_MISSING + 20, 2))
    through, missing = told(one)
    assert (through, len(missing), missing[-1]) == (2 * MOST_MISSING, MOST_MISSING, (2 * MOST_MISSING - 1,) * 2)
    assert one.receipt().at == at(through)
    assert len(one.gaps()) == MOST_MISSING + 9


def test_ranges_are_bounded_and_the_lowest_count_as_missing() -> None:
    one = count(*range(0, 4 * MOST_RANGES, 2))
    assert len(one.ranges) == MOST_RANGES
    assert told(one)[1][0] == (0, one.ranges[0].first - 1)
    assert one.gaps()[0].first == one.ranges[0].first + 1


def test_runs_do_not_mix_and_are_bounded() -> None:
    counts = Counts({})
    gone = []
    for number in range(MOST_RUNS + 2):
        one, forgotten = counts.count(f"run {number}", 0, at(number))
        one.take(0, at(number), at(number))
        gone.append(forgotten)
        assert counts.newest().run == f"run {number}"
    assert len(counts.runs) == MOST_RUNS
    assert gone[-2:] == ["run 0", "run 1"]
    late, _ = counts.count("run 5", 1, LATER)
    late.take(1, at(5.5), LATER)
    assert counts.newest().run == f"run {MOST_RUNS + 1}"
    assert Counts.of(counts.runs.values()) == counts


@given(st.lists(st.integers(0, 60), unique=True, min_size=1), st.data())
@settings(deadline=None)
def test_in_any_order_with_refusals_and_repeats_exactly_what_arrived_is_claimed(
    numbers: list[int], data: st.DataObject
) -> None:
    """While nothing counts anew nothing is forgotten: times rise with the numbers, the order is any."""
    one = Count(run="r", ranges=[], arrived_at=T0)
    for number in data.draw(st.permutations(numbers)):
        if data.draw(st.booleans()):
            one.take(number, at(number), LATER)
        else:
            one.refuse(number, at(number), LATER)
    for number in data.draw(st.lists(st.sampled_from(numbers))):
        one.repeat(number, at(number))
        one.refuse(number, at(number), LATER)
    receipt = one.receipt()
    assert one.epoch == 0
    assert receipt.through == max(numbers)
    assert claimed(receipt) == set(numbers)


def claimed(receipt: Receipt) -> set[int]:
    """The numbers that a receipt calls safe."""
    return set(range(receipt.through + 1)) - {
        number for first, last in receipt.missing for number in range(first, last + 1)
    }


class Message(msgspec.Struct, frozen=True):
    """A message that a device holds."""

    run: str
    number: int
    at: dt.datetime


class Device:
    """A device that changes its run when it counts anew, and loses, repeats and shuffles as it likes.

    It deletes what any receipt allows, also an old one that the broker still holds.
    """

    honest = True
    guards = False

    def __init__(self) -> None:
        self.clock = 0.0
        self.run, self.number, self.restarts = "", 0, 0
        self.counts = Counts({})
        self.held: list[Message] = []
        self.safe: list[Message] = []
        self.receipts: list[Receipt] = []

    def measure(self, dice: random.Random) -> None:
        pause = dice.choice([0.001, 1.0, 400.0, 4000.0])
        for _ in range(dice.randint(1, 6)):
            self.clock += pause
            self.held.append(Message(self.run, self.number, at(self.clock)))
            self.number += 1

    def deliver(self, dice: random.Random) -> None:
        """Some of what is held arrives; the rest of it was lost on the way and stays."""
        waiting = [one for one in self.held if one not in self.safe]
        sent = dice.sample(self.held, len(self.held)) if self.honest else waiting
        for message in sent[: dice.randint(1, 6)]:
            self._arrive(message, refused=dice.random() < 0.2)

    def repeat(self, dice: random.Random) -> None:
        """The broker delivers something again, however old."""
        if self.safe:
            self._arrive(dice.choice(self.safe), refused=False)

    def _arrive(self, message: Message, *, refused: bool) -> None:
        found, _ = self.counts.count(message.run, message.number, LATER)
        if message in self.safe:
            found.repeat(message.number, message.at)
        elif refused:
            found.refuse(message.number, message.at, LATER)
        else:
            found.take(message.number, message.at, LATER)
        self.safe.append(message)
        if self.honest or self.guards or self.receipts or message in self.held:
            self.receipts.append(found.receipt())

    def restart(self, dice: random.Random) -> None:
        self.restarts += 1
        self.number = 0
        if self.honest:
            self.run = f"b{self.restarts}"
            return
        self.held.clear()
        if not self.guards:
            self.receipts.clear()

    def read(self, dice: random.Random) -> None:
        """Read the newest receipt, or one that was published long ago; delete what it allows."""
        if not self.receipts:
            return
        receipt = dice.choice([self.receipts[-1], dice.choice(self.receipts)])
        for message in list(self.held):
            young = self.guards and (receipt.at is None or message.at > receipt.at)
            if message.run == receipt.run and message.number in claimed(receipt) and not young:
                self.held.remove(message)
                assert message in self.safe, "deleted, and it never arrived"


class DeviceWithoutRun(Device):
    """A device without a run, which loses its memory at a restart and delivers in order.

    It reads no receipt of an earlier count, as if the broker held none.
    """

    honest = False


class DeviceThatGuardsItself(DeviceWithoutRun):
    """One that also reads receipts of earlier counts, and deletes nothing younger than their `at`."""

    guards = True


STEPS = ("measure", "measure", "deliver", "deliver", "read", "read", "repeat", "restart")


@pytest.mark.parametrize("kind", [Device, DeviceWithoutRun, DeviceThatGuardsItself])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 1 << 32)), min_size=20, max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_device_ever_deletes_what_never_arrived(kind: type[Device], steps: list[tuple[str, int]]) -> None:
    device = kind()
    for name, seed in steps:
        getattr(device, name)(random.Random(seed))
