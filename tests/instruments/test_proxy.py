"""The proxy does to a connection what it says, seen from both of its ends."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from tests.instruments.proxy import Proxy
from tests.instruments.waiting import until

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """A server that sends everything back, and counts what it got."""

    def __init__(self) -> None:
        self.got = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self.got += len(data)
                writer.write(data)
                await writer.drain()
        writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    it = Echo()
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    it.port = server.sockets[0].getsockname()[1]
    yield it
    server.close()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[Proxy]:
    with Proxy(echo.port) as it:
        yield it


@contextlib.asynccontextmanager
async def dialled(proxy: Proxy) -> AsyncIterator[Ends]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    yield reader, writer
    writer.transport.abort()


async def answer(ends: Ends, text: bytes, seconds: float = 5.0) -> bytes:
    ends[1].write(text)
    async with asyncio.timeout(seconds):
        return await ends[0].readexactly(len(text))


async def silent(ends: Ends, text: bytes, seconds: float = 0.3) -> None:
    with pytest.raises(TimeoutError):
        await answer(ends, text, seconds)


async def turned_away(proxy: Proxy) -> bool:
    """Whether a new connection is ended at once; the reset may come before or after it was made."""
    with contextlib.suppress(ConnectionResetError):
        async with dialled(proxy) as new:
            return await asyncio.wait_for(new[0].read(), 5) == b""
    return True


async def test_it_passes_everything(proxy: Proxy) -> None:
    async with dialled(proxy) as ends:
        text = bytes(range(256)) * 4096
        assert await answer(ends, text) == text
        assert proxy.accepted == proxy.open == 1


async def test_a_frozen_line_stays_open_and_carries_on_later(proxy: Proxy) -> None:
    async with dialled(proxy) as ends:
        assert await answer(ends, b"before") == b"before"
        proxy.freeze()
        await silent(ends, b"frozen")
        async with dialled(proxy) as new:
            await silent(new, b"new")
            proxy.through()
            assert await new[0].readexactly(3) == b"new"
        assert await ends[0].readexactly(6) == b"frozen"


async def test_a_cut_line_is_reset_and_every_new_one_too(proxy: Proxy) -> None:
    async with dialled(proxy) as ends:
        assert await answer(ends, b"x") == b"x"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            await ends[0].read()
        assert await turned_away(proxy)
        proxy.through()
        async with dialled(proxy) as again:
            assert await answer(again, b"y") == b"y"


async def test_a_slow_line_has_its_rate_and_its_delay(proxy: Proxy) -> None:
    async with dialled(proxy) as ends:
        proxy.slow(20_000)
        assert await answer(ends, b"x") == b"x"
        began = time.monotonic()
        await answer(ends, bytes(10_000), 20)
        assert 0.4 < time.monotonic() - began < 10
        proxy.slow(0, delay_s=0.2)
        assert await answer(ends, b"x") == b"x"
        began = time.monotonic()
        await answer(ends, b"x")
        assert time.monotonic() - began >= 0.4


async def test_resets_come_again_until_they_are_stopped(proxy: Proxy) -> None:
    proxy.reset_every(0.2)
    for _ in range(3):
        async with dialled(proxy) as ends:
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(ends[0].read(), 5)
    proxy.through()
    async with dialled(proxy) as ends:
        assert await answer(ends, b"stays") == b"stays"


@pytest.mark.parametrize("direction", ["up", "down"])
async def test_a_half_open_line_swallows_one_direction(proxy: Proxy, echo: Echo, direction: str) -> None:
    async with dialled(proxy) as ends:
        assert await answer(ends, b"x") == b"x"
        proxy.half_open("up" if direction == "up" else "down")
        await silent(ends, b"lost")
        assert echo.got == (1 if direction == "up" else 5)
        proxy.through()
        assert await answer(ends, b"y") == b"y"


async def test_a_server_that_is_gone_ends_the_connection(echo: Echo) -> None:
    with Proxy(1) as proxy:
        assert await turned_away(proxy)
        await until(lambda: proxy.open == 0, 5, "no link")


async def test_acknowledgements_that_go_up_are_counted_however_they_are_cut(echo: Echo) -> None:
    """Three PUBACKs, one with a reason code, around a ping and a PUBLISH that holds such bytes."""
    publish = b"\x32\xc8\x01" + b"\x40\x02\x00\x01" * 50
    sent = b"\x40\x02\x00\x01" + publish + b"\xc0\x00" + b"\x40\x03\x00\x02\x10" + b"\x40\x02\x00\x03"
    with Proxy(echo.port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        for number in range(len(sent)):
            writer.write(sent[number : number + 1])
            await reader.readexactly(1)
        assert proxy.acknowledged == 3
        writer.write(sent)
        await reader.readexactly(len(sent))
        assert proxy.acknowledged == 6
        writer.close()
