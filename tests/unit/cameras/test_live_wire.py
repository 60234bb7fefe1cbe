"""Messages between a worker and who watches: whole, bounded, and nothing else."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.live_wire import LARGEST, Hello, Message, Part, Unable, framed, heard

PART = Part(data=b"\0moof", init=False, key=True, media=90_000, codec="", age_s=0.25)


def source(data: bytes) -> asyncio.StreamReader:
    """A stream that holds some bytes and ends."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@pytest.mark.parametrize("message", [Hello(camera="cam-a", serial=7, masked=True), PART, Unable(why="codec")])
async def test_a_message_is_heard_as_it_was_said(message: Message) -> None:
    assert await heard(source(framed(message) + framed(PART))) == message


async def test_the_end_and_a_cut_are_the_end() -> None:
    for data in (b"", framed(PART)[:-1], b"\0\0"):
        with pytest.raises(EOFError):
            await heard(source(data))


async def test_a_length_over_the_bound_is_refused_unread() -> None:
    with pytest.raises(ValueError, match="over the bound"):
        await heard(source((LARGEST + 1).to_bytes(4, "big")))
    with pytest.raises(ValueError, match="over the bound"):
        framed(Part(data=bytes(LARGEST), init=False, key=False, media=0, codec="", age_s=0.0))


@given(st.binary(max_size=60))
def test_garbage_is_refused(body: bytes) -> None:
    async def hear() -> None:
        try:
            await heard(source(len(body).to_bytes(4, "big") + body))
        except (ValueError, EOFError):
            return

    asyncio.run(hear())
