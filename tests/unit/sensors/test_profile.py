"""Profiles and devices are values: frozen, complete, named."""

import pytest

from sensors.profile import Property
from tests.fakes.things import device


def test_a_device_does_not_change_once_read() -> None:
    with pytest.raises(AttributeError):
        device().centre = "elsewhere"  # type: ignore[misc]


def test_a_property_is_built_by_name_only() -> None:
    with pytest.raises(TypeError):
        Property("water_level", "m", "", "", 0.0, 1.0)  # type: ignore[misc]
