"""S1: the intake is killed at any moment under load: nothing acknowledged is missing, nothing is there twice."""

import random
from collections.abc import Callable

import pytest

from tests.fakes import armed
from tests.faults.conftest import Open

pytestmark = pytest.mark.promise("S1")

RATE = 1500.0
SLOWER = 500.0
"""Where the intake is down more often than up: it still catches up, and no queue of the broker overflows."""


async def test_kills_at_random_moments(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """kill -9 after a random number of messages, again and again, with a new process each time."""
    kills, resumed = 100 if long else 3, []
    async with world() as centre:
        intake = await centre.intake()
        load = centre.load(rates=[(3600, SLOWER)], repeats=0.05, poison_every=97, seed=chance.randrange(10**6))
        for _ in range(kills):
            await load.acknowledged(chance.randrange(20, 600))
            intake.kill()
            before = await centre.position()
            intake = centre.start("intake")
            resumed.append(await centre.moved(before))
        account = await centre.settled(await load.finished())
    tell(
        kills=kills,
        messages=account.kept + account.refused,
        lost=len(account.lost),
        twice=len(account.twice),
        longest_resume_s=max(resumed),
        refused_again=account.again,
    )
    assert account.well, account
    assert account.unacknowledged == 0


@pytest.mark.promise("S1", seeds=1)
async def test_kills_at_armed_points(world: Open, chance: random.Random, tell: Callable[..., None]) -> None:
    """The process ends itself between two given lines, at a passing that the seed chooses; one point after another."""
    points, resumed = chance.sample(armed.INTAKE, len(armed.INTAKE)), []
    async with world() as centre:
        (await centre.intake()).kill()
        load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
        for point in points:
            intake = centre.start("intake", point, str(chance.randrange(1, 10)), module="tests.fakes.armed")
            assert await intake.ended(60) == -9, f"{point}: {intake.said()[-2000:]}"
            resumed.append(point)
        intake = await centre.intake()
        account = await centre.settled(await load.finished())
    tell(kills=len(resumed), kept=account.kept, lost=len(account.lost), twice=len(account.twice))
    assert account.well, account


@pytest.mark.promise("S1", seeds=1)
async def test_kills_at_armed_points_of_the_spool(
    world: Open, chance: random.Random, tell: Callable[..., None]
) -> None:
    """While PostgreSQL is away the process ends itself around the spool's fsync; when it is back, while it drains."""
    async with world() as centre:
        (await centre.intake()).kill()
        load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
        await centre.postgres.stop()
        for point in ("spool-written", "spool-synced"):
            intake = centre.start("intake", point, str(chance.randrange(1, 10)), module="tests.fakes.armed")
            assert await intake.ended(60) == -9, f"{point}: {intake.said()[-2000:]}"
        await centre.postgres.start()
        intake = centre.start("intake", "drained", "1", module="tests.fakes.armed")
        assert await intake.ended(60) == -9, intake.said()[-2000:]
        await centre.intake()
        account = await centre.settled(await load.finished())
    tell(kills=3, kept=account.kept, lost=len(account.lost), twice=len(account.twice))
    assert account.well, account
