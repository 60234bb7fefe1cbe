"""Evidence pictures on disk: whole or not there, and swept when their time is over."""

import asyncio
import datetime as dt
import errno
import hashlib
import os
import stat
import uuid
from pathlib import Path

import pytest

from ioc.gallery import KEPT, Gallery
from tests.fakes.things import NOW

ONE = uuid.UUID(int=1)


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_picture_hangs_under_its_id_with_its_digest_and_its_end(tmp_path: Path) -> None:
    hung = await Gallery(tmp_path).hang(ONE, "cam-a", b"jpeg", NOW)
    assert (tmp_path / f"{ONE}.jpg").read_bytes() == b"jpeg"
    assert (hung.id, hung.source, hung.bytes) == (str(ONE), "cam-a", 4)
    assert hung.sha256 == hashlib.sha256(b"jpeg").digest()
    assert (hung.taken_at, hung.expires_at) == (NOW, NOW + dt.timedelta(days=30))


def test_the_folder_is_made_for_this_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "media"
    Gallery(folder)
    Gallery(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_the_file_and_its_name_are_on_the_disk_before_it_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    real = os.fsync

    def watched(number: int) -> None:
        synced.append(Path(f"/proc/self/fd/{number}").readlink().name)
        real(number)

    monkeypatch.setattr(os, "fsync", watched)
    await Gallery(tmp_path).hang(ONE, "cam-a", b"jpeg", NOW)
    assert synced == [f"{ONE}.part", tmp_path.name]


async def test_a_disk_that_is_full_is_told_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = Gallery(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        await gallery.hang(ONE, "cam-a", b"jpeg", NOW)
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_went_away_is_told(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "media")
    (tmp_path / "media").rmdir()
    with pytest.raises(FileNotFoundError):
        await gallery.hang(ONE, "cam-a", b"jpeg", NOW)


def test_a_sweep_takes_what_is_older_and_nothing_that_is_not_ours(tmp_path: Path) -> None:
    before = NOW.timestamp()
    for name, age in (("old.jpg", 1), ("old.part", 1), ("new.jpg", 0), ("later.part", -1), ("old.txt", 1)):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (before - age, before - age))
    assert Gallery(tmp_path).sweep(NOW) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"new.jpg", "later.part", "old.txt"}


async def test_pictures_go_after_thirty_days_and_a_failing_disk_does_not_end_the_sweeping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ioc.gallery.SWEEP_S", 0.0)
    gallery, asked, failed = Gallery(tmp_path), [], asyncio.Event()
    swept = asyncio.Event()

    def sweep(before: dt.datetime) -> int:
        asked.append(before)
        if len(asked) == 1:
            failed.set()
            full()
        loop.call_soon_threadsafe(swept.set)
        return 0

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(gallery, "sweep", sweep)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        cleaning = tasks.create_task(gallery.keep_clean(lambda: NOW), name="clean")
        await swept.wait()
        cleaning.cancel()
    assert failed.is_set()
    assert set(asked) == {NOW - KEPT}
