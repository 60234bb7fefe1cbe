"""What refuses to start at all; the running stack is tried in tests/integration/test_embedded.py."""

from pathlib import Path

import pytest

from ioc.embedded import SetupError, Stack
from ioc.lock import Lock


async def test_a_state_dir_in_use_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """The sentence names the dir and the way out."""
    state = tmp_path / "state"
    state.mkdir()
    with (
        Lock(state / "lock"),
        pytest.raises(SetupError, match=r"already runs in .*choose another IOC_STATE_DIR"),
    ):
        async with Stack(state, report=lambda _: None):
            pass
    assert not (state / "secrets.json").exists()


async def test_a_state_dir_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A file stands in its way."""
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="choose another IOC_STATE_DIR"):
        async with Stack(tmp_path / "file/state", report=lambda _: None):
            pass
