"""What the intake process is made of; its work is tried in tests/integration/test_intake.py."""

import pytest

from ioc import intake
from ioc.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({}, "IOC_DATABASE_URL is missing"), ({"database_url": "postgresql://x"}, "IOC_MQTT_URL is missing")],
)
async def test_what_is_missing_is_said_before_anything_is_begun(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        await intake.intake(Settings(**given))
