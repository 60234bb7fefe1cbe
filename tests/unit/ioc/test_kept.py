"""Small files are whole or not there, also on a disk that takes nothing more."""

import errno
import os
from pathlib import Path

import pytest

from ioc import kept


def full(*_: object, **__: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_checked_file_is_read_as_it_was_written_and_nobody_else_may(tmp_path: Path) -> None:
    path = tmp_path / "register.bin"
    assert kept.get_checked(path) is None
    kept.put_checked(path, b"one")
    kept.put_checked(path, b"two")
    assert kept.get_checked(path) == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("at", [0, 31, 32, 34])
def test_a_damaged_file_is_as_none(tmp_path: Path, at: int) -> None:
    path = tmp_path / "register.bin"
    kept.put_checked(path, b"two")
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert kept.get_checked(path) is None
    path.write_bytes(b"")
    assert kept.get_checked(path) is None


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "register.bin"
    kept.put_checked(path, b"old")
    monkeypatch.setattr("ioc.kept.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.put_checked(path, b"new")
    assert kept.get_checked(path) == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_note_is_written_over_where_the_disk_takes_no_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "intake.json"
    kept.note(path, b"{}")
    assert (path.stat().st_mode & 0o777, path.stat().st_size) == (0o600, kept.ROOM)
    monkeypatch.setattr("ioc.kept.os.open", full)
    kept.note(path, b"[1]")
    assert (path.read_bytes().strip(), path.stat().st_size) == (b"[1]", kept.ROOM)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        kept.note(path, b"[2]")
