"""Batches wait on disk while the store takes nothing, and go to it in their order; nothing is lost on the way."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gis.observation import Reading, Refusal
from ioc.lock import HeldError
from ioc.store import spool as module
from ioc.store.segments import Disk
from ioc.store.spool import FEW, MERGED, Spool, encoded
from sensors.intake import Batch
from tests.fakes.disk import FailingDisk, FakeStore
from tests.fakes.store import batch
from tests.fakes.things import NOW, reading

LIMIT = 2**20


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again soon."""
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    monkeypatch.setattr(module, "BACK_OFF_S", (0.01, 0.02))


@contextlib.asynccontextmanager
async def opened(
    folder: Path, store: FakeStore, *, limit: int = LIMIT, disk: Disk | None = None
) -> AsyncIterator[Spool]:
    async with asyncio.timeout(20), Spool.open(folder / "spool", limit, store, lambda: NOW, disk=disk) as spool:
        yield spool


def one(number: int, size: int = 0) -> Batch:
    return batch(reading(seq=number), refusals=(Refusal(topic="t", payload=bytes(size), code="c", reason="r"),))


def taken(store: FakeStore) -> list[int]:
    """The numbers of what the store took, in its order."""
    found = [seen for parcel in store.taken for seen in parcel.batch.observations if isinstance(seen, Reading)]
    return [seen.stamp.sequence or 0 for seen in found]


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.002)


def files(folder: Path) -> list[Path]:
    return list((folder / "spool").glob("*.seg"))


async def test_while_the_store_takes_batches_nothing_is_written(tmp_path: Path) -> None:
    store = FakeStore()
    async with opened(tmp_path, store) as spool:
        for number in range(5):
            await spool.keep(one(number))
        await spool.keep(batch())
        assert (taken(store), store.transactions, files(tmp_path)) == ([0, 1, 2, 3, 4], [1] * 5, [])
        assert spool.state().away == spool.state().stopped == ""


async def test_a_store_that_is_away_is_asked_by_the_drain_alone_and_gets_all_in_order(tmp_path: Path) -> None:
    store = FakeStore()
    store.refusal = "store_away"
    async with opened(tmp_path, store) as spool:
        for number in range(200):
            await spool.keep(one(number))
        state = spool.state()
        assert (state.away, state.stopped, state.batches, state.messages) == ("store_away", "", 200, 400)
        assert (state.away_since, state.oldest_at, state.spooled) == (NOW, NOW, 200)
        await until(lambda: store.probes > 2)
        store.refusal = ""
        await until(lambda: not spool.state().batches)
        await until(lambda: not spool.state().away)
        await spool.keep(one(200))
        assert taken(store) == list(range(201))
        assert max(store.transactions) == MERGED
        assert store.transactions[-1] == 1
        assert (files(tmp_path), spool.state().drained, spool.state().oldest_at) == ([], 200, None)


async def test_what_is_new_goes_behind_what_waits_and_the_backlog_ends_under_load(tmp_path: Path) -> None:
    store = FakeStore()
    store.refusal = "store_away"
    async with opened(tmp_path, store) as spool:
        for number in range(3 * MERGED):
            await spool.keep(one(number))
        store.refusal = ""
        number = 3 * MERGED
        while spool.state().batches or number < 4 * MERGED:
            await spool.keep(one(number))
            number += 1
        assert taken(store) == list(range(number))


async def test_a_few_that_wait_are_waited_for_and_not_added_to(tmp_path: Path) -> None:
    store = FakeStore()
    store.refusal = "store_away"
    async with opened(tmp_path, store) as spool:
        for number in range(FEW):
            await spool.keep(one(number))
        store.refusal = ""
        await until(lambda: not spool.state().away)
        await spool.keep(one(FEW))
        assert (taken(store), spool.state().spooled) == (list(range(FEW + 1)), FEW)


async def test_what_waits_survives_the_process_and_two_never_share_it(tmp_path: Path) -> None:
    store = FakeStore()
    store.refusal = "store_away"
    async with opened(tmp_path, store) as spool:
        for number in range(10):
            await spool.keep(one(number))
        with pytest.raises(HeldError):
            async with opened(tmp_path, store):
                pass
    store.refusal = ""
    async with opened(tmp_path, store) as spool:
        await spool.keep(one(10))
        await until(lambda: not spool.state().batches)
        assert taken(store) == list(range(11))


async def test_an_unknown_outcome_is_repeated_before_anything_newer(tmp_path: Path) -> None:
    store = FakeStore()
    store.unknown = True
    async with opened(tmp_path, store) as spool:
        await spool.keep(one(1))
        await spool.keep(one(2))
        await until(lambda: not spool.state().batches)
    assert taken(store) == [1, 1, 2]


