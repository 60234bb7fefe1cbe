"""S5: PostgreSQL is frozen (its sockets stay open, nobody answers): nothing is lost, and it goes on afterwards."""

import random
import time
from collections.abc import Callable

import pytest

from tests.faults.conftest import Open
from tests.instruments.served import Asked, Served, needs_wall, served
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("S5", seeds=1)

RATE = 1000.0

LONGEST_S = 10.0
"""What a request may take at the most while nobody answers behind it: it is refused then, and does not hang."""


@needs_wall
async def test_stopped_by_a_signal(world: Open, chance: random.Random, long: bool, tell: Callable[..., None]) -> None:
    """SIGSTOP to every process of the server, SIGCONT after a while; meanwhile somebody asks the API."""
    frozen_s = 60 if long else 6
    async with world() as centre:
        intake = await centre.intake()
        server = await served(centre)
        load = centre.load(rates=[(3600, RATE)], repeats=0.02, seed=chance.randrange(10**6))
        await load.acknowledged(1000)
        began = time.monotonic()
        centre.postgres.process.freeze()
        async with server.asking("/api/v1/gaps") as asked:
            await load.acknowledged(int(frozen_s * RATE * 0.9), seconds=frozen_s * 3 + 30)
            told = centre.intake_state()
            alive, _ = await server.get("/healthz")
            centre.postgres.process.thaw()
        frozen_s = time.monotonic() - began
        resumed = await centre.moved(await centre.position())
        await until(lambda: _answers(server), 30, "an API that answers as before", every_s=0.1)
        answering = time.monotonic() - began - frozen_s
        account = await centre.settled(await load.finished())
        assert intake.code is None, intake.said()[-2000:]
    tell(
        frozen_s=frozen_s,
        kept=account.kept,
        lost=len(account.lost),
        twice=len(account.twice),
        spool_bytes=told["spool"]["bytes"],
        asked=len(asked.statuses),
        answered_503=asked.statuses.count(503),
        api_p99_s=asked.p99_s,
        recovery_s=resumed,
        api_recovery_s=answering,
    )
    assert account.well, account
    assert account.unacknowledged == 0
    assert told["acknowledging"] is True
    assert told["spool"]["bytes"] > 0
    assert alive == 200
    _refused_and_did_not_hang(asked)


def _refused_and_did_not_hang(asked: Asked) -> None:
    assert set(asked.statuses) <= {200, 503}
    assert 503 in asked.statuses
    assert asked.p99_s < LONGEST_S


async def _answers(server: Served) -> bool:
    return (await server.get("/api/v1/gaps"))[0] == 200
