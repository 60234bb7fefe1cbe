"""The feed to the security centre, against a real receiver over TLS that is cut and comes back."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest

from ioc.access.scope import EVERYTHING
from ioc.audit import cef
from ioc.audit.chain import START
from ioc.sealer import Sealer
from ioc.soc import CURSOR, Feed, Target, context, metrics, trial
from ioc.store import audit, journal
from ioc.store.audit import Deed
from ioc.store.database import Database
from tests.fakes.soc import Papers, papers, receiving

SOURCE = cef.Source(host="ioc", process=1, version="0.1.0")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("papers"))


def target(paper: Papers, port: int, **more: str) -> Target:
    return Target(host="localhost", port=port, **({"ca": paper.ca} | more))  # type: ignore[arg-type]


async def write(database: Database, number: int) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for _ in range(number):
            await audit.record(transaction, Deed(act="media.read", who="operator", kind="media"), now())
    await Sealer(database, now).seal_all()


async def settled(database: Database, seq: int) -> None:
    async with asyncio.timeout(20):
        while True:
            async with database.transaction(EVERYTHING) as transaction:
                if await journal.cursor(transaction, CURSOR) >= seq:
                    return
            await asyncio.sleep(0.05)


async def test_everything_arrives_in_order_through_cuts_and_restarts(database: Database, paper: Papers) -> None:
    """Rows written while the receiver is away are sent when it is back; what was under way comes again."""
    async with receiving(paper) as receiver, asyncio.TaskGroup() as tasks:
        feed = Feed(database, target(paper, receiver.port), SOURCE, now, settled_s=0.2, first_wait_s=0.05)
        running = tasks.create_task(feed.run(), name="feed")
        await write(database, 450)
        feed.wake()
        await receiver.until(451)
        await settled(database, 451)
        for last in (461, 471):
            await receiver.cut()
            await write(database, 10)
            feed.wake()
            async with asyncio.timeout(20):
                while feed.figures.connected:
                    await asyncio.sleep(0.01)
            await receiver.start()
            await receiver.until(last)
        await settled(database, 471)
        running.cancel()
    first_times = list(dict.fromkeys(receiver.numbers()))
    assert first_times == list(range(1, 472))
    assert feed.figures.dropped == 0
    assert feed.figures.failures >= 2
    assert metrics(feed.figures)["ioc_soc_sent_total"] >= 471


async def test_a_new_feed_goes_on_where_the_cursor_is(database: Database, paper: Papers) -> None:
    async with receiving(paper) as receiver:
        for last, first in ((4, 1), (7, 5)):
            receiver.messages.clear()
            await write(database, 3)
            feed = Feed(database, target(paper, receiver.port), SOURCE, now, settled_s=0.05)
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(feed.run(), name="feed")
                await receiver.until(last)
                await settled(database, last)
                running.cancel()
            assert receiver.numbers() == list(range(first, last + 1))
        heads = [message for message in receiver.messages if b"audit.head" in message]
        assert heads


async def test_nothing_is_settled_while_nobody_listens(database: Database, paper: Papers) -> None:
    """Work goes on; the rows wait, and are counted."""
    async with receiving(paper) as receiver:
        port = receiver.port
    feed = Feed(database, target(paper, port), SOURCE, now, first_wait_s=0.01)
    await write(database, 5)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(feed.run(), name="feed")
        async with asyncio.timeout(20):
            while feed.figures.failures < 3:
                await asyncio.sleep(0.01)
        running.cancel()
    assert (feed.figures.lag, feed.figures.sent, feed.figures.problem) == (6, 0, "unreachable")


async def test_a_trial_tells_how_it_went(paper: Papers, tmp_path: Path) -> None:
    other = papers(tmp_path)
    async with receiving(paper) as receiver:
        good = await trial(target(paper, receiver.port), SOURCE, START, now())
        assert (good.sent, good.problem) == (True, "none")
        assert len(receiver.messages) == 1
        assert b"act=soc.test" in receiver.messages[0]
        strange = await trial(target(other, receiver.port), SOURCE, START, now())
        assert (strange.sent, strange.problem) == (False, "certificate")
        unreadable = await trial(target(paper, receiver.port, ca=str(tmp_path / "none")), SOURCE, START, now())
        assert (unreadable.sent, unreadable.problem) == (False, "certificate")
        named = await trial(Target(host="127.0.0.1", port=receiver.port, ca=paper.ca), SOURCE, START, now())
        assert not named.sent
    nobody = await trial(target(paper, receiver.port), SOURCE, START, now())
    assert (nobody.sent, nobody.problem) == (False, "unreachable")
    assert len(receiver.messages) == 1


async def test_a_receiver_that_asks_for_our_certificate_gets_it(paper: Papers) -> None:
    async with receiving(paper, asks_certificate=True) as receiver:
        without = await trial(target(paper, receiver.port), SOURCE, START, now())
        assert not without.sent
        assert receiver.messages == []
        with_it = await trial(target(paper, receiver.port, certificate=paper.client), SOURCE, START, now())
        assert (with_it.sent, with_it.detail) == (True, "")
        assert len(receiver.messages) == 1


def test_old_tls_and_unchecked_names_are_not_spoken(paper: Papers) -> None:
    made = context(target(paper, 1))
    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert made.check_hostname
    assert made.verify_mode is ssl.CERT_REQUIRED
