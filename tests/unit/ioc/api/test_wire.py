"""What cannot be read is neither repeated nor logged."""

import asyncio

import pytest
from aiohttp import web

from ioc.api.wire import Runner

SECRET = b"Bearer-7f3a9c1e5b"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: " + SECRET * 900 + b"\r\n\r\n", b"431"),
        (b"GET /" + SECRET * 900 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: " + SECRET + b"\x00\r\n\r\n", b"400"),
        (SECRET + b"\r\n\r\n", b"400"),
    ],
)
async def test_nothing_of_an_unreadable_request_comes_back_or_is_logged(
    sent: bytes, status: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    runner = Runner(web.Application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
            writer.write(sent)
            told = await reader.read()
            writer.close()
    finally:
        await runner.cleanup()
    assert told.split()[1] == status
    assert b"application/problem+json" in told
    assert SECRET not in told
    assert b"aiohttp" not in told
    assert SECRET.decode() not in caplog.text
    assert "could not be read" in caplog.text
