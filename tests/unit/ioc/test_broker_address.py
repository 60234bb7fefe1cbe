"""Where the broker is, for us and for devices."""

from pathlib import Path

import msgspec
import pytest

from ioc.api.models_keys import BrokerOf
from ioc.broker_address import login, told
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
    found = login(Settings(mqtt_url=url), "me")
    assert msgspec.structs.astuple(found) == (host, port, user, password, "me")


@pytest.mark.parametrize(
    "url", ["", "broker", "mqtts://broker", "mqtt://", "mqtt://b:99999", "mqtt://b:x", "mqtt://[::1"]
)
def test_an_address_that_cannot_be_used_is_a_setting_that_cannot(url: str) -> None:
    with pytest.raises(SettingsError, match="IOC_MQTT_URL"):
        login(Settings(mqtt_url=url), "me")


def test_devices_are_told_how_to_call_the_broker_and_by_what_they_know_it(tmp_path: Path) -> None:
    ca = tmp_path / "authority" / "ca.crt"
    ca.parent.mkdir()
    ca.write_text("PEM")
    plain = Settings(mqtt_url="mqtt://u:secret@broker:1883", broker_port=1883, state_dir=str(tmp_path))
    assert told(plain) == BrokerOf(host="broker", port=1883)
    both = Settings(broker_host="b.example.vn", broker_tls_port=8883, state_dir=str(tmp_path))
    assert told(both) == BrokerOf(host="b.example.vn", tls_port=8883, ca="PEM")
    assert told(msgspec.structs.replace(both, broker_ca=str(tmp_path / "none.pem"))).ca is None
    assert told(Settings(state_dir=str(tmp_path))) == BrokerOf(host="")
