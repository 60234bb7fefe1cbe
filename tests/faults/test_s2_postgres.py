"""S2: a PostgreSQL backend or the postmaster is killed under load: lost nothing, twice nothing."""

import os
import random
import signal
from collections.abc import Callable

import pytest

from tests.faults.conftest import Open
from tests.instruments.world import World

pytestmark = pytest.mark.promise("S2", seeds=1)

RATE = 1000.0

BACKENDS = "select pid from pg_stat_activity where usename = 'ioc_app' and datname = current_database()"


async def kill_backend(centre: World, chance: random.Random) -> None:
    """kill -9 of one of the service's backends; the postmaster then restarts all of them."""
    backends = [row["pid"] for row in await centre.rows(BACKENDS)]
    if backends:
        os.kill(chance.choice(backends), signal.SIGKILL)


async def kill_postmaster(centre: World, chance: random.Random) -> None:
    """kill -9 of the server itself, and a start on the same data."""
    centre.postgres.kill()
    await centre.postgres.start()


@pytest.mark.parametrize("kill", [kill_backend, kill_postmaster])
async def test_kills_at_random_moments(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None], kill: Callable[..., None]
) -> None:
    """After a random number of messages, again and again, while the same intake goes on."""
    kills, resumed = 100 if long else 2, []
    async with world() as centre:
        intake = await centre.intake()
        load = centre.load(rates=[(3600, RATE)], repeats=0.05, poison_every=97, seed=chance.randrange(10**6))
        for _ in range(kills):
            await load.acknowledged(chance.randrange(50, 1000))
            before = await centre.position()
            await kill(centre, chance)
            resumed.append(await centre.moved(before))
            assert intake.code is None, f"the intake ended: {intake.said()[-2000:]}"
        account = await centre.settled(await load.finished())
    tell(
        of=kill.__name__.removeprefix("kill_"),
        kills=kills,
        messages=account.kept + account.refused,
        lost=len(account.lost),
        twice=len(account.twice),
        longest_to_first_commit_s=max(resumed),
    )
    assert account.well, account
    assert account.unacknowledged == 0
