"""The teller is stopped at every point, its database goes away, a channel is slow: everybody is told, and once."""

import asyncio
import datetime as dt
import itertools
import json
import random
import time
import uuid
from collections import Counter

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.incidents.severity import ORDER
from ioc.store import told
from ioc.store.database import Database
from ioc.tell.channel import Accepted, Again, Outcome, Refused, Told
from ioc.tell.grouping import FIRST
from ioc.tell.order import Patience
from ioc.tell.teller import PUT_OFF
from tests.fakes.store import counted
from tests.fakes.telling import notification
from tests.fakes.told_office import MAIL, POINTS, SMS, Office
from tests.instruments.waiting import until

RECEIPT = Patience().receipt


@pytest.fixture
async def office(database: Database, admin: asyncpg.Connection) -> Office:
    return Office(database, admin)


async def accounted(office: Office, notifications: int) -> None:
    """Every notification is in exactly one message, and each of these has ended."""
    rows = await office.admin.fetch("select notification, count(*) from message_items group by 1")
    assert len(rows) == notifications == await counted(office.admin, "notifications")
    assert {row["count"] for row in rows} == {1}
    assert {row["state"] for row in await office.messages()} <= {"told", "dead"}
    assert await office.admin.fetchval("select count(*) from deliveries where outcome = ''") == 0


@pytest.mark.parametrize("point", POINTS)
async def test_a_stop_at_any_point_loses_nothing_and_tells_nobody_twice(office: Office, point: str) -> None:
    await office.person("lan", MAIL, SMS)
    await office.person("mai", MAIL | {"address": "mai@example.vn"})
    office.mail.answer = lambda message, address: Accepted()
    office.kill = point
    await office.tell(notification(severity="severe"), notification("mai"), notification("nobody"))
    await office.work(RECEIPT)
    await office.work(RECEIPT)
    assert office.kill == ""
    await accounted(office, 3)
    seen = Counter((address, message.id) for address, message in office.mail.pages)
    again = int(point in ("tell-sent", "tell-writing"))  # what was under way is sent again, under the same id
    assert (sum(seen.values()), len(seen)) == (2 + again, 2)
    assert len(office.sms.pages) == 1
    unknown = await office.admin.fetchval("select count(*) from deliveries where outcome = 'unknown'")
    assert unknown == {"tell-sending": 2, "tell-sent": 2, "tell-writing": 2, "tell-written": 1}.get(point, 0)


async def test_stops_at_all_points_in_a_row_under_failures(office: Office) -> None:
    await office.person("lan", MAIL, SMS)
    answers = itertools.cycle([Again(reason="busy"), Told(), Accepted()])

    def answer(message: object, address: str) -> Outcome:
        return next(answers)

    office.mail.answer = answer
    number = 0
    for point in POINTS * 3:
        office.kill = point
        severity = ("minor", "severe", "extreme")[number % 3]
        await office.enqueue(notification(severity=severity, at=office.at))
        number += 1
        await office.work(dt.timedelta(minutes=11))
    for _ in range(4):
        await office.work(dt.timedelta(hours=1))
    await accounted(office, number)
    ids = {message.id for _, message in (*office.mail.pages, *office.sms.pages)}
    assert ids <= {str(row["id"]) for row in await office.messages()}


async def test_an_answer_that_is_lost_sends_the_same_id_again(office: Office) -> None:
    await office.person("lan", MAIL)
    office.mail.lost = True
    await office.tell(notification())
    office.mail.lost = False
    await office.work(dt.timedelta(minutes=1))
    first, second = office.mail.pages
    assert first[1].id == second[1].id
    assert first[1].text == second[1].text
    assert first[1].receipt != second[1].receipt


async def test_a_slow_channel_holds_up_no_other(office: Office) -> None:
    await office.person("lan", MAIL)
    await office.person("mai", SMS)
    office.mail.gate.clear()
    hurried = [notification("lan", topic="escalation") for _ in range(30)]
    await office.enqueue(*hurried, notification("mai", topic="escalation"))
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(office.teller.run(), name="teller")
        await until(lambda: len(office.sms.pages) == 1, 20, "the other channel")
        assert office.mail.pages == []
        office.mail.gate.set()
        await until(lambda: len(office.mail.pages) == 1, 20, "the slow channel")
        await until(lambda: office.teller.figures.told == 2, 20, "both outcomes")
        work.cancel()
    await accounted(office, 31)


