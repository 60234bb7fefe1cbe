"""Updates go to a real receiver that fails on purpose: each once by its id, in order, or given up with the reason."""

import datetime as dt
import random
import secrets

import asyncpg
import orjson
import pytest

from ioc.access.scope import EVERYTHING
from ioc.answering import Answering
from ioc.outbound import Allowed, Outbound
from ioc.store import endpoints
from ioc.store.database import Database
from ioc.tell import signing
from ioc.tell.endpoint import Endpoint
from ioc.tell.order import Patience
from tests.fakes.answered import told_by, updates_of, whole_life
from tests.fakes.hook_receiver import FAILURES, HookReceiver, receiving
from tests.fakes.things import NOW
from tests.fakes.ticket_days import Days
from tests.fakes.tickets import incident

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSBob3RsaW5lIG9mIFF1YW5nIE5hbQ=="
LOOPBACK = Allowed.parse("127.0.0.0/8")


class Clock:
    """The clock of what sends."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> dt.datetime:
        return self.at


async def endpoint(database: Database, receiver: HookReceiver, code: str = "1022") -> None:
    """The endpoint of a channel."""
    async with database.transaction(EVERYTHING) as transaction:
        one = Endpoint(
            code=code, kind="channel", name="Tổng đài 1022", centre="quang-nam", address=f"{receiver.url}/updates",
            secret=SECRET, changed_at=NOW, changed_by="admin",
        )  # fmt: skip
        assert await endpoints.create(transaction, one)


def answering(database: Database, outbound: Outbound, clock: Clock, **more: object) -> Answering:
    return Answering(database, outbound, clock, entropy=secrets.token_bytes, chance=lambda: 0.5, source="/test", **more)  # type: ignore[arg-type]


async def reported(database: Database, reports: int = 1) -> Days:
    """Reports of an incident, and the whole life of its ticket."""
    for number in range(reports):
        await told_by(database, str(number), incident(1001).id)
    days = Days(database, 1)
    await whole_life(days, await days.open())
    return days


def steps(receiver: HookReceiver, number: str) -> list[str]:
    """What a report's channel was told, each id once."""
    events = {one["id"]: one for one in map(orjson.loads, (asked.body for asked in receiver.taken))}
    return [one["data"]["step"] for one in events.values() if one["data"]["service_request_id"] == number]


WHOLE = ["sent", "accepted", "working", "resolved", "done"]


async def until_settled(work: Answering, clock: Clock, database: Database) -> None:
    """Turn after turn, the clock going on, until nothing is left to send."""
    for _ in range(400):
        while await work.turn():
            pass
        if not [one for one in await updates_of(database) if one.state == "offered"]:
            return
        clock.at += dt.timedelta(minutes=5)
    pytest.fail("it never ends")


async def test_a_channel_is_told_each_step_signed_and_in_order(database: Database) -> None:
    days, clock = await reported(database, 2), Clock()
    async with receiving() as receiver, Outbound.open(LOOPBACK) as outbound:
        await endpoint(database, receiver)
        clock.at = days.at
        await until_settled(answering(database, outbound, clock), clock, database)
        assert steps(receiver, "0") == steps(receiver, "1") == WHOLE
        asked = receiver.taken[0]
        id = signing.verify(asked.headers, asked.body, [signing.key_of(SECRET)], clock.at.timestamp())  # noqa: A001
        said = orjson.loads(asked.body)
        assert (said["id"], said["type"], said["subject"]) == (id, "vn.ioc.report.updated.v1", "1022:0")
        assert said["data"]["status"] == "open"
        assert "Bí Mật".encode() not in b"".join(one.body for one in receiver.taken)


async def test_a_channel_without_an_endpoint_is_waited_for(database: Database) -> None:
    days, clock = await reported(database), Clock()
    clock.at = days.at
    async with receiving() as receiver, Outbound.open(LOOPBACK) as outbound:
        work = answering(database, outbound, clock)
        assert not await work.turn()
        assert {one.state for one in await updates_of(database)} == {"offered"}
        await endpoint(database, receiver)
        await until_settled(work, clock, database)
        assert steps(receiver, "0") == WHOLE


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_fails_each_is_told_once_or_given_up_with_its_reason(database: Database, seed: int) -> None:
    """`hang` is left out here: its deadline is that of one request, tried in the tests of webhooks."""
    days, clock, chance = await reported(database, 4), Clock(), random.Random(seed)
    clock.at = days.at
    async with receiving() as receiver, Outbound.open(LOOPBACK) as outbound:
        await endpoint(database, receiver)
        plan = [chance.choice(["", *(one for one in FAILURES if one != "hang")]) for _ in range(400)]
        receiver.fails = lambda number: plan[number % len(plan)]
        work = answering(database, outbound, clock, patience=Patience(last_tries=6))
        await until_settled(work, clock, database)
        told = {one["id"] for one in map(orjson.loads, (asked.body for asked in receiver.taken))}
        for one in await updates_of(database):
            assert (one.state == "told") <= (str(one.id) in told), one
            assert (one.state == "dead") == bool(one.reason), one
        for number in "0123":
            found = steps(receiver, number)
            assert found == [step for step in WHOLE if step in found], "in order"
        assert work.sent + work.given_up == len(await updates_of(database)) == 20


async def test_who_is_killed_between_sending_and_writing_sends_the_same_again(database: Database) -> None:
    days, clock = await reported(database), Clock()
    clock.at = days.at
    async with receiving() as receiver, Outbound.open(LOOPBACK) as outbound:
        await endpoint(database, receiver)
        work = answering(database, outbound, clock)
        work._verdict = lambda update, outcome: 1 / 0  # type: ignore[assignment]
        with pytest.raises(ExceptionGroup):
            await work.turn()
        await until_settled(answering(database, outbound, clock), clock, database)
        assert steps(receiver, "0") == WHOLE
        assert len(receiver.taken) == len(WHOLE) + 1
        assert receiver.taken[0].body == receiver.taken[1].body


async def test_an_update_that_cannot_be_made_holds_up_no_other(database: Database) -> None:
    days, clock = await reported(database, 2), Clock()
    clock.at = days.at
    async with database.transaction(EVERYTHING) as transaction:
        await transaction.connection.execute(
            "update report_updates set step = 'a step of a later version' where number = '0' and step = 'working'"
        )
    async with receiving() as receiver, Outbound.open(LOOPBACK) as outbound:
        await endpoint(database, receiver)
        await until_settled(answering(database, outbound, clock, patience=Patience(last_tries=3)), clock, database)
        assert steps(receiver, "1") == WHOLE
        assert steps(receiver, "0") == [step for step in WHOLE if step != "working"]
    [bad] = await updates_of(database, state="dead")
    assert "KeyError" in bad.reason


async def test_late_joiners_that_cannot_be_offered_their_step_keep_nobody_waiting(
    database: Database, admin: asyncpg.Connection
) -> None:
    days, clock = await reported(database), Clock()
    await days.open()
    await told_by(database, "late", incident(1002).id)
    await admin.execute("alter table report_updates add constraint no_more check (number <> 'late')")
    clock.at = days.at
    async with receiving() as receiver, Outbound.open(LOOPBACK) as outbound:
        await endpoint(database, receiver)
        await until_settled(answering(database, outbound, clock), clock, database)
        assert steps(receiver, "0") == WHOLE
