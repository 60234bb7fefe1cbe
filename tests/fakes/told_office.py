"""A teller with channels in memory, a clock that the test turns, and points at which it can be killed."""

import datetime as dt
import json
import random
from collections.abc import Collection, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.notifications import enqueue
from ioc.tell.gathering import Rules
from ioc.tell.grouping import FIRST
from ioc.tell.notification import Notification
from ioc.tell.teller import Teller
from tests.fakes.notebook import Notebook
from tests.fakes.telling import AT

POINTS = (
    "tell-gathered", "tell-moved-on", "tell-claimed", "tell-sending", "tell-sent", "tell-writing", "tell-written",
)  # fmt: skip
"""Every point of the teller where a stop must harm nothing, in the order of a turn."""


class KilledError(Exception):
    """The teller is stopped here."""


class Office:
    """`kill` names the point at which the teller is stopped next; it then has to be hired anew."""

    def __init__(self, database: Database, admin: asyncpg.Connection) -> None:
        self.database, self.admin = database, admin
        self.at = AT
        self.kill = ""
        self.passed: list[str] = []
        self.mail, self.sms = Notebook(), Notebook()
        self._random = random.Random(7)
        self.teller = self.hire()

    def hire(self, channels: Collection[str] = ("mail", "sms", "webhook")) -> Teller:
        books = {"mail": self.mail, "sms": self.sms, "webhook": self.mail}
        self.teller = Teller(
            self.database,
            {name: books[name] for name in channels},
            Rules(zone=ZoneInfo("Asia/Ho_Chi_Minh")),
            now=lambda: self.at,
            entropy=self._random.randbytes,
            chance=self._random.random,
            passing=self._pass,
        )
        return self.teller

    def _pass(self, point: str) -> None:
        self.passed.append(point)
        if self.kill == point:
            self.kill = ""
            raise KilledError(point)

    async def person(self, login: str, *ways: dict[str, Any], quiet: Sequence[dt.time] = (), **about: Any) -> None:
        plain = {"name": login, "role": "operator", "language": "vi", "password_hash": "", "created_at": AT}
        row = {"login": login} | plain | about
        names = ", ".join(row)
        marks = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await self.admin.execute(
            f"insert into accounts (id, {names}) values (gen_random_uuid(), {marks})", *row.values()
        )
        since, until = quiet or (None, None)
        await self.admin.execute(
            "insert into contacts values ($1, $2, $3, $4, 1, 'x', now())", login, json.dumps(ways), since, until
        )

    async def enqueue(self, *some: Notification) -> None:
        async with self.database.transaction(EVERYTHING) as transaction:
            await enqueue(transaction, some)

    async def work(self, after: dt.timedelta = dt.timedelta(0)) -> None:
        """Turn the clock on, and work until nothing is due; a killed teller is hired anew."""
        self.at += after
        while True:
            try:
                if not await self.teller.turn():
                    return
            except* KilledError:
                await self.hire().release()

    async def tell(self, *some: Notification) -> None:
        """Enter these, and work when the first half minute is over."""
        await self.enqueue(*some)
        await self.work(FIRST)

    async def messages(self) -> list[asyncpg.Record]:
        return await self.admin.fetch("select * from messages order by id")

    async def message(self) -> asyncpg.Record:
        [found] = await self.messages()
        return found


MAIL = {"channel": "mail", "address": "lan@example.vn"}
SMS = {"channel": "sms", "address": "+84905000111"}
