"""A real receiver of webhooks, gateways' requests and pushes, which fails as it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

FAILURES = (
    "400", "404", "408", "410", "425", "429", "500", "503", "hang", "cut in the middle", "cut before the answer",
    "slow", "redirect", "garbage", "large",
)  # fmt: skip
"""What may happen to a request; in `cut before the answer` it was taken, and the answer is lost."""


class Asked(msgspec.Struct, frozen=True):
    """A request that was taken whole; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class HookReceiver:
    """`fails` is asked for each request, by its number from 1; empty: nothing goes wrong, `answer` is said."""

    def __init__(self) -> None:
        self.fails: Callable[[int], str] = lambda number: ""
        self.taken: list[Asked] = []
        self.came = 0
        self.port = 0
        self.status = 200
        self.answer = b"{}"
        self.more: dict[str, str] = {}
        self.judge: Callable[[Asked], int] = lambda asked: 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        self.came += 1
        fate = self.fails(self.came)
        if fate == "cut in the middle":
            await request.content.readany()
            return await _cut(request)
        body = await request.read()
        if fate.isdigit():
            return web.Response(status=int(fate), headers=self.more, text="no, thank you")
        if fate == "redirect":
            return web.Response(status=307, headers={"Location": f"{self.url}/elsewhere"})
        if fate == "hang":
            await asyncio.Event().wait()
        if fate == "slow":
            await asyncio.sleep(0.2)
        told = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.rel_url.raw_path, request.rel_url.raw_query_string, told, body)
        status = self.judge(asked)
        if status != 200:
            return web.Response(status=status)
        self.taken.append(asked)
        if fate == "cut before the answer":
            return await _cut(request)
        if fate == "garbage":
            return await _garbage(request)
        body = b"x" * 2_000_000 if fate == "large" else self.answer
        return web.Response(status=self.status, body=body, headers=self.more)


async def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _garbage(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.write(b"nonsense\r\n\r\n")  # type: ignore[attr-defined]
        request.transport.close()
    return web.Response()


@asynccontextmanager
async def receiving(port: int = 0, context: ssl.SSLContext | None = None) -> AsyncIterator[HookReceiver]:
    """A receiver that listens on loopback."""
    receiver = HookReceiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=context)
        await site.start()
        receiver.port = int(runner.addresses[0][1])
        yield receiver
    finally:
        await runner.cleanup()
