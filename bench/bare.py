"""The least that an aiohttp server can do: one route, one small JSON answer. Run as a program; prints its port."""

import asyncio

from aiohttp import web

BODY = {"user": "admin", "name": "Quản trị viên", "role": "admin", "centre": None, "language": "vi"}


async def answer(request: web.Request) -> web.Response:
    """The same small object every time."""
    return web.json_response(BODY)


async def serve() -> None:
    """Serve until killed."""
    app = web.Application()
    app.router.add_get("/api/v1/session", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
