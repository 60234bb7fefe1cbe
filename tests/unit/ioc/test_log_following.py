"""A log as it grows, is cut in the middle of a line, emptied, moved away and put back."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ioc.log_following import CHUNK, LONGEST, Followed


def add(file: Path, text: bytes) -> None:
    with file.open("ab") as out:
        out.write(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_only_whole_new_lines_with_the_mark_are_given(file: Path) -> None:
    add(file, b"1 no before\n")
    followed = Followed(file, b" no ")
    assert followed.lines() == ([], False)
    add(file, b"2 no a\n3 yes b\n4 no no c\n5 no half")
    assert followed.lines() == ([b"2 no a", b"4 no no c"], False)
    assert followed.lines() == ([], False)
    add(file, b" and half\n\xff no \xfe\n")
    assert followed.lines() == ([b"5 no half and half", b"\xff no \xfe"], False)
    followed.close()


def test_a_file_that_comes_later_is_read_from_its_beginning(file: Path) -> None:
    followed = Followed(file, b"no")
    assert followed.lines() == ([], False)
    add(file, b"no 1\n")
    assert followed.lines() == ([b"no 1"], False)
    followed.close()


def test_a_file_that_was_emptied_or_replaced_is_read_from_its_beginning(file: Path) -> None:
    add(file, b"no 0 and more\n")
    followed = Followed(file, b"no")
    file.write_bytes(b"")
    assert followed.lines() == ([], False)
    add(file, b"no 1\n")
    assert followed.lines() == ([b"no 1"], False)
    add(file, b"no 2\n")
    file.rename(file.with_suffix(".1"))
    add(file, b"no 3\n")
    assert [followed.lines()[0] for _ in range(3)] == [[b"no 2"], [], [b"no 3"]]
    file.unlink()
    assert followed.lines() == ([], False)
    add(file, b"no 4\n")
    assert [followed.lines()[0] for _ in range(2)] == [[], [b"no 4"]]
    followed.close()


def test_much_is_given_a_chunk_at_a_time_and_a_giant_line_does_not_grow(file: Path) -> None:
    followed = Followed(file, b"no")
    add(file, b"no" + b"x" * (CHUNK - 3) + b"\nno 2\n")
    first, more = followed.lines()
    assert (len(first), more) == (1, True)
    assert followed.lines() == ([b"no 2"], False)
    add(file, b"no" + b"x" * LONGEST)
    assert len(followed.lines()[0]) == 1
    assert followed.lines() == ([], False)
    followed.close()


def test_after_an_error_of_reading_no_line_is_given_twice(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = Followed(file, b"no")
    add(file, b"no 1\n")
    assert [followed.lines()[0] for _ in range(2)] == [[b"no 1"], []]
    with monkeypatch.context() as patched:
        patched.setattr(os, "read", failing)
        assert followed.lines() == ([], False)
        assert not followed.open
    assert followed.lines() == ([], False)
    add(file, b"no 2\n")
    assert followed.lines() == ([b"no 2"], False)
    followed.close()


def failing(*_: object) -> bytes:
    raise OSError(errno.EIO, "the disk does not answer")


def test_a_file_that_could_not_be_opened_is_followed_from_its_end(file: Path) -> None:
    """A link that leads to itself is refused to root too."""
    file.symlink_to(file)
    followed = Followed(file, b"no")
    assert followed.lines() == ([], False)
    file.with_suffix(".1").write_bytes(b"no 1\n")
    file.with_suffix(".1").rename(file)
    assert followed.lines() == ([], False)
    add(file, b"no 2\n")
    assert followed.lines() == ([b"no 2"], False)
    followed.close()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_nothing(file: Path, make: Callable[[Path], None]) -> None:
    make(file)
    followed = Followed(file, b"no")
    assert followed.lines() == ([], False)
    assert followed.lines() == ([], False)
    assert not followed.open
    followed.close()
