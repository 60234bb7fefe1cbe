"""A real mail server, a real gateway and real webhooks fail on purpose, by a seed, and the teller is stopped at random:
every message is told once, by its id, or is in the dead letters; nothing is lost, and no two are the same.

The ledger is what was entered, what each receiver took, and what PostgreSQL says of each message and sending.
"""

import datetime as dt
import json
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.outbound import Outbound
from ioc.settings import Settings
from ioc.store import endpoints
from ioc.store.database import Database
from ioc.store.notifications import enqueue
from ioc.tell import gateway as tell_gateway
from ioc.tell import mail as tell_mail
from ioc.tell import signing
from ioc.tell import webhook as tell_webhook
from ioc.tell.channels import channels_of
from ioc.tell.gathering import Rules
from ioc.tell.teller import Teller
from tests.fakes import hook_receiver, post_office
from tests.fakes.hook_receiver import Asked, HookReceiver, receiving
from tests.fakes.post_office import PostOffice, mailing
from tests.fakes.stations import HERE, SECRET, endpoint, gateway
from tests.fakes.telling import AT, notification
from tests.fakes.told_office import POINTS, KilledError

PEOPLE = 24
HOOKS = ("hook-a", "hook-b", "hook-gone")
QUIET_S = 0.25
"""Seconds for which a receiver may say nothing."""

FAILS = 0.45
"""The share of sendings that something happens to."""

STOPS = 0.05
"""The share of the teller's points at which it is stopped."""


class World:
    """The receivers, a clock that the test turns, and a teller that is hired anew whenever it was stopped."""

    def __init__(self, seed: int, database: Database, admin: asyncpg.Connection) -> None:
        self.chance = random.Random(seed)
        self.database, self.admin, self.at, self.stopped = database, admin, AT, 0
        self.office: PostOffice
        self.sms: HookReceiver
        self.hooks: HookReceiver
        self.channels: Mapping[str, Any]

    def now(self) -> dt.datetime:
        return self.at

    def fate(self, kinds: tuple[str, ...]) -> str:
        return self.chance.choice(kinds) if self.chance.random() < FAILS else ""

    def of_mail(self, to: str) -> str:
        return "rcpt 550" if to.startswith("gone") else self.fate(post_office.FAILURES)

    def of_hooks(self, asked: Asked) -> int:
        """Refuses what is not signed rightly, by the clock of the test; one receiver is gone for good."""
        try:
            signing.verify(asked.headers, asked.body, [signing.key_of(SECRET)], self.at.timestamp())
        except signing.SignatureError:
            return 401
        return 410 if asked.path == "/hook-gone" else 200

    def passing(self, point: str) -> None:
        if point in POINTS and self.chance.random() < STOPS:
            self.stopped += 1
            raise KilledError(point)

    def hire(self, passing: Callable[[str], None]) -> Teller:
        return Teller(
            self.database, self.channels, Rules(zone=dt.UTC, endpoint=endpoints.hop), now=self.now,
            entropy=self.chance.randbytes, chance=self.chance.random, passing=passing,
        )  # fmt: skip

    async def open(self) -> int:
        """How many messages are under way, and notifications in none."""
        waits = await self.admin.fetchval("select count(*) from notifications where due_at is not null")
        return int(waits + await self.admin.fetchval("select count(*) from messages where ended_at is null"))

    async def work(self) -> None:
        """Until every message has ended; the clock goes on by minutes."""
        teller = self.hire(self.passing)
        for _ in range(400):
            try:
                while await teller.turn():
                    pass
            except* KilledError:
                teller = self.hire(self.passing)
                await self.hire(lambda point: None).release()
            if not await self.open():
                return
            self.at += dt.timedelta(minutes=2)
        raise AssertionError(f"{await self.open()} messages have not ended")


@asynccontextmanager
async def opened(seed: int, database: Database, admin: asyncpg.Connection, folder: Path) -> AsyncIterator[World]:
    world = World(seed, database, admin)
    async with (
        mailing(fails=world.of_mail) as world.office,
        receiving() as world.sms,
        receiving() as world.hooks,
        Outbound.open(HERE) as outbound,
    ):
        url, sender = f"smtp+plain://127.0.0.1:{world.office.port}", "IOC <ioc@example.gov.vn>"
        settings = Settings(state_dir=str(folder), smtp_url=url, smtp_sender=sender)
        world.sms.answer = b'{"code": "100"}'
        world.hooks.judge = world.of_hooks
        for receiver in (world.sms, world.hooks):
            receiver.fails = lambda number: world.fate(hook_receiver.FAILURES)
        await _endpoints(world)
        async with channels_of(settings, outbound, database, world.now) as channels:
            world.channels = channels.by_name
            yield world


async def _endpoints(world: World) -> None:
    async with world.database.transaction(EVERYTHING) as transaction:
        await endpoints.create(transaction, gateway(world.sms.url))
        for code in HOOKS:
            await endpoints.create(transaction, endpoint(code=code, address=f"{world.hooks.url}/{code}"))


