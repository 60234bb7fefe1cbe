"""The backlog: ordered, bounded, and it calls back those that stopped reading."""

import asyncio

import pytest

from sensors.backlog import GATHERED_BYTES, MOST_WAITING, Backlog
from sensors.intake import BATCH, Message


def messages(*payloads: bytes) -> list[Message]:
    return [Message("t", payload, number, 1, False) for number, payload in enumerate(payloads)]


async def test_what_was_put_is_gathered_in_order_and_in_pieces() -> None:
    backlog = Backlog()
    backlog.put(messages(b"0", b"1"))
    backlog.put(messages(b"2"))
    found = [await backlog.gather(2, 0.0), await backlog.gather(2, 0.0)]
    assert [[message.payload for message in some] for some in found] == [[b"0", b"1"], [b"2"]]
    assert len(backlog) == 0


async def test_a_gathering_that_waits_takes_what_comes_and_lingers_for_more() -> None:
    backlog = Backlog()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(backlog.gather(10, 0.05), name="gather")
        await asyncio.sleep(0)
        backlog.put(messages(b"first"))
        await asyncio.sleep(0)
        backlog.put(messages(b"second"))
        assert [message.payload for message in await waiting] == [b"first", b"second"]


@pytest.mark.parametrize("backlog", [{"most": 4}, {"most_bytes": 40}])
async def test_whoever_stopped_is_called_once_when_half_is_gathered(backlog: dict[str, int]) -> None:
    called: list[str] = []
    full = Backlog(**backlog)
    full.put(messages(*[b"0123456789"] * 3))
    assert not full.full
    assert full.full_with(1, 10)
    full.put(messages(b"0123456789"))
    assert full.full
    full.when_there_is_room(lambda: called.append("first"))
    full.when_there_is_room(lambda: called.append("second"))
    await full.gather(1, 0.0)
    assert called == []
    await full.gather(1, 0.0)
    assert called == ["first", "second"]
    await full.gather(2, 0.0)
    assert called == ["first", "second"]


async def test_it_holds_many_batches_by_default() -> None:
    assert MOST_WAITING >= 10 * BATCH


async def test_lists_of_gateways_are_gathered_few_at_a_time_and_a_giant_alone() -> None:
    backlog = Backlog()
    backlog.put(messages(*[bytes(GATHERED_BYTES // 4)] * 10, bytes(2 * GATHERED_BYTES), b"last"))
    async with asyncio.timeout(5):
        found = [len(await backlog.gather(1000, 60.0)) for _ in range(3)]
        found.append(len(await backlog.gather(1000, 0.0)))
    assert found == [4, 4, 3, 1]
