"""Evidence on disk: whole or not there, within its bound, and never overwritten."""

import datetime as dt
import errno
import hashlib
import os
import stat
import uuid
from pathlib import Path

import pytest

from ioc.gallery import FullError, Gallery, compare
from ioc.store.media import StoredPicture
from tests.fakes.things import NOW

ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)
DRAFT = "0123456789abcdef01234567.mp4"
CLIP = StoredPicture(
    id=str(TWO),
    source="cam-a",
    sha256=b"",
    bytes=4,
    taken_at=NOW,
    expires_at=NOW,
    content_type="video/mp4",
    kind="clip",
)


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_picture_hangs_under_its_id_with_its_digest_and_its_end(tmp_path: Path) -> None:
    hung = await Gallery(tmp_path).hang(ONE, "cam-a", b"jpeg", NOW)
    assert (tmp_path / f"{ONE}.jpg").read_bytes() == b"jpeg"
    assert (hung.id, hung.source, hung.bytes) == (str(ONE), "cam-a", 4)
    assert hung.sha256 == hashlib.sha256(b"jpeg").digest()
    assert (hung.taken_at, hung.expires_at) == (NOW, NOW + dt.timedelta(days=30))


def test_the_folders_are_made_for_this_account_alone(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "a" / "media")
    Gallery(gallery.folder)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (gallery.folder, gallery.drafts)] == [0o700, 0o700]
    Gallery(tmp_path / "b", make=False)
    assert not (tmp_path / "b").exists()


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
    assert [path.name for path in tmp_path.iterdir()] == ["drafts"]


async def test_a_clip_is_taken_from_the_drafts_under_its_id(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    (gallery.drafts / DRAFT).write_bytes(b"clip")
    assert await gallery.adopt(CLIP, DRAFT) == CLIP
    assert (tmp_path / f"{TWO}.mp4").read_bytes() == b"clip"
    assert list(gallery.drafts.iterdir()) == []
    assert gallery.used == 4


@pytest.mark.parametrize("name", ["../x.mp4", "x.mp4", f"{DRAFT}/..", f"{DRAFT}\n", DRAFT.replace("mp4", "sh"), ""])
async def test_no_other_name_is_a_draft(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a draft"):
        await Gallery(tmp_path).adopt(CLIP, name)


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    await gallery.hang(ONE, "cam-a", b"first", NOW)
    with pytest.raises(FileExistsError):
        await gallery.hang(ONE, "cam-a", b"second", NOW)
    assert (tmp_path / f"{ONE}.jpg").read_bytes() == b"first"


async def test_beyond_the_bound_room_is_asked_for_and_without_it_nothing_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gallery, asked = Gallery(tmp_path, bound=10), []
    await gallery.hang(ONE, "cam-a", b"12345678", NOW)

    async def room(size: int) -> bool:
        asked.append(size)
        if len(asked) == 3:
            gallery.used = 0
        return len(asked) == 3

    gallery.make_room = room
    (gallery.drafts / DRAFT).write_bytes(b"clip")
    for _ in range(2):
        with pytest.raises(FullError):
            await gallery.hang(TWO, "cam-a", b"abcd", NOW)
    assert caplog.text.count("not kept any more") == 1
    assert gallery.figures() == {"media_bytes": 8, "media_refused": 2, "media_full": 1}
    await gallery.adopt(CLIP, DRAFT)
    assert "kept again" in caplog.text
    assert asked == [4, 4, 4]
    assert (tmp_path / f"{ONE}.jpg").read_bytes() == b"12345678"


async def test_a_clip_without_room_leaves_no_draft(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, bound=2)
    (gallery.drafts / DRAFT).write_bytes(b"clip")
    with pytest.raises(FullError):
        await gallery.adopt(CLIP, DRAFT)
    assert list(gallery.drafts.iterdir()) == []


async def test_evidence_leaves_the_disk_room_for_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery(tmp_path)
    monkeypatch.setattr("ioc.gallery.RESERVE", 2**60)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"total": 2**62, "free": 2**50})())
    with pytest.raises(FullError):
        await gallery.hang(ONE, "cam-a", b"jpeg", NOW)


def test_a_file_is_compared_with_its_digest(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"abc").digest()
    (tmp_path / "x").write_bytes(b"abc")
    assert compare(tmp_path / "x", digest) is None
    (tmp_path / "x").write_bytes(b"abd")
    assert compare(tmp_path / "x", digest) == "changed"
    assert compare(tmp_path / "y", digest) == "missing"


async def test_what_is_there_is_measured(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"1234")
    gallery.measure()
    assert gallery.used == 4
