"""The rate of false alarms by rule and by camera."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.incidents import alarm


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def seen(centre: Centre, step: str) -> str:
    """An incident of a camera that people judged."""
    incident = await centre.incident()
    await alarm(
        centre, incident, rule="zones/entered@3", source_kind="camera", source="cam-one", source_name="Một", holds=False
    )
    path = f"/api/v1/incidents/{incident}"
    for one in ["acknowledge", step]:
        _, current, _ = await centre.get(path)
        body = {"expected_version": current["version"], "why": "một cành cây"}
        assert (await centre.post(f"{path}/{one}", body, "operator"))[0] == 200
    return path


async def test_verdicts_come_to_a_rate_per_rule_and_camera(centre: Centre) -> None:
    await seen(centre, "resolve")
    await seen(centre, "false-alarm")
    withdrawn = await seen(centre, "false-alarm")
    await centre.incident(status="resolved")  # by the centre itself: nobody judged it
    _, found, _ = await centre.get("/api/v1/false-alarms", "viewer")
    wanted = {"judged": 3, "false_alarms": 2, "rate": 0.6667}
    assert found["rules"] == [{"name": "zones/entered@3", **wanted}]
    assert found["cameras"] == [{"name": "cam-one", **wanted}]
    assert (found["days"], found["judged"], found["false_alarms"]) == (30, 3, 2)
    _, current, _ = await centre.get(withdrawn)
    await centre.post(f"{withdrawn}/reopen", {"expected_version": current["version"], "why": "thật"}, "operator")
    _, found, _ = await centre.get("/api/v1/false-alarms?days=1")
    assert found["cameras"] == [{"name": "cam-one", "judged": 2, "false_alarms": 1, "rate": 0.5}]
    _, elsewhere, _ = await centre.get("/api/v1/false-alarms", "district")
    assert (elsewhere["judged"], elsewhere["rules"]) == (0, [])
