"""What we publish: in order, never more under way than allowed, and sent again on the next connection."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.outbox import LAST_ID, Outbox, Parcel, PublishError


def parcel(number: int, taken: "asyncio.Future[None] | None" = None) -> Parcel:
    return Parcel(f"t/{number}", b"%d" % number, True, taken)


@given(st.lists(st.sampled_from(["put", "answer", "lose", "connect"]), max_size=80), st.integers(1, 4))
def test_everything_is_sent_in_order_and_no_more_than_the_window_is_under_way(steps: list[str], window: int) -> None:
    outbox, number, delivered = Outbox(), 0, list[str]()
    under_way: list[tuple[int, Parcel]] = []
    connected = False
    for step in [*steps, "connect", *["answer"] * len(steps)]:
        if step == "put":
            assert outbox.put(parcel(number))
            number += 1
        elif step == "answer" and under_way:
            packet_id, first = under_way.pop(0)
            delivered.append(first.topic)
            outbox.settled(packet_id)
        elif step == "lose":
            outbox.closed()
            under_way, connected = [], False
        elif step == "connect" and not connected:
            under_way, connected = outbox.opened(window), True
        if connected:
            under_way += outbox.due()
        assert len(under_way) <= window
        assert len({packet_id for packet_id, _ in under_way}) == len(under_way)
    assert delivered == [f"t/{n}" for n in range(number)]
    assert len(outbox) == 0


def test_a_smaller_window_puts_the_rest_back_in_order() -> None:
    outbox = Outbox()
    for number in range(4):
        outbox.put(parcel(number))
    outbox.opened(4)
    sent = outbox.due()
    outbox.closed()
    assert outbox.opened(1) == sent[:1]
    assert outbox.due() == []
    outbox.settled(sent[0][0])
    assert [one.topic for _, one in outbox.due()] == ["t/1"]


def test_packet_ids_go_round_and_leave_those_of_our_requests_free() -> None:
    outbox = Outbox()
    outbox.opened(2)
    seen = set()
    outbox.put(parcel(0))
    held = outbox.due()[0][0]
    for number in range(LAST_ID + 10):
        outbox.put(parcel(number))
        [(packet_id, _)] = outbox.due()
        assert packet_id != held
        seen.add(packet_id)
        outbox.settled(packet_id)
    assert (min(seen), max(seen)) == (2, LAST_ID)


async def test_who_waits_hears_of_the_puback_and_of_a_refusal() -> None:
    outbox = Outbox()
    outbox.opened(10)
    taken, refused = (asyncio.get_running_loop().create_future() for _ in range(2))
    outbox.put(parcel(1, taken))
    outbox.put(parcel(2, refused))
    (first, _), (second, _) = outbox.due()
    outbox.settled(first)
    outbox.settled(second, "not authorized")
    outbox.settled(second, "not authorized")
    await taken
    with pytest.raises(PublishError, match="t/2: not authorized"):
        await refused
    assert outbox.refused == 1


def test_too_many_are_refused() -> None:
    outbox = Outbox(most=2)
    assert [outbox.put(parcel(number)) for number in range(3)] == [True, True, False]
