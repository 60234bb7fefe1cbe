"""What the routes about refused messages take."""

import msgspec
import pytest

from ioc.api.models_letters import Replay


def test_without_a_filter_the_oldest_hundred_are_meant() -> None:
    assert msgspec.json.decode(b"{}", type=Replay) == Replay(code="", source="", since="", after=0, limit=100)


@pytest.mark.parametrize(
    "body", [b'{"limit": 0}', b'{"limit": 201}', b'{"after": -1}', b'{"codes": "x"}', b'{"code": 1}', b"[]"]
)
def test_what_is_no_filter_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Replay)
