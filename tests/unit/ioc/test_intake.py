"""What the intake process is made of; its work is tried in tests/integration/test_intake.py."""

import msgspec
import pytest

from ioc import intake
from ioc.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password"),
    [
        (
            "mqtt://ioc-intake:p%40ss%2Fw%3Ard%25@broker.example:2883",
            "broker.example",
            2883,
            "ioc-intake",
            "p@ss/w:rd%",
        ),
        ("mqtt://u%20v:p@127.0.0.1", "127.0.0.1", 1883, "u v", "p"),
        ("mqtt://broker", "broker", 1883, "", ""),
        ("mqtt://u:@[::1]:1884", "::1", 1884, "u", ""),
    ],
)
def test_a_broker_s_address_gives_the_login(url: str, host: str, port: int, user: str, password: str) -> None:
    login = intake.login(Settings(mqtt_url=url), "me")
    assert msgspec.structs.astuple(login) == (host, port, user, password, "me")


@pytest.mark.parametrize(
    "url", ["", "broker", "mqtts://broker", "mqtt://", "mqtt://b:99999", "mqtt://b:x", "mqtt://[::1"]
)
def test_an_address_that_cannot_be_used_is_a_setting_that_cannot(url: str) -> None:
    with pytest.raises(SettingsError, match="IOC_MQTT_URL"):
        intake.login(Settings(mqtt_url=url), "me")
