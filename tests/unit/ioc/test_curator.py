"""What expires, what has no room, what is nobody's, what was changed."""

import datetime as dt
import hashlib
import json
import os
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.curator import Curator
from ioc.gallery import FullError, Gallery
from ioc.partial import Partials
from ioc.store import media, uploads
from ioc.store.database import Database
from ioc.store.media import Hold, StoredPicture
from tests.fakes.store import OWNERS, counted
from tests.fakes.things import NOW

DAY = dt.timedelta(days=1)


class House:
    """A gallery with its curator, and a clock that is set by hand."""

    def __init__(self, database: Database, folder: Path, bound: int = 10_000) -> None:
        self.database = database
        self.gallery = Gallery(folder / "media", bound)
        self.now = NOW
        self.believed, self.settled = True, True
        self.curator = Curator(database, self.gallery, lambda: self.now, self.believes, settled=lambda: self.settled)

    async def believes(self) -> bool:
        return self.believed

    async def put(self, number: int, size: int = 100, **more: Any) -> Path:
        """A registered picture with its file, as old as the clock says."""
        data = bytes([number]) * size
        hung = await self.gallery.hang(uuid.UUID(int=number), "cam-a", data, more.pop("taken_at", self.now), **more)
        await self.register(hung)
        return self.gallery.folder / f"{hung.id}.jpg"

    async def register(self, *stored: StoredPicture) -> None:
        async with self.database.transaction(EVERYTHING) as transaction:
            await media.insert_pictures(transaction, stored, OWNERS)

    async def hold(self, number: int, until: dt.datetime | None = None) -> None:
        async with self.database.transaction(EVERYTHING) as transaction:
            hold = Hold(by="thanh", why="an inquiry", since=self.now, until=until)
            await media.hold(transaction, uuid.UUID(int=number), hold)

    def left(self) -> list[int]:
        return sorted(uuid.UUID(path.stem).int for path in self.gallery.folder.glob("*.jpg"))


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return House(database, tmp_path)


async def test_what_expired_goes_with_its_row_and_what_is_held_stays(house: House, admin: asyncpg.Connection) -> None:
    for number in (1, 2, 3):
        await house.put(number)
    await house.put(4, retention="tamper")
    await house.hold(2)
    await house.hold(3, until=NOW + 31 * DAY)
    house.now = NOW + 30 * DAY - dt.timedelta(seconds=1)
    await house.curator.round()
    assert house.left() == [1, 2, 3, 4]
    house.now = NOW + 30 * DAY
    await house.curator.round()
    assert (house.left(), await counted(admin, "media")) == ([2, 3, 4], 3)
    house.now = NOW + 91 * DAY
    await house.curator.round()
    assert house.left() == [2]
    told = [
        json.loads(row["after"])
        for row in await admin.fetch("select after from audit where act = 'media.gone' order by id")
    ]
    assert [(one["why"], one["files"], one["classes"]) for one in told] == [
        ("expired", 1, {"sighting": 1}), ("expired", 2, {"sighting": 1, "tamper": 1})]  # fmt: skip


async def test_nothing_goes_by_a_clock_that_is_not_believed(house: House) -> None:
    await house.put(1)
    house.believed, house.now = False, NOW + 400 * DAY
    await house.curator.expire()
    assert house.left() == [1]


async def test_beyond_the_bound_the_oldest_that_nobody_holds_goes_first(house: House) -> None:
    for number in range(1, 6):
        await house.put(number, 1000, taken_at=NOW - (10 - number) * DAY)
    await house.hold(1)
    house.gallery.bound = 5000
    await house.put(6, 1500)
    assert house.left() == [1, 4, 5, 6]
    house.gallery.bound = 2600
    await house.curator.round()
    assert house.left() == [1, 6]
    assert house.gallery.used == 2500


async def test_when_all_is_held_nothing_is_overwritten_and_nothing_more_is_kept(house: House) -> None:
    house.gallery.bound = 2000
    first = await house.put(1, 1900)
    await house.hold(1)
    with pytest.raises(FullError):
        await house.put(2, 1900)
    assert (house.left(), house.gallery.full) == ([1], True)
    assert first.read_bytes() == b"\1" * 1900


