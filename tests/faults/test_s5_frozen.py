"""S5: PostgreSQL is frozen (its sockets stay open, nobody answers): nothing is lost, and it goes on afterwards."""

import random
import time
from collections.abc import Callable

import pytest

from tests.faults.conftest import Open

pytestmark = pytest.mark.promise("S5", seeds=1)

RATE = 1000.0


async def test_stopped_by_a_signal(world: Open, chance: random.Random, long: bool, tell: Callable[..., None]) -> None:
    """SIGSTOP to every process of the server, SIGCONT after a while."""
    frozen_s = 60 if long else 6
    async with world() as centre:
        intake = await centre.intake()
        load = centre.load(rates=[(3600, RATE)], repeats=0.02, seed=chance.randrange(10**6))
        await load.acknowledged(1000)
        began = time.monotonic()
        centre.postgres.process.freeze()
        await load.acknowledged(int(frozen_s * RATE * 0.9), seconds=frozen_s * 3 + 30)
        centre.postgres.process.thaw()
        frozen_s = time.monotonic() - began
        before = await centre.position()
        resumed = await centre.moved(before)
        account = await centre.settled(await load.finished())
        assert intake.code is None, intake.said()[-2000:]
    tell(
        frozen_s=frozen_s,
        kept=account.kept,
        lost=len(account.lost),
        twice=len(account.twice),
        recovery_s=resumed,
    )
    assert account.well, account
    assert account.unacknowledged == 0