async def test_while_the_database_stands_still_nothing_is_lost(office: Office) -> None:
    await office.person("lan", MAIL)
    office.mail.gate.clear()
    await office.enqueue(notification("lan", topic="escalation"))
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(office.teller.run(), name="teller")
        await until(lambda: office.mail.asked == 1, 20, "a sending")
        await office.admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()"
        )
        office.mail.gate.set()
        await until(lambda: office.teller.figures.told == 1, 30, "the outcome")
        work.cancel()
    assert len({message.id for _, message in office.mail.pages}) == 1
    await accounted(office, 1)


async def test_a_storm_goes_through_in_seconds(office: Office) -> None:
    """10,000 notifications to 200 people. The bound is loose, for a busy machine; it takes a second or two."""
    people = [f"p{number}" for number in range(200)]
    for name in people:
        await office.person(name, MAIL | {"address": f"{name}@example.vn"})
    storm = [
        notification(people[number % 200], topic="escalation", severity="severe", ticket=str(uuid.uuid4()))
        for number in range(10_000)
    ]
    for first in range(0, 10_000, 1_000):
        await office.enqueue(*storm[first : first + 1_000])
    async with asyncio.TaskGroup() as tasks:
        began = time.monotonic()
        work = tasks.create_task(office.teller.run(), name="teller")
        await until(lambda: office.teller.figures.told == 200, 60, "everybody to be told")
        took = time.monotonic() - began
        work.cancel()
    assert took < 30, took
    await accounted(office, 10_000)
    assert Counter(address for address, _ in office.mail.pages) == {f"{name}@example.vn": 1 for name in people}


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_in_whatever_order_everything_ends_once(office: Office, seed: int) -> None:
    """Failures, stops, jumps of the clock, readers and receipts as a seed throws them; then the world is left alone."""
    dice = random.Random(seed)
    await office.person("lan", MAIL, SMS, quiet=(dt.time(22), dt.time(6)))
    await office.person("mai", SMS)
    await office.person("an")
    outcomes: list[Outcome] = [Told(), Accepted(), Again(reason="busy"), Refused(reason="no")]
    for book in (office.mail, office.sms):
        book.answer = lambda message, address: dice.choice(outcomes)
    number = 0
    for _ in range(25):
        some = [
            notification(dice.choice(["lan", "mai", "an", "nobody"]), at=office.at, group=dice.choice("abc"),
                         severity=dice.choice(ORDER), topic=dice.choice(["ticket", "escalation"]))
            for _ in range(dice.randrange(4))
        ]  # fmt: skip
        number += len(some)
        await office.enqueue(*some)
        office.kill = dice.choice(["", *POINTS])
        office.mail.lost = dice.random() < 0.3
        jump = dice.choice([1, 40, 400, 4_000, 40_000, -40_000])
        await office.work(dt.timedelta(seconds=jump))
        if dice.random() < 0.2:
            async with office.database.transaction(EVERYTHING) as transaction:
                await told.read(transaction, dice.choice(["lan", "mai", "an"]), office.at, through=dice.randrange(60))
    office.kill = ""
    for _ in range(60):
        await office.work(dt.timedelta(hours=1))
    await accounted(office, number)
    kept = {str(row["id"]) for row in await office.messages()}
    assert {message.id for _, message in (*office.mail.pages, *office.sms.pages)} <= kept


async def test_somebody_who_cannot_be_told_holds_up_nobody_and_is_told_later(office: Office) -> None:
    """Contacts of a later version, say, which cannot be read: in a page of people, and of a message on its way."""
    await office.person("lan", MAIL)
    await office.person("mai", MAIL | {"address": "mai@example.vn"})
    office.mail.answer = lambda message, address: Accepted()
    await office.tell(notification("lan", severity="severe"))
    await office.admin.execute("""update contacts set channels = '[{"channel": "pigeon"}]' where login = 'lan'""")
    await office.admin.execute("update messages set state = 'due', route = '[]', channel = ''")
    await office.enqueue(notification("lan"), notification("mai"))
    office.at += RECEIPT
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(office.teller.run(), name="teller")
        await until(lambda: "mai@example.vn" in [address for address, _ in office.mail.pages], 20, "mai")
        await office.enqueue(notification("mai"))
        office.at += FIRST
        await until(lambda: office.teller.figures.told == 2, 20, "mai again")
        work.cancel()
    await office.admin.execute("update contacts set channels = $1 where login = 'lan'", json.dumps([MAIL]))
    await office.work(PUT_OFF)
    await office.work(RECEIPT)
    await accounted(office, 4)
