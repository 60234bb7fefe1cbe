"""S7: fsync returns an error: nothing is acknowledged on its word, and what was safe before stays readable."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import Open
from tests.instruments import disk
from tests.instruments.proxy import Proxy
from tests.instruments.servers import OwnPostgres
from tests.instruments.waiting import until

pytestmark = [
    pytest.mark.promise("S7", seeds=1),
    pytest.mark.skipif(bool(disk.why_no_failing_fsync()), reason=f"not tried: {disk.why_no_failing_fsync()}"),
]

RATE = 1000.0


async def test_of_postgresqls_log(
    world: Open, own_postgres: OwnPostgres, folder: Path, chance: random.Random, tell: Callable[..., None]
) -> None:
    """PostgreSQL panics, as its data_sync_retry says, and recovers; the intake repeats what has no answer."""
    trace = folder / "failed"
    await own_postgres.stop()
    own_postgres.environment = disk.preload(
        disk.failing_fsync(folder), "pg_wal", chance.randrange(20, 80), trace, times=2
    )
    try:
        async with world() as centre:
            intake = await centre.intake()
            load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
            await until(lambda: trace.stat().st_size == 2, 90, "two failed fsyncs")
            resumed = await centre.moved(await centre.position())
            await load.acknowledged(500)
            account = await centre.settled(await load.finished())
            assert intake.code is None, intake.said()[-2000:]
            assert "PANIC" in own_postgres.process.said()
            await own_postgres.stop()
            own_postgres.environment = {}
    finally:
        own_postgres.environment = {}
    tell(
        of="PostgreSQL", failed=2, kept=account.kept, lost=len(account.lost), twice=len(account.twice), resume_s=resumed
    )
    assert account.well, account


async def test_of_the_spool(world: Open, folder: Path, chance: random.Random, tell: Callable[..., None]) -> None:
    """With PostgreSQL away fsyncs of the spool fail for a while: nothing is acknowledged on their word, and it is said.

    Once the disk works again, so does the intake; and what it had acknowledged before is read by the next process.
    """
    trace, times = folder / "failed", 8
    failing = disk.preload(disk.failing_fsync(folder), "/spool/", chance.randrange(3, 15), trace, times)
    async with world() as centre:
        with Proxy(centre.broker.port) as proxy:
            centre.broker_port = proxy.port
            intake = centre.start("intake", more=failing)
            await centre.listening(intake)
            load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
            await load.acknowledged(500)
            await centre.postgres.stop()
            acknowledged = await centre.stopped(proxy, "fsync_failed", 90)
            await until(lambda: trace.stat().st_size >= times - 1, 30, "more failed fsyncs")
            after_the_error = proxy.acknowledged - acknowledged
            await until(lambda: centre.intake_state()["acknowledging"], 30, "an intake that acknowledges again")
            assert proxy.acknowledged > acknowledged
            failures = centre.intake_state()["spool"]["sync_failures"]
            intake.kill()
        centre.broker_port = 0
        await centre.postgres.start()
        await centre.intake()
        account = await centre.settled(await load.finished())
    tell(
        of="spool",
        failed=times,
        acknowledged_after_the_error=after_the_error,
        kept=account.kept,
        lost=len(account.lost),
        twice=len(account.twice),
    )
    assert account.well, account
    assert after_the_error == 0
    assert failures > 0
