"""L2: a tenfold burst delays and loses nothing."""

import random
import time
from collections.abc import Callable

import pytest

from tests.faults.conftest import Open
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("L2", seeds=1)

LAG = """
select extract(epoch from max(arrived_at - at))::float8 as longest,
       percentile_cont(0.99) within group (order by extract(epoch from arrived_at - at))::float8 as p99
from outside.kept
"""


async def test_ten_times_the_rate_for_a_while(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """The generator's rate steps up and down; the lag is from the device's clock to the arrival at the centre."""
    rate, before_s, burst_s = (1000.0, 20, 60) if long else (400.0, 2, 4)
    async with world(devices=400) as centre:
        intake = await centre.intake()
        plan = [(before_s, rate), (burst_s, rate * 10), (before_s, rate)]
        load = centre.load(rates=plan, connections=8, seed=chance.randrange(10**6))
        ledger = await load.over(seconds=burst_s * 10 + 120)
        began = time.monotonic()
        account = await centre.settled(ledger, seconds=300)
        drained = time.monotonic() - began
        await until(lambda: centre.rows("select 1"), 10, "the database")
        lag = (await centre.rows(LAG))[0]
        assert intake.code is None, intake.said()[-2000:]
    tell(
        burst_per_s=rate * 10,
        kept=account.kept,
        lost=len(account.lost),
        twice=len(account.twice),
        longest_lag_s=lag["longest"],
        p99_s=lag["p99"],
        drained_after_s=drained,
    )
    assert account.well, account
    assert account.unacknowledged == 0
