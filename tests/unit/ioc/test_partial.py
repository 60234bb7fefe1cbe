"""Uploads on disk: they grow at their end alone, and what a cut left behind is no part of them."""

import uuid
from pathlib import Path

import pytest

from ioc.partial import Partials

ONE = uuid.UUID(int=1)


def test_pieces_are_joined_and_what_lies_beyond_the_offset_is_overwritten(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    partials.write(ONE, 0, b"abc")
    partials.write(ONE, 3, b"defgh")
    partials.write(ONE, 5, b"XY")
    assert partials.read(ONE) == b"abcdeXY"


def test_a_piece_whose_beginning_is_not_there_is_refused(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    with pytest.raises(ValueError, match="missing"):
        partials.write(ONE, 3, b"def")
    partials.write(ONE, 0, b"ab")
    with pytest.raises(ValueError, match="missing"):
        partials.write(ONE, 3, b"def")
    assert partials.read(ONE) == b"ab"


def test_only_its_owner_may_look_into_the_folder(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    partials.write(ONE, 0, b"abc")
    assert partials.folder.stat().st_mode & 0o077 == 0


def test_what_was_left_alone_is_found_and_forgotten(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    assert partials.before(1e12) == []
    partials.write(ONE, 0, b"abc")
    (partials.folder / "strange.part").touch()
    at = (partials.folder / f"{ONE}.part").stat().st_mtime
    assert partials.before(at) == []
    assert partials.before(at + 1) == [ONE]
    partials.drop([ONE, uuid.UUID(int=2)])
    assert partials.before(at + 1) == []
