"""The attacked world of one test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes.attack_world import World, attacked


@pytest.fixture
async def world(migrated: Fresh, tmp_path: Path) -> AsyncIterator[World]:
    """Two centres full of marked things."""
    async with attacked(migrated.url, tmp_path) as one:
        yield one
