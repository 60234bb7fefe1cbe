"""L3: all devices reconnect at once after the broker was killed and started again."""

import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import Open
from tests.faults.test_s4_broker import outage, saved
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("L3", seeds=1)


async def test_a_restarted_broker_gets_them_all_back(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """One connection a device; seconds until 99 % of them are connected again, and what was lost."""
    devices = 10_000 if long else 500
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if files < devices + 200:
        pytest.skip(f"not tried: {devices} devices need as many open files, this user may have {files}")
    async with world(devices=devices) as centre:
        intake = await centre.intake()
        load = centre.load(rates=[(3600, devices / 2)], connections=devices, seed=chance.randrange(10**6))
        await until(lambda: connected(centre.broker.port) >= devices, 120, "all devices connected")
        await load.acknowledged(devices)
        await saved(centre)
        down = await outage(centre)
        began = time.monotonic()
        await until(lambda: connected(centre.broker.port) >= 0.99 * devices, 120, "99 % of the devices back")
        back = time.monotonic() - began
        await centre.moved(await centre.position())
        await load.acknowledged(devices, seconds=120)
        account = await centre.settled(await load.finished())
        assert intake.code is None, intake.said()[-2000:]
    older = [one for one in account.named if not down.excuses(one)]
    tell(
        devices=devices,
        back_99_percent_s=back,
        kept=account.kept,
        gone_of_the_last_second=account.missing - len(older),
        named_by_the_gap_report=account.missing,
        lost=len(account.lost) + len(older),
        twice=len(account.twice),
    )
    assert account.well, account
    assert not older, account


def connected(port: int) -> int:
    """How many connections to the port are established, by the kernel's table."""
    number = 0
    with Path("/proc/net/tcp").open() as table:
        for line in table:
            words = line.split()
            number += words[3] == "01" and words[2].endswith(f":{port:04X}")
    return number
