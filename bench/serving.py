"""A running `ioc serve` over servers of one's own, and who may ask it."""

import asyncio
import os
import secrets
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from ioc import app
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.embedded import Stack
from ioc.embedded.postgres import free_port
from ioc.store import people
from ioc.store.database import Database
from ioc.store.tokens import create_token

HOST = "127.0.0.1"
SERVE = ("ioc", "serve")
"""What `python -m` runs when nothing else is named."""
START_S = 60.0


async def _let_in(stack: Stack) -> str:
    """A new administrator's token."""
    token, login = secrets.token_urlsafe(32), f"bench{secrets.randbelow(10**6)}"
    person = Person(login=login, name="Bench", role="admin", centre=None, language="vi")
    async with (
        Database.open(stack.database_url("ioc_app"), size=1) as database,
        database.transaction(EVERYTHING) as transaction,
    ):
        account = await people.create_account(transaction, uuid.uuid4(), person, "-", app.now())
        await create_token(transaction, account, digest(token), "bench", app.now())
    return token


@asynccontextmanager
async def serving(stack: Stack, *program: str, **settings: str) -> AsyncIterator[tuple[int, int, str]]:
    """A running `ioc serve`, or a program in its place, with such settings more.

    Its process, its port, and an administrator's token.
    """
    token, port = await _let_in(stack), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")} | {
        "IOC_STATE_DIR": str(stack.state),
        "IOC_DATABASE_URL": stack.database_url("ioc_app"),
        "IOC_HTTP_PORT": str(port),
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *(program or SERVE)), env=environment, cwd=Path(__file__).parents[1]
    )
    try:
        await _until_it_answers(port, token)
        yield process.pid, port, token
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _until_it_answers(port: int, token: str) -> None:
    async with asyncio.timeout(START_S), aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http:
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(f"http://{HOST}:{port}/api/v1/session") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)


async def until_open(port: int) -> None:
    """Wait until something takes connections there; whether it is well is not asked."""
    async with asyncio.timeout(START_S):
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return
