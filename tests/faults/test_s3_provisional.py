"""S3: alarms and the wall go on while PostgreSQL is away, and what was provisional gives way to what is saved."""

import asyncio
import datetime as dt
import re
import statistics
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.store import people
from ioc.store.database import Database
from ioc.store.tokens import create_token
from tests.faults.conftest import Open
from tests.faults.test_s14_desk import CALM, LEVEL, Rain, caught_up
from tests.instruments.processes import ROOT, Process
from tests.instruments.proxy import Proxy
from tests.instruments.waiting import until
from tests.instruments.world import World

pytestmark = [
    pytest.mark.promise("S3", seeds=1),
    pytest.mark.skipif(not Path(ROOT / "ioc/wall/dist").exists(), reason="not tried: the wall is not built"),
]

SHOWN_S = 2.0
"""Within so many seconds of its message an alarm is on the streams, whoever is away."""

MEASURED = 50
TOKENS = {"viewer": "t" * 43, "district": "d" * 43}
WHO = {"viewer": ("viewer", None), "district": ("district", "hoi-an")}


class Told(msgspec.Struct, frozen=True):
    """One event of a stream, when it came, and the reader's last event id after it."""

    at: float
    name: str
    event: dict[str, Any]
    last: str

    @property
    def about(self) -> dict[str, Any]:
        """The properties of its feature."""
        found: dict[str, Any] = self.event["data"]["properties"]
        return found

    @property
    def provisional(self) -> bool:
        return self.name == "alarm" and self.about.get("provisional") is True

    @property
    def removed(self) -> bool:
        return self.name == "alarm" and ".removed." in self.event["type"]


async def read(content: aiohttp.StreamReader, told: list[Told]) -> None:
    """Everything of a stream; ends when the server ends it."""
    name, data, last = "", b"", ""
    while line := await content.readline():
        field, _, value = line.rstrip(b"\n").partition(b": ")
        if field == b"id":
            last = value.decode()
        elif field == b"event":
            name = value.decode()
        elif field == b"data":
            data = value
        elif line == b"\n" and name:
            told.append(Told(time.monotonic(), name, msgspec.json.decode(data), last))
            name = ""


async def enrol(centre: World) -> None:
    """People of the whole province and of one district, with tokens."""
    now = dt.datetime.now(dt.UTC)
    async with (
        Database.open(centre.url("ioc_app"), size=1) as database,
        database.transaction(EVERYTHING) as transaction,
    ):
        for name, (role, home) in WHO.items():
            person = Person(login=name, name=name, role=role, centre=home, language="vi")
            account = await people.create_account(transaction, uuid.uuid4(), person, "!", now)
            await create_token(transaction, account, digest(TOKENS[name]), "test", now)


async def address(serve: Process) -> str:
    """Where a started `ioc serve` listens."""
    found = await until(lambda: re.search(r"served on ([0-9.]+:\d+)", serve.said()), 60, "a wall that is served")
    return f"http://{found[1]}"


@asynccontextmanager
async def reading(url: str, who: str) -> AsyncIterator[list[Told]]:
    """What a stream tells, from its beginning on; fails when the server ends it."""
    told: list[Told] = []
    headers = {"Authorization": f"Bearer {TOKENS[who]}"}
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http,
        http.get(f"{url}/api/v1/live?snapshot=1", headers=headers) as answer,
        asyncio.TaskGroup() as tasks,
    ):
        assert answer.status == 200
        task = tasks.create_task(read(answer.content, told), name="reader")
        await until(lambda: any(one.name == "ready" for one in told), 30, "a whole picture")
        yield told
        assert not task.done(), "the stream has ended"
        task.cancel()


