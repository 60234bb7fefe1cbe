"""The ordered gate: what leaves it is a prefix of what came in, and only what is safe."""

from hypothesis import given
from hypothesis import strategies as st

from sensors.gate import Gate


@given(st.data(), st.integers(0, 40))
def test_acknowledgements_leave_in_the_order_of_receipt_whatever_the_order_of_keeping(
    data: st.DataObject, number: int
) -> None:
    received = data.draw(st.permutations(range(1, number + 1)))
    order = data.draw(st.permutations(received))
    gate, left, kept = Gate(), list[int](), set[int]()
    gate.received(received)
    while order:
        size = data.draw(st.integers(1, len(order)))
        some, order = order[:size], order[size:]
        kept.update(some)
        left += gate.kept(some)
        assert left == received[: len(left)]
        assert set(left) <= kept
        assert len(left) == number or received[len(left)] not in kept, "what is due has left"
    assert left == received
    assert len(gate) == 0


@given(st.lists(st.integers(1, 5), max_size=60), st.data())
def test_an_id_is_acknowledged_once_for_each_time_that_it_came(ids: list[int], data: st.DataObject) -> None:
    """The broker uses an id again after its acknowledgement; a second one of the same message must not count."""
    gate, here, sent = Gate(), list[int](), list[int]()
    came = 0
    for packet_id in ids:
        if packet_id not in here:
            gate.received([packet_id])
            here.append(packet_id)
            came += 1
        if data.draw(st.booleans()):
            left = gate.kept(list(here))
            assert left == here
            sent += left
            assert gate.kept(left) == []
            here.clear()
    assert len(sent) + len(gate) == came


def test_an_id_that_never_came_passes_nothing() -> None:
    gate = Gate()
    gate.received([3, 4])
    assert gate.kept([1, 2, 4]) == []
    assert gate.kept([3]) == [3, 4]
