"""Tickets: ten thousand escalations that are due at the same second, and an officer's inbox on a thin line.

The storm is the shipped policy with its units, nine people of each on duty and a webhook of each that a server on this
machine takes. Real timers are planned as tickets are opened; the clock stands just before their moment and goes on as
the wall's does. The escalating work and the teller run as in `ioc serve`. `storm_s` runs from the moment that all are
due until the last person has it in the page and the last webhook was taken. What was told is then held against the
roster, pair by pair: ticket and recipient.
"""

import asyncio
import base64
import collections
import datetime as dt
import importlib
import os
import random
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from bench.centre import state_dir
from gis.position import Position
from ioc import ticket_work
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.demo.seed import seed_places
from ioc.embedded import Stack
from ioc.escalating import Escalating
from ioc.incidents.incident import Incident, Place
from ioc.outbound import Allowed, Outbound
from ioc.store import endpoints, people, teams, ticket_policies
from ioc.store import incidents as kept_incidents
from ioc.store.database import Database, Transaction
from ioc.store.migrate import migrate
from ioc.store.teams import Duty, Team
from ioc.tell.endpoint import Endpoint
from ioc.tell.gathering import Rules
from ioc.tell.teller import Teller
from ioc.tell.webhook import Webhook
from ioc.tickets.policy import Policy
from ioc.tickets.routing import Routed

GOALS = {
    "storm_s": ("at most", 60.0),
    "storm_lost": ("at most", 0),
    "storm_twice": ("at most", 0),
    "inbox_first_s": ("at most", 8.0),
    "inbox_warm_s": ("at most", 2.0),
}

TICKETS, CREW = 10_000, 9
"""Open tickets, and people on duty of each unit."""

PAGE = 500
AREA = "20335@2025-07-01"
PATIENCE_S = 300.0

Ledger = collections.Counter[tuple[str, str]]
"""How often each ticket was told to each recipient."""


class Receiver:
    """Takes webhooks: how often each message came."""

    def __init__(self) -> None:
        self.got: collections.Counter[str] = collections.Counter()

    async def handle(self, request: web.Request) -> web.Response:
        """One request; refused without a signature."""
        body = await request.read()
        if not request.headers.get("webhook-signature"):
            return web.Response(status=401)
        self.got[msgspec.json.decode(body)["id"]] += 1
        return web.Response()


@asynccontextmanager
async def _receiving() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/{code}", receiver.handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield receiver, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _site() -> AsyncIterator[tuple[Stack, Database]]:
    async with AsyncExitStack() as exits:
        state = await exits.enter_async_context(state_dir())
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        database = await exits.enter_async_context(Database.open(stack.database_url("ioc_app")))
        await seed_places(database)
        yield stack, database


async def _staff(database: Database, policy: Policy, url: str, now: dt.datetime) -> dict[str, list[str]]:
    """Enter a crew and a webhook for each unit; who is told by unit."""
    told: dict[str, list[str]] = {}
    async with database.transaction(EVERYTHING) as transaction:
        for unit in policy.units:
            crew = tuple(f"{unit.code}-{number}" for number in range(CREW))
            await _crew(transaction, unit.code, unit.centre, crew, now)
            endpoint = Endpoint(
                code=f"hook-{unit.code}", kind="webhook", name=unit.name, centre=unit.centre, unit=unit.code,
                address=f"{url}/{unit.code}", secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
                changed_at=now, changed_by="bench",
            )  # fmt: skip
            await endpoints.create(transaction, endpoint)
            told[unit.code] = [*crew, f"@{endpoint.code}"]
    return told


async def _crew(transaction: Transaction, unit: str, centre: str, crew: tuple[str, ...], now: dt.datetime) -> None:
    for login in crew:
        person = Person(login=login, name=login, role="operator", centre=None, language="vi")
        await people.create_account(transaction, uuid.uuid4(), person, "-", now)
    await teams.create(
        transaction,
        Team(unit=unit, code="truc", centre=centre, name="Trực", members=crew, version=1, updated_at=now),
    )
    shift = Duty(
        id=uuid.uuid4(), series=uuid.uuid4(), unit=unit, team="truc", login="", centre=centre, note="",
        starts=now - dt.timedelta(hours=1), until=now + dt.timedelta(hours=12), created_by="bench", created_at=now,
    )  # fmt: skip
    await teams.lay_out(transaction, [shift])


