"""What the routes about evidence take."""

import msgspec
import pytest

from ioc.api.models_media import NewHold, Release


def test_a_hold_without_an_end_lasts_until_it_is_released() -> None:
    assert msgspec.json.decode(b'{"why": "an inquiry"}', type=NewHold) == NewHold(why="an inquiry", until=None)


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"why": ""}', b'{"why": "an inquiry", "until": "2026-11-25"}', b'{"why": "x y z", "who": "me"}',
     b'{"why": "an inquiry", "until": "2026-11-25T10:00:00"}'],
)  # fmt: skip
def test_what_is_no_hold_is_refused(body: bytes) -> None:
    """Nobody holds in another's name, nor until a time whose zone is not known."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=NewHold)


def test_a_release_says_why() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"{}", type=Release)