async def _people(world: World) -> list[str]:
    """Some have mail, some mail and then short messages, of some the mailbox is gone."""
    logins = [f"person-{number}" for number in range(PEOPLE)]
    for number, login in enumerate(logins):
        box = f"{'gone' if number % 4 == 3 else 'box'}-{number}@example.vn"
        ways = [{"channel": "mail", "address": box}]
        if number % 2:
            ways.append({"channel": "sms", "address": f"+8490{number:07d}"})
        await world.admin.execute(
            "insert into accounts (id, login, name, role, language, password_hash, created_at) "
            "values (gen_random_uuid(), $1, $1, 'operator', 'vi', '', $2)", login, AT,
        )  # fmt: skip
        row = (login, json.dumps(ways))
        await world.admin.execute("insert into contacts values ($1, $2, null, null, 1, 'x', now())", *row)
    return logins


async def _entered(world: World) -> set[tuple[str, str]]:
    """Two things for each person and endpoint, of every severity."""
    severities = ("minor", "moderate", "severe", "extreme")
    wanted = [*await _people(world), *(f"@{code}" for code in HOOKS)]
    made = [
        notification(to, group=f"{to}-{number}", severity=world.chance.choice(severities))
        for to in wanted
        for number in range(2)
    ]
    async with world.database.transaction(EVERYTHING) as transaction:
        await enqueue(transaction, made)
    return {(one.key, one.to) for one in made}


def _taken(world: World) -> dict[str, dict[str, list[bytes]]]:
    """What each receiver took: by channel, by the message's id."""
    found: dict[str, dict[str, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    for letter in world.office.mailed:
        found["mail"][letter.id].append(letter.raw)
    for asked in world.sms.taken:
        found["sms"][json.loads(asked.body)["ref"]].append(asked.body)
    for asked in world.hooks.taken:
        found["webhook"][asked.headers["webhook-id"]].append(asked.body)
    return found


@pytest.mark.parametrize("seed", [7, 26, 1126])
async def test_every_message_is_told_once_or_a_dead_letter(
    seed: int, database: Database, admin: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tell_mail, "COMMAND_S", QUIET_S)
    monkeypatch.setattr(tell_webhook, "WITHIN_S", QUIET_S)
    monkeypatch.setattr(tell_gateway, "WITHIN_S", QUIET_S)
    async with opened(seed, database, admin, tmp_path) as world:
        entered = await _entered(world)
        await world.work()
        taken = _taken(world)
    kept = {str(row["id"]): row for row in await admin.fetch("select * from messages")}
    carried = await admin.fetch(
        "select n.key, n.recipient from message_items i join notifications n on n.id = i.notification"
    )
    assert {tuple(row) for row in carried} == entered, "nothing is lost"
    assert {row["state"] for row in kept.values()} == {"told", "dead"}, "both happen, and nothing else"
    _told(kept, taken)
    await _tries(admin, kept, taken)
    assert world.stopped > 0
    _alike(taken)


def _told(kept: Mapping[str, asyncpg.Record], taken: Mapping[str, Mapping[str, list[bytes]]]) -> None:
    """What is told has arrived by the channel that is said; what is dead says why; nothing came from nowhere."""
    for id_, row in kept.items():
        if row["state"] == "told":
            assert row["told_by"] == "page" or id_ in taken[row["told_by"]], (id_, row["told_by"])
        else:
            assert row["reason"], id_
    for by in taken.values():
        assert by.keys() <= kept.keys()
    assert {row["state"] for row in kept.values() if row["recipient"] == "@hook-gone"} == {"dead"}


async def _tries(
    admin: asyncpg.Connection, kept: Mapping[str, asyncpg.Record], taken: Mapping[str, Mapping[str, list[bytes]]]
) -> None:
    """An id arrives again only behind a sending of which nobody knew what became of it; and so does one of a dead
    letter that arrived in spite of it."""
    rows = await admin.fetch("select message::text as message, channel, outcome from deliveries")
    unsure: Counter[tuple[str, str]] = Counter()
    sure: Counter[tuple[str, str]] = Counter()
    for row in rows:
        key = (row["channel"], row["message"])
        unsure[key] += row["outcome"] in ("again", "unknown")
        sure[key] += row["outcome"] in ("told", "accepted")
    for (_, id_), number in sure.items():
        assert not number or kept[id_]["state"] == "told", "what a channel took is no dead letter"
    for channel, by in taken.items():
        for id_, times in by.items():
            assert sure[channel, id_] <= 1, "what was told is not told again"
            assert len(times) <= unsure[channel, id_] + sure[channel, id_], (channel, id_)


def _alike(taken: Mapping[str, Mapping[str, list[bytes]]]) -> None:
    """What comes again under an id is the same to the last byte: a receiver that has seen the id has seen it all."""
    for channel, by in taken.items():
        for id_, times in by.items():
            assert len(set(times)) == 1, (channel, id_)
