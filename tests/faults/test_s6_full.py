"""S6: the disk is full, under PostgreSQL or under the spool: lost nothing once there is room, without repair."""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from gis.areas import Area
from tests.fakes import servers as real
from tests.faults.conftest import Open
from tests.instruments import disk
from tests.instruments.disk import SmallDisks
from tests.instruments.proxy import Proxy
from tests.instruments.served import needs_wall, served
from tests.instruments.servers import OwnPostgres
from tests.instruments.waiting import until
from tests.instruments.world import World

pytestmark = [
    pytest.mark.promise("S6", seeds=1),
    pytest.mark.skipif(bool(disk.why_no_small_disk()), reason=f"not tried: {disk.why_no_small_disk()}"),
]

RATE = 1000.0
MB = 1024 * 1024


class OnSmallDisks:
    """A PostgreSQL whose `pg_wal` has 64 MB and whose tablespace `small` has 64 MB."""

    def __init__(self, postgres: OwnPostgres, disks: SmallDisks, space: Path) -> None:
        self.postgres = postgres
        self.disks = disks
        self.space = space
        self.wal = postgres.data / "pg_wal"


@pytest.fixture(scope="module")
def small(areas: tuple[Area, ...]) -> Iterator[OnSmallDisks]:
    """Made on the ordinary disk, moved onto the small ones, and started there."""
    folder = Path(tempfile.mkdtemp(prefix="ioc-f-", dir="/tmp"))
    folder.chmod(0o711)
    home, space = folder / "postgres", folder / "space"
    home.mkdir()
    space.mkdir(mode=0o700)
    postgres = OwnPostgres(home)
    postgres.account.own(space)
    asyncio.run(_made(postgres, areas))
    disks = SmallDisks({postgres.data / "pg_wal": 64 * MB, space: 64 * MB}, folder / "disks.log")
    try:
        asyncio.run(disks.mounted())
        postgres.before = disks.enter(postgres.account)
        postgres.settings = {"max_wal_size": "32MB", "min_wal_size": "32MB"}
        yield OnSmallDisks(postgres, disks, space)
        postgres.kill()
    finally:
        disks.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _made(postgres: OwnPostgres, areas: tuple[Area, ...]) -> None:
    await postgres.make()
    await real.make_template(postgres.about(), areas)
    await postgres.stop()


def out_of_room(postgres: OwnPostgres) -> Callable[[], bool]:
    """Whether PostgreSQL has said since now that there is no room."""
    already = postgres.process.said().count("No space left")
    return lambda: postgres.process.said().count("No space left") > already


async def test_under_the_write_ahead_log(
    world: Open, small: OnSmallDisks, chance: random.Random, tell: Callable[..., None]
) -> None:
    """PostgreSQL panics and may even end; whoever supervises it starts it again, and nobody repairs anything."""
    async with world(postgres=small.postgres) as centre:
        intake = await centre.intake()
        load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
        await load.acknowledged(1000)
        full = out_of_room(small.postgres)
        ballast = small.disks.fill(small.wal)
        await until(lambda: _switched(centre, full), 60, "PostgreSQL out of room for its log", every_s=0.2)
        await load.acknowledged(2000)
        ballast.unlink()
        before, began = await centre.position(), time.monotonic()
        await small.postgres.start()
        await centre.moved(max(before, 0))
        resumed = time.monotonic() - began
        account = await centre.settled(await load.finished())
        assert intake.code is None, intake.said()[-2000:]
    tell(under="pg_wal", kept=account.kept, lost=len(account.lost), twice=len(account.twice), resume_s=resumed)
    assert account.well, account


async def _switched(centre: World, full: Callable[[], bool]) -> bool:
    """Begin a new segment of the log, for which there is no room, unless that has already been found out."""
    if not full():
        await centre.rows("select pg_switch_wal()")
    return full()


