"""Every poison has its number in its bytes, and today's decoder refuses every one."""

import datetime as dt

import pytest

from sensors.codecs import ioc
from sensors.decoder import Decoder
from sensors.intake import Message
from tests.fakes.things import device
from tests.instruments.poisons import KINDS, poison

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("kind", KINDS)
def test_a_poison_is_refused_with_a_reason_and_leaves_nothing(kind: str) -> None:
    bad = poison(kind, 17, "quang-nam", "rain-1", NOW)
    registered = {"rain-1": device("rain-1", "rain-station")}
    batch = Decoder(lambda: registered, {"ioc": ioc.decode}).decode([Message(bad.topic, bad.payload, 1, 1, False)], NOW)
    assert not batch.observations
    assert [bool(one.reason) for one in batch.refusals] == [True]
    assert bad.payload != poison(kind, 18, "quang-nam", "rain-1", NOW).payload


def test_a_good_message_of_the_same_form_is_taken() -> None:
    good = poison("unknown_device", 17, "quang-nam", "rain-1", NOW).payload
    assert ioc.decode(good, device("rain-1", "rain-station"), NOW).readings[0].stamp.sequence == 17
