"""S10: a peer that falls silent without a word is noticed, and the work goes on when it is back."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.faults.conftest import Open
from tests.instruments.proxy import Proxy
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("S10")

RATE = 200.0
PATIENCE_S = 100.0
"""Three times the slowest deadline of ours (MQTT keep alive and command timeout of 20 to 30 s)."""


async def test_broker_and_database_freeze_without_a_fin(world: Open, tell: Callable[..., None]) -> None:
    """Two centres at a time: behind one proxy the broker freezes, behind the other the database."""
    broker_s, database_s = await asyncio.gather(_frozen_broker(world), _frozen_database(world))
    tell(broker_noticed_s=broker_s, database_noticed_s=database_s)
    assert broker_s < PATIENCE_S
    assert database_s < PATIENCE_S


async def _frozen_broker(world: Open) -> float:
    """Seconds until the intake dials again."""
    async with world(name="b") as centre:
        with Proxy(centre.broker.port) as proxy:
            centre.broker_port = proxy.port
            intake = await centre.intake()
            load = centre.load(rates=[(3600, RATE)])
            await load.acknowledged(200)
            dialled, began = proxy.accepted, time.monotonic()
            proxy.freeze()
            await until(lambda: proxy.accepted > dialled, PATIENCE_S, "the intake to dial again")
            noticed = time.monotonic() - began
            proxy.through()
            await centre.moved(await centre.position())
            account = await centre.settled(await load.finished())
            assert account.well, account
            assert intake.code is None, intake.said()[-2000:]
    return noticed


async def _frozen_database(world: Open) -> float:
    """Seconds until the intake turns to a new connection."""
    async with world(name="d") as centre:
        with Proxy(centre.postgres.port) as proxy:
            centre.database_port = proxy.port
            intake = await centre.intake()
            load = centre.load(rates=[(3600, RATE)])
            await load.acknowledged(200)
            dialled, began = proxy.accepted, time.monotonic()
            proxy.freeze()
            await until(lambda: proxy.accepted > dialled, PATIENCE_S, "the intake to connect again")
            noticed = time.monotonic() - began
            proxy.through()
            await centre.moved(await centre.position())
            account = await centre.settled(await load.finished())
            assert account.well, account
            assert intake.code is None, intake.said()[-2000:]
    return noticed
