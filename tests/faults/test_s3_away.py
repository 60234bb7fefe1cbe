"""S3: PostgreSQL is away: nothing is lost, and the broker goes on taking messages over."""

import random
import time
from collections.abc import Callable

import pytest

from tests.faults.conftest import Open
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("S3", seeds=1)

RATE = 1000.0


async def test_stopped_for_a_while(world: Open, chance: random.Random, long: bool, tell: Callable[..., None]) -> None:
    """The fast shutdown, so many messages meanwhile, and a start again; then more, so that the order is tried too."""
    meanwhile = 300_000 if long else 5000
    async with world() as centre:
        intake = await centre.intake()
        load = centre.load(rates=[(3600, RATE)], repeats=0.02, poison_every=197, seed=chance.randrange(10**6))
        await load.acknowledged(1000)
        await centre.postgres.stop()
        await load.acknowledged(meanwhile, seconds=meanwhile / RATE * 3 + 60)
        told = centre.intake_state()["spool"]
        await centre.postgres.start()
        before = await centre.position()
        resumed, began = await centre.moved(before), time.monotonic()
        await until(lambda: not centre.intake_state()["spool"]["batches"], 600, "an empty spool")
        drained = time.monotonic() - began
        await load.acknowledged(1000)
        account = await centre.settled(await load.finished(), seconds=600 if long else 120)
        assert intake.code is None, intake.said()[-2000:]
    tell(
        away_messages=meanwhile,
        kept=account.kept,
        lost=len(account.lost),
        twice=len(account.twice),
        spool_bytes=told["bytes"],
        spool_messages=told["messages"],
        drained_per_s=told["messages"] / drained,
        resume_s=resumed,
    )
    assert account.well, account
    assert account.unacknowledged == 0
    assert told["bytes"] > 0


async def test_an_intake_that_starts_while_postgresql_is_away_says_so_in_one_sentence_or_waits(world: Open) -> None:
    """Whoever restarts it gets a clear word, no traceback; and with PostgreSQL back it works."""
    async with world() as centre:
        (await centre.intake()).kill()  # from the first connection on, the broker knows for whom it holds messages
        load = centre.load(rates=[(3600, 600)])
        await load.acknowledged(200)
        await centre.postgres.stop()
        early = centre.start("intake")
        await load.acknowledged(600)
        assert "Traceback" not in early.said()
        if early.code is not None:
            assert early.code == 1
            assert "PostgreSQL cannot be used" in early.said()
        await centre.postgres.start()
        if early.code is not None:
            await centre.intake()
        account = await centre.settled(await load.finished())
    assert account.well, account
