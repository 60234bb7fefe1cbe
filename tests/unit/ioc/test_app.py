"""The composition root: addresses, signals."""

import asyncio
import datetime as dt
import os
import resource
import signal
from pathlib import Path

import pytest

from ioc import app
from ioc.settings import Settings, SettingsError
from ioc.store.outcome import NotTakenError
from tests.fakes.store import batch
from tests.fakes.things import reading


def test_the_wall_clock_is_utc() -> None:
    assert app.now().utcoffset() == dt.timedelta(0)


def test_a_base_map_that_is_not_shipped_is_none() -> None:
    assert app._basemap("moon") is None
    assert (app._basemap("places") or b"").startswith(b"{")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_work_and_closes_what_was_opened(number: signal.Signals) -> None:
    closed = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async with asyncio.timeout(5):
        await app.run_until_signal(work)
    assert closed == [True]


async def test_work_that_ends_ends_the_run_and_what_it_raises_is_raised() -> None:
    done = []

    async def works() -> None:
        done.append(True)

    async def fails() -> None:
        raise SettingsError("no")

    async with asyncio.timeout(5):
        await app.run_until_signal(works)
        with pytest.raises(ExceptionGroup) as raised:
            await app.run_until_signal(fails)
    assert done == [True]
    assert raised.group_contains(SettingsError, match="no")


class Nowhere:
    """A store that takes nothing."""

    async def attempt(self, *_: object, **__: object) -> None:
        raise NotTakenError("store_away", ConnectionRefusedError())

    async def probe(self) -> None:
        await self.attempt()


async def test_a_spool_that_cannot_be_had_is_a_setting_that_cannot(tmp_path: Path) -> None:
    settings = Settings(state_dir=str(tmp_path / "state"))
    async with app.spooling(settings, "one", Nowhere()) as spool:
        await spool.keep(batch(reading()))
        with pytest.raises(SettingsError, match=f"belongs to another process .{os.getpid()}"):
            async with app.spooling(settings, "one", Nowhere()):
                pass
        async with app.spooling(settings, "two", Nowhere()) as other:
            assert other.state().batches == 0
    assert len(list((tmp_path / "state/spool/one").glob("*.seg"))) == 1
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="IOC_STATE_DIR"):
        async with app.spooling(Settings(state_dir=str(tmp_path / "file")), "one", Nowhere()):
            pass


def test_a_server_may_hold_as_many_walls_as_its_user_may_open_files() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
    try:
        app.take_all_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
