"""The attacked world of one test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.api.limits import Budget, Limits
from ioc.outbound import Allowed
from ioc.probing import Prober
from tests.conftest import Fresh
from tests.fakes.attack_world import World, attacked
from tests.fakes.http_centre import now

PATIENT = Limits(address=Budget(100_000, 10_000), write=Budget(2_000, 100))
"""Requests are refused for what they ask, not for how often: the document has more changes than a minute's budget."""


@pytest.fixture
async def world(migrated: Fresh, tmp_path: Path) -> AsyncIterator[World]:
    """Two centres full of marked things."""
    nobody = Prober(Allowed(), now)
    async with attacked(migrated.url, tmp_path, more={"limits": PATIENT, "prober": nobody}) as one:
        yield one
