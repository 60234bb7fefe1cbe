"""What a stranger may say at the place of enrolment; its way to a key is in test_enrolments.py."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.api.enrol import PATH
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": "x", "position": [999, 0]},
        {"code": "x", "serial": "x" * 999},
        {"code": "x", "key": "k"},
    ],
)
async def test_what_does_not_fit_is_refused_without_repeating_it(centre: Centre, body: dict[str, Any]) -> None:
    status, problem = await centre.post(PATH, body, None)
    assert status == 400
    assert "x" * 99 not in str(problem)


async def test_a_ticket_that_nobody_gave_opens_nothing(centre: Centre) -> None:
    status, problem = await centre.post(f"{PATH}/collect", {"ticket": "A" * 43}, None)
    assert status == 403
    assert "A" * 43 not in str(problem)
