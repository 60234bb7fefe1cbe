"""S1: the intake is killed at any moment under load: nothing acknowledged is missing, nothing is there twice."""

import random
from collections.abc import Callable

import pytest

from tests.fakes import armed
from tests.faults.conftest import Open

pytestmark = pytest.mark.promise("S1")

RATE = 1500.0


async def test_kills_at_random_moments(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """kill -9 after a random number of messages, again and again, with a new process each time."""
    kills, resumed = 100 if long else 4, []
    async with world() as centre:
        intake = await centre.intake()
        load = centre.load(rates=[(3600, RATE)], repeats=0.05, poison_every=97, seed=chance.randrange(10**6))
        for _ in range(kills):
            await load.acknowledged(chance.randrange(100, 2000))
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


@pytest.mark.parametrize("point", armed.INTAKE)
async def test_kill_at_an_armed_point(
    world: Open, chance: random.Random, point: str, tell: Callable[..., None]
) -> None:
    """The process ends itself between two given lines, at a passing that the seed chooses."""
    if why := armed.why_not("intake"):
        pytest.skip(why)
    async with world() as centre:
        load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
        intake = centre.start("intake", point, str(chance.randrange(1, 30)), module="tests.fakes.armed")
        assert await intake.ended(60) == -9, intake.said()[-2000:]
        before = await centre.position()
        await centre.intake()
        resumed = await centre.moved(before)
        account = await centre.settled(await load.finished())
    tell(point=point, kept=account.kept, lost=len(account.lost), twice=len(account.twice), resume_s=resumed)
    assert account.well, account