async def test_while_nobody_knows_what_is_held_nothing_goes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL away: a full gallery refuses, rather than guess."""
    house.gallery.bound = 2000
    await house.put(1, 1900)

    async def away(*_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(media, "oldest", away)
    with pytest.raises(FullError):
        await house.put(2, 1900)
    assert house.left() == [1]


async def test_a_stop_between_file_and_row_is_mended_at_the_next_round(house: House, admin: asyncpg.Connection) -> None:
    path = await house.put(1)
    path.unlink()
    house.now = NOW + 30 * DAY
    await house.curator.round()
    assert await counted(admin, "media") == 0


async def test_files_that_were_never_registered_go_when_no_row_waits(house: House) -> None:
    """A crash between writing and registering; a young one may still be on its way."""
    gallery, old = house.gallery, NOW.timestamp() - 2 * 3600
    kept = await house.put(1)
    names = {"lost.part": old, f"{uuid.UUID(int=8)}.jpg": old, f"{uuid.UUID(int=9)}.jpg": NOW.timestamp(),
             "drafts/ab.mp4": old, "drafts/turn-0": old, "notes.txt": old, f"{uuid.UUID(int=7)}.mp4": old}  # fmt: skip
    for name, at in names.items():
        (gallery.folder / name).write_bytes(b"x")
        os.utime(gallery.folder / name, (at, at))
    os.utime(kept, (old, old))
    house.settled = False
    await house.curator.reconcile()
    assert house.left() == [1, 8, 9]
    house.settled = True
    await house.curator.reconcile()
    assert house.left() == [1, 9]
    rest = {str(path.relative_to(gallery.folder)) for path in gallery.folder.rglob("*") if path.is_file()}
    assert rest == {kept.name, f"{uuid.UUID(int=9)}.jpg", "drafts/turn-0", "notes.txt"}


async def test_without_word_of_the_spool_what_has_no_row_still_goes_after_the_longest_class(house: House) -> None:
    stray = house.gallery.folder / f"{uuid.UUID(int=8)}.jpg"
    stray.write_bytes(b"x")
    os.utime(stray, (NOW.timestamp() - 401 * 86_400,) * 2)
    house.settled = False
    await house.curator.round()
    assert house.left() == []


async def test_a_changed_and_a_missing_file_are_noticed_and_said(
    house: House, admin: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    paths = [await house.put(number) for number in (1, 2, 3)]
    paths[0].write_bytes(b"forged")
    paths[1].unlink()
    await house.curator.round()
    rows = await admin.fetch("select fault, checked_at from media order by id")
    assert [row["fault"] for row in rows] == ["changed", "missing", None]
    assert all(row["checked_at"] == NOW for row in rows)
    assert (caplog.text.count("is changed"), caplog.text.count("is missing")) == (1, 1)
    assert await admin.fetchval("select count(*) from audit where act = 'media.fault'") == 2
    paths[0].write_bytes(b"\1" * 100)
    house.now = NOW + 8 * DAY
    await house.curator.round()
    assert await admin.fetchval("select fault from media order by id limit 1") is None


async def test_where_the_folder_is_not_nothing_is_done(database: Database, tmp_path: Path) -> None:
    """Another machine has the files; what is not seen is not missing."""
    house = House(database, tmp_path)
    await house.put(1)
    elsewhere = Gallery(tmp_path / "elsewhere", make=False)
    await Curator(database, elsewhere, lambda: NOW + 400 * DAY, house.believes).round()
    async with database.transaction(EVERYTHING) as transaction:
        one = await media.any_of(transaction, uuid.UUID(int=1))
    assert one is not None
    assert (one.fault, one.sha256) == (None, hashlib.sha256(b"\1" * 100).digest())


async def test_one_work_that_fails_does_not_keep_the_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.put(1)

    async def fails() -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(house.curator, "reconcile", fails)
    house.now = NOW + 30 * DAY
    fails.__name__ = "reconcile"
    await house.curator.round()
    assert house.left() == []


async def test_a_picture_of_an_upload_is_nobodys_stray_until_the_upload_expires(house: House) -> None:
    hung = await house.gallery.hang(uuid.UUID(int=7), "upload", b"jpeg", NOW, "comment")
    path = house.gallery.folder / f"{hung.id}.jpg"
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    async with house.database.transaction(EVERYTHING) as transaction:
        upload = await uploads.create(transaction, uuid.UUID(int=1), "lan", 4, NOW)
        assert await uploads.received(transaction, upload, 4)
        await uploads.judged(transaction, upload, hung)
    house.now = NOW + 6 * DAY
    await house.curator.round()
    assert house.left() == [7]
    house.now = NOW + 8 * DAY
    await house.curator.round()
    assert house.left() == []


async def test_pieces_of_uploads_go_with_them_and_not_while_the_clock_is_doubted(house: House) -> None:
    partials = Partials(house.gallery.folder)
    async with house.database.transaction(EVERYTHING) as transaction:
        await uploads.create(transaction, uuid.UUID(int=1), "lan", 4, NOW)
    partials.write(uuid.UUID(int=1), 0, b"ab")
    file = partials.folder / f"{uuid.UUID(int=1)}.part"
    os.utime(file, (NOW.timestamp() + DAY.total_seconds(),) * 2)
    house.now, house.believed = NOW + 7 * DAY, False
    await house.curator.round()
    assert file.exists()
    house.believed = True
    await house.curator.round()
    assert not file.exists()
