"""Errors of the operating system become sentences that say what to do."""

import errno

import pytest

from ioc.embedded.errors import from_os


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full: free"),
        (errno.EDQUOT, "is full: free"),
        (errno.EACCES, "is closed to this user"),
        (errno.EROFS, "is closed to this user"),
        (errno.ENOTDIR, "choose another IOC_STATE_DIR"),
    ],
)
def test_every_refusal_names_the_place_and_the_way_out(number: int, words: str) -> None:
    """One sentence, with the path in it."""
    sentence = from_os(OSError(number, "reason"), "/srv/ioc").sentence
    assert words in sentence
    assert "/srv/ioc" in sentence
    assert sentence.endswith(".")