async def status_of(url: str, path: str) -> int:
    """How a request of somebody who may ask is answered."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(url + path, headers={"Authorization": f"Bearer {TOKENS['viewer']}"}) as answer,
    ):
        return answer.status


def provisional_of(told: list[Told], device: str) -> list[Told]:
    return [one for one in told if one.provisional and one.about["source"] == device]


async def measured(street: Rain, told: list[Told], devices: list[str]) -> list[float]:
    """Seconds from just before the message to its provisional alarm, one after the other."""
    took = []
    for device in devices:
        began = time.monotonic()
        await street.falls([device], LEVEL)
        await until(lambda device=device: provisional_of(told, device), 30, device, every_s=0.005)  # type: ignore[misc]
        took.append(provisional_of(told, device)[0].at - began)
    return took


def outstanding(told: list[Told]) -> set[str]:
    """The provisional alarms that a reader still shows."""
    shown: set[str] = set()
    for one in told:
        if one.provisional:
            shown.add(one.event["subject"])
        elif one.removed:
            shown.discard(one.event["subject"])
    return shown


def check_shown(told: list[Told], before: int, held: str) -> dict[str, Told]:
    """What a reader was told while PostgreSQL was away, by key; no event moved its place in the log."""
    assert {one.last for one in told[before:]} == {told[before - 1].last}
    assert provisional_of(told, held)[0].about["cleared_at"] is not None
    shown = {one.about["key"]: one for one in told[before:] if one.provisional}
    assert all(uuid.UUID(one.event["subject"]).version == 7 for one in shown.values())
    return shown


async def check_truth(centre: World, truth: list[Told], keys: set[str], ended: set[str]) -> None:
    """Exactly one alarm for each provisional one, under its key, and nothing told twice."""
    assert set(Counter((one.about["source"], one.about["cleared_at"]) for one in truth).values()) == {1}
    assert len({one.event["subject"] for one in truth}) == len(centre.devices)
    assert {one.about["source"] for one in truth if one.about["cleared_at"]} == ended
    assert {one.about["key"] for one in truth} == keys
    alarms = await centre.rows("select source, count(*) as n from alarms group by source")
    assert {row["source"]: row["n"] for row in alarms} == dict.fromkeys(centre.devices, 1)


async def test_alarms_go_on_without_postgresql(world: Open, tell: Callable[..., None]) -> None:
    """One gauge after the other crosses its level; before, one held, which ends meanwhile; another comes and goes."""
    async with world(devices=MEASURED + 2) as centre:
        await enrol(centre)
        await centre.intake()
        url = await address(centre.start("serve"))
        held, passing, *gauges = centre.devices
        street = Rain(centre)
        await street.falls([held], LEVEL)
        async with reading(url, "viewer") as told, reading(url, "district") as foreign:
            await until(lambda: [one for one in told if one.name == "alarm"], 30, "the alarm of before")
            await caught_up(centre, 1)
            await centre.postgres.stop()
            away = len(told)
            took = await measured(street, told, [passing, *gauges])
            await street.falls([held, passing], CALM)
            await until(lambda: provisional_of(told, held), 30, "an end of the alarm of before")
            await until(lambda: len(outstanding(told)) == MEASURED + 1, 30, "an end of the alarm of meanwhile")
            assert await status_of(url, "/ogc/collections/alarms/items") == 503
            shown, gone = check_shown(told, away, held), len(told)
            await centre.postgres.start()
            began = time.monotonic()
            await caught_up(centre, 1 + len(took) + 2)
            await until(lambda: not outstanding(told), 30, f"an end of what is provisional: {outstanding(told)}")
            replaced = time.monotonic() - began
        truth = [one for one in told[gone:] if one.name == "alarm" and not one.removed and not one.provisional]
        await check_truth(centre, truth, set(shown), {held, passing})
        assert not [one for one in foreign if one.name == "alarm"]
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    assert max(took) < SHOWN_S, took
    first, p50, p99 = (round(seconds, 3) for seconds in (took[0], cuts[49], cuts[98]))
    tell(provisional=len(took), first_s=first, p50_s=p50, p99_s=p99, replaced_s=round(replaced, 1))


WAITS_FOR_STATES = """
select pid from pg_locks where relation = 'rule_states'::regclass and not granted
and database = (select oid from pg_database where datname = current_database())
"""


async def one_look_fails(centre: World) -> None:
    """Whoever first reads what rules remember loses its connection in the middle of it."""
    holder = await asyncpg.connect(centre.url("postgres"))
    try:
        async with holder.transaction():
            await holder.execute("lock table rule_states in access exclusive mode")
            waiting = await until(lambda: centre.rows(WAITS_FOR_STATES), 60, "a first look", every_s=0.02)
            for row in waiting:
                await holder.execute("select pg_terminate_backend($1)", row["pid"])
    finally:
        await holder.close()


async def test_what_is_served_can_show_provisional_alarms_at_once(world: Open) -> None:
    """PostgreSQL goes as soon as a reader has its first picture, and the first look at what is saved had failed."""
    async with world(devices=1) as centre:
        await enrol(centre)
        await centre.intake()
        serve = centre.start("serve")
        await one_look_fails(centre)
        async with reading(await address(serve), "viewer") as told:
            await centre.postgres.stop()
            await Rain(centre).falls(centre.devices, LEVEL)
            await until(lambda: provisional_of(told, centre.devices[0]), 30, "a provisional alarm")


async def test_connections_that_end_some_time_after_the_last_words_end_nothing(world: Open) -> None:
    """A busy server says that it ends, and closes later; who asks in between is told by asyncpg that it errs itself."""
    async with world(devices=1) as centre:
        await enrol(centre)
        with Proxy(centre.postgres.port) as proxy:
            proxy.lingers_s = 3.0
            centre.database_port = proxy.port
            await centre.intake()
            serve = centre.start("serve")
            async with reading(await address(serve), "viewer") as told:
                await centre.postgres.stop()
                await Rain(centre).falls(centre.devices, LEVEL)
                shown = lambda: provisional_of(told, centre.devices[0]) or serve.code is not None  # noqa: E731
                await until(shown, 30, "a provisional alarm")
                assert serve.code is None, serve.said()[-3000:]
                await centre.postgres.start()
                await caught_up(centre, 1)
                await until(lambda: not outstanding(told), 30, "an end of what is provisional")
