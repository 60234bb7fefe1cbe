"""What is asked and told of keys."""

import msgspec
import pytest

from ioc.api.models_keys import BrokerOf, KeyIssued, NewKey


def test_a_key_is_told_in_the_answer_and_shown_nowhere_else() -> None:
    told = KeyIssued(user="gauge-a", key="the key", broker=BrokerOf(host="b"), old_valid_until=None)
    assert b"the key" in msgspec.json.encode(told)
    assert "the key" not in repr(told)


def test_nobody_chooses_a_key() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"key": "mine"}', type=NewKey)