async def test_a_full_spool_waits_and_goes_on_by_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = FakeStore()
    store.refusal = "store_away"
    async with opened(tmp_path, store, limit=2**17) as spool, asyncio.TaskGroup() as tasks:

        async def all_of_them() -> None:
            for number in range(40):
                await spool.keep(one(number, 10_000))

        kept = tasks.create_task(all_of_them(), name="keep")
        await until(lambda: bool(spool.state().stopped))
        assert (spool.state().stopped, spool.state().stopped_since) == ("spool_full", NOW)
        assert spool.state().bytes <= 2**17
        await asyncio.sleep(0.05)
        assert not kept.done()
        store.refusal = ""
        await kept
        await until(lambda: not spool.state().batches)
        assert (taken(store), spool.state().stopped) == (list(range(40)), "")
        await spool.keep(one(40))
    said = [record.getMessage() for record in caplog.records if "acknowledged" in record.getMessage()]
    assert said[0] == f"nothing is acknowledged (spool_full): the spool has reached its limit of {2**17} bytes"
    assert said[1:] == ["messages are acknowledged again"]  # once, however often it was full while it drained


async def test_a_batch_larger_than_the_spool_goes_to_the_store_when_that_is_back(tmp_path: Path) -> None:
    store = FakeStore()
    store.refusal = "store_away"
    async with opened(tmp_path, store, limit=2**17) as spool, asyncio.TaskGroup() as tasks:
        await spool.keep(one(1))
        kept = tasks.create_task(spool.keep(one(2, 2**18)), name="keep")
        await until(lambda: spool.state().stopped == "spool_full")
        store.refusal = ""
        await kept
    assert taken(store) == [1, 2]


@pytest.mark.parametrize(
    ("which", "error", "code"),
    [("sync_error", errno.EIO, "fsync_failed"), ("write_error", errno.ENOSPC, "disk_full")],
)
async def test_a_failing_disk_stops_acknowledgements_until_it_or_the_store_is_back(
    tmp_path: Path, which: str, error: int, code: str
) -> None:
    for mended_by_disk in (True, False):
        store, disk = FakeStore(), FailingDisk()
        store.refusal = "store_away"
        folder = tmp_path / str(mended_by_disk)
        async with opened(folder, store, disk=disk) as spool, asyncio.TaskGroup() as tasks:
            await spool.keep(one(1))
            setattr(disk, which, error)
            kept = tasks.create_task(spool.keep(one(2)), name="keep")
            await until(lambda spool=spool: spool.state().stopped == code)
            assert not kept.done()
            if mended_by_disk:
                setattr(disk, which, 0)
            else:
                store.refusal = ""
            await kept
            assert spool.state().stopped == ""
            store.refusal = ""
            await until(lambda spool=spool: not spool.state().batches)
        assert taken(store) == [1, 2]


async def test_with_unsafe_settings_nothing_is_acknowledged(tmp_path: Path) -> None:
    store = FakeStore()
    store.refusal = "settings_unsafe"
    async with opened(tmp_path, store) as spool, asyncio.TaskGroup() as tasks:
        kept = tasks.create_task(spool.keep(one(1)), name="keep")
        await until(lambda: spool.state().stopped == "settings_unsafe")
        assert not kept.done()
        assert spool.state().batches == 0
        store.refusal = ""
        await kept
    assert taken(store) == [1]


async def test_what_another_version_wrote_is_set_aside_and_told(tmp_path: Path) -> None:
    store = FakeStore()
    store.refusal = "store_away"
    async with opened(tmp_path, store) as spool:
        await spool.keep(one(0))
        spool._segments.append(b"\xc1 not msgpack", 1, NOW)
        await spool.keep(one(1))
        store.refusal = ""
        await until(lambda: not spool.state().batches)
        assert (taken(store), spool.state().damaged) == ([0, 1], 1)
    (aside,) = (tmp_path / "spool/damaged").iterdir()
    assert aside.read_bytes() == b"\xc1 not msgpack"


async def test_those_who_wait_are_served_in_their_order(tmp_path: Path) -> None:
    store = FakeStore()
    store.gate.clear()
    async with opened(tmp_path, store) as spool, asyncio.TaskGroup() as tasks:
        for number in range(5):
            tasks.create_task(spool.keep(one(number)), name=f"keep-{number}")
        await asyncio.sleep(0)
        store.gate.set()
    assert taken(store) == list(range(5))


def test_what_is_no_unicode_is_kept_as_a_dead_letter() -> None:
    parcel = module.Parcel(batch(reading(), refusals=(Refusal(topic="\ud800", payload=b"p", code="c", reason="r"),)))
    again = module._PARCEL.decode(encoded(parcel))
    assert again.batch.observations == parcel.batch.observations
    assert [(one.topic, one.payload, one.code) for one in again.batch.refusals] == [("?", b"p", "poison")]
    ill = batch(reading(prop="\ud800"))
    (letter,) = module._PARCEL.decode(encoded(module.Parcel(ill))).batch.refusals
    assert (letter.topic, letter.code) == ("gauge-ai-nghia", "poison")