def _incident(number: int, now: dt.datetime) -> Incident:
    place = Place(
        centre="quang-nam", area=AREA, area_code="20335", area_name="Ái Nghĩa",
        position=Position(lon=107.5 + 0.005 * (number % 100), lat=15.3 + 0.005 * (number // 100)),
    )  # fmt: skip
    return Incident(
        id=str(uuid.uuid4()), version=1, key=f"bench:{number}", title="Nước ngập", title_en="Flooded",
        category="flood", severity="severe", status="new", owner=None, place=place, sources=("sensor",), alarms=1,
        count=1, cleared=False, **dict.fromkeys(("opened_at", "updated_at", "first_at", "last_at"), now),
    )  # fmt: skip


async def _open(database: Database, policy: Policy, now: dt.datetime) -> dict[str, str]:
    """Open a ticket for each of ten thousand incidents, in turn at each unit: the unit by ticket."""
    opened: dict[str, str] = {}
    units = [unit.code for unit in policy.units]
    for first in range(0, TICKETS, PAGE):
        some = [_incident(number, now) for number in range(first, first + PAGE)]
        async with database.transaction(EVERYTHING) as transaction:
            await kept_incidents.save_incidents(transaction, [(one, None) for one in some])
            deeds: list[ticket_work.Deed] = []
            for place, incident in enumerate(some):
                routed = Routed(unit=units[(first + place) % len(units)], task="kiểm tra", why="bench")
                deeds += await ticket_work.opening(
                    transaction, incident, routed, policy, now, "system", secrets.token_bytes
                )
            await ticket_work.settle_all(transaction, deeds, now)
            opened |= {one.after.id: one.after.unit for one in deeds}
    return opened


class Clock:
    """A wall clock that stands at a moment until it is started."""

    def __init__(self, at: dt.datetime) -> None:
        self._at = at
        self._started: float | None = None

    def start(self) -> None:
        """Go on from now."""
        self._started = time.monotonic()

    def now(self) -> dt.datetime:
        """The moment."""
        passed = 0.0 if self._started is None else time.monotonic() - self._started
        return self._at + dt.timedelta(seconds=passed)


async def _all_told(database: Database, receiver: Receiver) -> bool:
    """Whether nothing is due any more, nothing waits to be told, and each webhook was taken."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        waits = await transaction.connection.fetchval(
            "select exists (select from notifications where topic = 'escalation' and due_at is not null)"
        )
        if waits or await transaction.connection.fetchval(_SOME_FIRED) < TICKETS:
            return False
        hooks = await transaction.connection.fetch("select id from messages where recipient like '@%'")
    return all(receiver.got[str(row["id"])] for row in hooks)


_SOME_FIRED = "select count(*) from ticket_timers where fired_at is not null"

_TOLD = """
select n.ticket, n.recipient, m.id from notifications n
left join message_items i on i.notification = n.id left join messages m on m.id = i.message and not m.repeats
where n.topic = 'escalation'
"""


async def _ledger(database: Database, receiver: Receiver) -> Ledger:
    """What the page shows, and what the receiver took: a message that came twice counts twice."""
    ledger: Ledger = collections.Counter()
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        for row in await transaction.connection.fetch(_TOLD):
            pair = (str(row["ticket"]), row["recipient"])
            times = receiver.got[str(row["id"])] if pair[1].startswith("@") else int(row["id"] is not None)
            ledger[pair] += times
    return ledger


async def _storm() -> Mapping[str, float]:
    async with _site() as (_, database), _receiving() as (receiver, url), AsyncExitStack() as exits:
        opened_at = dt.datetime.now(dt.UTC).replace(microsecond=0)
        policy = ticket_policies.shipped()
        async with database.transaction(EVERYTHING) as transaction:
            await ticket_policies.ship(transaction, opened_at)
        told = await _staff(database, policy, url, opened_at)
        opened = await _open(database, policy, opened_at)
        async with database.transaction(EVERYTHING) as transaction:  # the storm alone is measured
            await transaction.connection.execute("delete from notifications")
        clock = Clock(opened_at + dt.timedelta(minutes=policy.clock("flood", "severe").accept_min or 0, seconds=-1))
        outbound = await exits.enter_async_context(Outbound.open(Allowed.parse("127.0.0.0/8")))

        async def find(code: str) -> Endpoint | None:
            async with database.transaction(EVERYTHING, read_only=True) as transaction:
                return await endpoints.enabled(transaction, code)

        channels = {"webhook": Webhook(outbound, find, clock.now, source="/bench")}
        rules = Rules(zone=ZoneInfo(policy.zone))
        teller = Teller(
            database, channels, rules, now=clock.now, entropy=os.urandom, chance=random.SystemRandom().random
        )
        escalating = Escalating(database, clock.now)
        figures = await _measured(database, receiver, clock, escalating, teller)
        ledger = await _ledger(database, receiver)
    expected = {(ticket, login) for ticket, unit in opened.items() for login in told[unit]}
    return figures | {
        "storm_tickets": len(opened),
        "storm_told": len(expected),
        "storm_lost": sum(not ledger[pair] for pair in expected),
        "storm_twice": sum(times > 1 for times in ledger.values()),
        "storm_unasked": sum(pair not in expected for pair in ledger),
        "storm_webhooks": sum(receiver.got.values()),
    }


async def _measured(
    database: Database, receiver: Receiver, clock: Clock, escalating: Escalating, teller: Teller
) -> dict[str, float]:
    fired_s = 0.0
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        works = [
            tasks.create_task(escalating.run(), name="escalation"),
            tasks.create_task(teller.run(), name="teller"),
        ]
        clock.start()
        begun = time.monotonic() + 1.0
        while not await _all_told(database, receiver):
            if not fired_s and escalating.fired >= TICKETS:
                fired_s = time.monotonic() - begun
            await asyncio.sleep(0.1)
        elapsed = time.monotonic() - begun
        for one in works:
            one.cancel()
    return {"storm_s": round(elapsed, 2), "storm_fired_s": round(fired_s or elapsed, 2)}


async def run(*, long: bool) -> dict[str, float]:
    """Seconds, and what was lost or told twice of the storm (nothing)."""
    figures = dict(await _storm())
    try:
        inbox = importlib.import_module("bench.inbox_first")
    except ModuleNotFoundError:
        return figures
    return figures | dict(await inbox.measure())


if __name__ == "__main__":
    for key, figure in asyncio.run(run(long=False)).items():
        print(f"tickets {key} {figure}")