async def test_under_the_tables(
    world: Open, small: OnSmallDisks, chance: random.Random, tell: Callable[..., None]
) -> None:
    """PostgreSQL refuses each statement that needs room and goes on living."""
    async with world(postgres=small.postgres) as centre:
        if not await centre.rows("select from pg_tablespace where spcname = 'small'"):
            await centre.rows(f"create tablespace small location '{small.space}'")
        await _move(centre.postgres, centre.database)
        intake = await centre.intake()
        load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
        await load.acknowledged(1000)
        full = out_of_room(small.postgres)
        ballast = small.disks.fill(small.space, leave=64 * 1024)
        await until(full, 60, "PostgreSQL out of room for its tables")
        await load.acknowledged(2000)
        before = await centre.position()
        ballast.unlink()
        resumed = await centre.moved(before)
        account = await centre.settled(await load.finished())
        assert intake.code is None, intake.said()[-2000:]
    tell(under="tables", kept=account.kept, lost=len(account.lost), twice=len(account.twice), resume_s=resumed)
    assert account.well, account


async def _move(postgres: OwnPostgres, database: str) -> None:
    connection = await asyncpg.connect(postgres.url("postgres"))
    try:
        await connection.execute(f"alter database {database} set tablespace small")
    finally:
        await connection.close()


async def test_under_the_spool(world: Open, folder: Path, chance: random.Random, tell: Callable[..., None]) -> None:
    """With PostgreSQL away the spool fills its 8 MB: the intake waits, the broker holds, and nothing is lost."""
    state = folder / "state"
    state.mkdir()
    disks = SmallDisks({state: 8 * MB}, folder / "disks.log")
    try:
        await disks.mounted()
        async with world() as centre:
            with Proxy(centre.broker.port) as proxy:
                centre.broker_port = proxy.port
                intake = centre.start("intake", more={"IOC_STATE_DIR": str(state)}, before=disks.enter())
                await centre.listening(intake)
                load = centre.load(rates=[(3600, RATE * 2)], seed=chance.randrange(10**6))
                await load.acknowledged(1000)
                await centre.postgres.stop()
                began = time.monotonic()
                ballast = disks.fill(state, leave=1 * MB)
                acknowledged = await centre.stopped(proxy, "disk_full", state=disks.inside(state))
                filled = time.monotonic() - began
                await load.acknowledged(5000)
                after_the_error = proxy.acknowledged - acknowledged
                assert intake.code is None, intake.said()[-2000:]
                ballast.unlink()
                await until(lambda: proxy.acknowledged > acknowledged, 30, "acknowledgements once there is room")
                await centre.postgres.start()
                resumed = await centre.moved(await centre.position())
                account = await centre.settled(await load.finished())
    finally:
        disks.close()
    tell(
        under="spool",
        kept=account.kept,
        lost=len(account.lost),
        twice=len(account.twice),
        stopped_after_s=filled,
        acknowledged_after_the_error=after_the_error,
        resume_s=resumed,
    )
    assert account.well, account
    assert after_the_error == 0


@needs_wall
async def test_under_the_spools_own_limit(world: Open, chance: random.Random, tell: Callable[..., None]) -> None:
    """With PostgreSQL away the spool comes to IOC_SPOOL_BYTES: the server says so to whoever asks, and it goes on."""
    async with world() as centre:
        with Proxy(centre.broker.port) as proxy:
            centre.broker_port = proxy.port
            intake = centre.start("intake", more={"IOC_SPOOL_BYTES": str(MB)})
            await centre.listening(intake)
            server = await served(centre)
            load = centre.load(rates=[(3600, RATE * 2)], seed=chance.randrange(10**6))
            await load.acknowledged(1000)
            await server.intake()  # it is told only to those who were known before PostgreSQL went away
            await centre.postgres.stop()
            acknowledged = await centre.stopped(proxy, "spool_full")
            told, figure = await server.intake(), await server.figure("ioc_intake_acknowledging")
            await load.acknowledged(3000)
            after_the_error = proxy.acknowledged - acknowledged
            assert intake.code is None, intake.said()[-2000:]
            await centre.postgres.start()
            resumed = await centre.moved(await centre.position())
            account = await centre.settled(await load.finished())
            await until(lambda: centre.intake_state()["acknowledging"], 10, "an intake that says that it acknowledges")
    tell(
        under="spool's limit",
        kept=account.kept,
        lost=len(account.lost),
        twice=len(account.twice),
        acknowledged_after_the_error=after_the_error,
        resume_s=resumed,
    )
    assert account.well, account
    assert after_the_error == 0
    assert (told["ready"], told["acknowledging"], told["why"]) == (False, False, "spool_full")
    assert told["spool_bytes"] <= told["spool_limit"] == MB
    assert figure == 0.0
