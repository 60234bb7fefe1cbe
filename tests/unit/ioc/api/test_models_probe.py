"""What the routes about cameras' addresses take and answer."""

import msgspec
import pytest

from ioc.api.models_probe import Probe, Probed, PutAddress


def test_no_password_is_printed_and_none_is_answered() -> None:
    assert "hunter2" not in repr(Probe(address="h", password="hunter2")) + repr(PutAddress(url="x", password="hunter2"))
    assert not {"user", "password"} & set(Probed.__struct_fields__)


@pytest.mark.parametrize("body", ['{"address": "h", "port": 0}', '{"address": "h", "x": 1}', "{}", '{"address": 1}'])
def test_what_is_no_probe_is_refused(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Probe)
