"""The fuzz is the same for the same seed, on topics that the broker carries, and of all kinds."""

import json

from tests.instruments.fuzz import Fuzz

NOW_MS = 1_795_000_000_000


def test_a_seed_repeats_itself_and_another_does_not() -> None:
    first, second, other = (Fuzz(seed, "quang-nam", ["rain-1"], NOW_MS) for seed in (1, 1, 2))
    messages = [first.message() for _ in range(200)]
    assert messages == [second.message() for _ in range(200)]
    assert messages != [other.message() for _ in range(200)]


def test_topics_can_be_published_and_messages_are_of_every_kind() -> None:
    messages = [Fuzz(seed, "quang-nam", ["rain-1", "rain-2"], NOW_MS).message() for seed in range(5000)]
    for one in messages:
        assert one.topic.startswith("ioc/v1/")
        assert not set("+#\0") & set(one.topic)
        assert len(one.topic.encode()) < 300
    readable = [one for one in messages if is_json(one.payload)]
    proper = [one for one in messages if one.topic == "ioc/v1/quang-nam/rain-1/readings"]
    assert 1000 < len(readable) < 4000
    assert 1000 < len(proper) < 3000
    assert sum(one.run == "" for one in messages) > 500
    assert len({one.run for one in messages if one.run}) == sum(one.run != "" for one in messages)


def is_json(payload: bytes) -> bool:
    try:
        json.loads(payload)
    except (ValueError, RecursionError):
        return False
    return True
