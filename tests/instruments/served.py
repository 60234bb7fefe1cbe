"""A running `ioc serve` of a centre under test, asked as an administrator's program."""

import asyncio
import datetime as dt
import secrets
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.embedded.postgres import free_port
from ioc.store import people
from ioc.store.database import Database
from ioc.store.tokens import create_token
from tests.instruments.processes import ROOT, Process
from tests.instruments.shares import part
from tests.instruments.waiting import until
from tests.instruments.world import World

needs_wall = pytest.mark.skipif(not Path(ROOT / "ioc/wall/dist").exists(), reason="not tried: the wall is not built")


class Asked:
    """Answers to a request that was made again and again: seconds of each, and its status (0: none)."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statuses: list[int] = []

    @property
    def p99_s(self) -> float:
        """The time within which 99 of 100 answers came."""
        return part(self.seconds, 0.99)


class Served:
    """The running server."""

    def __init__(self, process: Process, url: str, token: str) -> None:
        self.process = process
        self.url = url
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, seconds: float = 30.0) -> tuple[int, Any]:
        """Status and body; (0, "") where nobody answers in time."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(seconds), headers=self._headers) as http,
                http.get(self.url + path) as answer,
            ):
                body = await answer.json(content_type=None) if "json" in answer.content_type else await answer.text()
                return answer.status, body
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""

    async def intake(self) -> dict[str, Any]:
        """What `/readyz` says of the intake; nothing where it says nothing."""
        _, body = await self.get("/readyz")
        return dict(body.get("parts", {}).get("intake", {})) if isinstance(body, dict) else {}

    async def figure(self, name: str) -> float | None:
        """A figure of `/metrics`, None where it is not there."""
        _, body = await self.get("/metrics")
        found = [line.split()[1] for line in str(body).splitlines() if line.split()[:1] == [name]]
        return float(found[0]) if found else None

    @asynccontextmanager
    async def asking(self, path: str, every_s: float = 0.2) -> AsyncIterator[Asked]:
        """Ask again and again for as long as the block lasts, without waiting for the answers before; leaving does."""
        asked = Asked()

        async def ask() -> None:
            began = time.monotonic()
            status, _ = await self.get(path)
            asked.seconds.append(time.monotonic() - began)
            asked.statuses.append(status)

        async def again(tasks: asyncio.TaskGroup) -> None:
            while True:
                tasks.create_task(ask(), name="ask")
                await asyncio.sleep(every_s)

        async with asyncio.TaskGroup() as tasks:
            asks = tasks.create_task(again(tasks), name="asks")
            try:
                yield asked
            finally:
                asks.cancel()


async def served(centre: World, *, state: Path | None = None, before: tuple[str, ...] = ()) -> Served:
    """Start a server that knows an administrator's token, and wait until it answers with the database."""
    token, port = secrets.token_urlsafe(32), free_port()
    await let_in(centre, token)
    more = {"IOC_HTTP_PORT": str(port)} | ({"IOC_STATE_DIR": str(state)} if state else {})
    process = centre.start("serve", more=more, before=before)
    server = Served(process, f"http://127.0.0.1:{port}", token)

    async def answers() -> bool:
        assert process.code is None, f"the server ended: {process.said()[-2000:]}"
        return (await server.get("/api/v1/session"))[0] == 200

    await until(answers, 60, "a server that answers", every_s=0.1)
    return server


async def let_in(centre: World, token: str) -> None:
    """Make the token one of an administrator."""
    person = Person(login="tester", name="Tester", role="admin", centre=None, language="vi")
    now = dt.datetime.now(dt.UTC)
    async with (
        Database.open(centre.url("ioc_app"), size=1) as database,
        database.transaction(EVERYTHING) as transaction,
    ):
        account = await people.create_account(transaction, uuid.uuid4(), person, "-", now)
        await create_token(transaction, account, digest(token), "test", now)
