"""What the routes about rules take."""

import msgspec
import pytest

from ioc.api.models_rules import HistoryTest, NewOverride, NewRule, Restore, Step


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (Step, b'{"expected_version": 0, "reason": "why"}'),
        (Step, b'{"expected_version": 1, "reason": ""}'),
        (Step, b'{"reason": "why"}'),
        (NewOverride, b'{"expected_version": 1, "reason": "why", "levels": {"worst": 1}}'),
        (NewOverride, b'{"expected_version": 1, "reason": "why", "levels": {"severe": "1"}}'),
        (NewRule, b'{"rule": [], "reason": "why"}'),
        (HistoryTest, b'{"pack": "p", "code": "r", "days": 3}'),
    ],
)
def test_what_is_no_request_is_refused(model: type, body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=model)


def test_a_rule_is_made_disabled_and_a_test_is_of_the_last_month() -> None:
    assert not msgspec.json.decode(b'{"rule": {}, "reason": "why"}', type=NewRule).enabled
    asked = msgspec.json.decode(b'{"pack": "p", "code": "r", "from": "2025-10-01T00:00:00Z"}', type=HistoryTest)
    assert (asked.rule, asked.version, asked.until, asked.since is None) == (None, None, None, False)
    assert msgspec.json.decode(b'{"expected_version": 1, "reason": "why"}', type=Restore).version is None
