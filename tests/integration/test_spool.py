"""The spool before a PostgreSQL that is frozen, cut off, read-only or wrongly deployed: nothing lost, nothing twice."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from gis.observation import Refusal
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.outcome import NotTakenError
from ioc.store.spool import Spool
from sensors.intake import Batch
from tests.conftest import Fresh
from tests.fakes.frozen import frozen
from tests.fakes.store import OWNERS, batch, counted
from tests.fakes.things import NOW, reading

ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def opened(fresh: Fresh, folder: Path) -> AsyncIterator[Spool]:
    """A spool before a database as the intake has it."""
    async with Database.later(fresh.url()) as database:
        store = ObservationStore(database, lambda: OWNERS, lambda device, prop: "m")
        async with asyncio.timeout(40), Spool.open(folder, 2**24, store, lambda: NOW) as spool:
            yield spool


def one(number: int) -> Batch:
    """A reading and a message that was refused."""
    letter = Refusal(topic=f"t/{number}", payload=b"x", code="not_json", reason="r")
    return batch(reading(float(number), seq=number), refusals=(letter,))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def all_there(admin: asyncpg.Connection, number: int) -> None:
    """Each once, and journaled in the order in which it was given."""
    assert await admin.fetchval("select array_agg(seq order by seq) from readings") == list(range(number))
    assert await counted(admin, "journal") == number
    assert await admin.fetchval("select value from latest") == number - 1
    topics = await admin.fetchval("select array_agg(topic order by id) from dead_letters")
    assert topics == [f"t/{one}" for one in range(number)]


async def test_a_frozen_server_is_left_after_the_patience_and_gets_everything_later(
    fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    async with opened(fresh, tmp_path / "s") as spool:
        await spool.keep(one(0))
        with frozen(fresh.servers):
            began = time.monotonic()
            await spool.keep(one(1))
            assert 1.5 < time.monotonic() - began < 4
            began = time.monotonic()
            for number in range(2, 50):
                await spool.keep(one(number))
            assert time.monotonic() - began < 2
            assert (spool.state().away, spool.state().batches) == ("store_away", 49)
        await until(lambda: not spool.state().batches and not spool.state().away)
        await spool.keep(one(50))
    await all_there(admin, 51)


async def test_backends_that_are_killed_all_the_time_cost_and_double_nothing(
    fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'ioc_app' and datname = $1"
    async with opened(fresh, tmp_path / "s") as spool, asyncio.TaskGroup() as tasks:

        async def killing() -> None:
            while True:
                await admin.fetchval(kill, fresh.name)
                await asyncio.sleep(0.03)

        killer = tasks.create_task(killing(), name="killer")
        for number in range(150):
            await spool.keep(one(number))
            await asyncio.sleep(0.005)
        killer.cancel()
        await until(lambda: not spool.state().batches and not spool.state().away)
        assert spool.state().spooled > 0
    await all_there(admin, 150)


@pytest.mark.parametrize(
    ("spoil", "mend", "code"),
    [
        ("revoke insert on readings from ioc_app", "grant insert on readings to ioc_app", "store_refuses"),
        ("alter table latest rename to oldest", "alter table oldest rename to latest", "store_refuses"),
        (
            "alter role ioc_app in database {name} set default_transaction_read_only = on",
            "alter role ioc_app in database {name} reset default_transaction_read_only",
            "store_read_only",
        ),
    ],
)
async def test_a_wrong_deployment_makes_no_dead_letters(
    fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path, spoil: str, mend: str, code: str
) -> None:
    kill = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ioc_app' and datname = $1"
    async with opened(fresh, tmp_path / "s") as spool:
        await spool.keep(one(0))
        await admin.execute(spoil.format(name=fresh.name))
        await admin.execute(
            f"do $$ begin perform {kill.removeprefix('select ').replace('$1', repr(fresh.name))}; end $$"
        )
        for number in range(1, 10):
            await spool.keep(one(number))
        await until(lambda: spool.state().away == code)
        assert await counted(admin, "dead_letters") == 1
        await admin.execute(mend.format(name=fresh.name))
        await admin.fetch(kill, fresh.name)
        await until(lambda: not spool.state().batches and not spool.state().away)
    await all_there(admin, 10)


async def test_a_row_at_fault_is_found_on_its_way_from_the_spool_too(
    fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    async with opened(fresh, tmp_path / "s") as spool:
        await admin.execute("revoke insert on journal from ioc_app")
        for number in range(20):
            await spool.keep(batch(reading(seq=number, run="\0" if number == 7 else "r")))
        await admin.execute("grant insert on journal to ioc_app")
        await until(lambda: not spool.state().batches and not spool.state().away)
    assert await counted(admin, "readings") == 19
    assert await admin.fetchval("select array_agg(code) from dead_letters") == ["poison"]


async def test_acknowledging_stops_when_the_server_stops_to_be_durable(
    fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    kill = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ioc_app' and datname = $1"
    async with opened(fresh, tmp_path / "s") as spool, asyncio.TaskGroup() as tasks:
        await spool.keep(one(0))
        await admin.execute(f"alter role ioc_app in database {fresh.name} set synchronous_commit = off")
        try:
            await admin.fetch(kill, fresh.name)
            await until(lambda: spool.state().away != "store_away")
            await spool.keep(batch())
            kept = tasks.create_task(spool.keep(one(1)), name="keep")
            await until(lambda: spool.state().away == "settings_unsafe")
            if kept.done():  # it went to the disk while the connection was only lost
                kept = tasks.create_task(spool.keep(one(2)), name="keep")
            number = 2 if spool.state().batches else 1
            await until(lambda: spool.state().stopped == "settings_unsafe")
            assert not kept.done()
            assert await counted(admin, "readings") == 1
        finally:
            await admin.execute(f"alter role ioc_app in database {fresh.name} reset synchronous_commit")
        await kept
        await until(lambda: not spool.state().batches)
    await all_there(admin, number + 1)


async def test_a_setting_that_changes_under_an_open_connection_is_noticed(fresh: Fresh) -> None:
    async with Database.later(fresh.url(), size=1) as database:
        store = ObservationStore(database, lambda: OWNERS, lambda device, prop: "m")
        await store.probe()
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.execute("set synchronous_commit = off")
        with pytest.raises(NotTakenError, match="synchronous_commit") as unsafe:
            await store.probe()
        assert unsafe.value.code == "settings_unsafe"


async def test_a_server_that_is_not_there_is_told_and_not_waited_for(tmp_path: Path) -> None:
    async with Database.later("postgresql://ioc_app:x@127.0.0.1:1/ioc") as database:
        store = ObservationStore(database, lambda: OWNERS, lambda device, prop: "m")
        for attempt in (store.attempt([]), store.probe()):
            with contextlib.suppress(NotTakenError):
                await attempt
        with pytest.raises(NotTakenError) as away:
            await store.probe()
        assert away.value.code == "store_away"
        async with Spool.open(tmp_path / "s", 2**24, store, lambda: NOW) as spool:
            await spool.keep(one(1))
            assert spool.state().batches == 1


def test_a_small_disk_that_is_full_stops_acknowledgements_and_needs_no_repair(tmp_path: Path) -> None:
    if not (
        shutil.which("unshare") and subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode == 0
    ):
        pytest.skip("unshare -Urm is not allowed on this machine: no small disk to fill")
    program = f"mount -t tmpfs -o size=1m none {tmp_path} && exec {sys.executable} -m tests.fakes.small_disk {tmp_path}"
    ran = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    stopped, kept, lost = ran.stdout.split()
    assert (stopped, lost) == ("disk_full", "0")
    assert int(kept) > 60


SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int calls;
int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  int from = atoi(getenv("FAIL_FROM"));
  ++calls;
  if (calls >= from && calls < from + 3) { errno = EIO; return -1; }
  return real(fd);
}
"""


@pytest.mark.parametrize("first", [4, 5, 9])
def test_after_an_fsync_that_fails_nothing_is_acknowledged_until_a_new_file_holds(tmp_path: Path, first: int) -> None:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine: no fsync that fails")
    (tmp_path / "shim.c").write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "shim.so", tmp_path / "shim.c", "-ldl"], check=True)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fakes.small_disk", str(tmp_path / "s"), "20"],
        cwd=ROOT,
        env=os.environ | {"LD_PRELOAD": str(tmp_path / "shim.so"), "FAIL_FROM": str(first)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["fsync_failed", "20", "0"]
