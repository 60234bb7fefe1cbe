"""Names of adapters; both are tried by one contract in tests/contract/test_broker.py."""

import pytest

from sensors.adapters import opener


@pytest.mark.parametrize(("client", "module"), [("mqtt5", "broker_mqtt5"), ("paho", "broker_paho")])
def test_each_adapter_is_opened_by_its_name(client: str, module: str) -> None:
    assert opener(client).__module__ == f"sensors.{module}"
